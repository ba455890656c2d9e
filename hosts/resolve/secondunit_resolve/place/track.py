"""Our track ``SU_INSERT``, above all others and never the first, and what is put on it.

What Resolve answers to an append is not believed: the track is listed again, by record frame and
length. A clip that overlaps another is dropped without a word, so room is looked for first.
"""

from __future__ import annotations

from typing import Any, Optional, Tuple

from secondunit_bridge.errors import NoPlace
from secondunit_bridge.saying import counted
from secondunit_bridge.timing import FrameRange

from ..port import Port
from ..refusals import HostLacks, HostRefused
from ..words import TRACK
from .files import Frames

OLDEST = (18, 5)  # the first whose texts know ``recordFrame``
_ROUNDS = 2  # a first append may vanish when the project is saved


def placing(port: Port) -> None:
    """Raises HostLacks where a script cannot say at which frame a clip goes."""
    if port.version < OLDEST:
        raise HostLacks(
            f"Resolve {port.version_name} lets no script say at which frame a clip goes",
            hint="Resolve 18.5 or newer is needed to place inserts.",
            data={"version": port.version_name},
        )


def our_track(port: Port, timeline: Any, span: FrameRange) -> int:
    """The track for a clip of ours: the topmost when it is ours, open and has room, else a new one.

    Raises HostRefused, HostLacks as ``placing``.
    """
    placing(port)
    top = _count(port, timeline)
    if top > 1 and port.may(timeline, "GetTrackName", "video", top, wanted=str) == TRACK:
        locked = port.may(timeline, "GetIsTrackLocked", "video", top, wanted=bool)
        if not locked and not any(
            _overlaps(port, item, span) for item in _items(port, timeline, top)
        ):
            return top
    port.ask(timeline, "AddTrack", "video", wanted=bool, hint="Is the timeline locked?")
    new = _count(port, timeline)
    if new != top + 1 or new < 2:
        raise HostRefused(
            "Resolve did not add a picture track", hint="Add one by hand, then run this again."
        )
    port.may(timeline, "SetTrackName", "video", new, TRACK, wanted=bool)
    if port.may(timeline, "GetTrackName", "video", new, wanted=str) != TRACK:
        raise HostRefused(
            f"Resolve did not name the new track {TRACK}",
            hint=f"Name the topmost picture track {TRACK} by hand, then run this again.",
        )
    return new


def put(port: Port, timeline: Any, media: Any, frames: Frames, track: int, span: FrameRange) -> Any:
    """Frames on a track, so that their first after the head handle plays at ``span.first``.

    Returns the item as the track lists it. Raises HostRefused when it does not lie there after
    all, NoPlace when the place is taken.
    """
    if any(_overlaps(port, item, span) for item in _items(port, timeline, track)):
        raise NoPlace(
            f"there is a clip already on track {track} between those frames",
            hint="Unlock or clear the topmost track, then run this again.",
        )
    before = {_start(port, item) for item in _items(port, timeline, track)}
    longer = 0  # a clip of another rate comes out a frame short: one more is asked for then
    for _ in range(_ROUNDS):
        asked = {
            "mediaPoolItem": media, "startFrame": frames.head,
            "endFrame": frames.head + len(span) + longer, "mediaType": 1, "trackIndex": track,
            "recordFrame": span.first,
        }  # fmt: skip
        port.may(port.pool(), "AppendToTimeline", [asked], wanted=object)
        port.save()
        item = _item_at(port, timeline, track, span.first)
        if item is not None:
            there = port.whole(item, "GetDuration")
            if there == len(span):
                return item
            longer += len(span) - there
        for stray in _items(port, timeline, track):  # of ours, and not where it should be
            if _start(port, stray) not in before:
                remove(port, timeline, stray)
    raise HostRefused(
        f"Resolve did not put {frames.name} at its place, or not with its"
        f" {counted(len(span), 'frame')}",
        hint="Is the track locked, or does the media have another rate than the timeline?",
        data={"track": track, "first": span.first, "last": span.last},
    )


def slipped(port: Port, item: Any, head: int, whose: str) -> Tuple[str, ...]:
    """A sentence where a clip plays other frames of its media than it was put there with.

    ``head`` frames of the media come before the first that plays.
    """
    left = port.may(item, "GetLeftOffset", wanted=(int, float))
    if left is None or int(left) == head:
        return ()
    return (f"{whose} begins {abs(int(left) - head)} frames too"
            f" {'late' if left > head else 'early'} in its media: slip it by hand.",)  # fmt: skip


def remove(port: Port, timeline: Any, item: Any) -> bool:
    """Take an item of ours out again; nothing ripples. Works on the edit page only, so it turns
    there and back. Whether it is gone."""
    before = port.page()
    first = port.whole(item, "GetStart")
    where = port.may(item, "GetUniqueId", wanted=str)
    if before != "edit":
        port.open_page("edit")
    try:
        for _ in range(_ROUNDS):
            if port.may(timeline, "DeleteClips", [item], False, wanted=bool) is True:
                break
    finally:
        if before and before != "edit":
            port.open_page(before)
    return not any(
        port.may(one, "GetStart", wanted=(int, float)) == first
        and port.may(one, "GetUniqueId", wanted=str) == where
        for index in range(2, _count(port, timeline) + 1)
        for one in _items(port, timeline, index)
    )


def taken(port: Port, timeline: Any, track: int, span: FrameRange, but: int) -> bool:
    """A clip of the track plays in ``span``; the one that begins at ``but`` does not count."""
    return any(
        _overlaps(port, item, span)
        for item in _items(port, timeline, track) if _start(port, item) != but
    )  # fmt: skip


def drop_empty(port: Port, timeline: Any, track: int) -> Tuple[str, ...]:
    """Remove our track when nothing is left on it and it is the topmost; a sentence where it
    stays all the same."""
    name = port.may(timeline, "GetTrackName", "video", track, wanted=str)
    topmost = track == _count(port, timeline) and track > 1
    if topmost and name == TRACK and not _items(port, timeline, track):
        port.may(timeline, "DeleteTrack", "video", track, wanted=bool)
        if _count(port, timeline) == track:
            return (f"The empty track {TRACK} stays: delete it by hand.",)
    return ()


def _start(port: Port, item: Any) -> int:
    return port.whole(item, "GetStart")


def _count(port: Port, timeline: Any) -> int:
    return port.whole(timeline, "GetTrackCount", "video")


def _items(port: Port, timeline: Any, track: int) -> Any:
    return port.listed(timeline, "GetItemListInTrack", "video", track)


def _item_at(port: Port, timeline: Any, track: int, first: int) -> Optional[Any]:
    for item in _items(port, timeline, track):
        if port.may(item, "GetStart", wanted=(int, float)) == first:
            return item
    return None


def _overlaps(port: Port, item: Any, span: FrameRange) -> bool:
    first = port.whole(item, "GetStart")
    length = port.whole(item, "GetDuration")
    return first <= span.last and first + length > span.first
