"""Does the compression show as squares? Steps on a grid of eight pixels against steps beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..hookspecs import AnyCheck, CheckAbout, Codes, Exam, Scope, Viewing, hookimpl
from ..media.sight import Plane
from .sampled import Sampled

GRID = 8  # pixels; blocks of 16 and 64 show on it too
EVERY = 4  # frames
LEAST = 96  # pixels a side; in a smaller picture a few edges of things decide
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
        source="measured: clean film reads 1.0 to 1.4, JPEG of quality 10 1.9 to 3.0",
        department="Delivery",
        codes=Codes(netflix="Compression Artifacting"),
        bounds=(1.4, 4),
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return Sampled(
            self.about, exam, lambda sight: blocks(sight.luma), EVERY, LEAST,
            clear="No squares: steps on the grid are {value:.2f} times those beside it.",
            found="The compression shows as squares, {value:.1f} times the steps beside them, "
            "seen in {frames}.",
        )  # fmt: skip


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
