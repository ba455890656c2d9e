"""How a host finds the daemon: one file, readable by its user only, that cannot go stale unseen."""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Optional

from .errors import DaemonUnavailable, NotPermitted, ProtocolTooNew, SecondUnitError
from .places import connection_file
from .processes import process_started
from .wire import PROTOCOL, loads, typed

__all__ = ["START_HINT", "Connection", "connection_file", "process_started"]

START_HINT = "Start it with: secondunit daemon start"
_MAX_BYTES = 64 << 10  # a connection file has about 400


@dataclass(frozen=True)
class Connection:
    """How to reach one running daemon, and how to know that it is still the one that wrote this."""

    endpoint: str  # ipc:///path/daemon.sock or tcp://127.0.0.1:port
    user: str
    token: str = field(repr=False)  # 256 bits, hex; new with every daemon
    pid: int
    started: str  # see process_started
    protocol: str  # "SU/1"
    version: str  # of the package

    def write(self, path: Path) -> None:
        """Put the file there at once and whole, 0600. Raises NotPermitted."""
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            if draft.exists():  # left by a process of that number that was killed in between
                draft.unlink()
            handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(asdict(self), file)
            os.replace(draft, path)
        except OSError as error:
            raise NotPermitted(
                f"the connection file {path} cannot be written: {error.strerror}",
                hint="Check who owns the folder and that its disk is not full.",
            ) from error

    @classmethod
    def read(cls, path: Optional[Path] = None) -> Connection:
        """What the file says, whether or not that daemon still runs.

        ``path`` is by default the file of this home. Raises DaemonUnavailable when there is none
        or it cannot be understood, NotPermitted when others can read it or it is not ours.
        """
        path = connection_file() if path is None else path
        text = _read_private(path)
        try:
            return typed(cls, loads(text), "connection file")
        except SecondUnitError as error:
            raise DaemonUnavailable(
                f"the connection file {path} cannot be understood: {error.message}",
                hint=f"Remove it. {START_HINT}",
            ) from error

    @classmethod
    def live(cls, path: Optional[Path] = None) -> Connection:
        """As ``read``, and the daemon runs. Raises DaemonUnavailable when it has ended."""
        found = cls.read(path)
        if found.stale():
            raise DaemonUnavailable(
                f"the daemon (process {found.pid}) has ended",
                hint=START_HINT,
                data={"pid": found.pid, "stale": True},
            )
        return found

    def understood(self) -> Connection:
        """This, when its daemon speaks our protocol. Raises ProtocolTooNew."""
        if self.protocol != PROTOCOL.decode():
            raise ProtocolTooNew(
                f"the daemon speaks {self.protocol}, this side {PROTOCOL.decode()}",
                hint="Update Second Unit on this machine, or the plug-in in the host.",
            )
        return self

    def stale(self) -> bool:
        """The process that wrote this has ended, even if another has its number now."""
        return process_started(self.pid) != self.started


def _read_private(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        raise DaemonUnavailable("no daemon runs", hint=START_HINT) from None
    except OSError as error:
        raise NotPermitted(
            f"the connection file {path} cannot be read: {error.strerror}",
            hint="It must be a file of your own. Remove it and start the daemon again.",
        ) from error
    with open(handle, "rb") as file:
        if sys.platform != "win32":
            _refuse_shared(path, os.fstat(handle))
        return file.read(_MAX_BYTES)


def _refuse_shared(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise NotPermitted(
            f"the connection file {path} belongs to another user",
            hint="Each user runs a daemon of their own. Remove the file, or unset SECONDUNIT_HOME.",
        )
    if found.st_mode & 0o077:
        raise NotPermitted(
            f"other users can read the connection file {path}"
            f" (mode {stat.S_IMODE(found.st_mode):04o})",
            hint="Stop the daemon and start it again: the token in the file is no secret any more.",
        )
