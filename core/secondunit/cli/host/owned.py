"""Files of ours in a host's folder: written whole and taken out again, nobody else's touched.

What was done there is said in one way for every host.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Generic, Protocol, TypeVar

from ..say import Say


class Somewhere(Protocol):
    """A place of a host's where our files lie."""

    @property
    def folder(self) -> Path:
        """The folder."""


P = TypeVar("P", bound=Somewhere)


@dataclass(frozen=True)
class Done(Generic[P]):
    """What was done at a place; ``before`` is the version that lay there, empty for none."""

    place: P
    before: str
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()  # files of somebody else that were left where they are


def write(target: Path, data: bytes) -> None:
    """Write a file at once and whole; one that is there keeps its mode. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        if target.exists():
            draft.chmod(target.stat().st_mode & 0o777)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def remove(root: Path, names: Iterable[str], own: Iterable[Path]) -> tuple[str, ...]:
    """Remove files by their path below ``root``, and what is left empty of our ``own`` folders.

    Names that lead out of ``root``, as in a note that somebody changed, are passed over.
    """
    removed = []
    for name in names:
        inside = PurePosixPath(name)
        if inside.is_absolute() or ".." in inside.parts:
            continue
        with suppress(FileNotFoundError):
            (root / inside).unlink()
            removed.append(name)
    for folder in own:
        _tidy(folder)
    return tuple(removed)


def others(root: Path, own: Iterable[Path], ours: Iterable[str]) -> tuple[str, ...]:
    """Files of somebody else in our own folders, by their path below ``root``."""
    mine = set(ours)
    there = [path for folder in own if folder.is_dir() for path in folder.rglob("*")]
    names = (path.relative_to(root).as_posix() for path in there if path.is_file())
    return tuple(sorted(name for name in names if name not in mine and "__pycache__" not in name))


def say_others(say: Say, done: Done[Any]) -> None:
    """Name what was left alone."""
    if done.foreign:
        say.line(f"  left alone, not ours: {', '.join(done.foreign[:5])}")


def say_removed(say: Say, name: str, done: Done[Any]) -> None:
    """What was taken out of a place."""
    if done.before:
        say.line(f"{name}: removed {len(done.removed)} files of {done.place.folder}")
    else:
        say.line(f"{name}: Second Unit was not there")
    say_others(say, done)


def done_json(done: Done[Any], **more: object) -> dict[str, object]:
    """What was done, for programs."""
    return {
        "folder": str(done.place.folder),
        **more,
        "before": done.before or None,
        "written": list(done.written),
        "removed": list(done.removed),
        "foreign": list(done.foreign),
    }


def _tidy(folder: Path) -> None:
    if not folder.is_dir():
        return
    for cache in [path for path in folder.rglob("__pycache__") if path.is_dir()]:
        for compiled in cache.glob("*.pyc"):
            compiled.unlink()
    folders = [path for path in folder.rglob("*") if path.is_dir()]
    for path in [*sorted(folders, reverse=True), folder]:
        with suppress(OSError):  # not empty: somebody else's file is in it
            path.rmdir()
