"""How long a take will take, from how long takes like it took here before it was asked for."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from statistics import median
from typing import Any

from secondunit_bridge.film import Entry, Option, Project, Turnover, delivered
from secondunit_bridge.wire import typed

from ..hookspecs import DRAFT, QUALITY

Numbers = tuple[tuple[str, Option], ...]
Rated = tuple[float, int, float]
NEAREST = 9  # takes of the most similar size that a prediction rests on


@dataclass(frozen=True)
class Size:
    """How much a take is: frames times megapixels, by which generator, with which numbers set."""

    generator: str
    work: float
    settings: Numbers = ()
    draft: bool = False  # a finish takes many times as long, and is never foretold by drafts

    @classmethod
    def of(cls, asked: Turnover, project: Project | None) -> Size:
        """As a turnover asks for it; where nobody says how large, a megapixel a frame."""
        wide = asked.width or (project.width if project else 0)
        high = asked.height or (project.height if project else 0)
        work = len(delivered(asked.shot)) * ((wide * high / 1e6) or 1.0)
        numbers = {
            name: value for name, value in asked.options.items() if isinstance(value, int | float)
        }
        draft = asked.options.get(QUALITY) == DRAFT
        return cls(asked.generator, work, tuple(sorted(numbers.items())), draft)


@dataclass(frozen=True)
class Predicted:
    """What was to be expected, of how many takes that is said, and where the latest was shot."""

    seconds: float
    takes: int
    device: str = ""  # as "cuda:0" or "cpu"; empty where nobody said


class Pace:
    """What was shot so far. ``add`` in the order of the ledger; ``expected`` at any moment."""

    def __init__(self) -> None:
        # By generator and draft, of all settings (None) and of each: the logarithm of a take's
        # work, its place in the ledger's order and its seconds for a frame of a megapixel, sorted.
        self._shot: dict[tuple[str, bool], dict[Numbers | None, list[Rated]]] = {}
        self._device: dict[str, str] = {}  # by generator, of its latest take

    def add(self, size: Size, seconds: float, device: str = "") -> None:
        """A take that was shot, the seconds it took, and on which device."""
        if seconds > 0 and size.work > 0:
            known = self._shot.setdefault((size.generator, size.draft), {None: []})
            rated = (log(size.work), len(known[None]), seconds / size.work)
            for settings in (None, size.settings):
                insort(known.setdefault(settings, []), rated)
            self._device[size.generator] = device

    def expected(self, size: Size) -> Predicted | None:
        """Seconds of one take of that size; None before the first take of its generator.

        Those with the same numbers set (steps, say) count where there are any, then those of the
        most similar size; of these the median time for a frame of a megapixel.
        """
        known = self._shot.get((size.generator, size.draft))
        if known is None:
            return None
        near = _nearest(known.get(size.settings) or known[None], log(size.work))
        rate = median(seconds for _, _, seconds in near)
        return Predicted(round(rate * size.work, 3), len(near), self._device[size.generator])


def _nearest(known: Sequence[Rated], at: float) -> list[Rated]:
    """The takes of the most similar size, of equals the first that were shot. A show has thousands,
    and asks of each."""
    low = high = bisect_left(known, (at,))
    found: list[Rated] = []
    while len(found) < NEAREST and (low or high < len(known)):
        below = at - known[low - 1][0] if low else inf
        above = known[high][0] - at if high < len(known) else inf
        equals: list[Rated] = []
        if below <= above:
            first = bisect_left(known, (known[low - 1][0],))
            equals += known[first : min(low, first + NEAREST)]
            low = first
        if above <= below:
            equals += known[high : high + NEAREST]
            equals = [one for one in equals if one[0] in (equals[0][0], known[high][0])]
            high = bisect_left(known, (known[high][0], inf))
        found += sorted(equals, key=lambda one: one[1])
    return found[:NEAREST]


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
