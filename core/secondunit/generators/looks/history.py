"""What the frames before have shown of the same surface: light is gathered, drawing is settled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .frame import Passes, Plane
from .motion import Landed, Motion

_MOST = 8  # frames of light that are remembered: older light fades out
_DRIFT = 0.35  # stops: light that changed by more is believed at once
_HELD = 0.7  # share of what was drawn before in what is drawn now


class Light:
    """Planes of light, in stops, mixed with those of the frames before. Memory of one frame."""

    def __init__(self) -> None:
        self._motion = Motion()
        self._planes: list[Plane] = []
        self._count: Plane | None = None

    def landed(self, passes: Passes) -> Landed | None:
        """Where the frame before had these pixels; ask before ``mixed``."""
        return self._motion.landed(passes)

    def mixed(self, planes: Sequence[Plane], passes: Passes) -> list[Plane]:
        """The planes with what was there before where the same surface was seen."""
        current = list(planes)
        count = np.ones(passes.near.shape, np.float32)
        found = self._motion.landed(passes)
        if found is not None and self._count is not None:
            count += found.warped(self._count) * found.same
            share = found.same - found.same / count
            for index, new in enumerate(planes):
                old = found.warped(self._planes[index])
                held = np.clip(old, new - np.float32(_DRIFT), new + np.float32(_DRIFT))
                current[index] = new + (held - new) * share
            np.minimum(count, _MOST, out=count)
        self._planes, self._count = current, count
        self._motion.keep(passes)
        return current


class Settling:
    """What is drawn, held still: borders and strokes do not crawl from frame to frame.

    Nothing of the frame before is kept that this frame does not show within a pixel.
    """

    def __init__(self) -> None:
        self._motion = Motion()
        self._before: NDArray[np.float32] | None = None

    def settled(self, drawn: NDArray[np.float32], passes: Passes) -> NDArray[np.float32]:
        """``(row, column)`` or ``(row, column, 3)`` float32, 0..1."""
        import cv2

        found = self._motion.landed(passes)
        if found is not None and self._before is not None:
            square = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))
            old = found.warped(self._before, sharp=True)
            low = np.asarray(cv2.erode(drawn, square), np.float32)
            high = np.asarray(cv2.dilate(drawn, square), np.float32)
            np.clip(old, low, high, out=old)
            old -= drawn
            share = found.same * np.float32(_HELD)
            old *= share if old.ndim == 2 else share[..., None]
            drawn = drawn + old
        self._before = drawn
        self._motion.keep(passes)
        return drawn
