"""The cut as OpenTimelineIO: Resolve's own export where it has one, else written from the reading.

Our clips carry their marks under ``secondunit``, whichever way it was made, so that a re-cut finds
them again; Resolve's export leaves them out.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from secondunit_bridge.timeline import KEY

from ..pacing import Pace
from ..port import Port
from ..words import TRACK
from .ours import name_of
from .reading import Clip, Reading

_ACTIVE = "DEFAULT_MEDIA"
_HOLE = "\0 what is written apart \0"  # nobody names a thing so
_STAMPED = ("guid", "take", "version", "record", "code", "kind")


def own_export(port: Port) -> Optional[Dict[str, Any]]:
    """The timeline's export by Resolve; None where the version has none, or it came to nothing."""
    kind, plain = port.word("EXPORT_OTIO"), port.word("EXPORT_NONE")
    if kind is None or plain is None:
        return None
    with tempfile.TemporaryDirectory(prefix="secondunit-") as folder:
        path = Path(folder) / "cut.otio"
        if port.may(port.timeline(), "Export", str(path), kind, plain, wanted=bool) is None:
            return None
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None  # it said yes and wrote nothing that can be read
    port.pace.step()
    return found if isinstance(found, dict) and "tracks" in found else None


def cut_document(reading: Reading) -> Dict[str, Any]:
    """The cut of a reading, our clips marked. The reading's own document stays as it is."""
    if reading.document is None:
        return _written(reading)
    ours = {(clip.track, clip.first): clip for clip in reading.clips if clip.mark}
    stack, tracks, index = reading.document["tracks"], [], 0
    for track in stack.get("children") or ():
        picture = track.get("kind", "Video") == "Video"
        index += picture
        children = _marked(track, index, ours, reading) if picture else track.get("children")
        tracks.append({**track, "children": children})
    return {**reading.document, "tracks": {**stack, "children": tracks}}


def _marked(
    track: Dict[str, Any], index: int, ours: Dict[Tuple[int, int], Clip], reading: Reading
) -> List[Dict[str, Any]]:
    """The items of a picture track, copies of those that are ours with their marks."""
    items, at = [], float(reading.start)
    for child in track.get("children") or ():
        schema = str(child.get("OTIO_SCHEMA", "")).partition(".")[0]
        clip = ours.get((index, round(at))) if schema == "Clip" else None
        if clip is not None:
            metadata = {**(child.get("metadata") or {}), KEY: marks(clip)}
            child = {**child, "name": clip.name, "metadata": metadata}
        items.append(child)
        if schema != "Transition":
            long = (child.get("source_range") or {}).get("duration") or {"value": 0, "rate": 1}
            at += long["value"] * float(reading.rate) / long["rate"]
    return items


def plain_cut(reading: Reading) -> Reading:
    """The reading without the export, so that two cuts to be compared are written one way."""
    return replace(reading, document=None)


def save_cut(reading: Reading, path: Path, pace: Optional[Pace] = None) -> Path:
    """Write the cut, whole or not at all; item by item, so that Resolve can have its turns."""
    return save_document(cut_document(reading), path, pace)


def save_document(document: Dict[str, Any], path: Path, pace: Optional[Pace] = None) -> Path:
    """Write a cut that is OpenTimelineIO already, as ``save_cut`` does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(_text(document, pace or Pace()) + "\n", encoding="utf-8")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _text(document: Dict[str, Any], pace: Pace) -> str:
    tracks = []
    for track in document["tracks"].get("children") or ():
        items = []
        for child in track.get("children") or ():
            items.append(json.dumps(child))
            pace.step()
        tracks.append(_around(track, items))
    stack = _around(document["tracks"], tracks)
    return json.dumps({**document, "tracks": _HOLE}).replace(json.dumps(_HOLE), stack)


def _around(parent: Dict[str, Any], children: List[str]) -> str:
    """A parent as JSON, with children that are JSON already."""
    inside = f"[{', '.join(children)}]"
    return json.dumps({**parent, "children": _HOLE}).replace(json.dumps(_HOLE), inside)


def marks(clip: Clip) -> Dict[str, Any]:
    """What a clip of ours carries in the cut: the stamp of its version, or its shot alone."""
    said = {key: clip.mark[key] for key in _STAMPED if isinstance(clip.mark.get(key), str)}
    if "version" in said and not ({"take", "record"} <= set(said)):
        del said["version"]
    shot = name_of(clip.mark)
    return {"schema": 1, **said, **({"shot": shot} if shot else {})}


def _written(reading: Reading) -> Dict[str, Any]:
    tracks = [_track(reading, track.index, track.name) for track in reading.tracks]
    return {
        "OTIO_SCHEMA": "Timeline.1", "metadata": {KEY: {"schema": 1, "host": "resolve"}},
        "name": reading.name, "global_start_time": _time(reading.start, float(reading.rate)),
        "tracks": {"OTIO_SCHEMA": "Stack.1", **_item(""), "children": tracks},
    }  # fmt: skip


def _track(reading: Reading, index: int, name: str) -> Dict[str, Any]:
    children: List[Dict[str, Any]] = []
    at, rate = reading.start, float(reading.rate)
    for clip in reading.clips:
        if clip.track != index:
            continue
        if clip.first > at:
            children.append({"OTIO_SCHEMA": "Gap.1", **_item(""),
                             "source_range": _range(0, clip.first - at, rate)})  # fmt: skip
        children.append(_clip(clip, rate))
        at = clip.last + 1
    shown = name if name.startswith("Video ") or name == TRACK else f"Video {index}"
    return {"OTIO_SCHEMA": "Track.1", **_item(shown), "kind": "Video", "children": children}


def _clip(clip: Clip, rate: float) -> Dict[str, Any]:
    source, length = clip.source, clip.last - clip.first + 1
    effects: List[Dict[str, Any]] = []
    if clip.retime == "unknown":
        effects = [_effect("TimeEffect.1")]
    elif clip.speed not in (None, 1):
        effects = [{**_effect("LinearTimeWarp.1"), "time_scalar": float(clip.speed or 0)}]
    own = float(source.rate) if source else rate
    first = source.first + clip.left if source else 0
    return {
        "OTIO_SCHEMA": "Clip.2", **_item(clip.name), "enabled": clip.enabled, "effects": effects,
        "metadata": {KEY: marks(clip)} if clip.mark else {},
        "source_range": _range(first, length * own / rate, own),
        "media_references": {_ACTIVE: _media(clip)}, "active_media_reference_key": _ACTIVE,
    }  # fmt: skip


def _media(clip: Clip) -> Dict[str, Any]:
    source = clip.source
    if source is None or source.nested or not source.path:
        return {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}, "name": clip.name,
                "available_range": None, "available_image_bounds": None}  # fmt: skip
    return {
        "OTIO_SCHEMA": "ExternalReference.1", "metadata": {}, "name": source.name,
        "available_range": _range(source.first, source.count, float(source.rate)),
        "available_image_bounds": None, "target_url": source.path,
    }  # fmt: skip


def _effect(schema: str) -> Dict[str, Any]:
    return {"OTIO_SCHEMA": schema, "metadata": {}, "name": "", "effect_name": ""}


def _item(name: str) -> Dict[str, Any]:
    return {"metadata": {}, "name": name, "source_range": None, "effects": [], "markers": [],
            "enabled": True}  # fmt: skip


def _time(value: float, rate: float) -> Dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(value)}


def _range(start: float, length: float, rate: float) -> Dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "duration": _time(length, rate),
            "start_time": _time(start, rate)}  # fmt: skip
