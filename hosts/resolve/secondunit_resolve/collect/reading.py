"""A timeline as it is now: every clip with its place, media and speed. Nothing is changed.

Made of what the calls answer, completed by the timeline's own OTIO export where the version has
one: the calls say nothing of speed. The export spares calls as well: each costs Resolve time.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Dict, Iterator, List, Optional, Tuple

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.timing import FrameRange, exact_rate, from_timecode, to_timecode

from ..port import Port
from ..words import MARKER, TRACK
from .laid import starts
from .ours import mark_of, name_of, ours_of
from .speeds import Spoken, speed_by_span, spoken_clips

NESTS = ("compound", "multicam", "timeline", "fusion")
_RUN = re.compile(r"\[(\d+)-\d+\](?=\.\w+$)")  # how Resolve names numbered frames
_FRAMES = (".exr", ".png")  # what our takes, versions and slates are made of


@dataclass(frozen=True)
class Source:
    """A clip's media. ``first`` is its embedded timecode as frames at ``rate``, 0 without one."""

    name: str
    path: str
    kind: str  # what Resolve calls its type
    rate: Fraction
    first: int
    count: int
    size: Tuple[int, int]
    online: bool
    number: int = 0  # of the first file, for numbered frames
    space: str = ""

    @property
    def nested(self) -> bool:
        """Compound, multicam and the like: a timeline, not one piece of media.

        It has no file. Words of its type may be in the language of the menus.
        """
        return not self.path or any(word in self.kind.lower() for word in NESTS)

    @property
    def there(self) -> bool:
        """Its file can be opened: Resolve says so, in words that may be translated, and it is."""
        return self.online and os.path.exists(self.path)

    @property
    def numbered(self) -> bool:
        """Numbered frames, as all that is ours is made of."""
        return self.path.lower().endswith(_FRAMES)


@dataclass(frozen=True)
class Clip:
    """An item of a picture track. ``first`` and ``last`` are record frames, both played.

    ``left`` counts frames of the media before the first that plays; ``speed`` is None where nobody
    says it. ``span`` are the media frames it plays, from 0, None when that is not known.
    """

    name: str
    track: int
    first: int
    last: int
    source: Optional[Source]
    left: int
    speed: Optional[Fraction]
    retime: str  # none, constant, reverse, freeze, curve, unknown
    enabled: bool
    id: str  # of our clips only: it costs a call
    mark: Dict[str, Any] = field(default_factory=dict, hash=False)  # ours, of its marker
    item: Any = field(default=None, compare=False, hash=False)
    record_rate: Fraction = Fraction(24)

    @property
    def span(self) -> Optional[Tuple[int, int]]:
        """First and last media frame shown, counted from 0."""
        if self.source is None or self.speed is None or self.retime in ("curve", "unknown"):
            return None
        long = (self.last - self.first) * abs(self.speed) * self.source.rate
        return self.left, self.left + int(long / self.record_rate)


@dataclass(frozen=True)
class Track:
    """A picture track, from 1 at the bottom."""

    index: int
    name: str
    locked: bool
    enabled: bool


@dataclass(frozen=True)
class Reading:
    """A timeline. ``marks`` are In and Out as record frames, both played; else what is selected."""

    name: str
    id: str
    rate: Fraction
    drop: bool
    start: int
    end: int
    size: Tuple[int, int]
    tracks: Tuple[Track, ...]
    clips: Tuple[Clip, ...]
    playhead: int
    marks: Optional[FrameRange]
    space: str
    colour: Dict[str, str] = field(default_factory=dict, hash=False)
    timeline: Any = field(default=None, compare=False, hash=False)
    document: Optional[Dict[str, Any]] = field(default=None, compare=False, hash=False)
    unsure: bool = False  # In and Out may as well count from the start: both places are in it

    def timecode(self, frame: int) -> str:
        """A record frame as the timeline counts."""
        return to_timecode(frame, self.rate, drop=self.drop)

    def playing(self, frame: int) -> Optional[Clip]:
        """What is seen at a record frame: the topmost enabled clip of an enabled track."""
        shown = {track.index for track in self.tracks if track.enabled}
        over = [c for c in self.clips if c.enabled and c.track in shown
                and c.first <= frame <= c.last]  # fmt: skip
        return max(over, key=lambda clip: clip.track, default=None)


def read(port: Port, document: Optional[Dict[str, Any]] = None, *, whole: bool = True) -> Reading:
    """The timeline in front. ``document`` is its OTIO export. Raises HostRefused, HostLacks.

    Not ``whole``: which clips there are, where, and of which media. What they play of these and
    whether they are switched on is left out where only calls would tell it.
    """
    timeline = port.timeline()
    head = _head(port, timeline)
    spoken = spoken_clips(document, head.start, head.rate) if document else {}
    port.pace.step()
    listed = [(track, port.listed(timeline, "GetItemListInTrack", "video", track.index))
              for track in head.tracks]  # fmt: skip
    count = sum(len(items) for _, items in listed)
    asking = _Asking(port, head, spoken, count, whole=whole)
    clips: List[Clip] = []
    for track, items in listed:
        clips += asking.clips(track, items)
    clips.sort(key=lambda clip: (clip.first, clip.track))
    return replace(head, clips=tuple(clips), document=document)


