"""Code spaces: what a generator sees instead of scene-linear light, fitted per shot, invertible.

``linear``
    the working space itself.
``acescct-fit``
    for models trained on log or HDR: ACEScct, scaled so that the shot's own range is 0..1.
``shoulder-srgb``
    for models of display pictures: exposure fitted to the shot, a soft shoulder on max(r, g, b)
    that keeps hue, then the sRGB curve. Never a display view: those do not come back.

All map unpremultiplied colour; alpha is passed bit for bit. Negative light is mapped like positive
light, mirrored about black, so that it comes back and does not use up the range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import ColorUnknown

from .config import Colour

Picture: TypeAlias = NDArray[np.float32]
"""``(row, column, channel)`` float32, RGB or RGBA unpremultiplied, origin top left."""

CODE_SPACES = ("linear", "acescct-fit", "shoulder-srgb")
HALF_MAX = 65504.0  # largest finite half float: no plate and no delivery holds more
KNEE = 0.6  # of shoulder-srgb: light below it is plain sRGB, diffuse white lies there
GREY = 0.18  # of diffuse white: the grey card exposure is fitted by
_DARKEST = 2.0**-14  # below the smallest normal half there is only noise
_LEAST_WHITE = 2.0  # the shoulder needs some room above 1 to have a slope
_MOST_STOPS = 10.0  # of exposure, either way: a black shot is not turned into noise
_BLOCK = 1 << 15  # pixels mapped at a time: their intermediate values stay in the cache
_SRGB, _SRGB_CODE = 0.0031308, 0.04045  # IEC 61966-2-1, where its straight part ends


@dataclass(frozen=True)
class Range:
    """What of a picture a code space cannot hold.

    ``minimum`` and ``maximum`` are scene-linear, of finite values; ``above`` and ``below`` are the
    shares of pixels, 0..1, with a channel beyond codes 0..1 (``linear``: beyond half float, or no
    number). ``pixels`` were looked at.
    """

    minimum: float
    maximum: float
    above: float = 0.0
    below: float = 0.0
    pixels: int = 0

    def __or__(self, other: Range) -> Range:
        """Of both pictures together."""
        total = max(1, self.pixels + other.pixels)
        ours, theirs = self.pixels / total, other.pixels / total
        return Range(
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            self.above * ours + other.above * theirs,
            self.below * ours + other.below * theirs,
            self.pixels + other.pixels,
        )

    @property
    def clipped(self) -> bool:
        """Something does not fit."""
        return self.above > 0 or self.below > 0

    def sentence(self, space: str, of: str = "the pixels") -> str:
        """W_RANGE_CLIPPED as a remark; empty when everything fits. ``of``: what was looked at."""
        if not self.clipped:
            return ""
        return (
            f"W_RANGE_CLIPPED: {_percent(self.above)} of {of} lie above and "
            f"{_percent(self.below)} below what {space} holds "
            f"(values from {self.minimum:.4g} to {self.maximum:.4g})"
        )

    @property
    def facts(self) -> dict[str, float]:
        """For receipts."""
        return {
            "minimum": self.minimum,
            "maximum": self.maximum,
            "above": self.above,
            "below": self.below,
        }


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %" if not share or share >= 5e-5 else "less than 0.01 %"


class CodeSpace(Protocol):
    """A way from the working space to what a generator sees, and back."""

    @property
    def name(self) -> str:
        """One of CODE_SPACES."""
        ...

    @property
    def facts(self) -> dict[str, Any]:
        """The fitted parameters: with them the same map can be made again."""
        ...

    def encode(self, rgb: Picture) -> Picture:
        """Scene-linear working space to codes, as a copy; alpha bit for bit."""
        ...

    def decode(self, code: Picture) -> Picture:
        """Codes to scene-linear working space, as a copy; alpha bit for bit."""
        ...

    def range_of(self, rgb: Picture) -> Range:
        """What of this scene-linear picture lies outside codes 0..1."""
        ...


def code_space(name: str, colour: Colour, working: str, sample: Sequence[Picture]) -> CodeSpace:
    """The code space of a shot, fitted to ``sample``: frames of its plate, in ``working``.

    Take the first, middle and last frame at least; what is brighter than the sample is reported by
    ``range_of``. Values that are no number or beyond half float do not take part. Raises
    ColorUnknown for other names, and when the configuration lacks ACES spaces or Rec.709.
    """
    if name == "linear":
        return Linear()
    if name == "acescct-fit":
        return FittedLog.fitted(colour, working, sample)
    if name == "shoulder-srgb":
        return Shoulder.fitted(colour, working, sample)
    raise ColorUnknown(
        f"there is no code space called {name!r}",
        hint=f"There are: {', '.join(CODE_SPACES)}",
        data={"guesses": list(CODE_SPACES)},
    )


@dataclass(frozen=True)
class Linear:
    """The working space itself."""

    name: str = "linear"

    @property
    def facts(self) -> dict[str, Any]:
        """Its name."""
        return {"name": self.name}

    def encode(self, rgb: Picture) -> Picture:
        """A copy."""
        return np.array(rgb, np.float32)

    def decode(self, code: Picture) -> Picture:
        """A copy."""
        return np.array(code, np.float32)

    def range_of(self, rgb: Picture) -> Range:
        """What half float cannot hold."""
        return _outside(rgb[..., :3], rgb[..., :3], -HALF_MAX, HALF_MAX)


class FittedLog:
    """``acescct-fit``: ``(ACEScct - low) / (high - low)``, the shot's own range as 0..1."""

    name = "acescct-fit"
    _BLACK = 0.0729055341958355  # ACEScct code of 0, Academy S-2016-001

    def __init__(self, colour: Colour, working: str, low: float, high: float) -> None:
        self._colour, self._working = colour, working
        self._low, self._span = np.float32(low), np.float32(high - low)
        for space in ("ACEScg", "ACEScct"):
            colour.canonical(space)  # ColorUnknown now rather than in mid-shot

    @classmethod
    def fitted(cls, colour: Colour, working: str, sample: Sequence[Picture]) -> FittedLog:
        """Never narrower than 0..1 of ACEScct itself, so that dark shots do not become noise."""
        unscaled = cls(colour, working, 0.0, 1.0)
        ends = [unscaled.encode(_usable(one)) for one in sample]
        low = min([cls._BLACK, *(float(one.min()) for one in ends)])
        high = max([1.0, *(float(one.max()) for one in ends)])
        return cls(colour, working, low, high)

    @property
    def facts(self) -> dict[str, Any]:
        """Low and high as ACEScct codes."""
        low, span = float(self._low), float(self._span)
        return {"name": self.name, "low": low, "high": low + span}

    def encode(self, rgb: Picture) -> Picture:
        """Scene-linear to codes; negative light mirrored about the code of black."""
        ap1 = self._colour.convert(rgb, self._working, "ACEScg")
        colours = ap1[..., :3]
        code = self._curve(np.abs(colours), "ACEScg", "ACEScct")
        dark = colours < 0
        if dark.any():
            code[dark] = np.float32(2 * self._BLACK) - code[dark]
        ap1[..., :3] = (code - self._low) / self._span
        return ap1

    def decode(self, code: Picture) -> Picture:
        """Codes to scene-linear."""
        ap1 = np.array(code, np.float32)
        log = ap1[..., :3] * self._span + self._low
        dark = log < np.float32(self._BLACK)
        if dark.any():
            log[dark] = np.float32(2 * self._BLACK) - log[dark]
        light = self._curve(log, "ACEScct", "ACEScg")
        if dark.any():
            light[dark] = -light[dark]
        ap1[..., :3] = light
        return self._colour.convert(ap1, "ACEScg", self._working)

    def range_of(self, rgb: Picture) -> Range:
        """What is darker or brighter than the sample was."""
        return _outside(rgb[..., :3], self.encode(rgb[..., :3]), 0.0, 1.0)

    def _curve(self, pixels: Picture, before: str, after: str) -> Picture:
        return self._colour.convert(np.ascontiguousarray(pixels), before, after)


