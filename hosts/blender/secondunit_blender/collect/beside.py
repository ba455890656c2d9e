"""The shot cards that go with a turnover: the shot's own, and those of the shots it meets.

Passes of a scene's shots lie beside each other, one folder for each shot and in it one for each
rendering. What was noted there says which frames a shot has, and where its cameras and people were.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

from .cards import card_beside
from .passes import ORDER
from .shots import SceneShot

_NEWEST = 3  # renderings of a shot that are looked through for a card


def cards_beside(folder: str, shot: SceneShot) -> Dict[str, str]:
    """Cards as JSON of ``take``, ``before`` and ``after``; what was not rendered has none."""
    own = Path(folder)
    near = list(_neighbours(own))
    found = {
        "take": _card(own),
        "before": _only([where for first, last, where in near if last == shot.frames.first - 1]),
        "after": _only([where for first, last, where in near if first == shot.frames.last + 1]),
    }
    return {name: json.dumps(card) for name, card in found.items() if card}


def _neighbours(own: Path) -> Iterator[Tuple[int, int, Path]]:
    """First and last frame and the newest rendering of every other shot of the same scene."""
    scene = _said(own).get("scene")
    for base in sorted(own.parent.parent.iterdir()):
        if base == own.parent or not base.is_dir():
            continue
        for folder in sorted(base.iterdir(), reverse=True)[:_NEWEST]:
            said = _said(folder)
            frames = said.get("shot", {}).get("frames")
            if said.get("scene") == scene and frames and _card(folder):
                yield int(frames[0]), int(frames[1]), folder
                break


def _only(folders: List[Path]) -> Optional[Dict[str, Any]]:
    """The card of the only one; of several nobody knows which is in the cut."""
    return _card(folders[0]) if len(folders) == 1 else None


def _card(folder: Path) -> Optional[Dict[str, Any]]:
    try:
        return card_beside(str(folder))
    except (OSError, ValueError, KeyError, IndexError):  # rendered in part, or by another release
        return None


def _said(folder: Path) -> Dict[str, Any]:
    try:
        said = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
