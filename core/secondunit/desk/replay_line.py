"""Replays in line for the stage, and what came of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from secondunit_bridge.errors import Cancelled, SecondUnitError

from ..ledger import Draft
from ..stage.crew import Crew
from ..stage.orders import REPLAY, SHOOTING, Replay
from .people import Book, Reply


@dataclass(frozen=True)
class _Asked:
    """One replay in line, and who asked for it."""

    order: Replay
    by: str


class ReplayLine:
    """Each goes before the takes that wait, as somebody looks on."""

    def __init__(self, book: Book, crew: Crew) -> None:
        self._book, self._crew = book, crew
        self._line: deque[_Asked] = deque()
        self._by: dict[str, str] = {}  # work under way -> who asked
        self.answers: list[tuple[str, Reply | SecondUnitError]] = []

    def add(self, order: Replay, by: str) -> str:
        """Put it in line; the name of its work. Asked again, it is the same one."""
        work = REPLAY + order.shoot.take
        if work != self._crew.doing(SHOOTING) and work not in self._names():
            self._line.append(_Asked(order, by))
        return work

    def start(self) -> bool:
        """Give the free stage the next one. False when none waits."""
        if not self._line:
            return False
        asked = self._line.popleft()
        work = REPLAY + asked.order.shoot.take
        self._by[work] = asked.by
        self._crew.give(SHOOTING, "replay", work, asked.order)
        return True

    def stop(self, work: str) -> bool:
        """Take it out of the line, or stop the stage in its step. False when there is no such."""
        if work in self._names():
            self._line = deque(a for a in self._line if REPLAY + a.order.shoot.take != work)
            stopped = Cancelled("the replay was stopped", hint="Ask again when you want it.")
            self.answers.append((work, stopped))
            return True
        return self._crew.cancel(work)

    def done(self, work: str, told: dict[str, Any]) -> None:
        """Write down what came of one that was run, then answer."""
        take, by = work.removeprefix(REPLAY), self._by.pop(work, "")

        def answer() -> None:
            self.answers.append((work, Reply({"take": take, **told})))

        if not told["ran"]:
            return answer()
        self._book.owe(
            Draft("replay", take, told, by=by),
            then=answer,
            instead=lambda error: self.answers.append((work, error)),
        )

    def _names(self) -> list[str]:
        return [REPLAY + asked.order.shoot.take for asked in self._line]
