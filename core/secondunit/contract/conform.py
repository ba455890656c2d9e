"""Footage and elements as a generator or check may see them: one space, one size, one rate.

Policies, all stated here once:

* **Colour** first, on unpremultiplied values; alpha never goes through a colour transform.
* **Size**: the whole picture is kept and centred, at its own proportions; what is left over is
  black (alpha 0). Nothing is cropped, nothing is stretched. Resampled in scene-linear light and
  with associated alpha, so that edges keep their colour.
* **Rate**: a position that falls between frames shows the frame at its floor. Media slower than
  the shot would have to repeat frames, which is never done in silence: RateMismatch. Rates within
  one in 500 of each other (23.976 and 24) go frame for frame, as editors conform them. A single
  frame has no rate.
* ``reference`` elements keep their own size: they are looked at, not laid over the picture.
* ``before`` and ``after`` keep their own frames: only what they look like at the cut counts.
* Every picture handed out is the caller's own: writing into it harms nobody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from secondunit_bridge.errors import MediaDamaged, RateMismatch
from secondunit_bridge.film import Element, Role, Turnover
from secondunit_bridge.timing import FrameRange, rate_name

from ..hookspecs import Plan
from ..media.footage import Footage, Picture

Convert: TypeAlias = Callable[[Picture, str], Picture]
"""``convert(rgb, from_space)``: ``(row, column, 3)`` float32 in scene-linear working space."""

Open: TypeAlias = Callable[[Element], Footage]
"""Opens an element as footage in its media's own space."""

SAME_RATE = Fraction(1, 500)  # 24 and 24000/1001 differ by one in 1001; 24 and 25 by one in 25

_OWN_SIZE = (Role.reference,)
_OWN_RATE = (Role.before, Role.after)
_NO_COLOUR = (Role.matte, Role.depth, Role.normal, Role.ids, Role.position, Role.motion)


class Conformed:
    """A footage seen in another space, size and rate. Frames are made when asked for.

    ``size`` is ``(width, height)``, or None for the footage's own. ``rate`` None keeps the
    footage's own. ``convert`` None leaves the values alone (mattes, depth). ``one`` of the pictures
    is ``(row, column, channel)`` float32, RGB or RGBA unpremultiplied, or one channel.
    """

    def __init__(
        self,
        footage: Footage,
        *,
        space: str,
        size: tuple[int, int] | None = None,
        rate: Fraction | None = None,
        convert: Convert | None = None,
    ) -> None:
        self._footage = footage
        self._space = space
        self._convert = convert
        self._picked, self._channels = _pick(footage.channels)
        self._width, self._height = size or (footage.width, footage.height)
        self._step = _step(footage.frames, rate)
        count = math.floor((len(footage.frames) - 1) / self._step) + 1
        first = footage.frames.first
        self._frames = FrameRange(first, first + count - 1, rate or footage.frames.rate)

    @property
    def frames(self) -> FrameRange:
        """The frames there are, at the rate asked for, counted from the media's own first."""
        return self._frames

    @property
    def width(self) -> int:
        """Columns, as asked for."""
        return self._width

    @property
    def height(self) -> int:
        """Rows, as asked for."""
        return self._height

    @property
    def channels(self) -> tuple[str, ...]:
        """``R G B``, ``R G B A``, or the one channel of a matte or depth pass."""
        return self._channels

    @property
    def space(self) -> str:
        """The space asked for; the media's own where values are not colours."""
        return self._space if self._convert else self._footage.space

    def native(self, rate: Fraction) -> Conformed:
        """The same pictures at the media's own size, at this rate: for who resamples only once.

        Raises RateMismatch.
        """
        return Conformed(self._footage, space=self._space, rate=rate, convert=self._convert)

    def frame(self, number: int) -> Picture:
        """One frame, the caller's own. Raises what the footage raises, and MediaDamaged.

        ``(row, column, channel)`` float32, unpremultiplied, in ``space``, origin top left.
        """
        first = self._footage.frames.first
        source = first + math.floor((number - first) * self._step)
        raw = self._footage.frame(source)
        if raw.ndim != 3 or raw.shape[2] < len(self._footage.channels):
            raise MediaDamaged(
                f"frame {source} has the shape {raw.shape}, not rows, columns and channels",
                hint="Write the frame again.",
            )
        picture = np.array(raw[..., self._picked], dtype=np.float32)  # a copy, never the source's
        if picture.shape[2] == 4:
            _unpremultiply(picture)
        if self._convert is not None:
            picture[..., :3] = self._convert(picture[..., :3].copy(), self._footage.space)
        if picture.shape[:2] != (self._height, self._width):
            picture = _fit(picture, self._width, self._height)
        return picture


