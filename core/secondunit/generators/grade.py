"""The gains that bring an insert between its neighbours: bounded, the same for every frame.

Whole pictures are compared, the source's not the insert's: a close detail may be darker than its
shot, and brightening it to the neighbours' mean would be a mistake, not a match.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contract.levels import LUMA, Level
from ..media.footage import Picture

REACH = 1.0  # stops of exposure that a source may be brought towards its neighbours
REACH_COLOUR = 0.25  # stops of R/G and of B/G
# From a neighbour towards the middle between both: below the limits at which continuity asks a
# person to look (.33 and .10), so that the grade itself is never a finding.
LEAN = 0.20
LEAN_COLOUR = 0.05
# Stops; neighbours further apart differ by what they show, not by their light. The hard cuts of a
# finished film are .3 to 2.1 stops apart in exposure and .1 to 2.7 in colour.
SAME_SCENE = 1.0
SAME_SCENE_COLOUR = 0.5


@dataclass(frozen=True)
class Gain:
    """Factors for red, green and blue, scene-linear."""

    red: float = 1.0
    green: float = 1.0
    blue: float = 1.0

    def on(self, picture: Picture) -> Picture:
        """The picture with the gain on it, in place; alpha is left alone."""
        picture[..., :3] *= np.array([self.red, self.green, self.blue], np.float32)
        return picture

    @property
    def exposure(self) -> float:
        """What it does to a grey, in stops."""
        factors = np.array([self.red, self.green, self.blue]) @ LUMA.astype(float)
        return math.log2(float(factors))


def between(ends: Sequence[Level], part: float) -> Gain:
    """The gain that brings a source between its neighbours; ``ends`` are their levels above it.

    ``part`` 0..1 of it is applied. A source outside its neighbours is brought to the nearer one,
    within REACH; then, when they could be one scene, towards the middle, within LEAN.
    """
    if not ends:
        return Gain()
    lean = 1.0 if _one_scene(ends) else 0.0
    exposure = _shift([e.exposure for e in ends], REACH, lean * LEAN)
    red = _shift([e.red for e in ends], REACH_COLOUR, lean * LEAN_COLOUR)
    blue = _shift([e.blue for e in ends], REACH_COLOUR, lean * LEAN_COLOUR)
    gains = np.exp2(np.array([red, 0.0, blue]))
    even = 2.0**exposure / float(gains @ LUMA.astype(float))  # colour alone keeps luminance
    whole = [float(gain * even) for gain in gains]
    return Gain(*(gain**part for gain in whole))


def _one_scene(ends: Sequence[Level]) -> bool:
    def apart(values: list[float]) -> float:
        return max(values) - min(values)

    colour = max(apart([e.red for e in ends]), apart([e.blue for e in ends]))
    return apart([e.exposure for e in ends]) <= SAME_SCENE and colour <= SAME_SCENE_COLOUR


def _shift(ends: list[float], reach: float, lean: float) -> float:
    if not all(map(math.isfinite, ends)):
        return 0.0
    nearest = min(max(0.0, min(ends)), max(ends))
    middle = sum(ends) / len(ends)
    return _within(nearest, reach) + _within(middle - nearest, lean)


def _within(value: float, limit: float) -> float:
    return min(limit, max(-limit, value))
