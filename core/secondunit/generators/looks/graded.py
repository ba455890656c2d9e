"""Graded: the render itself, clean, with air over the distance, a grade, glow and grain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...media.footage import Picture
from .anchors import Anchors
from .frame import Passes, Plane
from .grading import Grade, film
from .history import Settling
from .tones import Values, light_of, linear_of, luminance, shown

LEVEL = 0.03  # added to albedo before light is divided by it: dark surfaces would be all noise
_CLEAR = 0.55  # of the shot's distance: no air up to there
_THICK = 3.2  # of the shot's distance: air takes 1 - 1/e over so much
_GLOW = 0.82  # codes: what is brighter glows
_WARM = np.array((1.0, 0.42, 0.16), np.float32)  # halation is red: light comes back from the base
_GRAIN = 2.2 / 255  # codes, standard deviation at grain 1


@dataclass(frozen=True)
class Graded:
    """The look. ``far`` says that there is a depth."""

    seed: int
    colour: float = 1.0
    fog: float = 0.2
    halation: float = 0.35
    grain: float = 0.5
    far: bool = True
    grade: Grade = field(default_factory=film)

    def draw(
        self,
        passes: Passes,
        logs: Sequence[Plane],
        anchors: Anchors,
        index: int,
        settling: Settling,
    ) -> tuple[Picture, Plane]:
        """``(row, column, 3)`` float32 scene-linear Rec.709, 0..1, and 0 everywhere: nothing is
        drawn beyond the picture's own alpha. ``logs`` are the smoothed planes of ``passes``."""
        plain = settling.settled(self.plain(passes, logs, anchors), passes)
        codes = self.grade.on(plain, self.colour)
        if self.halation > 0:
            codes = codes + _glow(codes, self.halation)
        if self.grain > 0:
            codes = codes + self._grain(codes, index)[..., None]
        return linear_of(codes), np.zeros(passes.near.shape, np.float32)

    def plain(self, passes: Passes, logs: Sequence[Plane], anchors: Anchors) -> Picture:
        """Codes before the grade: clean light with the air over it."""
        light = np.dstack([light_of(one) for one in logs])
        if passes.albedo is not None:
            light *= passes.albedo + np.float32(LEVEL)
        if self.fog > 0 and self.far:
            light = self._aired(light, passes.near, anchors)
        return shown(light, anchors.exposure)

    def _aired(self, light: Picture, near: Plane, anchors: Anchors) -> Picture:
        there = near > 0
        depth = np.divide(1, near, out=np.zeros(near.shape, np.float32), where=there)
        length = (depth - np.float32(_CLEAR * anchors.reach)) / np.float32(_THICK * anchors.reach)
        air = 1 - np.exp(-np.maximum(length, 0) * np.float32(2 * self.fog))
        air *= np.float32(0.85)
        made: Picture = light + (anchors.air - light) * air[..., None]
        return made

    def _grain(self, codes: Picture, index: int) -> Plane:
        """Anew in each frame; most in the middle tones."""
        import cv2

        rng = np.random.default_rng([self.seed, index])
        noise = rng.standard_normal(codes.shape[:2], dtype=np.float32)
        soft: Any = cv2.GaussianBlur(noise, (0, 0), 0.7)
        grey = np.clip(luminance(codes), 0, 1)
        made: Plane = np.asarray(soft, np.float32) * (np.float32(0.45) + 2 * grey * (1 - grey))
        made *= np.float32(2.4 * _GRAIN * self.grain)
        return made


def _glow(codes: Picture, share: float) -> Picture:
    """What bright parts spill around them, ``(row, column, 3)`` codes to add."""
    import cv2

    wide, high = codes.shape[1], codes.shape[0]
    small: Values = cv2.resize(  # type: ignore[assignment]  # OpenCV says numbers, not float32
        codes, (max(1, wide // 4), max(1, high // 4)), interpolation=cv2.INTER_AREA
    )
    bright = np.clip((luminance(np.ascontiguousarray(small)) - _GLOW) / (1 - _GLOW), 0, 1)
    bright *= bright
    close: Any = cv2.GaussianBlur(bright, (0, 0), max(1.0, wide * 0.0016))
    broad: Any = cv2.GaussianBlur(bright, (0, 0), max(2.0, wide * 0.008))
    spilt = close[..., None] * _WARM * np.float32(0.20) + broad[..., None] * np.float32(0.16)
    large: Any = cv2.resize(np.asarray(spilt, np.float32), (wide, high))
    made: Picture = (
        np.asarray(large, np.float32) * (1 - np.clip(codes, 0, 1)) * np.float32(share * 2)
    )
    return made
