"""One frame by content: its digest, and its way into half float."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.wire import dumps

HALF_MAX = 65504.0  # largest finite IEEE 754 binary16; larger values would become infinity


@dataclass(frozen=True)
class Counted:
    """Pixels of one frame that half float could not take as they were, or should not hold.

    A pixel counts once however many of its channels are concerned.
    """

    nan: int = 0  # written as 0
    clipped: int = 0  # beyond +-65504 or infinite, written as +-65504
    negative: int = 0  # kept


def digest(pixels: NDArray[np.generic], channels: Sequence[str]) -> str:
    """Sha256 of a frame: a small canonical JSON header, then its bytes.

    ``pixels`` is ``(row, column, channel)`` of any dtype, hashed little-endian and C-contiguous;
    the header holds channel names, dtype and shape, so equal bytes of another form differ.
    Raises ValueError when the names do not fit the channels.
    """
    if pixels.ndim != 3 or pixels.shape[2] != len(channels):
        raise ValueError(f"{len(channels)} channel names for pixels of shape {pixels.shape}")
    head = {"channels": list(channels), "dtype": pixels.dtype.name, "shape": list(pixels.shape)}
    little = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<"))
    hashed = hashlib.sha256(dumps(head))
    hashed.update(little.data)
    return hashed.hexdigest()


def to_half(pixels: NDArray[np.floating]) -> tuple[NDArray[np.float16], Counted]:
    """Float pixels ``(row, column, channel)`` as half float: NaN is 0, the rest within +-65504.

    Values that are within keep the nearest half; nothing else is changed. A value that would only
    round past 65504 is held at 65504 and is not counted as clipped unless it lies beyond it.
    """
    low, high = float(pixels.min(initial=0.0)), float(pixels.max(initial=0.0))
    if low >= -HALF_MAX and high <= HALF_MAX:  # false as well when there is a NaN
        negative = _pixels(pixels < 0) if low < 0 else 0
        return pixels.astype(np.float16), Counted(negative=negative)
    nan = np.isnan(pixels)
    counted = Counted(_pixels(nan), _pixels(np.abs(pixels) > HALF_MAX), _pixels(pixels < 0))
    clean = np.where(nan, 0, np.clip(pixels, -HALF_MAX, HALF_MAX))
    return clean.astype(np.float16), counted


def _pixels(marked: NDArray[np.bool_]) -> int:
    return int(marked.any(axis=-1).sum())
