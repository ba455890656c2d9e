"""Pictures of takes as a camera would have delivered them: display codes with grain on them.

A picture here is ``(row, column, 3)`` float32 display codes 0..1, gamma 2.4 of Rec.709, origin top
left; ``ids`` are ``(row, column)`` uint8, the number of the object each pixel shows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

GAMMA = 2.4
GRAIN = 2.0  # codes of 255; of a camera at its usual speed
OPENING = 1.6  # what a render is multiplied with before its highlights are rolled off

Picture = NDArray[np.float32]
Ids = NDArray[np.uint8]


@dataclass(frozen=True)
class Shown:
    """One rendered picture with its truth, as it lies in a scene's folder."""

    folder: Path
    name: str  # take and pose: ``A0.1``

    @cached_property
    def truth(self) -> dict[str, Any]:
        """Camera, people, what was planted."""
        return json.loads((self.folder / f"{self.name}.json").read_text())

    @property
    def picture(self) -> Picture:
        """Display codes without grain."""
        return _read(self.folder / f"{self.name}.exr")[0]

    @property
    def ids(self) -> Ids:
        """Whose pixel it is."""
        return _read(self.folder / f"{self.name}.exr")[1]


@lru_cache(maxsize=256)
def _read(path: Path) -> tuple[Picture, Ids]:
    import OpenImageIO as oiio

    image = oiio.ImageBuf(str(path))
    names = [name.split(".", 1)[1] for name in image.spec().channelnames]
    pixels = image.get_pixels(oiio.FLOAT)
    light = pixels[..., [names.index(f"Combined.{channel}") for channel in "RGB"]]
    ids = pixels[..., names.index("IndexOB.X")].round().astype(np.uint8)
    return printed(np.ascontiguousarray(light, np.float32)), ids


def printed(light: Picture) -> Picture:
    """Scene-linear Rec.709 rolled off and coded for a display."""
    open_up = np.maximum(np.nan_to_num(light) * OPENING, 0)
    rolled = open_up * (1 + open_up / 16) / (1 + open_up) * 1.25
    return np.asarray(np.clip(rolled, 0, 1) ** (1 / GAMMA), np.float32)


def grained(
    codes: Picture, seed: tuple[int, ...], sigma: float = GRAIN, soft: float = 0.5
) -> Picture:
    """With grain of so many codes, as soft as so many pixels; a little of it coloured."""
    import cv2

    if not sigma:
        return codes
    draw = np.random.default_rng(seed)
    grain = draw.standard_normal((*codes.shape[:2], 1)) + 0.4 * draw.standard_normal(codes.shape)
    if soft:
        grain = cv2.GaussianBlur(grain, (0, 0), soft)
    grain = grain * (sigma / 255 / grain.std())
    return np.asarray(codes + grain, np.float32)


def delivered(codes: Picture) -> NDArray[np.uint8]:
    """As 8-bit codes."""
    return np.asarray(np.clip(np.rint(codes * 255), 0, 255), np.uint8)


def region(ids: Ids, index: int) -> tuple[float, float, float, float] | None:
    """The box around an object as x, y, width, height in 0..1, or None when it is not seen."""
    rows, columns = np.nonzero(ids == index)
    if len(rows) < 12:
        return None
    high, wide = ids.shape
    x, y = columns.min() / wide, rows.min() / high
    return (float(x), float(y), float((columns.max() + 1) / wide - x),
            float((rows.max() + 1) / high - y))  # fmt: skip


def chest(ids: Ids, index: int) -> tuple[float, float, float, float] | None:
    """The largest upright box, of a few sizes, that shows the costume and nothing else."""
    import cv2

    mask = (ids == index).astype(np.uint8)
    for size in (0.16, 0.12, 0.09, 0.07, 0.05):
        high, wide = (
            max(8, round(side * size)) for side in (ids.shape[0] * 1.2, ids.shape[1] * 0.5)
        )
        inside = cv2.erode(mask, np.ones((high, wide), np.uint8), borderValue=0)
        if inside.any():
            rows, columns = np.nonzero(inside)
            middle = np.argmin(np.hypot(rows - np.median(rows), columns - np.median(columns)))
            x, y = columns[middle] - wide // 2, rows[middle] - high // 2
            return (max(0.0, x / ids.shape[1]), max(0.0, y / ids.shape[0]),
                    wide / ids.shape[1], high / ids.shape[0])  # fmt: skip
    return None
