"""Holes that no frame shows: which are too large to invent, and how wires and dust are closed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture

Mask = NDArray[np.bool_]

WIRE = 8  # pixels; what is thinner is drawn across from both sides, what is thicker never


def thick(hole: Mask) -> Mask:
    """The parts of a hole that are thicker than a wire, in every direction."""
    import cv2

    core = np.ones((WIRE + 1,) * 2, np.uint8)
    opened = cv2.morphologyEx(
        hole.astype(np.uint8), cv2.MORPH_OPEN, core, borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(opened > 0)


def drawn_across(picture: Picture, hole: Mask) -> Picture:
    """The picture, ``(row, column, 3)`` scene-linear, with a thin hole closed from its sides.

    Telea's method, channel by channel, in square roots of light; a new picture.
    """
    import cv2

    if not hole.any():
        return picture
    mask = hole.astype(np.uint8) * 255
    closed = picture.copy()
    for channel in range(3):
        root = np.sqrt(np.maximum(picture[..., channel], 0)).astype(np.float32)
        drawn = cv2.inpaint(np.ascontiguousarray(root), mask, WIRE, cv2.INPAINT_TELEA)
        closed[..., channel][hole] = np.asarray(drawn)[hole] ** 2
    return closed
