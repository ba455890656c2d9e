"""From an OpenTimelineIO document to shots: nesting, trims and retimes resolved exactly.

Every item is seen through a ``View``: which frames of the record show it, and where in the item
each of them looks.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from secondunit_bridge.errors import OverLimits
from secondunit_bridge.timeline import guid_of
from secondunit_bridge.timing import FrameRange, exact_rate

from .counting import Counting, counting
from .cut import Cut, CutShot, Document, Gap, Marker, Transition
from .items import Lengths, children, is_enabled, kind_of, marks_of, name_of, start_of
from .media_search import MediaSearch
from .numbering import Reel, TimecodeOf, active_reference, reel
from .retime import Played, Warp, frames_of, per, retime_name, run_of, warp
from .retime import part as time_part
from .view import View

_MOST_FRAMES = 20_000_000  # of all shots together: ten tracks of nine hours at 60


@dataclass(frozen=True)
class Spot:
    """Where the outermost item of a shot sits, and the transitions beside it."""

    track: str
    index: int
    layer: int
    dissolves: tuple[int, int] = (0, 0)


def flattened(
    document: Document,
    *,
    search: Sequence[str | os.PathLike[str]] = (),
    timecode_of: TimecodeOf | None = None,
) -> Cut:
    """The cut an OpenTimelineIO document describes.

    Raises CutUnreadable, OverLimits, RateMismatch as ``read_cut`` does.
    """
    count = counting(document)
    folder = document.source.parent if document.source else None
    walk = _Walk(count, MediaSearch(folder, search), timecode_of, Lengths(count.written))
    found: list[CutShot | Gap | Transition | Marker | FrameRange] = list(walk.timeline())
    shots = tuple(item for item in found if isinstance(item, CutShot))
    if sum(len(shot.record) for shot in shots) > _MOST_FRAMES:
        raise OverLimits(
            f"the shots of the cut have more than {_MOST_FRAMES:,} frames together",
            hint="Export a reel or a scene instead of the whole.",
        )
    return Cut(
        name=str(count.timeline.get("name") or (document.source.stem if document.source else "")),
        path=document.source,
        rate=count.rate,
        start=count.start,
        length=walk.length(),
        picture=walk.length(pictures=True),
        drop=count.drop,
        shots=tuple(sorted(shots, key=lambda s: (s.layer, s.record.first, s.level))),
        document=document,
        gaps=tuple(item for item in found if isinstance(item, Gap)),
        transitions=tuple(item for item in found if isinstance(item, Transition)),
        markers=tuple(item for item in found if isinstance(item, Marker)),
        covers=tuple(item for item in found if isinstance(item, FrameRange)),
        written=count.written_number,
    )


class _Walk:
    """One pass over a document."""

    def __init__(
        self,
        count: Counting,
        search: MediaSearch,
        timecode_of: TimecodeOf | None,
        lengths: Lengths,
    ) -> None:
        self.count, self.search, self.timecode_of = count, search, timecode_of
        self.lengths = lengths

    def length(self, *, pictures: bool = False) -> int:
        """Frames from the start of the cut to the end of its longest track, or picture track."""
        stack = self.count.stack
        if stack.get("source_range"):
            return math.ceil(self.lengths.of(stack))
        tracks = children(stack)
        if pictures:
            tracks = [t for t in tracks if kind_of(t) != "Track" or t.get("kind") == "Video"]
        ends = (self.lengths.of(track) + self.count.late(track) for track in tracks)
        return math.ceil(max(ends, default=Fraction(0)))

    def timeline(self) -> Iterator[CutShot | Gap | Transition | Marker | FrameRange]:
        stack, start = self.count.stack, Fraction(self.count.start)
        whole = View(start, start + self.lengths.of(stack), -start)
        if not stack.get("source_range"):
            whole = replace(whole, high=start + self.length())
        yield from self.markers(stack, whole)
        change = warp(stack.get("effects"))
        begin = start_of(stack, self.count.written)
        whole = whole.through(change.speed, begin, self.lengths.of(stack))
        number = 0
        for layer, track in enumerate(children(stack)):
            if kind_of(track) == "Track" and track.get("kind") != "Video":
                continue
            number += 1
            if is_enabled(track):
                label = name_of(track) or f"V{number}"
                yield from self.track(track, whole, Spot(label, 0, layer))

    def track(
        self, track: Mapping[str, Any], whole: View, place: Spot
    ) -> Iterator[CutShot | Gap | Transition | Marker | FrameRange]:
        """A track of the timeline itself: its gaps and transitions count, its name is the place."""
        rate = self.count.written
        view = whole.part(self.count.late(track), self.lengths.of(track))
        if kind_of(track) != "Track":
            yield from self.item(track, view, place)
            return
        yield from self.markers(track, view)
        change = warp(track.get("effects"))
        start = Fraction(0) if self.count.is_shifted(track) else start_of(track, rate)
        view = view.through(change.speed, start, self.lengths.of(track))
        items = children(track)
        for index, (item, at) in enumerate(self.laid(items)):
            if kind_of(item) == "Transition":
                yield from self.transition(item, view, at, place)
                continue
            part = view.part(at, self.lengths.of(item))
            if part.first > part.last:
                continue
            spot = replace(place, index=index, dissolves=self.dissolves(items, index))
            if kind_of(item) == "Gap" or not is_enabled(item):
                yield Gap(place.track, name_of(item), part.record(self.count.rate))
            elif change.kind:
                yield from self.opaque(item, part, spot, change.kind)
            else:
                yield from self.item(item, part, spot)

    def item(
        self, item: Mapping[str, Any], view: View, place: Spot
    ) -> Iterator[CutShot | Marker | FrameRange]:
        """A clip, or everything a nested stack or track shows."""
        if view.first > view.last or not is_enabled(item):
            return
        if kind_of(item) == "Clip":
            yield from self.clip(item, view, place)
        elif kind_of(item) in ("Stack", "Track"):
            yield from self.nest(item, view, place)

    def nest(
        self, item: Mapping[str, Any], view: View, place: Spot
    ) -> Iterator[CutShot | Marker | FrameRange]:
        if not children(item):
            yield view.record(self.count.rate)  # a nested timeline this file does not hold
            return
        change = warp(item.get("effects"))
        if change.kind:
            yield from self.opaque(item, view, place, change.kind)
            return
        begin = start_of(item, self.count.written)
        inner = view.through(change.speed, begin, self.lengths.of(item))
        inner = replace(inner, nested=(*view.nested, name_of(item)))
        if kind_of(item) == "Track":
            for child, at in self.laid(children(item)):
                if kind_of(child) not in ("Transition", "Gap"):
                    yield from self.item(child, inner.part(at, self.lengths.of(child)), place)
            return
        for level, child in enumerate(children(item)):
            if kind_of(child) != "Track" or child.get("kind") == "Video":
                part = inner.part(Fraction(0), self.lengths.of(child))
                yield from self.item(child, replace(part, level=(*part.level, level)), place)

    def clip(self, clip: Mapping[str, Any], view: View, place: Spot) -> Iterator[CutShot | Marker]:
        change = warp(clip.get("effects"))
        media = reel(clip, self.count.written, self.search, self.timecode_of)
        speed = Fraction(1) if change.kind else change.speed
        inner = view.through(speed, Fraction(0), self.lengths.of(clip))
        shot = self.shot(clip, media, inner, place, change)
        yield shot
        yield from self.clip_markers(clip, shot, inner, change)

    def shot(
        self, clip: Mapping[str, Any], media: Reel, view: View, place: Spot, change: Warp
    ) -> CutShot:
        played = _played(media, view, self.count.written)
        still = media.numbering == "still"
        known = None if change.kind else played
        speed = Fraction(0) if still and not change.kind else view.speed
        return CutShot(
            name=name_of(clip) or os.path.basename(media.found.path or "") or place.track,
            guid=guid_of(clip.get("metadata") or {}) or None,
            track=place.track,
            index=place.index,
            layer=place.layer,
            record=view.record(self.count.rate),
            media=media.found.path,
            online=media.found.online,
            offline_reason=media.found.reason,
            media_rate=exact_rate(media.rate),
            source=played.ends(),
            played=known,
            speed=None if change.kind else speed,
            retime=retime_name(speed, change.kind),
            handles=_handles(media, played) if known and not still else (None, None),
            available=media.span,
            numbering=media.numbering,
            starts=media.starts,
            nested=view.nested,
            level=view.level,
            dissolves=place.dissolves,
            marks=marks_of(clip),
            space=str(marks_of(active_reference(clip)).get("space") or ""),
        )

    def opaque(
        self, item: Mapping[str, Any], view: View, place: Spot, kind: str
    ) -> Iterator[CutShot]:
        """A nest whose retime cannot be followed: one shot that shows nobody knows what."""
        record = view.record(self.count.rate)
        yield CutShot(
            name=name_of(item) or place.track,
            guid=None,
            track=place.track,
            index=place.index,
            layer=place.layer,
            record=record,
            media=None,
            online=False,
            offline_reason="it is nested, and the nest's speed change cannot be followed",
            media_rate=self.count.rate,
            source=(0, len(record) - 1),
            played=None,
            speed=None,
            retime=kind,
            nested=(*view.nested, name_of(item)),
            level=view.level,
            dissolves=place.dissolves,
        )

    def laid(
        self, items: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[Mapping[str, Any], Fraction]]:
        """The items of a track, each with its start in the track."""
        at = Fraction(0)
        for item in items:
            yield item, at
            if kind_of(item) != "Transition":
                at += self.lengths.of(item)

    def dissolves(self, items: Sequence[Mapping[str, Any]], index: int) -> tuple[int, int]:
        def offset(at: int, side: str) -> int:
            beside = items[at] if 0 <= at < len(items) else {}
            if kind_of(beside) != "Transition":
                return 0
            return math.floor(frames_of(time_part(beside, side), self.count.written))

        return offset(index - 1, "in_offset"), offset(index + 1, "out_offset")

    def transition(
        self, item: Mapping[str, Any], view: View, at: Fraction, place: Spot
    ) -> Iterator[Transition]:
        rate = self.count.written
        into, out = (
            math.floor(frames_of(time_part(item, side), rate))
            for side in ("in_offset", "out_offset")
        )
        frame = math.ceil((at - view.offset) / view.pace) if view.pace else view.first - 1
        if view.first <= frame <= view.last + 1:  # a fade may end the track
            kind = str(item.get("transition_type") or "")
            where = view.origin + view.turn * frame
            yield Transition(place.track, name_of(item), kind, where, into, out)

    def markers(self, item: Mapping[str, Any], view: View) -> Iterator[Marker]:
        start = start_of(item, self.count.written)
        for marker, at, length in self.marked(item):
            part = view.part(at - start, max(length, Fraction(1)))
            if part.first <= part.last:
                yield _marker(marker, name_of(item), part.record(self.count.rate))

    def clip_markers(
        self, clip: Mapping[str, Any], shot: CutShot, view: View, change: Warp
    ) -> Iterator[Marker]:
        if not change.kind and view.pace:
            start = start_of(clip, self.count.written)
            for marker, at, length in self.marked(clip):
                part = view.part(at - start, max(length, view.pace))
                if part.first <= part.last:
                    yield _marker(marker, shot.name, part.record(self.count.rate))

    def marked(
        self, item: Mapping[str, Any]
    ) -> Iterator[tuple[Mapping[str, Any], Fraction, Fraction]]:
        rate = self.count.written
        markers = item.get("markers")
        for marker in markers if isinstance(markers, list) else ():
            times = marker.get("marked_range") or marker.get("range")
            if times:
                yield marker, *run_of(times, rate)


def _played(media: Reel, view: View, rate: Fraction) -> Played:
    """The run of media frames a view shows; a still shows its one frame throughout."""
    count = view.last - view.first + 1
    if media.numbering == "still":
        return Played(Fraction(0), Fraction(0), count)
    step = per(media.rate, rate)
    return Played(
        first=media.start + step * (view.offset + view.pace * view.first) - media.zero,
        step=step * view.pace,
        count=count,
        backwards=view.turn < 0,
        base=media.base,
        every=media.every,
    )


def _handles(media: Reel, played: Played) -> tuple[int | None, int | None]:
    if media.span is None:
        return None, None
    (first, last), (low, high) = media.span, played.ends()
    return max(0, low - first), max(0, last - high)


def _marker(marker: Mapping[str, Any], on: str, record: FrameRange) -> Marker:
    color, comment = marker.get("color"), marker.get("comment")
    if isinstance(color, Mapping):  # Marker.3 says it as numbers with a name
        color = color.get("name")
    return Marker(on, name_of(marker), str(color or ""), str(comment or ""), record)
