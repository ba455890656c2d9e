"""Starts the daemon when none runs; when two hosts try at once, there is still only one."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Dict, Iterator, List, Tuple

from .connection import START_HINT, Connection, connection_file
from .core_python import NO_WINDOW, SETTING, core_python, environ_of
from .errors import DaemonUnavailable, NotPermitted
from .locks import locked
from .places import home

if TYPE_CHECKING:
    import subprocess

START_S = 10.0  # a daemon listens in under half a second; a cold disk may take long
_LOOK_S = 0.02
_PAGE = 4096  # bytes; with less free, nothing can be written
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND


def started(timeout: float = START_S) -> Tuple[Connection, str]:
    """The live daemon of this home, and a sentence when it had to be started (else empty).

    Blocks for ``timeout`` seconds at most. Raises DaemonUnavailable when it does not come up.
    """
    end = time.monotonic() + timeout
    file = connection_file()
    with _alone(file.with_name("start.lock"), end):
        try:
            return Connection.live(file), ""
        except DaemonUnavailable:
            log = _log()
            said_before = log.stat().st_size
            child = _launch(log)
        found = _wait(child, file, end, log, said_before)
    return found, f"Started the daemon (process {found.pid}); its log is {log}."


@contextmanager
def _alone(path: Path, end: float) -> Iterator[None]:
    """Hold the start lock; the system lets it go when this process dies."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not locked(handle):
            if time.monotonic() > end:
                raise DaemonUnavailable(
                    "another program is starting the daemon and does not get it up",
                    hint="See `secondunit doctor`.",
                )
            time.sleep(_LOOK_S)
        yield
    finally:
        os.close(handle)


def _launch(log: Path) -> subprocess.Popen[bytes]:
    import subprocess

    python, environ = _python()
    with open(os.open(log, _APPEND, 0o600), "ab") as output:
        try:
            child = subprocess.Popen(
                [python, "-m", "secondunit", "daemon", "run"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environ,
                cwd=log.parent,
                start_new_session=True,  # a host that ends does not take it along
                creationflags=NO_WINDOW,
            )
        except OSError as error:
            raise DaemonUnavailable(
                f"the daemon cannot be started with {python}: {error.strerror}",
                hint=f"Set {SETTING} to the Python that Second Unit is installed in.",
            ) from error
    # Somebody must wait for it, or it stays in the process table once it has ended.
    threading.Thread(target=child.wait, name="secondunit daemon", daemon=True).start()
    return child


def _python() -> Tuple[str, Dict[str, str]]:
    """Which Python runs the daemon, and in which environment."""
    python = core_python()
    if python is None:
        here = os.path.basename(sys.executable or "") or "this program"
        raise DaemonUnavailable(
            f"no daemon runs, and {here} cannot start one",
            hint=f"Start it in a shell: secondunit daemon start. Or set {SETTING} to the Python"
            " that Second Unit is installed in.",
        )
    return python, {**environ_of(python), "SECONDUNIT_HOME": str(home())}


def _log() -> Path:
    logs = home() / "logs"
    try:
        home().mkdir(mode=0o700, parents=True, exist_ok=True)
        logs.mkdir(mode=0o700, exist_ok=True)
        with open(os.open(logs / "daemon.log", _APPEND, 0o600), "ab"):
            return logs / "daemon.log"
    except OSError as error:
        raise NotPermitted(
            f"the home folder {home()} cannot be written: {error.strerror}",
            hint="Check who owns it and that its disk is not full, or set SECONDUNIT_HOME.",
        ) from error


def _wait(
    child: subprocess.Popen[bytes], file: Path, end: float, log: Path, said_before: int
) -> Connection:
    ended_at = 0.0
    while time.monotonic() < end:
        try:
            return Connection.live(file)
        except DaemonUnavailable:
            time.sleep(_LOOK_S)
        code = child.poll()
        if code:  # it may have met a daemon that somebody else started: look for that a moment more
            ended_at = ended_at or time.monotonic()
            if time.monotonic() - ended_at > 1.0:
                break
    code = child.poll()
    what = f"ended at once (exit code {code})" if code else "does not come up"
    said = _last_words(log, said_before) or _no_room(log)
    raise DaemonUnavailable(
        f"the daemon {what}" + (f": {said}" if said else ""),
        hint=f"Its log is {log}. If Second Unit is installed in another Python, set"
        f" {SETTING} to it. {START_HINT}",
        data={"log": str(log), "exit_code": code},
    )


def _last_words(log: Path, said_before: int) -> str:
    try:
        with open(log, "rb") as file:
            file.seek(said_before)
            lines: List[bytes] = [line for line in file.read(1 << 16).splitlines() if line.strip()]
    except OSError:
        return ""
    words = [line.decode("utf-8", "replace").strip() for line in lines[-2:]]
    if words and not words[-1].startswith("What to do:"):
        del words[:-1]
    return " ".join(words)[:600]


def _no_room(log: Path) -> str:
    """Why a daemon may have had no words: its log cannot be written."""
    import shutil

    full = shutil.disk_usage(log.parent).free < _PAGE
    return f"there is no room left on the disk of {log.parent}" if full else ""
