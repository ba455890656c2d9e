"""Ink: where one object ends, where a surface folds, where depth jumps. Anti-aliased, never raw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frame import Passes, Plane
from .tones import eased

_FULL = 1920.0  # pixels: line weights are meant at this width
_JUMP = (0.03, 0.08)  # of depth, beyond what the slope explains: from no line to a whole one
_FOLD = (0.10, 0.35)  # of a normal: likewise
_CROWDED = (0.22, 0.5)  # share of line in a neighbourhood: from whole lines to thin ones
_LEVEL = 0.015  # of depth: what lies closer together is level, and its line must not change sides
_FLUSH = 0.62  # weight of a line between things that lie level, and of folds
_SPREAD = 0.9  # pixels: how far the stairs of a line are smoothed


@dataclass(frozen=True)
class Pen:
    """How lines are drawn: pixels of a picture 1920 wide, at the distance ``reach`` in metres."""

    weight: float = 2.2
    folds: float = 0.6  # how dark folds inside an object are, against outlines
    reach: float = 8.0


def ink(passes: Passes, pen: Pen, pressure: Plane | None = None) -> Plane:
    """``(row, column)`` float32, 0..1: how much of each pixel a line covers.

    ``pressure`` scales the weight of the line pixel by pixel; around 1.
    """
    import cv2

    strength, heavy = edges(passes, pen.folds)
    drawn = strength > 0.05
    if not drawn.any():
        return np.zeros(drawn.shape, np.float32)
    width = _weight(passes.near, pen, drawn.shape[1]) * heavy
    if pressure is not None:
        width = width * pressure
    width[~drawn] = 0
    crowd = _crowd(drawn)
    width *= 1 - np.float32(0.6) * crowd
    strength = strength * (1 - np.float32(0.4) * crowd)
    distance: Any = cv2.distanceTransform((~drawn).view(np.uint8), cv2.DIST_L2, 5)
    distance = cv2.GaussianBlur(distance, (0, 0), _SPREAD)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    wide: Any = cv2.GaussianBlur(cv2.dilate(width, brush), (0, 0), 1.2)
    sure: Any = cv2.GaussianBlur(cv2.dilate(strength, brush), (0, 0), 1.0)
    covered = np.clip(wide * 0.5 + np.float32(0.5 + 0.45 * _SPREAD) - distance, 0, 1)
    thin = np.minimum(wide, 1)  # a line thinner than a pixel is a fainter one
    made: Plane = covered * np.clip(sure, 0, 1) * thin
    return made


def edges(passes: Passes, folds: float) -> tuple[Plane, Plane]:
    """How sure each pixel is an edge, 0..1, and how heavy its line: silhouettes 1, others less.

    An edge between two objects lies on the nearer one, so that silhouettes keep their size.
    """
    near, ids = passes.near, passes.ids
    strength = np.zeros(near.shape, np.float32)
    heavy = np.full(near.shape, _FLUSH, np.float32)
    for axis in (0, 1):
        one, other = _cut(axis, 0, -1), _cut(axis, 1, None)
        differ = ids[one] != ids[other]
        apart = near[one] - near[other]
        level = np.abs(apart) <= np.float32(_LEVEL) * np.maximum(near[one], near[other])
        nearer = np.where(level, ids[one] < ids[other], apart > 0)
        for side, own in ((one, nearer), (other, ~nearer)):
            strength[side][differ & own] = 1
            heavy[side][differ & own & ~level] = 1
    np.maximum(strength, jumps(near, ids), out=strength)
    if folds > 0:
        np.maximum(strength, _folds(passes.normal, near) * np.float32(folds), out=strength)
    strength[0] = strength[-1] = 0
    strength[:, 0] = strength[:, -1] = 0
    return strength, heavy


def jumps(near: Plane, ids: NDArray[np.int32]) -> Plane:
    """Steps of depth inside one object; one over depth is straight along any flat surface."""
    made = np.zeros(near.shape, np.float32)
    for axis in (0, 1):
        middle, before, after = _cut(axis, 1, -1), _cut(axis, 0, -2), _cut(axis, 2, None)
        bend = 2 * near[middle] - near[before] - near[after]  # on the nearer side: above 0
        slope = np.abs(near[after] - near[before])
        bend -= np.float32(0.12) * slope
        bend /= near[middle] + np.float32(1e-9)
        bend[(ids[before] != ids[middle]) | (ids[after] != ids[middle])] = 0
        sure = eased(bend, *_JUMP)
        into = made[middle]
        np.maximum(into, sure, out=into)
    return made


def _folds(normal: NDArray[np.float32], near: Plane) -> Plane:
    """Folds: the normal turns within two pixels by most of what it turns within six."""
    import cv2

    made = np.zeros(near.shape, np.float32)
    for axis in (0, 1):
        close, wide = _turned(normal, axis, 1), _turned(normal, axis, 3)
        sharp = close - np.float32(0.55) * np.maximum(wide - close, 0) - np.float32(0.45) * wide
        np.maximum(made, sharp * 2, out=made)
    made[near <= 0] = 0
    thin: Any = cv2.GaussianBlur(made, (0, 0), 0.7)
    return eased(np.asarray(thin, np.float32), *_FOLD)


def _turned(normal: NDArray[np.float32], axis: int, step: int) -> Plane:
    """One less the cosine between the normals ``step`` before and after each pixel."""
    made = np.zeros(normal.shape[:2], np.float32)
    if normal.shape[axis] <= 2 * step:
        return made
    before, after = _cut(axis, 0, -2 * step), _cut(axis, 2 * step, None)
    dot = np.einsum("ijk,ijk->ij", normal[before], normal[after])
    made[_cut(axis, step, -step)] = np.clip(1 - dot, 0, 1)
    return made


def _weight(owner: Plane, pen: Pen, wide: int) -> Plane:
    """Pixels: nearer lines are heavier, by the root of the distance."""
    scale = max(0.45, wide / _FULL)
    heavy = np.sqrt(np.maximum(owner * np.float32(pen.reach), 0))
    made: Plane = np.clip(heavy, 0.5, 1.7) * np.float32(pen.weight * scale)
    return made


def _crowd(drawn: NDArray[np.bool_]) -> Plane:
    """0..1: where lines crowd they are thinner and fainter, else a far face would turn black."""
    import cv2

    side = max(9, drawn.shape[1] // 90) | 1
    share: Any = cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), side / 3)
    return eased(np.asarray(share, np.float32), *_CROWDED)


def _cut(axis: int, start: int, stop: int | None) -> tuple[slice, ...]:
    return (slice(None),) * axis + (slice(start, stop),)
