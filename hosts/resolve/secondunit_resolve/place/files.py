"""Numbered frames on disk that Resolve imports as one clip; a take's are laid out as links.

The vault keeps each frame under the digest of its pixels; a version is a sequence already.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from secondunit_bridge.errors import MediaOffline
from secondunit_bridge.film import Project, Shot, Take, Version
from secondunit_bridge.places import home

from ..pacing import Pace

SLATE = "_slate"  # ends the name of a placeholder's frames


@dataclass(frozen=True)
class Frames:
    """Files ``<stem><number><suffix>`` with four digits. ``head`` of them come before the cut."""

    name: str
    stem: str  # path up to the number
    suffix: str
    first: int
    last: int
    head: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    @property
    def pattern(self) -> str:
        """As Resolve's import takes it."""
        return f"{self.stem}%04d{self.suffix}"

    def path(self, number: int) -> Path:
        """The file of a frame."""
        return Path(self.pattern % number)

    def paths(self) -> Iterator[Path]:
        """Every file."""
        return (self.path(number) for number in range(self.first, self.last + 1))


def store_of(project: Project) -> Path:
    """Where a production keeps its frames."""
    return Path(project.store) if project.store else home() / "projects" / project.name


def of_version(version: Version) -> Frames:
    """The frames of a published version."""
    stem = str(Path(version.path) / "exr" / f"{version.name}.")
    return Frames(version.name, stem, ".exr", version.frames.first, version.frames.last,
                  version.handles.head)  # fmt: skip


def of_take(take: Take, shot: Shot, project: Project, pace: Pace) -> Frames:
    """The frames of a take that is not published, laid out as a sequence in the store.

    Raises MediaOffline when the vault does not hold them, OSError when the disk refuses.
    """
    media = take.media
    if media is None or not media.digests:
        raise MediaOffline(
            f"take {take.number} of {take.name} has no frames yet", hint="Wait until it is shot."
        )
    store, name = store_of(project), f"{take.name}_t{take.number:03}"
    folder = store / "resolve" / name
    found = Frames(name, str(folder / f"{name}."), ".exr", media.frames.first, media.frames.last,
                   min(shot.handles.head, len(media.digests) - 1))  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for path, digest in zip(found.paths(), media.digests):
        _link(store / "vault" / digest[:2] / f"{digest}.exr", path)
        pace.step()  # where a disk cannot link, each of them is copied
    return found


def _link(source: Path, target: Path) -> None:
    """Have the frame there too: the same file where the disk can, else a copy."""
    if not source.is_file():
        raise MediaOffline(
            f"the frame {source.name} is not in the vault",
            hint="Is the disk of the store connected?",
            data={"path": str(source)},
        )
    if target.exists() and os.path.samefile(source, target):
        return
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except (OSError, NotImplementedError):  # another disk, or one that knows no links
        shutil.copyfile(source, target)
