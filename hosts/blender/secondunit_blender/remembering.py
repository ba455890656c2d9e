"""Which shot is which, noted beside the .blend: a file closed without saving forgets its shots.

What was shot belongs to GUIDs that lie in the scene. When the scene has none, those of the note are
taken up again, so that the takes are found.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .collect.identities import PROPERTY
from .productions import folder_beside, sequence_of


def note_identities(scene: Any, blend: str) -> None:
    """Write the scene's table down. Raises OSError when the disk does not take it."""
    note = _note(scene, blend)
    note.parent.mkdir(parents=True, exist_ok=True)
    draft = note.with_name(f".{note.name}.{os.getpid()}")
    draft.write_text(str(scene.get(PROPERTY, "[]")), encoding="utf-8")
    os.replace(draft, note)


def recall_identities(scene: Any, blend: str) -> bool:
    """Give a scene without a table the one that was noted; whether there was one."""
    if not blend or scene.get(PROPERTY) or scene.library is not None:
        return False
    try:
        text = _note(scene, blend).read_text(encoding="utf-8")
        rows = json.loads(text)
    except (OSError, ValueError):  # never shot, or somebody changed the note
        return False
    if not isinstance(rows, list) or not rows:
        return False
    scene[PROPERTY] = text
    return True


def _note(scene: Any, blend: str) -> Path:
    return folder_beside(blend) / "shots" / f"{sequence_of(blend, scene.name)}.json"
