"""What the 3D scene behind a turnover says of its objects: their names, their roles, the looks.

Read from the ids pass's own Cryptomatte manifest and from the ``scene.json`` that a host wrote
beside the passes. Whatever is not there, or cannot be read, is simply not known.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Media, Role, Turnover
from secondunit_bridge.timing import FrameRange

from ..hookspecs import Scene, Thing
from ..media.cryptomatte import layers
from ..media.open import files_of
from ..media.stills import still_facts

NOTES = "scene.json"
_MOST = 64 << 20  # bytes of the notes; those of a long shot are a few MB

Notes = Mapping[str, Any]


def scene_of(turnover: Turnover, asked: FrameRange) -> Scene | None:
    """What is known of the objects in the ids pass. None without one. Never raises.

    ``asked`` are the take's frames; eyelines are told by them.
    """
    media = next((e.media for e in turnover.elements if e.role is Role.ids), None)
    if media is None or not media.path:
        return None
    notes = _notes(Path(media.path).parent / NOTES)
    tagged = {name: Thing(own, role) for name, role, own in _tags(notes)}
    numbered = {
        _bits(float(number)): _whose(str(name), tagged)
        for number, name in _table(notes, "ids").items()
        if str(number).isdecimal()
    }
    named = {bits: tagged.get(name, Thing(name)) for name, bits in _manifest(media).items()}
    return Scene(named or numbered, _eyelines(notes, asked.first - media.frames.first))


def _notes(path: Path) -> Notes:
    try:
        if path.stat().st_size > _MOST:
            return {}
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _table(notes: Notes, name: str) -> Notes:
    table = notes.get(name)
    return table if isinstance(table, dict) else {}


def _tags(notes: Notes) -> Iterator[tuple[str, str, str]]:
    """Name of the object, role and name of what it belongs to."""
    for name, told in _table(notes, "objects").items():
        if isinstance(told, list) and len(told) == 2:
            yield str(name), str(told[0]), str(told[1])


def _whose(name: str, tagged: Mapping[str, Thing]) -> Thing:
    """The thing a number stands for: numbers go by the name of what an object belongs to."""
    return next((thing for thing in tagged.values() if thing.name == name), Thing(name))


def _manifest(media: Media) -> Mapping[str, int]:
    """Name -> bits of the Cryptomatte that the pass is a channel of; empty without one."""
    channel = next(iter(media.channels), "")
    try:
        first = files_of(media)[media.frames.first]
        found = layers(still_facts(first).attributes, first)
    except (SecondUnitError, KeyError):
        return {}
    own = [one for one in found if channel.startswith(one.name)]
    return own[0].manifest if own else {}


def _eyelines(notes: Notes, later: int) -> dict[str, dict[int, float]]:
    """Name -> frame of the take -> degrees. ``later`` is added to the numbers of the files."""
    found: dict[str, dict[int, float]] = {}
    rows = notes.get("rows")
    for row in rows if isinstance(rows, list) else ():
        number = row.get("number") if isinstance(row, dict) else None
        people = _table(row, "people") if isinstance(number, int) else {}
        for name, person in people.items():
            degrees = person.get("eyeline") if isinstance(person, dict) else None
            if isinstance(degrees, int | float) and math.isfinite(degrees):
                found.setdefault(str(name), {})[int(str(number)) + later] = float(degrees)
    return found


def _bits(number: float) -> int:
    return int(np.float32(number).view(np.uint32))
