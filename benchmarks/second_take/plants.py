"""Errors planted without rendering: into one picture, or into a run of frames. Four severities.

Pictures are display codes 0..1 before grain, ``(row, column, 3)`` float32; light is codes to the
power 2.4. Blurs are in pixels of a picture 512 wide. Runs are lists of 8-bit frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .pictures import GAMMA, Picture

Frames = list[NDArray]

STILL_LADDERS = {
    "exposure": (0.05, 0.1, 0.33, 1.0),  # stops
    "white balance": (0.015, 0.03, 0.08, 0.2),  # stops of red and blue against green
    "black": (0.003, 0.01, 0.03, 0.06),  # share of white
    "soft": (0.3, 0.5, 0.8, 2.0),  # px at 512
}
GRAIN_LADDER = (0.8, 0.67, 0.5, 0.0)  # times
MORE_GRAIN = (1.2, 1.5, 2.0, 3.0)


def changed(kind: str, amount: float) -> Callable[[Picture, int], Picture]:
    """What is done to a picture by a class of error; the number of the frame does not matter."""
    return lambda picture, _: STILLS[kind](picture, amount)


def exposed(picture: Picture, stops: float) -> Picture:
    return _coded(_light(picture) * np.float32(2.0**stops))


def tinted(picture: Picture, stops: float) -> Picture:
    gains = np.exp2(np.array([stops, 0, -stops], np.float32))
    return _coded(_light(picture) * gains)


def lifted(picture: Picture, share: float) -> Picture:
    return _coded(_light(picture) * np.float32(1 - share) + np.float32(share))


def softened(picture: Picture, pixels: float) -> Picture:
    import cv2

    sigma = pixels * picture.shape[1] / 512
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def shifted(picture: Picture, x: float, y: float, scale: float = 1.0) -> Picture:
    """As seen by a camera that turned a little: moved by pixels, and larger."""
    import cv2

    rows, columns = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), 0, scale)
    matrix[:, 2] += (x, y)
    return np.asarray(
        cv2.warpAffine(picture, matrix, (columns, rows), borderMode=cv2.BORDER_REFLECT), np.float32
    )


STILLS: dict[str, Callable[[Picture, float], Picture]] = {
    "exposure": exposed,
    "white balance": tinted,
    "black": lifted,
    "soft": softened,
}


@dataclass(frozen=True)
class RunPlant:
    """An error of time: its ladder, the check that must find it, and how it is put in."""

    ladder: tuple[float, ...]
    check: str
    put: Callable[[Frames, float, np.random.Generator], Frames]


def flickering(frames: Frames, share: float, draw: np.random.Generator) -> Frames:
    gains = 1 + share * draw.standard_normal(len(frames))
    return [
        _eight(_coded(_light(_whole(f)) * np.float32(g)))
        for f, g in zip(frames, gains, strict=True)
    ]


def boiling(frames: Frames, share: float, draw: np.random.Generator) -> Frames:
    """Every part, about a tenth of the picture wide, shimmers by itself."""
    import cv2

    rows, columns = frames[0].shape[:2]
    out = []
    for frame in frames:
        gains = draw.standard_normal((6, 10)).astype(np.float32)
        field = cv2.resize(gains, (columns, rows), interpolation=cv2.INTER_CUBIC)
        out.append(
            _eight(_coded(_light(_whole(frame)) * (1 + np.float32(share) * field[..., None])))
        )
    return out


def repeating(frames: Frames, count: float, draw: np.random.Generator) -> Frames:
    """So many frames in the middle repeat the one before; half a frame: encoded again."""
    out, first = list(frames), int(draw.integers(6, max(7, len(frames) - 12 - 2)))
    for n in range(max(1, int(count))):
        if first + n < len(out) - 1:
            held = frames[first - 1]
            out[first + n] = _jpeg(held, 90) if count < 1 else held
    return out


def blocky(frames: Frames, quality: float, _: np.random.Generator) -> Frames:
    return [_jpeg(frame, int(quality)) for frame in frames]


def banded(frames: Frames, bits: float, _: np.random.Generator) -> Frames:
    """Grain smoothed away, then too few levels."""
    import cv2

    levels = 2 ** int(bits) - 1
    out = []
    for frame in frames:
        smooth = cv2.bilateralFilter(cv2.GaussianBlur(frame, (0, 0), 1.2), 9, 20, 7)
        out.append(_eight(np.rint(_whole(smooth) * levels) / levels))
    return out


def broken(frames: Frames, share: float, draw: np.random.Generator) -> Frames:
    """Values that are no numbers, over a share of one frame."""
    out: Frames = [_whole(frame) for frame in frames]
    spot, (rows, columns) = int(draw.integers(len(out))), out[0].shape[:2]
    count = max(1, round(share * rows * columns))
    where = draw.choice(rows * columns, count, replace=False)
    out[spot].reshape(-1, 3)[where] = np.nan
    return out


def flashing(frames: Frames, hertz: float, _: np.random.Generator) -> Frames:
    """Flashes over a third of the picture, so many a second at 24 frames a second."""
    out = []
    rows = frames[0].shape[0]
    for n, frame in enumerate(frames):
        lit = (n * 2 * hertz / 24) % 2 >= 1
        one = frame.copy()
        part = one[: round(0.45 * rows)]
        part[:] = 235 if lit else (part * 0.35).astype(np.uint8)
        out.append(one)
    return out


def interrupted(frames: Frames, others: Sequence[NDArray], at: int) -> Frames:
    """Another shot's frames from ``at`` on: a cut that nobody told of."""
    return [*frames[:at], *others[: len(frames) - at]]


RUNS = {
    "flicker": RunPlant((0.005, 0.01, 0.02, 0.05), "flicker.global", flickering),
    "boil": RunPlant((0.01, 0.02, 0.05, 0.10), "flicker.boil", boiling),
    "duplicate": RunPlant((0.5, 1, 2, 12), "dup.frame", repeating),
    "blocks": RunPlant((40, 20, 10, 5), "block", blocky),
    "banding": RunPlant((7, 6, 5, 4), "band", banded),
    "range": RunPlant((1e-6, 1e-4, 1e-2, 1e-1), "range", broken),
    "flash": RunPlant((4, 5, 6, 8), "pse", flashing),
}


def _light(codes: Picture) -> Picture:
    return np.asarray(np.maximum(codes, 0) ** np.float32(GAMMA), np.float32)


def _coded(light: Picture) -> Picture:
    return np.asarray(np.clip(light, 0, 1) ** np.float32(1 / GAMMA), np.float32)


def _whole(frame: NDArray) -> Picture:
    return np.asarray(frame, np.float32) / np.float32(255)


def _eight(codes: Picture) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(codes * 255), 0, 255), np.uint8)


def _jpeg(frame: NDArray, quality: int) -> NDArray[np.uint8]:
    import cv2

    _, data = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
