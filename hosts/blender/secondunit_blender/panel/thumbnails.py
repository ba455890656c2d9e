"""Small pictures of takes. Blender loads them beside its work; drawing only asks for an icon."""

from __future__ import annotations

from typing import Any, Dict, Optional

import bpy.utils.previews

from ..board import Board

MOST = 200  # pictures that are kept; a long day makes more


class Thumbnails:
    """The pictures of the takes on the board, by path."""

    def __init__(self) -> None:
        self._all: Optional[Any] = bpy.utils.previews.new()
        self._icons: Dict[str, int] = {}

    def follow(self, board: Board) -> None:
        """Load what is new on the board; forget everything when it grew too many."""
        wanted = [take.poster for shot in board.shots for take in shot.takes if take.poster]
        if self._all is None:
            return
        if len(self._icons) > MOST:
            self._all.clear()
            self._icons.clear()
        for path in wanted:
            if path not in self._icons:
                self._icons[path] = int(self._all.load(path, path, "IMAGE").icon_id)

    def icon(self, path: str) -> int:
        """What a label is given to show the picture; 0 for none."""
        return self._icons.get(path, 0)

    def close(self) -> None:
        """Free them."""
        if self._all is not None:
            bpy.utils.previews.remove(self._all)
        self._all = None
        self._icons.clear()
