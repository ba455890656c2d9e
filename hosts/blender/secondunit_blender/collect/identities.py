"""Which shot is which, through renamed markers, retimes and new orders.

Markers cannot be relied on to hold data of their own (5.x refuses it), so a table lies in a custom
property of the scene: for each shot its GUID and code, and the marker, camera and frame it was last
seen with. A segment is the shot with which it shares most of the three.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, replace
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from secondunit_bridge.errors import NotPermitted
from secondunit_bridge.timeline import code, code_between

PROPERTY = "secondunit_shots"
SEQUENCE = "secondunit_shots_in"  # sequence the shots were last shot in: a copied file has another
OWNER = "secondunit_shots_of"  # name the scene had when the table was written: a copy has another


@dataclass(frozen=True)
class Segment:
    """A piece of a scene: scene frames, both ends inclusive."""

    marker: str
    camera: str
    first: int
    last: int


@dataclass(frozen=True)
class Row:
    """A shot as it was last seen. ``there`` is False while nothing in the scene is that shot.

    ``ends`` is where a re-cut has it end, when that is not where its segment ends; it holds only
    as long as the segment stays where it was.
    """

    guid: str
    code: str
    marker: str
    camera: str
    first: int
    last: int = 0
    ends: Optional[int] = None
    there: bool = True


# What two have in common, from sure to faint. What several share with equal right is decided by the
# nearer frame. One thing alone is enough for a shot that was there a moment ago, not for one that
# was deleted.
_SURE: Tuple[Tuple[str, ...], ...] = (
    ("marker", "camera", "first"),
    ("marker", "camera"),
    ("camera", "first"),
    ("marker", "first"),
)
_FAINT: Tuple[Tuple[str, ...], ...] = (("camera",), ("marker",), ("first",))


def recorded(scene: Any) -> List[Row]:
    """The table of a scene; empty when none was kept, or what is there cannot be read."""
    try:
        rows = json.loads(scene.get(PROPERTY, "[]"))
        return [Row(**row) for row in rows]
    except (TypeError, ValueError):
        return []


def part_copies(scene: Any, scenes: Iterable[Any]) -> bool:
    """Take from a scene that was duplicated the identities of the scene it is a copy of.

    Of scenes with the same shots the one that wrote the table keeps them, else the first. Returns
    whether ``scene`` lost its table; its shots are new shots then. Never call it in a draw.
    """
    ours = {row.guid for row in recorded(scene)}
    if not ours or scene.library is not None or scene.get(OWNER) == scene.name:
        return False
    for other in scenes:
        if other == scene:
            continue
        if not ours.isdisjoint(row.guid for row in recorded(other)) and (
            other.get(OWNER) == other.name or other.name < scene.name
        ):
            del scene[PROPERTY]
            return True
    return False


def renewed(scene: Any) -> Dict[str, str]:
    """Give every shot a new GUID, codes stay: the file is a copy with shots of its own.

    The new GUIDs by the old ones.
    """
    rows = recorded(scene)
    fresh = {row.guid: str(uuid.uuid4()) for row in rows}
    rows = [replace(row, guid=fresh[row.guid]) for row in rows]
    scene[PROPERTY] = json.dumps([asdict(row) for row in rows])
    if SEQUENCE in scene:
        del scene[SEQUENCE]
    return fresh


def keep_identities(scene: Any, *, table: Optional[Sequence[Row]] = None) -> Tuple[Row, ...]:
    """Write down which shot is which; new shots get a GUID and a code. Never call it in a draw.

    Shots that are gone stay in the table: an undo finds them again, and no code is used twice.
    ``table`` are the rows as they were moved on purpose; None means those of the scene. Raises
    NotPermitted for a scene that is linked from a library.
    """
    from .shots import segments_of

    if scene.library is not None:
        raise NotPermitted(
            f"the scene {scene.name} comes from {scene.library.filepath} and cannot be written to",
            hint="Open that file and keep the shots there, or make the scene local.",
        )
    table = recorded(scene) if table is None else table
    rows = [
        replace(row, guid=row.guid or str(uuid.uuid4())) for row in known(segments_of(scene), table)
    ]
    held = {row.guid for row in rows}
    gone = [replace(row, there=False) for row in table if row.guid not in held]
    _write(scene, (*rows, *gone))
    return tuple(rows)


def keep_ends(scene: Any, ends: Mapping[str, int]) -> None:
    """Write down where shots end, by GUID, wherever that is not where their segments end."""
    rows = []
    for row in recorded(scene):
        last = ends.get(row.guid, row.last)
        rows.append(replace(row, ends=last if last != row.last else None) if row.there else row)
    _write(scene, rows)


def _write(scene: Any, rows: Sequence[Row]) -> None:
    scene[PROPERTY] = json.dumps([asdict(row) for row in rows])
    scene[OWNER] = scene.name


def known(segments: Sequence[Segment], table: Sequence[Row]) -> List[Row]:
    """The row of each segment as it is now; the GUID of a new one is empty, its code the next."""
    matched = _matched(segments, table)
    rows = [_now(segment, matched.get(place)) for place, segment in enumerate(segments)]
    if not table:
        return [replace(row, code=code(index)) for index, row in enumerate(rows)]
    taken = {row.code for row in table}
    for index, row in enumerate(rows):
        if not row.code:
            before = rows[index - 1].code if index else ""
            after = next((later.code for later in rows[index:] if later.code), "")
            rows[index] = replace(row, code=code_between(before, after, taken))
            taken.add(rows[index].code)
    return rows


def _now(segment: Segment, row: Optional[Row]) -> Row:
    """A segment as a row, with the identity of the one it is."""
    now = Row("", "", segment.marker, segment.camera, segment.first, segment.last)
    if row is None:
        return now
    stays = (row.first, row.last) == (segment.first, segment.last)
    return replace(now, guid=row.guid, code=row.code, ends=row.ends if stays else None)


def _matched(segments: Sequence[Segment], table: Sequence[Row]) -> Dict[int, Row]:
    """Segment by place -> the row it is."""
    found: Dict[int, Row] = {}
    left = list(table)
    for fields in _SURE + _FAINT:
        if len(found) == len(segments):
            break
        alike: Dict[Tuple[Any, ...], List[Row]] = {}
        for row in left:
            if row.there or fields in _SURE:
                alike.setdefault(tuple(getattr(row, name) for name in fields), []).append(row)
        pairs = [
            (abs(segment.first - row.first), not row.there, place, row)
            for place, segment in enumerate(segments)
            if place not in found
            for row in alike.get(tuple(getattr(segment, name) for name in fields), ())
        ]
        used = set()
        for _, _, place, row in sorted(pairs, key=lambda pair: pair[:3]):
            if place not in found and row.guid not in used:
                found[place] = row
                used.add(row.guid)
        left = [row for row in left if row.guid not in used]
    return found
