"""A tileable sheet of pencil strokes in the order in which a hand would lay them.

The value at a point is the darkness, 0..1, from which on it is covered: asked for a tone, the sheet
shows that share of itself as graphite. Strokes lie one way up to a middle tone, then crosswise.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from .frame import Plane

SIDE = 1024  # pixels of the sheet
_FINE = 2  # drawn at so many times its size
_ALONG, _ACROSS = 5200, 8000  # strokes of each direction
_ANGLES = (math.radians(58), math.radians(-12))
LONG = 120.0  # pixels of the sheet: how long a stroke is
_WIDTH = 2.0  # pixels of the fine sheet: how wide
_APART = (0.7548776662466927, 0.5698402909980532)  # spreads points evenly, however many


@lru_cache(maxsize=2)
def sheet(seed: int, long: float = LONG, density: float = 1.0) -> Plane:
    """``(SIDE, SIDE)`` float32, evenly spread over 0..1. The same for the same arguments.

    ``long`` is how long strokes are, in pixels of the sheet; with twice the ``density`` they are
    half as wide and lie half as far apart.
    """
    import cv2

    rng = np.random.default_rng(seed)
    side = SIDE * _FINE
    drawn = np.full((side, side), 1.0, np.float32)
    more = density * LONG / long
    along, total = round(_ALONG * more), round((_ALONG + _ACROSS) * more)
    width = max(1, round(_WIDTH / density))
    for order in range(total - 1, -1, -1):  # the first stroke is laid on top
        angle = _ANGLES[0 if order < along else 1] + rng.normal(0, 0.045)
        half = 0.5 * long * _FINE * rng.uniform(0.55, 1.25)
        x = side * ((0.5 + _APART[0] * order) % 1) + rng.normal(0, 2)
        y = side * ((0.5 + _APART[1] * order) % 1) + rng.normal(0, 2)
        _stroke(cv2, drawn, (x, y), (half * math.cos(angle), half * math.sin(angle)),
                rng.normal(0, 0.05), order / total, width)  # fmt: skip
    drawn = np.asarray(cv2.resize(drawn, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
    tooth = rng.normal(0, 1, (SIDE, SIDE)).astype(np.float32)
    drawn += _wrapped_blur(cv2, tooth, 1.1) * np.float32(0.22)
    return _spread(drawn)


def _stroke(
    cv2: Any,
    drawn: Plane,
    at: tuple[float, float],
    reach: tuple[float, float],
    bow: float,
    value: float,
    width: int,
) -> None:
    """One bowed line, once more wherever it leaves the sheet on a side."""
    side = drawn.shape[0]
    middle = (at[0] - bow * reach[1], at[1] + bow * reach[0])
    ends = ((at[0] - reach[0], at[1] - reach[1]), middle, (at[0] + reach[0], at[1] + reach[1]))
    for across in _beyond(at[0], abs(reach[0]) + 2 * width, side):
        for down in _beyond(at[1], abs(reach[1]) + 2 * width, side):
            points = [[round(x + across), round(y + down)] for x, y in ends]
            cv2.polylines(drawn, [np.array(points, np.int32)], False, value, width)


def _beyond(at: float, room: float, side: int) -> tuple[int, ...]:
    """By how much a stroke has to be moved to show wherever it lies on the sheet."""
    if at < room:
        return 0, side
    return (0, -side) if at > side - room else (0,)


def _wrapped_blur(cv2: Any, plane: Plane, sigma: float) -> Plane:
    edge = 8
    wide = np.pad(plane, edge, mode="wrap")
    blurred = np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma), np.float32)
    return blurred[edge:-edge, edge:-edge]


def _spread(values: Plane) -> Plane:
    """The same order, evenly spread over 0..1."""
    order = np.argsort(values.ravel(), kind="stable")
    made = np.empty(order.size, np.float32)
    made[order] = np.linspace(0, 1, order.size, dtype=np.float32)
    return made.reshape(values.shape)
