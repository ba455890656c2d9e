"""What the fake takes in: numbered frames, movies, and timelines that have Resolve's own shape."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .handles import Handle
from .state import Item, Media, Project, Timeline, Track, World


def import_media(w: World, p: Project, items: list[Any]) -> Any:
    """Into the current folder, whatever folder the script thinks of."""
    made = []
    for asked in items:
        media = _media(asked)
        if media is not None:
            (p.folder or p.root).clips.append(media)
            made.append(Handle(w, "MediaPoolItem", media))
    return made


def _media(asked: Any) -> Media | None:
    if isinstance(asked, str):
        return Media(Path(asked).stem, asked, 100) if os.path.exists(asked) else None
    if not isinstance(asked, dict) or not {"FilePath", "StartIndex", "EndIndex"} <= set(asked):
        return None
    pattern, first, last = asked["FilePath"], asked["StartIndex"], asked["EndIndex"]
    numbers = range(first, last + 1)
    if not numbers or any(not os.path.exists(pattern % number) for number in numbers):
        return None
    name = os.path.basename(pattern)
    shown = f"{name.split('%')[0]}[{first}-{last}]{os.path.splitext(name)[1]}"
    return Media(shown, pattern % first, len(numbers), start=0, first_number=first)


def import_timeline(w: World, p: Project, path: str, options: dict[str, Any]) -> Any:
    """None without a reason, unless the document has the shape."""
    name = options.get("timelineName") or Path(path).stem
    if any(one.name == name for one in p.timelines):
        return None
    if not path.endswith(".otio") or not w.has("18.5"):
        return None
    from secondunit.editorial.resolve_shape import lapses

    document = json.loads(Path(path).read_text(encoding="utf-8"))
    if w.faults.otio_must_have_its_shape and lapses(document):
        return None
    start = document["global_start_time"]
    made = Timeline(name, start["rate"], int(start["value"]))
    offline = not options.get("importSourceClips", True)  # nothing is linked then
    for track in document["tracks"]["children"]:
        made.tracks[track["kind"].lower()].append(_track(track, made, online=not offline))
    p.timelines.append(made)
    p.current = made
    return Handle(w, "Timeline", made)


def _track(track: dict[str, Any], timeline: Timeline, *, online: bool) -> Track:
    items, at = [], timeline.start
    for child in track["children"]:
        if child["OTIO_SCHEMA"].startswith("Transition."):
            continue
        length = child["source_range"]["duration"]
        count = round(length["value"] * timeline.fps / length["rate"])
        if child["OTIO_SCHEMA"].startswith("Clip."):
            media = child["media_references"][child["active_media_reference_key"]]
            there = media.get("available_range") or child["source_range"]
            path = media.get("target_url") or media.get("target_url_base") or ""
            found = Media(
                media.get("name") or child["name"], path, int(there["duration"]["value"]),
                there["duration"]["rate"], int(there["start_time"]["value"]),
                online=online and bool(path),
            )  # fmt: skip
            left = int(child["source_range"]["start_time"]["value"]) - found.start
            items.append(Item(child["name"], at, count, found, left))
        at += count
    return Track(track["name"], items)
