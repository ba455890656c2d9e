"""Which frames of a node's shot a cut from editorial plays, as the script counts them.

The core reads the file, whatever format it is in, in a process of its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from secondunit_bridge.errands import Errand
from secondunit_bridge.errors import NoPlace, SecondUnitError
from secondunit_bridge.film import FIRST_DELIVERED

from ..state import Asked, State

READ_S = 120.0  # a feature's cut is read in seconds; media on a slow disk may take longer
_NUMBER = re.compile(r"%0?\d*d|#+|\[\d+-\d+\]|\d+")
_VERSION = re.compile(r"_v\d{3,}")
_FAR = 100_000  # frames: beyond it a number is of another counting


def read_cut(path: str, folder: Path) -> Dict[str, Any]:
    """What ``secondunit shots`` says of a cut. Blocks; for a thread. ``folder`` keeps the answer.

    Raises what the core said is wrong with it, SecondUnitError when it does not end.
    """
    errand = Errand(folder / "errands" / "cut")
    errand.start(("shots", path), about=path)
    found = errand.answer(READ_S)
    if found is None:
        raise SecondUnitError(
            f"reading {path} takes too long", hint="Copy it to this machine, then choose it again."
        )
    return found


def played(cut: Mapping[str, Any], now: State) -> Tuple[int, int]:
    """First and last frame of the node's shot that a cut plays. Raises NoPlace for none.

    A clip is the shot's by the mark that we left on it, else by its version's name, else by the
    name of the plate's files.
    """
    shots: Sequence[Mapping[str, Any]] = cut["shots"]
    for find in (_marked, _named, _of_plate):
        spans = [span for one in shots for span in find(one, now)]
        if spans:
            return min(first for first, _ in spans), max(last for _, last in spans)
    raise NoPlace(
        f"{cut['timeline'] or 'the cut'} plays no frame of this shot",
        hint="Choose the cut that this shot is in, or write the range into the field.",
    )


def _marked(one: Mapping[str, Any], now: State) -> List[Tuple[int, int]]:
    asked = now.asked_for(str(one["guid"])) if one["guid"] else None
    return _of_version(one, asked)


def _named(one: Mapping[str, Any], now: State) -> List[Tuple[int, int]]:
    stem = f"{now.sequence}_{now.code}".lower()
    for name in _names(one):
        found = _VERSION.search(name)
        if found and name[: found.start()] == stem:
            return _of_version(one, now.asked_for(now.guid))
    return []


def _of_version(one: Mapping[str, Any], asked: Optional[Asked]) -> List[Tuple[int, int]]:
    """A delivery counts from 1001 in its file names, and as the script does in its timecode."""
    if asked is None:
        return []
    if one["numbering"] in ("timecode", "cut"):
        return _shown(one, 0, asked.first)
    start = FIRST_DELIVERED if one["numbering"] == "file" else 0
    return _shown(one, asked.first - start, asked.first)


def _of_plate(one: Mapping[str, Any], now: State) -> List[Tuple[int, int]]:
    if now.plate is None or now.plate.rendered:
        return []
    if _stem(now.plate.path) not in {_stem(name) for name in _names(one)} - {""}:
        return []
    return _shown(one, -now.plate.offset, now.plate.first)


def _shown(one: Mapping[str, Any], shift: int, near: int) -> List[Tuple[int, int]]:
    """The frames that play, after all retimes, moved into the script's counting."""
    frames = [int(number) + shift for number in one["frames"]]
    if not frames or abs(frames[0] - near) > _FAR:
        return []
    return [(min(frames), max(frames))]


def _names(one: Mapping[str, Any]) -> Tuple[str, ...]:
    media = str(one["media"] or "").replace("\\", "/").rpartition("/")[2]
    return tuple(name.lower() for name in (media, str(one["name"])) if name)


def _stem(path: str) -> str:
    """A file's name without its numbers and what follows them."""
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    bare = name.rpartition(".")[0] or name
    last = [found for found in _NUMBER.finditer(bare) if found.end() == len(bare)]
    return (bare[: last[0].start()] if last else bare).rstrip("._- ")
