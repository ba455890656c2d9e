"""The production that a .blend's shots belong to: one the daemon knows, or its folder's own."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Sequence, Tuple

from secondunit_bridge.errors import FieldError, RateMismatch, UnknownId
from secondunit_bridge.film import Project
from secondunit_bridge.timeline import MAX_NAME, legal
from secondunit_bridge.timing import rate_name
from secondunit_bridge.unit import Unit

FOLDER = "secondunit"  # beside the .blend: passes, takes laid out for the sequencer, the store
_VERSION = re.compile(r"[._-]?[vV]\d+$")  # as artists count saves of a file: sq010_v002
_UNNAMED = "Scene"  # what Blender calls a first scene; a copy is "Scene.001", and another sequence
_TAG = 6  # digits of a path's digest that keep two files of one name apart


def folder_beside(blend: str) -> Path:
    """Where a file's passes, takes and store lie."""
    return Path(blend).parent / FOLDER


def sequence_of(blend: str, scene: str) -> str:
    """What the shots of a scene belong to: the file's name without its version.

    A scene that was given a name of its own adds it: two scenes of a file are two sequences.
    """
    stem = _VERSION.sub("", Path(blend).stem) or Path(blend).stem
    own = "" if scene == _UNNAMED else f"_{scene}"
    try:
        return legal(f"{stem}{own}")
    except FieldError:
        return "previs"


def copied_from(before: str, blend: str, scene: str) -> Tuple[str, ...]:
    """A question when shots were shot as another sequence than they would be now, else nothing."""
    now = sequence_of(blend, scene) if blend else before
    if not before or before == now:
        return ()
    return (
        f"These shots were shot as {before}, and here they would be {now}. Is this a copy with"
        " shots of its own? Then press New Shots. If it is the same sequence, go on.",
    )


@dataclass(frozen=True)
class Production:
    """Where shots of a file go. ``name`` is a project the artist chose, empty: the folder's own."""

    blend: str
    rate: Fraction
    name: str = ""

    @property
    def folder(self) -> Path:
        """Where this file's passes and takes lie."""
        return folder_beside(self.blend)

    @property
    def store(self) -> str:
        """The store of the file's own project."""
        return str(self.folder / "store")

    def found(self, projects: Sequence[Project]) -> Project:
        """The project among those there are, else a new one of the file's own (no size yet).

        Raises UnknownId when the chosen one is not there, RateMismatch when its rate is another.
        """
        if self.name:
            chosen = next((p for p in projects if p.name == self.name), None)
            if chosen is None:
                raise UnknownId(
                    f"there is no project called {self.name}",
                    hint="Choose another one in the panel, or leave it empty for one of this file.",
                )
        else:
            store = os.path.normcase(self.store)
            ours = (p for p in projects if os.path.normcase(p.store) == store)
            chosen = next((p for p in ours if p.rate == self.rate), None)
            chosen = chosen or Project(self._free_name(projects), self.rate, 0, 0, store=self.store)
        if chosen.rate != self.rate:
            raise RateMismatch(
                f"the scene runs at {rate_name(self.rate)} frames a second and the project"
                f" {chosen.name} at {rate_name(chosen.rate)}",
                hint="Set the frame rate in the output properties, or choose another project.",
            )
        return chosen

    def taken_up(self, unit: Unit, size: Tuple[int, int]) -> Project:
        """The project, registered if it is new. Blocks; for a thread that may wait."""
        project = self.found(unit.projects())
        if not project.width:
            project = replace(project, width=size[0], height=size[1])
            Path(project.store).mkdir(parents=True, exist_ok=True)
            unit.project(project)
        return project

    def _free_name(self, projects: Sequence[Project]) -> str:
        tag = sha256(os.path.normcase(self.blend).encode()).hexdigest()[:_TAG]
        try:
            stem = legal(Path(self.blend).parent.name)
        except FieldError:  # the top of a disk, or a name without a letter that every disk knows
            stem = "previs"
        taken = {project.name for project in projects}
        return stem if stem not in taken else f"{stem[: MAX_NAME - _TAG - 1]}_{tag}"
