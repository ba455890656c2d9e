"""Which shot is which, through renamed markers, retimes and new orders.

Markers cannot be relied on to hold data of their own (5.x refuses it), so a table lies in a custom
property of the scene: for each shot its GUID and code, and the marker, camera and frame it was last
seen with. A segment is the shot with which it shares most of the three.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, replace
from typing import Any, Callable, Dict, List, Sequence, Tuple

from secondunit_bridge.errors import NotPermitted
from secondunit_bridge.timeline import code, code_between

PROPERTY = "secondunit_shots"


@dataclass(frozen=True)
class Segment:
    """A piece of a scene: scene frames, both ends inclusive."""

    marker: str
    camera: str
    first: int
    last: int


@dataclass(frozen=True)
class Row:
    """A shot as it was last seen. ``there`` is False while nothing in the scene is that shot."""

    guid: str
    code: str
    marker: str
    camera: str
    first: int
    there: bool = True


Seen = Callable[[Segment, Row], bool]

# From sure to faint. What two shots share with equal right is decided by the nearer frame.
# One thing alone is enough for a shot that was there a moment ago, not for one that was deleted.
_LIKENESS: Tuple[Seen, ...] = (
    lambda s, r: (s.marker, s.camera, s.first) == (r.marker, r.camera, r.first),
    lambda s, r: (s.marker, s.camera) == (r.marker, r.camera),
    lambda s, r: (s.camera, s.first) == (r.camera, r.first),
    lambda s, r: (s.marker, s.first) == (r.marker, r.first),
    lambda s, r: r.there and s.camera == r.camera,
    lambda s, r: r.there and s.marker == r.marker,
    lambda s, r: r.there and s.first == r.first,
)


def recorded(scene: Any) -> List[Row]:
    """The table of a scene; empty when none was kept, or what is there cannot be read."""
    try:
        rows = json.loads(scene.get(PROPERTY, "[]"))
        return [Row(**row) for row in rows]
    except (TypeError, ValueError):
        return []


def keep_identities(scene: Any) -> Tuple[Row, ...]:
    """Write down which shot is which; new shots get a GUID and a code. Never call it in a draw.

    Shots that are gone stay in the table: an undo finds them again, and no code is used twice.
    Raises NotPermitted for a scene that is linked from a library.
    """
    from .shots import segments_of

    if scene.library is not None:
        raise NotPermitted(
            f"the scene {scene.name} comes from {scene.library.filepath} and cannot be written to",
            hint="Open that file and keep the shots there, or make the scene local.",
        )
    table = recorded(scene)
    rows = [
        replace(row, guid=row.guid or str(uuid.uuid4())) for row in known(segments_of(scene), table)
    ]
    held = {row.guid for row in rows}
    gone = [replace(row, there=False) for row in table if row.guid not in held]
    scene[PROPERTY] = json.dumps([asdict(row) for row in (*rows, *gone)])
    return tuple(rows)


def known(segments: Sequence[Segment], table: Sequence[Row]) -> List[Row]:
    """The row of each segment as it is now; the GUID of a new one is empty, its code the next."""
    matched = _matched(segments, table)
    rows = [
        Row(matched[i].guid if i in matched else "", matched[i].code if i in matched else "",
            s.marker, s.camera, s.first)
        for i, s in enumerate(segments)
    ]  # fmt: skip
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


def _matched(segments: Sequence[Segment], table: Sequence[Row]) -> Dict[int, Row]:
    """Segment by place -> the row it is."""
    found: Dict[int, Row] = {}
    left = list(table)
    for alike in _LIKENESS:
        pairs = sorted(
            ((abs(s.first - row.first), not row.there, i, j)
             for i, s in enumerate(segments) if i not in found
             for j, row in enumerate(left) if alike(s, row))
        )  # fmt: skip
        used = set()
        for _, _, i, j in pairs:
            if i not in found and j not in used:
                found[i] = left[j]
                used.add(j)
        left = [row for j, row in enumerate(left) if j not in used]
    return found
