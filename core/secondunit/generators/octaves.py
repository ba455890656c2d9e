"""Grain in octave bands: what a plate's own is like, and grain made to be like it.

Grain is measured where a picture is flat, in four bands an octave wide, with the correlation of
its channels, and as a function of luminance. The same measure is put on the grain that is made,
and the grain corrected until both agree: what the measure gets wrong cancels.

All in scene-linear light, pictures ``(row, column, channel)`` float32 RGB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..contract.levels import luminance
from ..media.footage import Picture

SIGMAS = (0.7, 1.4, 2.8, 5.6)  # pixels; a band is what one blur keeps and the next takes away
BANDS = len(SIGMAS)
SIDE = 768  # pixels of the field that grain is cut from; it repeats there, each frame elsewhere
_TILE = (16, 32, 32, 64)  # pixels; a band's energy is measured over tiles that hold many waves
_QUANTILE = 0.15  # the flattest tiles of a level of brightness
_ABOVE = 1.5  # times as much as these: still flat
_LEAST = 6  # tiles that a level of brightness must have
_DARKEST = -12.0  # log2 of luminance; below it a plate has been clipped
_ROUNDS = 6  # of correction; the third changes less than a percent

Map: TypeAlias = NDArray[np.float32]
Colours: TypeAlias = NDArray[np.float64]
"""``(band, 3, 3)``: covariance of the channels in each band."""


@dataclass(frozen=True)
class Grain:
    """Grain: its deviation at levels of brightness, and how that spreads over bands and channels.

    ``stops`` are log2 of luminance, ascending; ``deviation`` scene-linear, over all bands and
    channels. ``bands`` are covariances with a total trace of one.
    """

    stops: tuple[float, ...]
    deviation: tuple[float, ...]
    bands: Colours

    def at(self, light: Map) -> Map:
        """Deviation for each luminance. Beyond what was measured it stays in proportion above,
        and as it is below."""
        logs = np.log2(np.maximum(light, 2.0**_DARKEST))
        found = np.interp(logs, self.stops, self.deviation).astype(np.float32)
        over = np.maximum(logs - self.stops[-1], 0.0)
        return np.asarray(found * np.exp2(over), np.float32)


def bands_of(picture: Picture) -> list[Picture]:
    """The picture's bands, the finest first."""
    import cv2

    found, finer = [], picture
    for sigma in SIGMAS:
        coarser = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
        found.append(finer - coarser)
        finer = coarser
    return found


def measured(pictures: list[Picture], keep: list[Map]) -> Grain | None:
    """The grain of pictures where ``keep`` is 1.0; None when nothing there is flat and lit."""
    tiles: list[list[_Tiles]] = [[] for _ in SIGMAS]
    for picture, mask in zip(pictures, keep, strict=True):
        clean = np.nan_to_num(picture[..., :3], posinf=0.0, neginf=0.0)
        light = luminance(clean)
        for index, band in enumerate(bands_of(clean)):
            tiles[index].append(_tiles(band, light, mask, _TILE[index]))
    stops, deviation, spectra = [], [], []
    whole = [_joined(of) for of in tiles]
    for level in np.unique(np.round(whole[0].stops)):
        found = [_flat(of, float(level)) for of in whole]
        present = [one for one in found if one is not None]
        if len(present) < BANDS:
            continue
        energy = np.array([np.trace(one) for one in present])
        stops.append(float(level))
        deviation.append(float(np.sqrt(energy.sum())))
        spectra.append(np.array(present) / max(float(energy.sum()), 1e-30))
    if not stops or max(deviation) <= 0:
        return None
    worth = np.array(deviation) > 0
    return Grain(tuple(stops), tuple(deviation), np.mean(np.array(spectra)[worth], axis=0))


@dataclass(frozen=True)
class _Tiles:
    """Tiles of one band: log2 luminance of each, and the covariance of its channels."""

    stops: NDArray[np.float64]
    colours: Colours


