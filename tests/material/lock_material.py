"""Clips of ours and of others, and cuts of them on paper: for what a changed lock does."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from secondunit.editorial import Cut, Document, Inserted, flattened
from secondunit.editorial.insert import clip_of, span_of
from secondunit_bridge.timing import FrameRange, Handles

RATE = Fraction(24)
FIRST, LAST = 1001, 1056  # 40 frames and handles of 8


def version(name: str, guid: str, count: int, handles: Handles) -> Inserted:
    path = f"/store/{name}/exr/{name}.%04d.exr"
    frames = FrameRange(FIRST, FIRST + count - 1, RATE)
    return Inserted(name, guid, name.rpartition("_")[0], "aa.1", "ab", "temp", path, frames,
                    handles)  # fmt: skip


def ours(index: int) -> dict[str, Any]:
    return clip_of(version(f"SQ_00{index}0_v001", f"guid-{index}", 56, Handles(8, 8)), 24.0)


def foreign(index: int) -> dict[str, Any]:
    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": f"/rushes/day{index}.mov",
             "available_range": span_of(0, 500, 24.0)}  # fmt: skip
    return {"OTIO_SCHEMA": "Clip.2", "name": f"day{index}", "metadata": {}, "effects": [],
            "markers": [], "enabled": True, "source_range": span_of(40, 12, 24.0),
            "media_references": {"DEFAULT_MEDIA": media},
            "active_media_reference_key": "DEFAULT_MEDIA"}  # fmt: skip


def showing(clip: dict[str, Any], first: int, count: int) -> dict[str, Any]:
    return {**json.loads(json.dumps(clip)), "source_range": span_of(first, count, 24.0)}


def cut_of(clips: list[dict[str, Any]]) -> Cut:
    track = {"OTIO_SCHEMA": "Track.1", "name": "Video 1", "kind": "Video", "children": clips}
    start = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 86400.0}
    stack = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    return flattened(Document({"OTIO_SCHEMA": "Timeline.1", "name": "cut", "tracks": stack,
                               "global_start_time": start}))  # fmt: skip
