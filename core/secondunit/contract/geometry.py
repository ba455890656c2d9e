"""Where pixels lie: windows and overscan, the crop around a matte, pixel aspect, padding; and back.

Boxes are ``(x, y, width, height)`` in pixels, origin top left. Cropping and padding are undone
exactly, bit for bit; scaling is only ever undone in size, so it is used where it must be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import BrokenFrames, OverLimits

from ..media.footage import Picture
from ..media.plates import PlateFrame
from ..media.stills import Windows

Box: TypeAlias = tuple[int, int, int, int]
Pixels: TypeAlias = NDArray[Any]
"""``(row, column)`` or ``(row, column, channel)`` of any type."""

_HALVINGS = 24  # of the range a scale is searched in: finer than a pixel of any picture
CONTEXT = 0.25  # of the matte's box on each side: what a generator needs to see around it


def displayed(stored: Pixels, windows: Windows) -> Pixels:
    """The display window of pixels over the data window: 0 where nothing is stored."""
    x, y, width, height = windows.display
    return _window(stored, windows.data, (x, y, width, height))


def stored(seen: Pixels, windows: Windows, *, outside: Any = 0) -> Pixels:
    """Pixels over the display window laid into the data window, ``outside`` in the overscan.

    A protection mask takes ``outside=True``: nobody asked for a change that cannot be seen.
    """
    return _window(seen, windows.display, windows.data, fill=outside)


def _window(pixels: Pixels, have: Box, want: Box, *, fill: Any = 0) -> Pixels:
    if pixels.shape[:2] != (have[3], have[2]):
        raise BrokenFrames(
            f"a picture of {pixels.shape[1]}x{pixels.shape[0]} does not fill its window, "
            f"{have[2]}x{have[3]}",
            hint="Give it in the size of the plate's window.",
        )
    if have == want:
        return pixels.copy()
    laid = np.full((want[3], want[2], *pixels.shape[2:]), fill, pixels.dtype)
    left, top = max(have[0], want[0]), max(have[1], want[1])
    right = min(have[0] + have[2], want[0] + want[2])
    low = min(have[1] + have[3], want[1] + want[3])
    if left < right and top < low:
        laid[top - want[1] : low - want[1], left - want[0] : right - want[0]] = pixels[
            top - have[1] : low - have[1], left - have[0] : right - have[0]
        ]
    return laid


def holding(frame: PlateFrame, free: Pixels) -> PlateFrame:
    """The frame with a data window large enough for all that may change.

    ``free`` is ``(row, column)`` bool over the display window. A plate that stores only part of the
    picture (a rendered element) is grown by zeros, which is what was there; else it is returned as
    it is.
    """
    box = box_of([free])
    if box is None:
        return frame
    x, y, width, height = frame.windows.data
    left, top = box[0] + frame.windows.display[0], box[1] + frame.windows.display[1]
    right, low = max(x + width, left + box[2]), max(y + height, top + box[3])
    left, top = min(x, left), min(y, top)
    return grown(frame, (left, top, right - left, low - top))


def grown(frame: PlateFrame, data: Box) -> PlateFrame:
    """The frame stored over another data window, 0 where it stored nothing.

    Raises BrokenFrames when pixels would be lost.
    """
    if data == frame.windows.data:
        return frame
    x, y, width, height = frame.windows.data
    inside = data[0] <= x and data[1] <= y
    if not (inside and x + width <= data[0] + data[2] and y + height <= data[1] + data[3]):
        raise BrokenFrames(
            "the data window does not hold the plate's own", hint="Deliver the whole plate."
        )
    planes = {name: _window(p, frame.windows.data, data) for name, p in frame.planes.items()}
    return replace(frame, planes=planes, windows=Windows(data, frame.windows.display))


def box_of(masks: Iterable[Pixels]) -> Box | None:
    """The smallest box that holds all of what is above 0 in ``(row, column)`` masks; or None."""
    left = top = right = low = -1
    for mask in masks:
        rows, columns = (np.flatnonzero((mask > 0).any(axis=axis)) for axis in (1, 0))
        if not rows.size:
            continue
        if left < 0:
            left, top = int(columns[0]), int(rows[0])
        left, top = min(left, int(columns[0])), min(top, int(rows[0]))
        right, low = max(right, int(columns[-1]) + 1), max(low, int(rows[-1]) + 1)
    return None if left < 0 else (left, top, right - left, low - top)


@dataclass(frozen=True)
class Crop:
    """A part of the frame at its native scale, padded to what a generator can take.

    ``box`` lies in a frame of ``size`` (width, height); the picture handed over has the size
    ``padded``, with its own edge mirrored to the right and below.
    """

    size: tuple[int, int]
    box: Box
    padded: tuple[int, int]

    @property
    def waste(self) -> float:
        """Padding as a share of the real pixels."""
        return self.padded[0] * self.padded[1] / (self.box[2] * self.box[3]) - 1

    def cut(self, frame: Pixels) -> Pixels:
        """The padded part of a frame, a copy. Raises BrokenFrames for another size."""
        self._expect(frame, self.size)
        x, y, width, height = self.box
        part = frame[y : y + height, x : x + width]
        more = ((0, self.padded[1] - height), (0, self.padded[0] - width))
        if not more[0][1] and not more[1][1]:
            return part.copy()
        return np.pad(part, (*more, *((0, 0),) * (frame.ndim - 2)), mode="symmetric")

    def restore(self, part: Pixels, frame: Pixels) -> Pixels:
        """A copy of the frame with the part laid back; the exact inverse of ``cut``."""
        self._expect(part, self.padded)
        self._expect(frame, self.size)
        x, y, width, height = self.box
        whole = frame.copy()
        whole[y : y + height, x : x + width] = part[:height, :width]
        return whole

    def _expect(self, pixels: Pixels, size: tuple[int, int]) -> None:
        if pixels.shape[:2] != size[::-1]:
            raise BrokenFrames(
                f"a picture of {pixels.shape[1]}x{pixels.shape[0]} where {size[0]}x{size[1]} "
                "was expected",
                hint="The generator must give back the size it was given.",
            )


def crop_around(
    box: Box, size: tuple[int, int], *, context: float = CONTEXT, multiple: int = 1, least: int = 1
) -> Crop:
    """The crop around a matte's box: with context on each side, at least ``least`` a side.

    Grown to the multiple with real pixels while the frame has them; padded only when it has not.
    """
    x, width, wide = _side(box[0], box[2], size[0], context, multiple, least)
    y, height, high = _side(box[1], box[3], size[1], context, multiple, least)
    return Crop(size, (x, y, width, height), (wide, high))


def whole(size: tuple[int, int], multiple: int = 1) -> Crop:
    """The whole frame, padded to the multiple."""
    wide, high = (math.ceil(side / multiple) * multiple for side in size)
    return Crop(size, (0, 0, *size), (wide, high))


def _side(
    start: int, length: int, limit: int, context: float, multiple: int, least: int
) -> tuple[int, int, int]:
    """Start, length and padded length along one side, as centred on the box as the frame allows."""
    wanted = max(length + 2 * math.ceil(length * context), least)
    padded = math.ceil(wanted / multiple) * multiple
    if padded >= limit:
        return 0, limit, math.ceil(limit / multiple) * multiple
    middle = start + (length - padded) // 2
    return min(max(0, middle), limit - padded), padded, padded


@dataclass(frozen=True)
class Fit:
    """A picture made square-pixelled and small enough for a generator, padded to its multiple."""

    size: tuple[int, int]  # as the plate stores it
    model: tuple[int, int]  # after desqueeze and scale, square pixels
    padded: tuple[int, int]

    @property
    def scale(self) -> float:
        """Of the height; 1 when only the width was desqueezed."""
        return self.model[1] / self.size[1]

    @property
    def waste(self) -> float:
        """Padding as a share of the real pixels."""
        return self.padded[0] * self.padded[1] / (self.model[0] * self.model[1]) - 1

    @property
    def exact(self) -> bool:
        """Nothing is resampled: what comes back unchanged is bit for bit the same."""
        return self.size == self.model

    def into(self, picture: Picture, *, nearest: bool = False) -> Picture:
        """``(row, column, channel)`` for the generator: desqueezed, scaled, padded.

        Four channels are RGBA, unpremultiplied. ``nearest`` is for ids, which cannot be averaged.
        """
        scaled = _scaled(picture, self.model, nearest=nearest)
        return Crop(self.model, (0, 0, *self.model), self.padded).cut(scaled)

    def back(self, picture: Picture) -> Picture:
        """What the generator gave, cropped and scaled to the plate's own size and squeeze."""
        if picture.shape[:2] != self.padded[::-1]:
            raise BrokenFrames(
                f"a picture of {picture.shape[1]}x{picture.shape[0]} where {self.padded[0]}x"
                f"{self.padded[1]} was expected",
                hint="The generator must give back the size it was given.",
            )
        return _scaled(picture[: self.model[1], : self.model[0]], self.size)


