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
from .shifts import BLOCK, Grey, Shifts, corners, grey, level_free, shifts

if TYPE_CHECKING:
    from .placing import Matrix

Mask = NDArray[np.bool_]

_AROUND = 0.6  # of the matte's larger side, that is looked at around it
_LEAST, _MOST = 48, 160  # pixels
_ROUNDS = 6
_AFFINE = 3  # rounds before perspective is corrected
_AGREED = 0.7  # pixels
_NEAR = 0.05  # pixels at a corner; less is left as it is
_SURE = 0.97  # likeness at which no other way is tried
_BLOCKS = 8  # that show the same, below which nothing is corrected
_FARTHEST = 4.0  # pixels; a block further off shows something else, or something nearer
_ALIKE = 0.6  # correlation of a block's detail below which it shows something else
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
        chained = warp @ np.linalg.inv(warps[index - 1]) @ found[-1]  # on from the last, held still
        shown = _rgb(plate, first + index), _hidden(plate, matte, first + index)
        held = [_held(*shown, np.asarray(warp @ to, np.float64), box, ours, clear)]
        if held[0][1] < _SURE:
            held.append(_held(*shown, np.asarray(chained @ to, np.float64), box, ours, clear))
        whole = max(held, key=lambda one: one[1])[0]
        found.append(np.asarray(whole @ np.linalg.inv(to), np.float64))
    return tuple(found)


def _held(
    picture: Picture, hidden: Mask, matrix: Matrix, box: Box, ours: Grey, clear: Mask
) -> tuple[Matrix, float]:
    """The way from the box to a frame, corrected so that the two are most alike, and how much
    they are."""
    best, likeness = matrix, -1.0
    for turn in range(_ROUNDS):
        laid, seen = _laid(picture, hidden, matrix, box)
        theirs, both = level_free(grey(laid)), clear & seen
        alike = _likeness(ours, theirs, both)
        if alike > likeness:
            best, likeness = matrix, alike
        found = _believed(ours, theirs, both)
        if len(found) < _BLOCKS:
            break
        way = found.matrix() if turn < _AFFINE else _homography(found)
        ends = corners(ours.shape)
        if np.abs((ends @ way.T)[:, :2] - ends[:, :2]).max() < _NEAR and turn >= _AFFINE:
            break
        matrix = np.asarray(matrix @ way, np.float64)
    return best, likeness


def _homography(found: Shifts) -> Matrix:
    """With the perspective too, once the rest is nearly right. The identity when too few agree."""
    import cv2

    if len(found) < 2 * _BLOCKS:
        return np.eye(3)
    way, kept = cv2.findHomography(found.at, found.at + found.by, cv2.USAC_MAGSAC, _AGREED)
    if way is None or np.count_nonzero(kept) < 1.5 * _BLOCKS:
        return np.eye(3)
    return np.asarray(way, np.float64)


def _likeness(ours: Grey, theirs: Grey, both: Mask) -> float:
    """How alike the blocks are that show the same at all: the mean of the better half."""
    known = _by_block(ours, theirs, both)
    known = np.sort(known[np.isfinite(known)])
    return float(known[len(known) // 2 :].mean()) if len(known) else -1.0


def _believed(ours: Grey, theirs: Grey, both: Mask) -> Shifts:
    """Shifts of blocks that show the same in both: nobody who walked there, nothing far before."""
    found = shifts(ours, theirs, both)
    alike = _by_block(ours, theirs, both)
    rows, columns = alike.shape
    u = ((found.at[:, 0] + 0.5) * columns / ours.shape[1]).astype(int)
    v = ((found.at[:, 1] + 0.5) * rows / ours.shape[0]).astype(int)
    good = (np.hypot(*found.by.T) < _FARTHEST) & (alike[v, u] > _ALIKE)
    return Shifts(found.at[good], found.by[good], found.weight[good])


def _by_block(ours: Grey, theirs: Grey, both: Mask) -> NDArray[np.float64]:
    """Correlation of the two in each block; NaN where too little of it may be looked at."""
    import cv2

    rows, columns = (max(1, size // BLOCK) for size in ours.shape)

    def mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
        part = np.asarray(values * both, np.float32)
        return np.asarray(cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA), float)

    with np.errstate(divide="ignore", invalid="ignore"):
        alike = mean(ours * theirs) / np.sqrt(mean(ours * ours) * mean(theirs * theirs))
    return np.where(mean(np.ones_like(ours)) > 0.7, alike, np.nan)


def _laid(picture: Picture, hidden: Mask, matrix: Matrix, box: Box) -> tuple[Picture, Mask]:
    """A frame as it lies over the first one's box, and where it shows what may be compared."""
    import cv2

    size = (box.shape[1], box.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    over = cv2.warpPerspective(
        picture, matrix, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    shown = cv2.warpPerspective(
        hidden.astype(np.uint8) * 255,
        matrix,
        size,
        flags=flags,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255,),
    )
    return np.asarray(over, np.float32), np.asarray(shown) == 0


def _rgb(plate: Footage, number: int) -> Picture:
    return np.nan_to_num(plate.frame(number)[..., :3], nan=0.0, posinf=65504.0, neginf=0.0)


def _hidden(plate: Footage, matte: Footage, number: int) -> Mask:
    import cv2

    soft = matte_of(matte, plate, number)
    if soft is None:
        return np.zeros((plate.height, plate.width), bool)
    wide = np.ones((2 * _SAFE + 1,) * 2, np.uint8)
    covered = (np.nan_to_num(soft[..., 0], nan=1.0) > HIDDEN).astype(np.uint8)
    return np.asarray(cv2.dilate(covered, wide) > 0)
