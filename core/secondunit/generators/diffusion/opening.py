"""Opens one part of a registered model, and puts parts together as a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import ExtraMissing, ModelMissing, NeedsModel

from ...models.pasted import add_again
from ...models.pool import Part
from ...models.variants import wanted_of
from .kits import WHOLE, Source
from .loading import IP_ADAPTER, add_ip_adapter, engine, of_part, pipeline_class, quietly, shown
from .readers import readers_of

LIBRARIES = ("diffusers", "transformers")


def modules_of(source: Source, part: Part) -> dict[str, Any]:
    """The part's modules by component, on the CPU and in ``eval``.

    Whether its files are the registered ones was made certain before the take. Raises
    ModelMissing, NeedsModel, ExtraMissing.
    """
    diffusers = engine()
    with quietly():
        if part.name == WHOLE:
            made = _whole(diffusers, source, part)
        elif part.name in source.extra:
            made = {part.name: of_part(diffusers, source.model, part.name, _type(part))}
        else:
            made = {part.name: _one(source, part)}
    for module in made.values():
        if hasattr(module, "eval"):
            module.eval()
    return made


@dataclass(frozen=True)
class Shell:
    """A pipeline whose parts come and go. ``lasts``: it is as good as new with new parts in it."""

    pipeline: Any
    lasts: bool


def shell_of(source: Source, modules: dict[str, Any]) -> Shell:
    """The pipeline of these modules, with its small parts (words, schedule) from the folder.

    Raises ModelMissing, NeedsModel, ExtraMissing.
    """
    diffusers = engine()
    kind = pipeline_class(diffusers, source.card)
    root, adapted = Path(source.model.path), IP_ADAPTER in source.extra
    with quietly():
        if root.is_dir():
            parts = {**_opening(source, readers_of, source), **modules}
            pipeline = _opening(source, kind.from_pretrained, str(root), **_OFFLINE, **parts)
        else:
            pipeline = kind(**modules)
        pipeline.set_progress_bar_config(disable=True)
        if adapted:
            add_ip_adapter(pipeline, source.model)
    return Shell(pipeline, lasts=root.is_dir() and not adapted)


_OFFLINE = {"local_files_only": True, "use_safetensors": True}


def _whole(diffusers: Any, source: Source, part: Part) -> dict[str, Any]:
    """Every component of a model that is one file, the small ones with them."""
    kind = pipeline_class(diffusers, source.card)
    extra = {
        name: of_part(diffusers, source.model, name, _type(part))
        for name in source.extra
        if name != IP_ADAPTER
    }
    settings = {"config": source.model.parts["config"]} if "config" in source.model.parts else {}
    pipeline = _opening(
        source, kind.from_single_file, source.model.path,
        local_files_only=True, torch_dtype=_type(part), **settings, **extra,
    )  # fmt: skip
    return {name: made for name, made in pipeline.components.items() if name not in extra}


def _one(source: Source, part: Part) -> Any:
    """One component of a folder, by the class that the folder names."""
    from importlib import import_module

    library, name = source.classes[part.name]
    kind = getattr(import_module(library), name, None) if library in LIBRARIES else None
    if not isinstance(kind, type):
        raise NeedsModel(
            f"{source.model.name}: its {part.name} is a {library}.{name}, which is not installed",
            hint="Update the package, or use a card made for this version.",
            data={"model": source.model.name, "part": part.name},
        )
    types = {"torch_dtype" if library == "diffusers" else "dtype": _type(part)}
    opener: Any = kind
    with shown(source.folder(part.name), wanted_of(source.model)) as (folder, kept):
        return _opening(source, opener.from_pretrained, str(folder), **_OFFLINE, **types, **kept)


def _opening(source: Source, opener: Any, what: Any, **told: Any) -> Any:
    try:
        return opener(what, **told)
    except ImportError as error:
        raise ExtraMissing(
            f"{source.model.name} needs a library that is not installed: {_named(error)}",
            hint="Install it beside secondunit[models], for the same Python.",
            data={"model": source.model.name},
        ) from error
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        words = " ".join(str(error).split())
        raise ModelMissing(
            f"{source.model.name} cannot be opened: {words:.300}",
            hint="Add it again, with the card that fits it if that was wrong:"
            f" {add_again(source.model)}",
            data={"model": source.model.name},
        ) from error


def _named(error: ImportError) -> str:
    """The first line of what an import said: the libraries write whole paragraphs."""
    said = " ".join(str(error).split()).partition(". ")[0]
    return f"{said:.160}"


def _type(part: Part) -> Any:
    import torch

    return getattr(torch, part.key.dtype)
