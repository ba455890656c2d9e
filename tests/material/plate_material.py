"""Plates made for tests of the command: a textured wall, and a box that goes across it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from secondunit.media.delivery import Attributes, write_exr, write_still

WIDE, HIGH, COUNT = 240, 96, 6
SRGB = "sRGB Encoded Rec.709 (sRGB)"
LINEAR = "Linear Rec.709 (sRGB)"
BOX = 24  # pixels a side


def wall(seed: int = 3) -> np.ndarray:
    """``(row, column, 3)`` 0.1 to 0.7, soft texture."""
    import cv2

    noise = np.random.default_rng(seed).random((HIGH, WIDE, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return 0.1 + 0.6 * (soft - soft.min()) / (soft.max() - soft.min())


def box(index: int) -> tuple[slice, slice]:
    """Where the box is in a frame."""
    left = 8 + index * 38  # no two places meet: every frame shows what others hide
    return slice(36, 36 + BOX), slice(left, left + BOX)


def picture(index: int, place: int | None = None) -> np.ndarray:
    """A frame: the wall, a little grain, the box before it, where it is in frame ``place``."""
    rng = np.random.default_rng(100 + index)
    made = wall() + rng.normal(0, 0.004, (HIGH, WIDE, 3)).astype(np.float32)
    made[box(index if place is None else place)] = (0.85, 0.2, 0.1)
    return np.clip(made, 0, 1)


def matte(index: int) -> np.ndarray:
    """``(row, column, 1)``: the box with a margin of four pixels."""
    rows, columns = box(index)
    made = np.zeros((HIGH, WIDE, 1), np.float32)
    made[rows.start - 4 : rows.stop + 4, max(0, columns.start - 4) : columns.stop + 4] = 1
    return made


def grown(soft: np.ndarray, zone: int) -> np.ndarray:
    """``(row, column)``: what a matte lets change with its edge zone, by adding up shifted copies
    of it: in another way than the product's."""
    inside, made = soft.reshape(soft.shape[:2]) > 0, np.zeros(soft.shape[:2], bool)
    height, width = inside.shape
    for down in range(-zone, zone + 1):
        reach = int((zone * zone - down * down) ** 0.5)
        for right in range(-reach, reach + 1):
            to = slice(max(0, down), height + min(0, down)), slice(max(0, right), width + right)
            of = slice(max(0, -down), height - down), slice(max(0, -right), width - right)
            made[to] |= inside[of]
    return made


def written(
    folder: Path, name: str, made, *, suffix: str = ".png", count: int = COUNT, first: int = 1001
) -> Path:
    """``made(index)`` for each frame, as files; the pattern they go by."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        pixels = made(index)
        channels = {1: ("Y",), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}[pixels.shape[2]]
        path = folder / f"{name}.{first + index:04}{suffix}"
        if suffix == ".exr":
            write_exr(path, pixels.astype(np.float16), channels, Attributes())
        else:
            write_still(path, pixels, channels)
    return folder / f"{name}.%04d{suffix}"


def with_passes(folder: Path, count: int = 2) -> Path:
    """An EXR plate with a depth, ids, and a matte among its channels."""
    names = ("R", "G", "B", "Z", "id", "hold.mask")
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        passes = np.random.default_rng(index).random((HIGH, WIDE, 2)) * 60000
        pixels = np.dstack((picture(index), passes, matte(index))).astype(np.float16)
        write_exr(folder / f"passes.{index + 1:04}.exr", pixels, names, Attributes(space=LINEAR))
    return folder / "passes.%04d.exr"
