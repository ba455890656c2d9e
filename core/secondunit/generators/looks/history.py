"""What the frames before have shown of the same surface, carried along by the motion pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frame import Passes, Plane

MOST = 8  # frames that are remembered: older light fades out
_DEPTH = 0.04  # relative: farther off it is another surface
_DRIFT = 0.35  # of the planes' own unit: light that changed by more is believed at once
_SIGNS = ((1, 1), (1, -1), (-1, 1), (-1, -1))
_SOUND = 0.6  # share of pixels that must land on their own object for a motion pass to be used


class History:
    """Planes of the frame before. Memory is that of one frame.

    The sign of a renderer's motion vectors is found by trying: the one whose pixels land on their
    own object counts, for the whole shot.
    """

    def __init__(self) -> None:
        self._planes: list[Plane] = []
        self._passes: Passes | None = None
        self._count: Plane | None = None
        self._sign: tuple[int, int] | None = None

    def mixed(self, planes: Sequence[Plane], passes: Passes) -> list[Plane]:
        """The planes, mixed with what was there before where the same surface was seen."""
        current = list(planes)
        count = np.ones(passes.near.shape, np.float32)
        found = self.landed(passes)
        if found is not None:
            where, same = found
            count += _warped(self._count, where) * same
            share = same - same / count
            before = [_warped(plane, where) for plane in self._planes]
            for index, (old, new) in enumerate(zip(before, current, strict=True)):
                held = np.clip(old, new - np.float32(_DRIFT), new + np.float32(_DRIFT))
                current[index] = new + (held - new) * share
            np.minimum(count, MOST, out=count)
        self._planes, self._passes, self._count = current, passes, count
        return current

    def landed(self, passes: Passes) -> tuple[NDArray[np.float32], Plane] | None:
        """Where each pixel was in the frame before, ``(row, column, 2)`` x and y, and 1 where it
        is the same surface; None when there is no frame before or no motion that fits."""
        if self._passes is None or passes.motion is None:
            return None
        if self._passes.near.shape != passes.near.shape:
            return None
        signs = (self._sign,) if self._sign else _SIGNS
        tried = [(sign, *self._tried(passes, sign)) for sign in signs]
        sign, where, same = max(tried, key=lambda one: float(one[2].mean()))
        if float(same.mean()) < _SOUND and self._sign is None:
            return None
        if self._sign is None and float(np.abs(passes.motion[..., :2]).mean()) > 0.25:
            self._sign = sign  # a frame in which nothing moves tells nothing about signs
        return where, same

    def _tried(self, passes: Passes, sign: tuple[int, int]) -> tuple[NDArray[np.float32], Plane]:
        before, motion = self._passes, passes.motion
        assert before is not None
        assert motion is not None
        high, wide = passes.near.shape
        where = np.empty((high, wide, 2), np.float32)
        where[..., 0] = np.arange(wide)
        where[..., 1] = np.arange(high)[:, None]
        where += motion[..., :2] * np.array(sign, np.float32)
        x = np.rint(where[..., 0]).astype(np.int32)
        y = np.rint(where[..., 1]).astype(np.int32)
        inside = (x >= 0) & (x < wide) & (y >= 0) & (y < high)
        at = np.clip(y, 0, high - 1) * wide + np.clip(x, 0, wide - 1)
        own = before.ids.ravel()[at] == passes.ids
        old = before.near.ravel()[at]
        limit = np.float32(_DEPTH) * np.maximum(old, passes.near)
        same = inside & own & (np.abs(old - passes.near) <= limit)
        return where, same.astype(np.float32)


def _warped(plane: Plane | None, where: NDArray[np.float32]) -> Plane:
    import cv2

    assert plane is not None
    nothing: Any = None  # the second half of a map that has both in one
    made: Any = cv2.remap(plane, where, nothing, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(made, np.float32)
