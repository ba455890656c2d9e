"""Where a reference lies over a plate, and the look through that place into it.

Positions are in pixels, the middle of the top left pixel is (0, 0); matrices are 3 x 3 float64 and
take column vectors. A box is ``(x, y, w, h)`` in pixels from the picture's top left corner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture

Matrix: TypeAlias = NDArray[np.float64]
Box: TypeAlias = tuple[float, float, float, float]

FITS = ("cover", "contain", "region")
_WHITEST = 65504.0  # largest half float
_SHARP = 1.05  # source pixels to one of the picture from which detail is filtered first


def placed(fit: str, size: tuple[int, int], box: Box) -> Matrix:
    """From a reference's pixels to a plate's, so that it lies on a box.

    ``cover``: as large as it must be to leave nothing of the box bare; ``contain``: as large as it
    can be with nothing of it outside; both centred and at its own proportions. ``region``:
    stretched onto the box.
    """
    x, y, w, h = box
    across, down = w / size[0], h / size[1]
    if fit != "region":
        across = down = max(across, down) if fit == "cover" else min(across, down)
    left, top = x + (w - size[0] * across) / 2, y + (h - size[1] * down) / 2
    corner = np.array([[across, 0.0, left], [0.0, down, top], [0.0, 0.0, 1.0]])
    half = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
    return np.asarray(np.linalg.inv(half) @ corner @ half, np.float64)


def around(boxes: list[Box]) -> Box:
    """The smallest box that holds them all."""
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
    return (left, top, right - left, bottom - top)


def seen_from(matrix: Matrix, box: Box) -> Box:
    """The box around a box's corners after a matrix."""
    x, y, w, h = (box[0] - 0.5, box[1] - 0.5, box[2], box[3])
    corners = np.array([[x, x + w, x, x + w], [y, y, y + h, y + h], [1.0] * 4])
    moved = matrix @ corners
    across, down = moved[0] / moved[2] + 0.5, moved[1] / moved[2] + 0.5
    left, top = float(across.min()), float(down.min())
    return (left, top, float(across.max()) - left, float(down.max()) - top)


def enlargement(matrix: Matrix, at: tuple[float, float]) -> float:
    """How many pixels of the picture one of the source becomes, at most, near a picture's point."""
    back = np.linalg.inv(matrix)
    middle = back @ np.array([at[0], at[1], 1.0])
    x, y, w = middle
    steps = np.array(
        [
            [back[0, 0] * w - x * back[2, 0], back[0, 1] * w - x * back[2, 1]],
            [back[1, 0] * w - y * back[2, 0], back[1, 1] * w - y * back[2, 1]],
        ]
    ) / (w * w)
    least = float(np.linalg.svd(steps, compute_uv=False).min())
    return 1.0 / max(least, 1e-9)


@dataclass(frozen=True)
class Seen:
    """A piece of the plate's frame with the reference in it.

    ``colour`` ``(row, column, 3)``, where ``cover`` is above 0; ``cover`` ``(row, column)``, 1.0
    where the reference is opaque and reaches, 0.0 where it does not.
    """

    colour: Picture
    cover: NDArray[np.float32]


