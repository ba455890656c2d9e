"""The edit as an OpenTimelineIO document: a track GREY, a track LOOK, and a marker for each shot.

Written as JSON with the standard library, in the schemas that OpenTimelineIO 0.18 writes. Frames of
the record are scene frames; rates are exact as far as a JSON number goes (24000/1001).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from secondunit_bridge.errors import NoPlace, PathRefused, RetimeUnsupported
from secondunit_bridge.timeline import KEY, Stamp
from secondunit_bridge.wire import plain

from ..collect.cards import card_beside
from ..collect.shots import SceneShot, scene_rate
from ..cut_reading import mark
from .edit import (
    FRAMES,
    GREY,
    GUID,
    LOOK,
    RECORD,
    SPACE,
    TAKE,
    VERSION,
    Piece,
    grey_strip,
    strips,
)
from .grey import Rendered

Json = Dict[str, Any]
_ACTIVE = "DEFAULT_MEDIA"


@dataclass(frozen=True)
class Counts:
    """How many clips each track got."""

    grey: int
    look: int


@dataclass(frozen=True)
class Clip:
    """One clip: record frames, ``end`` excluded; ``source`` is the frame of its media at first."""

    name: str
    first: int
    end: int
    source: float
    media: Json
    marks: Json


def export(
    edit: Any,
    layout: Any,
    shots: Sequence[SceneShot],
    passes: Mapping[str, Rendered],
    target: Path,
    beside: Path,
) -> Counts:
    """Write the edit of a scene; the file appears whole or not at all.

    ``beside`` is the folder of the .blend, which strips' paths may be relative to.

    Raises NoPlace for strips that overlap, RetimeUnsupported for retimed ones, PathRefused,
    OSError when the disk does not take it.
    """
    if not target.parent.is_dir():
        raise PathRefused(
            f"the folder {target.parent} is not there", hint="Choose one that is, or make it."
        )
    rate = scene_rate(edit)
    grey = grey_clips(edit, layout, shots, passes, rate)
    look = look_clips(edit, shots, passes, rate, beside)
    made = document(target.stem, edit.frame_start, {GREY: grey, LOOK: look}, shots, rate)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(made, indent=4, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return Counts(len(grey), len(look))


def grey_clips(
    edit: Any,
    layout: Any,
    shots: Sequence[SceneShot],
    passes: Mapping[str, Rendered],
    rate: Fraction,
) -> List[Clip]:
    """A clip for the scene strip of every shot; its media are the shot's rendered passes."""
    found = []
    for shot in shots:
        piece = Piece(shot.guid, shot.code, shot.camera, shot.frames)
        strip = grey_strip(edit, layout, piece) if shot.guid else None
        if strip is None:
            continue
        _not_retimed(strip)
        seen = layout.frame_start + strip.frame_final_start - int(strip.frame_start)
        source, media = _grey_media(shot, passes.get(shot.guid), seen, rate)
        marks = _grey_marks(shot, passes.get(shot.guid))
        start, end = strip.frame_final_start, strip.frame_final_end
        found.append(Clip(shot.code, start, end, source, media, marks))
    return sorted(found, key=lambda clip: clip.first)


def look_clips(
    edit: Any,
    shots: Sequence[SceneShot],
    passes: Mapping[str, Rendered],
    rate: Fraction,
    beside: Path,
) -> List[Clip]:
    """A clip for every strip of ours; a circled take's carries the stamp of its version."""
    codes = {shot.guid: shot.code for shot in shots}
    found = []
    for strip in strips(edit):
        if not strip.get(TAKE) or strip.get(GUID) not in codes:
            continue
        _not_retimed(strip)
        first, last = (int(number) for number in list(strip[FRAMES])[:2])
        source = first + strip.frame_final_start - int(strip.frame_start)
        name = str(strip[VERSION]) or strip.name
        files = _absolute(strip.directory, beside) / strip.elements[0].filename
        media = sequence(name, files, (first, last), rate, str(strip.get(SPACE, "")))
        marks = {**_marks(strip, codes[strip[GUID]]), **_card(passes.get(strip[GUID]))}
        start, end = strip.frame_final_start, strip.frame_final_end
        found.append(Clip(name, start, end, source, media, marks))
    return sorted(found, key=lambda clip: clip.first)


def document(
    name: str,
    start: int,
    tracks: Mapping[str, Sequence[Clip]],
    shots: Sequence[SceneShot],
    rate: Fraction,
) -> Json:
    """The timeline. ``start`` is the record frame of its first frame, unless a clip is earlier."""
    start = min([start, *(clip.first for clips in tracks.values() for clip in clips)])
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {KEY: {"schema": 1, "host": "blender"}},
        "name": name,
        "global_start_time": _time(start, rate),
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            **_item("tracks"),
            "markers": [_marker(shot, start, rate) for shot in shots if shot.guid],
            "children": [_track(kind, clips, start, rate) for kind, clips in tracks.items()],
        },
    }


