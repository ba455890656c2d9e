"""Second Unit in a user's ``.nuke``: one folder of ours, and three lines of its ``init.py``."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from secondunit_bridge import __version__
from secondunit_bridge.errors import Locked

from ..doctor import Seen
from .owned import Done, others, remove, write
from .packing import package, under

HOST, BRIDGE, FOLDER, NOTE = "secondunit_nuke", "secondunit_bridge", "secondunit", "installed.json"
STARTUP = ("init.py", "menu.py")
_BEGIN = "# Second Unit begins: `secondunit host remove nuke` takes these lines out\n"
_END = "# Second Unit ends\n"
HOOK = f'{_BEGIN}import nuke\nnuke.pluginAddPath("./{FOLDER}")\n{_END}'
_JOINED = "\n" + HOOK.replace(_END, "# Second Unit ends, with the line break above it\n")
Note: TypeAlias = dict[str, Any]
"""``installed.json``: version, the Python that starts the daemon, and files by their sha256."""

_INSTALL = "secondunit host install nuke"


@dataclass(frozen=True)
class Place:
    """A folder that Second Unit is laid in. ``own``: a user's ``.nuke``, which reads our lines."""

    above: Path
    own: bool

    @property
    def folder(self) -> Path:
        """Where our files lie, all of them."""
        return self.above / FOLDER

    @property
    def init(self) -> Path:
        """What Nuke reads at its start."""
        return self.above / "init.py"

    @property
    def into(self) -> str:
        """How a command names it."""
        return "" if self.own else f" --into {self.above}"


@dataclass(frozen=True)
class Hooked(Done[Place]):
    """What was done, and whether Nuke finds us by itself."""

    hooked: bool = True


def place(into: Path | None, environ: Mapping[str, str] = os.environ) -> Place:
    """The folder that is named, else the user's ``.nuke``, whether it is there or not."""
    if into is not None:
        return Place(into.expanduser().resolve(), own=False)
    home = environ.get("USERPROFILE") if sys.platform == "win32" else environ.get("HOME")
    return Place((Path(home) if home else Path.home()) / ".nuke", own=True)


def contents() -> dict[str, bytes]:
    """Every file of the plug-in by its path in our folder. Raises SetupError."""
    ours = under(package(HOST), f"{HOST}/")
    files = {name: ours[f"{HOST}/startup/{name}"] for name in STARTUP}
    return {**files, **ours, **under(package(BRIDGE), f"{BRIDGE}/")}


def lay(at: Place, files: dict[str, bytes]) -> Hooked:
    """Put the files there, each at once and whole; files of an older version go.

    Raises Locked when something else lies there, OSError when the disk does not take it.
    """
    before = _note(at)
    if before is None and at.folder.exists() and any(at.folder.iterdir()):
        raise Locked(
            f"{at.folder} holds something that is not Second Unit",
            hint="Move it away, or choose another folder with --into.",
            data={"path": str(at.folder)},
        )
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    note = {"version": __version__, "python": sys.executable, "files": digests}
    everything = {**files, NOTE: (json.dumps(note, indent=1) + "\n").encode()}
    for name, data in everything.items():
        write(at.folder / name, data)
    old = [name for name in (before or {}).get("files", {}) if name not in everything]
    removed = remove(at.folder, old, (at.folder,))
    hooked = _hook(at) if at.own else False
    said = str((before or {}).get("version", ""))
    return Hooked(
        at, said, tuple(everything), removed, others(at.folder, (at.folder,), everything), hooked
    )


def take_out(at: Place) -> Hooked:
    """Remove what we laid there, our lines of ``init.py`` too; files of others stay.

    Raises Locked when what lies there is not ours.
    """
    note = _note(at)
    if note is None:
        return Hooked(at, "", hooked=_unhook(at) if at.own else False)
    removed = remove(at.folder, [*note["files"], NOTE], (at.folder,))
    _unhook(at)
    return Hooked(
        at, str(note["version"]), removed=removed, foreign=others(at.folder, (at.folder,), ())
    )


def examined(at: Place) -> Iterator[Seen]:
    """What is to be said of Nuke; nothing where this user never started one."""
    again = f"Run: {_INSTALL}{at.into}"
    note = _note(at)
    if note is None and at.own and not at.above.is_dir():
        yield Seen("Nuke", True, "No Nuke has been started by this user.")
        return
    trouble = _trouble(at, note)
    if trouble:
        yield Seen("Nuke", False, trouble, again)
    else:
        yield Seen("Nuke", True, f"Second Unit {__version__} lies in {at.folder}.")


def _trouble(at: Place, note: Note | None) -> str:
    if note is None:
        return f"Second Unit is not in {at.above}."
    if note["version"] != __version__:
        return f"{at.folder} is version {note['version']}; this is {__version__}."
    for name, digest in note["files"].items():
        try:
            found = hashlib.sha256((at.folder / name).read_bytes()).hexdigest()
        except OSError:
            return f"{at.folder} lacks {name}, or this user may not read it."
        if found != digest:
            return f"{at.folder / name} is not as it was installed."
    if not Path(str(note["python"])).exists():
        return f"The Python that starts the daemon is gone: {note['python']}."
    if at.own and not _led(_text(at.init)):
        return f"{at.init} does not lead Nuke to {at.folder}."
    return ""


def _note(at: Place) -> Note | None:
    """What was noted when we installed it; None when nothing of ours lies there."""
    try:
        note = json.loads((at.folder / NOTE).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:
        note = {}
    if not isinstance(note, dict) or not {"version", "python", "files"} <= set(note):
        raise Locked(
            f"{at.folder / NOTE} cannot be read: what was installed is not known",
            hint=f"Remove {at.folder} by hand, then run: {_INSTALL}",
        )
    return note


def _hook(at: Place) -> bool:
    """Lead Nuke to us; False where its ``init.py`` is somebody else's to write."""
    text = _text(at.init)
    if _led(text):
        return True
    if at.init.exists() and (at.init.is_symlink() or not os.access(at.init, os.W_OK)):
        return False
    ours = HOOK if not text or text.endswith("\n") else _JOINED
    write(at.init, f"{text}{ours}".encode())
    return True


def _unhook(at: Place) -> bool:
    """Take our lines out again: the file is as it was, or gone when it held nothing else."""
    text = _text(at.init)
    if not at.own or not _led(text):
        return False
    rest = text.replace(_JOINED, "").replace(HOOK, "")
    if rest:
        write(at.init, rest.encode())
    else:
        at.init.unlink()
    return True


def _led(text: str) -> bool:
    return HOOK in text or _JOINED in text


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
