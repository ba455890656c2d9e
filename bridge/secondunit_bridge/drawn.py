"""What a person draws over a frame: lines, arrows and boxes in places of the picture, no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Tuple

MOST_STROKES = 64  # of one note
MOST_POINTS = 4000  # of one note, all strokes together: about 70 kB in the ledger


class Mark(Enum):
    """What a stroke is."""

    line = "line"  # drawn by hand, through all its points
    arrow = "arrow"  # from the first point to the second, which has the head
    box = "box"  # between two opposite corners


@dataclass(frozen=True)
class Stroke:
    """One thing drawn. ``points`` are ``(x, y)`` in 0..1 of the picture from top left.

    Raises ValueError for points outside the picture, or a number of them that the mark has not.
    """

    mark: Mark
    points: Tuple[Tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not all(0.0 <= place <= 1.0 for point in self.points for place in point):
            raise ValueError("points lie in 0..1 of the picture")
        least, most = (1, MOST_POINTS) if self.mark is Mark.line else (2, 2)
        if not least <= len(self.points) <= most:
            raise ValueError(f"{self.mark.value}: expected {least} to {most} points")


def too_much(strokes: Tuple[Stroke, ...]) -> str:
    """Why a drawing is too large to be kept; empty when it is not."""
    points = sum(len(stroke.points) for stroke in strokes)
    if len(strokes) > MOST_STROKES:
        return f"{len(strokes)} strokes, at most {MOST_STROKES} are kept"
    return f"{points} points, at most {MOST_POINTS} are kept" if points > MOST_POINTS else ""
