"""How points of a picture move to others laid over it, where both ways lead to the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .shifts import Grey

Mask = NDArray[np.bool_]
Places = NDArray[np.integer]
"""``(point, 2)`` x, y."""
Flow = NDArray[np.float32]
"""``(row, column, 2)``: pixels to add, x then y."""

GRID = 6  # pixels between the points that motion is measured at
LEAST = 40  # points below which nothing is said
_SHARP = 2e-5  # least eigenvalue of the gradients at a point that is measured
_FAR = 40.0  # pixels from where a point was looked for; more is a mistake
_ASTRAY = 0.6  # pixels between the way there and back; more is not the same thing


@dataclass(frozen=True)
class Points:
    """Motion at points of the target: ``at`` ``(point, 2)``; ``by`` ``(frame, point, 2)``, with
    ``weight`` ``(frame, point)`` of 0 where it is not known."""

    at: NDArray[np.float64]
    by: NDArray[np.float64]
    weight: NDArray[np.float64]


def places(target: Grey, open_: Mask) -> Places:
    """Points of a ``level_free`` grey that can be found again, whole where it is ``open_``."""
    import cv2

    corner = np.asarray(cv2.cornerMinEigenVal(target, 9, ksize=3))
    grid = np.zeros(open_.shape, bool)
    grid[GRID // 2 :: GRID, GRID // 2 :: GRID] = True
    y, x = np.nonzero(grid & _inner(open_) & (corner > _SHARP))
    return np.stack([x, y], -1)


def moved(
    target: Grey, open_: Mask, other: Grey, clear: Mask, at: Places,
    looked: tuple[Grey, Grey] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """How far points moved from one picture to another, and 1 where that way leads back too.

    ``looked`` has x and y, for each pixel, of where it is looked for; None: where it is.
    """
    import cv2

    if looked is not None:
        other = np.asarray(cv2.remap(other, *looked, cv2.INTER_CUBIC), np.float32)
        share = cv2.remap(clear.astype(np.float32), *looked, cv2.INTER_LINEAR)
        clear = np.asarray(share) > 0.99
    by, good = _moved(target, open_, other, clear, at)
    if looked is None:
        return by, good
    on = (at + by).astype(np.float32)[None]
    u, v = on[..., 0], on[..., 1]
    ends = [np.asarray(cv2.remap(one, u, v, cv2.INTER_LINEAR))[0] for one in looked]
    return np.stack(ends, -1).astype(np.float64) - at, good


def _moved(
    target: Grey, open_: Mask, other: Grey, clear: Mask, at: Places
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = at.T
    by = _flow(target, other, open_ & clear)[y, x].astype(np.float64)
    back = _flow(other, target, open_ & clear)
    there = np.round(at + by).astype(int)
    rows, columns = target.shape
    inside = ((there >= 0) & (there < (columns, rows))).all(1)
    u, v = np.where(inside[:, None], there, 0).T
    astray = np.hypot(*(by + back[v, u]).T)
    far = np.hypot(*by.T)
    good = inside & _inner(clear)[v, u] & (astray < _ASTRAY) & (far < _FAR)
    return by, good.astype(np.float64)


def _inner(mask: Mask) -> Mask:
    import cv2

    return np.asarray(cv2.erode(mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0)


def _flow(ours: Grey, theirs: Grey, both: Mask) -> Flow:
    """Dense motion; what is not seen in both is made the same in both, and stands still."""
    import cv2

    other = np.where(both, theirs, ours)
    eight = [np.clip(128 + 320 * one, 0, 255).astype(np.uint8) for one in (ours, other)]
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    start = np.zeros((*ours.shape, 2), np.float32)
    return np.asarray(finder.calc(eight[0], eight[1], start), np.float32)
