"""Looks through a window into a picture: resampled in linear light, without halos or jitter."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..media.footage import Picture
from .framing import Window

_MARGIN = 6  # source pixels around the window: Lanczos of eight taps and the filter before it


def through(picture: Picture, window: Window, width: int, height: int) -> Picture:
    """What is in the window, as a picture of this size.

    ``(row, column, channel)`` float32 in scene-linear light, RGB or RGBA unpremultiplied; the same
    comes back. Lanczos of eight taps, held between the darkest and brightest source pixels around
    each point, so that no edge rings and nothing turns negative. Reduction is filtered first.
    Continuous in the window: a move of a hundredth of a pixel changes the picture by as little.
    """
    import cv2

    source, window = _cut(picture, window)
    if source.shape[2] == 4:
        source[..., :3] *= source[..., 3:]
    step_x, step_y = window.w / width, window.h / height
    if max(step_x, step_y) > 1.0:
        source = _filtered(source, max(step_x, step_y))
    matrix = np.array(
        [
            [step_x, 0, window.x + 0.5 * step_x - 0.5],
            [0, step_y, window.y + 0.5 * step_y - 0.5],
        ]
    )

    def warped(of: Picture, taps: int) -> Picture:
        how: dict[str, Any] = {"flags": taps | cv2.WARP_INVERSE_MAP}
        made = cv2.warpAffine(of, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE, **how)
        return np.asarray(made, np.float32).reshape(height, width, of.shape[2])

    seen = warped(source, cv2.INTER_LANCZOS4)
    around = np.ones((3, 3), np.uint8)
    low = np.asarray(cv2.erode(source, around), np.float32).reshape(source.shape)
    high = np.asarray(cv2.dilate(source, around), np.float32).reshape(source.shape)
    np.maximum(seen, warped(low, cv2.INTER_LINEAR), out=seen)
    np.minimum(seen, warped(high, cv2.INTER_LINEAR), out=seen)
    if seen.shape[2] == 4:
        np.divide(seen[..., :3], seen[..., 3:], out=seen[..., :3], where=seen[..., 3:] > 1e-6)
    return seen


def _cut(picture: Picture, window: Window) -> tuple[Picture, Window]:
    """The part of the picture that the window needs, with a margin, and the window within it."""
    rows, columns = picture.shape[:2]
    left, top = max(0, math.floor(window.x) - _MARGIN), max(0, math.floor(window.y) - _MARGIN)
    right = min(columns, math.ceil(window.x + window.w) + _MARGIN)
    bottom = min(rows, math.ceil(window.y + window.h) + _MARGIN)
    part = np.array(picture[top:bottom, left:right], np.float32, order="C")
    with np.errstate(all="ignore"):
        clean = bool(np.isfinite(np.dot(part.ravel(), part.ravel())))  # one pass, no copy
    if not clean:
        np.nan_to_num(part, copy=False, nan=0.0, posinf=65504.0, neginf=0.0)
    return part, window.moved(-left, -top)


def _filtered(source: Picture, step: float) -> Picture:
    """Without the detail that a picture this many times smaller cannot show."""
    import cv2

    sigma = 0.5 * math.sqrt(step * step - 1)
    soft = cv2.GaussianBlur(source, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft, np.float32).reshape(source.shape)