class Shoulder:
    """``shoulder-srgb``: gain, shoulder above the knee up to ``white``, the sRGB curve.

    With m = max(r, g, b) after the gain: below the knee k it stays; above it becomes
    ``k + (1-k) log1p(a (m-k)) / log1p(a (w-k))``, with ``a`` solved so that the slope is 1 at the
    knee; all three channels are scaled alike. The inverse is exact; codes above 1 come back as
    ``white``, the brightest the shot holds.
    """

    name = "shoulder-srgb"

    def __init__(self, colour: Colour, working: str, gain: float, white: float) -> None:
        self._colour, self._working, self._gain = colour, working, gain
        self._linear = colour.canonical("Linear Rec.709 (sRGB)")
        self._white = max(white * gain, _LEAST_WHITE)
        self._a = _slope(self._white)
        self._n = math.log1p(self._a * (self._white - KNEE))

    @classmethod
    def fitted(cls, colour: Colour, working: str, sample: Sequence[Picture]) -> Shoulder:
        """Diffuse white, by the median of the shot's light as a grey card, lies at the knee."""
        linear = colour.canonical("Linear Rec.709 (sRGB)")
        tops = [
            colour.convert(_usable(one), working, linear).max(axis=-1).ravel() for one in sample
        ]
        light = np.concatenate(tops) if tops else np.ones(1, np.float32)
        lit = light[light > _DARKEST]
        grey = float(np.median(lit)) if lit.size else GREY
        stops = min(_MOST_STOPS, max(-_MOST_STOPS, math.log2(KNEE * GREY / grey)))
        return cls(colour, working, 2.0**stops, float(light.max(initial=1.0)))

    @property
    def facts(self) -> dict[str, Any]:
        """Gain, knee, and the brightest scene-linear Rec.709 value."""
        white = self._white / self._gain
        return {"name": self.name, "gain": self._gain, "knee": KNEE, "white": white}

    def encode(self, rgb: Picture) -> Picture:
        """Scene-linear to codes."""
        made = self._colour.convert(rgb, self._working, self._linear)
        return _in_blocks(made, self._bend)

    def decode(self, code: Picture) -> Picture:
        """Codes to scene-linear."""
        made = _in_blocks(np.array(code, np.float32), self._unbend)
        return self._colour.convert(made, self._linear, self._working)

    def range_of(self, rgb: Picture) -> Range:
        """What is brighter than the sample was, and what is negative in Rec.709."""
        return _outside(rgb[..., :3], self.encode(rgb[..., :3]), 0.0, 1.0)

    def _bend(self, light: Picture) -> Picture:
        light = light * np.float32(self._gain)
        top = light.max(axis=-1)
        bright = top > KNEE
        if bright.any():
            m = top[bright]
            t = KNEE + (1 - KNEE) / self._n * np.log1p(np.float32(self._a) * (m - KNEE))
            light[bright] *= (t / m)[:, None]
        size = np.abs(light)
        curved = 1.055 * np.exp(np.log(np.maximum(size, 1e-12)) * (1 / 2.4)) - 0.055
        return np.copysign(np.where(size <= _SRGB, 12.92 * size, curved), light)

    def _unbend(self, code: Picture) -> Picture:
        size = np.abs(code)
        curved = np.exp(np.log((size + np.float32(0.055)) * (1 / 1.055)) * 2.4)
        light = np.copysign(np.where(size <= _SRGB_CODE, size * (1 / 12.92), curved), code)
        top = light.max(axis=-1)
        bright = top > KNEE
        if bright.any():
            t = top[bright]
            reach = (np.minimum(t, 1) - KNEE) * np.float32(self._n / (1 - KNEE))
            light[bright] *= ((KNEE + np.expm1(reach) / np.float32(self._a)) / t)[:, None]
        return light * np.float32(1 / self._gain)