def fit(
    size: tuple[int, int],
    *,
    aspect: Fraction = Fraction(1),
    multiple: int = 1,
    least: int = 1,
    budget: int = 0,
) -> Fit:
    """How a plate of this size and pixel aspect goes into a generator.

    ``budget`` is the most pixels it takes, padding counted, 0 for any number; ``least`` the
    shortest side. Pictures are never made larger but by their desqueeze, and then in width, so
    that no row is lost. Raises OverLimits when not even ``least`` squared is within the budget.
    """

    def at(scale: float) -> Fit:
        model = max(1, round(size[0] * float(aspect) * scale)), max(1, round(size[1] * scale))
        wide, high = (math.ceil(max(side, least) / multiple) * multiple for side in model)
        return Fit(size, model, (wide, high))

    def fits(one: Fit) -> bool:
        return not budget or one.padded[0] * one.padded[1] <= budget

    if fits(at(1.0)):
        return at(1.0)
    if not fits(at(0.0)):
        side = at(0.0).padded[0]
        raise OverLimits(
            f"a generator of at most {budget:,} pixels cannot shoot {side} x {side}",
            hint="Report this to the generator's author: its limits contradict each other.",
        )
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(at(middle)) else (low, middle)
    return at(low)


def _scaled(picture: Picture, size: tuple[int, int], *, nearest: bool = False) -> Picture:
    """Resampled by area where it gets smaller; cubic, without overshoot, where larger."""
    if picture.shape[:2] == size[::-1]:
        return picture.copy()
    import cv2

    smaller = size[0] * size[1] < picture.shape[0] * picture.shape[1]
    how = cv2.INTER_NEAREST if nearest else cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    whole = np.array(picture, np.float32, order="C")
    with np.errstate(invalid="ignore", over="ignore"):  # what is no number is counted later
        if whole.shape[2] == 4:
            whole[..., :3] *= whole[..., 3:]
        made = np.asarray(cv2.resize(whole, size, interpolation=how), np.float32)
        made = made.reshape(size[1], size[0], picture.shape[2])
        if how == cv2.INTER_CUBIC:
            low, high = (ufunc.reduce(whole, axis=(0, 1)) for ufunc in (np.fmin, np.fmax))
            np.clip(made, low, high, out=made)
        if made.shape[2] == 4:
            np.divide(made[..., :3], made[..., 3:], out=made[..., :3], where=made[..., 3:] > 0)
    return made
