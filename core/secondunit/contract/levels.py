"""How bright and how warm a picture is, robustly: what grading and continuity both go by.

All in scene-linear light; stops are log2 ratios. A picture here is ``(row, column, channel)``
float32, RGB or RGBA unpremultiplied, scene-linear working space, origin top left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Footage, Picture

# Luminance of AP1 primaries, the Y row of ACES RGB_AP1 to XYZ (S-2014-004). Rec.709 weights
# differ by less than .02 stop in ratios of like pictures, far below every limit used here.
LUMA = np.array([0.2722287168, 0.6740817658, 0.0536895174], np.float32)

DARKEST = 2.0**-14  # scene-linear; smallest normal half float: below it there is only noise
BRIGHTEST = 65504.0  # largest half float
_TRIM = (5.0, 95.0)  # percentiles kept: lamps, sky holes and letterbox bars say nothing


@dataclass(frozen=True)
class Level:
    """A picture's level, in stops: exposure (log2 of luminance), red and blue against green."""

    exposure: float
    red: float
    blue: float

    def over(self, other: Level) -> Level:
        """How far this level is above another."""
        return Level(self.exposure - other.exposure, self.red - other.red, self.blue - other.blue)


def proxy(picture: Picture, width: int) -> Picture:
    """The picture made no wider than this, by area, RGB only; NaN and negative values become 0."""
    import cv2

    rows, columns = picture.shape[:2]
    small = picture[..., :3]
    if small.shape[2] < 3:
        small = np.repeat(small[..., :1], 3, axis=2)
    if columns > width:
        step = columns // (4 * width)  # skipping pixels first keeps 4K as cheap as HD
        if step > 1:
            small = small[::step, ::step]
        size = (width, max(1, round(rows * width / columns)))
        small = np.asarray(
            cv2.resize(np.ascontiguousarray(small), size, interpolation=cv2.INTER_AREA), np.float32
        )
    return np.clip(np.nan_to_num(small, nan=0.0, posinf=BRIGHTEST), 0.0, BRIGHTEST)


def luminance(picture: Picture) -> NDArray[np.float32]:
    """``(row, column)`` float32, scene-linear."""
    return np.asarray(picture[..., :3] @ LUMA, np.float32)


def stops(picture: Picture) -> NDArray[np.float32]:
    """log2 of luminance, ``(row, column)`` float32, floored at the smallest normal half float."""
    return np.log2(np.maximum(luminance(picture), DARKEST))


def level(picture: Picture) -> Level | None:
    """The trimmed mean of log luminance and the medians of log R/G and B/G; None when all black."""
    small = proxy(picture, 256)
    light = luminance(small)
    lit = light > DARKEST
    if np.count_nonzero(lit) < max(1, 0.002 * light.size):
        return None
    logs = np.log2(light[lit])
    low, high = np.percentile(logs, _TRIM)
    kept = (logs >= low) & (logs <= high)
    red, blue = warmth(small[lit][kept])
    return Level(float(logs[kept].mean()), red, blue)


def warmth(colours: NDArray[np.float32]) -> tuple[float, float]:
    """Medians of log2 R/G and B/G of ``(pixel, 3)`` colours, in stops; nan when there are none."""
    if not len(colours):
        return float("nan"), float("nan")
    logs = np.log2(np.maximum(colours, DARKEST))
    return float(np.median(logs[:, 0] - logs[:, 1])), float(np.median(logs[:, 2] - logs[:, 1]))


def level_of(footage: Footage, numbers: Iterable[int]) -> Level | None:
    """The mean level of these frames; None when all are black. Raises what reading raises."""
    found = [level(footage.frame(number)) for number in numbers]
    levels = [one for one in found if one is not None]
    if not levels:
        return None
    return Level(
        *(float(np.mean([getattr(one, name) for one in levels]))
          for name in ("exposure", "red", "blue"))
    )  # fmt: skip
