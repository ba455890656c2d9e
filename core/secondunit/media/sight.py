"""One frame as checks see it: every derived picture is made once, however many checks want it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from .footage import Footage, Picture

T = TypeVar("T")
Plane: TypeAlias = NDArray[np.float32]
"""``(row, column)`` float32, origin top left."""

# Luma of Rec.709, ITU-R BT.709-6 item 3.2; of AP1 light, row Y of ACES S-2014-004. In codes the two
# differ by less than the grain of the cleanest camera.
LUMA_709 = np.array([[0.2126, 0.7152, 0.0722]], np.float32)
LUMA_AP1 = np.array([[0.2722287168, 0.6740817658, 0.0536895174]], np.float32)
GAMMA = 2.4  # of a display, ITU-R BT.1886
BRIGHT = 4.0  # times display white; light beyond it is all the same to an eye at a monitor


class Sight:
    """Frame ``number`` of ``shows``, and the sight before it.

    Two kinds of pictures can be asked for: ``light``, scene-linear in the working space, and
    ``luma``, display codes from 0 to 255 with fractions, in which grain, edges and steps are as
    large as an eye sees them. Luma of footage that is made for a display is read off its codes as
    they are; luma of scene-linear light is its luminance through gamma 2.4, white at 255.

    ``before`` is the sight of the frame shown before, or None for the first. A sight keeps that one
    alive and no earlier one.
    """

    def __init__(self, shows: Shows, number: int, before: Sight | None = None) -> None:
        self.number, self.before = number, before
        self._shows = shows
        self._made: dict[Hashable, Any] = {}
        if before is not None:
            before.before = None

    def once(self, what: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, made the first time it is asked for under this name."""
        if what not in self._made:
            self._made[what] = make()
        made: T = self._made[what]
        return made

    @property
    def light(self) -> Picture:
        """``(row, column, channel)`` float32, scene-linear working space, as large as the frame."""
        return self.once("light", lambda: self._shows.light(self._pixels))

    @property
    def luma(self) -> Plane:
        """Display codes 0..255 with fractions, as large as the frame; finite."""
        return self.once("luma", lambda: self._shows.luma(self._pixels))

    @property
    def codes(self) -> Picture | None:
        """RGB as the file holds it, 0..1, of footage made for a display; None of light."""
        return self._pixels if self._shows.for_display else None

    def small_luma(self, width: int) -> Plane:
        """Luma made no wider than this, by area."""
        return self.once(("luma", width), lambda: fitted(self.luma, width))

    def small_light(self, width: int) -> Picture:
        """Light made no wider than this, by area; NaN and below zero is 0, three channels.

        Of footage made for a display codes are averaged, then converted: in a flat part the same.
        """
        return self.once(("light", width), lambda: self._shows.small_light(self._pixels, width))

    @property
    def _pixels(self) -> Picture:
        return self.once("pixels", lambda: self._shows.pixels(self.number))


class Shows:
    """Footage and how its pixels become light: what the sights of one shot have in common.

    ``convert`` turns display codes into scene-linear working light; None when the footage is
    light already.
    """

    def __init__(
        self, footage: Footage, convert: Callable[[Picture], Picture] | None = None
    ) -> None:
        self._footage, self._convert = footage, convert

    @property
    def for_display(self) -> bool:
        """The pixels are codes of a display."""
        return self._convert is not None

    def pixels(self, number: int) -> Picture:
        """A frame as it is read."""
        return self._footage.frame(number)

    def light(self, pixels: Picture) -> Picture:
        """Scene-linear working light of a frame."""
        return pixels if self._convert is None else self._convert(pixels[..., :3])

    def luma(self, pixels: Picture) -> Plane:
        """Display codes of a frame."""
        if self._convert is not None:
            return _weighed(pixels, LUMA_709) * np.float32(255)
        return coded(_weighed(pixels, LUMA_AP1))

    def small_light(self, pixels: Picture, width: int) -> Picture:
        """Light of a frame, made no wider than this."""
        small = fitted(_three(pixels), width)
        light = small if self._convert is None else self._convert(small)
        return np.clip(np.nan_to_num(light, nan=0.0, posinf=65504.0), 0.0, 65504.0)


def coded(luminance: Plane) -> Plane:
    """Scene-linear luminance as display codes 0..255 (and above white), gamma 2.4; NaN is black."""
    import cv2

    held = np.nan_to_num(luminance, nan=0.0, posinf=BRIGHT)
    np.clip(held, 0.0, BRIGHT, out=held)
    return np.asarray(cv2.pow(held, 1 / GAMMA), np.float32) * np.float32(255)


def fitted(picture: Picture, width: int) -> Picture:
    """Made no wider than this, by area; one that is no wider is given as it is."""
    import cv2

    rows, columns = picture.shape[:2]
    if columns <= width:
        return picture
    size = (width, max(1, round(rows * width / columns)))
    small = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _three(pixels: Picture) -> Picture:
    if pixels.shape[2] >= 3:
        return pixels[..., :3]
    return np.repeat(pixels[..., :1], 3, axis=2)


def _weighed(pixels: Picture, weights: Picture) -> Plane:
    import cv2

    if pixels.shape[2] < 3:
        return np.array(pixels[..., 0], np.float32)
    return np.asarray(cv2.transform(np.ascontiguousarray(pixels[..., :3]), weights), np.float32)
