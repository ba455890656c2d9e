"""Every family by name: how its tiny pipeline is built, its card, the parts it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import saved, sd, wan


@dataclass(frozen=True)
class About:
    """One family."""

    built: Callable[[], Any]
    card: str
    kind: str  # class of the pipeline
    parts: dict[str, str] = field(default_factory=dict)  # component -> name in PARTS


PARTS: dict[str, Callable[[], Any]] = {
    "sd_control": sd.control,
    "xl_control": sd.xl_control,
    "xl_union": sd.xl_union,
}

ABOUT: dict[str, About] = {
    "sd15": About(sd.sd15, "sd15", "StableDiffusionPipeline"),
    "wan-vace": About(wan.vace, "wan-vace", "WanVACEPipeline"),
}


class Folders:
    """Saves each pipeline once."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, family: str) -> Path:
        """The pipeline's folder."""
        place = self._root / family
        if not place.exists():
            saved(ABOUT[family].built(), place)
        return place

    def part(self, name: str) -> Path:
        """A component's folder."""
        place = self._root / f"part_{name}"
        if not place.exists():
            saved(PARTS[name](), place)
        return place