def _head(port: Port, timeline: Any) -> Reading:
    rate = exact_rate(_number(_setting(port, timeline, "timelineFrameRate")))
    drop = _setting(port, timeline, "timelineDropFrameTimecode") == "1"
    start = port.whole(timeline, "GetStartFrame")
    end = port.whole(timeline, "GetEndFrame")
    wide, high = (_setting(port, timeline, f"timelineResolution{w}") for w in ("Width", "Height"))
    told = _in_out(port, timeline)
    marks = _marks(told, start, rate) if told else _marked_by_marker(port, timeline, start, rate)
    marks = marks or _selected(port, timeline, rate)
    names = ("colorScienceMode", "colorSpaceTimeline", "colorSpaceInput", "colorSpaceOutput")
    colour = {name: _setting(port, timeline, name) for name in names}
    return Reading(
        name=port.ask(timeline, "GetName", wanted=str),
        id=port.may(timeline, "GetUniqueId", wanted=str) or "",
        rate=rate, drop=drop, start=start, end=end,
        size=(int(_number(wide) or 0), int(_number(high) or 0)),
        tracks=tuple(_tracks(port, timeline)), clips=(),
        playhead=_frame(_here(port, timeline), rate, start),
        marks=marks, unsure=_unsure(told, start, end),
        space=colour["colorSpaceTimeline"], colour=colour, timeline=timeline,
    )  # fmt: skip


def _here(port: Port, timeline: Any) -> str:
    """The playhead's timecode, asked on the edit page where the page in front has no playhead."""
    told = port.may(timeline, "GetCurrentTimecode", wanted=str)
    page = port.page()
    if told or page in ("", "edit") or not port.open_page("edit"):
        return told or ""
    told = port.may(timeline, "GetCurrentTimecode", wanted=str)
    port.open_page(page)
    return told or ""


def _tracks(port: Port, timeline: Any) -> Iterator[Track]:
    for index in range(1, port.whole(timeline, "GetTrackCount", "video") + 1):
        yield Track(
            index,
            port.may(timeline, "GetTrackName", "video", index, wanted=str) or "",
            port.may(timeline, "GetIsTrackLocked", "video", index, wanted=bool) is True,
            _said(port, timeline, "GetIsTrackEnabled", "video", index) is not False,
        )


class _Asking:
    """Reads the items of tracks; each media is asked once, whichever clips play it."""

    def __init__(
        self, port: Port, head: Reading, spoken: Dict[Tuple[int, int], Spoken], count: int,
        *, whole: bool,
    ) -> None:  # fmt: skip
        self._port, self._head, self._spoken, self._whole = port, head, spoken, whole
        self._sources: Dict[str, Optional[Source]] = {}
        self._count, self._done = count, 0

    def clips(self, track: Track, items: List[Any]) -> Iterator[Clip]:
        """Those of a track, without the transitions that Resolve lists among its items."""
        medias = [self._port.may(item, "GetMediaPoolItem", wanted=object) for item in items]
        plays = [pair for pair in zip(items, medias) if self._plays(*pair)]
        self._done += len(items) - len(plays)
        for (item, media), (first, length) in zip(plays, self._places(track, plays)):
            yield self._clip(item, media, track, first, length)
            self._done += 1
            self._port.pace.far(f"Reading {self._head.name}", self._done, self._count)

    def _plays(self, item: Any, media: Any) -> bool:
        """It is no transition: those have neither media nor properties."""
        if media is not None:
            return True
        told: Dict[str, Any] = self._port.may(item, "GetProperty", wanted=dict) or {}
        return bool(told)

    def _places(self, track: Track, plays: List[Tuple[Any, Any]]) -> Iterator[Tuple[int, int]]:
        """First record frame and length of each; the export says how long those are it knows."""
        port, items = self._port, [item for item, _ in plays]
        if not self._spoken:
            lengths = [port.whole(item, "GetDuration") for item in items]
            yield from zip(starts(port, items, lengths), lengths)
            return
        for item in items:
            first = port.whole(item, "GetStart")
            said = self._spoken.get((track.index, first))
            yield first, (said.length if said else None) or port.whole(item, "GetDuration")

    def _clip(self, item: Any, media: Any, track: Track, first: int, length: int) -> Clip:
        port, said = self._port, self._spoken.get((track.index, first))
        source = _source(port, media, self._sources, said.media if said else "")
        played = self._played(item, source, length, said)
        mark = mark_of(port, item) if _may_be_ours(source, track) else {}
        name = name_of(mark) or (said.name if said else "")
        return Clip(
            name=name or port.may(item, "GetName", wanted=str) or "",
            track=track.index, first=first, last=first + length - 1, source=source, **played,
            id=(port.may(item, "GetUniqueId", wanted=str) or "") if mark else "",
            mark=mark, item=item, record_rate=self._head.rate,
        )  # fmt: skip

    def _played(
        self, item: Any, source: Optional[Source], length: int, said: Optional[Spoken]
    ) -> Dict[str, Any]:
        """What a clip plays of its media, and whether it plays at all."""
        port = self._port
        if not said and not self._whole:
            return {"left": 0, "speed": None, "retime": "unknown", "enabled": True}
        left = said.left if said and source else None  # on a retime the call counts otherwise
        if left is None:
            left = port.may(item, "GetLeftOffset", wanted=(int, float))
        if said:
            speed, retime, enabled = said.speed, said.retime, said.enabled
        else:
            speed, retime = speed_by_span(port, item, source, length, self._head.rate, left)
            enabled = _said(port, item, "GetClipEnabled") is not False
        return {"left": int(left or 0), "speed": speed, "retime": retime, "enabled": enabled}


