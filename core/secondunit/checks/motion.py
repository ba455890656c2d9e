"""What moved between a frame and the one before it, so that light can be compared along it.

One dense optical flow for each pair of frames, at 480 columns, shared by every check that needs it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..media.sight import GAMMA, Plane, Sight

WIDTH = 480  # columns; measured 58 frames a second on one core, and finer detail is grain
_LOST = 0.5  # squared pixels that forward and backward flow may disagree by, plus a hundredth
_DARK, _BRIGHT = 16.0, 240.0  # codes between which a ratio of light means something
_LEAST = 100  # pixels


@dataclass(frozen=True)
class Step:
    """From the frame before to this one. Pictures are ``(row, column)``, 480 columns or fewer."""

    ratio: Plane  # log2 of light now over light before, along the motion; stops
    usable: NDArray[np.bool_]  # seen in both frames, neither black nor white
    flow: NDArray[np.float32]  # pixels from this frame back to the one before, (row, column, 2)
    lost: float  # share of the picture whose motion could not be followed, 0..1

    @property
    def gain(self) -> float:
        """The light of the whole picture, now over before, in stops: a median. 0 where unknown."""
        if np.count_nonzero(self.usable) < _LEAST:
            return 0.0
        return float(np.median(self.ratio[self.usable]))


def step(sight: Sight) -> Step | None:
    """The step that leads to this frame; None for the first of a take."""
    before = sight.before
    if before is None:
        return None
    return sight.once("motion", lambda: _step(before.small_luma(WIDTH), sight.small_luma(WIDTH)))


def _step(before: Plane, now: Plane) -> Step:
    import cv2

    old, new = (np.clip(np.rint(plane), 0, 255).astype(np.uint8) for plane in (before, now))
    rows, columns = now.shape
    if min(rows, columns) < 24:  # too small for the flow's patches
        flow = np.zeros((rows, columns, 2), np.float32)
        lost = np.zeros((rows, columns), bool)
    else:
        dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        still = np.zeros((rows, columns, 2), np.float32)
        flow = np.asarray(dis.calc(new, old, still.copy()), np.float32)
        onward = np.asarray(dis.calc(old, new, still), np.float32)
        lost = _disagree(flow, onward)
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    over = cv2.remap(before, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR)
    ratio = GAMMA * np.log2((now + 1) / (over + 1))
    usable = ~lost & (over > _DARK) & (over < _BRIGHT) & (now > _DARK) & (now < _BRIGHT)
    return Step(np.asarray(ratio, np.float32), usable, flow, float(lost.mean()))


def _disagree(flow: NDArray[np.float32], onward: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where going there and back again does not end where it began, or outside the picture."""
    import cv2

    rows, columns = flow.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    x, y = x + flow[..., 0], y + flow[..., 1]
    back = cv2.remap(onward, x, y, cv2.INTER_LINEAR)
    off = ((flow + back) ** 2).sum(-1)
    most = 0.01 * ((flow**2).sum(-1) + (back**2).sum(-1)) + _LOST
    outside = (x < 0) | (y < 0) | (x > columns - 1) | (y > rows - 1)
    return np.asarray((off > most) | outside)
