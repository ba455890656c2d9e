"""Whether a model on disk is still what a person registered: by size and time, by hash in doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from secondunit_bridge.errors import ModelMissing, ModelUntrusted, SecondUnitError
from secondunit_bridge.film import Model, WeightFile

from .weights import hashed


@dataclass(frozen=True)
class Doubt:
    """A file of the same size that was touched since: its hash decides."""

    file: WeightFile
    path: Path


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
                hint="Mount their disk or put them back; if they moved, add them again.",
                data={"model": model.name, "path": str(path)},
            )
        if size != file.bytes:
            return _changed(model, path, f"it has {size:,} bytes and had {file.bytes:,}")
    return None


def doubts(model: Model) -> Iterator[Doubt]:
    """Files that were touched since they were registered. Nothing is read."""
    for file in model.files:
        path = place_of(model, file)
        if path.stat().st_mtime_ns != file.modified:
            yield Doubt(file, path)


def confirm(model: Model, check: Callable[[], None] = lambda: None) -> None:
    """Make certain that the files are the registered ones; those in doubt are read and hashed.

    ``check`` is called at every chunk, to let a person stop it. Raises ModelMissing,
    ModelUntrusted, NotPermitted, StoreError.
    """
    problem = absent(model)
    if problem is not None:
        raise problem
    for doubt in doubts(model):
        if hashed(doubt.path, lambda count: check()) != doubt.file.sha256:
            raise _changed(model, doubt.path, "its bytes are others than those that were scanned")


def _changed(model: Model, path: Path, why: str) -> ModelUntrusted:
    who = model.by or "somebody"
    return ModelUntrusted(
        f"{model.name} is not the model that {who} registered: {path.name}, {why}",
        hint=f"Put the file back; if it was meant to change: secondunit models add {model.path}",
        data={"model": model.name, "path": str(path)},
    )
