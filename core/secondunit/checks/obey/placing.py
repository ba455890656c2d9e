"""Where in the take an object's outline is found: at its place, elsewhere, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .edges import Field, Outline, Plane

_REACH = 0.08  # of the width, to each side: how far an object is looked for
_STEP = 2.0  # pixels between the places tried
_NEARBY = 4.0  # pixels within which it is always looked for
_SIZES = (1.0, 0.9, 1.1, 0.95, 1.05, 0.85, 1.15, 0.8, 1.2)
_POINTS = 160  # of an outline that are looked at while it is looked for
_EDGE = 0.06  # agreement from which a point of the outline counts as found

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Place:
    """An outline moved by ``x``, ``y`` pixels and ``size`` times as large about its middle."""

    x: float = 0.0
    y: float = 0.0
    size: float = 1.0
    fit: float = 0.0

    def distance(self, outline: Outline) -> float:
        """How far the outline's points are moved, root of the mean square, in pixels."""
        x = self.x + (self.size - 1) * (outline.x - _halfway(outline.x))
        y = self.y + (self.size - 1) * (outline.y - _halfway(outline.y))
        return float(np.sqrt((x * x + y * y).mean()))


@dataclass(frozen=True)
class Search:
    """What looking around for an outline came to.

    ``usual`` and ``spread`` are mean and deviation of its fit at the places that are not the best
    one: what chance gives.
    """

    best: Place
    usual: float
    spread: float

    @property
    def sure(self) -> float:
        """By how many deviations the best place stands out of chance."""
        return (self.best.fit - self.usual) / max(self.spread, 1e-3)


def fit(field: Field, outline: Outline) -> tuple[float, float]:
    """How well an outline is found at its own place, and the share of it that is, 0..1."""
    seen = outline.agreement(field)
    return float(seen.mean()), float((seen > _EDGE).mean())


def search(field: Field, outline: Outline) -> Search:
    """Looks for an outline far around its place, at several sizes."""
    return _search(field, outline, _REACH * field.shape[1])


def nearby(field: Field, outline: Outline) -> Place:
    """Where an outline is found best within a few pixels of its place, at several sizes."""
    return _search(field, outline, _NEARBY).best


def _search(field: Field, outline: Outline, far: float) -> Search:
    few = outline.only(slice(None, None, max(1, len(outline) // _POINTS)))
    middle = (_halfway(outline.x), _halfway(outline.y))
    reach = np.arange(_STEP, far + _STEP, _STEP)
    shifts = np.concatenate([-reach[::-1], [0.0], reach])
    across, down = (one.reshape(-1, 1) for one in np.meshgrid(shifts, shifts))
    best, chance = Place(fit=-1.0), []
    for size in _SIZES:
        x = middle[0] + size * (few.x - middle[0])
        y = middle[1] + size * (few.y - middle[1])
        fits = few.agreement(field, x[None] + across, y[None] + down).mean(axis=1)
        chance.append(fits)
        top = int(fits.argmax())
        if fits[top] > best.fit * 1.05:  # another size must be clearly better
            best = Place(float(across[top, 0]), float(down[top, 0]), size, float(fits[top]))
    others = np.concatenate(chance)
    return Search(best, float(others.mean()), float(others.std()))


def overlap(mask: Mask, place: Place, outline: Outline) -> float:
    """Intersection over union, 0..1, of a mask and itself at another place."""
    import cv2

    x, y = _halfway(outline.x), _halfway(outline.y)
    matrix = np.array([
        [place.size, 0, x - place.size * x + place.x],
        [0, place.size, y - place.size * y + place.y],
    ])  # fmt: skip
    rows, columns = mask.shape
    moved = cv2.warpAffine(mask.astype(np.uint8), matrix, (columns, rows)) > 0
    union = np.count_nonzero(mask | moved)
    return np.count_nonzero(mask & moved) / union if union else 1.0


def _halfway(values: Plane) -> float:
    return float(values.min() + values.max()) / 2
