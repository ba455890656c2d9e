"""About how long what waits will take, from how long takes of the same generator took here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from secondunit_bridge.film import Project, Turnover, delivered

LATEST = 12  # takes of a generator that say how fast it is


@dataclass(frozen=True)
class Size:
    """How much a take is: frames times megapixels, and by which generator it is shot."""

    generator: str
    work: float

    @classmethod
    def of(cls, asked: Turnover, project: Project | None) -> Size:
        """As a turnover asks for it; where nobody says how large, a megapixel a frame."""
        wide = asked.width or (project.width if project else 0)
        high = asked.height or (project.height if project else 0)
        return cls(asked.generator, len(delivered(asked.shot)) * ((wide * high / 1e6) or 1.0))


def paces(done: Iterable[tuple[Size, float]]) -> dict[str, float]:
    """Seconds for a frame of a megapixel by generator: the median of its latest takes.

    ``done`` are takes in the order they were asked for, with the seconds each took.
    """
    found: dict[str, list[float]] = {}
    for size, seconds in done:
        if seconds > 0 and size.work > 0:
            found.setdefault(size.generator, []).append(seconds / size.work)
    return {name: median(rates[-LATEST:]) for name, rates in found.items()}


def expected(size: Size, known: Mapping[str, float]) -> float | None:
    """Seconds that a take will take; None for a generator that has shot nothing here yet."""
    rate = known.get(size.generator)
    return None if rate is None else size.work * rate
