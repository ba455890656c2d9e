"""Holes that no frame shows: which are too large to invent, and how wires and dust are closed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from .boxes import Box

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

    A membrane between them, free at the picture's own edges: never brighter or darker than what
    is around. (The inpainting of OpenCV 5.0 throws values far outside that in float.) A new one.
    """
    import cv2

    around = Box.around(hole)
    if around is None or hole.all():
        return picture
    box = around.grown(2 * WIRE, *hole.shape)
    part, open_ = np.array(box.cut(picture), np.float32), box.cut(hole)
    drawn = _roughly(part, ~open_)
    cross = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4
    for _ in range(WIRE * WIRE):  # what a change needs to cross it
        between = cv2.filter2D(drawn, -1, cross, borderType=cv2.BORDER_REPLICATE)
        np.copyto(drawn, between, where=open_[..., None])
    closed = picture.copy()
    box.cut(closed)[open_] = drawn[open_]
    return closed


def mirrored(grain: Picture, hole: Mask) -> Picture:
    """Grain, ``(row, column, 3)``, with that beside a thin hole mirrored into it; a new picture.

    Else what is drawn across would stand still in a plate that lives.
    """
    import cv2

    if not hole.any() or hole.all():
        return grain
    kind = hole.astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(
        kind, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    known = np.argwhere(~hole)
    place = np.zeros(int(labels.max()) + 1, np.intp)
    place[labels[~hole]] = np.arange(len(known))
    inside = np.argwhere(hole)
    nearest = known[place[labels[hole]]]
    beyond = np.clip(2 * nearest - inside, 0, np.array(hole.shape) - 1)
    lively = grain.copy()
    lively[hole] = np.where(hole[tuple(beyond.T)][:, None], 0, grain[tuple(beyond.T)])
    return lively


def _roughly(picture: Picture, known: Mask) -> Picture:
    """Where nothing is known, the mean of what is within a wire's reach."""
    import cv2

    size = (4 * WIRE + 1,) * 2
    weight = known.astype(np.float32)
    lit = np.where(known[..., None], picture, 0)
    total = np.asarray(cv2.blur(lit, size, borderType=cv2.BORDER_CONSTANT))
    share = np.maximum(cv2.blur(weight, size, borderType=cv2.BORDER_CONSTANT), 1e-6)
    return np.where(known[..., None], picture, total / share[..., None]).astype(np.float32)
