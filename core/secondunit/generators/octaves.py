"""Grain in octave bands: what a plate's own is like, and grain made to be like it.

Grain is measured where a picture is flat, in four bands an octave wide, with the correlation of
its channels, and as a function of luminance. The same measure is put on the noises that
grain is mixed of, and the mixture chosen so that both agree: what the measure gets wrong cancels.

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
SOFTNESS = (0.0, 0.5, 0.8, 1.2, 2.0, 3.2)  # sigmas in pixels of the noises grain is mixed of
_HUES = (0, 0, 1, 1, 2, 3)  # the band that each takes its colour from
_TILE = (16, 32, 32, 64)  # pixels; a band's energy is measured over tiles that hold many waves
_QUANTILE = 0.15  # the flattest tiles of a level of brightness
_ABOVE = 1.5  # times as much as these: still flat
_LEAST = 6  # tiles that a level of brightness must have
_FALL = (
    4.0,
    1.1,
    0.45,
)  # energy of a band over the finer one's, at most; white noise: .1, .25, .25
_POWERS = (0.45, 1.0)  # of luminance that deviation goes with: photons, gamma curves, exposure
_BELOW = 0.5  # the power taken where a plate has nothing as dark
_STRAY = 0.5  # stops that one brightness may lie above that power
_LOW = 0.3  # quantile over brightnesses: texture adds to what is measured, nothing takes from it
_CLEAN = 1e-9  # fine energy over luminance squared below which there is no grain: half float's own
_DARKEST = -12.0  # log2 of luminance; below it a plate has been clipped
_ROUNDS = 400  # of the fit; small: six noises, four bands

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
        """Deviation for each luminance, beyond what was measured in proportion above, and with
        its root below."""
        logs = np.log2(np.maximum(light, 2.0**_DARKEST))
        found = np.interp(logs, self.stops, self.deviation).astype(np.float32)
        beyond = np.maximum(logs - self.stops[-1], 0.0)
        beyond -= _BELOW * np.maximum(self.stops[0] - logs, 0.0)
        return np.asarray(found * np.exp2(beyond), np.float32)


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
    whole = [_joined(of) for of in tiles]
    found = [
        one for one in (_level(whole, at) for at in np.unique(np.round(whole[0].stops))) if one
    ]
    grainy = [one for one in found if np.trace(one.colours[0]) > _CLEAN * 4.0**one.stops]
    if 2 * sum(one.tiles for one in grainy) <= sum(one.tiles for one in found):
        return None
    found = grainy
    worth = np.array([one.tiles for one in found], np.float64)
    energy = np.array([[np.trace(band) for band in one.colours] for one in found])
    spectrum = _like_grain(_low(energy / np.maximum(energy[:, :1], 1e-30), worth))
    colours = np.array([one.colours for one in found]) / np.maximum(energy, 1e-30)[..., None, None]
    hues = np.einsum("l,lbij->bij", worth, colours) / worth.sum()
    stops = np.array([one.stops for one in found])
    fine = _steady(stops, np.sqrt(energy[:, 0]), worth) * float(np.sqrt(spectrum.sum()))
    bands = hues * (spectrum / spectrum.sum())[:, None, None]
    return Grain(tuple(stops.tolist()), tuple(fine.tolist()), bands)


@dataclass(frozen=True)
class _Level:
    """Grain at one brightness: log2 luminance, covariance in each band, tiles it was found in."""

    stops: float
    colours: Colours
    tiles: int


def _level(bands: list[_Tiles], stops: float) -> _Level | None:
    found = [_flat(of, stops) for of in bands]
    present = [one for one in found if one is not None]
    if len(present) < BANDS:
        return None
    near = bands[0].stops[np.abs(bands[0].stops - stops) <= 0.5]
    return _Level(float(near.mean()), np.array(present), len(near))


def _low(values: NDArray[np.float64], worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weighted quantile of each column below which texture seldom reaches."""
    found = []
    for column in values.T:
        order = np.argsort(column)
        reached = np.cumsum(worth[order]) / worth.sum()
        found.append(column[order][int(np.searchsorted(reached, _LOW))])
    return np.array(found)


