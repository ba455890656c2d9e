"""Which clips of a cut are ours: by their marks, or by what they play where those were lost.

Editing programs and edit lists drop what this product wrote into a clip. A clip that plays a
version is ours all the same: told as somebody else's it would be missing from what is disclosed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from secondunit_bridge.film import Version

from ..editorial import CutShot
from ..media.own import own_version

_ABOVE = 3  # folders between a frame or a movie and the version it belongs to, at most
# Between a version's name and what follows: "_v001.1001.exr", "_v001.[1001-1024].exr", "_v001.mov".
_END = re.compile(r"(?=[.\s\[]|$)")


@dataclass(frozen=True)
class Ours:
    """What is known of a home's versions: their names, and the folders they were published in."""

    folders: dict[str, str] = field(default_factory=dict)  # path -> name
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, versions: Iterable[Version]) -> Ours:
        """Those that a ledger lists."""
        found = tuple(versions)
        folders = {str(Path(one.path).resolve()): one.name for one in found}
        return cls(folders, frozenset(one.name for one in found))

    def version(self, clip: CutShot) -> str:
        """The name of the version that a clip plays; empty for a clip of others."""
        return (
            str(clip.marks.get("version") or "")
            or self.played(clip)
            or self._named(Path(clip.media).name if clip.media else clip.name)
        )

    def played(self, clip: CutShot) -> str:
        """The version in whose folder the clip's media lies; empty where it lies elsewhere."""
        if not clip.media:
            return ""
        media = Path(clip.media)
        above = (str(one) for one in list(media.resolve().parents)[:_ABOVE])
        known = next((self.folders[one] for one in above if one in self.folders), "")
        own = None if known else own_version(media)
        return known or (own.name if own else "")

    def _named(self, name: str) -> str:
        """A frame or movie of a version that was copied away still bears the version's name."""
        parts = (name[: found.start()] for found in _END.finditer(name))
        return next((part for part in parts if part in self.names), "")
