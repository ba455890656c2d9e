"""A registered model as the pool knows it: its parts by what is in them, and what a run takes.

Nothing is opened but ``model_index.json``; sizes and digests are those of the registration.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from secondunit_bridge.errors import ModelMissing
from secondunit_bridge.film import Model, WeightFile

from ...models.card import Card
from ...models.pool import Appetite, Key, Kit, Part, Step
from ...models.variants import used_of
from .exact import weights_digest
from .loading import IP_ADAPTER, part_folder

WHOLE = ""  # the name of the only part of a model that is one file
WEIGHTS = ".safetensors"
# What numbers of a kind, by its name in safetensors, are loaded as; the others as float32.
_LOADED_AS = {
    "BF16": "bfloat16",
    "F16": "float16",
    "F8_E4M3": "bfloat16",
    "F8_E5M2": "bfloat16",
}
# Parts that may be in other numbers than the rest, by how the pipeline's name begins: it takes what
# goes into them and comes out to the right ones itself. The others would stop in the middle.
_OWN = {"Wan": ("vae", "text_encoder"), "ZImage": ("vae",)}
_WIDER = {("float16", "cpu"): "float32"}  # half floats cannot be computed with there


@dataclass(frozen=True)
class Source:
    """What a device needs to open the parts of a kit."""

    model: Model
    card: Card
    extra: tuple[str, ...]  # components from folders of their own
    classes: Mapping[str, tuple[str, str]]  # component -> library and class
    absent: tuple[str, ...] = ()  # components that the pipeline is put together without

    def folder(self, name: str) -> Path:
        """Where a part lies. Raises ModelMissing."""
        if name in self.extra:
            return part_folder(self.model, name)
        return Path(self.model.path) / name


def kit_of(model: Model, card: Card, extra: Sequence[str], device: str) -> Kit:
    """The model's parts on a device of this kind ("cuda", "cpu"). Raises ModelMissing."""
    root = Path(model.path)
    classes = _classes(root) if root.is_dir() else {}
    source = Source(model, card, tuple(extra), classes)
    parts = tuple(
        _part(name, files, source, device) for name, files in sorted(_pieces(model, source).items())
    )
    ladder = tuple(Step(step) for step in card.memory.steps_down)
    named = kit_name(model, card, extra)
    return Kit(named, model.name, parts, appetite_of(card), ladder, source)


def kit_name(model: Model, card: Card, extra: Sequence[str]) -> str:
    """What the history of a model is kept under."""
    return "-".join((weights_digest(model)[:24], card.digest[:8], *extra))


def appetite_of(card: Card) -> Appetite:
    """What a card says that a run takes beside the weights."""
    return Appetite(card.memory.bytes_fixed, card.memory.bytes_per_pixel_frame)


def _part(name: str, files: Sequence[WeightFile], source: Source, device: str) -> Part:
    kept = dtype_of(source.model, source.card, name)
    dtype = _WIDER.get((kept, device), kept)
    return Part(
        name,
        Key(_digest(name, files, source), dtype, device=device),
        _weigh((*files, *_beside(name, source)), dtype),
        denoiser=name in source.card.denoiser.components,
    )


def _pieces(model: Model, source: Source) -> dict[str, list[WeightFile]]:
    """The files of each part that has weights, by the part's name."""
    opened = used_of(model)
    if not source.classes:
        pieces = {WHOLE: [file for file in opened if not Path(file.path).is_absolute()]}
    else:
        pieces = {}
        for file in opened:
            name, _, inner = file.path.partition("/")
            if inner and name in source.classes and name not in source.extra:
                pieces.setdefault(name, []).append(file)
    for name in source.extra:
        if name != IP_ADAPTER:
            pieces[name] = _files_below(model, source.folder(name))
    return {name: files for name, files in pieces.items() if any(map(_is_weights, files))}