def _slope(white: float) -> float:
    """The ``a`` of a shoulder that reaches 1 at ``white`` and leaves the knee with slope 1."""
    low, high = 1e-6, 1e9
    for _ in range(200):
        middle = math.sqrt(low * high)
        steep = (1 - KNEE) * middle / math.log1p(middle * (white - KNEE)) >= 1
        low, high = (low, middle) if steep else (middle, high)
    return low


def _in_blocks(picture: Picture, change: Callable[[Picture], Picture]) -> Picture:
    """RGB changed in place, some rows at a time; alpha stays."""
    rows = max(1, _BLOCK // max(1, picture.shape[1]))
    with np.errstate(invalid="ignore", over="ignore"):  # NaN and infinity come out as they went in
        for top in range(0, picture.shape[0], rows):
            part = picture[top : top + rows, :, :3]
            part[...] = change(part)
    return picture


def _usable(picture: Picture) -> Picture:
    """RGB without what is no number or beyond half float."""
    rgb = np.nan_to_num(picture[..., :3], nan=0.0, posinf=HALF_MAX, neginf=-HALF_MAX)
    return np.clip(rgb, -HALF_MAX, HALF_MAX)


def _outside(rgb: Picture, code: Picture, low: float, high: float) -> Range:
    """Of pixels with a code beyond low and high by more than float32 rounding; NaN is above."""
    slack = 1e-6
    above = ~(code <= high + slack).all(axis=-1)
    below = (code < low - slack).any(axis=-1)
    finite = rgb[np.isfinite(rgb)]
    return Range(
        float(finite.min(initial=0.0)),
        float(finite.max(initial=0.0)),
        float(above.mean()),
        float(below.mean()),
        above.size,
    )
