"""Edges of a picture by strength and direction, and outlines of objects to hold against them.

A direction is told by twice its angle, so that both sides of an ink line speak for the same line,
and hatching or noise, whose directions do not follow an outline, come to nothing on average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...media.footage import Picture

Field: TypeAlias = NDArray[np.float32]
"""``(row, column, 2)`` float32, length 0..1: cosine and sine of twice the direction across the
edge, times how plainly it is seen."""

Plane: TypeAlias = NDArray[np.float32]

WORKING = 960  # columns that pictures are looked at in; larger ones are shrunk
_FINE = 1.0  # sigma in pixels below which nothing counts: grain, pores of paper
_NEAR = 1.0  # sigma in pixels within which an edge counts for an outline: some 1.5 px to each side
_FAINT = 0.03  # step of tone a pixel that counts half beside flat surroundings
_AROUND = 31  # columns of the surroundings that a step is set against


def tone(linear: Picture, size: tuple[int, int]) -> Picture:
    """``(row, column, 3)`` float32 of about 0..1, as an eye sees it: its own white, gamma 2.2.

    ``linear`` is scene-linear, NaN allowed; ``size`` is width and height to give.
    """
    import cv2

    rgb = linear[..., :3] if linear.shape[2] >= 3 else np.repeat(linear[..., :1], 3, axis=2)
    rgb = np.clip(np.nan_to_num(rgb, nan=0.0, posinf=1e4, neginf=0.0), 0, 1e4)
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)
    white = max(float(np.percentile(small[::2, ::2].max(axis=2), 98)), 1e-4)
    return np.asarray(cv2.pow(np.clip(small / np.float32(white), 0, 1.25), 1 / 2.2), np.float32)


def field_of(toned: Picture) -> Field:
    """The edges of a picture in tones."""
    import cv2

    soft = np.asarray(cv2.GaussianBlur(toned, (0, 0), _FINE), np.float32)
    x = np.asarray(cv2.Scharr(soft, cv2.CV_32F, 1, 0), np.float32) / 32
    y = np.asarray(cv2.Scharr(soft, cv2.CV_32F, 0, 1), np.float32) / 32
    along = np.asarray((x * x - y * y).sum(axis=2), np.float32)
    slant = np.asarray((2 * x * y).sum(axis=2), np.float32)
    power = np.sqrt(along * along + slant * slant)
    step = np.sqrt(power)
    around = np.asarray(cv2.blur(step, (_AROUND, _AROUND)), np.float32)
    gain = step / (step + np.float32(_FAINT) + around) / np.maximum(power, np.float32(1e-9))
    made = np.dstack([along * gain, slant * gain])
    return np.asarray(cv2.GaussianBlur(made, (0, 0), _NEAR), np.float32)


@dataclass(frozen=True)
class Outline:
    """Points of an object's outline: ``x``, ``y`` in pixels, and twice the direction across it."""

    x: Plane
    y: Plane
    cosine: Plane
    sine: Plane

    def __len__(self) -> int:
        return len(self.x)

    def only(self, chosen: NDArray[np.bool_] | slice) -> Outline:
        """Some of the points."""
        return Outline(self.x[chosen], self.y[chosen], self.cosine[chosen], self.sine[chosen])

    def agreement(self, field: Field, x: Plane | None = None, y: Plane | None = None) -> Plane:
        """-1..1 at each point: an edge in the outline's direction, none or one across it.

        ``x`` and ``y`` are where else to look, of the outline's shape or with axes before it.
        Nothing is seen outside the picture.
        """
        import cv2

        at_x = np.ascontiguousarray(self.x if x is None else x, np.float32)
        at_y = np.ascontiguousarray(self.y if y is None else y, np.float32)
        shape = at_x.shape
        seen = np.asarray(
            cv2.remap(
                field, at_x.reshape(-1, len(self)), at_y.reshape(-1, len(self)),
                cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0,
            ),
            np.float32,
        )  # fmt: skip
        return np.asarray(
            (seen[..., 0] * self.cosine + seen[..., 1] * self.sine).reshape(shape), np.float32
        )


def outline_of(mask: NDArray[np.bool_]) -> Outline:
    """The outline of a mask within the picture: where the picture ends there is none."""
    import cv2

    whole = mask.astype(np.uint8)
    soft = np.asarray(cv2.GaussianBlur(whole.astype(np.float32), (0, 0), 1.2), np.float32)
    x = np.asarray(cv2.Scharr(soft, cv2.CV_32F, 1, 0), np.float32)
    y = np.asarray(cv2.Scharr(soft, cv2.CV_32F, 0, 1), np.float32)
    inner = np.asarray(cv2.erode(whole, np.ones((3, 3), np.uint8), borderValue=1))
    power = x * x + y * y
    on = (whole != inner) & (power > 1e-4)
    on[[0, -1], :] = on[:, [0, -1]] = False
    rows, columns = np.nonzero(on)
    x, y, power = x[on], y[on], power[on]
    return Outline(
        columns.astype(np.float32), rows.astype(np.float32),
        (x * x - y * y) / power, 2 * x * y / power,
    )  # fmt: skip
