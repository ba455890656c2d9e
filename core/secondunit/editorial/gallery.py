"""The approved pictures of a cut's cast: a folder that the timeline's bible names.

``metadata["secondunit"]["bible"]["gallery"]`` of the timeline is a folder, from where the cut lies;
in it stands a folder for each actor, by the name that the shot cards use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..media.patterns import STILL_SUFFIXES
from .cut import Cut

MOST = 40  # pictures of one actor that are looked at: the first, by name


@dataclass(frozen=True)
class Gallery:
    """Approved pictures by actor. ``wrong`` says why there are none, when there should be."""

    people: Mapping[str, tuple[Path, ...]] = field(default_factory=dict, hash=False)
    wrong: str = ""

    def digest(self, names: Iterable[str]) -> str:
        """Names what is approved of these people: by the names, sizes and times of the files."""
        files = []
        for name in sorted(set(names)):
            for picture in self.people.get(name, ()):
                facts = picture.stat()
                files.append(f"{name}|{picture.name}|{facts.st_size}|{facts.st_mtime_ns}")
        return hashlib.sha256("\n".join([self.wrong, *files]).encode()).hexdigest()


def gallery_of(cut: Cut) -> Gallery | None:
    """The gallery that a cut's bible names; None when it names none."""
    said: object = cut.document
    for key in ("metadata", "secondunit", "bible", "gallery"):
        said = said.get(key) if isinstance(said, dict) else None
    if said is None or said == "":
        return None
    if not isinstance(said, str):
        return Gallery(wrong="the bible's gallery is not the name of a folder")
    folder = (cut.path.parent if cut.path else Path()) / said
    return read_gallery(folder)


def read_gallery(folder: Path) -> Gallery:
    """Every actor's pictures under a folder."""
    try:
        people = {
            actor.name: tuple(sorted(filter(_is_picture, actor.iterdir()))[:MOST])
            for actor in sorted(folder.iterdir())
            if actor.is_dir() and not actor.name.startswith(".")
        }
    except OSError as error:
        why = error.strerror or "it cannot be read"
        return Gallery(wrong=f"the gallery {folder} cannot be read: {why.lower()}")
    return Gallery(people)


def _is_picture(file: Path) -> bool:
    plain = not file.name.startswith(".")
    return plain and file.suffix.lower() in STILL_SUFFIXES and file.is_file()