def _like_grain(spectrum: NDArray[np.float64]) -> NDArray[np.float64]:
    """A spectrum that texture has not been taken into: grain falls off towards coarse bands."""
    held = spectrum.copy()
    for band, most in enumerate(_FALL, start=1):
        held[band] = min(held[band], held[band - 1] * most)
    return held


def _steady(
    stops: NDArray[np.float64], deviation: NDArray[np.float64], worth: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Deviations held under a power of the luminance, the way grain goes; what is above is texture.

    The exponent is one that pairs of levels agree on.
    """
    logs = np.log2(np.maximum(deviation, 1e-12))
    if len(stops) > 1:
        a, b = np.triu_indices(len(stops), 1)
        slopes = (logs[b] - logs[a]) / (stops[b] - stops[a])
        slope = float(_low(slopes[:, None], worth[a] * worth[b])[0])
    else:
        slope = 0.0
    slope = min(max(slope, _POWERS[0]), _POWERS[1])
    level = float(_low((logs - slope * stops)[:, None], worth)[0])
    expected = level + slope * stops
    return np.asarray(np.exp2(np.minimum(logs, expected + _STRAY)), np.float64)


@dataclass(frozen=True)
class _Tiles:
    """Tiles of one band: log2 luminance of each, and the covariance of its channels."""

    stops: NDArray[np.float64]
    colours: Colours


def _tiles(band: Picture, light: Map, mask: Map, side: int) -> _Tiles:
    rows, columns = (length // side for length in light.shape)

    def mean(values: Map) -> Map:
        cut = values[: rows * side, : columns * side]
        tiled = cut.reshape(rows, side, columns, side)
        return np.asarray(tiled.mean(axis=(1, 3)).ravel(), np.float32)

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
        self._pixels = _mixed(random, grain.bands)

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


def _mixed(random: np.random.Generator, wanted: Colours) -> Picture:
    """Noises of some softnesses, mixed so that the measure finds in them what is wanted."""
    noises = [_noise(random, softness) for softness in SOFTNESS]
    found = np.array([_energies(noise) for noise in noises]).T
    strength = np.array([np.trace(one) for one in wanted])
    made = np.zeros((SIDE, SIDE, 3), np.float32)
    for index, part in enumerate(_parts(found, strength)):
        hue = wanted[_HUES[index]]
        made += noises[index] @ (_root(hue / max(np.trace(hue), 1e-30)) * np.float32(np.sqrt(part)))
    return made


def _noise(random: np.random.Generator, softness: float) -> Picture:
    """Noise of unit deviation, blurred by a sigma, that repeats at its borders."""
    import cv2

    white = random.standard_normal((SIDE, SIDE, 3), np.float32)
    if softness <= 0:
        return white
    margin = int(4 * softness) + 1
    wide = np.pad(white, ((margin, margin), (margin, margin), (0, 0)), mode="wrap")
    soft = cv2.GaussianBlur(wide, (0, 0), softness)[margin:-margin, margin:-margin]
    return np.asarray(soft / soft.std(), np.float32)


def _energies(noise: Picture) -> list[float]:
    """What the measure finds in each band of a noise; a channel's, since all three are alike."""
    found = [_flat(_plain(band, _TILE[k]), 0.0) for k, band in enumerate(bands_of(noise))]
    return [0.0 if one is None else float(np.trace(one)) / 3.0 for one in found]


def _parts(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much of each noise (columns) gives the wanted energies (rows); none is negative.

    Multiplicative updates of a least-squares fit of relative errors: they never turn negative.
    """
    scaled = found / np.maximum(wanted, 1e-3 * wanted.max())[:, None]
    parts = np.full(found.shape[1], 1.0)
    for _ in range(_ROUNDS):
        parts *= scaled.sum(axis=0) / np.maximum(scaled.T @ (scaled @ parts), 1e-30)
    return np.asarray(parts, np.float64)


def _plain(band: Picture, side: int) -> _Tiles:
    """Tiles of a field, as if of one brightness."""
    ones = np.ones(band.shape[:2], np.float32)
    return _tiles(band, ones, ones, side)


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float32]:
    """The symmetric matrix that gives unit noise this covariance."""
    values, axes = np.linalg.eigh(covariance)
    return np.asarray((axes * np.sqrt(np.maximum(values, 0.0))) @ axes.T, np.float32)
