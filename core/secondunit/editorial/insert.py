"""Cuts out: a version is placed on its own track above all, and everything else stays as it was.

The document is changed as JSON, not through OpenTimelineIO: unknown schemas, old schema versions,
metadata, key order and numbers stay as the editor's software wrote them.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import (
    DiskFull,
    NoPlace,
    NotPermitted,
    PathRefused,
    RateMismatch,
    StoreError,
)
from secondunit_bridge.film import Version
from secondunit_bridge.timeline import KEY, Stamp
from secondunit_bridge.timing import FrameRange, Handles, rate_name
from secondunit_bridge.wire import plain

from ..media.patterns import FramePattern
from .counting import the_timeline
from .cut import Cut, Document
from .items import Lengths, children, is_enabled, kind_of, name_of, start_of
from .place import Place
from .retime import as_written, warp

TRACK = "SU_INSERT"


@dataclass(frozen=True)
class Inserted:
    """What is cut in: a version's names, its frames on disk and what of them is handles.

    ``path`` is the pattern of its sequence, ``frames`` its numbers with handles, ``record`` the
    sha256 of its record.
    """

    version: str
    guid: str
    shot: str
    take: str
    record: str
    kind: str
    path: str
    frames: FrameRange
    handles: Handles = Handles()

    @classmethod
    def of(cls, version: Version, *, shot: str) -> Inserted:
        """A published version; ``shot`` is the shot's name."""
        return cls(
            version=version.name,
            guid=version.shot,
            shot=shot,
            take=version.take,
            record=version.record,
            kind=version.kind.value,
            path=str(Path(version.path) / "exr" / f"{version.name}.%04d.exr"),
            frames=version.frames,
            handles=version.handles,
        )

    @property
    def marks(self) -> dict[str, Any]:
        """What goes under ``KEY`` into the clip's metadata: the stamp and a little for people, but
        nobody's name: cuts are handed on."""
        stamp = plain(Stamp(self.guid, self.take, self.version, self.record))
        return {**stamp, "shot": self.shot, "kind": self.kind}


def insert(cut: Cut, place: Place, inserted: Inserted) -> Document:
    """A new document with the version at the place; the cut's own document is left alone.

    The clip goes to the topmost picture track when that is an insert track of ours with room
    there, else to a new one above. Raises RateMismatch when the version has another rate,
    NoPlace when it is not as long as the place or the whole timeline is retimed.
    """
    _check(cut, place, inserted)
    document = Document(json.loads(json.dumps(cut.document)))
    document.source = cut.document.source
    stack = the_timeline(document)["tracks"]
    rate = as_written(cut.written)
    start = place.record.first - cut.start + start_of(stack, rate)
    if start < 0:
        raise NoPlace(
            f"{cut.timecode(place.record.first)} lies before the first frame a new track can have",
            hint="Remove the trim of the whole timeline and export it again.",
        )
    clip = clip_of(inserted, cut.written)
    tracks = stack.setdefault("children", [])
    top = _topmost(tracks)
    if top is None or not _filled(tracks[top], clip, start, cut.written):
        before = [_gap(start, cut.written)] if start else []
        name = _free_name([name_of(track) for track in tracks])
        tracks.insert(len(tracks) if top is None else top + 1, _track(name, [*before, clip]))
    return document


