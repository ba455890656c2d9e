"""A face that was found: where it is, its points, which way it is turned, and what it is like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Region

from ...media.sight import Sight, coded, fitted

Codes: TypeAlias = NDArray[np.uint8]
"""``(row, column, 3)`` RGB display codes, origin top left, contiguous."""
Likeness: TypeAlias = NDArray[np.float32]
"""One face as numbers: ``(n,)`` float32. What two faces are alike in is their distance (L2)."""

WIDTH = 1280  # columns that faces are read at; they are looked for at half of that
LOOKED = 640


@dataclass(frozen=True)
class Face:
    """One face in one frame.

    ``region`` and ``points`` (the two eyes as the picture has them, left first, then the nose) are
    in 0..1 of the picture from top left. ``turn`` is how far the nose is from between the eyes, in
    distances of the eyes, along their line: above 0 the head is turned to the right of the picture.
    ``wide`` is the width of its region in pixels of the frame as it is; ``sure`` is the finder's
    own score, comparable only within one model.
    """

    frame: int
    region: Region
    points: tuple[tuple[float, float], ...]
    embedding: Likeness = field(compare=False, repr=False)
    turn: float = 0.0
    wide: float = 0.0
    sure: float = 1.0

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of its region."""
        x, y, wide, high = self.region
        return x + wide / 2, y + high / 2


class FaceModel(Protocol):
    """Finds faces and says what they are like.

    ``limit``: two pictures of one person, taken apart, are seldom farther apart than this, and two
    people seldom nearer. ``credit`` is a sentence to say with whatever the model finds; a model
    that a person has put here names itself and its licence in it.
    """

    name: str  # with its version or digest: what it finds depends on it
    licence: str
    limit: float
    credit: str

    def find(self, picture: Codes, frame: int, wide: int) -> list[Face]:
        """The faces of a picture, largest first; ``wide`` are the columns of the frame it is of."""
        ...


def apart(one: Likeness, other: Likeness) -> float:
    """The distance of two faces; 0 is the same picture."""
    return float(np.linalg.norm(one - other))


def faces_of(sight: Sight, model: FaceModel) -> list[Face]:
    """The faces of a frame, found once for all checks."""
    return sight.once(("faces", model.name), lambda: _found(sight, model))


def _found(sight: Sight, model: FaceModel) -> list[Face]:
    codes = sight.codes
    wide = sight.luma.shape[1]
    if codes is None:
        small = coded(sight.small_light(WIDTH))
    else:
        three = codes[..., :3] if codes.shape[2] >= 3 else np.repeat(codes[..., :1], 3, axis=2)
        small = fitted(np.nan_to_num(three), WIDTH) * np.float32(255)
    return model.find(np.clip(small, 0, 255).astype(np.uint8), sight.number, wide)


def turned(points: Sequence[tuple[float, float]]) -> float:
    """How far the nose is from between the eyes; points in pixels: left eye, right eye, nose."""
    left, right, nose = np.asarray(points, float)
    line = right - left
    return float((nose - (left + right) / 2) @ line / max(line @ line, 1e-9))


def inside(face: Face, region: Region, slack: float = 0.05) -> bool:
    """The middle of the face lies in the region, or nearly."""
    (x, y), (left, top, wide, high) = face.centre, region
    return left - slack <= x <= left + wide + slack and top - slack <= y <= top + high + slack


def largest_first(faces: Iterable[Face]) -> list[Face]:
    """The largest face first."""
    return sorted(faces, key=lambda face: -face.region[2] * face.region[3])
