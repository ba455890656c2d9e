"""The values of a cut: its shots, gaps, transitions and markers, in frames of the record."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from secondunit_bridge.timing import FrameRange, to_timecode

from .retime import Played


class Document(dict[str, Any]):
    """An OpenTimelineIO document as parsed JSON, which remembers the file it came from.

    Everything in it stays as written: key order, unknown schemas, old schema versions, numbers.
    """

    source: Path | None = None


@dataclass(frozen=True)
class CutShot:
    """One clip as it plays in the cut, all nesting and retimes resolved.

    ``record`` counts frames of the timeline from its global start, transitions not added: shots
    meet at the cut point. ``played`` gives the media frames; it is None when the speed change
    cannot be followed (``retime`` is then ``curve`` or ``unsupported``). Media frames are
    in one numbering, named by ``numbering``: ``file`` (the number in the file name),
    ``timecode`` (the movie's, as frames), ``zero`` (the movie's first frame is 0), ``still`` (one
    frame, 0) or ``cut`` (as the cut writes them; nobody said where the media starts).
    ``handles`` are the frames the media has before and after those shown, each None if unknown.
    """

    name: str
    guid: str | None
    track: str
    index: int  # place of the outermost item among the children of its track
    layer: int  # place of the track among the children of the timeline; higher covers lower
    record: FrameRange
    media: str | None
    online: bool
    offline_reason: str
    media_rate: Fraction
    source: tuple[int, int]
    played: Played | None
    speed: Fraction | None
    retime: str
    handles: tuple[int | None, int | None] = (None, None)
    available: tuple[int, int] | None = None
    numbering: str = "zero"
    nested: tuple[str, ...] = ()
    level: tuple[int, ...] = ()  # place in each nested stack; higher covers lower
    dissolves: tuple[int, int] = (0, 0)  # frames shown before and after the record in transitions
    marks: dict[str, Any] = field(default_factory=dict, hash=False)  # metadata["secondunit"]
    space: str = ""  # colour space that the cut says its media have; empty when it does not
    starts: int | None = None  # first frame of the media as the cut writes it; None: it does not

    @property
    def frames(self) -> tuple[int, ...]:
        """The media frame shown at each record frame; empty when that is not known."""
        return self.played.frames() if self.played else ()


@dataclass(frozen=True)
class Gap:
    """A stretch of a track with nothing in it."""

    track: str
    name: str
    record: FrameRange


@dataclass(frozen=True)
class Transition:
    """A transition at the cut point ``at`` (first frame of the later shot)."""

    track: str
    name: str
    kind: str
    at: int
    in_offset: int
    out_offset: int


@dataclass(frozen=True)
class Marker:
    """What somebody marked: on the timeline, a track or a clip (``on``)."""

    on: str
    name: str
    color: str
    comment: str
    record: FrameRange


@dataclass(frozen=True)
class Cut:
    """A timeline, flattened. ``start`` is the frame of its first frame, ``length`` its frames.

    ``picture`` are the frames to the end of its longest picture track: sound may run on.
    ``rate`` is exact; ``written`` is the same rate as the document writes it. ``drop`` says that
    its timecode is drop-frame. ``covers`` are ranges where a nested timeline that the file does
    not hold plays: no shot is known there, yet it is no hole.
    """

    name: str
    path: Path | None
    rate: Fraction
    start: int
    length: int
    drop: bool
    shots: tuple[CutShot, ...]
    document: Document = field(hash=False)
    gaps: tuple[Gap, ...] = ()
    transitions: tuple[Transition, ...] = ()
    markers: tuple[Marker, ...] = ()
    covers: tuple[FrameRange, ...] = ()
    picture: int = 0
    written: float = 24.0

    @property
    def last(self) -> int:
        """Number of the last frame; one below ``start`` when the cut is empty."""
        return self.start + self.length - 1

    def timecode(self, frame: int) -> str:
        """Record timecode of a frame of the timeline, in the cut's own way of counting."""
        return to_timecode(frame, self.rate, drop=self.drop)
