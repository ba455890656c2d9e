"""What an actor looks like: the faces of the approved pictures, and how far they lie apart.

Nothing of it is written down: the numbers of a face live as long as the sweep does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from secondunit_bridge.errors import SecondUnitError

from ...media.sight import coded, fitted
from ...media.stills import read_still
from .face import WIDTH, Codes, Face, FaceModel, Likeness, apart

ROOM = 0.12  # beyond what lies between an actor's own pictures: another day, another light
LEAST, MOST = 0.9, 1.12  # of the model's limit: what an actor's own limit is kept within
LIGHT = (".exr", ".hdr")  # pictures of these kinds hold light, not codes
_Lies = tuple[Path, int, int]
SECOND = 0.5  # of the largest face's width: a smaller face beside it is somebody behind


@dataclass(frozen=True)
class Actor:
    """An actor's approved faces. ``pictures`` is how many there were, ``used`` how many count."""

    name: str
    faces: tuple[Likeness, ...]
    pictures: int
    model_limit: float

    def distance(self, face: Face) -> float:
        """How far a face is from the approved ones: from the nearer half of them, in the mean."""
        all_of_them = sorted(apart(face.embedding, known) for known in self.faces)
        return float(np.mean(all_of_them[: (len(all_of_them) + 1) // 2]))

    @cached_property
    def limit(self) -> float:
        """From which distance on it does not look like the actor.

        Of one picture the model's own; of more, what 95 % of the actor's own pictures keep to when
        each is held against the others, and some room.
        """
        if len(self.faces) < 2:
            return self.model_limit
        own = []
        for at, face in enumerate(self.faces):
            others = sorted(apart(face, one) for n, one in enumerate(self.faces) if n != at)
            own.append(float(np.mean(others[: (len(others) + 1) // 2])))
        wide = float(np.percentile(own, 95)) + ROOM
        return float(np.clip(wide, LEAST * self.model_limit, MOST * self.model_limit))

    @property
    def source(self) -> str:
        """Where the limit comes from, in words: "the limit with one approved picture"."""
        if len(self.faces) < 2:
            return "with one approved picture"
        return f"from {len(self.faces)} approved pictures"


class Approved:
    """The actors of galleries, read when they are first asked for."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, tuple[_Lies, ...]], Actor] = {}

    def of(
        self, people: Mapping[str, tuple[Path, ...]], name: str, model: FaceModel
    ) -> Actor | None:
        """An actor; None when the gallery has no pictures of that name."""
        pictures = people.get(name, ())
        if not pictures:
            return None
        key = (model.name, name, tuple(map(_as_it_lies, pictures)))
        if key not in self._known:
            faces = [face for picture in pictures if (face := _only_face(picture, model))]
            likes = tuple(face.embedding for face in faces)
            self._known[key] = Actor(name, likes, len(pictures), model.limit)
        return self._known[key]


def _as_it_lies(picture: Path) -> _Lies:
    """A file, and by what another of the same name is told from it: a stage lives for days."""
    try:
        facts = picture.stat()
    except OSError:  # gone meanwhile: no face of it can be read either
        return picture, 0, 0
    return picture, facts.st_size, facts.st_mtime_ns


def _only_face(path: Path, model: FaceModel) -> Face | None:
    """The face of an approved picture; None when there is none, or it is not plain whose it is."""
    try:
        picture = codes_of(path)
    except SecondUnitError:
        return None
    faces = model.find(picture, 0, picture.shape[1])
    if len(faces) > 1 and faces[1].region[2] > SECOND * faces[0].region[2]:
        return None
    return faces[0] if faces else None


def codes_of(path: Path) -> Codes:
    """A picture file as display codes, at most as wide as faces are read at.

    Raises what reading raises.
    """
    still = read_still(path)
    pixels = still.pixels[..., :3]
    if pixels.shape[2] < 3:
        pixels = np.repeat(pixels[..., :1], 3, axis=2)
    small = fitted(np.ascontiguousarray(pixels, np.float32), WIDTH)
    codes = coded(small) if path.suffix.lower() in LIGHT else small * np.float32(255)
    return np.ascontiguousarray(np.clip(np.nan_to_num(codes), 0, 255).astype(np.uint8))
