"""Timecode as EXR and DPX headers pack it: the 32 bits of SMPTE ST 12-1, in OpenEXR's order.

Bits, from the lowest: frame units (4) and tens (2), drop-frame (1), colour frame (1), second units
(4) and tens (3), field mark (1), minute units (4) and tens (3), flag (1), hour units (4) and
tens (2). Two digits of frames reach 39, so above 30 frames a second they count pairs of frames
and the field mark tells which of the pair it is (ST 12-1, section 12).
"""

from __future__ import annotations

from fractions import Fraction

from secondunit_bridge.errors import TimecodeWrong
from secondunit_bridge.timing import from_timecode, to_timecode

_DROP, _FIELD = 1 << 6, 1 << 15
FASTEST = 60  # frames a second that the packed form can count


def pack_timecode(frame: int, rate: Fraction, *, drop: bool = False) -> int:
    """Frames since midnight as packed bits. Raises TimecodeWrong above 60 frames a second."""
    if rate > FASTEST:
        raise TimecodeWrong(f"there is no packed timecode at {rate} frames a second")
    text = to_timecode(frame, rate, drop=drop)
    hours, minutes, seconds, frames = (int(part) for part in text.replace(";", ":").split(":"))
    second = 0
    if rate > 30:
        frames, second = divmod(frames, 2)
    bits = _bcd(frames) | _bcd(seconds) << 8 | _bcd(minutes) << 16 | _bcd(hours) << 24
    return bits | (_DROP if drop else 0) | (_FIELD if second else 0)


def unpack_timecode(bits: int, rate: Fraction) -> tuple[int, bool] | None:
    """Packed bits as (frames since midnight, drop-frame); None when they are no timecode."""
    drop = bool(bits & _DROP)
    frames, seconds = _number(bits & 0x3F), _number(bits >> 8 & 0x7F)
    minutes, hours = _number(bits >> 16 & 0x7F), _number(bits >> 24 & 0x3F)
    if min(frames, seconds, minutes, hours) < 0:
        return None
    if rate > 30:
        frames = frames * 2 + bool(bits & _FIELD)
    mark = ";" if drop else ":"
    text = f"{hours:02}:{minutes:02}:{seconds:02}{mark}{frames:02}"
    try:
        return from_timecode(text, rate), drop
    except TimecodeWrong:  # also drop-frame at a rate that has none
        return None


def _bcd(number: int) -> int:
    return number // 10 << 4 | number % 10


def _number(bcd: int) -> int:
    tens, units = bcd >> 4, bcd & 0xF
    return tens * 10 + units if units < 10 else -1
