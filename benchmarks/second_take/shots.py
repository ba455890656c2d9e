"""Shots held in memory, and the exams that a sweep would make of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from secondunit.colour import Colour
from secondunit.editorial.cards import Card
from secondunit.exam import BEFORE, TAKE, Side
from secondunit.hookspecs import Exam
from secondunit.media.sight import Shows
from secondunit.testing import Reel
from secondunit_bridge.timing import FrameRange

SPACE, WORKING = "Gamma 2.4 Encoded Rec.709", "ACEScg"
COUNT = 25  # frames of a shot that are looked at beside a cut
RATE = Fraction(24)


@dataclass(frozen=True)
class Shot:
    """``made(n)`` is frame n of ``count``: 8-bit codes, or float codes 0..1 (with NaN in them)."""

    name: str
    made: Callable[[int], NDArray]
    count: int = COUNT
    card: Card | None = None

    def reel(self) -> Reel:
        """As footage of a display's codes. Frames are kept as long as the reel is."""
        kept = lru_cache(maxsize=32)(self.made)
        rows, columns = kept(0).shape[:2]
        return Reel(FrameRange(0, self.count - 1, RATE), columns, rows, lambda n: _float(kept(n)),
                    space=SPACE)  # fmt: skip


@cache
def colour() -> Colour:
    """The colours a sweep outside any project sees."""
    from secondunit.cli.project import session_ocio

    return Colour(session_ocio())


def alone(shot: Shot) -> Exam:
    """One shot by itself, as ``Playback.alone``."""
    coded = shot.reel()
    light = _light(coded)
    return Exam(take=light, asked=light.frames, cut=light.frames, shows=_shows(coded))


def meeting(before: Shot, after: Shot) -> Exam:
    """Two shots that meet in a cut, as ``Playback.meeting``."""
    sides = [(shot, shot.reel()) for shot in (before, after)]
    made = [Side(_shows(coded), shot.name, tuple(coded.frames), shot.card) for shot, coded in sides]
    old, take = (_light(coded) for _, coded in sides)
    return Exam(take=take, asked=take.frames, cut=take.frames, before=old,
                sides=dict(zip((BEFORE, TAKE), made, strict=True)))  # fmt: skip


def beside_master(master: Shot, shot: Shot) -> Exam:
    """A shot beside the master of its set-up, as ``Playback.beside_master``."""
    return replace(meeting(master, shot), in_cut=False)


def _float(codes: NDArray) -> NDArray[np.float32]:
    if codes.dtype == np.uint8:
        return np.asarray(codes, np.float32) / np.float32(255)
    return np.asarray(codes, np.float32)


def _light(coded: Reel) -> Reel:
    return replace(coded, made=lambda n: _to_working(coded.made(n), SPACE), space=WORKING)


def _shows(coded: Reel) -> Shows:
    return Shows(coded, partial(_to_working, space=SPACE))


def _to_working(codes: NDArray[np.float32], space: str) -> NDArray[np.float32]:
    return colour().convert(codes, space, WORKING)
