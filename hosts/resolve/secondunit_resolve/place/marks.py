"""What tells our clips: a marker whose custom data carry the shot's GUID, and the clip's colour."""

from __future__ import annotations

import json
from typing import Any, Dict, Tuple

from ..collect.ours import mark_of, ours_of
from ..port import Port
from ..refusals import HostRefused
from ..words import MARKER


def custom(mark: Dict[str, Any]) -> str:
    """A mark as a marker's custom data; the same mark is the same text."""
    return json.dumps({"secondunit": {"schema": 1, **mark}}, sort_keys=True)


def mark_item(port: Port, item: Any, mark: Dict[str, Any], note: str) -> None:
    """Have a clip of ours say what it is; what it said before is replaced.

    Raises HostRefused when the clip does not say it afterwards.
    """
    old = mark_of(port, item)
    text = custom(mark)
    if old and custom(old) == text:
        return
    markers = port.may(item, "GetMarkers", wanted=dict) or {}
    mine = next((frame for frame, marker in markers.items() if ours_of(marker)), None)
    if mine is not None:
        port.may(item, "UpdateMarkerCustomData", mine, text, wanted=bool)
    else:
        for frame in _free(markers, int(port.may(item, "GetLeftOffset", wanted=(int, float)) or 0)):
            name = f"SU {mark.get('code', '')}".strip()
            if port.may(item, "AddMarker", frame, MARKER, name, note, 1, text, wanted=bool):
                break
    if custom(mark_of(port, item)) != text:
        raise HostRefused(
            "Resolve did not keep the marker that tells whose clip this is",
            hint="Take the clip out of the timeline and run this again.",
        )


def remark_item(port: Port, item: Any, mark: Dict[str, Any], note: str) -> None:
    """Have the marker of a clip of ours say something else: a note cannot be changed, only made
    anew. Raises HostRefused."""
    text = custom(mark_of(port, item))
    port.may(item, "DeleteMarkerByCustomData", text, wanted=bool)
    mark_item(port, item, mark, note)


def mark_timeline(port: Port, timeline: Any, offset: int, name: str, note: str, long: int,
                  mark: Dict[str, Any], colour: str = MARKER) -> bool:  # fmt: skip
    """A marker on the timeline, at the next free frame; whether it is there afterwards.

    One with the same custom data is replaced. ``offset`` counts from the timeline's first frame.
    """
    text = custom(mark)
    if port.may(timeline, "GetMarkerByCustomData", text, wanted=dict):
        port.may(timeline, "DeleteMarkerByCustomData", text, wanted=bool)
    markers = port.may(timeline, "GetMarkers", wanted=dict) or {}
    for frame in _free(markers, offset):
        if port.may(timeline, "AddMarker", frame, colour, name, note, long, text, wanted=bool):
            break
    return bool(port.may(timeline, "GetMarkerByCustomData", text, wanted=dict))


def clear_timeline(port: Port, timeline: Any, kind: str) -> int:
    """Remove our own markers of a kind; how many. Nobody else's are touched."""
    gone = 0
    for marker in (port.may(timeline, "GetMarkers", wanted=dict) or {}).values():
        if ours_of(marker).get("kind") == kind:
            text = str(marker.get("customData"))
            gone += port.may(timeline, "DeleteMarkerByCustomData", text, wanted=bool) is True
    return gone


def colour(port: Port, item: Any, name: str) -> bool:
    """A clip's colour; whether the clip has it afterwards: some take none and say yes."""
    port.may(item, "SetClipColor", name, wanted=bool)
    return port.may(item, "GetClipColor", wanted=str) == name


def shown(port: Port, item: Any, name: str, whose: str) -> Tuple[str, ...]:
    """A clip's colour, which tells how its shot stands; a sentence where Resolve keeps none."""
    if colour(port, item, name):
        return ()
    return (f"Resolve does not show {whose} in {name}: its state is told here only.",)


def _free(markers: Dict[Any, Any], frame: int) -> list[int]:
    """The frame, and the next few where no marker is: one frame holds one marker."""
    taken = {int(at) for at in markers}
    return [at for at in range(frame, frame + len(taken) + 1) if at not in taken]
