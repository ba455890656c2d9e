"""A cut of twenty shots of real footage with planted faults, and how a person would name them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

SIZE = (320, 180)
Pictures = list[np.ndarray]

FAULTS = {  # clip -> the check that must say something of it
    "1B": "colour.exposure", "2B": "prop.change", "3B": "colour.wb", "4A": "dup.frame",
    "4B": "grain.level", "5A": "flicker.global", "3D": "focus.soft", "6A": "block", "6C": "pse",
    "7B": "setup.match", "8A": "range", "9A": "dead.cut",
}  # fmt: skip


def gain(stops: float) -> Callable[[Pictures], Pictures]:
    """So many stops brighter, in light."""
    return lambda shots: [_light(shot, np.float32(2.0**stops)) for shot in shots]


def warm(shots: Pictures) -> Pictures:
    return [_light(shot, np.array([1.18, 1.0, 0.82], np.float32)) for shot in shots]


def mug(shots: Pictures) -> Pictures:
    """A red mug on the branch, drawn four times as large and made small again."""
    red, dark = (178, 40, 34), (96, 18, 16)
    high, wide = shots[0].shape[:2]
    cup = np.zeros((1080, 1920, 4), np.float32)
    for paint, seen in ((0, red), (1, (1.0,))):
        layer = cup[..., :3] if paint == 0 else cup[..., 3:]
        layer = np.ascontiguousarray(layer)
        cv2.rectangle(layer, (1328, 672), (1448, 824), seen, -1)
        cv2.ellipse(layer, (1464, 744), (32, 44), 0, -100, 100, seen, 16)
        cv2.ellipse(layer, (1388, 672), (60, 20), 0, 0, 360, dark if paint == 0 else seen, -1)
        cup[..., (0 if paint == 0 else 3) : (3 if paint == 0 else 4)] = layer
    small = cv2.resize(cup, (wide, high), interpolation=cv2.INTER_AREA)
    return [_held(shot * (1 - small[..., 3:]) + small[..., :3]) for shot in shots]


def again(shots: Pictures) -> Pictures:
    return [*shots[:6], shots[5], *shots[7:]]


def grainy(shots: Pictures) -> Pictures:
    rng = np.random.default_rng(5)
    return [_held(shot + rng.normal(0, 7, shot.shape)) for shot in shots]


def pumping(shots: Pictures) -> Pictures:
    gains = np.random.default_rng(3).normal(1, 0.03, len(shots))
    return [_held(shot * one) for shot, one in zip(shots, gains, strict=True)]


def soft(shots: Pictures) -> Pictures:
    return [cv2.GaussianBlur(shot, (0, 0), 2.2) for shot in shots]


def squares(shots: Pictures) -> Pictures:
    def crushed(shot: np.ndarray) -> np.ndarray:
        _, data = cv2.imencode(".jpg", shot[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 6])
        return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1].copy()

    return [crushed(shot) for shot in shots]


def flashing(shots: Pictures) -> Pictures:
    """Six flashes a second."""
    return [
        _held(shot * 0.25) if n // 2 % 2 else _held(shot + 90.0) for n, shot in enumerate(shots)
    ]


def gone(shots: Pictures) -> Pictures:
    return [np.zeros_like(shot) if 4 <= n < 8 else shot for n, shot in enumerate(shots)]


CLIPS: tuple[tuple[str, int, int, Callable[[Pictures], Pictures] | None], ...] = (
    ("1A", 0, 12, None),
    ("1B", 12, 12, gain(-0.6)),
    ("2A", 66, 8, None),
    ("2B", 74, 12, mug),
    ("3A", 174, 8, None),
    ("3B", 182, 12, warm),
    ("4A", 24, 12, again),
    ("4B", 36, 12, grainy),
    ("5A", 90, 14, pumping),
    ("3C", 192, 8, None),
    ("3D", 200, 12, soft),
    ("6A", 100, 12, squares),
    ("6B", 48, 8, None),
    ("6C", 112, 24, flashing),
    ("7A", 120, 8, None),
    ("7B", 150, 8, None),
    ("8A", 0, 12, gone),
    ("8B", 62, 8, None),
    ("9A", 164, 12, None),
    ("9B", 196, 8, None),
)


def write_planted(
    folder: Path, excerpt: Path, cuts: Any, name: str = "planted", count: int = len(CLIPS)
) -> Path:
    """Write the movies and the cut of the first so many shots into a folder."""
    import av

    with av.open(str(excerpt)) as container:
        whole = [
            cv2.resize(frame.to_ndarray(format="rgb24"), SIZE, interpolation=cv2.INTER_AREA)
            for frame in container.decode(video=0)
        ]
    items = []
    for clip, first, frames, plant in CLIPS[:count]:
        shots = whole[first : first + frames]
        if plant is not None:
            shots = plant(shots)
        cuts.write_movie(folder / f"{clip}_v003.mov", shots)
        items.append(cuts.clip(clip, f"{clip}_v003.mov", 0, frames, has=frames))
    return cuts.write_cut(folder / f"{name}.otio", items)


def _light(shot: np.ndarray, by: np.ndarray | np.float32) -> np.ndarray:
    light = (shot.astype(np.float32) / 255) ** 2.4 * by
    return _held(np.clip(light, 0, 1) ** (1 / 2.4) * 255)


def _held(shot: np.ndarray) -> np.ndarray:
    return np.clip(shot + 0.5, 0, 255).astype(np.uint8)
