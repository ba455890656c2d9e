"""A clip of ours over more of its handles. Resolve's calls cannot trim, so it is put there anew.

Only ever done to clips on our own track; its takes, the one that plays, its markers, its colour and
what was set on it stay. Its grade does not: no call hands that on from a clip that is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Tuple

from secondunit_bridge.errors import NoPlace, SecondUnitError
from secondunit_bridge.timing import FrameRange

from ..collect.reading import Clip
from ..port import Port
from ..refusals import HostRefused
from ..words import BIN, TRACK
from .files import Frames
from .marks import colour, mark_item
from .takes import add_take, place_of, select
from .track import put, remove, slipped, taken


@dataclass(frozen=True)
class _Kept:
    """What a clip has that a new one at its place does not have by itself."""

    media: Any  # of the take that plays
    takes: Tuple[Tuple[Any, int], ...]  # media, and the first of its frames that plays
    markers: Dict[Any, Any]
    properties: Dict[str, Any]
    shade: str


def rebuilt(port: Port, timeline: Any, clip: Clip, span: FrameRange) -> Tuple[str, ...]:
    """Have the clip play ``span``, its frames where they were in the record; what of it is lost.

    Raises NoPlace when another clip lies there, before anything is touched; HostRefused when
    Resolve does not do it: the clip is then where it was and as it was, if Resolve lets it.
    """
    kept = _kept(port, clip)
    if taken(port, timeline, clip.track, span, but=clip.first):
        raise NoPlace(
            f"{clip.name} cannot be put back longer: another clip is beside it on its track",
            hint="Make room beside it, then run this again.",
        )
    if not remove(port, timeline, clip.item):
        raise HostRefused(
            f"Resolve did not take {clip.name} out to put it back longer",
            hint="Trim it by hand into its handles, then run this again.",
        )
    earlier = clip.first - span.first
    try:
        item = put(port, timeline, kept.media, _plain(clip, clip.left - earlier), clip.track, span)
    except SecondUnitError:
        _as_it_was(port, timeline, clip, kept, span)
        raise
    _given(port, item, clip, kept, earlier)
    return (*_lost(port, item, clip, kept), *slipped(port, item, clip.left - earlier, clip.name))


def _as_it_was(port: Port, timeline: Any, clip: Clip, kept: _Kept, span: FrameRange) -> None:
    """Put it back where it was. Raises HostRefused when that cannot be done either."""
    old = FrameRange(clip.first, clip.last, span.rate)
    try:
        item = put(port, timeline, kept.media, _plain(clip, clip.left), clip.track, old)
    except SecondUnitError as error:
        where = "/".join((BIN, str(clip.mark.get("sequence")), str(clip.mark.get("code"))))
        raise HostRefused(
            f"{clip.name} was taken out to be put back longer, and Resolve does not put it back",
            hint=f"Its takes lie in the bin {where}: undo in Resolve, or drag one of them onto"
            f" {TRACK} by hand.",
            data={"first": clip.first, "last": clip.last},
        ) from error
    _given(port, item, clip, kept, 0)


def _given(port: Port, item: Any, clip: Clip, kept: _Kept, earlier: int) -> None:
    """Hand on what the clip had. Raises HostRefused when its mark or a take is not there."""
    for frame, one in kept.markers.items():
        told = (one.get("color"), one.get("name"), one.get("note"), int(one.get("duration") or 1))
        port.may(item, "AddMarker", int(frame), *told, one.get("customData") or "", wanted=bool)
    mark_item(port, item, clip.mark, "")
    if kept.shade:
        colour(port, item, kept.shade)
    if not clip.enabled:
        port.may(item, "SetClipEnabled", False, wanted=bool)
    now = port.may(item, "GetProperty", wanted=dict) or {}
    for key, value in kept.properties.items():
        if now.get(key) != value:
            port.may(item, "SetProperty", key, value, wanted=bool)
    wrong = list(_refilled(port, item, kept, earlier))
    at = place_of(port, item, kept.media)
    if at is not None:
        select(port, item, at)
    for error in wrong:
        raise error


def _lost(port: Port, item: Any, clip: Clip, kept: _Kept) -> Tuple[str, ...]:
    """A sentence on what was handed on and is not there: markers, colour, settings."""
    there = [_said(one) for one in (port.may(item, "GetMarkers", wanted=dict) or {}).values()]
    lost = [f"the marker {one.get('name') or one.get('color')}"
            for one in kept.markers.values() if _said(one) not in there]  # fmt: skip
    now = port.may(item, "GetProperty", wanted=dict) or {}
    lost += [key for key, value in kept.properties.items() if now.get(key) != value]
    if kept.shade and port.may(item, "GetClipColor", wanted=str) != kept.shade:
        lost.append(f"the colour {kept.shade}")
    if not clip.enabled and port.may(item, "GetClipEnabled", wanted=bool):
        lost.append("that it is switched off")
    said = f"{clip.name}: Resolve did not take over {', '.join(lost)}: set it again by hand."
    return (said,) if lost else ()


def _said(marker: Dict[str, Any]) -> Tuple[Any, ...]:
    return tuple(marker.get(key) for key in ("color", "name", "note", "customData"))


def _refilled(port: Port, item: Any, kept: _Kept, earlier: int) -> Iterator[HostRefused]:
    """Put the takes back into the selector; what each that is not taken is told by.

    The clip itself becomes a take with the first that is added; where it does not, it is added.
    """
    length = port.whole(item, "GetDuration")
    playing = port.may(kept.media, "GetMediaId", wanted=str)
    others = [one for one in kept.takes if port.may(one[0], "GetMediaId", wanted=str) != playing]
    itself = [one for one in kept.takes if one not in others] if others else []
    for media, first in (*others, *itself[:1]):
        name = port.may(media, "GetName", wanted=str) or "a take"
        head = max(0, first - earlier)
        try:
            add_take(port, item, media, Frames(name, "", "", 0, 0, head), length)
        except HostRefused as error:
            yield error


def _kept(port: Port, clip: Clip) -> _Kept:
    media = port.thing(clip.item, "GetMediaPoolItem")
    markers = port.may(clip.item, "GetMarkers", wanted=dict) or {}
    properties: Dict[str, Any] = port.may(clip.item, "GetProperty", wanted=dict) or {}
    shade = port.may(clip.item, "GetClipColor", wanted=str) or ""
    return _Kept(media, tuple(_takes(port, clip.item)), markers, properties, shade)


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