def sequence(name: str, file: Path, numbers: Tuple[int, int], rate: Fraction, space: str) -> Json:
    """Numbered files as media; ``file`` is any one of them, ``numbers`` are its first and last.

    Named by a pattern, as most programs read it: FCP XML cannot say an image sequence otherwise.
    ``space`` is their colour space: frames that Blender or the vault wrote do not say it.
    """
    stem, digits, suffix = _numbered(file.name)
    first, last = numbers
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {KEY: {"schema": 1, "space": space}} if space else {},
        "name": name,
        "available_range": _range(first, last - first + 1, rate),
        "available_image_bounds": None,
        "target_url": f"{file.parent.as_posix()}/{stem}%0{digits}d{suffix}",
    }


def _grey_media(
    shot: SceneShot, passes: Optional[Rendered], seen: int, rate: Fraction
) -> Tuple[int, Json]:
    """The media frame at which a scene strip begins, and the media; none until passes are there."""
    if passes is None:
        wide = shot.frames.with_handles(shot.handles)
        missing = {
            "OTIO_SCHEMA": "MissingReference.1",
            "metadata": {},
            "name": shot.code,
            "available_range": _range(wide.first, len(wide), rate),
            "available_image_bounds": None,
        }
        return (seen, missing)
    path = Path(passes.pattern % passes.number)
    last = passes.number + passes.count - 1
    source = passes.number + seen - passes.first
    return (source, sequence(shot.code, path, (passes.number, last), rate, passes.space))


def _grey_marks(shot: SceneShot, passes: Optional[Rendered]) -> Json:
    first = passes.first if passes else shot.frames.first - shot.handles.head
    return {"schema": 1, **mark(shot.guid, shot.code, first), **_card(passes)}


def _card(passes: Optional[Rendered]) -> Json:
    """What continuity needs to know of the shot, noted when its passes were rendered."""
    card = card_beside(str(Path(passes.pattern).parent)) if passes else None
    return {"card": card} if card else {}


def _marks(strip: Any, code: str) -> Json:
    """The stamp of a version, or the take; and at which scene frame the media begin."""
    _, _, head, cut = (int(number) for number in list(strip[FRAMES])[:4])
    ours = mark(strip[GUID], code, cut - head)
    if strip[VERSION]:
        stamp = Stamp(strip[GUID], strip[TAKE], strip[VERSION], strip[RECORD])
        return {**plain(stamp), **ours}
    return {"schema": 1, "take": strip[TAKE], **ours}


def _absolute(folder: str, beside: Path) -> Path:
    """A folder as Blender writes it: ``//`` at its beginning is that of the file."""
    if not folder.startswith("//"):
        return Path(folder)
    return Path(os.path.normpath(beside / folder[2:].replace("\\", "/")))


def _not_retimed(strip: Any) -> None:
    if len(getattr(strip, "retiming_keys", ())) > 0:
        raise RetimeUnsupported(
            f"the strip {strip.name} is retimed, and the cut would not say how",
            hint="Remove its retiming keys, or leave speed changes to the editor.",
        )


def _track(kind: str, clips: Sequence[Clip], start: int, rate: Fraction) -> Json:
    items: List[Json] = []
    at = start
    for clip in clips:
        if clip.first < at:
            raise NoPlace(
                f"two strips of the track {kind} play at frame {clip.first}, one is {clip.name}",
                hint="Move or trim one of them in the sequencer, then export again.",
            )
        if clip.first > at:
            items.append(_gap(clip.first - at, rate))
        items.append(_clip(clip, rate))
        at = clip.end
    return {"OTIO_SCHEMA": "Track.1", **_item(kind), "kind": "Video", "children": items}


def _clip(clip: Clip, rate: Fraction) -> Json:
    return {
        "OTIO_SCHEMA": "Clip.2",
        **_item(clip.name),
        "metadata": {KEY: clip.marks},
        "source_range": _range(clip.source, clip.end - clip.first, rate),
        "media_references": {_ACTIVE: clip.media},
        "active_media_reference_key": _ACTIVE,
    }


def _gap(length: int, rate: Fraction) -> Json:
    return {"OTIO_SCHEMA": "Gap.1", **_item(""), "source_range": _range(0, length, rate)}


def _marker(shot: SceneShot, start: int, rate: Fraction) -> Json:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {KEY: {"schema": 1, "guid": shot.guid, "code": shot.code}},
        "name": shot.code,
        "color": "CYAN",
        "comment": shot.marker,
        "marked_range": _range(shot.frames.first - start, len(shot.frames), rate),
    }


def _item(name: str) -> Json:
    return {
        "metadata": {},
        "name": name,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _range(start: float, length: float, rate: Fraction) -> Json:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": _time(length, rate),
        "start_time": _time(start, rate),
    }


def _time(value: float, rate: Fraction) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(value)}


def _numbered(file: str) -> Tuple[str, int, str]:
    """What comes before the frame number in a file's name, its digits, what comes after."""
    stem, dot, suffix = file.rpartition(".")
    bare = stem.rstrip("0123456789")
    return (bare, len(stem) - len(bare), dot + suffix)
