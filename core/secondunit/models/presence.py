"""Whether a model on disk is still what a person registered: by size and time, by hash in doubt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from secondunit_bridge.errors import ModelMissing, ModelUntrusted, SecondUnitError
from secondunit_bridge.film import Model, WeightFile

from .folder import INDEX
from .pasted import add_again
from .weights import hashed

WEIGHTS = ".safetensors"


@dataclass(frozen=True)
class Doubt:
    """A file of the same size that was touched since: its hash decides."""

    file: WeightFile
    path: Path


@dataclass(frozen=True)
class Witness:
    """Remembers what it has read for as long as nobody touches it: each file is hashed once."""

    _seen: dict[Path, tuple[tuple[int, int, int], str]] = field(default_factory=dict)

    def digest(self, path: Path, check: Callable[[], None]) -> str:
        """sha256 of a file. Raises NotPermitted, StoreError, and what ``check`` raises."""
        told = path.stat()
        mark = (told.st_size, told.st_mtime_ns, told.st_ctime_ns)
        if path not in self._seen or self._seen[path][0] != mark:
            self._seen[path] = (mark, hashed(path, lambda count: check()))
        return self._seen[path][1]


def place_of(model: Model, file: WeightFile) -> Path:
    """Where a file of a model lies."""
    return Path(model.path, file.path) if file.path else Path(model.path)


def absent(model: Model) -> SecondUnitError | None:
    """What is wrong with the files as far as can be seen without reading them, or None."""
    for file in model.files:
        path = place_of(model, file)
        try:
            size = path.stat().st_size
        except OSError:
            return ModelMissing(
                f"the weights of {model.name} are not there: {path} cannot be found",
                hint="Mount their disk or put them back. If they moved, add them from there:"
                f" secondunit models add DIR --name {model.name} --by NAME",
                data={"model": model.name, "path": str(path)},
            )
        if size != file.bytes:
            return _changed(model, path, f"it has {size:,} bytes and had {file.bytes:,}")
    for path in strangers(model):
        return ModelUntrusted(
            f"{model.name} has a file that nobody registered, and it may be loaded: {path}",
            hint=f"Take it out; if it belongs to the model: {add_again(model)}",
            data={"model": model.name, "path": str(path)},
        )
    return None


def strangers(model: Model) -> Iterator[Path]:
    """Files beside the registered ones in the folders of its parts: libraries go by what they find.

    What lies beside ``model_index.json`` is read by nobody, nor is what is hidden.
    """
    known = {place_of(model, file) for file in model.files}
    roots = [place for place in map(Path, (model.path, *model.parts.values())) if place.is_dir()]
    looked = {file.parent for file in known if any(map(file.is_relative_to, roots))}
    bare = {Path(model.parts["config"])} if "config" in model.parts else set()
    for folder in sorted(looked):
        if (folder / INDEX).is_file():
            continue
        settings_only = any(map(folder.is_relative_to, bare))
        with os.scandir(folder) as entries:
            there = sorted(e.name for e in entries if not (e.name[0] == "." or e.is_dir()))
        for name in there:
            if folder / name not in known and not (settings_only and name.endswith(WEIGHTS)):
                yield folder / name


def doubts(model: Model) -> Iterator[Doubt]:
    """Files that were touched since they were registered. Nothing is read."""
    for file in model.files:
        path = place_of(model, file)
        if path.stat().st_mtime_ns != file.modified:
            yield Doubt(file, path)


def confirm(
    model: Model, check: Callable[[], None] = lambda: None, witness: Witness | None = None
) -> None:
    """Make certain that the files are the registered ones; those in doubt are read and hashed.

    ``check`` is called at every chunk, to let a person stop it. A ``witness`` that is kept spares
    reading them again. Raises ModelMissing, ModelUntrusted, NotPermitted, StoreError.
    """
    witness = witness or Witness()
    problem = absent(model)
    if problem is not None:
        raise problem
    for doubt in doubts(model):
        if witness.digest(doubt.path, check) != doubt.file.sha256:
            raise _changed(model, doubt.path, "its bytes are others than those that were scanned")


def _changed(model: Model, path: Path, why: str) -> ModelUntrusted:
    who = model.by or "somebody"
    return ModelUntrusted(
        f"{model.name} is not the model that {who} registered: {path.name}, {why}",
        hint=f"Put the file back; if it was meant to change: {add_again(model)}",
        data={"model": model.name, "path": str(path)},
    )
