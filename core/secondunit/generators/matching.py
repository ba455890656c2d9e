"""Brings a reference part of the way to a plate's colour: log mean and contrast, once for a shot.

All on scene-linear values; stops are log2. A fitted match is the same for every frame of a take,
so that nothing pumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture

FLOOR = 2.0**-10  # scene-linear; darker values are noise and follow the values at the floor
REACH = 4.0  # stops that a mean may lie from the plate's before the rest is left alone
REACH_COLOUR = 0.5  # stops of a channel against the mean: a red room says little of its light
CONTRAST = (0.5, 2.0)  # the plate's deviation over the reference's, at most
_TRIM = (5.0, 95.0)  # percentiles kept: lamps and black borders say nothing
_LEAST = 64  # pixels that a statement about colour needs
_PIXELS = 200_000  # looked at in all; more change nothing in the third digit

Samples = NDArray[np.float32]
"""``(pixel, 3)`` float32 RGB, scene-linear."""


@dataclass(frozen=True)
class Match:
    """For red, green and blue: the log2 value that stays between, its shift, and the contrast."""

    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    contrast: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def on(self, picture: Picture) -> Picture:
        """The picture matched, in place; RGB only. Values below FLOOR are scaled alike, so black
        stays black and nothing changes its sign."""
        if self == Match():
            return picture
        for channel in range(3):
            values = picture[..., channel]
            slope = self.contrast[channel] - 1.0
            if abs(slope) < 1e-6:
                values *= 2.0 ** self.shift[channel]
                continue
            gain = np.log2(np.maximum(values, FLOOR))
            gain -= self.centre[channel]
            gain *= slope
            gain += self.shift[channel]
            values *= np.exp2(gain, out=gain)
        return picture


@dataclass(frozen=True)
class Tone:
    """What a set of pixels looks like: mean and deviation of log2, for each channel."""

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


def tone(samples: Sequence[Samples]) -> Tone | None:
    """The tone of all these pixels together, trimmed; None when too few of them have light."""
    found = [part for part in samples if len(part)]
    if not found:
        return None
    pixels = np.concatenate(found)
    pixels = pixels[:: max(1, len(pixels) // _PIXELS)]
    lit = pixels[np.isfinite(pixels).all(axis=1) & (pixels.max(axis=1) > FLOOR)]
    if len(lit) < _LEAST:
        return None
    logs = np.log2(np.maximum(lit, FLOOR)).astype(np.float64)
    light = logs.mean(axis=1)
    low, high = np.percentile(light, _TRIM)
    kept = logs[(light >= low) & (light <= high)]
    return Tone(kept.mean(axis=0), kept.std(axis=0))


def match(reference: Tone | None, plate: Tone | None, share: float) -> Match:
    """The match that goes ``share`` (0..1) of the way from the reference's tone to the plate's.

    Nothing when either is unknown. Both mean and deviation go that share of their way.
    """
    if reference is None or plate is None or share <= 0:
        return Match()
    apart = plate.mean - reference.mean
    even = float(np.clip(apart.mean(), -REACH, REACH))
    apart = even + np.clip(apart - apart.mean(), -REACH_COLOUR, REACH_COLOUR)
    ratio = np.clip(plate.deviation / np.maximum(reference.deviation, 0.05), *CONTRAST)
    if float(reference.deviation.max()) < 0.05:  # a flat card has no contrast to change
        ratio = np.ones(3)
    contrast = 1.0 + (float(ratio.mean()) - 1.0) * share  # one for all channels: no tinted shadows
    return Match(_three(reference.mean), _three(apart * share), (contrast, contrast, contrast))


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
