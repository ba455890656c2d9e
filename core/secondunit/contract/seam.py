"""How far the edge of what was replaced shows, in display codes.

Two edges can show. At the **grown** matte's, result minus plate must not step: what lies beyond is
the plate. At the **painted** matte's, where a feather begins, result minus plate steps wherever
something was taken away; there the step counts by which the result itself stands out from what it
does just inside and just outside, and no more than result minus plate steps.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from ..media.plates import PlateFrame
from ..media.sight import coded
from .geometry import grown
from .matte import Mask, Soft

EVERY = 4  # of how many frames one is measured: an edge stays what it is from frame to frame
RING = 3  # pixels on either side of the edge
_BESIDE = 8  # pixels to the edges beside it that a step is held against
_AROUND = 8 * RING + 1  # pixels over which a step is averaged: grain is no seam
_LEAST = 0.02  # share of that square which must lie in each ring
_MARGIN = _AROUND + _BESIDE

Light = Callable[[Picture], Picture]
"""``(row, column, RGB)`` from the plate's own space to scene-linear light."""
Area = NDArray[np.uint8]
"""``(row, column)``, 1 inside."""


def seam(
    plate: PlateFrame, result: PlateFrame, protected: Mask, soft: Soft, light: Light
) -> float | None:
    """The larger of the steps at both edges, each the median of the edge; None without an edge.

    The masks lie over the result's data window, as the receipt's do. Only the square around what
    may change is looked at.
    """
    crop = _crop(~protected)
    if crop is None:
        return None
    free, painted = (np.asarray(one[crop], np.uint8) for one in (~protected, soft > 0))
    before = _codes(grown(plate, result.windows.data), crop, light)
    after = _codes(result, crop, light)
    change = after - before
    outer = step(change, free)
    if outer is None:
        return None
    return (
        max(outer, _standing_out(after, change, painted)) if painted.sum() < free.sum() else outer
    )


def step(picture: Picture, area: Area) -> float | None:
    """By how much a picture steps across the edge of an area: the median, mean of its channels."""
    import cv2

    square = np.ones((2 * RING + 1, 2 * RING + 1), np.uint8)
    inner = (area - cv2.erode(area, square)) > 0
    outer = (cv2.dilate(area, square) - area) > 0
    near, far = (_mean(picture, ring) for ring in (inner, outer))
    edge = (inner | outer) & (near[1] > _LEAST) & (far[1] > _LEAST)
    if not edge.any():
        return None
    return float(np.median(np.abs(near[0][edge] - far[0][edge]).mean(axis=-1)))


def _standing_out(after: Picture, change: Picture, painted: Area) -> float:
    import cv2

    size = 2 * _BESIDE + 1
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    areas = (painted, cv2.erode(painted, round_), cv2.dilate(painted, round_))
    own, *beside = (step(after, np.asarray(area, np.uint8)) or 0.0 for area in areas)
    return max(0.0, min(own - max(beside), step(change, painted) or 0.0))


def _crop(free: Mask) -> tuple[slice, slice] | None:
    rows, columns = np.flatnonzero(free.any(axis=1)), np.flatnonzero(free.any(axis=0))
    if not len(rows):
        return None
    return (slice(max(0, rows[0] - _MARGIN), rows[-1] + 1 + _MARGIN),
            slice(max(0, columns[0] - _MARGIN), columns[-1] + 1 + _MARGIN))  # fmt: skip


def _codes(frame: PlateFrame, crop: tuple[slice, slice], light: Light) -> Picture:
    seen = np.stack([frame.planes[name][crop] for name in "RGB"], axis=-1).astype(np.float32)
    lit = light(np.ascontiguousarray(np.nan_to_num(seen, posinf=65504.0, neginf=0.0)))
    return np.stack([coded(np.ascontiguousarray(lit[..., at])) for at in range(3)], axis=-1)


def _mean(picture: Picture, ring: Mask) -> tuple[Picture, Picture]:
    """The mean of the picture over the ring around each pixel, and the ring's share there."""
    import cv2

    weight = ring.astype(np.float32)
    size = (_AROUND, _AROUND)
    share = np.asarray(cv2.boxFilter(weight, -1, size), np.float32)
    total = np.asarray(cv2.boxFilter(picture * weight[..., None], -1, size), np.float32)
    return np.asarray(total / np.maximum(share, 1e-3)[..., None], np.float32), share
