"""Toon for a viewport: from a picture and its depth alone, small and at once.

What a host draws off screen has no ids and no normals. Lines come from depth, tones from the
picture's own light. A session keeps a few numbers from frame to frame, so that neither exposure nor
tones pump; nothing else is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...media.footage import Picture
from .frame import FAR, Plane
from .lines import jumps
from .tones import eased

Shown = NDArray[np.float32] | NDArray[np.uint8]

_INK = np.array((0.075, 0.06, 0.085), np.float32)
_SLOW = 0.08  # share of a new frame in what the session holds
_FLAT = 0.10  # codes: a picture with less between its dark and light is one tone
_CUT = 0.25  # codes: a picture that differs by more from what is held is another shot


@dataclass
class Session:
    """What one viewport keeps: the levels its light is parted at, codes 0..1."""

    low: float = -1.0
    high: float = -1.0


def toon(
    colour: Shown, depth: Plane, session: Session, *, bands: int = 3, line: float = 1.0
) -> Picture:
    """``(row, column, 3)`` float32, display codes 0..1, origin as the picture's.

    colour
        ``(row, column, 3 or 4)``, display codes: uint8 0..255 or float32 0..1; alpha is not used.
    depth
        ``(row, column)`` float32 distance in any unit; 0, infinity or 50,000 and more is nothing.
        A depth buffer of 0..1 must be made distance first: ``distance``.

    Raises ValueError for a depth of another size.
    """
    if depth.shape != colour.shape[:2]:
        raise ValueError(f"the depth is {depth.shape} and the picture {colour.shape[:2]}")
    codes = _codes(colour)
    smooth = _smooth(codes)
    grey = smooth @ np.array((0.30, 0.56, 0.14), np.float32)
    low, high = _levels(grey, session)
    made = smooth
    if high - low > _FLAT and bands > 1:
        made = smooth * _banded(grey, low, high, bands)[..., None]
    lines = _lines(depth, line) if line > 0 else None
    if lines is not None:
        made = made + (_INK - made) * lines[..., None]
    shown: Picture = np.clip(made, 0, 1)
    return shown


def distance(buffer: Plane, near: float, far: float) -> Plane:
    """Distances of a perspective depth buffer of 0..1; what is at the far end is nothing."""
    clip = np.float32(2) * buffer - 1
    made: Plane = np.float32(2 * near * far) / (
        np.float32(far + near) - clip * np.float32(far - near)
    )
    made[buffer >= 1] = 0
    return made


def _codes(colour: Shown) -> Picture:
    rgb = np.ascontiguousarray(colour[..., :3])
    if rgb.dtype == np.uint8:
        return rgb.astype(np.float32) * np.float32(1 / 255)
    made: Picture = np.clip(np.nan_to_num(rgb.astype(np.float32, copy=False)), 0, 1)
    return made


def _smooth(codes: Picture) -> Picture:
    """Without the picture's finest detail; its edges stay."""
    import cv2

    made: Any = cv2.bilateralFilter(codes, 5, 0.08, 2.0)
    return np.asarray(made, np.float32)


def _levels(grey: Plane, session: Session) -> tuple[float, float]:
    low, high = (float(one) for one in np.quantile(grey[::4, ::4], (0.06, 0.94)))
    fresh = session.low < 0 or max(abs(low - session.low), abs(high - session.high)) > _CUT
    share = 1.0 if fresh else _SLOW
    session.low += (low - session.low) * share
    session.high += (high - session.high) * share
    return session.low, session.high


def _banded(grey: Plane, low: float, high: float, bands: int) -> Plane:
    """By how much each pixel's light is raised or lowered to that of its band."""
    import cv2

    across: Any = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125)
    down: Any = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125)
    place = (grey - np.float32(low)) * np.float32(bands / (high - low))
    half = np.sqrt(across * across + down * down) * np.float32(1.2 * bands / (high - low))
    np.clip(half, 0.06, 0.5, out=half)
    band = np.zeros(grey.shape, np.float32)
    for limit in range(1, bands):
        band += eased((place - np.float32(limit)) / half, -1, 1)
    wanted = np.float32(low) + (band + np.float32(0.5)) * np.float32((high - low) / bands)
    ratio: Plane = np.clip((wanted + np.float32(0.04)) / (grey + np.float32(0.04)), 0.45, 1.8)
    return ratio


def _lines(depth: Plane, line: float) -> Plane:
    """Where depth jumps, and where nothing begins; anti-aliased."""
    import cv2

    there = np.isfinite(depth) & (depth > 0) & (depth < FAR)
    near = np.divide(1, depth, out=np.zeros(depth.shape, np.float32), where=there)
    sure = jumps(near, np.zeros(near.shape, np.int32))
    border = there.astype(np.uint8)
    sure = np.maximum(sure, cv2.subtract(border, cv2.erode(border, np.ones((3, 3), np.uint8))))
    sure[0] = sure[-1] = 0
    sure[:, 0] = sure[:, -1] = 0
    soft: Any = cv2.GaussianBlur(np.asarray(sure, np.float32), (0, 0), 0.75)
    weight = np.float32(1.55 * min(line, 3.0))
    made: Plane = np.clip(np.asarray(soft, np.float32) * weight, 0, 1)
    return made
