"""Which frames around a clip show the same shot as the clip, when its media is an edited movie."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Media, Project
from secondunit_bridge.timing import FrameRange

LEAD = 3  # frames before the first place where a cut may be, for the eye to get used to the motion

if TYPE_CHECKING:
    from ..editorial import CutShot


def one_shot(clip: CutShot, first: int, last: int, usable: tuple[int, int]) -> tuple[int, int]:
    """Of the usable frames those up to the next hard cut on either side of what plays.

    ``first`` to ``last`` are the frames wanted; nothing is read when they all play already, or
    when the media is a sequence of stills. Media that cannot be read is left to the stage to name.
    """
    plays = min(clip.frames), max(clip.frames)
    early, late = min(first, plays[0]), max(last, plays[1])
    if (early, late) == plays:
        return usable
    if not _a_movie(clip):
        return usable
    found: tuple[int, ...] = ()
    if early < plays[0]:
        found += _joins(clip, max(usable[0], early - LEAD - 1), plays[0])
    if late > plays[1]:
        found += _joins(clip, max(usable[0], plays[1] - LEAD), late)
    after = [number for number in found if number > plays[1]]
    before = [number for number in found if number <= plays[0]]
    return max([usable[0], *before]), min([usable[1], *(number - 1 for number in after)])


def _a_movie(clip: CutShot) -> bool:
    """A movie that a limited child could read: it may be damaged."""
    from ..media.patterns import is_pattern
    from ..media.probe import probe

    assert clip.media is not None
    if is_pattern(clip.media):
        return False
    try:
        return probe(Path(clip.media)).kind == "movie"
    except SecondUnitError:
        return False


def _joins(clip: CutShot, first: int, last: int) -> tuple[int, ...]:
    from ..media.joins import joins
    from ..media.open import open_footage

    assert clip.media is not None
    media = Media(FrameRange(first, last, clip.media_rate), path=str(Path(clip.media).absolute()))
    try:
        footage = open_footage(media, movie_space=Project.movie_space)
        try:
            return joins((number, footage.frame(number)) for number in range(first, last + 1))
        finally:
            footage.close()
    except SecondUnitError:
        return ()
