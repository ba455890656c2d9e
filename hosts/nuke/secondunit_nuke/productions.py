"""The production that a script's shots belong to: its folder's own project, made when needed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Sequence

from secondunit_bridge.errors import FieldError
from secondunit_bridge.film import Project
from secondunit_bridge.timeline import MAX_NAME, legal
from secondunit_bridge.unit import Unit

from .spaces import configuration

if TYPE_CHECKING:
    from .host import Nuke

FOLDER = "secondunit"  # beside the script: plates that were written, and the store
_VERSION = re.compile(r"[._-]?[vV]\d+$")  # as artists count saves of a file: sh010_comp_v002
_TAG = 6  # digits of a path's digest that keep two folders of one name apart


@dataclass(frozen=True)
class Production:
    """Where shots of a script go."""

    script: str
    rate: Fraction
    space: str
    ocio: str = ""

    @classmethod
    def of(cls, nuke: Nuke, rate: Fraction, space: str) -> Production:
        """That of the script which is open."""
        ocio = configuration(nuke.root(), os.environ.get("OCIO", ""))
        return cls(nuke.script(), rate, space, ocio)

    @property
    def folder(self) -> Path:
        """Where written plates and the store lie."""
        return Path(self.script).parent / FOLDER

    @property
    def store(self) -> str:
        """The store of the folder's own project."""
        return str(self.folder / "store")

    @property
    def sequence(self) -> str:
        """The script's name without its version: every save of a comp is the same sequence."""
        stem = _VERSION.sub("", Path(self.script).stem) or Path(self.script).stem
        try:
            return legal(stem)
        except FieldError:
            return "comp"

    def found(self, projects: Sequence[Project]) -> Project:
        """The folder's project among those there are, else a new one (no size yet)."""
        store = os.path.normcase(self.store)
        ours = (p for p in projects if os.path.normcase(p.store) == store)
        same = (p for p in ours if (p.rate, p.ocio) == (self.rate, self.ocio))
        new = Project(
            self._free_name(projects), self.rate, 0, 0, self.space, store=self.store, ocio=self.ocio
        )
        return next(same, new)

    def taken_up(self, unit: Unit, width: int, height: int) -> Project:
        """The project, registered if it is new. Blocks; for a thread that may wait."""
        project = self.found(unit.projects())
        if not project.width:
            project = replace(project, width=width, height=height)
            Path(project.store).mkdir(parents=True, exist_ok=True)
            unit.project(project)
        return project

    def _free_name(self, projects: Sequence[Project]) -> str:
        tag = sha256(os.path.normcase(self.store).encode()).hexdigest()[:_TAG]
        try:
            stem = legal(Path(self.script).parent.name)
        except FieldError:
            stem = "comp"
        taken = {project.name for project in projects}
        free = stem not in taken
        stem = stem if free else f"{stem[: MAX_NAME - _TAG - 1]}_{tag}"
        names = (stem if n == 1 else f"{stem[: MAX_NAME - 3]}_{n}" for n in range(1, 99))
        return next(name for name in names if name not in taken)
