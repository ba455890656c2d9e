"""What most pictures agree on, pixel by pixel: a robust mean of those in which it is seen.

A sorting network over whole pictures: many times faster than a median with gaps, and exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture

_CHUNK = 1 << 13  # pixels at a time: stays in the cache
FAINT = 0.01  # scene-linear; added before ratios, so that noise in the darks is no difference


@dataclass(frozen=True)
class Agreed:
    """``picture`` ``(row, column, 3)`` float32; 0 where nothing is seen.

    count
        ``(row, column)`` uint8: in how many pictures a pixel is seen.
    spread
        ``(row, column)`` float32, stops between the quartiles of what is seen.
    """

    picture: Picture
    count: NDArray[np.uint8]
    spread: NDArray[np.float32]


def agreed(stack: NDArray[np.floating[Any]], seen: NDArray[np.bool_]) -> Agreed:
    """What pictures ``(picture, row, column, 3)`` agree on where they are ``seen``.

    The mean of the middle third: as robust as a median against a third of strangers on either
    side, with less grain. Every seen value is finite.
    """
    count, rows, columns, _ = stack.shape
    flat, lit = stack.reshape(count, -1, 3), seen.reshape(count, -1)
    picture = np.zeros((rows * columns, 3), np.float32)
    number = np.zeros(rows * columns, np.uint8)
    spread = np.zeros(rows * columns, np.float32)
    network = list(_network(count))
    for start in range(0, rows * columns, _CHUNK):
        part = slice(start, start + _CHUNK)
        picture[part], number[part], spread[part] = _middle(flat[:, part], lit[:, part], network)
    shape = (rows, columns)
    return Agreed(picture.reshape(*shape, 3), number.reshape(shape), spread.reshape(shape))


def _middle(
    values: NDArray[np.floating[Any]], seen: NDArray[np.bool_], network: list[tuple[int, int]]
) -> tuple[Picture, NDArray[np.uint8], NDArray[np.float32]]:
    lanes = [
        np.where(lit[:, None], one.astype(np.float32), np.float32(np.inf))
        for one, lit in zip(values, seen, strict=True)
    ]
    low = np.empty_like(lanes[0])
    for a, b in network:
        np.minimum(lanes[a], lanes[b], out=low)
        np.maximum(lanes[a], lanes[b], out=lanes[b])
        lanes[a], low = low, lanes[a]
    count = seen.sum(0)
    first, end = (count - 1) // 2 - count // 6, count // 2 + 1 + count // 6
    total = np.zeros_like(low)
    for index in range(max(0, int(first.min())), int(end.max(initial=0))):
        inside = (index >= first) & (index < end) & (index < count)
        if inside.any():
            np.add(total, lanes[index], out=total, where=inside[:, None])
    total /= np.maximum(end - first, 1)[:, None]
    ordered, every = np.stack(lanes), np.arange(len(count))
    quarter = np.minimum(count // 4, len(lanes) - 1)
    below, above = (ordered[at, every] for at in (quarter, np.maximum(count - 1 - quarter, 0)))
    light = [np.maximum(np.where(count > 0, one.mean(1), 0), 0) + FAINT for one in (below, above)]
    return total, count.astype(np.uint8), np.log2(light[1] / light[0]).astype(np.float32)


def _network(count: int) -> Iterator[tuple[int, int]]:
    """Batcher's odd-even merge sort: which lanes to put in order, one pair after the other."""
    p = 1
    while p < count:
        k = p
        while k >= 1:
            for j in range(k % p, count - k, 2 * k):
                for i in range(min(k, count - j - k)):
                    if (i + j) // (2 * p) == (i + j + k) // (2 * p):
                        yield i + j, i + j + k
            k //= 2
        p *= 2
