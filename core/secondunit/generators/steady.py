"""Holds a place still: what surrounds a matte in the first frame, found again in every other.

A camera's homography follows the plane that most of a picture lies in. What is put into a matte
should follow what is beside it, to a fraction of a pixel, or it is seen to swim.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..hookspecs import Watch
from ..media.footage import Footage, Picture
from .boxes import Box
from .registration import HIDDEN, matte_of
from .shifts import finer, grey, level_free

if TYPE_CHECKING:
    from .placing import Matrix

_AROUND = 0.35  # of the matte's larger side, that is looked at around it
_LEAST, _MOST = 48, 160  # pixels
_SAFE = 3  # pixels around a matte that are not looked at


def steadied(
    plate: Footage, matte: Footage, warps: Sequence[Matrix], watch: Watch
) -> tuple[Matrix, ...]:
    """The warps, first frame to each, corrected by what lies around the first frame's matte.

    Unchanged where too little of it is seen. Raises Cancelled and what reading does.
    """
    first = plate.frames.first
    hidden = _hidden(plate, matte, first)
    box = Box.around(hidden)
    if box is None:
        return tuple(warps)
    side = int(np.clip(_AROUND * max(box.shape), _LEAST, _MOST))
    box = box.grown(side, plate.height, plate.width)
    ours = level_free(grey(box.cut(_rgb(plate, first))))
    clear = ~box.cut(hidden)
    to = np.array([[1.0, 0, box.left], [0, 1.0, box.top], [0, 0, 1.0]])
    found: list[Matrix] = [warps[0]]
    for index, warp in enumerate(warps[1:], 1):
        watch.check()
        whole = np.asarray(warp @ to, np.float64)
        for _ in range(2):
            theirs, seen = _laid(plate, matte, first + index, whole, box)
            whole = whole @ finer(ours, level_free(grey(theirs)), clear & seen)
        found.append(np.asarray(whole @ np.linalg.inv(to), np.float64))
    return tuple(found)


def _laid(
    plate: Footage, matte: Footage, number: int, matrix: Matrix, box: Box
) -> tuple[Picture, NDArray[np.bool_]]:
    """A frame as it lies over the first one's box, and where it shows what may be compared."""
    import cv2

    size = (box.shape[1], box.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    over = cv2.warpPerspective(
        _rgb(plate, number), matrix, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    hidden = _hidden(plate, matte, number).astype(np.uint8) * 255
    shown = cv2.warpPerspective(
        hidden, matrix, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,)
    )
    return np.asarray(over, np.float32), np.asarray(shown) == 0


def _rgb(plate: Footage, number: int) -> Picture:
    return np.nan_to_num(plate.frame(number)[..., :3], nan=0.0, posinf=65504.0, neginf=0.0)


def _hidden(plate: Footage, matte: Footage, number: int) -> NDArray[np.bool_]:
    import cv2

    soft = matte_of(matte, plate, number)
    if soft is None:
        return np.zeros((plate.height, plate.width), bool)
    wide = np.ones((2 * _SAFE + 1,) * 2, np.uint8)
    covered = (np.nan_to_num(soft[..., 0], nan=1.0) > HIDDEN).astype(np.uint8)
    return np.asarray(cv2.dilate(covered, wide) > 0)
