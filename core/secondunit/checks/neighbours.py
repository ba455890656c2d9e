"""Reads a take against the shots it is cut between, at the two cuts.

On matched pixels when the set-up is the same; otherwise from whole pictures, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..contract.levels import Level, level, level_of
from ..contract.pairing import pair
from ..hookspecs import Exam
from ..media.footage import Footage
from .answers import PLACEHOLDER

NEAR = 3  # frames at the cut that whole pictures are read from
EQUAL = 0.005  # stops; less reads as 0.00, and no one says "0.00 stop brighter"

ALONE = "no neighbour"
DARK = "too dark to read"
ANGLES = "angles not comparable"
SHORT = "the take has no frame at the cut"
WHY = {
    ALONE: "There is no shot {side} to compare with.",
    DARK: "The shot {side}, or the take itself, is too dark at the cut to be read.",
    SHORT: "The take has no frame at that cut.",
    PLACEHOLDER: "The take is a placeholder: no picture yet to compare with the shot {side}.",
}


@dataclass(frozen=True)
class Reading:
    """The take against one neighbour: ours over theirs, in stops.

    ``why_not`` is a reason, and the numbers mean nothing, when it could not be read.
    """

    side: str  # "before" or "after"
    frame: int  # of the take, at the cut
    level: Level
    paired: bool = False
    why_not: str = ""

    @property
    def where(self) -> str:
        """In words: ``the shot before it``."""
        return f"the shot {self.side} it"


_NOTHING = Level(0.0, 0.0, 0.0)


def readings(exam: Exam) -> tuple[Reading, Reading]:
    """The take against the shot before and the shot after it. A placeholder is not read."""
    return exam.once("readings", lambda: _readings(exam))


def _readings(exam: Exam) -> tuple[Reading, Reading]:
    if exam.placeholder:
        return (
            Reading("before", exam.cut.first, _NOTHING, why_not=PLACEHOLDER),
            Reading("after", exam.cut.last, _NOTHING, why_not=PLACEHOLDER),
        )
    return (
        _read(exam.take, exam.before, "before", exam.cut.first),
        _read(exam.take, exam.after, "after", exam.cut.last),
    )


def _read(take: Footage, other: Footage | None, side: str, frame: int) -> Reading:
    if other is None:
        return Reading(side, frame, _NOTHING, why_not=ALONE)
    if frame not in take.frames:
        return Reading(side, frame, _NOTHING, why_not=SHORT)
    ours = take.frame(frame)
    if level(ours) is None:
        return Reading(side, frame, _NOTHING, why_not=DARK)
    for number in _candidates(other, side):
        pairing = pair(ours, other.frame(number))
        if pairing is not None:
            return Reading(side, frame, pairing.difference, paired=True)
    return _unpaired(take, other, side, frame)


def _candidates(other: Footage, side: str) -> Iterator[int]:
    """The neighbour's frame at the cut, then its middle and far end: a person may have moved."""
    first, last = other.frames.first, other.frames.last
    order = (last, (first + last) // 2, first)
    yield from dict.fromkeys(order if side == "before" else reversed(order))


def _unpaired(take: Footage, other: Footage, side: str, frame: int) -> Reading:
    inward = 1 if side == "before" else -1
    ours = [n for k in range(NEAR) if (n := frame + inward * k) in take.frames]
    end = other.frames.last if side == "before" else other.frames.first
    theirs = [n for k in range(NEAR) if (n := end - inward * k) in other.frames]
    a, b = level_of(take, ours), level_of(other, theirs)
    if a is None or b is None:
        return Reading(side, frame, _NOTHING, why_not=DARK)
    return Reading(side, frame, a.over(b))
