"""How strong the grain is in one stretch of a shot against another, by pictures that follow.

A codec gives a stretch less grain when something moves in it, a camera more when it opens up:
grain that is carried over must be as strong as that around it, or the fill boils or stands still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .consensus import FAINT
from .halves import wide
from .stock import Kept, Mask, Stock

_BLOCK = 16  # pixels; one figure for each, so that something that moves elsewhere says little
_SOFT = 2.0  # pixels; slower differences between two frames are light
_BLOCKS = 24  # seen in both, below which nothing is said
_PAIRS = 6  # pairs of frames looked at in a stretch
_LEAST = 1e-4  # stops; a block without grain says nothing
_LIMITS = (0.25, 2.0)  # times that grain may be made weaker or stronger

Noise = NDArray[np.float32]
"""Stops between two frames that follow, a mean for each block; NaN where it is not told."""


def noise(stock: Stock, indexes: Sequence[int]) -> Noise:
    """The grain in a stretch of frames of a locked camera, outside what is hidden in them."""
    pairs = [(a, b) for a, b in pairwise(indexes) if b == a + 1]
    picks = np.linspace(0, len(pairs) - 1, min(_PAIRS, len(pairs))).round().astype(int)
    told = [_between(stock.take(a), stock.take(b)) for a, b in (pairs[pick] for pick in picks)]
    if not told:
        return np.full((1, 1), np.nan, np.float32)
    return _mean(told)


def strength(here: Noise, there: Noise) -> float:
    """What grain from ``there`` must be multiplied by to be as strong as it is ``here``."""
    if here.shape != there.shape:
        return 1.0
    both = (there > _LEAST) & np.isfinite(here)
    if np.count_nonzero(both) < _BLOCKS:
        return 1.0
    return float(np.clip(np.median(here[both] / there[both]), *_LIMITS))


def _between(first: Kept, second: Kept) -> Noise:
    import cv2

    seen = first.seen & second.seen
    change = _stops(first) - _stops(second)
    change -= np.asarray(cv2.GaussianBlur(change, (0, 0), _SOFT), np.float32)
    rows, columns = (max(1, size // _BLOCK) for size in seen.shape)
    means = cv2.resize(np.abs(change), (columns, rows), interpolation=cv2.INTER_AREA)
    share = cv2.resize(seen.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    told = np.asarray(means, np.float32).reshape(rows, columns)
    return np.where(np.asarray(share).reshape(rows, columns) > 0.999, told, np.float32(np.nan))


def _stops(kept: Kept) -> NDArray[np.float32]:
    """Of the green channel: it has most of what an eye sees."""
    return np.log2(np.maximum(wide(kept.pixels[..., 1]), 0) + FAINT)


def _mean(told: Iterable[Noise]) -> Noise:
    """The mean of what is told of each block."""
    stack = np.stack(list(told))
    known: Mask = np.isfinite(stack)
    count = known.sum(0)
    total = np.where(known, stack, 0).sum(0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
