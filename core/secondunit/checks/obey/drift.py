"""How far a take's camera is from the scene's: the shift, size and turn that fit all outlines."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .edges import Field, Outline, Plane

_REACH = 0.03  # of the width: what lies farther off is another camera, not a drift
_SIZES = (0.96, 0.98, 1.0, 1.02, 1.04)
_STEP = 3.0  # pixels between the places tried first
_FIRST, _ALL = 700, 2500  # points looked at: at first, and when it is refined
_BETTER = 1.08  # a drift is believed from here on: how much better it fits than none
_SOFT = 2.0  # sigma that lets places between those tried be felt


@dataclass(frozen=True)
class Drift:
    """The take's picture is the scene's moved by ``x``, ``y`` (pixels of the working size, to the
    right and down), ``size`` times as large and turned by ``turn`` degrees about its middle.

    ``fit`` is how well the outlines agree there (0 is chance), ``spread`` how much that varies from
    place to place.
    """

    x: float = 0.0
    y: float = 0.0
    size: float = 1.0
    turn: float = 0.0
    fit: float = 0.0
    spread: float = 0.0

    def moved(self, x: Plane, y: Plane, middle: tuple[float, float]) -> tuple[Plane, Plane]:
        """Where points of the scene's picture are in the take."""
        a, b = x - middle[0], y - middle[1]
        c, s = (self.size * f(math.radians(self.turn)) for f in (math.cos, math.sin))
        return (
            np.asarray(middle[0] + self.x + c * a - s * b, np.float32),
            np.asarray(middle[1] + self.y + s * a + c * b, np.float32),
        )

    def matrix(self, middle: tuple[float, float]) -> NDArray[np.float64]:
        """The same as 2 x 3 matrix from the scene's pixels to the take's."""
        c, s = (self.size * f(math.radians(self.turn)) for f in (math.cos, math.sin))
        mx, my = middle
        return np.array([
            [c, -s, mx + self.x - c * mx + s * my],
            [s, c, my + self.y - s * mx - c * my],
        ])  # fmt: skip

    def distance(self, width: int, height: int) -> float:
        """How far the points of a picture are moved, root of the mean square, in pixels."""
        across, down = np.meshgrid(np.linspace(0, width, 9), np.linspace(0, height, 9))
        x, y = self.moved(
            across.astype(np.float32), down.astype(np.float32), (width / 2, height / 2)
        )
        return float(np.sqrt(((x - across) ** 2 + (y - down) ** 2).mean()))


def drift_of(field: Field, outline: Outline) -> Drift:
    """The drift at which these outlines of the scene are found best in the take."""
    import cv2

    rows, columns = field.shape[:2]
    middle = (columns / 2, rows / 2)
    few = outline.only(slice(None, None, max(1, len(outline) // _FIRST)))
    soft = np.asarray(cv2.GaussianBlur(field, (0, 0), _SOFT), np.float32)
    tried = _tried(soft, few, middle, columns)
    best = max(tried, key=lambda one: one.fit)
    spread = float(np.std([one.fit for one in tried]))
    many = outline.only(slice(None, None, max(1, len(outline) // _ALL)))
    none = _scored(field, many, Drift(), middle)
    best = _refined(field, many, _scored(field, many, best, middle), middle)
    home = _refined(field, many, none, middle)
    best = home if home.fit >= best.fit / _BETTER else best
    if best.fit < none.fit * _BETTER and best.distance(columns, rows) > 1.0:
        best = none
    return replace(best, spread=spread)


def _tried(field: Field, few: Outline, middle: tuple[float, float], columns: int) -> list[Drift]:
    reach = np.arange(_STEP, _REACH * columns + _STEP, _STEP)
    shifts = np.concatenate([-reach[::-1], [0.0], reach])
    tried = []
    for size in _SIZES:
        x, y = Drift(size=size).moved(few.x, few.y, middle)
        across, down = np.meshgrid(shifts, shifts)
        at_x = (x[None] + across.reshape(-1, 1)).astype(np.float32)
        at_y = (y[None] + down.reshape(-1, 1)).astype(np.float32)
        fits = few.agreement(field, at_x, at_y).mean(axis=1)
        tried += [
            Drift(float(dx), float(dy), size, fit=float(fit))
            for dx, dy, fit in zip(across.ravel(), down.ravel(), fits, strict=True)
        ]
    return tried


def _scored(field: Field, outline: Outline, drift: Drift, middle: tuple[float, float]) -> Drift:
    x, y = drift.moved(outline.x, outline.y, middle)
    return replace(drift, fit=float(outline.agreement(field, x, y).mean()))


def _refined(field: Field, outline: Outline, drift: Drift, middle: tuple[float, float]) -> Drift:
    """Step by step to where it fits best; each round with half the steps."""
    for scale in (1.0, 0.5, 0.25, 0.125):
        steps = {"x": 1.5 * scale, "y": 1.5 * scale, "size": 0.008 * scale, "turn": 0.4 * scale}
        for _ in range(4):
            nearby = [
                replace(drift, **{name: getattr(drift, name) + sign * step})
                for name, step in steps.items()
                for sign in (-1, 1)
            ]
            best = max(
                (_scored(field, outline, one, middle) for one in nearby), key=lambda one: one.fit
            )
            if best.fit <= drift.fit:
                break
            drift = best
    return drift
