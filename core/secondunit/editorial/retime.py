"""Retime arithmetic: which frame of the media shows at each frame of the record, exactly.

OpenTimelineIO's own trimming of retimed clips is off by the speed, and its times are doubles, so
nothing here asks it. Numbers are taken as written in the cut and become fractions at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from secondunit_bridge.errors import CutUnreadable, OverLimits, RateMismatch
from secondunit_bridge.timing import exact_rate

# A time this close to a whole frame is one: doubles that were rescaled carry such dust, and no
# editor means a millionth of a frame.
_DUST = Fraction(1, 1_000_000)
# Timecode ends at 24 hours; ten days of running time are more than any medium has.
_LONGEST_S = 864_000
_FASTEST = 100_000  # times normal speed; beyond it a retime is a mistake


def as_written(value: float) -> Fraction:
    """The fraction a number in the cut stands for.

    23.976 is 2997/125 and the double of 24000/1001 is 24000/1001: the simplest fraction that
    reads as this number, else the number as it is printed. Raises CutUnreadable for NaN,
    infinity and things that are no numbers.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise CutUnreadable(
            f"{value!r} is not a number a cut can use", hint="Export the cut again."
        )
    return _simplest(value)


@lru_cache(maxsize=4096)
def _simplest(value: float) -> Fraction:
    simple = Fraction(value).limit_denominator(1_000_000)
    return simple if float(simple) == value else Fraction(repr(value))


@lru_cache(maxsize=4096)
def per(to: Fraction, of: Fraction) -> Fraction:
    """Frames at rate ``to`` for each frame at rate ``of``: 1 when both name the same rate.

    23.976 and 24000/1001 are two spellings of one rate, so no frame drifts between them.
    """
    if to == of:
        return Fraction(1)
    same = max(to, of) <= 1000 and exact_rate(to) == exact_rate(of)
    return Fraction(1) if same else to / of


def part(times: object, key: str) -> Mapping[str, Any]:
    """One RationalTime of a range or transition. Raises CutUnreadable when it is not there."""
    found = times.get(key) if isinstance(times, Mapping) else None
    if not isinstance(found, Mapping):
        raise CutUnreadable(
            f"the cut holds a range or transition without its {key}", hint="Export the cut again."
        )
    return found


def rate_of(time: Mapping[str, Any]) -> Fraction:
    """Rate of a RationalTime, as written. Raises RateMismatch unless it is finite and positive."""
    value: Any = time.get("rate")
    try:
        rate = as_written(value)
    except CutUnreadable:
        rate = Fraction(0)
    if rate <= 0:
        raise RateMismatch(
            f"the cut holds a time at {value!r} frames a second",
            hint="Rates must be above zero. Export the cut again from the editing software.",
        )
    return rate


def frames_of(time: Mapping[str, Any], rate: Fraction) -> Fraction:
    """A RationalTime counted in frames at ``rate``.

    Raises RateMismatch for a bad rate, CutUnreadable for a bad value, OverLimits when it is
    longer than ten days.
    """
    own = rate_of(time)
    value = as_written(time.get("value", math.nan))
    if abs(value) > own * _LONGEST_S:
        raise OverLimits(
            f"the cut holds a time of {float(value):g} frames at {float(own):g} a second",
            hint="No clip or cut may be longer than ten days.",
        )
    return snapped(value * per(rate, own))


def run_of(times: object, rate: Fraction) -> tuple[Fraction, Fraction]:
    """Start and length of a TimeRange, in frames at ``rate``. Raises as ``frames_of`` does."""
    return frames_of(part(times, "start_time"), rate), frames_of(part(times, "duration"), rate)


def snapped(value: Fraction) -> Fraction:
    """The value, or the whole number it misses by less than a millionth."""
    whole = round(value)
    return Fraction(whole) if abs(value - whole) < _DUST else value


@dataclass(frozen=True)
class Warp:
    """What an item's effects do to time: a constant ``speed``, or a ``kind`` we cannot follow.

    ``kind`` is empty, ``curve`` (keyframes or a lookup table) or ``unsupported``.
    """

    speed: Fraction = Fraction(1)
    kind: str = ""


def warp(effects: object) -> Warp:
    """The time effects of an item, multiplied. Raises CutUnreadable, OverLimits for bad speeds."""
    speed, kind = Fraction(1), ""
    for effect in effects if isinstance(effects, list) else ():
        if not isinstance(effect, Mapping):
            continue
        schema = str(effect.get("OTIO_SCHEMA", "")).partition(".")[0]
        if schema == "FreezeFrame":
            speed = Fraction(0)
        elif schema == "LinearTimeWarp":
            speed *= _scalar(effect.get("time_scalar", 1.0))
        elif schema == "TimeEffect" or _is_remap(effect):
            kind = "curve" if _has_curve(effect.get("metadata")) else kind or "unsupported"
    return Warp(speed, kind)


def _scalar(value: Any) -> Fraction:
    speed = as_written(value)
    if abs(speed) > _FASTEST:
        raise OverLimits(
            f"a clip plays at {float(speed):g} times its speed",
            hint=f"Retimes up to {_FASTEST} times are followed.",
        )
    return speed


def _is_remap(effect: Mapping[str, Any]) -> bool:
    """Final Cut Pro XML keeps speed changes as a plain filter; they count in another domain."""
    metadata = effect.get("metadata")
    fcp = metadata.get("fcp_xml") if isinstance(metadata, Mapping) else None
    if not isinstance(fcp, Mapping) or str(fcp.get("effectid", "")).lower() != "timeremap":
        return False
    values = {
        str(p.get("parameterid", "")).lower(): str(p.get("value", "")).lower()
        for p in _listed(fcp.get("parameter"))
        if isinstance(p, Mapping)
    }
    plain = values.get("speed", "100") in ("100", "100.0")
    still = {"false", "0", ""}
    return not (
        plain and values.get("reverse", "") in still and values.get("variablespeed", "") in still
    )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _has_curve(metadata: object) -> bool:
    if not isinstance(metadata, Mapping):
        return False
    words = ("lookup", "keyframe", "key frame", "curve", "speedmap")
    return any(
        any(word in str(key).lower() for word in words) or _has_curve(value)
        for key, value in metadata.items()
    )


@dataclass(frozen=True)
class Played:
    """A run of media positions: ``first + step * n`` for n in 0..count-1, floored to frames.

    Frame numbers are ``base + floor(position / every) * every``: ``every`` is above 1 only for
    sequences that hold every second, third ... file. ``backwards`` plays the same run from its
    end. Positions are in media frames.
    """

    first: Fraction
    step: Fraction
    count: int
    backwards: bool = False
    base: int = 0
    every: int = 1

    def frames(self) -> tuple[int, ...]:
        """The media frame shown at each record frame, in record order."""
        numbers = tuple(self._number(n) for n in range(self.count))
        return numbers[::-1] if self.backwards else numbers

    def ends(self) -> tuple[int, int]:
        """Lowest and highest media frame shown."""
        return self._number(0), self._number(self.count - 1)

    def _number(self, n: int) -> int:
        whole = math.floor(self.first + self.step * n)
        return self.base + whole // self.every * self.every


def retime_name(speed: Fraction, kind: str) -> str:
    """``none``, ``constant``, ``reverse``, ``freeze``, ``curve`` or ``unsupported``."""
    if kind:
        return kind
    if speed == 0:
        return "freeze"
    if speed < 0:
        return "reverse"
    return "none" if speed == 1 else "constant"
