"""How soft the sharpest edges of a picture are, in pixels of a picture 512 wide.

An edge that was blurred by s pixels loses, when it is blurred once more by 1, the share
s / sqrt(s^2 + 1) of its steepness: so the ratio of the two gradients gives s whatever the contrast
(Zhuo and Sim, Pattern Recognition 44 (2011) 1852). The fifth of the strong edges that is sharpest
counts: a shallow depth of field leaves that alone, a soft lens or a soft model does not.
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
_SHARPEST = 20  # percentile


def softness(sight: Sight) -> float | None:
    """Blur of a frame's sharp edges in pixels at 512 columns; None where there are too few edges.

    A sharp picture reads .85 to 1.0: the pixel's own size and the blur against grain.
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
    ratio = np.maximum(steep[edges] / np.maximum(softer[edges], 1e-3), 1.001)
    return float(np.percentile(_AGAIN / np.sqrt(ratio * ratio - 1), _SHARPEST))


def _gradient(picture: NDArray[Any]) -> NDArray[np.float32]:
    import cv2

    across, down = cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(across, down), np.float32)