def _tiles(band: Picture, light: Map, mask: Map, side: int) -> _Tiles:
    rows, columns = (length // side for length in light.shape)

    def mean(values: Map) -> Map:
        cut = values[: rows * side, : columns * side]
        return cut.reshape(rows, side, columns, side).mean(axis=(1, 3)).ravel()

    kept = mean(mask) > 0.999
    stops = np.log2(np.maximum(mean(light), 2.0 ** (_DARKEST - 1))).astype(np.float64)
    kept &= stops > _DARKEST
    colours = np.empty((int(kept.sum()), 3, 3))
    for a in range(3):
        for b in range(a + 1):
            colours[:, a, b] = colours[:, b, a] = mean(band[..., a] * band[..., b])[kept]
    return _Tiles(stops[kept], colours)


def _joined(tiles: list[_Tiles]) -> _Tiles:
    return _Tiles(
        np.concatenate([of.stops for of in tiles]), np.concatenate([of.colours for of in tiles])
    )


def _flat(tiles: _Tiles, level: float) -> NDArray[np.float64] | None:
    """The mean covariance of the flattest tiles within half a stop of this luminance."""
    near = tiles.colours[np.abs(tiles.stops - level) <= 0.5]
    if len(near) < _LEAST:
        return None
    energy = np.trace(near, axis1=1, axis2=2)
    limit = _ABOVE * float(np.quantile(energy, _QUANTILE))
    return np.asarray(near[energy <= limit].mean(axis=0), np.float64)


def missing(plate: Grain, own: Grain | None, light: float) -> Grain:
    """What must be added to a picture of grain ``own`` to bring it to the plate's.

    Compared at the luminance ``light``, band for band; where the picture has more than the plate,
    nothing is added.
    """
    if own is None:
        return plate
    at = np.array([[light]], np.float32)
    theirs, ours = float(plate.at(at)[0, 0]) ** 2, float(own.at(at)[0, 0]) ** 2
    left = [_positive(theirs * p - ours * o) for p, o in zip(plate.bands, own.bands, strict=True)]
    share = sum(float(np.trace(one)) for one in left) / max(theirs, 1e-30)
    if share <= 1e-4:
        return Grain(plate.stops, tuple(0.0 for _ in plate.deviation), plate.bands)
    bands = np.array(left) / max(theirs * share, 1e-30)
    return Grain(plate.stops, tuple(d * share**0.5 for d in plate.deviation), bands)


def _positive(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest covariance that some grain can have."""
    values, axes = np.linalg.eigh(covariance)
    return np.asarray((axes * np.maximum(values, 0.0)) @ axes.T, np.float64)


class Field:
    """Grain to cut frames from: unit deviation, with the bands and channels of a Grain."""

    def __init__(self, grain: Grain, seed: int) -> None:
        self._grain, self._seed = grain, seed
        random = np.random.default_rng([seed, 0])
        shape = (SIDE, SIDE, 3)
        waves = [_band(random.standard_normal(shape, np.float32), k) for k in range(BANDS)]
        self._pixels = _made(waves, grain.bands)

    def on(self, picture: Picture, index: int, amount: float) -> Picture:
        """The picture with the grain of frame ``index`` on it, in place."""
        if amount <= 0:
            return picture
        import cv2

        rows, columns = picture.shape[:2]
        light = cv2.GaussianBlur(luminance(picture), (0, 0), 1.0)
        strength = self._grain.at(np.asarray(light, np.float32)) * np.float32(amount)
        picture += self._cut(index, rows, columns) * strength[..., None]
        return picture

    def _cut(self, index: int, rows: int, columns: int) -> Picture:
        """Another place and another way round for each frame: no two look alike."""
        random = np.random.default_rng([self._seed, 1, index])
        down, across, way = (int(n) for n in random.integers(0, (SIDE, SIDE, 8)))
        field = self._pixels[:: -1 if way & 1 else 1, :: -1 if way & 2 else 1]
        if way & 4:
            field = field.transpose(1, 0, 2)
        lines = (np.arange(rows) + down) % SIDE
        places = (np.arange(columns) + across) % SIDE
        return np.asarray(field[lines][:, places], np.float32)


def _band(noise: Picture, index: int) -> Picture:
    """One band of white noise, of unit deviation, that repeats at its borders."""
    import cv2

    margin = int(4 * SIGMAS[-1]) + 1
    wide = np.pad(noise, ((margin, margin), (margin, margin), (0, 0)), mode="wrap")
    finer = wide if index == 0 else cv2.GaussianBlur(wide, (0, 0), SIGMAS[index - 1])
    found = (finer - cv2.GaussianBlur(wide, (0, 0), SIGMAS[index]))[margin:-margin, margin:-margin]
    return np.asarray(found / found.std(), np.float32)


def _made(waves: list[Picture], wanted: Colours) -> Picture:
    """Waves mixed so that the measure finds in them what is wanted.

    Bands overlap: a wave made for one is found in its neighbours too. Each round measures the
    mixture and corrects every band by how far it is off.
    """
    strength = np.array([np.trace(one) for one in wanted])
    mixing = [_root(one / max(np.trace(one), 1e-30)) for one in wanted]
    coloured = [np.asarray(w @ m, np.float32) for w, m in zip(waves, mixing, strict=True)]
    level = strength.copy()
    made = np.zeros_like(coloured[0])
    for _ in range(_ROUNDS):
        made = np.zeros_like(coloured[0])
        for wave, energy in zip(coloured, level, strict=True):
            made += wave * np.float32(np.sqrt(energy))
        found = [_flat(_plain(band, _TILE[k]), 0.0) for k, band in enumerate(bands_of(made))]
        energy = np.array([0.0 if one is None else np.trace(one) for one in found])
        level *= np.clip(strength / np.maximum(energy, 1e-30), 0.25, 4.0)
    return made


def _plain(band: Picture, side: int) -> _Tiles:
    """Tiles of a field, as if of one brightness."""
    ones = np.ones(band.shape[:2], np.float32)
    return _tiles(band, ones, ones, side)


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float32]:
    """The symmetric matrix that gives unit noise this covariance."""
    values, axes = np.linalg.eigh(covariance)
    return np.asarray((axes * np.sqrt(np.maximum(values, 0.0))) @ axes.T, np.float32)
