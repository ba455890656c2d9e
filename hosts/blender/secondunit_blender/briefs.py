"""The brief of each shot, beside the one that holds for all of them.

They are no part of the .blend: no undo takes one back, and none makes the file dirty.
"""

from __future__ import annotations

from typing import Dict, Mapping

from .collect.shots import SceneShot


class Briefs:
    """What was written for single shots: by GUID, or by marker and camera until there is one."""

    def __init__(self) -> None:
        self._said: Dict[str, str] = {}

    def of(self, shot: SceneShot) -> str:
        """What was written for a shot alone; empty when nothing was."""
        return self._said.get(shot.guid) or self._said.get(_early(shot), "")

    def write(self, shot: SceneShot, text: str) -> None:
        """Keep it; an empty text is forgotten."""
        self._said.pop(_early(shot), None)
        self._said[shot.guid or _early(shot)] = text
        self._said = {key: said for key, said in self._said.items() if said}

    def whole(self, shot: SceneShot, common: str) -> str:
        """What the shot is asked for: what holds for all, then its own."""
        return " ".join(filter(None, (common.strip(), self.of(shot).strip())))

    def noted(self) -> Dict[str, str]:
        """All of them, as they are written down."""
        return dict(self._said)

    def recall(self, noted: Mapping[str, object]) -> None:
        """Take up those that were written down, instead of these."""
        self._said = {key: said for key, said in noted.items() if isinstance(said, str) and said}


def _early(shot: SceneShot) -> str:
    return f"{shot.marker}|{shot.camera}"
