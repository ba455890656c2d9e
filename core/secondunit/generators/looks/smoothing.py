"""Takes the noise out of a render: neighbours count as far as the passes say they are alike.

An edge-avoiding wavelet filter (Dammertz and others, 2010) with pairs of pixels weighted once and
used in both directions. Object, depth, normal and colour decide what is alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...hookspecs import Watch
from .frame import Passes, Plane

_WAYS = ((0, 1, 0.5), (1, 0, 0.5), (1, 1, 0.25), (1, -1, 0.25))  # down, across, weight
_BEND = 6.0  # how fast another normal stops counting
_STEP = 0.05  # of depth from pixel to pixel: beyond it is another thing


@dataclass(frozen=True)
class Likeness:
    """How alike each pixel and its neighbour are in all but colour: one plane for each way."""

    step: int
    planes: tuple[Plane, ...]


def likenesses(passes: Passes, levels: int) -> tuple[Likeness, ...]:
    """For steps of 1, 2, 4 ... pixels: made once a frame, used for every plane that is smoothed."""
    normal = [np.ascontiguousarray(passes.normal[..., axis]) for axis in range(3)]
    made = []
    for level in range(levels):
        step = 1 << level
        planes = []
        for down, across, weight in _WAYS:
            here, there = _pair(down * step, across * step)
            planes.append(_alike(passes, normal, here, there, step, weight))
        made.append(Likeness(step, tuple(planes)))
    return tuple(made)


def smoothed(
    planes: Sequence[Plane],
    guide: Sequence[Likeness],
    watch: Watch,
    *,
    tolerance: float,
    narrowing: float = 0.6,
) -> list[Plane]:
    """The planes, each ``(row, column)`` float32, without their noise.

    ``tolerance`` is the difference between two pixels, over all planes, at which they count half;
    each level has ``narrowing`` of the one before.
    """
    current = [np.ascontiguousarray(plane, np.float32) for plane in planes]
    for like in guide:
        watch.check()
        current = _level(current, like, np.float32(1 / tolerance**2))
        tolerance *= narrowing
    return current


def calmed(plane: Plane, most: float) -> Plane:
    """Without sparks and holes: no pixel is farther than ``most`` from the median around it."""
    import cv2

    middle = np.asarray(cv2.medianBlur(plane, 5), np.float32)
    made: Plane = np.clip(plane, middle - np.float32(most), middle + np.float32(most))
    return made


def _level(current: list[Plane], like: Likeness, sharpness: np.float32) -> list[Plane]:
    total = np.full(current[0].shape, 1.0, np.float32)
    sums = [plane.copy() for plane in current]
    for (down, across, _), alike in zip(_WAYS, like.planes, strict=True):
        here, there = _pair(down * like.step, across * like.step)
        if not alike.size:
            continue
        far = np.zeros(alike.shape, np.float32)
        for plane in current:
            apart = plane[here] - plane[there]
            apart *= apart
            far += apart
        far *= sharpness
        far += 1
        weight = alike / (far * far)
        total[here] += weight
        total[there] += weight
        for plane, into in zip(current, sums, strict=True):
            into[here] += weight * plane[there]
            into[there] += weight * plane[here]
    for into in sums:
        into /= total
    return sums


def _alike(
    passes: Passes,
    normal: Sequence[Plane],
    here: tuple[slice, slice],
    there: tuple[slice, slice],
    step: int,
    weight: float,
) -> Plane:
    near, ids = passes.near, passes.ids
    one, other = near[here], near[there]
    if not one.size:
        return np.zeros((0, 0), np.float32)
    dot = normal[0][here] * normal[0][there]
    dot += normal[1][here] * normal[1][there]
    dot += normal[2][here] * normal[2][there]
    flat = np.clip(1 - (1 - dot) * np.float32(_BEND), 0, 1)
    flat[(one <= 0) & (other <= 0)] = 1  # the sky has no normal
    apart = (one - other) / (np.maximum(one, other) * np.float32(_STEP * step) + np.float32(1e-9))
    made: NDArray[np.float32] = flat / (1 + apart * apart)
    made *= np.float32(weight)
    made[ids[here] != ids[there]] = 0
    return made


def _pair(down: int, across: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Slices of all pixels that have a neighbour so far away, and of those neighbours."""

    def ends(step: int) -> tuple[slice, slice]:
        if step > 0:
            return slice(None, -step), slice(step, None)
        if step < 0:
            return slice(-step, None), slice(None, step)
        return slice(None), slice(None)

    rows, columns = ends(down), ends(across)
    return (rows[0], columns[0]), (rows[1], columns[1])
