"""Time, counted as editors and compositors count it: whole frames at an exact rate.

Drop-frame timecode follows SMPTE ST 12-1: at 30000/1001 the numbers ``;00`` and ``;01`` (at
60000/1001 ``;00`` to ``;03``) are left out at the start of every minute that is not a tenth.
No frame is dropped, only numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Iterator, Optional, Union

from .errors import DropFrameMismatch, RateMismatch, TimecodeWrong

_NTSC = {Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)}
_DROP = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}
_TIMECODE = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})")
# Named by hand so often that each must land on its exact rate: 23.98, 23.976, 29.97, 59.94 ...
_NEAR = Fraction(1, 100)


@dataclass(frozen=True)
class Handles:
    """Extra frames before and after the cut, so the editor can slip and trim."""

    head: int = 0
    tail: int = 0

    def __post_init__(self) -> None:
        if self.head < 0 or self.tail < 0:
            raise ValueError(f"handles cannot be negative, got {self.head} and {self.tail}")


@dataclass(frozen=True)
class FrameRange:
    """A run of frames, first and last inclusive, at an exact rate (23.976 is 24000/1001).

    Raises ValueError when the range ends before it starts or the rate is not positive.
    """

    first: int
    last: int
    rate: Fraction

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"frame range ends ({self.last}) before it starts ({self.first})")
        if self.rate <= 0:
            raise ValueError(f"frame rate must be positive, got {self.rate}")

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and self.first <= frame <= self.last

    def with_handles(self, handles: Handles) -> FrameRange:
        """The same run, grown by the handles at each end."""
        return FrameRange(self.first - handles.head, self.last + handles.tail, self.rate)

    def overlap(self, other: FrameRange) -> Optional[FrameRange]:
        """The frames both have, or None. Raises RateMismatch when the rates differ."""
        if self.rate != other.rate:
            raise RateMismatch(
                f"{rate_name(self.rate)} and {rate_name(other.rate)} frames cannot be compared",
                hint="Conform one of them first.",
            )
        first, last = max(self.first, other.first), min(self.last, other.last)
        return FrameRange(first, last, self.rate) if first <= last else None


def exact_rate(value: Union[int, float, str, Fraction]) -> Fraction:
    """A frame rate as an exact fraction: 23.976, 23.98 and "24000/1001" are all 24000/1001.

    Raises RateMismatch for zero, negative, NaN, infinite or absurd rates (above 1000).
    """
    try:
        rate = Fraction(value).limit_denominator(1_000_000)
    except (ValueError, OverflowError, ZeroDivisionError, TypeError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise RateMismatch(
            f"{value!r} is not a frame rate", hint='Give a rate such as 24, 23.976 or "24000/1001".'
        )
    if rate.denominator == 1 or rate in _NTSC:
        return rate
    return next((ntsc for ntsc in _NTSC if abs(ntsc - rate) < _NEAR), rate)


def rate_name(rate: Fraction) -> str:
    """The rate as people say it: ``24``, ``23.976``, ``29.97``."""
    return str(rate) if rate.denominator == 1 else f"{float(rate):.3f}".rstrip("0")


def can_drop(rate: Fraction) -> bool:
    """Drop-frame timecode exists at this rate (29.97 and 59.94 only)."""
    return rate in _DROP


def to_timecode(frame: int, rate: Fraction, *, drop: bool = False) -> str:
    """Frame count since midnight as ``HH:MM:SS:FF`` (``;FF`` when drop). Wraps after 24 hours.

    Raises DropFrameMismatch when ``drop`` is asked at a rate that has no drop-frame timecode.
    """
    nominal, number = _nominal(rate), frame
    if drop:
        number = _with_dropped_numbers(frame % _frames_a_day(rate), rate)
    number %= nominal * 86400
    seconds, frames = divmod(number, nominal)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    width = 3 if nominal > 100 else 2
    return f"{hour:02}:{minute:02}:{second:02}{';' if drop else ':'}{frames:0{width}}"


def from_timecode(text: str, rate: Fraction, *, drop: Optional[bool] = None) -> int:
    """Frame count since midnight of a timecode; ``;`` before the frames means drop-frame.

    ``drop`` says what the timeline counts in; when given, a timecode of the other kind raises
    DropFrameMismatch with both readings. Raises TimecodeWrong for text that is no timecode, for
    numbers that do not exist at this rate, and for numbers that drop-frame leaves out.
    """
    match = _TIMECODE.fullmatch(text.strip())
    if not match:
        raise TimecodeWrong(
            f"{text!r} is not a timecode", hint="Write it as HH:MM:SS:FF, for example 01:00:10:12."
        )
    hour, minute, second, frame = (int(match[i]) for i in (1, 2, 3, 5))
    nominal = _nominal(rate)
    if hour > 23 or minute > 59 or second > 59 or frame >= nominal:
        raise TimecodeWrong(
            f"{text} does not exist at {rate_name(rate)} frames a second",
            hint=f"Hours go to 23, minutes and seconds to 59, frames to {nominal - 1}.",
        )
    dropping = match[4] in ";,"
    plain = ((hour * 60 + minute) * 60 + second) * nominal + frame
    counted = _without_dropped_numbers(text, plain, rate) if dropping else plain
    if drop is not None and drop != dropping:
        _refuse_other_kind(text, rate, drop, plain)
    return counted


def _refuse_other_kind(text: str, rate: Fraction, drop: bool, plain: int) -> None:
    if drop and plain == 0:
        return  # midnight is the same in both
    kind, other = ("drop-frame", "non-drop") if drop else ("non-drop", "drop-frame")
    raise DropFrameMismatch(
        f"{text} is {other} timecode but the timeline counts {kind}",
        hint=f"Use {'; ' if drop else ': '}before the frames if you mean {kind} timecode.",
        data={"text": text, "rate": str(rate), "as_non_drop": plain},
    )


def _nominal(rate: Fraction) -> int:
    return -(-rate.numerator // rate.denominator)


def _dropped(rate: Fraction) -> int:
    if rate not in _DROP:
        raise DropFrameMismatch(
            f"there is no drop-frame timecode at {rate_name(rate)} frames a second",
            hint="Drop-frame exists at 29.97 and 59.94 only; write : before the frames.",
        )
    return _DROP[rate]


def _frames_a_day(rate: Fraction) -> int:
    return 144 * (10 * 60 * _nominal(rate) - 9 * _dropped(rate))


def _with_dropped_numbers(frame: int, rate: Fraction) -> int:
    dropped, minute = _dropped(rate), 60 * _nominal(rate)
    tens, rest = divmod(frame, 10 * minute - 9 * dropped)
    minutes = 0 if rest < minute else 1 + (rest - minute) // (minute - dropped)
    return frame + dropped * (9 * tens + minutes)


def _without_dropped_numbers(text: str, number: int, rate: Fraction) -> int:
    dropped, nominal = _dropped(rate), _nominal(rate)
    minutes, in_minute = divmod(number, 60 * nominal)
    if in_minute < dropped and minutes % 10:
        raise TimecodeWrong(
            f"{text} does not exist: drop-frame timecode leaves that number out",
            hint=f"The next one that exists ends in ;{dropped:02}.",
        )
    return number - dropped * (minutes - minutes // 10)
