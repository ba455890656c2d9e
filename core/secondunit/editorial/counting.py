"""How a cut counts: its timeline, rate, first frame, and whether its timecode drops numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from secondunit_bridge.errors import CutUnreadable
from secondunit_bridge.timing import can_drop, exact_rate, from_timecode, to_timecode

from .items import Lengths, children, kind_of, name_of
from .numbering import active_reference
from .retime import frames_of, part, rate_of

_HOURS = [f"{hour:02}:00:00" for hour in range(24)]


@dataclass(frozen=True)
class Counting:
    """Timeline, top stack, exact ``rate``, the rate as ``written``, first frame and drop-frame.

    ``shifts`` are tracks whose source range is a list's record start, written as a negative trim.
    """

    timeline: Mapping[str, Any]
    stack: Mapping[str, Any]
    rate: Fraction
    written: Fraction
    written_number: float
    start: int
    drop: bool
    shifts: dict[int, Fraction] = field(default_factory=dict)

    def is_shifted(self, track: Mapping[str, Any]) -> bool:
        """The track's trim is only the record start of a list."""
        return id(track) in self.shifts

    def late(self, track: Mapping[str, Any]) -> Fraction:
        """Frames by which a track starts after the cut does."""
        return self.shifts.get(id(track), Fraction(0))


def counting(document: Mapping[str, Any]) -> Counting:
    """How the timeline of a document counts.

    Raises CutUnreadable when it holds no timeline or more than one, RateMismatch when its rate is
    none.
    """
    timeline = the_timeline(document)
    stack = timeline.get("tracks")
    if not isinstance(stack, Mapping) or kind_of(stack) != "Stack":
        raise CutUnreadable("the timeline has no tracks", hint="Export the cut again.")
    begin = timeline.get("global_start_time")
    time = begin if isinstance(begin, Mapping) else None
    if time is None or rate_of(time) == 1:  # OpenTimelineIO's empty time counts 1 a second
        time = _leading_time(stack) or time
    written = rate_of(time) if time else Fraction(24)
    number = float(time["rate"]) if time else 24.0
    rate = exact_rate(written)
    shifts = _shifts(stack, written)
    first = min(shifts.values(), default=Fraction(0))
    start = frames_of(begin, written) if isinstance(begin, Mapping) else first
    return Counting(
        timeline=timeline,
        stack=stack,
        rate=rate,
        written=written,
        written_number=number,
        start=round(start),
        drop=can_drop(rate) and _drops(timeline, round(start), rate),
        shifts={track: shift - first for track, shift in shifts.items()},
    )


def the_timeline(document: Mapping[str, Any]) -> dict[str, Any]:
    """The one timeline of a document, or of a collection that holds one.

    Raises CutUnreadable for anything else; the hint names the timelines of a collection.
    """
    found = list(_timelines(document))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(repr(name_of(timeline)) for timeline in found[:8])
        raise CutUnreadable(
            f"the file holds {len(found)} timelines",
            hint=f"Export one of them by itself: {names}.",
        )
    raise CutUnreadable(
        f"the file holds no timeline but a {kind_of(document) or 'thing of no kind'}",
        hint="Export the timeline (sequence) itself.",
    )


def _timelines(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if kind_of(document) == "Timeline" and isinstance(document, dict):
        yield document
    elif kind_of(document) == "SerializableCollection":
        for child in children(document):
            yield from _timelines(child)


def _leading_time(stack: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A time at the timeline's rate: of a trim, gap or transition, else of most picture clips."""
    tracks = [t for t in children(stack) if kind_of(t) != "Track" or t.get("kind") == "Video"]
    record = [stack.get("source_range")]
    clips: list[Mapping[str, Any] | None] = []
    for track in tracks or children(stack):
        record.append(track.get("source_range") if kind_of(track) == "Track" else None)
        for item in children(track):
            if kind_of(item) == "Transition":
                record.append({"duration": item.get("in_offset")})
            else:
                (record if kind_of(item) == "Gap" else clips).append(_range_of(item))
    times = [part(r, "duration") for r in record if isinstance(r, Mapping)]
    return _most_used(times) or _most_used([part(r, "duration") for r in clips if r])


def _most_used(times: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """A time at the frame rate most of them have; empty ones and counts of samples say nothing."""
    real = [t for t in times if t.get("value") and rate_of(t) <= 1000]
    most = Counter(exact_rate(rate_of(t)) for t in real).most_common(1)
    return next((t for t in real if exact_rate(rate_of(t)) == most[0][0]), None)


def _range_of(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = item.get("source_range") or active_reference(item).get("available_range")
    if not found and kind_of(item) in ("Stack", "Track"):
        return next((r for r in map(_range_of, children(item)) if r), None)
    return found if isinstance(found, Mapping) else None


def _shifts(stack: Mapping[str, Any], rate: Fraction) -> dict[int, Fraction]:
    """Record starts of an edit decision list, by track.

    Its adapter trims each track to start at minus the record start, for as long as the track
    is: taken as a trim, that would show nothing.
    """
    lengths, found = Lengths(rate), {}
    for track in children(stack):
        times = track.get("source_range")
        if kind_of(track) == "Track" and isinstance(times, Mapping):
            start = frames_of(part(times, "start_time"), rate)
            own = {**track, "source_range": None}
            if start < 0 and frames_of(part(times, "duration"), rate) == lengths.of(own):
                found[id(track)] = -start
    return found


def _drops(timeline: Mapping[str, Any], start: int, rate: Fraction) -> bool:
    """Whether a cut at 29.97 or 59.94 counts drop-frame.

    What the cut says; else the way in which it starts on a whole hour; else yes, as
    OpenTimelineIO itself assumes at these rates.
    """
    said = _said(timeline.get("metadata"))
    if said is not None:
        return said
    whole = to_timecode(start, rate)[:-3] in _HOURS and to_timecode(start, rate).endswith(":00")
    dropping = to_timecode(start, rate, drop=True)
    if whole and start and not (dropping[:-3] in _HOURS and dropping.endswith(";00")):
        return False
    return from_timecode(dropping, rate) == start


def _said(metadata: object) -> bool | None:
    if not isinstance(metadata, Mapping):
        return None
    fcp, edl = metadata.get("fcp_xml"), metadata.get("cmx_3600")
    code = fcp.get("timecode") if isinstance(fcp, Mapping) else None
    if isinstance(code, Mapping) and code.get("displayformat") in ("DF", "NDF"):
        return bool(code["displayformat"] == "DF")
    if isinstance(edl, Mapping) and isinstance(edl.get("fcm"), str):
        return not edl["fcm"].upper().startswith("NON")
    return None
