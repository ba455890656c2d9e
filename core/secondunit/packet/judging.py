"""How long people looked at takes: counted from what they answered one after the other.

Somebody who answers about one take and then, within a few minutes, about the next has spent the
time between on the next. Before the first answer of such a run nobody knows: that is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from secondunit_bridge.film import Entry

ANSWERS = ("note", "waiver", "circled", "state")


@dataclass(frozen=True)
class Judged:
    """Seconds that people spent on a take: ``counted`` from the ledger, or ``assumed``."""

    counted: float = 0.0
    assumed: float = 0.0

    def __add__(self, other: Judged) -> Judged:
        return Judged(self.counted + other.counted, self.assumed + other.assumed)


@dataclass(frozen=True)
class Answer:
    """A person said something about a take, at a time in seconds since the epoch."""

    by: str
    at: float
    take: str


def answers(entries: Iterable[Entry]) -> Iterator[Answer]:
    """What people answered, in the ledger's order. What the daemon writes has nobody's name."""
    for entry in entries:
        if entry.kind in ANSWERS and entry.by:
            yield Answer(entry.by, entry.at, entry.subject.partition("/")[0])


def judged(
    said: Iterable[Answer], assumed: Callable[[str], float], pause_s: float
) -> dict[str, Judged]:
    """What each take cost in people's time. ``pause_s`` is the longest gap within one sitting.

    ``assumed`` gives the seconds that a first look at a take is taken to need.
    """
    last: dict[str, float] = {}
    found: dict[str, Judged] = {}
    for one in sorted(said, key=lambda answer: answer.at):
        gap = one.at - last.get(one.by, float("-inf"))
        before = found.get(one.take, Judged())
        if gap <= pause_s:
            found[one.take] = before + Judged(counted=gap)
        elif one.take not in found:
            found[one.take] = Judged(assumed=assumed(one.take))
        last[one.by] = one.at
    return found
