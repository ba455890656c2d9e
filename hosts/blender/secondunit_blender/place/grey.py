"""Which files show a shot's grey: the guide of its last rendered passes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, Optional

from ..collect.passes import LOG, ORDER
from ..collect.progress import ProgressReader
from ..collect.shots import SceneShot

PASSES = "passes"  # in the folder beside the .blend: one folder for each shot
_FOLDER = re.compile(r"p\d{3,}")


@dataclass(frozen=True)
class Rendered:
    """A rendered guide: ``pattern`` with ``%04d``; ``first`` is the scene frame of ``number``.

    ``space`` is the colour space it was rendered in, which its files do not say.
    """

    pattern: str
    number: int
    first: int
    count: int
    space: str = ""


def fresh_folder(shot: SceneShot, beside: Path) -> Path:
    """A folder for new passes of a shot. Older ones stay: takes were shot from them.

    The GUID keeps shots of two scenes apart.
    """
    base = _base(shot, beside)
    numbers = [int(found.name[1:]) for found in _made(base)]
    return base / f"p{max(numbers, default=0) + 1:03}"


def rendered(shots: Iterable[SceneShot], beside: Path) -> Dict[str, Rendered]:
    """The guides that are there, by the GUID of their shots."""
    found = ((shot.guid, _latest(_base(shot, beside))) for shot in shots if shot.guid)
    return {guid: guide for guid, guide in found if guide is not None}


def _base(shot: SceneShot, beside: Path) -> Path:
    return beside / PASSES / f"{shot.code}_{shot.guid[:8]}"


def _made(base: Path) -> List[Path]:
    """The folders of passes of a shot, the newest first."""
    there = base.iterdir() if base.is_dir() else ()
    return sorted((f for f in there if _FOLDER.fullmatch(f.name)), reverse=True)


def _latest(base: Path) -> Optional[Rendered]:
    """The newest guide that was rendered to the end."""
    return next(filter(None, (_guide(folder) for folder in _made(base))), None)


def _guide(folder: Path) -> Optional[Rendered]:
    """The guide in a folder of passes; None when it was not rendered to the end."""
    told = ProgressReader(str(folder / LOG)).poll()
    try:
        asked = json.loads((folder / ORDER).read_text(encoding="utf-8"))
        pattern = str((told.files or {})["guide"]["pattern"])
        first, last, number = (int(asked[name]) for name in ("first", "last", "number"))
        space = str((told.facts or {}).get("space", ""))
    except (OSError, ValueError, KeyError, TypeError):  # never rendered, or not to the end
        return None
    return Rendered(pattern, number, first, last - first + 1, space)
