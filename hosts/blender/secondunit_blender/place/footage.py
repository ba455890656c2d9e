"""The frames of a take or a version as files that Blender can play: one folder, numbered.

The vault keeps each frame under the digest of its pixels. A version is a sequence already; for a
take a folder of links (copies where the system has none) is laid out beside the .blend.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Sequence, Tuple

from secondunit_bridge.errors import MediaOffline
from secondunit_bridge.film import Media, Shot, Take, Version

_HANDLED = "{name}_t{number:03}"


@dataclass(frozen=True)
class Footage:
    """Numbered files in one folder, and where in the scene they belong.

    ``first`` is the number of the first file; ``head`` files come before the cut of ``shot``, which
    is the shot as it was turned over: its cut counts scene frames.
    """

    shot: Shot
    take: str
    label: str  # "take 3", "v002"
    folder: Path
    files: Tuple[str, ...]
    first: int
    head: int
    space: str
    version: str = ""
    record: str = ""

    @property
    def start(self) -> int:
        """The scene frame that the first file shows."""
        return self.shot.cut.first - self.head

    @property
    def end(self) -> int:
        """The scene frame after the last file's."""
        return self.start + len(self.files)


def of_version(version: Version, shot: Shot, space: str) -> Footage:
    """A published version. Raises MediaOffline when its frames are not there."""
    folder = Path(version.path) / "exr"
    files = tuple(f"{version.name}.{number:04}.exr" for number in version.frames)
    _there(folder, files)
    return Footage(
        shot, version.take, f"v{version.number:03}", folder, files, version.frames.first,
        version.handles.head, space, version.name, version.record,
    )  # fmt: skip


def of_take(take: Take, shot: Shot, store: str, beside: Path, space: str) -> Footage:
    """A take that is not published: its frames of the vault, laid out under ``beside``.

    Raises MediaOffline when the vault does not hold them, OSError when the disk refuses.
    """
    media = take.media
    if media is None or not media.digests:
        raise MediaOffline(
            f"take {take.number} of {take.name} has no frames yet", hint="Wait until it is shot."
        )
    name = _HANDLED.format(name=take.name, number=take.number)
    files = tuple(f"{name}.{number:04}.exr" for number in media.frames)
    folder = beside / name
    kept = [kept_at(store, digest) for digest in media.digests]
    _there(Path(store), [path.relative_to(store).as_posix() for path in kept])
    folder.mkdir(parents=True, exist_ok=True)
    for path, file in zip(kept, files):
        _link(path, folder / file)
    head = min(shot.handles.head, len(files) - 1)
    return Footage(
        shot, take.id, f"take {take.number}", folder, files, media.frames.first, head,
        media.space or space,
    )  # fmt: skip


def kept_at(store: str, digest: str) -> Path:
    """Where a store keeps the frame with that digest."""
    return Path(store) / "vault" / digest[:2] / f"{digest}.exr"


def poster(media: Optional[Media], store: str) -> str:
    """The file of the frame in the middle, for a thumbnail; empty when there is none."""
    if media is None or not media.digests:
        return ""
    path = kept_at(store, media.digests[len(media.digests) // 2])
    return str(path) if path.is_file() else ""


def _there(folder: Path, files: Sequence[str]) -> None:
    missing = [name for name in files if not (folder / name).is_file()]
    if missing:
        raise MediaOffline(
            f"{len(missing)} of {len(files)} frames are not in {folder}, the first is {missing[0]}",
            hint="Is the disk of the store connected?",
            data={"path": str(folder)},
        )


def _link(source: Path, target: Path) -> None:
    """Have the frame there too. A link that is there already leads to the same pixels or goes."""
    if target.is_symlink() and os.readlink(target) == str(source):
        return
    target.unlink(missing_ok=True)
    try:
        os.symlink(source, target)
    except (OSError, NotImplementedError):  # Windows asks for a right that few have
        shutil.copyfile(source, target)
