"""Where the fill is meant: the matte, the shadow that goes with it, and a soft edge outwards."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract.levels import luminance
from ..media.footage import Picture
from .consensus import FAINT

Mask = NDArray[np.bool_]
Distance = NDArray[np.float32]

SHADOW = 0.35  # stops darker than what is behind, beyond which a pixel lies in shadow
_SOFT = 2.0  # pixels


def distance(mask: Mask) -> Distance:
    """Pixels from each pixel to the nearest true one, 0 on it; infinite where there is none."""
    import cv2

    if not mask.any():
        return np.full(mask.shape, np.inf, np.float32)
    far = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(far, np.float32)


def shadow(
    plate: Picture, behind: Picture, hidden: Mask, far: Distance, reach: float, known: Mask
) -> Mask:
    """What is darker than what is behind it, is joined to the matte and lies within ``reach``.

    ``far`` is the distance from the matte in pixels; ``known`` where ``behind`` says something.
    """
    import cv2

    def soft(picture: Picture) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(luminance(picture), (0, 0), _SOFT), np.float32)

    ratio = (np.maximum(soft(plate), 0) + FAINT) / (np.maximum(soft(behind), 0) + FAINT)
    dark = (np.log2(ratio) < -SHADOW) & (far <= reach) & known
    opened = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    joined = opened | hidden.astype(np.uint8)
    _, labels = cv2.connectedComponents(joined)
    kept = np.unique(labels[hidden])
    grown = np.isin(labels, kept[kept > 0]) & ~hidden
    wide = cv2.dilate(grown.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return np.asarray(wide & ~hidden & (far <= reach) & known)


def alpha(hidden: Mask, shade: Mask, far: Distance, soft: float, reach: float) -> Distance:
    """``(row, column)`` float32: 1 in the matte and its shadow, then falling over ``soft`` pixels.

    It has fallen to 0 ``reach`` pixels outside the matte, where nothing may change.
    """
    off = distance(hidden | shade) if shade.any() else far
    edge = _smooth(1 - off / (soft + 1))
    limit = _smooth((reach + 1 - far) / (min(soft, reach) + 1))
    return np.where(hidden, np.float32(1), np.minimum(edge, limit)).astype(np.float32)


def _smooth(values: NDArray[np.float32]) -> NDArray[np.float32]:
    held = np.clip(values, 0, 1)
    return np.asarray(held * held * (3 - 2 * held), np.float32)
