"""A published version of this product that media belong to, as its own record says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import FieldError
from secondunit_bridge.film import Media, Role, Shot
from secondunit_bridge.wire import typed

RECORD = "record.json"
FRAMES, REVIEW = "exr", "review"  # folders of a version
_SCHEMA = "secondunit.record/1"
_MOST = 64 << 20  # bytes; a record of 10,000 frames has 4 MB


@dataclass(frozen=True)
class Own:
    """What the record of a version promises of its files."""

    folder: Path
    name: str
    place: str  # what the folder was called when it was published
    shot: Shot
    media: Media  # the take's: its frames, size, channels and space
    files: Mapping[int, str]  # of the frames, relative to the folder
    work: str
    put_in: bool = False  # something of a reference was put in

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return self.shot.cut.rate

    @property
    def timecode(self) -> int:
        """Of the first frame, as frames since midnight: the head handle comes before the cut."""
        return max(0, self.shot.cut.first - self.shot.handles.head)


def own_version(path: Path) -> Own | None:
    """The version whose frames or review movie this is; None for anything else.

    A record that cannot be read is none: ``secondunit verify`` says what is wrong with it.
    """
    if path.parent.name not in (FRAMES, REVIEW):
        return None
    folder = path.parent.parent
    try:
        if (folder / RECORD).stat().st_size > _MOST:
            return None
        said = json.loads((folder / RECORD).read_bytes())
        return _own(folder, said) if said["schema"] == _SCHEMA else None
    except (OSError, ValueError, LookupError, TypeError, FieldError):
        return None


def _own(folder: Path, said: Mapping[str, Any]) -> Own:
    return Own(
        folder=folder,
        name=str(said["version"]["name"]),
        place=str(said["version"]["path"]).replace("\\", "/").rpartition("/")[2],
        shot=typed(Shot, said["turnover"]["shot"]),
        media=typed(Media, said["take"]["media"]),
        files={int(entry["frame"]): str(entry["file"]) for entry in said["frames"]},
        work=str(said["turnover"]["work"]),
        put_in=any(one["role"] == Role.reference.value for one in said["turnover"]["elements"]),
    )
