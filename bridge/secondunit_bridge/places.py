"""Where things lie: the home that lasts, the runtime folder, the folder for slots."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Mapping, Optional, Tuple

from .errors import NotPermitted, SettingWrong

MAX_SOCKET_PATH = 100  # bytes; sun_path holds 104 on macOS, 108 on Linux, both with a final zero
SLOT_MARGIN = 64 << 20  # bytes left free in shared memory: other programs use it too
_SHARED = Path("/dev/shm")
_Environ = Optional[Mapping[str, str]]


def home(environ: _Environ = None) -> Path:
    """The folder that lasts: ledger, keys, logs, default projects. It may not exist yet.

    ``SECONDUNIT_HOME`` when set, else ``secondunit`` in the platform's user data folder. Always
    absolute. Raises SettingWrong when there is no way to tell.
    """
    told = os.environ if environ is None else environ
    if told.get("SECONDUNIT_HOME"):
        return Path(os.path.abspath(os.path.expanduser(told["SECONDUNIT_HOME"])))
    try:
        if sys.platform == "win32":
            return Path(told.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "secondunit"
        if sys.platform == "darwin":
            return Path.home() / "Library/Application Support/secondunit"
        data = told.get("XDG_DATA_HOME", "")
        return Path(data if os.path.isabs(data) else Path.home() / ".local/share") / "secondunit"
    except RuntimeError as error:
        raise SettingWrong(
            "this user has no home folder",
            hint="Set SECONDUNIT_HOME to a folder that only you can read.",
        ) from error


def runtime(environ: _Environ = None) -> Path:
    """The folder of the running daemon of this home: connection file, socket, lock, slots.

    Made when it is missing, readable by its owner only, with room for a socket's path. Raises
    NotPermitted when it belongs to somebody else or others can look into it.
    """
    told = os.environ if environ is None else environ
    ours = told.get("XDG_RUNTIME_DIR", "")
    name = _short_name(home(told))
    folder = Path(ours) / "secondunit" / name
    if os.path.isabs(ours) and os.path.isdir(ours) and _fits(folder):
        private_folder(folder.parent)
        return private_folder(folder)
    return private_folder(_in_temp(f"secondunit-{_user()}-{name}"))


def slot_folder(bytes_needed: int, environ: _Environ = None) -> Path:
    """Where slots of ``bytes_needed`` in all should lie: shared memory when it has room.

    Else ``slots`` in the runtime folder. Made when it is missing. Raises NotPermitted.
    """
    if _room(_SHARED) >= bytes_needed + SLOT_MARGIN:
        try:
            return private_folder(_shared(environ))
        except NotPermitted:  # anybody may have made a folder of that name there
            return private_folder(runtime(environ) / "slots")
    return private_folder(runtime(environ) / "slots")


def slot_folders(environ: _Environ = None) -> Tuple[Path, ...]:
    """Wherever slots of this home may lie now, whichever was chosen for them. Raises NotPermitted.

    Only folders that are there, and that are this user's alone.
    """
    found = []
    for folder in (_shared(environ), runtime(environ) / "slots"):
        try:
            found += [private_folder(folder)] if folder.is_dir() else []
        except NotPermitted:  # somebody else's: none of ours can be in it
            continue
    return tuple(found)


def connection_file(environ: _Environ = None) -> Path:
    """Where the daemon of this home says how to reach it. Raises NotPermitted."""
    return runtime(environ) / "connection.json"


def private_folder(path: Path) -> Path:
    """The folder, made 0700 when it is missing. Raises NotPermitted when it is not ours alone.

    On Windows the user's own profile and its access list guard it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise NotPermitted(
            f"{path} cannot be made: {error.strerror}", hint="Check who owns the folder above it."
        ) from error
    if sys.platform == "win32":
        return path
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise NotPermitted(
            f"{path} is not a folder of this user",
            hint="Somebody else made it. Remove it, or set XDG_RUNTIME_DIR to a folder of yours.",
        )
    if found.st_mode & 0o077:
        raise NotPermitted(
            f"other users can look into {path} (mode {stat.S_IMODE(found.st_mode):04o})",
            hint=f"Close it with: chmod 700 {path}",
        )
    return path


def _shared(environ: _Environ) -> Path:
    return _SHARED / f"secondunit-{_user()}-{_short_name(home(environ))}"


def _short_name(folder: Path) -> str:
    from hashlib import sha256

    return sha256(os.fsencode(os.path.normcase(os.path.realpath(folder)))).hexdigest()[:8]


def _user() -> str:
    if sys.platform != "win32":
        return str(os.geteuid())
    return "".join(c for c in os.environ.get("USERNAME", "user") if c.isalnum())


def _fits(folder: Path) -> bool:
    return len(os.fsencode(str(folder / "daemon.sock"))) < MAX_SOCKET_PATH


def _in_temp(name: str) -> Path:
    import tempfile

    folder = Path(tempfile.gettempdir()) / name
    return folder if _fits(folder) or sys.platform == "win32" else Path("/tmp") / name


def _room(folder: Path) -> int:
    """Bytes free for this user; 0 where there is no such folder or it cannot be asked."""
    if sys.platform == "win32":
        return 0
    try:
        told = os.statvfs(folder)
    except OSError:
        return 0
    return told.f_bavail * told.f_frsize if os.access(folder, os.W_OK) else 0