class ConformedElements:
    """A turnover's elements as a plan needs them: the hooks' ``Elements``.

    Footage is opened when it is first asked for; ``opener`` raises MediaOffline and the like.
    """

    def __init__(
        self, turnover: Turnover, plan: Plan, opener: Open, *, space: str, convert: Convert
    ) -> None:
        self._elements = turnover.elements
        self._plan = plan
        self._open = opener
        self._space = space
        self._convert = convert
        self._opened: dict[int, Conformed] = {}

    @property
    def already(self) -> Footage | None:
        """None: a turnover has no frames that were made already."""
        return None

    def one(self, role: Role) -> Conformed | None:
        """The only or first element of a role, or None. Raises what opening it raises."""
        found = (i for i, element in enumerate(self._elements) if element.role is role)
        index = next(found, None)
        return None if index is None else self._conformed(index)

    def all(self, role: Role) -> Sequence[Conformed]:
        """Every element of a role, in the turnover's order. Raises what opening them raises."""
        wanted = [i for i, element in enumerate(self._elements) if element.role is role]
        return [self._conformed(index) for index in wanted]

    def _conformed(self, index: int) -> Conformed:
        if index not in self._opened:
            self._opened[index] = self._make(self._elements[index])
        return self._opened[index]

    def _make(self, element: Element) -> Conformed:
        role, plan = element.role, self._plan
        return Conformed(
            self._open(element),
            space=self._space,
            size=None if role in _OWN_SIZE else (plan.width, plan.height),
            rate=None if role in _OWN_RATE else plan.frames.rate,
            convert=None if role in _NO_COLOUR else self._convert,
        )


def _pick(channels: tuple[str, ...]) -> tuple[list[int], tuple[str, ...]]:
    """Indexes and names of the channels to hand on: colour by name, else the first ones."""
    at = {name: index for index, name in reversed(list(enumerate(channels)))}
    if "R" not in at:  # a pass that was picked out of a layer: ``ViewLayer.Combined.R``
        at = {name.rpartition(".")[2]: index for name, index in reversed(list(at.items()))}
    if all(name in at for name in "RGB"):
        names = ("R", "G", "B", "A") if "A" in at else ("R", "G", "B")
        return [at[name] for name in names], names
    if len(channels) in (1, 2):
        return [0], channels[:1]
    return [0, 1, 2], ("R", "G", "B")


def _step(frames: FrameRange, rate: Fraction | None) -> Fraction:
    """Source frames for each frame at the asked rate. Raises RateMismatch when below one."""
    step = Fraction(1) if rate is None or len(frames) == 1 else frames.rate / rate
    if abs(step - 1) <= SAME_RATE:
        return Fraction(1)
    if step < 1:
        raise RateMismatch(
            f"the media runs at {rate_name(frames.rate)} frames a second and the shot at "
            f"{rate_name(rate or frames.rate)}: frames would have to be repeated",
            hint="Retime the media to the shot's rate first, or use another piece of media.",
        )
    return step


def _unpremultiply(picture: Picture) -> None:
    alpha = picture[..., 3:]
    np.divide(picture[..., :3], alpha, out=picture[..., :3], where=alpha > 0)


def _fit(picture: Picture, width: int, height: int) -> Picture:
    """The whole picture at its own proportions, centred on black."""
    import cv2

    rows, columns, channels = picture.shape
    scale = min(width / columns, height / rows)
    inner = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    if channels == 4:
        picture[..., :3] *= picture[..., 3:]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(picture, inner, interpolation=how).reshape(inner[1], inner[0], channels)
    if scale > 1:  # cubic overshoots at edges; no light may be negative that was not before
        np.clip(small, picture.min(axis=(0, 1)), picture.max(axis=(0, 1)), out=small)
    fitted = np.zeros((height, width, channels), np.float32)
    top, left = (height - inner[1]) // 2, (width - inner[0]) // 2
    fitted[top : top + inner[1], left : left + inner[0]] = small
    if channels == 4:
        _unpremultiply(fitted)
    return fitted
