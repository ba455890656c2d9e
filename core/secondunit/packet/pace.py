"""How long a take will take, from how long takes like it took here before it was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from statistics import median
from typing import Any

from secondunit_bridge.film import Entry, Option, Project, Turnover, delivered
from secondunit_bridge.wire import typed

NEAREST = 9  # takes of the most similar size that a prediction rests on


@dataclass(frozen=True)
class Size:
    """How much a take is: frames times megapixels, by which generator, with which numbers set."""

    generator: str
    work: float
    settings: tuple[tuple[str, Option], ...] = ()

    @classmethod
    def of(cls, asked: Turnover, project: Project | None) -> Size:
        """As a turnover asks for it; where nobody says how large, a megapixel a frame."""
        wide = asked.width or (project.width if project else 0)
        high = asked.height or (project.height if project else 0)
        work = len(delivered(asked.shot)) * ((wide * high / 1e6) or 1.0)
        numbers = {
            name: value for name, value in asked.options.items() if isinstance(value, int | float)
        }
        return cls(asked.generator, work, tuple(sorted(numbers.items())))


@dataclass(frozen=True)
class Predicted:
    """What was to be expected, and of how many takes that is said."""

    seconds: float
    takes: int


class Pace:
    """What was shot so far. ``add`` in the order of the ledger; ``expected`` at any moment."""

    def __init__(self) -> None:
        self._shot: dict[str, list[tuple[Size, float]]] = {}

    def add(self, size: Size, seconds: float) -> None:
        """A take that was shot, and the seconds it took."""
        if seconds > 0 and size.work > 0:
            self._shot.setdefault(size.generator, []).append((size, seconds))

    def expected(self, size: Size) -> Predicted | None:
        """Seconds of one take of that size; None before the first take of its generator.

        Those with the same numbers set (steps, say) count where there are any, then those of the
        most similar size; of these the median time for a frame of a megapixel.
        """
        known = self._shot.get(size.generator, [])
        alike = [one for one in known if one[0].settings == size.settings] or known
        near = sorted(alike, key=lambda one: abs(log(one[0].work / size.work)))[:NEAREST]
        if not near:
            return None
        rate = median(seconds / one.work for one, seconds in near)
        return Predicted(round(rate * size.work, 3), len(near))


def predictions(
    entries: Iterable[Entry], projects: Mapping[str, Project]
) -> dict[str, Predicted | None]:
    """What was to be expected of each take when it was asked for, by its id.

    ``entries`` are turnovers and takes in the order of the ledger: each prediction rests on what
    stands before it there, so it is the same whenever it is worked out.
    """
    pace, sizes, found = Pace(), {}, {}
    for entry in entries:
        body: dict[str, Any] = dict(entry.body)
        if entry.kind == "turnover":
            asked = typed(Turnover, body["turnover"])
            size = Size.of(asked, projects.get(asked.shot.project))
            for take in body["takes"]:
                sizes[take["id"]] = size
                found[take["id"]] = pace.expected(size)
        elif entry.kind == "take" and entry.subject in sizes:
            pace.add(sizes[entry.subject], float((body.get("cost") or {}).get("seconds", 0.0)))
    return found
