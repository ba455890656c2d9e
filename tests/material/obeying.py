"""Takes of the quay by the three looks, and what may go wrong in them, planted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import quay
from secondunit.generators.looks import Looks
from secondunit.hookspecs import Developed, Exam, Scene, Thing
from secondunit.media.cryptomatte import layers
from secondunit.media.stills import still_facts
from secondunit.testing import Reel, Still, ask
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange, Handles

Plant = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""``(picture scene-linear, mask of the object)`` to the picture with something wrong in it."""


@dataclass(frozen=True)
class Passes:
    """The hooks' ``Elements``: footage by role."""

    footage: Mapping[Role, Reel]
    already: None = None

    def one(self, role: Role) -> Reel | None:
        return self.footage.get(role)

    def all(self, role: Role) -> list[Reel]:
        return [self.footage[role]] if role in self.footage else []


def drawn(shot: quay.Quay, look: str, *, scale: int = 1) -> list[np.ndarray]:
    """Every frame of the shot, ``(row, column, 3)`` float32 scene-linear."""
    footage = shot.footage(scale=scale)
    one = footage[Role.depth]
    given = ask(Looks(), frames=shot.count, handles=Handles(0, 0), size=(one.width, one.height),
                footage=footage, options={"look": look})  # fmt: skip
    said = Looks().run(given.plan, given.elements, 1, Still())
    return [word.pixels[..., :3].copy() for word in said if isinstance(word, Developed)]


def names_in(path: Path) -> dict[int, str]:
    """Bits of an object's number -> its name, by the file's own manifest."""
    (layer,) = layers(still_facts(path).attributes, path)
    return {bits: name for name, bits in layer.manifest.items()}


def exam(
    shot: quay.Quay,
    take: list[np.ndarray],
    tags: Mapping[str, str] | None = None,
    *,
    without: tuple[Role, ...] = (),
    scale: int = 1,
    eyelines: Mapping[str, Mapping[int, float]] | None = None,
) -> Exam:
    """The take beside the scene's passes. ``tags``: name of an object -> its role."""
    names = names_in(shot.folder / f"{shot.shot}.0001.exr")
    things = {bits: Thing(name, (tags or {}).get(name, "")) for bits, name in names.items()}
    span = FrameRange(1001, 1000 + len(take), Fraction(24))
    high, wide = take[0].shape[:2]
    reel = Reel(span, wide, high, lambda number: take[number - 1001])
    return Exam(
        take=reel, asked=span, cut=span, scene=Scene(things, eyelines or {}),
        elements=Passes(shot.footage(without=without, scale=scale)),
    )  # fmt: skip


def mask_of(shot: quay.Quay, name: str, index: int) -> np.ndarray:
    """``(row, column)`` uint8: 1 where the object is the nearest."""
    (bits,) = [b for b, n in names_in(shot.folder / f"{shot.shot}.0001.exr").items() if n == name]
    ids = np.ascontiguousarray(shot.frame(index)[Role.ids][..., 0]).view(np.uint32)
    return (ids == bits).astype(np.uint8)


def planted(shot: quay.Quay, take: list[np.ndarray], name: str, plant: Plant) -> list[np.ndarray]:
    """The take with the same done to an object in every frame."""
    return [plant(frame, mask_of(shot, name, index)) for index, frame in enumerate(take)]


def erased(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Painted over from its surroundings."""
    room = cv2.dilate(mask, np.ones((7, 7), np.uint8))
    codes = (np.clip(picture, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    bare = (cv2.inpaint(codes, room, 5, cv2.INPAINT_TELEA) / np.float32(255)) ** np.float32(2.2)
    return np.where(room[..., None] > 0, bare, picture).astype(np.float32)


def placed(share: float = 0.0, size: float = 1.0) -> Plant:
    """Drawn elsewhere: ``share`` of the width to the right, ``size`` times as large."""

    def plant(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
        high, wide = mask.shape
        rows, columns = np.nonzero(mask)
        x, y = (columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2
        matrix = np.float32([[size, 0, x - size * x + share * wide], [0, size, y - size * y]])
        cut = cv2.dilate(mask, np.ones((3, 3), np.uint8)).astype(np.float32)
        over = cv2.warpAffine(cut, matrix, (wide, high))[..., None]
        moved = cv2.warpAffine(picture, matrix, (wide, high))
        return (erased(picture, mask) * (1 - over) + moved * over).astype(np.float32)

    return plant


def filmed(
    picture: np.ndarray, share: float = 0.0, *, size: float = 1.0, turn: float = 0.0
) -> np.ndarray:
    """Seen by another camera: shifted to the right, enlarged, turned clockwise by degrees."""
    high, wide = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), -turn, size)
    matrix[0, 2] += share * wide
    return cv2.warpAffine(picture, matrix, (wide, high), borderMode=cv2.BORDER_REFLECT)
