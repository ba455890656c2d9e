"""Which of our shots a cut from editorial plays, read from OpenTimelineIO's JSON by hand.

Only what a scene can follow is read: which frames of a shot play, in which order, and whether a
clip is retimed. Blender carries no OpenTimelineIO.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from secondunit_bridge.errors import CutUnreadable, MediaOffline
from secondunit_bridge.timeline import KEY, guid_of
from secondunit_bridge.timing import exact_rate

_MOST = 64 << 20  # bytes; a feature's cut is a few MB
_DEEP = 8  # stacks in stacks
FIRST = "scene_first"  # in a clip's mark: scene frame of the first frame of its media


@dataclass(frozen=True)
class Use:
    """A clip of the cut. ``first`` and ``last`` count from the first frame of its media, 0.

    ``offset`` is the scene frame of that first frame as the clip's mark says, None when it does
    not. ``media_count`` is 0 when the cut does not say how long the media is.
    """

    name: str
    guid: str
    rate: Fraction
    first: int
    last: int
    media_count: int
    offset: Optional[int]
    retimed: bool


@dataclass(frozen=True)
class Cut:
    """The clips in the order they play, a higher track's instead of a lower one's same shot."""

    name: str
    uses: Tuple[Use, ...]
    notes: Tuple[str, ...] = ()


def mark(guid: str, code: str, scene_first: int) -> Dict[str, Any]:
    """What an exported clip carries under ``timeline.KEY``, so that its re-cut is understood."""
    return {"guid": guid, "code": code, FIRST: scene_first}


def read_cut(path: str) -> Cut:
    """The cut in a file. Raises MediaOffline, CutUnreadable."""
    try:
        if Path(path).stat().st_size > _MOST:
            raise CutUnreadable(f"{path} is too large for a cut", hint="Export the cut alone.")
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise MediaOffline(
            f"{path} cannot be read: {error.strerror}", hint="Choose the .otio file again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise CutUnreadable(
            f"{path} is no OpenTimelineIO file", hint="Export the cut as .otio from editorial."
        ) from error
    try:
        return _cut(document, Path(path).stem)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CutUnreadable(
            f"{path} is damaged: {error}", hint="Export the cut as .otio once more."
        ) from error


def _cut(document: Dict[str, Any], stem: str) -> Cut:
    if not str(document["OTIO_SCHEMA"]).startswith("Timeline."):
        raise CutUnreadable(
            f"{stem} holds no timeline but {document['OTIO_SCHEMA']}", hint="Export a timeline."
        )
    tracks = [
        list(_uses(track, 0))
        for track in document["tracks"]["children"]
        if track.get("kind", "Video") == "Video"
    ]
    chosen: List[Use] = []
    notes: List[str] = []
    for uses in reversed(tracks):  # the last track lies on top
        above = {use.guid for use in chosen if use.guid}
        chosen += [use for use in uses if use.guid not in above]
        differing = sorted(
            {use.name for use in uses if use.guid in above}
            & {use.name for use in uses if use.guid in above and not _also(use, chosen)}
        )
        notes += [f"{name} is trimmed otherwise on a lower track: the upper one counts."
                  for name in differing]  # fmt: skip
    return Cut(str(document.get("name") or stem), tuple(chosen), tuple(notes))


def _also(use: Use, chosen: List[Use]) -> bool:
    return any(
        (use.guid, use.first, use.last) == (other.guid, other.first, other.last) for other in chosen
    )


def _uses(item: Mapping[str, Any], depth: int) -> Iterator[Use]:
    if depth > _DEEP:
        raise ValueError("it is nested too deep")
    for child in item.get("children", ()):
        kind = str(child["OTIO_SCHEMA"]).partition(".")[0]
        if kind == "Clip" and child.get("enabled", True):
            yield _use(child)
        elif kind in ("Stack", "Track"):
            yield from _uses(child, depth + 1)


def _use(clip: Mapping[str, Any]) -> Use:
    media = clip.get("media_reference")
    if media is None:  # Clip.2 may hold several
        media = (clip.get("media_references") or {}).get(
            clip.get("active_media_reference_key", "DEFAULT_MEDIA")
        )
    available = (media or {}).get("available_range")
    played = clip.get("source_range") or available
    if not played:
        raise ValueError(f"{clip.get('name')} does not say which frames play")
    rate = exact_rate(played["duration"]["rate"])
    start = _frames(available["start_time"], rate) if available else _frames_from(played, rate)
    first = _frames(played["start_time"], rate) - start
    ours = (clip.get("metadata") or {}).get(KEY)
    offset = ours.get(FIRST) if isinstance(ours, dict) else None
    return Use(
        name=str(clip.get("name") or ""),
        guid=guid_of(clip.get("metadata") or {}),
        rate=rate,
        first=first,
        last=first + _frames(played["duration"], rate) - 1,
        media_count=_frames(available["duration"], rate) if available else 0,
        offset=offset if isinstance(offset, int) else None,
        retimed=any(_retimes(effect) for effect in clip.get("effects") or ()),
    )


def _frames(time: Mapping[str, Any], rate: Fraction) -> int:
    """Whole frames at a rate; between two frames the earlier one shows."""
    return int(Fraction(time["value"]) * rate / exact_rate(time["rate"]) // 1)


def _frames_from(played: Mapping[str, Any], rate: Fraction) -> int:
    """First frame of media that the cut tells nothing of: our deliveries begin on 1001."""
    return 1001 if _frames(played["start_time"], rate) >= 1001 else 0


def _retimes(effect: Mapping[str, Any]) -> bool:
    kind = str(effect.get("OTIO_SCHEMA", "")).partition(".")[0]
    if kind == "LinearTimeWarp":
        return bool(effect.get("time_scalar", 1) != 1)
    return kind in ("FreezeFrame", "TimeEffect")
