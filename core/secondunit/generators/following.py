"""Follows points of a key frame into a frame like it: cheaper than features, and finer.

Lucas and Kanade's tracker on pictures without their light, there and back again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .shifts import Grey, level_free

Seen = NDArray[np.bool_]
Points = NDArray[np.float32]
"""``(point, 2)`` x, y."""
Tones = NDArray[np.uint8]
"""``(row, column)``: a ``level_free`` picture around 128."""
Matrix = NDArray[np.float64]

_POINTS = 500
_APART = 12.0  # pixels between points, so that they cover the picture
_WORTH = 0.01  # of the best corner's strength
_WINDOW = (21, 21)
_LEVELS = 3
_STEPS = (3, 20, 0.02)  # of each search: iterations and pixels at most
_ASTRAY = 0.3  # pixels between the way there and back; more is not the same thing
_LEAST = 60  # points that must be followed
_AGREE = 0.5  # share of them that one homography must hold
_PIXELS = 1.5  # MAGSAC's threshold


def tones(picture: Grey) -> Tones:
    """What is followed of a grey picture."""
    return np.asarray(np.clip(128 + 320 * level_free(picture), 0, 255), np.uint8)


def points_of(picture: Tones, allowed: Seen) -> Points:
    """Points of a key frame that can be followed, spread over where it may be looked at."""
    import cv2

    mask = allowed.astype(np.uint8)
    found = cv2.goodFeaturesToTrack(picture, _POINTS, _WORTH, _APART, mask=mask, blockSize=7)
    if found is None:
        return np.zeros((0, 2), np.float32)
    return np.asarray(found, np.float32).reshape(-1, 2)


def followed(
    key: Tones, points: Points, picture: Tones, allowed: Seen, guess: Matrix
) -> tuple[Matrix, float] | None:
    """The matrix that takes the picture to the key frame, and the share of points that agree.

    ``guess`` is such a matrix, nearly. None where too few points are found again.
    """
    import cv2

    if len(points) < _LEAST:
        return None
    begun = points[:, None]
    start = cv2.perspectiveTransform(begun, np.linalg.inv(guess))
    there, good = _searched(key, picture, begun, np.asarray(start, np.float32))
    back, also = _searched(picture, key, there, begun)
    there, back = there[:, 0], back[:, 0]
    sound = good & also & (np.hypot(*(back - points).T) < _ASTRAY)
    x, y = np.clip(np.round(there), 0, np.array(allowed.shape[::-1]) - 1).astype(int).T
    sound &= allowed[y, x]
    if np.count_nonzero(sound) < _LEAST:
        return None
    matrix, kept = cv2.findHomography(there[sound], points[sound], cv2.USAC_MAGSAC, _PIXELS)
    if matrix is None or kept.mean() < _AGREE or np.count_nonzero(kept) < _LEAST:
        return None
    return np.asarray(matrix, np.float64), float(kept.mean())


def _searched(ours: Tones, theirs: Tones, points: Points, start: Points) -> tuple[Points, Seen]:
    """Where points ``(point, 1, 2)`` of one picture lie in another, and which of them do."""
    import cv2

    flags = cv2.OPTFLOW_USE_INITIAL_FLOW
    found, good, _ = cv2.calcOpticalFlowPyrLK(
        ours, theirs, points, start.copy(), winSize=_WINDOW, maxLevel=_LEVELS, criteria=_STEPS,
        flags=flags,
    )  # fmt: skip
    return np.asarray(found, np.float32), np.asarray(good)[:, 0] > 0
