"""What is noted beside the .blend: which shot is which, and what the panel was asked for.

What was shot belongs to GUIDs that lie in the scene. When the scene has none (it was closed without
saving), those of the note are taken up again, so that the takes are found.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict, Mapping

from .collect.identities import PROPERTY
from .productions import folder_beside, sequence_of


def note_identities(scene: Any, blend: str) -> None:
    """Write the scene's table down. Raises OSError when the disk does not take it."""
    _write(_note(scene.name, blend), str(scene.get(PROPERTY, "[]")))


def recall_identities(scene: Any, blend: str) -> bool:
    """Give a scene without a table the one that was noted; whether there was one."""
    if not blend or scene.get(PROPERTY) or scene.library is not None:
        return False
    try:
        text = _note(scene.name, blend).read_text(encoding="utf-8")
        rows = json.loads(text)
    except (OSError, ValueError):  # never shot, or somebody changed the note
        return False
    if not isinstance(rows, list) or not rows:
        return False
    scene[PROPERTY] = text
    return True


def asks_note(scene: str, blend: str) -> Path:
    """Where a scene's briefs, look and settings are noted: the same for every version of a file."""
    note = _note(scene, blend)
    return note.with_name(f"{note.stem}.asks.json")


def note_asks(note: Path, asks: Mapping[str, Any]) -> None:
    """Write them down. Raises OSError when the disk does not take it."""
    _write(note, json.dumps(asks, indent=1, ensure_ascii=False))


def recall_asks(note: Path) -> Dict[str, Any]:
    """What was noted; empty when nothing was, or somebody changed it beyond reading."""
    try:
        asks = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return asks if isinstance(asks, dict) else {}


def _note(scene: str, blend: str) -> Path:
    return folder_beside(blend) / "shots" / f"{sequence_of(blend, scene)}.json"


def _write(note: Path, text: str) -> None:
    note.parent.mkdir(parents=True, exist_ok=True)
    draft = note.with_name(f".{note.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, note)
