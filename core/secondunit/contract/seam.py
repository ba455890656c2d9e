"""How far the edge of what was replaced shows: a step between just inside it and just outside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..media.footage import Picture
from ..media.plates import PlateFrame
from ..media.sight import coded
from .geometry import grown
from .matte import Mask

RING = 3  # pixels on either side of the edge
_AROUND = 8 * RING + 1  # pixels over which a step is averaged: grain is no seam
_LEAST = 0.02  # share of that square which must lie in each ring
_MARGIN = _AROUND

Light = Callable[[Picture], Picture]
"""``(row, column, RGB)`` from the plate's own space to scene-linear light."""


def seam(plate: PlateFrame, result: PlateFrame, protected: Mask, light: Light) -> float | None:
    """Display codes, 0..255, by which result minus plate steps across the edge, the median of the
    edge; None where there is no edge.

    ``protected`` lies over the result's data window, as the receipt's masks do. Only the square
    around what may change is looked at.
    """
    import cv2

    crop = _crop(~protected)
    if crop is None:
        return None
    free = (~protected[crop]).astype(np.uint8)
    square = np.ones((2 * RING + 1, 2 * RING + 1), np.uint8)
    inner = (free - cv2.erode(free, square)) > 0
    outer = (cv2.dilate(free, square) - free) > 0
    before = _codes(grown(plate, result.windows.data), crop, light)
    change = _codes(result, crop, light) - before
    far, near = (_mean(change, ring) for ring in (inner, outer))
    edge = (inner | outer) & (far[1] > _LEAST) & (near[1] > _LEAST)
    if not edge.any():
        return None
    step = np.abs(far[0][edge] - near[0][edge]).mean(axis=-1)
    return float(np.median(step))


def _crop(free: Mask) -> tuple[slice, slice] | None:
    rows, columns = np.flatnonzero(free.any(axis=1)), np.flatnonzero(free.any(axis=0))
    if not len(rows):
        return None
    return (slice(max(0, rows[0] - _MARGIN), rows[-1] + 1 + _MARGIN),
            slice(max(0, columns[0] - _MARGIN), columns[-1] + 1 + _MARGIN))  # fmt: skip


def _codes(frame: PlateFrame, crop: tuple[slice, slice], light: Light) -> Picture:
    names = [name for name in ("R", "G", "B") if name in frame.planes]
    seen = np.stack([frame.planes[name][crop] for name in names], axis=-1).astype(np.float32)
    lit = light(np.ascontiguousarray(np.nan_to_num(seen, posinf=65504.0, neginf=0.0)))
    return np.stack([coded(np.ascontiguousarray(lit[..., at])) for at in range(3)], axis=-1)


def _mean(change: Picture, ring: Mask) -> tuple[Picture, Picture]:
    """The mean of the change over the ring around each pixel, and the ring's share there."""
    import cv2

    weight = ring.astype(np.float32)
    size = (_AROUND, _AROUND)
    share = np.asarray(cv2.boxFilter(weight, -1, size), np.float32)
    total = np.asarray(cv2.boxFilter(change * weight[..., None], -1, size), np.float32)
    return np.asarray(total / np.maximum(share, 1e-3)[..., None], np.float32), share
