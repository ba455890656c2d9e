"""How soft the sharpest edges of a picture are, in pixels of a picture 512 wide.

An edge that was blurred by s pixels loses, when it is blurred once more by 1, the share
s / sqrt(s^2 + 1) of its steepness: so the ratio of the two gradients gives s whatever the contrast
(Zhuo and Sim, Pattern Recognition 44 (2011) 1852). That holds of a step that stands alone. Thin
lines and texture lose more the wider they are blurred, and would read sharper the more of them a
framing has: an edge counts only when a blur twice as wide tells the same of it. The fifth of the
strong edges that is sharpest counts: a shallow depth of field leaves that alone, a soft lens or a
soft model does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..media.sight import Plane, Sight

WIDTH = 512  # columns
_BEFORE = 0.7  # pixels of blur that keep grain from being taken for edges
_AGAIN = 1.0  # pixels of blur that the ratio is made with
_STRONG = 95  # percentile of gradients from which an edge is strong
_EDGE = 40.0  # codes of Sobel gradient below which nothing is called an edge
_LEAST = 50  # edge pixels
_ALONE = 0.95  # of what the narrow blur tells: from here on an edge is a step that stands alone
_STEPS = 30  # such edge pixels; with fewer all strong edges count
_SHARPEST = 20  # percentile


def softness(sight: Sight) -> float | None:
    """Blur of a frame's sharp edges in pixels at 512 columns; None where there are too few edges.

    A sharp picture reads .75 to 1.1: the pixel's own size and the blur against grain.
    """
    return sight.once("softness", lambda: softness_of(sight.small_luma(WIDTH)))


def softness_of(luma: Plane) -> float | None:
    """The same of display codes of a picture 512 wide; a narrower one is read as it is."""
    import cv2

    if min(luma.shape) < 16:
        return None
    once = np.asarray(cv2.GaussianBlur(luma, (0, 0), _BEFORE), np.float32)
    steep, softer = _gradient(once), _gradient(cv2.GaussianBlur(once, (0, 0), _AGAIN))
    strong = max(float(np.percentile(steep[::3, ::3], _STRONG)), _EDGE)
    edges = (steep >= strong) & (steep >= cv2.dilate(steep, np.ones((3, 3), np.uint8)))
    if np.count_nonzero(edges) < _LEAST:
        return None
    told = _told(steep[edges], softer[edges], _AGAIN)
    wider = _gradient(cv2.GaussianBlur(once, (0, 0), 2 * _AGAIN))
    steps = _told(steep[edges], wider[edges], 2 * _AGAIN) >= _ALONE * told
    counted = told[steps] if np.count_nonzero(steps) >= _STEPS else told
    return float(np.percentile(counted, _SHARPEST))


def _told(steep: NDArray[np.float32], after: NDArray[np.float32], again: float) -> Plane:
    """The blur of edges, from their steepness before and after they are blurred once more."""
    ratio = np.maximum(steep / np.maximum(after, np.float32(1e-3)), np.float32(1.001))
    return np.asarray(again / np.sqrt(ratio * ratio - 1), np.float32)


def _gradient(picture: NDArray[Any]) -> NDArray[np.float32]:
    import cv2

    across, down = cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)
    # Not cv2.magnitude: its last digit depends on where in memory the pictures lie.
    return np.asarray(np.sqrt(across * across + down * down), np.float32)
