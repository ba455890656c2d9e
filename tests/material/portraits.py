"""Shots of people, made of real portraits: a slow camera over a photograph, 24 frames or so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = (480, 270)
# Where the head is in each portrait: the middle of the face and its width, in 0..1 of the width.
HEADS = {
    "astronaut_portrait.png": (0.43, 0.23, 0.17),
    "official_portrait_a.jpg": (0.54, 0.27, 0.20),
    "official_portrait_b.jpg": (0.59, 0.36, 0.24),
}
ADA, BEN, CAL = HEADS


def portrait(folder: Path, name: str) -> NDArray[np.uint8]:
    """RGB codes of one of the portraits."""
    picture = cv2.imread(str(folder / "faces" / name), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.ascontiguousarray(picture[..., ::-1])


def framed(
    picture: NDArray[np.uint8], name: str, *, face: float = 84, dx: float = 0, dy: float = 0,
    size: tuple[int, int] = SIZE,
) -> NDArray[np.uint8]:  # fmt: skip
    """The head in the middle of a frame (moved by dx, dy pixels), its face so many pixels wide."""
    x, y, wide = (part * picture.shape[1] for part in HEADS[name])
    scale = face / wide
    matrix = np.array(
        [[scale, 0, size[0] / 2 + dx - x * scale], [0, scale, size[1] * 0.45 + dy - y * scale]]
    )
    # Made smaller by area first: a photograph of 2000 rows would alias.
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        matrix[:, :2] = np.eye(2)
    out = cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(out, np.uint8)


def moving(
    picture: NDArray[np.uint8], name: str, count: int = 16, *, face: float = 84, dx: float = 0
) -> Iterator[NDArray[np.uint8]]:
    """A slow push and drift over a portrait."""
    for at in range(count):
        yield framed(picture, name, face=face + 0.6 * at, dx=dx + 1.5 * at, dy=0.5 * at)


def lit(picture: NDArray[np.uint8], gain: float, warm: float = 0.0) -> NDArray[np.uint8]:
    """Another light: gain, and red against blue, in codes."""
    gains = np.array([gain * (1 + warm), gain, gain * (1 - warm)])
    return np.clip(picture * gains, 0, 255).astype(np.uint8)
