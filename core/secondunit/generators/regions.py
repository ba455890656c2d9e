"""Finds what an insert could be of: parts of a shot with detail and motion that stay put."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Region

from ..contract.levels import DARKEST, proxy, stops
from ..hookspecs import Watch
from ..media.footage import Footage, Picture

WIDTH = 192  # columns looked at; an insert's subject is larger than a pixel of this
LOOKS = 5  # places in the span looked at, two frames each
MOST = 3  # regions given
EDGE = 0.03  # of the picture that a window keeps away from the edges where it can
ENOUGH = 0.6  # below the best score, in means of the picture; what is less is not offered

Map = NDArray[np.float32]


def regions(
    footage: Footage, span: Sequence[int], share: tuple[float, float], watch: Watch
) -> tuple[Region, ...]:
    """Up to three windows of this share of width and height, the most telling first.

    Never empty: a picture without any detail gives its middle. Same frames, same regions.
    """
    worth, reach = _worth(footage, span, watch)
    rows, columns = worth.shape
    w, h = max(1, round(share[0] * columns)), max(1, round(share[1] * rows))
    score = _scores(worth, reach, w, h)
    found: list[Region] = []
    best = float(score.max())
    while len(found) < MOST:
        y, x = np.unravel_index(int(score.argmax()), score.shape)
        if score[y, x] == -np.inf or (found and score[y, x] < best - ENOUGH):
            break
        found.append((float(x / columns), float(y / rows), share[0], share[1]))
        top, left = max(0, y - h // 3), max(0, x - w // 3)
        score[top : y + h // 3 + 1, left : x + w // 3 + 1] = -np.inf
    return tuple(found)


def _worth(footage: Footage, span: Sequence[int], watch: Watch) -> tuple[Map, Map]:
    """What there is to see at each place: lastingly, and at any time at all."""
    looks = []
    for number in _looked_at(span):
        watch.check()
        first = proxy(footage.frame(number), WIDTH)
        second = proxy(footage.frame(min(number + 1, span[-1])), WIDTH)
        looks.append(_telling(first, second))
    stack = np.array(looks)
    lasting = 0.5 * stack.mean(axis=0) + 0.5 * stack.min(axis=0)
    return np.asarray(lasting, np.float32), np.asarray(stack.max(axis=0), np.float32)


def _looked_at(span: Sequence[int]) -> Iterator[int]:
    last = len(span) - 1
    yield from dict.fromkeys(span[round(last * k / (LOOKS - 1))] for k in range(LOOKS))


def _telling(first: Picture, second: Picture) -> Map:
    """Detail, motion and a colour of its own, each brought to a mean of one."""
    import cv2

    logs = np.maximum(stops(first), np.median(stops(first)) - 5)
    along = cv2.Sobel(logs, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(logs, cv2.CV_32F, 0, 1)
    detail = np.minimum(np.hypot(along, down), 3.0)
    moved = np.minimum(np.abs(stops(second) - stops(first)), 1.0)
    colours = np.log2(np.maximum(first, 16 * DARKEST))
    own = colours - colours.mean(axis=2, keepdims=True)
    strange = np.linalg.norm(own - np.median(own, axis=(0, 1)), axis=2)
    strange = np.minimum(strange, 2.0) * (first.max(axis=2) > 0.01)
    total = _even(detail) + 0.6 * _even(moved) + 0.6 * _even(strange)
    return np.asarray(cv2.GaussianBlur(total, (0, 0), 2.0), np.float32)


def _even(values: NDArray[np.floating]) -> NDArray[np.floating]:
    mean = float(values.mean())
    return values / mean if mean > 1e-4 else np.zeros_like(values)


def _scores(worth: Map, reach: Map, w: int, h: int) -> NDArray[np.float64]:
    """A score for each top-left corner of a window, about 1 for an even picture.

    Rich inside for all the time; little at any time at its border, least of all at its upper one,
    where heads are cut off; rather near the middle, and away from the picture's edges.
    """
    rows, columns = worth.shape
    inset, strip = max(1, min(w, h) // 6), max(1, h // 8)
    inner = _means(worth, w, h, inset if min(w, h) > 2 * inset else 0)
    border = (_means(reach, w, strip, 0)[: rows - h + 1] * 2
              + _means(reach, w, strip, 0)[h - strip :][: rows - h + 1]
              + _means(reach, strip, h, 0)[:, : columns - w + 1]
              + _means(reach, strip, h, 0)[:, w - strip :][:, : columns - w + 1]) / 5  # fmt: skip
    y, x = np.mgrid[0 : inner.shape[0], 0 : inner.shape[1]]
    off = np.hypot((x + w / 2) / columns - 0.5, (y + h / 2) / rows - 0.5)
    score = inner - 0.5 * border - 0.6 * off
    edge_x, edge_y = round(EDGE * columns), round(EDGE * rows)
    near = (x < edge_x) | (x > score.shape[1] - 1 - edge_x)
    near |= (y < edge_y) | (y > score.shape[0] - 1 - edge_y)
    return np.asarray(score - 0.3 * near, np.float64)


def _means(worth: Map, w: int, h: int, inset: int) -> NDArray[np.float64]:
    """The mean of a window less an inset, for each top-left corner of the whole window."""
    rows, columns = worth.shape
    sums = np.zeros((rows + 1, columns + 1))
    sums[1:, 1:] = worth.astype(np.float64).cumsum(axis=0).cumsum(axis=1)
    a, b = h - 2 * inset, w - 2 * inset
    total = sums[a:, b:] - sums[:-a, b:] - sums[a:, :-b] + sums[:-a, :-b]
    mean = total[inset : inset + rows - h + 1, inset : inset + columns - w + 1] / (a * b)
    return np.asarray(mean, np.float64)
