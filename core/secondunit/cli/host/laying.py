"""Lays a plug-in's files in a host's folder and takes them out again; nobody else's are touched."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from secondunit_bridge import __version__
from secondunit_bridge.errors import Locked

from .blender import FOLDER, NOTE, Laid, Place, laid


@dataclass(frozen=True)
class Done:
    """What was done at a place."""

    place: Place
    before: str  # the version that lay there; empty for none
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()  # files of somebody else that were left where they are


def lay(place: Place, files: dict[str, bytes]) -> Done:
    """Put the files there, each at once and whole; files of an older version go.

    Raises Locked when something else lies there, OSError when the disk does not take it.
    """
    before = _ours(place)
    folder = place.folder
    note = {"version": __version__, "python": sys.executable, "files": sorted(files)}
    everything = {**files, NOTE: (json.dumps(note, indent=1) + "\n").encode()}
    for name, content in everything.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            draft.write_bytes(content)
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
    old = [name for name in (before.files if before else ()) if name not in everything]
    removed = _remove(folder, old)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    foreign = [name for name in sorted(there - set(everything)) if "__pycache__" not in name]
    return Done(place, before.version if before else "", tuple(everything), removed, tuple(foreign))


def take_out(place: Place) -> Done:
    """Remove what we laid there. Files of somebody else stay, and their folder with them.

    Raises Locked when something else lies there; nothing there is nothing done.
    """
    before = _ours(place)
    if before is None:
        return Done(place, "")
    if not before.files:
        raise Locked(
            f"{place.folder} was not put there by `secondunit host install`",
            hint="Remove it in Blender: Edit > Preferences > Add-ons > Second Unit > Uninstall.",
        )
    removed = _remove(place.folder, [*before.files, NOTE])
    there = place.folder.rglob("*") if place.folder.exists() else ()
    foreign = [path.relative_to(place.folder).as_posix() for path in there if path.is_file()]
    return Done(place, before.version, removed=removed, foreign=tuple(foreign))


def _ours(place: Place) -> Laid | None:
    there = laid(place)
    if there is not None and there.id != FOLDER:
        raise Locked(
            f"{place.folder} holds something that is not Second Unit",
            hint="Move it away, or choose another folder with --into.",
            data={"path": str(place.folder)},
        )
    return there


def _remove(folder: Path, names: list[str]) -> tuple[str, ...]:
    removed = []
    for name in names:
        inside = PurePosixPath(name)
        if inside.is_absolute() or ".." in inside.parts:
            continue  # a note that somebody changed leads nowhere else
        with suppress(FileNotFoundError):
            (folder / inside).unlink()
            removed.append(name)
    caches = [path for path in folder.rglob("__pycache__") if path.is_dir()]
    for cache in caches:
        for compiled in cache.glob("*.pyc"):
            compiled.unlink()
    folders = [path for path in folder.rglob("*") if path.is_dir()]
    for path in [*sorted(folders, reverse=True), folder]:
        with suppress(OSError):  # not empty: somebody else's file is in it
            path.rmdir()
    return tuple(removed)
