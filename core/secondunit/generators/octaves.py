"""Grain in octave bands: what a plate's own is like, and what a picture lacks of it.

Grain is measured where a picture is flattest, in four bands an octave wide, with the correlation
of its channels, and for each channel as a function of its own light. ``emulsion`` puts the same
measure on the grain it makes: what the measure gets wrong cancels.

All in scene-linear light, pictures ``(row, column, channel)`` float32 RGB.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..contract.levels import luminance
from ..media.footage import Picture

SIGMAS = (0.7, 1.4, 2.8, 5.6)  # pixels; a band is what one blur keeps and the next takes away
BANDS = len(SIGMAS)
TILE = 16  # pixels of the squares that are looked at
_QUANTILE = 0.05  # the flattest tiles of a level of brightness
_ABOVE = 1.5  # times as much energy as these: still flat
_LEAST = 16  # tiles that a level of brightness must have
_FALL = (4.0, 1.1, 0.45)  # energy of a band over the finer one's, at most; white: .1, .25, .25
FINE = 2  # bands that tell how strong grain is: texture and light that falls off are coarser
_POWER = 0.5  # of light that deviation goes with above what was measured: photons
_DOUBT = 1.35  # times the relative deviation of anything darker: more than this is texture
_TEXTURE = 2.5  # times as much: nothing of this brightness is flat, and it says nothing of grain
_APART = 2.0  # times the relative deviation of another channel as bright, at most: no colour casts
_LOW = 0.3  # quantile over brightnesses: texture adds to what is measured, nothing takes from it
_CLEAN = 1e-9  # energy over light squared below which there is no grain: half float's own
_DARKEST = -12.0  # log2 of light; below it a plate has been clipped

Map: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.float64]
Colours: TypeAlias = NDArray[np.float64]
"""``(band, 3, 3)``: covariance of the channels in each band."""


@dataclass(frozen=True)
class Curve:
    """Deviation of one channel, scene-linear and over all bands, at levels of its own light.

    ``stops`` are log2 of that light, ascending.
    """

    stops: tuple[float, ...]
    deviation: tuple[float, ...]

    @property
    def most(self) -> float:
        """The largest share of its light that the deviation has anywhere."""
        return max(d * math.exp2(-s) for s, d in zip(self.stops, self.deviation, strict=True))

    def at(self, light: Map) -> Map:
        """Deviation for each light: beyond what was measured with its root above and in
        proportion below, so that black stays black."""
        logs = np.log2(np.maximum(light, np.float32(2.0 ** (2 * _DARKEST))))
        found = np.interp(logs, self.stops, self.deviation).astype(np.float32)
        beyond = _POWER * np.maximum(logs - self.stops[-1], 0.0)
        beyond -= np.maximum(self.stops[0] - logs, 0.0)
        return np.asarray(found * np.exp2(beyond), np.float32)

    def times(self, share: float) -> Curve:
        """The same with so much of the deviation."""
        return Curve(self.stops, tuple(share * d for d in self.deviation))


_NONE = Curve((0.0,), (0.0,))


@dataclass(frozen=True)
class Grain:
    """Grain: a curve for red, green and blue, and what is common to all brightnesses.

    ``bands`` are covariances of channels of unit deviation: summed over the bands, each channel
    has a variance of one.
    """

    curves: tuple[Curve, Curve, Curve]
    bands: Colours

    def at(self, colour: Map) -> Numbers:
        """The three deviations in one colour."""
        pairs = zip(self.curves, colour, strict=True)
        return np.array([float(c.at(np.array([v], np.float32))[0]) for c, v in pairs])

    @property
    def any(self) -> bool:
        """There is some."""
        return any(max(curve.deviation) > 0 for curve in self.curves)


def bands_of(picture: Picture) -> list[Picture]:
    """The picture's bands, the finest first."""
    import cv2

    found, finer = [], picture
    for sigma in SIGMAS:
        coarser = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
        found.append(finer - coarser)
        finer = coarser
    return found


