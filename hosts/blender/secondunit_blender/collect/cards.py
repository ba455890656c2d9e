"""Shot cards: what continuity needs to know of a shot, worked out from its cameras and positions.

A card goes under ``metadata["secondunit"]["card"]`` of the shot's clip in a timeline. Everything
here is arithmetic on ``cameras.json`` and ``scene.json``; nothing asks Blender.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from .projection import in_camera

_ON_AXIS = 0.02  # of the distance between the two: a camera that near to the line has no side
_FAR = 5.0  # metres ahead that a camera looks at when it shows nobody
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """What a person says of a shot that a scene cannot tell."""

    scene: str = ""
    day: str = ""
    setup: str = ""
    master: bool = False
    allowed: Tuple[str, ...] = ()


def shot_card(
    cameras: Sequence[Row],
    rows: Sequence[Row],
    axis: Optional[Tuple[str, str]],
    setting: Setting = Setting(),  # frozen, so a default is safe
) -> Dict[str, Any]:
    """The card of a shot. ``cameras`` and ``rows`` are its frames, without handles, in step.

    Where things are is told of the middle frame; ``eyelines`` are degrees from the lens, positive
    to the right of the picture.
    """
    camera, row = cameras[len(rows) // 2], rows[len(rows) // 2]
    people: Dict[str, Any] = row["people"]
    heads = {name: who["eyes"] for name, who in people.items()}
    targets = {name: who["looks_at"] for name, who in people.items() if who["looks_at"]}
    gaze = {
        name: [there - here for there, here in zip(target, heads[name])]
        for name, target in targets.items()
    }
    return {
        "scene": setting.scene,
        "day": setting.day,
        "setup": setting.setup,
        "master": setting.master,
        "cast": [_seen(name, rows, "people") for name in people if _shown(name, rows, "people")],
        "props": [_prop(name, rows) for name in row["props"]],
        "wardrobe": [],
        "key_side": None,
        "axis": side_of(camera, heads, axis),
        "camera": {
            "position": position_of(camera),
            "look_at": _look_at(camera, [who["eyes"] for who in people.values() if who["region"]]),
            "focal_mm": camera["lens_mm"],
        },
        "people": {"positions": heads, "gaze": gaze} if heads else None,
        "eyelines": {
            name: round(eyeline(camera, heads[name], target), 2) for name, target in targets.items()
        },
        "allowed": list(setting.allowed),
    }


def card_beside(folder: str, setting: Setting = Setting()) -> Optional[Dict[str, Any]]:
    """The card of the shot whose passes lie in a folder; None when nothing was noted there."""
    try:
        texts = [
            (Path(folder) / name).read_text("utf-8") for name in ("cameras.json", "scene.json")
        ]
    except FileNotFoundError:
        return None
    cameras, scene = (json.loads(text) for text in texts)
    first, last = scene["shot"]["frames"]
    cut = [place for place, row in enumerate(scene["rows"]) if first <= row["frame"] <= last]
    axis = scene["axis"]
    return shot_card(
        [cameras["rows"][place] for place in cut],
        [scene["rows"][place] for place in cut],
        (axis[0], axis[1]) if axis else None,
        setting,
    )


def side_of(
    camera: Row, positions: Mapping[str, Sequence[float]], axis: Optional[Tuple[str, str]]
) -> Optional[Dict[str, str]]:
    """Who of the two is left and right from the camera's side of the line between them.

    None without two, and when the camera stands on the line.
    """
    if axis is None or not set(axis) <= set(positions):
        return None
    a, b = (positions[name] for name in axis)
    c = position_of(camera)
    along, towards = (b[0] - a[0], b[1] - a[1]), (c[0] - a[0], c[1] - a[1])
    cross = along[0] * towards[1] - along[1] * towards[0]
    length = math.hypot(*along)
    if length == 0 or abs(cross) / length < _ON_AXIS * length:
        return None
    left, right = (axis[1], axis[0]) if cross > 0 else axis
    return {"left": left, "right": right}


def angle_between(first: Row, second: Row, about: Sequence[float]) -> float:
    """Degrees between two cameras as seen from what they show: under 30 a cut may look a jump."""
    ways = [[p - q for p, q in zip(position_of(camera), about)] for camera in (first, second)]
    return _angle(*ways)


def eyeline(camera: Row, eyes: Sequence[float], target: Sequence[float]) -> float:
    """Degrees by which a look passes the lens, 0 into it; negative to the left of the picture."""
    look = [t - e for t, e in zip(target, eyes)]
    lens = [c - e for c, e in zip(position_of(camera), eyes)]
    across = in_camera(camera, target)[0] - in_camera(camera, eyes)[0]
    return math.copysign(_angle(look, lens), across)


def position_of(camera: Row) -> List[float]:
    """Where a camera is in the world."""
    return [camera["world"][i][3] for i in range(3)]


def _seen(name: str, rows: Sequence[Row], kind: str) -> Dict[str, Any]:
    """In which frames somebody is in the picture, and where in the middle one or the next best."""
    frames = [row["number"] for row in rows if row[kind][name]["region"]]
    middle = rows[len(rows) // 2]["number"]
    best = min(
        (row for row in rows if row[kind][name]["region"]),
        key=lambda row: abs(int(row["number"]) - middle),
    )
    return {"name": name, "region": best[kind][name]["region"], "frames": _spans(frames)}


def _shown(name: str, rows: Sequence[Row], kind: str) -> bool:
    return any(row[kind][name]["region"] for row in rows)


def _prop(name: str, rows: Sequence[Row]) -> Dict[str, Any]:
    shown = _seen(name, rows, "props") if _shown(name, rows, "props") else {"region": None}
    picked = {"first": rows[0], "middle": rows[len(rows) // 2], "last": rows[-1]}
    placed = {when: row["props"][name]["world"] for when, row in picked.items()}
    return {"name": name, "state": None, "region": shown["region"], "world": placed}


def _spans(frames: Sequence[int]) -> List[List[int]]:
    spans: List[List[int]] = []
    for frame in frames:
        if spans and spans[-1][1] == frame - 1:
            spans[-1][1] = frame
        else:
            spans.append([frame, frame])
    return spans


def _look_at(camera: Row, eyes: Sequence[Sequence[float]]) -> List[float]:
    """The point on the lens's axis that is as far as the people in the picture."""
    ahead = [-in_camera(camera, point)[2] for point in eyes]
    distance = sum(ahead) / len(ahead) if ahead else _FAR
    world = camera["world"]
    length = math.sqrt(sum(world[i][2] ** 2 for i in range(3)))
    return [world[i][3] - distance * world[i][2] / length for i in range(3)]


def _angle(a: Sequence[float], b: Sequence[float]) -> float:
    size = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
    if size == 0:
        return 0.0
    cosine = sum(x * y for x, y in zip(a, b)) / size
    return math.degrees(math.acos(min(1.0, max(-1.0, cosine))))
