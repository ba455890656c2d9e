"""Asks the daemon from threads of its own, so that a host never waits for an answer.

Answers come back when the host's main thread fetches them with ``answers``. Nothing here knows
a host, and no thread is left after ``close``.
"""

from __future__ import annotations

import queue
import threading
from functools import partial
from typing import Callable, Dict, List, Optional, Tuple, TypeVar

from .announcements import Event
from .connection import Connection
from .errors import DaemonUnavailable, SecondUnitError
from .saying import from_system
from .unit import Unit

T = TypeVar("T")
Work = Callable[[], None]

QUICK, SLOW = "quick", "slow"  # circling writes a whole version: others do not wait behind it
LEAVE_S = 12.0  # a thread that starts a daemon ends when that has come up, 10 s at most


class Caller:
    """The connection to the daemon of this home, and the threads that ask it.

    ``turn_on`` is what a person does when it was turned off, ``log`` where the host writes what
    its Python says.
    """

    def __init__(self, host: str, *, turn_on: str, log: str) -> None:
        self._host, self._turn_on, self._log = host, turn_on, log
        self._unit: Optional[Unit] = None
        self._said: List[str] = []
        self._finding = threading.Lock()
        self._answers: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._lanes: Dict[str, _Lane] = {}
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many asks have no answer yet."""
        return sum(lane.waiting for lane in self._lanes.values()) + self._answers.qsize()

    def ask(
        self,
        what: Callable[[Unit], T],
        then: Callable[[T], None],
        failed: Callable[[SecondUnitError], None],
        *,
        start: bool = False,
        lane: str = QUICK,
    ) -> None:
        """Ask; ``then`` or ``failed`` is called by ``answers``. ``start``: a daemon, if none runs.

        Asks of one lane are made one after another.
        """
        if self._closed:
            return
        if lane not in self._lanes or not self._lanes[lane].alive:
            self._lanes[lane] = _Lane(f"secondunit {lane}")
        self._lanes[lane].put(partial(self._ask, what, then, failed, start))

    def answers(self) -> int:
        """Hand over the answers that have come; how many. Never blocks."""
        count = 0
        while not self._closed:
            try:
                answer = self._answers.get_nowait()
            except queue.Empty:
                break
            count += 1
            answer()
        return count

    def events(self) -> Tuple[Event, ...]:
        """What the daemon told since the last call. Never blocks."""
        unit = self._unit
        return () if unit is None else tuple(unit.events())

    def said(self) -> Tuple[str, ...]:
        """What was done to reach the daemon since the last call (it was started)."""
        said, self._said = self._said, []
        return tuple(said)

    def close(self) -> None:
        """Hang up and end the threads. What was asked goes on in the daemon."""
        self._closed = True
        for lane in self._lanes.values():
            lane.end()
        unit, self._unit = self._unit, None
        if unit is not None:
            unit.close()  # whoever waits for an answer is told that there will be none
        for lane in self._lanes.values():
            lane.join(LEAVE_S)
        late, self._unit = self._unit, None
        if late is not None:
            late.close()

    def _ask(
        self,
        what: Callable[[Unit], T],
        then: Callable[[T], None],
        failed: Callable[[SecondUnitError], None],
        start: bool,
    ) -> None:
        answer: Work = partial(failed, _fault(self._log))
        try:
            answer = partial(then, what(self._connected(start)))
        except SecondUnitError as error:
            answer = partial(failed, error)
        except OSError as error:
            answer = partial(failed, from_system(error))
        finally:
            self._answers.put(answer)  # whatever happened, nobody waits for ever

    def _connected(self, start: bool) -> Unit:
        with self._finding:
            if self._closed:
                raise DaemonUnavailable("Second Unit was turned off", hint=self._turn_on)
            if self._unit is not None and start and not _runs():
                self._unit.close()
                self._unit = None
            if self._unit is None:
                self._unit = Unit.connect(host=self._host, start=start)
                self._said += self._unit.said
            return self._unit


def _fault(log: str) -> SecondUnitError:
    return SecondUnitError(
        "Second Unit met a fault of its own",
        hint=f"Please report it: {log} says where it happened.",
    )


def _runs() -> bool:
    try:
        Connection.live()
    except DaemonUnavailable:
        return False
    return True


class _Lane:
    """One thread, started with the first ask."""

    def __init__(self, name: str) -> None:
        self._asks: queue.SimpleQueue[Optional[Work]] = queue.SimpleQueue()
        self._counting = threading.Lock()
        self._waiting = 0  # asks that were put and are not done, the one under way included
        self._ending = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return self._waiting

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def put(self, work: Work) -> None:
        self._count(1)
        self._asks.put(work)

    def end(self) -> None:
        self._ending = True
        self._asks.put(None)

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            work = self._asks.get()
            if work is None or self._ending:
                return
            try:
                work()
            finally:
                self._count(-1)

    def _count(self, by: int) -> None:
        with self._counting:
            self._waiting += by
