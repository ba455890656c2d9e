"""Makes grain: fields of noise with a plate's octaves and channels, cut anew for each frame.

Noises of several softnesses are mixed until the measures of ``octaves`` find in the mixture what
they found in the plate. Pictures are ``(row, column, channel)`` float32 RGB, scene-linear.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from .octaves import FINE, Colours, Grain, Numbers, Tiles, calm, flattest, tiles_of

SIDE = 768  # pixels of the field that grain is cut from; it repeats there, each frame elsewhere
SOFTNESS = (0.0, 0.5, 0.8, 1.2, 2.0, 3.2)  # sigmas in pixels of the noises grain is mixed of
_HUES = (0, 0, 1, 1, 2, 3)  # the band that each takes its colour from
_STEPS = 400  # of the fit; small: six noises, four bands
_ROUNDS = 2  # in which the mixture is measured and set right


class Field:
    """Grain to cut frames from: unit deviation, with the bands and channels of a Grain."""

    def __init__(self, grain: Grain, seed: int) -> None:
        self._grain, self._seed = grain, seed
        random = np.random.default_rng([seed, 0])
        self._pixels = _mixed(random, grain.bands)

    def on(self, picture: Picture, index: int, amount: float) -> Picture:
        """The picture with the grain of frame ``index`` on it, in place; nothing turns negative."""
        if amount <= 0:
            return picture
        rows, columns = picture.shape[:2]
        strength = self._strength(picture) * np.float32(amount)
        strength *= self._cut(index, rows, columns)
        least = np.minimum(picture, 0.0)
        picture += strength
        np.maximum(picture, least, out=picture)
        return picture

    def _strength(self, picture: Picture) -> Picture:
        """Deviation in each pixel. Looked up at half size: it changes slowly but where light does,
        and there each pixel's own light bounds it."""
        import cv2

        rows, columns = picture.shape[:2]
        half = (max(1, columns // 2), max(1, rows // 2))
        small = cv2.resize(picture, half, interpolation=cv2.INTER_AREA)
        light = np.asarray(small, np.float32)
        found = np.stack([c.at(light[..., i]) for i, c in enumerate(self._grain.curves)], axis=2)
        strength = cv2.resize(found, (columns, rows), interpolation=cv2.INTER_LINEAR)
        most = np.array([curve.most for curve in self._grain.curves], np.float32)
        np.minimum(strength, np.maximum(picture, 0.0) * most, out=strength)
        return np.asarray(strength, np.float32)

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
    """Noises of some softnesses, mixed so that the measures find in them what is wanted."""
    noises = [_noise(random, softness) for softness in SOFTNESS]
    found = np.array([_energies(noise) for noise in noises]).T
    strength = np.array([np.trace(one) for one in wanted])
    aim = strength.copy()
    for _ in range(_ROUNDS):
        made = _sum(noises, _parts(found, aim), wanted)
        flat = flattest(_plain(made), np.ones(1))
        has = np.trace(flat.colours.mean(axis=0), axis1=1, axis2=2)
        has *= strength.sum() / has.sum()
        aim *= np.clip(strength / np.maximum(has, 1e-30), 0.5, 2.0)
    made = _sum(noises, _parts(found, aim), wanted)
    tiles, fine = _plain(made), float(strength[:FINE].sum()) / 3.0
    has = np.mean([calm(tiles, channel, np.ones(1)) for channel in range(3)])
    return np.asarray(made * np.float32(math.sqrt(fine / max(float(has), 1e-30))), np.float32)


def _sum(noises: list[Picture], parts: Numbers, wanted: Colours) -> Picture:
    """So much of each noise, in the colours of its band."""
    made = np.zeros((SIDE, SIDE, 3), np.float32)
    for noise, part, band in zip(noises, parts, _HUES, strict=True):
        hue = wanted[band] / max(float(np.trace(wanted[band])), 1e-30)
        made += noise @ (_root(hue) * np.float32(np.sqrt(part)))
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


def _energies(noise: Picture) -> Numbers:
    """The energy of a noise in each band; a channel's, since all three are alike."""
    mean = _plain(noise).colours.mean(axis=0)
    return np.asarray(np.trace(mean, axis1=1, axis2=2) / 3.0, np.float64)


def _parts(found: Numbers, wanted: Numbers) -> Numbers:
    """How much of each noise (columns) gives the wanted energies (rows); none is negative.

    Multiplicative updates of a least-squares fit of relative errors: they never turn negative.
    """
    scaled = found / np.maximum(wanted, 1e-3 * wanted.max())[:, None]
    parts = np.full(found.shape[1], 1.0)
    for _ in range(_STEPS):
        parts *= scaled.sum(axis=0) / np.maximum(scaled.T @ (scaled @ parts), 1e-30)
    return np.asarray(parts, np.float64)


def _plain(noise: Picture) -> Tiles:
    """Tiles of a field."""
    return tiles_of(noise, np.ones(noise.shape[:2], np.float32))


def _root(covariance: Numbers) -> NDArray[np.float32]:
    """The symmetric matrix that gives unit noise this covariance."""
    values, axes = np.linalg.eigh(covariance)
    return np.asarray((axes * np.sqrt(np.maximum(values, 0.0))) @ axes.T, np.float32)
