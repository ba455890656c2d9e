"""Pictures to half float and back, several times faster than numpy, bit for bit the same."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Half: TypeAlias = NDArray[np.float16]
Light: TypeAlias = NDArray[np.float16] | NDArray[np.float32]
"""``(row, column, 3)``, whichever of the two it is kept in."""


def wide(picture: Light) -> NDArray[np.float32]:
    """As float32; the same one when it is already. Finite values only."""
    import cv2

    if picture.dtype == np.float32:
        return np.asarray(picture, np.float32)
    if not picture.size:
        return picture.astype(np.float32)
    found = cv2.addWeighted(picture, 1.0, picture, 0.0, 0.0, dtype=cv2.CV_32F)
    return np.asarray(found, np.float32).reshape(picture.shape)


def narrow(picture: NDArray[np.float32]) -> Half:
    """As half float, to the nearest. Finite values within its range only."""
    import cv2

    if not picture.size:
        return picture.astype(np.float16)
    found = cv2.addWeighted(picture, 1.0, picture, 0.0, 0.0, dtype=cv2.CV_16F)
    return np.asarray(found, np.float16).reshape(picture.shape)
