"""Plates with something in front of a wall that is known, for tests of removal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from secondunit.generators.clean_plate import CleanPlate
from secondunit.hookspecs import Developed, Preview
from secondunit.testing import Reel, Still, ask
from secondunit_bridge.errors import NeedsModel
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange, Handles

Made = Callable[[int], np.ndarray]
GRAIN = 0.004  # scene-linear
DARK = 0.02  # of what stands in front


def wall(rows: int, columns: int, seed: int = 3) -> np.ndarray:
    """``(row, column, 3)`` float32 scene-linear, 0.1 to 0.5: blocks of 6 pixels, softened."""
    size = (rows // 6 + 1, columns // 6 + 1, 3)
    blocks = np.random.default_rng(seed).random(size).astype(np.float32)
    whole = np.kron(blocks, np.ones((6, 6, 1), np.float32))[:rows, :columns]
    return np.asarray(cv2.GaussianBlur(whole, (0, 0), 1.0)) * 0.4 + 0.1


def grainy(picture: np.ndarray, seed: int, amount: float = GRAIN) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, amount, picture.shape)
    return (picture + noise).astype(np.float32)


@dataclass(frozen=True)
class Shot:
    """A plate: ``clean(index)`` is the truth, ``matte(index)`` ``(row, column)`` bool."""

    rows: int
    columns: int
    count: int
    clean: Made
    matte: Made
    grain: float = GRAIN

    def plate(self, index: int) -> np.ndarray:
        """What was photographed."""
        inner = cv2.erode(self.matte(index).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        seen = grainy(self.clean(index), index, self.grain)
        return np.where(inner[..., None], np.float32(DARK), seen)

    def footage(self) -> dict[Role, Reel]:
        span, size = FrameRange(0, self.count - 1, Fraction(24)), (self.columns, self.rows)
        return {
            Role.plate: Reel(span, *size, self.plate),
            Role.matte: Reel(
                span, *size, lambda n: self.matte(n)[..., None].astype(np.float32), ("A",)
            ),
        }

    def said(self, **options: object) -> Iterator[object]:
        """All that clean_plate says of it, as it says it."""
        given = ask(
            CleanPlate(), frames=self.count, handles=Handles(0, 0), footage=self.footage(),
            size=(self.columns, self.rows), options=options,
        )  # fmt: skip
        assert not given.plan.refusals
        yield from CleanPlate().run(given.plan, given.elements, 1, Still())

    def removed(self, **options: object) -> list[Developed]:
        return [one for one in self.said(**options) if isinstance(one, Developed)]

    def refused(self, **options: object) -> tuple[Preview, NeedsModel]:
        """The picture that came before the refusal, and the refusal."""
        shown: list[Preview] = []
        try:
            for one in self.said(**options):
                shown.extend([one] if isinstance(one, Preview) else [])
        except NeedsModel as refusal:
            return shown[-1], refusal
        raise AssertionError("it was not refused")

    def error(self, frame: Developed, index: int) -> np.ndarray:
        """In the matte, mean of the channels, in 255ths."""
        off = np.abs(frame.pixels[..., :3] - self.clean(index)).mean(-1) * 255
        return np.asarray(off[self.matte(index) > 0])


def walking(rows: int, columns: int, count: int, *, top: int, high: int, wide: int) -> Made:
    """Mattes of something that walks from one edge of the picture, over it, to the other."""

    def matte(index: int) -> np.ndarray:
        left = round(-wide + (columns + wide) * (index + 1) / (count + 1))
        made = np.zeros((rows, columns), bool)
        made[top : top + high, max(0, left) : max(0, left + wide)] = True
        return made

    return matte