def _files_below(model: Model, place: Path) -> list[WeightFile]:
    """The files of a part elsewhere, as registered; else as they lie there, by size and date."""
    root = Path(model.path)
    told = [file for file in used_of(model) if (root / file.path).is_relative_to(place)]
    there = [place] if place.is_file() else sorted(place.rglob("*"))
    return told or [
        WeightFile(str(path), f"{path} {path.stat().st_mtime_ns}", path.stat().st_size)
        for path in there
        if path.is_file()
    ]


def _beside(name: str, source: Source) -> list[WeightFile]:
    """An IP-Adapter changes the layers of the denoiser: that one is a part of its own."""
    if IP_ADAPTER not in source.extra or name not in (*source.card.denoiser.components, WHOLE):
        return []
    return _files_below(source.model, source.folder(IP_ADAPTER))


def weighed(model: Model, card: Card) -> int:
    """Bytes that all of a model's weights take once they are loaded, each in its number type."""
    return sum(
        _weigh([file], dtype_of(model, card, file.path.partition("/")[0]))
        for file in used_of(model)
    )


def _weigh(files: Sequence[WeightFile], dtype: str) -> int:
    """In memory and not on disk; a file whose numbers nobody counted takes what it takes there."""
    each = 4 if dtype == "float32" else 2
    return sum(file.numbers * each or file.bytes for file in files if _is_weights(file))


def _is_weights(file: WeightFile) -> bool:
    return file.path.endswith(WEIGHTS) or not file.path


def _digest(name: str, files: Sequence[WeightFile], source: Source) -> str:
    """What makes this part the same as another model's: its class and its files."""
    kind = source.classes.get(name, ("", source.card.card.pipeline if name == WHOLE else name))
    lines = [f"{Path(file.path).name} {file.sha256}" for file in files]
    lines += [f"{IP_ADAPTER} {file.sha256}" for file in _beside(name, source)]
    return sha256("\n".join((*kind, *sorted(lines))).encode()).hexdigest()


def _classes(root: Path) -> dict[str, tuple[str, str]]:
    """Component -> library and class, as the folder says. Raises ModelMissing."""
    try:
        said = json.loads((root / "model_index.json").read_text(encoding="utf-8"))
        return {
            name: (str(kind[0]), str(kind[1]))
            for name, kind in said.items()
            if isinstance(kind, list) and len(kind) == 2 and all(kind)
        }
    except (OSError, ValueError, AttributeError) as error:
        raise ModelMissing(
            f"{root / 'model_index.json'} is not there or cannot be read",
            hint="Mount the disk it lies on, or register the model anew.",
            data={"path": str(root)},
        ) from error


def words_digest(model: Model, card: Card) -> str:
    """Everything of a model that decides what it makes of words: its encoders and their words."""
    dtype = dtype_of(model, card, "text_encoder")
    return _of_files(model, ("text_", "token"), dtype)


def coder_digest(model: Model, card: Card) -> str:
    """Everything of a model that decides how its picture coder shows latents."""
    dtype = dtype_of(model, card, "vae")
    return _of_files(model, ("vae/",), dtype)


def _of_files(model: Model, beginnings: tuple[str, ...], dtype: str) -> str:
    """Of those that are opened; of all where none begins so, as in a model that is one file."""
    opened = used_of(model)
    files = [file for file in opened if file.path.startswith(beginnings)] or opened
    lines = sorted(f"{file.path} {file.sha256}" for file in files)
    return sha256("\n".join((dtype, *lines)).encode()).hexdigest()


def dtype_of(model: Model, card: Card, part: str) -> str:
    """The number type that a part is loaded in: the one that most of its weights are kept in.

    That of most of the model's where the pipeline wants one type throughout.
    """
    own = any(card.card.pipeline.startswith(kind) and part in parts for kind, parts in _OWN.items())
    kept = model.facts.get("dtype", "")
    kept = model.facts.get(f"dtype:{part}", kept) if own else kept
    return _LOADED_AS.get(str(kept), "float32")
