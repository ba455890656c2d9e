"""Where a user's Blenders keep their extensions, and what lies there of ours."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OLDEST = (4, 2)  # the first Blender with extensions
FOLDER = "secondunit"  # the extension's id; Blender names its folder by it
REPOSITORY = "user_default"  # where Blender itself puts an extension installed from disk
NOTE = "installed.json"  # what ``host install`` writes down beside the files it laid there

_VERSION = re.compile(r"(\d+)\.(\d+)")
_SAID = re.compile(r'^(id|version|blender_version_min)\s*=\s*"([^"]*)"', re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """A folder of extensions; ``blender`` is the version it belongs to, "4.5", or empty."""

    repository: Path
    blender: str = ""

    @property
    def folder(self) -> Path:
        """Where Second Unit lies in it, or would."""
        return self.repository / FOLDER

    @property
    def name(self) -> str:
        """For people."""
        return f"Blender {self.blender}" if self.blender else str(self.repository)


@dataclass(frozen=True)
class Laid:
    """What lies at a place: the manifest's words, and what was noted when we installed it."""

    id: str
    version: str
    python: str = ""
    files: tuple[str, ...] = ()


def places(environ: Mapping[str, str] | None = None) -> tuple[Place, ...]:
    """The extension folders of every Blender this user has started, oldest first.

    The environment variables of Blender that move its folders are followed as Blender does.
    """
    told = os.environ if environ is None else environ
    if told.get("BLENDER_USER_EXTENSIONS"):
        return (Place(Path(told["BLENDER_USER_EXTENSIONS"]) / REPOSITORY),)
    if told.get("BLENDER_USER_RESOURCES"):
        return (Place(Path(told["BLENDER_USER_RESOURCES"]) / "extensions" / REPOSITORY),)
    found = []
    base = _configuration(told)
    for folder in base.iterdir() if base.is_dir() else ():
        version = _VERSION.fullmatch(folder.name)
        if version and (int(version[1]), int(version[2])) >= OLDEST and folder.is_dir():
            found.append(((int(version[1]), int(version[2])), folder))
    return tuple(Place(path / "extensions" / REPOSITORY, path.name) for _, path in sorted(found))


def laid(place: Place) -> Laid | None:
    """What lies there under our name; None when nothing does."""
    try:
        said = dict(_SAID.findall((place.folder / "blender_manifest.toml").read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return Laid("", "") if place.folder.exists() else None
    try:
        note = json.loads((place.folder / NOTE).read_text("utf-8"))
        files = tuple(str(name) for name in note["files"])
        python = str(note["python"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        files, python = (), ""  # Blender installed it from the zip, or somebody changed the note
    return Laid(said.get("id", ""), said.get("version", ""), python, files)


def _configuration(environ: Mapping[str, str]) -> Path:
    """Blender's folder of a user's settings, above the versions."""
    if sys.platform == "win32":
        roaming = environ.get("APPDATA") or str(Path.home() / "AppData/Roaming")
        return Path(roaming) / "Blender Foundation/Blender"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/Blender"
    return Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "blender"
