"""The part of a picture that is worked on: a matte's bounding box with some context around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Box:
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right`` of a picture, ends exclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def around(cls, mask: NDArray[np.bool_]) -> Box | None:
        """The smallest box that holds every true pixel; None when there is none."""
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if not len(rows):
            return None
        return cls(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.shape[0] * self.shape[1]

    def cut(self, picture: NDArray[Any]) -> NDArray[Any]:
        """That part of a picture or mask; a view."""
        return picture[self.top : self.bottom, self.left : self.right]

    def grown(self, by: int, rows: int, columns: int) -> Box:
        """Larger on every side, within a picture of that many rows and columns."""
        return Box(
            max(0, self.top - by),
            max(0, self.left - by),
            min(rows, self.bottom + by),
            min(columns, self.right + by),
        )

    def within(self, outer: Box) -> Box:
        """The same box, counted from the corner of one that holds it."""
        return self.moved(-outer.top, -outer.left)

    def moved(self, down: int, right: int) -> Box:
        """The same box, that far down and to the right."""
        return Box(self.top + down, self.left + right, self.bottom + down, self.right + right)
