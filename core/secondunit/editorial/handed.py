"""What is handed over with one shot of a cut: its files, what the cut says of them, whose they are.

The shape that the delivery checks judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from secondunit_bridge.film import Project

from ..media.filed import Clerk, Filed, Filing
from ..media.own import Own, own_version
from .cut import Cut, CutShot


@dataclass(frozen=True)
class Delivery:
    """The media of one shot on disk. ``project`` is None when no project says what it wants.

    ``shown`` are the media frames the cut plays, in its ``numbering``; ``starts`` is the first
    frame of the media as the cut writes it. ``own`` is the version of ours the files belong to.
    """

    media: str
    filed: Filed
    shown: tuple[int, ...]
    numbering: str
    available: tuple[int, int] | None
    starts: int | None
    rate: Fraction  # of the media, as the cut says
    cut_rate: Fraction
    drop: bool  # the cut counts drop-frame timecode
    space: str = ""  # that the cut says the media have
    project: Project | None = None
    own: Own | None = None

    @property
    def span(self) -> tuple[tuple[int, int], ...]:
        """The shown frames as one range, for findings about the whole."""
        return ((min(self.shown), max(self.shown)),) if self.shown else ()

    def is_shown(self, one: Filing) -> bool:
        """The cut plays this file; a still or movie is played whenever anything is."""
        return self.filed.kind != "sequence" or one.number in self.shown


def delivery(shot: CutShot, cut: Cut, project: Project | None, clerk: Clerk) -> Delivery:
    """What is handed over with a shot that is online. Raises as ``Clerk.file``."""
    assert shot.media is not None
    return Delivery(
        media=shot.media,
        filed=clerk.file(shot.media),
        shown=tuple(sorted(set(shot.frames))),
        numbering=shot.numbering,
        available=shot.available,
        starts=shot.starts,
        rate=shot.media_rate,
        cut_rate=cut.rate,
        drop=cut.drop,
        space=shot.space,
        project=project,
        own=own_version(Path(shot.media)),
    )
