"""Gives Resolve its turn: work goes in short stretches, and between two of them Resolve can act.

A script of the menu usually runs in a process of its own; there a short sleep is a pause. Inside of
Resolve only its own window library can give way; without it nothing can, and nothing is waited for.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Callable, List, TypeVar

from secondunit_bridge.errors import DaemonUnavailable, SecondUnitError
from secondunit_bridge.unit import Unit

T = TypeVar("T")
STRETCH_S = 0.05  # of work between two pauses; one call more may come on top of it
TELL_S = 2.0  # between two sentences about how far it is
_NAP_S = 0.005
_LOOK_S = 0.02


def nap() -> None:
    """A pause in a process of one's own: nobody asks Resolve for anything meanwhile."""
    time.sleep(_NAP_S)


@dataclass
class Pace:
    """Counts the time since Resolve last had its turn. ``longest`` was the longest stretch."""

    pause: Callable[[], None] = nap
    tell: Callable[[str], None] = lambda sentence: None
    clock: Callable[[], float] = time.monotonic
    longest: float = 0.0
    _since: float = -1.0
    _told: float = -1.0

    def step(self) -> None:
        """Between two pieces of work: a pause when it is time for one."""
        now = self.clock()
        if self._since < 0:
            self._since = self._told = now
        self.longest = max(self.longest, now - self._since)
        if now - self._since >= STRETCH_S:
            self.rest()

    def rest(self) -> None:
        """A pause now."""
        self.pause()
        self._since = self.clock()

    def far(self, what: str, done: int, whole: int) -> None:
        """How far it is, said to the person now and then."""
        now = self.clock()
        if self._told >= 0 and now - self._told >= TELL_S:
            self._told = now
            self.tell(f"{what}: {done} of {whole}.")


def aside(work: Callable[[], T], pace: Pace) -> T:
    """What a work of seconds comes to, done in a thread; Resolve has its turns meanwhile.

    Raises what the work raises.
    """
    came: List[T] = []
    wrong: List[Exception] = []

    def run() -> None:
        try:
            came.append(work())
        except (SecondUnitError, OSError) as error:
            wrong.append(error)

    thread = threading.Thread(target=run, name="second unit", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_LOOK_S)
        pace.rest()
    for error in wrong:
        raise error
    return came[0]


class Dialling:
    """Reaches the daemon in a thread of its own, for it may have to be started first."""

    def __init__(self, dial: Callable[[], Unit]) -> None:
        self._dial = dial
        self._came: List[Unit] = []
        self._wrong: List[Exception] = []
        self._left = False
        self._thread = threading.Thread(target=self._run, name="second unit", daemon=True)

    def unit(self, pace: Pace, patience_s: float) -> Unit:
        """The connection; Resolve has its turns while it is made.

        Raises what went wrong, and DaemonUnavailable when it takes longer than ``patience_s``: the
        daemon comes up all the same.
        """
        self._thread.start()
        end = time.monotonic() + patience_s
        while self._thread.is_alive() and time.monotonic() < end:
            self._thread.join(_LOOK_S)
            pace.rest()
        if self._wrong:
            raise self._wrong[0]
        if not self._came:
            self._left = True
            raise DaemonUnavailable(
                "Second Unit is being started",
                hint="Run the same again in a moment: Resolve is not held up meanwhile.",
            )
        return self._came[0]

    def _run(self) -> None:
        try:
            unit = self._dial()
        except (SecondUnitError, OSError) as error:
            self._wrong.append(error)
            return
        self._came.append(unit)
        if self._left:
            unit.close()
