"""Grain from real frames: what they have beyond the mean picture, played on in order.

Residuals of consecutive frames, run forth and back, so that grain moves as the camera's own does
and never stands still. Slow differences are taken out: they are light or shadow, not grain.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from .consensus import FAINT

Mask = NDArray[np.bool_]

COARSE = 5.0  # pixels; coarser differences are not grain
AGREES = 0.22  # stops of low-passed light within which a frame shows the same thing
_LUMPS = 1.5  # pixels: grain is finer, for the most part
_AROUND = 6.0  # pixels around that tell how strong it is
_BINS = 5  # of brightness
_FEW = 7  # every so many pixels tell enough
_CALM = 25  # percentile of strengths that is grain's own: elsewhere the picture may be in it
_ROOM = 1.5  # times that
_CAP = 0.6  # of the picture behind: more is no grain but something that moved


def residual(frame: Picture, behind: Picture, seen: Mask) -> tuple[Picture, Mask]:
    """The grain of a frame over the picture behind in the frame's light, and where it is believed.

    ``(row, column, 3)`` float32 scene-linear, 0 where it is not believed.
    """
    weight = seen.astype(np.float32)
    share = np.maximum(_low(weight), 1e-3)
    over = (frame - behind) * weight[..., None]
    slow = _low(over) / share[..., None]
    level = np.maximum(_low(behind[..., 1] * weight) / share, 0) + FAINT
    off = np.abs(np.log2(np.maximum(level + slow[..., 1], 1e-4) / level))
    believed = seen & (off < AGREES) & (share > 0.35)
    cap = (_CAP * (np.maximum(behind, 0) + FAINT)).astype(np.float32)
    fine = np.clip(over - slow, -cap, cap).astype(np.float32)
    fine[~believed] = 0
    return fine, believed


def calmed(grain: Picture, behind: Picture, believed: Mask) -> Picture:
    """The grain without what is coarser than it is elsewhere, at the same brightness.

    That is no grain but the picture itself, laid a little off: it would boil. ``(row, column, 3)``.
    """
    import cv2

    coarse = cv2.GaussianBlur(grain, (0, 0), _LUMPS)
    weight = believed.astype(np.float32)
    share = np.maximum(cv2.GaussianBlur(weight, (0, 0), _AROUND), 1e-3)
    energy = cv2.GaussianBlur((coarse * coarse).mean(-1), (0, 0), _AROUND) / share
    bright = cv2.GaussianBlur(behind.mean(-1), (0, 0), _AROUND)
    levels, told = bright[believed][::_FEW], energy[believed][::_FEW]
    if len(told) < _BINS * _FEW:
        return grain
    edges = np.quantile(levels, np.linspace(0, 1, _BINS + 1))
    inside = np.clip(np.searchsorted(edges, levels, side="right") - 1, 0, _BINS - 1)
    at = [np.median(levels[inside == one]) for one in range(_BINS) if (inside == one).any()]
    usual = [np.percentile(told[inside == one], _CALM) for one in range(_BINS)
             if (inside == one).any()]  # fmt: skip
    most = _ROOM * np.interp(bright, at, usual)
    part = np.sqrt(np.clip(most / np.maximum(energy, 1e-12), 0, 1)).astype(np.float32)
    return np.asarray(grain - coarse * (1 - part[..., None]), np.float32)


def step(index: int, count: int) -> int:
    """Which of ``count`` frames is played at ``index``: forth and back, never twice in a row."""
    if count < 2:
        return 0
    at = index % (2 * count - 2)
    return at if at < count else 2 * count - 2 - at


def _low(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Low-passed, at a quarter of the size: what is coarse needs no more."""
    import cv2

    rows, columns = picture.shape[:2]
    small = (max(1, columns // 4), max(1, rows // 4))
    part = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(part, (0, 0), COARSE / 4)
    return np.asarray(cv2.resize(soft, (columns, rows)), np.float32)
