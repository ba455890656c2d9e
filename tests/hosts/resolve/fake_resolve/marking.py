"""Markers of the fake: on timelines, items and media alike, one to a frame."""

from __future__ import annotations

from typing import Any

from .state import World

MARKER_COLOURS = [
    "Blue",
    "Cyan",
    "Green",
    "Yellow",
    "Red",
    "Pink",
    "Purple",
    "Fuchsia",
    "Rose",
    "Lavender",
    "Sky",
    "Mint",
    "Lemon",
    "Sand",
    "Cocoa",
    "Cream",
]


class Marked:
    """What Timeline, TimelineItem and MediaPoolItem have in common. Frames are offsets."""

    def AddMarker(
        w: World, m: Any, frame: float, colour: str, name: str, note: str, duration: float, *custom
    ) -> bool:
        if colour not in MARKER_COLOURS or duration < 1:
            return False
        if w.faults.one_marker_a_frame and int(frame) in m.markers:
            return False
        m.markers[int(frame)] = {
            "color": colour, "name": name, "note": note, "duration": float(duration),
            "customData": custom[0] if custom else "",
        }  # fmt: skip
        return True

    def GetMarkers(w: World, m: Any) -> dict[float, Any]:
        return {float(frame): dict(marker) for frame, marker in sorted(m.markers.items())}

    def GetMarkerByCustomData(w: World, m: Any, custom: str) -> dict[float, Any]:
        found = [f for f, marker in sorted(m.markers.items()) if marker["customData"] == custom]
        return {float(found[0]): dict(m.markers[found[0]])} if found else {}

    def GetMarkerCustomData(w: World, m: Any, frame: float) -> str:
        return m.markers.get(int(frame), {}).get("customData", "")

    def UpdateMarkerCustomData(w: World, m: Any, frame: float, custom: str) -> bool:
        if int(frame) not in m.markers:
            return False
        m.markers[int(frame)]["customData"] = custom
        return True

    def DeleteMarkerAtFrame(w: World, m: Any, frame: float) -> bool:
        return m.markers.pop(int(frame), None) is not None

    def DeleteMarkerByCustomData(w: World, m: Any, custom: str) -> bool:
        found = [f for f, marker in m.markers.items() if marker["customData"] == custom]
        for frame in found[:1]:
            del m.markers[frame]
        return bool(found)

    def DeleteMarkersByColor(w: World, m: Any, colour: str) -> bool:
        w.failures.append("markers were deleted by colour: the editor's own go with them")
        return True