def save(document: Mapping[str, Any], path: str | os.PathLike[str]) -> Path:
    """Write a document as ``.otio``, all at once or not at all. The path, absolute.

    Raises PathRefused for the cut the document was read from, another file type or a folder that
    is not there; NotPermitted, DiskFull, StoreError when the disk does not take it.
    """
    target = Path(path).absolute()
    _check_target(target, getattr(document, "source", None))
    text = json.dumps(document, indent=4, ensure_ascii=False).encode() + b"\n"
    near = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        try:
            # Not a private temporary file: the cut is for others to open.
            with open(os.open(near, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(near, target)
        finally:
            near.unlink(missing_ok=True)
    except PermissionError:
        raise NotPermitted(
            f"this user may not write to {target.parent}", hint="Choose another folder."
        ) from None
    except OSError as error:
        full = error.errno in (28, 122)  # ENOSPC, EDQUOT
        kind = DiskFull if full else StoreError
        raise kind(f"{target} was not written: {error.strerror}", hint="Free some room.") from None
    return target


def _check(cut: Cut, place: Place, inserted: Inserted) -> None:
    if inserted.frames.rate != cut.rate:
        rates = rate_name(inserted.frames.rate), rate_name(cut.rate)
        raise RateMismatch(
            f"{inserted.version} has {rates[0]} frames a second, the cut {rates[1]}",
            hint="Shoot the insert again at the rate of the cut.",
        )
    own = len(inserted.frames) - inserted.handles.head - inserted.handles.tail
    if own != len(place.record):
        raise NoPlace(
            f"{inserted.version} has {own} frames without handles, the place {len(place.record)}",
            hint="Place it where it was shot for.",
        )
    change = warp(the_timeline(cut.document)["tracks"].get("effects"))
    if change.kind or change.speed != 1:
        raise NoPlace(
            "the whole timeline is retimed, so nothing new can be laid over it",
            hint="Nest the retimed timeline in a new one, export that and place the insert there.",
        )


def _topmost(tracks: list[dict[str, Any]]) -> int | None:
    """Place of the highest picture among the timeline's children; sound does not count."""
    pictures = [
        n
        for n, track in enumerate(tracks)
        if kind_of(track) != "Track" or track.get("kind") != "Audio"
    ]
    return pictures[-1] if pictures else None


def _filled(track: dict[str, Any], clip: dict[str, Any], start: Fraction, rate: float) -> bool:
    """Put the clip into a gap of an insert track, or after its end. False when it does not fit."""
    plain = not track.get("source_range") and not track.get("effects") and is_enabled(track)
    if not name_of(track).startswith(TRACK) or kind_of(track) != "Track" or not plain:
        return False
    items, lengths, at = track["children"], Lengths(as_written(rate)), Fraction(0)
    if any(kind_of(item) == "Transition" for item in children(track)):
        return False
    last = start + lengths.of(clip)
    for index, item in enumerate(items):
        end = at + lengths.of(item)
        if at <= start and last <= end and _is_bare_gap(item):
            before, after = start - at, end - last
            items[index : index + 1] = [
                *([_gap(before, rate)] if before else []),
                clip,
                *([_gap(after, rate)] if after else []),
            ]
            return True
        at = end
    if start < at:
        return False
    items.extend([_gap(start - at, rate), clip] if start > at else [clip])
    return True


def _is_bare_gap(item: Mapping[str, Any]) -> bool:
    said = ("name", "metadata", "markers", "effects")
    return kind_of(item) == "Gap" and not any(item.get(key) for key in said)


def _free_name(names: list[str]) -> str:
    if TRACK not in names:
        return TRACK
    return next(f"{TRACK}_{n}" for n in range(2, len(names) + 3) if f"{TRACK}_{n}" not in names)


def _track(name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Track.1",
        "metadata": {},
        "name": name,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "children": items,
        "kind": "Video",
    }


def _gap(length: Fraction, rate: float) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Gap.1",
        "metadata": {},
        "name": "",
        "source_range": span_of(0.0, float(length), rate),
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def clip_of(inserted: Inserted, rate: float) -> dict[str, Any]:
    """A Clip.2 in the shape Resolve reads: ranges in the media's own numbers, a bare path."""
    frames, handles = inserted.frames, inserted.handles
    own = len(frames) - handles.head - handles.tail
    return {
        "OTIO_SCHEMA": "Clip.2",
        "metadata": {KEY: inserted.marks},
        "name": inserted.version,
        "source_range": span_of(frames.first + handles.head, own, rate),
        "effects": [],
        "markers": [],
        "enabled": True,
        "media_references": {"DEFAULT_MEDIA": _reference(inserted, rate)},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _reference(inserted: Inserted, rate: float) -> dict[str, Any]:
    pattern = FramePattern.parse(inserted.path)
    frames = inserted.frames
    return {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "metadata": {},
        "name": inserted.version,
        "available_range": span_of(frames.first, len(frames), rate),
        "available_image_bounds": None,
        "target_url_base": pattern.folder.as_posix(),
        "name_prefix": pattern.prefix,
        "name_suffix": pattern.suffix,
        "start_frame": frames.first,
        "frame_step": 1,
        "rate": rate,
        "frame_zero_padding": pattern.digits,
        "missing_frame_policy": "error",
    }


def span_of(start: float, length: float, rate: float) -> dict[str, Any]:
    """A time range as documents write it."""
    times = {"duration": float(length), "start_time": float(start)}
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        **{
            key: {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}
            for key, value in times.items()
        },
    }


def _check_target(target: Path, source: Path | None) -> None:
    if target.suffix.lower() != ".otio":
        raise PathRefused(
            f"cuts are written as .otio, not as {target.name}",
            hint=f"Give {target.with_suffix('.otio').name}, and convert it from there.",
        )
    if not target.parent.is_dir():
        raise PathRefused(
            f"the folder {target.parent} is not there", hint="Make it first, or check the path."
        )
    if target.is_dir():
        raise PathRefused(f"{target} is a folder", hint="Give the name of a file.")
    same = source and source.exists() and target.exists() and os.path.samefile(source, target)
    if same:
        raise PathRefused(
            f"{target} is the cut that was read; it is never overwritten",
            hint="Give the new cut another name.",
        )
