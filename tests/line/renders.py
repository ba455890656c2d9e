"""A small scene rendered without a renderer: a ball that rolls over a floor, in all its passes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from secondunit.media.delivery import Attributes, write_exr

SIDE = 64
FAR = 60000.0  # what a renderer writes where there is nothing, as half float holds it
LINEAR = "Linear Rec.709 (sRGB)"
LAYER = (
    "Combined.R", "Combined.G", "Combined.B", "Depth.Z", "Normal.X", "Normal.Y", "Normal.Z",
    "IndexOB.X",
)  # fmt: skip


def passes(index: int, side: int = SIDE) -> np.ndarray:
    """``(row, column, 8)``: the channels of LAYER, distances in metres."""
    down, across = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    made = np.zeros((side, side, 8), np.float32)
    made[..., 3] = FAR
    floor = down > 0.05
    made[floor, 3] = 0.6 / down[floor]
    made[floor, 4:7], made[floor, 7] = (0, 1, 0), 1
    x, y = across + 0.15 - 0.05 * index, down - 0.02
    round_ = x * x + y * y < 0.04
    out = np.sqrt(np.clip(0.04 - x * x - y * y, 0, None))
    ball = np.stack([x, -y, out], axis=-1) / 0.2
    made[round_, 3] = 3.0 - 2.0 * out[round_]
    made[round_, 4:7], made[round_, 7] = ball[round_], 2
    light = np.clip(made[..., 4:7] @ np.float32([0.4, 0.7, 0.6]), 0, 1)[..., None]
    paint = np.where(round_[..., None], np.float32([0.7, 0.2, 0.1]), np.float32([0.3, 0.3, 0.35]))
    made[..., :3] = 0.05 + paint * light
    return made


def written(folder: Path, *, count: int = 2, layer: str = "ViewLayer", first: int = 1) -> Path:
    """One EXR of many channels for each frame; the pattern they go by."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        names = tuple(f"{layer}.{name}" for name in LAYER)
        path = folder / f"ball.{first + index:04}.exr"
        write_exr(path, passes(index).astype(np.float16), names, Attributes(space=LINEAR))
    return folder / "ball.%04d.exr"


def apart(folder: Path, *, count: int = 2) -> dict[str, Path]:
    """Each pass in files of its own, by its role."""
    folder.mkdir(parents=True, exist_ok=True)
    cut = {
        "guide": (slice(0, 3), "RGB"),
        "depth": (slice(3, 4), "Y"),
        "normal": (slice(4, 7), "RGB"),
    }
    for role, (which, names) in cut.items():
        for index in range(count):
            pixels = np.ascontiguousarray(passes(index)[..., which]).astype(np.float16)
            space = LINEAR if role == "guide" else ""
            path = folder / f"{role}.{index + 1:04}.exr"
            write_exr(path, pixels, tuple(names), Attributes(space=space))
    return {role: folder / f"{role}.%04d.exr" for role in cut}
