"""A timeline as it is now: every clip with its place, media and speed. Nothing is changed.

Made of what the calls answer, completed by the timeline's own OTIO export where the version has
one: the calls say nothing of speed. The export spares calls as well: each costs Resolve time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Dict, Iterator, List, Optional, Tuple

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.timing import FrameRange, exact_rate, from_timecode, to_timecode

from ..port import Port
from ..words import MARKER, TRACK
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
        """Compound, multicam and the like: a timeline, not one piece of media."""
        return any(word in self.kind.lower() for word in NESTS)

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


def read(port: Port, document: Optional[Dict[str, Any]] = None) -> Reading:
    """The timeline in front. ``document`` is its OTIO export. Raises HostRefused, HostLacks."""
    timeline = port.timeline()
    head = _head(port, timeline)
    spoken = spoken_clips(document, head.start, head.rate) if document else {}
    port.pace.step()
    sources: Dict[str, Optional[Source]] = {}
    listed = [(track.index, port.listed(timeline, "GetItemListInTrack", "video", track.index))
              for track in head.tracks]  # fmt: skip
    whole = sum(len(items) for _, items in listed)
    clips: List[Clip] = []
    done = 0
    for track, items in listed:
        for item in items:
            clip = _clip(port, item, track, head, sources, spoken)
            if clip is not None:
                clips.append(clip)
            done += 1
            port.pace.far(f"Reading {head.name}", done, whole)
    clips.sort(key=lambda clip: (clip.first, clip.track))
    return replace(head, clips=tuple(clips), document=document)


def _head(port: Port, timeline: Any) -> Reading:
    rate = exact_rate(_number(_setting(port, timeline, "timelineFrameRate")))
    drop = _setting(port, timeline, "timelineDropFrameTimecode") == "1"
    start = port.whole(timeline, "GetStartFrame")
    end = port.whole(timeline, "GetEndFrame")
    wide, high = (_setting(port, timeline, f"timelineResolution{w}") for w in ("Width", "Height"))
    names = ("colorScienceMode", "colorSpaceTimeline", "colorSpaceInput", "colorSpaceOutput")
    colour = {name: _setting(port, timeline, name) for name in names}
    return Reading(
        name=port.ask(timeline, "GetName", wanted=str),
        id=port.may(timeline, "GetUniqueId", wanted=str) or "",
        rate=rate, drop=drop, start=int(start), end=int(end),
        size=(int(_number(wide) or 0), int(_number(high) or 0)),
        tracks=tuple(_tracks(port, timeline)), clips=(),
        playhead=_frame(_here(port, timeline), rate, int(start)),
        marks=_marks(port, timeline, int(start), rate) or _selected(port, timeline, rate),
        unsure=_unsure(port, timeline, int(start), int(end)),
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


def _clip(
    port: Port,
    item: Any,
    track: int,
    head: Reading,
    sources: Dict[str, Optional[Source]],
    spoken: Dict[Tuple[int, int], Spoken],
) -> Optional[Clip]:
    """None for transitions, which Resolve lists among the items."""
    media = port.may(item, "GetMediaPoolItem", wanted=object)
    if media is None and not port.may(item, "GetProperty", wanted=dict):
        return None
    first = port.whole(item, "GetStart")
    said = spoken.get((track, first))
    length = (said.length if said else None) or port.whole(item, "GetDuration")
    source = _source(port, media, sources, said.media if said else "")
    left = said.left if said and source else None  # on a retime the call counts otherwise
    if left is None:
        left = port.may(item, "GetLeftOffset", wanted=(int, float))
    if said:
        speed, retime = said.speed, said.retime
    else:
        speed, retime = speed_by_span(port, item, source, length, head.rate, left)
    mark = mark_of(port, item) if _may_be_ours(source, head.tracks[track - 1]) else {}
    name = name_of(mark) or (said.name if said else "")
    enabled = said.enabled if said else _said(port, item, "GetClipEnabled") is not False
    return Clip(
        name=name or port.may(item, "GetName", wanted=str) or "",
        track=track, first=first, last=first + length - 1, source=source, left=int(left or 0),
        speed=speed, retime=retime, enabled=enabled,
        id=(port.may(item, "GetUniqueId", wanted=str) or "") if mark else "",
        mark=mark, item=item, record_rate=head.rate,
    )  # fmt: skip


def _may_be_ours(source: Optional[Source], track: Track) -> bool:
    """Whether to ask a clip for our marker: on our track, or of frames wherever it was moved to."""
    return track.name == TRACK or (source is not None and source.numbered)


def mark_of(port: Port, thing: Any) -> Dict[str, Any]:
    """What our marker on a clip says of it; empty when it has none."""
    for marker in (port.may(thing, "GetMarkers", wanted=dict) or {}).values():
        found = ours_of(marker)
        if found:
            return found
    return {}


def name_of(mark: Dict[str, Any]) -> str:
    """The name of the shot that a mark is of: Resolve calls a clip by its first file."""
    return f"{mark['sequence']}_{mark['code']}" if mark.get("sequence") and mark.get("code") else ""


def ours_of(marker: Any) -> Dict[str, Any]:
    """The mark in a marker's custom data; empty for markers of others."""
    text = marker.get("customData") if isinstance(marker, dict) else None
    if not isinstance(text, str) or '"secondunit"' not in text:
        return {}
    try:
        found = json.loads(text)["secondunit"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("guid"), str) else {}


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


def _marks(port: Port, timeline: Any, start: int, rate: Fraction) -> Optional[FrameRange]:
    """In and Out. Whether they count from the start of the timeline is not documented."""
    told = port.may(timeline, "GetMarkInOut", wanted=dict)
    video = (told or {}).get("video")
    if not isinstance(video, dict) or "in" not in video or "out" not in video:
        return _marked_by_marker(port, timeline, start, rate)
    first, last = int(video["in"]), int(video["out"])
    if first < start:
        first, last = first + start, last + start
    return FrameRange(first, last, rate) if first <= last else None


def _unsure(port: Port, timeline: Any, start: int, end: int) -> bool:
    """Beyond the first hour of a timeline that begins at an hour, a number may mean two frames."""
    video = (port.may(timeline, "GetMarkInOut", wanted=dict) or {}).get("video")
    if not isinstance(video, dict) or "in" not in video or "out" not in video:
        return False
    return 0 < start <= int(video["in"]) and int(video["out"]) + start < end


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
