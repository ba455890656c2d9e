"""Tells weights of one component that are kept in several kinds: full size, ``fp16``, in shards.

Makers put the kind into the names of files, in either order: ``model.fp16.safetensors``,
``model.fp16-00001-of-00002.safetensors``, ``model-00001-of-00002.fp16.safetensors``; and the index
of shards is called ``model.safetensors.index.fp16.json`` or ``model.safetensors.fp16.index.json``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from secondunit_bridge.film import Model, WeightFile

FACT = "variant"  # the fact of a model that holds the kind a person asked for
_STEM = r"(?P<stem>diffusion_pytorch_model|model)"
_WEIGHTS = re.compile(
    rf"{_STEM}(\.(?P<early>\w+))?(-\d{{5}}-of-(?P<count>\d{{5}}))?(\.(?P<late>\w+))?\.safetensors"
)
_INDEX = re.compile(
    rf"{_STEM}(\.(?P<first>\w+))?\.safetensors(\.(?P<early>\w+))?\.index(\.(?P<late>\w+))?\.json"
)
_LIKED = ("", "bf16", "fp16")  # of several kinds the first of these, unless a person asks


@dataclass(frozen=True)
class Kept:
    """One kind of weights in a component's folder: names of its files, and of its index."""

    variant: str  # empty: the full-size one
    stem: str
    weights: tuple[str, ...]
    index: str = ""
    shards: int = 0  # how many there must be; 0 for one whole file

    @property
    def whole(self) -> bool:
        """Nothing is missing."""
        return not self.shards or (bool(self.index) and len(self.weights) == self.shards)

    @property
    def named_for(self) -> bool:
        """Libraries find it when they are told the variant; else it has to be shown to them."""
        told = f"{self.stem}.safetensors.index.{self.variant}.json"
        return not (self.index and self.variant) or self.index == told


def kinds_in(names: Iterable[str]) -> dict[str, Kept]:
    """Every whole kind among the file names of one folder, by its variant."""
    weights: dict[str, list[re.Match[str]]] = {}
    indexes: dict[str, str] = {}
    for name in sorted(names):
        if told := _WEIGHTS.fullmatch(name):
            weights.setdefault(told["early"] or told["late"] or "", []).append(told)
        elif told := _INDEX.fullmatch(name):
            indexes[told["first"] or told["early"] or told["late"] or ""] = name
    found = (_kept(variant, files, indexes) for variant, files in weights.items())
    return {kept.variant: kept for kept in found if kept.whole}


def kinds_of(paths: Iterable[str]) -> set[str]:
    """The variants that any folder of a model has whole."""
    return {kind for names in _by_folder(paths).values() for kind in kinds_in(names)}


def chosen(names: Iterable[str], wanted: str = "") -> Kept | None:
    """The kind that is opened: the one wanted, else full size, else another; None if none is."""
    kinds = kinds_in(names)
    order = [wanted, *_LIKED, *sorted(kinds)]
    return next((kinds[variant] for variant in order if variant in kinds), None)


def used(files: Sequence[WeightFile], wanted: str) -> tuple[WeightFile, ...]:
    """A model's files without the weights of kinds that are not opened."""
    aside = _aside([file.path for file in files], wanted)
    return tuple(file for file in files if file.path not in aside)


def used_of(model: Model) -> tuple[WeightFile, ...]:
    """The files of a registered model that are opened."""
    return used(model.files, wanted_of(model))


def wanted_of(model: Model) -> str:
    """The variant that a person asked for when the model was added; empty when nobody did."""
    return str(model.facts.get(FACT, ""))


def said_of(model: Model) -> str:
    """Which kinds are opened and which lie beside them unused; empty where there is one only."""
    taken: set[str] = set()
    aside: set[str] = set()
    for names in _by_folder(file.path for file in model.files).values():
        kept = chosen(names, wanted_of(model))
        if kept:
            taken.add(kept.variant or "full size")
            aside |= {kind or "full size" for kind in kinds_in(names).keys() - {kept.variant}}
    if taken <= {"full size"} and not aside:
        return ""
    unused = f"; {' and '.join(sorted(aside))} lies beside it unused" if aside else ""
    return f"opened as {' and '.join(sorted(taken))}{unused}"


def _kept(variant: str, files: Sequence[re.Match[str]], indexes: dict[str, str]) -> Kept:
    """Where a whole file and shards lie together: diffusers opens the shards, transformers not."""
    whole = [told for told in files if not told["count"]]
    parts = [told for told in files if told["count"]]
    if parts and (not whole or parts[0]["stem"] == "diffusion_pytorch_model"):
        names = tuple(told[0] for told in parts)
        count = int(parts[0]["count"])
        kept = Kept(variant, parts[0]["stem"], names, indexes.get(variant, ""), shards=count)
        if kept.whole or not whole:
            return kept
    return Kept(variant, whole[0]["stem"], (whole[0][0],))


def _aside(paths: Sequence[str], wanted: str) -> set[str]:
    """Weights of kinds that are not opened."""
    found: set[str] = set()
    for folder, names in _by_folder(paths).items():
        kept = chosen(names, wanted)
        if kept is None:
            continue
        others = {n for n in names if _WEIGHTS.fullmatch(n) and n not in kept.weights}
        found |= {
            path for path in paths if _place(path) == folder and PurePath(path).name in others
        }
    return found


def _by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(_place(path), []).append(PurePath(path).name)
    return found


def _place(path: str) -> str:
    return PurePath(path).parent.as_posix()
