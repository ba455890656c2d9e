"""What shots are called, how they are marked in a timeline, and which delivered frame plays when.

The parts of timelines that need no OpenTimelineIO, so that hosts and core agree on them. A
delivery counts from 1001, the first frame of the head handle; a cut counts record frames.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Collection, Dict, Iterator, Mapping, Optional

from .errors import CutUnreadable, FieldError, NoPlace, OverLimits
from .film import FIRST_DELIVERED, Shot, Version, delivered
from .timing import FrameRange, Handles
from .wire import plain, typed

KEY = "secondunit"  # in a clip's, marker's or timeline's OTIO metadata
MAX_NAME = 64  # characters of a sequence or code: names of versions stay under 255 bytes

_LEGAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ILLEGAL = re.compile(r"[^A-Za-z0-9._-]+")
_TENS = 10  # shots are numbered by tens, so that later ones fit between (VFX turnover convention)
_CODE = re.compile(r"(\d{1,9})")


def is_legal(name: str) -> bool:
    """The name can be part of a file name everywhere: letters, digits, dot, dash, underscore."""
    return _LEGAL.fullmatch(name) is not None and not name.endswith(".")


def legal(text: str) -> str:
    """The text as a legal name: other characters become one underscore. Raises FieldError."""
    name = _ILLEGAL.sub("_", text).strip("._-")[:MAX_NAME].rstrip(".")
    if not name:
        raise FieldError(
            f"{text!r} has no letter or digit that a name can be made of",
            hint="Name it with the letters a to z, digits, dot, dash and underscore.",
        )
    return name


def code(index: int) -> str:
    """Code of the shot at a place in the sequence, from 0: ``0010``, ``0020`` and so on."""
    return f"{(index + 1) * _TENS:04}"


def code_between(before: str, after: str, taken: Collection[str]) -> str:
    """A free code for a shot that goes between two others: ``0015`` between 0010 and 0020.

    Empty means there is no shot on that side. When the numbers between are used up, a letter
    follows (``0010b``). Codes that hold no number count as missing. Raises NoPlace when even the
    letters are used up.
    """
    low, high = _number(before) or 0, _number(after)
    if high is None:
        next_ten = (low // _TENS + 1) * _TENS
        numbers = range(next_ten, next_ten + _TENS * (len(taken) + 1), _TENS)
    else:
        numbers = range(low + 1, high)
    for number in _from_middle(numbers) if high is not None else numbers:
        if f"{number:04}" not in taken:
            return f"{number:04}"
    for letter in "bcdefghijklmnopqrstuvwxyz":
        if f"{low:04}{letter}" not in taken:
            return f"{low:04}{letter}"
    raise NoPlace(
        f"every code between {before or 'the start'} and {after} is taken",
        hint="Give the new shot a code of your own.",
    )


def _from_middle(numbers: range) -> Iterator[int]:
    """The numbers, nearest to the middle first."""
    middle = (len(numbers) - 1) // 2
    for step in range(len(numbers)):
        if step <= middle:
            yield numbers[middle - step]
        if step and middle + step < len(numbers):
            yield numbers[middle + step]


@dataclass(frozen=True)
class Stamp:
    """What a clip in a timeline carries, so that it is known again after any re-cut."""

    guid: str  # of the shot
    take: str
    version: str  # name, TCC_0010_v003
    record: str  # sha256 of the version's record.json
    schema: int = 1


def stamp(version: Version) -> Dict[str, Any]:
    """What goes under ``KEY`` into the metadata of the clip that plays a version."""
    marked: Dict[str, Any] = plain(Stamp(version.shot, version.take, version.name, version.record))
    return marked


def stamp_of(metadata: Mapping[str, Any]) -> Optional[Stamp]:
    """The stamp in a clip's metadata; None when the clip is not one of ours.

    A clip that carries only other Second Unit data (a shot card) has no stamp either. Raises
    CutUnreadable when there is one that cannot be read.
    """
    ours = metadata.get(KEY)
    if not isinstance(ours, dict) or "version" not in ours:
        return None
    try:
        return typed(Stamp, ours, f"metadata[{KEY!r}]")
    except FieldError as error:
        raise CutUnreadable(
            f"a clip's mark of Second Unit is damaged: {error.message}",
            hint="Remove the clip, or cut the version in again.",
        ) from error


def guid_of(metadata: Mapping[str, Any]) -> str:
    """The GUID of the shot a clip or marker stands for; empty when it carries none."""
    ours = metadata.get(KEY)
    guid = ours.get("guid") if isinstance(ours, dict) else None
    return guid if isinstance(guid, str) else ""


def playing(shot: Shot) -> FrameRange:
    """The delivered frames that play in the cut, handles left out: 1009 on, with 8 of head."""
    first = FIRST_DELIVERED + shot.handles.head
    return FrameRange(first, first + len(shot.cut) - 1, shot.cut.rate)


def delivered_frame(shot: Shot, record: int) -> int:
    """The delivered frame that plays at a record frame; handles reach beyond the cut.

    Raises OverLimits when the delivery does not go that far.
    """
    frame = record - shot.cut.first + FIRST_DELIVERED + shot.handles.head
    return _inside(frame, delivered(shot), f"record frame {record}")


def record_frame(shot: Shot, frame: int) -> int:
    """The record frame at which a delivered frame plays, or would with its handle opened.

    Raises OverLimits for frames that are not delivered.
    """
    _inside(frame, delivered(shot), f"frame {frame}")
    return frame - FIRST_DELIVERED - shot.handles.head + shot.cut.first


def handles_left(available: FrameRange, used: FrameRange) -> Handles:
    """Frames that are there before and after those used.

    Raises OverLimits when some are not there, RateMismatch when the rates differ.
    """
    if available.overlap(used) != used:
        raise OverLimits(
            f"frames {used.first} to {used.last} are not all in"
            f" {available.first} to {available.last}",
            hint="Extend the version: turn over the missing frames.",
        )
    return Handles(used.first - available.first, available.last - used.last)


def _inside(frame: int, there: FrameRange, what: str) -> int:
    if frame not in there:
        raise OverLimits(
            f"{what} lies outside the delivery, frames {there.first} to {there.last}",
            hint="Ask for longer handles, or extend the shot.",
            data={"frame": frame, "first": there.first, "last": there.last},
        )
    return frame


def _number(text: str) -> Optional[int]:
    found = _CODE.search(text)
    return int(found[1]) if found else None
