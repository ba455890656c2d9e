"""Settles a picture on another that shows the same, by fractions of a pixel that change slowly.

What other frames agree on behind a matte is off the frame it is meant for by tenths of a pixel, by
other tenths in the next: it would swim. How far is measured beside the matte, for near and far
things apart, and carried in under it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from .consensus import FAINT
from .shifts import Grey, grey, level_free

Mask = NDArray[np.bool_]
Flow = NDArray[np.float32]
"""``(row, column, 2)``: pixels to add, x then y."""

_PLENTY = 200_000  # pixels above which half of the columns and rows tell enough
_STEP = 4  # pixels, averaged before they are spread
_NEAR = (2.0,)  # such averages: how far a measure reaches
_INWARDS = (2.0, 4.0, 8.0, 16.0)  # the same, each step counting a quarter of the one before
_LAYERS = 5  # of depth
_ROUNDS = 2
_MOST = 1.5  # pixels; more is a mistake
_PLAIN = 3e-7  # of a mean squared gradient: too little to say anything, so nothing moves
_OTHER = 0.03  # tone beyond which a pixel shows something else
_RIM = 5  # pixels around what is hidden that are not looked at
_SHADE = 0.3  # stops of low-passed light beyond which it is a shadow that differs
_SLOW = 4.0  # pixels of that low pass
_SPECK = 7  # pixels; a smaller difference in light is none
_AROUND = 17  # pixels of a shadow's edge


def settled(
    target: Picture, open_: Mask, behind: Picture, known: Mask, depth: Grey | None
) -> Picture:
    """What is behind a target's matte, moved to where the target has it beside the matte.

    RGB scene-linear ``(row, column, 3)`` of one size; ``open_`` where the target shows it,
    ``known`` where there is something behind. ``depth`` ``(row, column)`` in any unit, or None:
    all is one plane. What touches the unknown stays as it is.
    """
    rows, columns = open_.shape
    half = 2 if open_.size > _PLENTY else 1
    ours, theirs = _less(target, half), _less(behind, half)
    both = _alike(ours, theirs, _less((open_ & known).astype(np.float32), half) > 0.99)
    ours = np.where(both[..., None], ours, theirs)  # else what is removed bleeds out
    flat = level_free(grey(ours)), level_free(grey(theirs))
    layers = _layers(None if depth is None else _less(depth, half), both.shape)
    flow = np.zeros((*both.shape, 2), np.float32)
    for _ in range(_ROUNDS):
        flow += _off(flat[0], _moved(flat[1], flow), _shrunk(both, _RIM), layers, _INWARDS)
    full = _sized(np.float32(half) * np.clip(flow, -_MOST, _MOST), (columns, rows))
    sure = _moved(_shrunk(known, _RIM).astype(np.float32), full) > 0.99
    return np.where(sure[..., None], _moved(behind, full), behind)


def nudged(ours: Picture, theirs: Picture, both: Mask) -> Picture:
    """``ours`` moved onto ``theirs`` where ``both`` show the same, each place by its own shift."""
    flat = level_free(grey(ours)), level_free(grey(theirs))
    return _moved(ours, _off(flat[1], flat[0], both, _layers(None, both.shape), _NEAR))


def _off(
    ours: Grey, theirs: Grey, both: Mask, layers: list[Grey], reach: tuple[float, ...]
) -> Flow:
    """Pixels to add to get to the same thing in theirs: Lucas and Kanade's, spread from afar."""
    import cv2

    mean = np.float32(0.5) * (ours + theirs)
    across = np.asarray(cv2.Sobel(mean, cv2.CV_32F, 1, 0, scale=0.125), np.float32)
    down = np.asarray(cv2.Sobel(mean, cv2.CV_32F, 0, 1, scale=0.125), np.float32)
    change = ours - theirs
    weight = (both / (1 + (change / _OTHER) ** 2) ** 2).astype(np.float32)
    pairs = (across, across), (across, down), (down, down), (across, change), (down, change)
    size = (ours.shape[1], ours.shape[0])
    total = np.zeros((*ours.shape, 2), np.float32)
    for layer in layers:
        meant = weight * layer
        xx, xy, yy, xt, yt = (_spread(a * b * meant, reach) for a, b in pairs)
        xx, yy = xx + np.float32(_PLAIN), yy + np.float32(_PLAIN)
        found = xx * yy - xy * xy
        by = np.stack([yy * xt - xy * yt, xx * yt - xy * xt], -1) / found[..., None]
        total += _sized(by.astype(np.float32), size) * layer[..., None]
    return np.asarray(np.clip(total, -_MOST, _MOST), np.float32)


def _spread(values: Grey, reach: tuple[float, ...]) -> Grey:
    """Averages, small: what is near counts most, what is far where there is nothing near."""
    import cv2

    small = _less(values, _STEP)
    total = np.zeros_like(small)
    for place, sigma in enumerate(reach):
        total += np.asarray(cv2.GaussianBlur(small, (0, 0), sigma)) / np.float32(4**place)
    return total


def _layers(depth: Grey | None, shape: tuple[int, ...]) -> list[Grey]:
    """How much each pixel belongs to each layer of depth; together 1 everywhere."""
    if depth is None:
        return [np.ones(shape, np.float32)]
    low, high = np.percentile(depth[::3, ::3], [2, 98])
    place = np.clip((depth - low) / max(float(high - low), 1e-3), 0, 1) * (_LAYERS - 1)
    return [np.clip(1 - np.abs(place - at), 0, 1).astype(np.float32) for at in range(_LAYERS)]


def _alike(target: Picture, behind: Picture, both: Mask) -> Mask:
    """Where both show the same, the shadow of what is removed left out."""
    import cv2

    sure = _shrunk(both, _RIM)
    weight = sure.astype(np.float32)
    share = np.maximum(cv2.GaussianBlur(weight, (0, 0), _SLOW), 0.05)
    ours, theirs = (
        np.maximum(cv2.GaussianBlur(one[..., 1] * weight, (0, 0), _SLOW) / share, 0) + FAINT
        for one in (target, behind)
    )
    shade = (np.abs(np.log2(ours / theirs)) > _SHADE).astype(np.uint8)
    large = cv2.morphologyEx(shade, cv2.MORPH_OPEN, np.ones((_SPECK, _SPECK), np.uint8))
    shaded = np.asarray(cv2.dilate(large, np.ones((_AROUND, _AROUND), np.uint8))) > 0
    return np.asarray(sure & ~shaded)


def _shrunk(mask: Mask, by: int) -> Mask:
    import cv2

    return np.asarray(cv2.erode(mask.astype(np.uint8), np.ones((by, by), np.uint8)) > 0)


def _moved(picture: Picture, flow: Flow) -> Picture:
    import cv2

    y, x = np.mgrid[0 : flow.shape[0], 0 : flow.shape[1]].astype(np.float32)
    at = (x + flow[..., 0], y + flow[..., 1])
    moved = cv2.remap(picture, *at, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _less(picture: Picture, factor: int) -> Picture:
    import cv2

    if factor == 1:
        return picture
    size = tuple(max(1, side // factor) for side in picture.shape[1::-1])
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _sized(flow: Flow, size: tuple[int, int]) -> Flow:
    import cv2

    return np.asarray(cv2.resize(flow, size), np.float32)
