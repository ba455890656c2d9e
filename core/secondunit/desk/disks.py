"""Looks at files on disks that may hang: on a thread for each disk, never on the daemon's loop.

A network disk whose server is gone answers nothing for minutes, and nothing can interrupt whoever
asks. So the loop waits for a moment only. An ask that needs longer is put off and asked again when
its disk has answered; after some seconds the disk is said not to answer.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, TypeVar

from secondunit_bridge.errors import MediaOffline, SecondUnitError

T = TypeVar("T")

QUICK_S = 0.02  # the loop waits so long: a disk that is well takes a thousandth of it
PATIENCE_S = 5.0  # a disk that spins up has answered by then, and the host still waits
FRESH_S = 2.0  # what a slow disk said is kept so long, for the ask that waits to be asked again


class NotYet(Exception):
    """A disk takes its time. Ask the same again once ``ready``."""

    def __init__(self, look: _Look) -> None:
        super().__init__(look.path)
        self._look = look

    @property
    def ready(self) -> bool:
        """The disk has answered, or nobody waits for it any longer."""
        return self._look.found.done() or self._look.given_up


class Disks:
    """Used from the daemon's loop; ``wake`` makes it look around when a slow disk has answered."""

    def __init__(self, wake: Callable[[], None] = lambda: None) -> None:
        self._wake = wake
        self._disks: dict[str, _Disk] = {}
        self._slow: dict[str, _Look] = {}  # looks that took longer than a moment, by what they are

    def ask(self, path: str, look: Callable[[], T], *, what: str = "") -> T:
        """What ``look`` gives or raises; it looks at files on the disk of ``path``.

        ``what`` tells looks at one path apart. Raises NotYet, and MediaOffline for a disk that does
        not answer.
        """
        asked = self._slow.get(what or path) or self._begin(path, look)
        if asked.found.done():
            found: T = asked.found.result()
            return found
        if asked.given_up:
            raise _silent(path)
        self._slow[what or path] = asked
        asked.put_off = True
        raise NotYet(asked)

    def _begin(self, path: str, look: Callable[[], Any]) -> _Look:
        self._forget()
        root = _root(path)
        disk = self._disks.get(root)
        if disk is None:
            disk = self._disks[root] = _Disk(root, self._wake)
        elif disk.hangs:  # what is put in its line now would only make it longer
            raise _silent(path)
        return disk.look(path, look)

    def _forget(self) -> None:
        """What was kept for long enough."""
        for what in [what for what, look in self._slow.items() if look.stale]:
            del self._slow[what]


@dataclass
class _Look:
    """One look at a disk."""

    disk: _Disk
    path: str
    call: Callable[[], Any]
    found: Future[Any] = field(default_factory=Future)
    began: float = field(default_factory=time.monotonic)
    answered: float | None = None
    put_off: bool = False  # somebody waits to be woken when it is answered

    @property
    def given_up(self) -> bool:
        """Nobody waits for it any longer."""
        return self.disk.hangs or time.monotonic() - self.began > PATIENCE_S

    @property
    def stale(self) -> bool:
        """Nobody will come back for its answer."""
        return self.answered is not None and time.monotonic() - self.answered > FRESH_S

    def run(self) -> None:
        """Look. What files and their libraries raise is the answer."""
        try:
            given = self.call()
        except (OSError, ValueError, SecondUnitError) as error:
            self.found.set_exception(error)
        else:
            self.found.set_result(given)
        self.answered = time.monotonic()


class _Disk:
    """One thread that looks at one disk. It may hang for ever; no other disk waits for it."""

    def __init__(self, root: str, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._looks: queue.SimpleQueue[_Look] = queue.SimpleQueue()
        self._since: float | None = None  # the look began that it is at now
        thread = threading.Thread(target=self._work, name=f"looks at {root}", daemon=True)
        thread.start()

    @property
    def hangs(self) -> bool:
        """It has been at one look for longer than anybody waits."""
        since = self._since
        return since is not None and time.monotonic() - since > PATIENCE_S

    def look(self, path: str, call: Callable[[], Any]) -> _Look:
        """Begin to look, and wait for a moment, unless it is at another look already."""
        look = _Look(self, path, call)
        idle = self._since is None
        self._looks.put(look)
        if idle:
            with suppress(TimeoutError):
                look.found.exception(QUICK_S)
        return look

    def _work(self) -> None:
        while True:
            look = self._looks.get()
            self._since = time.monotonic()
            look.run()
            self._since = None
            if look.put_off:
                self._wake()


def _root(path: str) -> str:
    """The beginning of a path that tells disks apart, near enough, without touching any."""
    return str(PurePath(*PurePath(path).parts[:3]))


def _silent(path: str) -> MediaOffline:
    disk = mounted_at(path)
    return MediaOffline(
        f"the disk at {disk} does not answer, so {path} cannot be looked at",
        hint="See that its server or drive is running and connected; if it is gone for good,"
        " unmount it. Then ask again.",
        data={"path": path, "disk": disk},
    )


def mounted_at(path: str, table: Path = Path("/proc/self/mounts")) -> str:
    """Where the disk of a path is mounted, as far as the system says so without asking the disk."""
    try:
        lines = table.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return _root(path)
    mounts = (line.split(" ")[1].replace("\\040", " ") for line in lines if " " in line)
    over = [mount for mount in mounts if PurePath(path).is_relative_to(mount)]
    return max(over, key=len, default=_root(path))
