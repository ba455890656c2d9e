"""What the fake writes when a timeline is exported: OTIO in Resolve's shape, and an edit list."""

from __future__ import annotations

import json
from typing import Any

from .state import Item, Timeline, Track


def otio(t: Timeline) -> str:
    """The timeline as OTIO, media in their own timecode, retimes as effects."""
    tracks = []
    for kind, word in (("video", "Video"), ("audio", "Audio")):
        tracks += [_track(t, track, word) for track in t.tracks[kind]]
    made = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
        "name": t.name, "global_start_time": _time(t.start, t.fps),
        "tracks": {"OTIO_SCHEMA": "Stack.1", **_item(""), "children": tracks},
    }  # fmt: skip
    return json.dumps(made, indent=2)


def _track(t: Timeline, track: Track, word: str) -> dict[str, Any]:
    children: list[dict[str, Any]] = []
    at = t.start
    for item in sorted(track.items, key=lambda one: one.start):
        if item.kind == "transition":
            half = item.length // 2
            children.append({
                "OTIO_SCHEMA": "Transition.1", "metadata": {}, "name": item.name,
                "in_offset": _time(half, t.fps), "out_offset": _time(item.length - half, t.fps),
                "transition_type": "SMPTE_Dissolve",
            })  # fmt: skip
            continue
        if item.start > at:
            gap = {
                "OTIO_SCHEMA": "Gap.1",
                **_item(""),
                "source_range": _range(0, item.start - at, t.fps),
            }
            children.append(gap)
        children.append(_clip(item, t))
        at = item.end
    return {"OTIO_SCHEMA": "Track.1", **_item(track.name), "kind": word, "children": children}


def _clip(item: Item, t: Timeline) -> dict[str, Any]:
    media = item.media
    effects: list[dict[str, Any]] = []
    if item.speed == 0:
        effects = [{"OTIO_SCHEMA": "FreezeFrame.1", "effect_name": "FreezeFrame", "metadata": {},
                    "name": "", "time_scalar": 0.0}]  # fmt: skip
    elif item.speed != 1:
        effects = [{"OTIO_SCHEMA": "LinearTimeWarp.1", "effect_name": "", "metadata": {},
                    "name": "", "time_scalar": item.speed}]  # fmt: skip
    if item.curve:
        effects = [{"OTIO_SCHEMA": "TimeEffect.1", "effect_name": "Retime Curve", "metadata": {},
                    "name": ""}]  # fmt: skip
    if media is None or media.kind in ("Compound", "Multicam"):
        kind = media.kind if media else item.kind
        about = {"Resolve_OTIO": {"Type": kind}}
        reference = {"OTIO_SCHEMA": "MissingReference.1", "name": item.name,
                     "available_range": None, "metadata": about}  # fmt: skip
        fps, first, count = t.fps, 0, item.length
    else:
        fps, first = media.fps, media.start + item.left
        count = item.length * media.fps / t.fps
        reference = {
            "OTIO_SCHEMA": "ExternalReference.1", "metadata": {}, "name": media.name,
            "available_range": _range(media.start, media.frames, fps), "target_url": media.path,
        }  # fmt: skip
    return {
        "OTIO_SCHEMA": "Clip.2", **_item(item.name), "effects": effects, "enabled": item.enabled,
        "source_range": _range(first, count, fps),
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
        "markers": [_marker(frame, mark, t.fps) for frame, mark in sorted(item.markers.items())],
    }  # fmt: skip


def _marker(frame: int, mark: dict[str, Any], fps: float) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Marker.2", "name": mark["name"], "color": mark["color"].upper(),
        "comment": mark["note"], "marked_range": _range(frame, mark["duration"], fps),
        "metadata": {"Resolve_OTIO": {"Note": mark["note"], "Custom Data": mark["customData"]}},
    }  # fmt: skip


def edl(t: Timeline) -> str:
    lines = [f"TITLE: {t.name}", "FCM: NON-DROP FRAME", ""]
    for number, item in enumerate(sorted(t.tracks["video"][0].items, key=lambda i: i.start), 1):
        if item.kind == "clip":
            lines.append(f"{number:03}  AX       V     C")
    return "\n".join(lines) + "\n"


def _item(name: str) -> dict[str, Any]:
    return {"metadata": {}, "name": name, "source_range": None, "effects": [], "markers": [],
            "enabled": True}  # fmt: skip


def _time(value: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(value)}


def _range(start: float, count: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "duration": _time(count, rate),
            "start_time": _time(start, rate)}  # fmt: skip
