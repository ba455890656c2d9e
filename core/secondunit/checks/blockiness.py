"""Does the compression show as squares? Steps on a grid of eight pixels against steps beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome

from ..hookspecs import AnyCheck, CheckAbout, Exam, Scope, Viewing, hookimpl
from ..media.sight import Plane, Sight
from .answers import finding, named, no_picture, not_checked, spans

GRID = 8  # pixels; blocks of 16 and 64 show on it too
EVERY = 4  # frames
_LEAST = 96  # pixels a side; in a smaller picture a few edges of things decide
_NOISE = 0.25  # codes added to both sides of the ratio, so that a clean black picture reads 1


class Blockiness:
    """Steepness on the block grid over steepness off it."""

    about = CheckAbout(
        name="block",
        version="1",
        sentence="The squares of the compression do not show.",
        scope=Scope.shot,
        unit="times",
        look=1.8,
        stop=None,
        source="phase of gradients on an 8-pixel grid (our continuity benchmark)",
        department="Delivery",
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return _Blocks(self.about, exam)


class _Blocks:
    def __init__(self, about: CheckAbout, exam: Exam) -> None:
        self._about, self._exam = about, exam
        self._read: dict[int, float] = {}
        self._count = 0

    def see(self, sight: Sight) -> None:
        self._count += 1
        if (self._count - 1) % EVERY == 0 and min(sight.luma.shape) >= _LEAST:
            self._read[sight.number] = blocks(sight.luma)

    def told(self) -> Sequence[Finding]:
        about = self._about
        slate = no_picture(about, self._exam)
        if slate:
            return [slate]
        if not self._read:
            return [not_checked(about, "too small", "The picture is too small for blocks.")]
        value, limit = float(np.median(list(self._read.values()))), about.look or 0
        if value < limit:
            says = f"No squares: steps on the grid are {value:.2f} times those beside it."
            return [finding(about, Outcome.clear, says, value=value, limit=limit)]
        frames = spans(number for number, one in self._read.items() if one >= limit)
        says = (
            f"The compression shows as squares, {value:.1f} times the steps beside them, seen in "
            f"{named(frames)}."
        )
        return [finding(about, Outcome.look, says, value=value, limit=limit, frames=frames)]


def blocks(luma: Plane) -> float:
    """How much steeper the picture is on the grid's most striking phase; 1 is no grid at all."""
    across = _phases(np.abs(np.diff(luma, axis=1)))
    down = _phases(np.abs(np.diff(luma, axis=0)).T)
    return max(1.0, float(np.sqrt(across * down)))


def _phases(steps: NDArray[np.float32]) -> float:
    """``(row, column)`` steps between columns; large ones are edges of things and are held."""
    held = np.minimum(steps, np.float32(12.0)).mean(0)
    count = len(held) // GRID * GRID
    each = held[:count].reshape(-1, GRID).mean(0) + _NOISE
    most = int(each.argmax())
    return float(each[most] / np.median(np.delete(each, most)))


@hookimpl
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``block``."""
    return [Blockiness()]