def _may_be_ours(source: Optional[Source], track: Track) -> bool:
    """Whether to ask a clip for our marker: on our track, or of frames wherever it was moved to."""
    return track.name == TRACK or (source is not None and source.numbered)


def _source(
    port: Port, media: Any, sources: Dict[str, Optional[Source]], path: str
) -> Optional[Source]:
    """What a clip plays; asked once for each media, which the export or its id tells apart."""
    if media is None:
        return None
    key = path or port.may(media, "GetMediaId", wanted=str) or ""
    if key and key in sources:
        return sources[key]
    told = port.may(media, "GetClipProperty", wanted=dict) or {}
    found = _source_of(told)
    if key:
        sources[key] = found
    return found


def _source_of(told: Dict[str, Any]) -> Source:
    rate = exact_rate(_number(told.get("FPS")) or 24)
    shown, count = str(told.get("File Path") or ""), int(_number(told.get("Frames")) or 0)
    run, path = _RUN.search(shown), _RUN.sub(r"\1", shown)  # a path that is there: the first file
    wide, _, high = str(told.get("Resolution") or "").partition("x")
    return Source(
        name=str(told.get("Clip Name") or ""), path=path, kind=str(told.get("Type") or ""),
        rate=rate, first=_frame(str(told.get("Start TC") or ""), rate, 0), count=count,
        size=(int(_number(wide) or 0), int(_number(high) or 0)),
        online=str(told.get("Online Status") or "Online").lower() != "offline",
        number=int(run.group(1)) if run else int(_number(told.get("Start")) or 0),
        space=str(told.get("Input Color Space") or ""),
    )  # fmt: skip


def _in_out(port: Port, timeline: Any) -> Optional[Tuple[int, int]]:
    """In and Out as Resolve counts them; None where they are not set, or not told."""
    video = (port.may(timeline, "GetMarkInOut", wanted=dict) or {}).get("video")
    if not isinstance(video, dict) or "in" not in video or "out" not in video:
        return None
    return int(video["in"]), int(video["out"])


def _marks(told: Tuple[int, int], start: int, rate: Fraction) -> Optional[FrameRange]:
    """Record frames. Whether In and Out count from the timeline's start is not documented."""
    first, last = told if told[0] >= start else (told[0] + start, told[1] + start)
    return FrameRange(first, last, rate) if first <= last else None


def _unsure(told: Optional[Tuple[int, int]], start: int, end: int) -> bool:
    """Beyond the first hour of a timeline that begins at an hour, a number may mean two frames."""
    return told is not None and 0 < start <= told[0] and told[1] + start < end


def _selected(port: Port, timeline: Any, rate: Fraction) -> Optional[FrameRange]:
    """From the first to the last of the picture clips that are selected; 21 and newer tell them."""
    spans = []
    for item in port.listed(timeline, "GetSelectedClips"):
        kind = port.may(item, "GetTrackTypeAndIndex", wanted=list) or ["video"]
        if kind[0] == "video":
            first = port.whole(item, "GetStart")
            spans.append((first, first + port.whole(item, "GetDuration") - 1))
    if not spans:
        return None
    return FrameRange(min(first for first, _ in spans), max(last for _, last in spans), rate)


def _marked_by_marker(
    port: Port, timeline: Any, start: int, rate: Fraction
) -> Optional[FrameRange]:
    """Where a version tells no In and Out: a cyan marker with a length, and not one of ours."""
    for offset, marker in (port.may(timeline, "GetMarkers", wanted=dict) or {}).items():
        long = int(marker.get("duration") or 0)
        if long > 1 and marker.get("color") == MARKER and not ours_of(marker):
            return FrameRange(start + int(offset), start + int(offset) + long - 1, rate)
    return None


def _setting(port: Port, timeline: Any, name: str) -> str:
    answer = port.may(timeline, "GetSetting", name, wanted=(str, int, float))
    return "" if answer is None else str(answer)


def _said(port: Port, thing: Any, name: str, *args: Any) -> Optional[bool]:
    """A yes or no; None when it is not said."""
    if not port.can(thing, name):
        return None
    answer = getattr(thing, name)(*args)
    return answer if isinstance(answer, bool) else None


def _number(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return 0.0


def _frame(text: str, rate: Fraction, otherwise: int) -> int:
    try:
        return from_timecode(text, rate)
    except SecondUnitError:
        return otherwise
