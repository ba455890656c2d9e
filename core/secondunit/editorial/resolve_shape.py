"""Cuts in the shape that DaVinci Resolve's importer is reported to ask for, and what lacks it.

Reported, not documented: a document of another shape is refused without a reason. ``lapses`` is
also what the tests' Resolve asks of every document it is given. Resolve itself was never asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from .counting import the_timeline
from .cut import Cut, CutShot, Document
from .items import children, kind_of, name_of
from .numbering import active_reference

_ACTIVE = "DEFAULT_MEDIA"
_WORDS = {"Video": "Video", "Audio": "Audio"}
_EVERYWHERE: dict[str, Any] = {"metadata": {}, "effects": [], "markers": [], "enabled": True}


def shaped(cut: Cut) -> Document:
    """The cut's document in Resolve's shape; what it shows, and our marks, stay as they are.

    Tracks lose their names to Resolve's own (``Video 3``), clips of one name are numbered, ranges
    count in the media's own timecode, paths are bare. Nests stay nests.
    """
    document = Document(json.loads(json.dumps(cut.document)))
    timeline = the_timeline(document)
    timeline["global_start_time"] = _time(cut.start, cut.written)
    timeline.setdefault("metadata", {})
    stack = timeline["tracks"]
    shots = {(s.layer, s.index): s for s in cut.shots if not s.nested}
    counted: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for layer, track in enumerate(children(stack)):
        word = _WORDS.get(str(track.get("kind") or "Video"), "Video")
        counted[word] += 1
        track["name"] = f"{word} {counted[word]}"
        _filled(track)
        for index, item in enumerate(children(track)):
            if kind_of(item) == "Clip":
                _clip(item, shots.get((layer, index)), cut.written, names)
            elif kind_of(item) != "Transition":
                _filled(item)
    _filled(stack)
    return document


def lapses(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences on what is not in Resolve's shape; none when all is."""
    timeline = the_timeline(document)
    found = [] if timeline.get("global_start_time") else ["the timeline has no global start time"]
    for track in children(timeline["tracks"]):
        word = _WORDS.get(str(track.get("kind") or "Video"), "Video")
        if not name_of(track).startswith(f"{word} "):
            found.append(f"the track {name_of(track)!r} is not called {word} and its number")
        for item in children(track):
            if kind_of(item) != "Transition":
                found += [f"{name_of(item)!r} has no {key}" for key in ("metadata", "enabled")
                          if key not in item]  # fmt: skip
            if kind_of(item) == "Clip":
                found += [f"{name_of(item)!r}: {what}" for what in _clip_lapses(item)]
    names = Counter(
        name_of(item) for track in children(timeline["tracks"]) for item in children(track)
        if kind_of(item) == "Clip"
    )  # fmt: skip
    found += [f"{count} clips are called {name!r}" for name, count in names.items() if count > 1]
    return tuple(found)


def _clip_lapses(clip: Mapping[str, Any]) -> Iterator[str]:
    many = clip.get("media_references")
    if clip.get("OTIO_SCHEMA") != "Clip.2" or not isinstance(many, Mapping):
        yield "it is no Clip.2 with a map of media references"
        return
    if clip.get("active_media_reference_key") not in many:
        yield "its active media reference is not in the map"
        return
    media = active_reference(clip)
    if kind_of(media) not in ("ExternalReference", "ImageSequenceReference"):
        return
    url = str(media.get("target_url") or media.get("target_url_base") or "")
    if not url or "://" in url or url.startswith("file:"):
        yield "the path of its media is not bare"
    there, played = media.get("available_range"), clip.get("source_range")
    if not isinstance(there, Mapping) or not isinstance(played, Mapping):
        yield "its media or itself has no range"
        return
    first, last = _ends(there)
    if not (first <= _ends(played)[0] and _ends(played)[1] <= last + 1e-6):
        yield "it plays frames outside of its media's own timecode"


def _clip(clip: dict[str, Any], shot: CutShot | None, rate: float, names: Counter[str]) -> None:
    _filled(clip)
    media = dict(active_reference(clip)) or {"OTIO_SCHEMA": "MissingReference.1", "name": ""}
    media.setdefault("metadata", {})
    media.setdefault("name", name_of(clip))
    for key in ("target_url", "target_url_base"):
        if key in media:
            media[key] = bare(str(media[key] or ""))
    if shot is not None and shot.media and media.get("target_url"):
        media["target_url"] = shot.media
    if clip.get("source_range") is None:
        clip["source_range"] = media.get("available_range") or _range(0, 1, rate)
    if kind_of(media) != "MissingReference":
        media["available_range"] = _available(clip, media)
    clip["OTIO_SCHEMA"] = "Clip.2"
    clip.pop("media_reference", None)
    clip["media_references"] = {_ACTIVE: media}
    clip["active_media_reference_key"] = _ACTIVE
    names[name_of(clip)] += 1
    if names[name_of(clip)] > 1:
        clip["name"] = f"{name_of(clip)} ({names[name_of(clip)]})"


def _available(clip: dict[str, Any], media: Mapping[str, Any]) -> Any:
    """The media's own range, widened to what is played when it is not known or too short."""
    played, there = clip["source_range"], media.get("available_range")
    if not isinstance(there, Mapping):
        return json.loads(json.dumps(played))
    first, last = _ends(there)
    start, end = _ends(played)
    if start < first and end - start <= last - first and 0 <= start <= last - first:
        shift = first * played["start_time"]["rate"]
        played["start_time"]["value"] += shift
        start, end = _ends(played)
    if first <= start and end <= last:
        return there
    rate = float(there["start_time"]["rate"])
    low, high = min(first, start), max(last, end)
    return _range(round(low * rate), round((high - low) * rate), rate)


def bare(url: str) -> str:
    """A path as the system writes it: ``file:///show/a%20b.mov`` is ``/show/a b.mov``."""
    if not url.lower().startswith("file:"):
        return url
    parts = urlsplit(url)
    path = unquote(parts.path)
    if len(path) > 2 and path[0] == "/" and path[2] == ":":  # /C:/show
        path = path[1:]
    return f"//{parts.netloc}{path}" if parts.netloc not in ("", "localhost") else path


def _filled(item: dict[str, Any]) -> None:
    for key, value in _EVERYWHERE.items():
        if item.get(key) is None:
            item[key] = json.loads(json.dumps(value))


def _ends(times: Mapping[str, Any]) -> tuple[float, float]:
    """Start and end in seconds."""
    start, long = times["start_time"], times["duration"]
    first = float(start["value"]) / float(start["rate"])
    return first, first + float(long["value"]) / float(long["rate"])


def _range(start: float, length: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "duration": _time(length, rate),
            "start_time": _time(start, rate)}  # fmt: skip


def _time(value: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(value)}
