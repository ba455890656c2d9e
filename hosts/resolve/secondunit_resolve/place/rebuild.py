"""A clip of ours over more of its handles. Resolve's calls cannot trim, so it is put there anew.

Only ever done to clips on our own track; its takes, the one that plays and its mark stay.
"""

from __future__ import annotations

from typing import Any, List, Tuple

from secondunit_bridge.timing import FrameRange

from ..collect.reading import Clip
from ..port import Port
from ..refusals import HostRefused
from .files import Frames
from .marks import colour, mark_item
from .takes import select
from .track import put, remove


def rebuilt(port: Port, timeline: Any, clip: Clip, span: FrameRange) -> Any:
    """The clip playing ``span``; its frames stay where they were in the record.

    Raises HostRefused; the clip is then where it was, if Resolve lets it.
    """
    media = port.thing(clip.item, "GetMediaPoolItem")
    takes, playing = _takes(port, clip.item), port.may(
        clip.item, "GetSelectedTakeIndex", wanted=int
    ) or 0  # fmt: skip
    shade = port.may(clip.item, "GetClipColor", wanted=str) or ""
    if not remove(port, timeline, clip.item):
        raise HostRefused(
            f"Resolve did not take {clip.name} out to put it back longer",
            hint="Trim it by hand into its handles, then run this again.",
        )
    earlier = clip.first - span.first
    try:
        item = put(port, timeline, media, _plain(clip, clip.left - earlier), clip.track, span)
    except HostRefused:
        old = FrameRange(clip.first, clip.last, span.rate)
        item = put(port, timeline, media, _plain(clip, clip.left), clip.track, old)
        mark_item(port, item, clip.mark, "")
        raise
    for known, first in takes:
        start = first - earlier
        port.may(item, "AddTake", known, start, start + len(span) - 1, wanted=bool)
    if takes and playing:
        select(port, item, playing + _own(port, item, takes))
    mark_item(port, item, clip.mark, "")
    if shade:
        colour(port, item, shade)
    return item


def _own(port: Port, item: Any, takes: List[Tuple[Any, int]]) -> int:
    """The clip itself became a take of its own before those that were put back: one more."""
    there = port.may(item, "GetTakesCount", wanted=int) or 0
    return max(0, there - len(takes))


def _takes(port: Port, item: Any) -> List[Tuple[Any, int]]:
    count = port.may(item, "GetTakesCount", wanted=int) or 0
    found = []
    for index in range(1, count + 1):
        told = port.may(item, "GetTakeByIndex", index, wanted=dict) or {}
        if told.get("mediaPoolItem") is not None:
            found.append((told["mediaPoolItem"], int(told.get("startFrame") or 0)))
    return found


def _plain(clip: Clip, head: int) -> Frames:
    return Frames(clip.name, "", "", 0, 0, head)
