"""The frames a removal may draw on: the plate's own and clean ones, with what is hidden in each.

Frames are counted from 0 in one row: the plate's first, then those of clean references. A bounded
number is kept in memory, as half float.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.timing import FrameRange

from ..contract.levels import BRIGHTEST
from ..hookspecs import Watch
from ..media.footage import Footage, Picture
from .halves import narrow
from .registration import HIDDEN, lies_still, matte_of

Mask = NDArray[np.bool_]

SAFE = 2  # pixels around a matte that are not trusted to be background
_CLEAN = 48  # frames of a clean reference that are looked at, spread over it


@dataclass(frozen=True)
class Row:
    """Footage made of others: ``made(number)`` gives one picture."""

    frames: FrameRange
    width: int
    height: int
    made: Callable[[int], Picture]
    channels: tuple[str, ...] = ("R", "G", "B")
    space: str = ""

    def frame(self, number: int) -> Picture:
        """One picture, whatever ``made`` raises."""
        return self.made(number)


@dataclass(frozen=True)
class Kept:
    """One frame: ``pixels`` ``(row, column, 3)`` half, finite; ``seen`` where it is background."""

    pixels: NDArray[np.float16]
    seen: Mask


class Stock:
    """Frames 0 to ``count - 1`` of the plate, and clean ones after them up to ``total``."""

    def __init__(
        self, plate: Footage, matte: Footage, clean: Sequence[Footage], watch: Watch, most: int
    ) -> None:
        self.plate, self._matte, self._watch = plate, matte, watch
        self.count = len(plate.frames)
        self.rows, self.columns = plate.height, plate.width
        self._clean = [(one, number) for one in clean for number in _spread(one, _CLEAN)]
        self.total = self.count + len(self._clean)
        self._kept: OrderedDict[int, Kept] = OrderedDict()
        self._most = max(2, most)

    def picture(self, index: int) -> Picture:
        """RGB of a frame as it is, ``(row, column, 3)`` float32; the plate's size."""
        if index < self.count:
            return self.plate.frame(self.plate.frames.first + index)[..., :3]
        footage, number = self._clean[index - self.count]
        return _sized(footage.frame(number)[..., :3], self.rows, self.columns)

    def matte(self, index: int) -> NDArray[np.float32]:
        """The soft matte of a plate's frame, ``(row, column)`` 0..1; of a clean one, all 0."""
        if index >= self.count:
            return np.zeros((self.rows, self.columns), np.float32)
        soft = matte_of(self._matte, self.plate, self.plate.frames.first + index)
        if soft is None:
            return np.zeros((self.rows, self.columns), np.float32)
        return np.nan_to_num(soft[..., 0], nan=1.0)

    def hidden(self, index: int) -> Mask:
        """Where a frame's background is hidden by what is removed."""
        return self.matte(index) > HIDDEN

    def unsafe(self, index: int) -> Mask:
        """The same with a safety of two pixels around it."""
        import cv2

        if index >= self.count:
            return np.zeros((self.rows, self.columns), bool)
        wide = np.ones((2 * SAFE + 1,) * 2, np.uint8)
        return np.asarray(cv2.dilate(self.hidden(index).astype(np.uint8), wide) > 0)

    def take(self, index: int) -> Kept:
        """A frame with what is background in it; kept until others need the room."""
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        self._watch.check()
        picture = self.picture(index)
        sound = np.isfinite(picture).all(-1)
        kept = Kept(narrow(finite(picture)), sound & ~self.unsafe(index))
        self._kept[index] = kept
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return kept

    def fitting(self, watch: Watch) -> list[int]:
        """Clean frames that lie over the plate as they are: of the same view, unmoved."""
        found = []
        for index in range(self.count, self.total):
            watch.check()
            plate, other = (np.nan_to_num(self.picture(one)) for one in (0, index))
            if lies_still(plate, other, ~self.unsafe(0), ~self.unsafe(index)):
                found.append(index)
        return found

    def as_footage(self, indexes: range) -> tuple[Footage, Footage]:
        """These frames, and their mattes, as footage numbered as here."""
        frames = FrameRange(indexes[0], indexes[-1], self.plate.frames.rate)
        size = (self.columns, self.rows)
        mattes = Row(frames, *size, lambda index: self.matte(index)[..., None], ("A",))
        return Row(frames, *size, self.picture, space=self.plate.space), mattes


def finite(picture: Picture) -> Picture:
    """The picture with NaN as 0, within what half float holds; the same one when it is already."""
    low, high = float(picture.min(initial=0)), float(picture.max(initial=0))
    if low >= -BRIGHTEST and high <= BRIGHTEST:  # NaN passes neither
        return picture
    return np.clip(np.nan_to_num(picture, nan=0.0), -BRIGHTEST, BRIGHTEST)


def _spread(footage: Footage, most: int) -> list[int]:
    numbers = list(footage.frames)
    picks = np.linspace(0, len(numbers) - 1, min(most, len(numbers))).round().astype(int)
    return [numbers[pick] for pick in np.unique(picks)]


def _sized(picture: Picture, rows: int, columns: int) -> Picture:
    import cv2

    if picture.shape[:2] == (rows, columns):
        return picture
    how = cv2.INTER_AREA if picture.shape[0] > rows else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (columns, rows), interpolation=how), np.float32)
