"""Which files show a shot's grey: the guide of its last rendered passes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, Optional

from ..collect.passes import LOG, ORDER
from ..collect.progress import ProgressReader
from ..collect.shots import SceneShot

PASSES = "passes"  # in the folder beside the .blend: one folder for each shot


@dataclass(frozen=True)
class Rendered:
    """A rendered guide: ``pattern`` with ``%04d``; ``first`` is the scene frame of ``number``."""

    pattern: str
    number: int
    first: int
    count: int


def folder_of(shot: SceneShot, beside: Path) -> Path:
    """Where the passes of a shot lie. The GUID keeps shots of two scenes apart."""
    return beside / PASSES / f"{shot.code}_{shot.guid[:8]}"


def rendered(shots: Iterable[SceneShot], beside: Path) -> Dict[str, Rendered]:
    """The guides that are there, by the GUID of their shots."""
    found = ((shot.guid, _guide(folder_of(shot, beside))) for shot in shots if shot.guid)
    return {guid: guide for guid, guide in found if guide is not None}


def _guide(folder: Path) -> Optional[Rendered]:
    """The guide in a folder of passes; None when it was not rendered to the end."""
    files = ProgressReader(str(folder / LOG)).poll().files
    try:
        asked = json.loads((folder / ORDER).read_text(encoding="utf-8"))
        pattern = str((files or {})["guide"]["pattern"])
        first, last, number = (int(asked[name]) for name in ("first", "last", "number"))
    except (OSError, ValueError, KeyError, TypeError):  # never rendered, or not to the end
        return None
    return Rendered(pattern, number, first, last - first + 1)
