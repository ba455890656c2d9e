"""Finds each pixel of a frame in the frame before, by the motion pass, and what shows the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frame import Passes, Plane

_DEPTH = 0.04  # relative: farther off it is another surface
_SIGNS = ((1, 1), (1, -1), (-1, 1), (-1, -1))
_SOUND = 0.6  # share of pixels that must land on their own object for a motion pass to be used
_STILL = 0.25  # pixels: a frame in which less moves tells nothing about signs


@dataclass(frozen=True)
class Landed:
    """``where`` each pixel was, ``(row, column, 2)`` x and y in the frame before; ``same`` is 1
    where that shows the same surface."""

    where: NDArray[np.float32]
    same: Plane

    def warped(self, plane: NDArray[np.float32], *, sharp: bool = False) -> NDArray[np.float32]:
        """What the frame before had, in the places of this one."""
        import cv2

        how = cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR
        return _taken(plane, self.where, how)


class Motion:
    """Remembers the frame before. Memory is that of one frame.

    The sign of a renderer's motion vectors is found by trying: the one whose pixels land on their
    own object counts, for the whole shot.
    """

    def __init__(self) -> None:
        self._near: Plane | None = None
        self._ids: NDArray[np.float32] | None = None
        self._sign: tuple[int, int] | None = None

    def keep(self, passes: Passes) -> None:
        """This frame is the one before from now on."""
        self._near, self._ids = passes.near, _bits(passes.ids)

    def landed(self, passes: Passes) -> Landed | None:
        """Where this frame's pixels were; None without a frame before or a motion that fits."""
        if self._near is None or passes.motion is None or self._near.shape != passes.near.shape:
            return None
        if self._sign is not None:
            return self._tried(passes, self._sign)
        tried = {sign: self._tried(passes, sign) for sign in _SIGNS}
        best = max(tried, key=lambda sign: float(tried[sign].same.mean()))
        if float(tried[best].same.mean()) < _SOUND:
            return None
        if float(np.abs(passes.motion[..., :2]).mean()) > _STILL:
            self._sign = best
        return tried[best]

    def _tried(self, passes: Passes, sign: tuple[int, int]) -> Landed:
        import cv2

        assert self._near is not None
        assert self._ids is not None
        assert passes.motion is not None
        high, wide = passes.near.shape
        where = passes.motion[..., :2] * np.array(sign, np.float32)
        where[..., 0] += np.arange(wide, dtype=np.float32)
        where[..., 1] += np.arange(high, dtype=np.float32)[:, None]
        own = _taken(self._ids, where, cv2.INTER_NEAREST).view(np.int32) == passes.ids
        old = _taken(self._near, where, cv2.INTER_NEAREST)
        off = np.abs(old - passes.near)
        own &= off <= np.float32(_DEPTH) * np.maximum(old, passes.near)
        x, y = where[..., 0], where[..., 1]
        own &= (x >= 0) & (x <= wide - 1) & (y >= 0) & (y <= high - 1)
        return Landed(where, own.astype(np.float32))


def _bits(ids: NDArray[np.int32]) -> NDArray[np.float32]:
    """The same bits as floats, which can be looked up like a picture."""
    return np.ascontiguousarray(ids).view(np.float32)


def _taken(plane: NDArray[np.float32], where: NDArray[np.float32], how: int) -> NDArray[np.float32]:
    import cv2

    nothing: Any = None  # the second half of a map that has both in one
    made: Any = cv2.remap(plane, where, nothing, how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(made, np.float32)
