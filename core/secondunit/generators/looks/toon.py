"""Toon: each object in a few flat tones of its own, and ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...media.footage import Picture
from .anchors import Anchors, level_of
from .frame import Passes, Plane
from .history import Settling
from .lines import Pen, ink
from .tones import eased, light_of, linear_of, shown

_SOFT = 0.07  # stops: half the width of the border between two bands where light hardly changes
_INK = np.array((0.075, 0.06, 0.085), np.float32)  # codes: warm black


@dataclass(frozen=True)
class Toon:
    """The look. ``texture`` is how much of an object's own pattern stays, 0..1."""

    pen: Pen
    texture: float = 0.3
    named: bool = True  # objects can be told apart

    def draw(
        self,
        passes: Passes,
        small: Passes,
        logs: Sequence[Plane],
        anchors: Anchors,
        settling: Settling,
    ) -> tuple[Picture, Plane]:
        """``(row, column, 3)`` float32 scene-linear Rec.709, 0..1, and the ink's coverage.

        ``logs`` are the smoothed planes of ``small``, which is ``passes`` at a whole fraction.
        """
        drawn = ink(passes, self.pen)
        codes = self._painted(passes, small, logs, anchors)
        codes = softened(codes, drawn)
        codes += (_INK - codes) * drawn[..., None]
        return linear_of(settling.settled(codes, passes)), drawn

    def _painted(
        self, passes: Passes, small: Passes, logs: Sequence[Plane], anchors: Anchors
    ) -> Picture:
        labels, numbers = labelled(passes.ids, small.ids)
        tones, rows = anchors.tones(numbers, small, logs)
        labels = rows[labels]
        level = enlarged(level_of(logs), small.ids, passes.ids)
        band = banded(level, np.stack([one.limits for one in tones]), labels)
        if not self.named:
            return _relit(passes, logs, level, band, anchors)
        codes = _looked_up(np.stack([one.colours for one in tones]), labels, band)
        if passes.albedo is not None and self.texture > 0:
            mean = np.stack([one.albedo for one in tones])
            codes = codes * _pattern(passes.albedo, mean[labels], self.texture)
        return _sky(codes, passes, small, anchors)


def labelled(
    ids: NDArray[np.int32], small: NDArray[np.int32]
) -> tuple[NDArray[np.intp], list[int]]:
    """Each pixel's place in the list of objects, and the list. What only a few pixels of the
    large picture show takes the place of a neighbour in the list."""
    known = np.unique(small)
    at = np.searchsorted(known, ids)
    np.minimum(at, len(known) - 1, out=at)
    return at, known.tolist()


def enlarged(plane: Plane, small: NDArray[np.int32], ids: NDArray[np.int32]) -> Plane:
    """A plane of a smaller picture at the size of ``ids``, mixed only from the same object."""
    if plane.shape == ids.shape:
        return plane
    import cv2

    size = (ids.shape[1], ids.shape[0])
    smooth: Any = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
    step = round(ids.shape[1] / plane.shape[1])
    rows = np.minimum(np.arange(ids.shape[0]) // step, plane.shape[0] - 1)
    columns = np.minimum(np.arange(ids.shape[1]) // step, plane.shape[1] - 1)
    own = np.asarray(plane[rows][:, columns])
    border = np.zeros(plane.shape, np.uint8)
    for axis in (0, 1):
        differ = np.diff(small, axis=axis) != 0
        border[: differ.shape[0], : differ.shape[1]] |= differ
    ball = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))
    wide: Any = cv2.resize(cv2.dilate(border, ball), size, interpolation=cv2.INTER_NEAREST)
    made: Plane = np.where(wide > 0, own, np.asarray(smooth, np.float32))
    return made


def banded(level: Plane, limits: NDArray[np.float32], labels: NDArray[np.intp]) -> Plane:
    """0 in the darkest band to ``bands - 1``: borders are as wide as a pixel's change of light."""
    import cv2

    made = np.zeros(level.shape, np.float32)
    across: Any = cv2.Sobel(level, cv2.CV_32F, 1, 0, scale=0.125)
    down: Any = cv2.Sobel(level, cv2.CV_32F, 0, 1, scale=0.125)
    half = np.sqrt(across * across + down * down)
    half *= np.float32(1.2)
    np.clip(half, _SOFT, 0.6, out=half)
    for column in range(limits.shape[1]):
        t = level - limits[:, column][labels]
        made += eased(t / half, -1, 1)
    return made


def softened(codes: Picture, drawn: Plane) -> Picture:
    """Colours under and beside lines without stairs."""
    import cv2

    beside: Any = cv2.blur(drawn, (3, 3))
    beside = np.clip(beside * 3, 0, 1)[..., None]
    soft: Any = cv2.GaussianBlur(codes, (0, 0), 0.9)
    made: Picture = codes + (soft - codes) * beside
    return made


def _looked_up(colours: NDArray[np.float32], labels: NDArray[np.intp], band: Plane) -> Picture:
    bands = colours.shape[1]
    low = np.clip(band.astype(np.intp), 0, max(0, bands - 2))
    share = (band - low)[..., None]
    flat = colours.reshape(-1, 3)
    at = labels * bands + low
    dark: Picture = np.take(flat, at, axis=0, mode="clip")
    if bands < 2:
        return dark
    at += 1
    light: Picture = np.take(flat, at, axis=0, mode="clip")
    light -= dark
    light *= share
    light += dark
    return light


def _pattern(albedo: Picture, mean: Picture, share: float) -> Picture:
    """By how much a spot of an object is lighter or darker than the object, in codes."""
    import cv2

    ratio = (albedo + np.float32(0.04)) / (mean + np.float32(0.04))
    np.clip(ratio, 0.25, 4, out=ratio)
    made: Any = cv2.pow(ratio, share / 2.2)
    return np.asarray(made, np.float32)


def _sky(codes: Picture, passes: Passes, small: Passes, anchors: Anchors) -> Picture:
    """Where nothing is the picture itself stays, smooth."""
    import cv2

    empty = passes.near <= 0
    if not empty.any():
        return codes
    soft: Any = cv2.GaussianBlur(shown(small.light, anchors.exposure), (0, 0), 2.0)
    soft = cv2.resize(soft, passes.size)
    codes[empty] = soft[empty]
    return codes


def _relit(
    passes: Passes, logs: Sequence[Plane], level: Plane, band: Plane, anchors: Anchors
) -> Picture:
    """Without objects: the picture's own colours, their light in bands."""
    import cv2

    size = passes.size
    light = np.dstack([cv2.resize(light_of(one), size) for one in logs])
    if passes.albedo is not None:
        light = light * (passes.albedo + np.float32(0.03))
    tops = anchors.bands - 1
    low, high = np.quantile(level[::4, ::4], (0.1, 0.9))
    wanted = low + (high - low) * (band / max(1, tops))
    lit = light * np.exp2((wanted - level) * np.float32(0.8))[..., None]
    return shown(np.asarray(lit, np.float32), anchors.exposure)