class Lens:
    """Looks at one reference picture through any number of matrices.

    ``picture`` is ``(row, column, 3 or 4)`` float32 scene-linear, unpremultiplied. ``blur`` is a
    defocus, sigma in pixels of the plate. Lanczos of eight taps, held between the darkest and
    brightest pixels of the reference around each point: no edge rings, nothing turns negative.
    """

    def __init__(self, picture: Picture, blur: float) -> None:
        self._picture, self._blur = _clean(picture), blur
        self._kept: tuple[tuple[float, float], _Ready] | None = None

    def through(self, matrix: Matrix, left: int, top: int, width: int, height: int) -> Seen:
        """The reference as it lies in the box of the plate with this corner and size."""
        import cv2

        shift = np.array([[1.0, 0, -left], [0, 1.0, -top], [0, 0, 1.0]])
        steps = _steps(shift @ matrix, width, height)
        ready = self._ready(steps)
        forth = shift @ matrix @ ready.back
        size = (width, height)
        colour = cv2.warpPerspective(
            ready.colour, forth, size, flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
        )
        for edge, hold in ((ready.low, np.maximum), (ready.high, np.minimum)):
            bound = cv2.warpPerspective(
                edge, forth, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            hold(colour, bound, out=colour)
        cover = cv2.warpPerspective(
            ready.cover, forth, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
        )
        held = np.asarray(np.clip(np.asarray(cover, np.float32), 0.0, 1.0), np.float32)
        found = np.asarray(colour, np.float32)
        if self._picture.shape[2] == 4:
            np.divide(found, held[..., None], out=found, where=held[..., None] > 1e-4)
        return Seen(found, held)

    def _ready(self, steps: tuple[float, float]) -> _Ready:
        """The reference without the detail that this reduction cannot show; the last is kept."""
        rounded = (round(math.log2(steps[0]) * 24) / 24, round(math.log2(steps[1]) * 24) / 24)
        if self._kept is None or self._kept[0] != rounded:
            wide = (2.0 ** rounded[0], 2.0 ** rounded[1])
            self._kept = (rounded, _prepared(self._picture, wide, self._blur))
        return self._kept[1]


@dataclass(frozen=True)
class _Ready:
    """A reference filtered and reduced, its local bounds, and the way back to its own pixels."""

    colour: Picture
    low: Picture
    high: Picture
    cover: NDArray[np.float32]
    back: Matrix


def _clean(picture: Picture) -> Picture:
    """Finite, and with associated alpha."""
    clean = np.array(picture, np.float32)
    np.nan_to_num(clean, copy=False, nan=0.0, posinf=_WHITEST, neginf=0.0)
    if clean.shape[2] == 4:
        clean[..., :3] *= clean[..., 3:]
    return clean


def _steps(matrix: Matrix, width: int, height: int) -> tuple[float, float]:
    """Source pixels to a step across and a step down in the middle of the picture, at least 1."""
    back = np.linalg.inv(matrix)
    spots = np.array([[width / 2, width / 2 + 1, width / 2],
                      [height / 2, height / 2, height / 2 + 1], [1.0, 1.0, 1.0]])  # fmt: skip
    there = back @ spots
    there = there[:2] / there[2]
    moves = there[:, 1:] - there[:, :1]
    across, down = float(np.abs(moves[0]).max()), float(np.abs(moves[1]).max())
    return max(1.0, across), max(1.0, down)


def _prepared(picture: Picture, steps: tuple[float, float], blur: float) -> _Ready:
    import cv2

    rows, columns = picture.shape[:2]
    ratio = (max(1, int(steps[0])), max(1, int(steps[1])))
    small, back = picture, np.eye(3)
    if max(ratio) > 1:
        size = (max(1, round(columns / ratio[0])), max(1, round(rows / ratio[1])))
        small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
        across, down = columns / size[0], rows / size[1]
        back = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1.0]])
        steps = (steps[0] / across, steps[1] / down)
    sigmas = [
        math.hypot(0.5 * math.sqrt(max(0.0, s * s - 1)) if s > _SHARP else 0.0, blur * s)
        for s in steps
    ]
    if max(sigmas) > 0.05:
        wide, tall = (max(sigma, 0.01) for sigma in sigmas)
        border = cv2.BORDER_REPLICATE
        soft = cv2.GaussianBlur(small, (0, 0), wide, sigmaY=tall, borderType=border)
        small = np.asarray(soft, np.float32).reshape(small.shape)
    cover = small[..., 3] if small.shape[2] == 4 else np.ones(small.shape[:2], np.float32)
    colour = np.ascontiguousarray(small[..., :3])
    around_one = np.ones((3, 3), np.uint8)
    low = np.asarray(cv2.erode(colour, around_one), np.float32)
    high = np.asarray(cv2.dilate(colour, around_one), np.float32)
    return _Ready(colour, low, high, np.ascontiguousarray(cover), back)
