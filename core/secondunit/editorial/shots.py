"""The shots of a cut as the JSON that others rely on."""

from __future__ import annotations

from typing import Any

from secondunit_bridge.timing import FrameRange

from .cut import Cut, CutShot
from .layers import holes, visible


def shots_json(cut: Cut) -> dict[str, Any]:
    """What ``secondunit shots CUT --json`` prints.

    Frame numbers are in the media's own numbering, ranges inclusive, rates strings.
    """
    seen = visible(cut)
    return {
        "timeline": cut.name,
        "rate": str(cut.rate),
        "drop": cut.drop,
        "record": [cut.start, cut.last],
        "shots": [_shot(cut, shot, seen[n]) for n, shot in enumerate(cut.shots)],
        "holes": [[hole.first, hole.last] for hole in holes(cut)],
        "gaps": [
            {"track": gap.track, "name": gap.name, "record": _ends(gap.record)} for gap in cut.gaps
        ],
        "transitions": [
            {
                "track": t.track,
                "name": t.name,
                "kind": t.kind,
                "at": t.at,
                "at_tc": cut.timecode(t.at),
                "in_offset": t.in_offset,
                "out_offset": t.out_offset,
            }
            for t in cut.transitions
        ],
        "markers": [
            {
                "on": marker.on,
                "name": marker.name,
                "color": marker.color,
                "comment": marker.comment,
                "record": _ends(marker.record),
                "record_tc": _codes(cut, marker.record),
            }
            for marker in cut.markers
        ],
    }


def _shot(cut: Cut, shot: CutShot, seen: tuple[FrameRange, ...]) -> dict[str, Any]:
    return {
        "name": shot.name,
        "guid": shot.guid,
        "track": shot.track,
        "index": shot.index,
        "record": _ends(shot.record),
        "record_tc": _codes(cut, shot.record),
        "media": shot.media,
        "online": shot.online,
        "offline_reason": shot.offline_reason or None,
        "media_rate": str(shot.media_rate),
        "source": list(shot.source),
        "frames": list(shot.frames),
        "speed": None if shot.speed is None else float(shot.speed),
        "retime": shot.retime,
        "handles": list(shot.handles),
        "available": list(shot.available) if shot.available else None,
        "numbering": shot.numbering,
        "nested": list(shot.nested),
        "visible": [_ends(part) for part in seen],
        "dissolves": list(shot.dissolves),
    }


def _ends(frames: FrameRange) -> list[int]:
    return [frames.first, frames.last]


def _codes(cut: Cut, frames: FrameRange) -> list[str]:
    return [cut.timecode(frames.first), cut.timecode(frames.last)]
