"""Where the camera stood in each frame, from a file that names it, and what a pixel shows then."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import FieldError

_HINT = (
    'Write {"projections": [[12 numbers], ...]}: for each frame the three rows of four that take'
    " metres to pixels times depth, the middle of the top left pixel being (0, 0)."
)


@dataclass(frozen=True)
class Camera:
    """``matrices`` is ``(frame, 3, 4)``: metres to (x, y, 1) in pixels, times depth in metres."""

    matrices: NDArray[np.float64]

    @classmethod
    def parse(cls, text: str, frames: int) -> Camera | None:
        """Of JSON as a camera file has it; None of empty text. Raises FieldError."""
        if not text.strip():
            return None
        try:
            told = json.loads(text)
            rows = told["projections"] if isinstance(told, dict) else told
            matrices = np.array(rows, np.float64).reshape(len(rows), 3, 4)
        except (ValueError, TypeError, KeyError) as error:
            raise FieldError(
                "Turnover.options['camera'] is no list of projections", hint=_HINT
            ) from error
        if len(matrices) not in (1, frames) or not np.isfinite(matrices).all():
            raise FieldError(
                f"Turnover.options['camera'] has {len(matrices)} frames and the shot {frames}",
                hint="Hand over one matrix for each frame, or one alone for a locked camera.",
            )
        if (abs(np.linalg.det(matrices[:, :, :3])) < 1e-12).any():
            raise FieldError("Turnover.options['camera'] has a matrix of no camera", hint=_HINT)
        return cls(matrices)

    def points(self, index: int, near: NDArray[np.float32]) -> NDArray[np.float32]:
        """Metres in the world of each pixel, ``(row, column, 3)`` float32; 0 where nothing is.

        ``near`` is one over the depth, which is measured along the camera's axis.
        """
        matrix = self.matrices[min(index, len(self.matrices) - 1)]
        back = np.linalg.inv(matrix[:, :3])
        rows, columns = near.shape
        across = np.arange(columns, dtype=np.float32)
        down = np.arange(rows, dtype=np.float32)[:, None]
        there = near > 0
        depth = np.divide(1, near, out=np.zeros(near.shape, np.float32), where=there)
        eye = -back @ matrix[:, 3]
        made = np.empty((rows, columns, 3), np.float32)
        for axis in range(3):
            ray = np.float32(back[axis, 0]) * across + np.float32(back[axis, 1]) * down
            ray += np.float32(back[axis, 2])
            made[..., axis] = ray * depth + np.float32(eye[axis])
        made[~there] = 0
        return made
