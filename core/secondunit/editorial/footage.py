"""The media of a clip in the film's own words."""

from __future__ import annotations

from pathlib import Path

from secondunit_bridge.film import Media
from secondunit_bridge.timing import FrameRange

from .cut import CutShot


def media_of(shot: CutShot, first: int, last: int, space: str) -> Media:
    """The media of a clip, frames ``first`` to ``last`` in the cut's numbering of it.

    ``space`` is what a person declared; without it the cut's own word counts, if it has one.
    """
    assert shot.media is not None
    path = str(Path(shot.media).absolute())
    return Media(
        frames=FrameRange(first, last, shot.media_rate), path=path, space=space or shot.space
    )