def measured(pictures: list[Picture], keep: list[Map], near: float | None = None) -> Grain | None:
    """The grain of pictures where ``keep`` is 1.0; None when nothing there is flat and grainy.

    The correlation of the channels is that of tiles of about the luminance ``near`` where it is
    given: it changes with brightness.
    """
    tiles = _joined([tiles_of(p, mask) for p, mask in zip(pictures, keep, strict=True)])
    bands = _bands(tiles, near)
    if bands is None:
        return None
    spectrum = np.trace(bands, axis1=1, axis2=2) / 3.0
    share = float(spectrum[:FINE].sum())
    red, green, blue = (_curve(tiles, channel, share) for channel in range(3))
    grain = Grain(_together(red, green, blue), bands)
    return grain if grain.any else None


@dataclass(frozen=True)
class Tiles:
    """Squares of pictures: the mean of each channel, and its covariance in each band."""

    light: Numbers  # (tile, 3)
    colours: Numbers  # (tile, band, 3, 3)

    def some(self, which: NDArray[np.bool_]) -> Tiles:
        """These of them."""
        return Tiles(self.light[which], self.colours[which])


def tiles_of(picture: Picture, mask: Map) -> Tiles:
    """The squares of a picture that lie wholly where the mask is 1.0."""
    rows, columns = (length // TILE for length in mask.shape)

    def mean(values: Map) -> Map:
        cut = values[: rows * TILE, : columns * TILE]
        tiled = cut.reshape(rows, TILE, columns, TILE)
        return np.asarray(tiled.mean(axis=(1, 3)).ravel(), np.float32)

    clean = np.nan_to_num(picture[..., :3], posinf=0.0, neginf=0.0)
    kept = mean(mask) > 0.999
    light = np.stack([mean(clean[..., c])[kept] for c in range(3)], axis=1)
    colours = np.empty((len(light), BANDS, 3, 3))
    for index, band in enumerate(bands_of(clean)):
        for a in range(3):
            for b in range(a + 1):
                both = mean(band[..., a] * band[..., b])[kept]
                colours[:, index, a, b] = colours[:, index, b, a] = both
    return Tiles(light.astype(np.float64), colours)


def _joined(tiles: list[Tiles]) -> Tiles:
    return Tiles(
        np.concatenate([of.light for of in tiles]), np.concatenate([of.colours for of in tiles])
    )


def _levels(light: Numbers) -> list[NDArray[np.bool_]]:
    """Tiles a stop wide, from dark to bright, as far as there are enough of them."""
    stops = np.log2(np.maximum(light, 2.0 ** (_DARKEST - 1)))
    near = [np.abs(stops - at) <= 0.5 for at in np.unique(np.round(stops[stops > _DARKEST]))]
    return [which for which in near if int(which.sum()) >= _LEAST]


def flattest(tiles: Tiles, light: Numbers) -> Tiles:
    """The flattest of tiles of about one brightness, all channels and bands together."""
    energy = np.trace(tiles.colours, axis1=2, axis2=3).sum(axis=1) / light
    return tiles.some(energy <= _ABOVE * float(np.quantile(energy, _QUANTILE)))


def _bands(tiles: Tiles, near: float | None) -> Colours | None:
    """What is common to all brightnesses: the spectrum, and how channels go together in a band."""
    light = np.asarray(luminance(tiles.light.astype(np.float32)), np.float64)
    found, worth, apart = [], [], []
    for which in _levels(light):
        flat = flattest(tiles.some(which), light[which])
        mean = flat.colours.mean(axis=0)
        level = float(light[which].mean())
        if np.trace(mean[0]) > _CLEAN * level * level:
            found.append(mean)
            worth.append(float(which.sum()))
            apart.append(0.0 if near is None else abs(float(np.log2(level / near))))
    if not found:
        return None
    covariance = np.array(found)
    energy = np.trace(covariance, axis1=2, axis2=3)
    spectrum = _like_grain(_low(energy / energy[:, :1], np.array(worth)))
    sigma = np.sqrt(np.maximum(np.diagonal(covariance, axis1=2, axis2=3), 1e-30))
    linked = covariance / (sigma[..., :, None] * sigma[..., None, :])
    close = np.array(worth) * np.exp2(-2.0 * np.array(apart))
    hues = np.einsum("l,lbij->bij", close, linked) / close.sum()
    hues[:, range(3), range(3)] = 1.0
    return np.asarray(hues * (spectrum / spectrum.sum())[:, None, None], np.float64)


def _curve(tiles: Tiles, channel: int, share: float) -> Curve:
    """How strong the grain of a channel is: ``share`` of its energy is in the fine bands."""
    light = tiles.light[:, channel]
    points: list[tuple[float, float]] = []
    clean = grainy = 0
    least = np.inf
    for which in _levels(light):
        level = float(np.exp2(np.log2(light[which]).mean()))
        relative = math.sqrt(calm(tiles.some(which), channel, light[which]) / share)
        if relative**2 <= _CLEAN:
            clean += int(which.sum())
            continue
        grainy += int(which.sum())
        if relative <= _TEXTURE * least:
            relative = min(relative, _DOUBT * least)
            points.append((math.log2(level), relative * level))
            least = min(least, relative)
    if grainy <= clean:
        return _NONE
    return Curve(tuple(s for s, _ in points), tuple(d for _, d in points))


def calm(tiles: Tiles, channel: int, light: Numbers) -> float:
    """The fine energy of a channel, over its light squared, that few tiles have less than."""
    energy = tiles.colours[:, :FINE, channel, channel].sum(axis=1)
    return float(np.quantile(energy / (light * light), _QUANTILE))


def _together(red: Curve, green: Curve, blue: Curve) -> tuple[Curve, Curve, Curve]:
    """The curves, none far above the others: what one channel alone has is the set's colour."""

    def held(curve: Curve) -> Curve:
        light = np.exp2(np.array(curve.stops, np.float32))
        some = [one.at(light) for one in (red, green, blue) if one is not _NONE]
        most = _APART * np.min(some, axis=0) if some else light
        return Curve(curve.stops, tuple(np.minimum(curve.deviation, most).tolist()))

    return held(red), held(green), held(blue)


def _low(values: Numbers, worth: Numbers) -> Numbers:
    """The weighted quantile of each column below which texture seldom reaches."""
    found = []
    for column in values.T:
        order = np.argsort(column)
        reached = np.cumsum(worth[order]) / worth.sum()
        found.append(column[order][int(np.searchsorted(reached, _LOW))])
    return np.array(found)


def _like_grain(spectrum: Numbers) -> Numbers:
    """A spectrum that texture has not been taken into: grain falls off towards coarse bands."""
    held = spectrum.copy()
    for band, most in enumerate(_FALL, start=1):
        held[band] = min(held[band], held[band - 1] * most)
    return held


def missing(plate: Grain, own: Grain | None, colour: Map) -> Grain | None:
    """What must be added to a picture of grain ``own`` to bring it to the plate's; None: nothing.

    Compared at one colour, RGB, band for band; where the picture has more than the plate, nothing
    is added.
    """
    if own is None:
        return plate
    theirs, ours = plate.at(colour), own.at(colour)
    left = np.array([
        _positive(p * np.outer(theirs, theirs) - o * np.outer(ours, ours))
        for p, o in zip(plate.bands, own.bands, strict=True)
    ])  # fmt: skip
    energy = np.diagonal(left, axis1=1, axis2=2).sum(axis=0)
    share = np.sqrt(energy / np.maximum(theirs * theirs, 1e-30))
    if float(share.max()) <= 0.01:
        return None
    unit = np.sqrt(np.maximum(energy, 1e-30))
    red, green, blue = (c.times(float(s)) for c, s in zip(plate.curves, share, strict=True))
    return Grain((red, green, blue), left / np.outer(unit, unit))


def _positive(covariance: Numbers) -> Numbers:
    """The nearest covariance that some grain can have."""
    values, axes = np.linalg.eigh(covariance)
    return np.asarray((axes * np.maximum(values, 0.0)) @ axes.T, np.float64)
