"""From a folder or file that a person names to a model that can be registered: look, then read.

A model is weights on this disk, or a workflow that a server of the studio's own runs.

``look`` is quick and refuses what is not a model; ``read_through`` reads every byte once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from secondunit_bridge.errors import (
    CardWrong,
    FieldError,
    ModelMissing,
    ModelUntrusted,
    PathRefused,
)
from secondunit_bridge.film import Model, ModelKind, ModelLicence, Option, WeightFile

from ..disk import saying_why
from . import variants
from .adapters import CLAIMED, LICENCE, NAMED, adapter_of, is_adapter
from .card import Card
from .counted import told_of
from .folder import CONFIG, INDEX, Folder, folder_at, settings_in
from .safetensors import Header, header_of
from .shelf import Shelf
from .terms import claims_in, text_in
from .weights import Told, Weights, hashed, read_weights
from .workflow_card import CARD, ENGINE, SUFFIX, WorkflowCard, pair_at

LEGAL = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
ONE_FILE = "config"  # the part that a single-file checkpoint needs: a folder of the same family


@dataclass(frozen=True)
class Found:
    """A model that was looked at and not yet read. ``files`` are all that is registered."""

    path: Path
    kind: ModelKind
    card: Card | WorkflowCard | None  # None for an adapter
    files: tuple[Path, ...]
    parts: Mapping[str, Path] = field(default_factory=dict)
    facts: Mapping[str, Option] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """What there is to read."""
        with saying_why(self.path):
            return sum(file.stat().st_size for file in self.files)


def look(
    path: Path,
    shelf: Shelf,
    *,
    card: str = "",
    parts: Mapping[str, Path] | None = None,
    beside: Sequence[Model] = (),
) -> Found:
    """What lies at a path: a pipeline's folder, a checkpoint in one file, a LoRA, or a workflow.

    ``card`` names one to use; left out, the pipeline's class or the tensors' names tell, and a
    workflow's is the file beside it. ``parts`` are folders and files of components that lie
    elsewhere; a checkpoint in one file that is given no settings takes those of a folder
    ``beside`` it, registered with the same card. Raises ModelMissing, ModelUntrusted, PathRefused,
    CardWrong, NotPermitted, StoreError.
    """
    where = path.absolute()
    if where.suffix in (".json", SUFFIX) and where.is_file():
        return _workflow(where, Path(card).absolute() if card else None)
    told = {name: part.absolute() for name, part in (parts or {}).items()}
    if where.is_dir():
        lone = _lone_file(where)
        if lone is None:
            return _folder(where, folder_at(where), shelf, card, told)
        where = lone
    header = _header(where)
    if is_adapter(header):
        return _adapter(where, header, shelf, card)
    name = card or _family_of(header)
    settings = next(
        (Path(m.path) for m in beside if m.card == name and Path(m.path).is_dir()), None
    )
    if settings and ONE_FILE not in told:
        told[ONE_FILE] = settings
    return _checkpoint(where, header, shelf, name, told)


def within(path: Path, roots: Sequence[str]) -> None:
    """Raises PathRefused unless the path lies in one of the roots; none given means anywhere."""
    if str(path).startswith(("//", "\\\\")) or not path.is_absolute():
        raise PathRefused(
            f"{path} is not a full path on this machine",
            hint="Weights lie on a local or mounted disk.",
            data={"path": str(path)},
        )
    real = path.resolve()
    if roots and not any(real.is_relative_to(Path(root).resolve()) for root in roots):
        raise PathRefused(
            f"{path} lies outside the folders that weights may come from",
            hint=f"Put it in one of: {', '.join(roots)}; or see the setting model_roots.",
            data={"path": str(path), "roots": list(roots)},
        )


def read_through(
    found: Found,
    *,
    name: str,
    by: str,
    licence: str = "",
    variant: str = "",
    told: Told = lambda count: None,
) -> Model:
    """The model, every file hashed and every number looked at.

    ``variant``: the kind of weights to open, such as fp16, where a part is kept in several.

    Raises FieldError for a name that cannot be one, ModelMissing for a kind that no part has,
    ModelUntrusted, NotPermitted, StoreError.
    """
    _kept_as(found, variant)
    name = _plain_word(name or _named(found))
    lora = found.kind is ModelKind.adapter
    weights = {
        file: read_weights(file, told, identity=lora)
        for file in found.files
        if file.suffix == ".safetensors"
    }
    files = tuple(_file(found, file, weights.get(file), told) for file in found.files)
    return Model(
        name=name,
        kind=found.kind,
        card=found.card.name if found.card else "",
        card_digest=found.card.digest if found.card else "",
        path=str(found.path),
        files=files,
        licence=_licence(found, licence),
        facts={**found.facts, **told_of(found.path, _opened(files, weights, variant), variant)},
        parts={part: str(place) for part, place in found.parts.items()},
        by=by,
    )


def _plain_word(name: str) -> str:
    if not LEGAL.fullmatch(name):
        raise FieldError(
            f"Model.name: {name!r:.80} is not a plain lower-case word",
            hint="Use letters, digits, dot, dash and underscore: --name wan-vace-14b",
        )
    return name


def _kept_as(found: Found, variant: str) -> None:
    kinds = variants.kinds_of(file.as_posix() for file in found.files)
    if variant and variant not in kinds:
        there = ", ".join(sorted(kind or "full size" for kind in kinds)) or "one kind only"
        raise ModelMissing(
            f"no weights of {found.path.name} are kept as {variant!r:.40}",
            hint=f"There is: {there}. Leave --variant out, or name one of them.",
            data={"path": str(found.path), "variant": variant},
        )


def _licence(found: Found, given: str) -> ModelLicence:
    """What a person or the card says, and apart from it what READMEs and headers claim."""
    beside = found.path if found.path.is_dir() else found.path.parent
    places = [beside, *(p if p.is_dir() else p.parent for p in found.parts.values())]
    claims = [claim for place in dict.fromkeys(places) for claim in claims_in(place)]
    claims.append(str(found.facts.get(CLAIMED, "")).strip()[:80])
    carded = found.card.licence.id if found.card else ""
    told = tuple(dict.fromkeys(claim for claim in claims if claim))
    return ModelLicence(given.strip() or carded, text_in(beside), told)


def _named(found: Found) -> str:
    return found.card.name if isinstance(found.card, WorkflowCard) else name_of(found.path)


def name_of(path: Path) -> str:
    """A name for what lies there, from the name of its folder or file."""
    stem = path.stem if path.suffix == ".safetensors" else path.name
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")[:64]


def _header(path: Path) -> Header:
    """Of one file that has to be safetensors, by its content and by its name."""
    if not path.is_file():
        raise ModelMissing(
            f"there is no model at {path}",
            hint="Give a folder with model_index.json, or a .safetensors file.",
            data={"path": str(path)},
        )
    header = header_of(path)
    if path.suffix != ".safetensors":
        raise ModelUntrusted(
            f"{path.name} is not called .safetensors, and what loads it goes by its name",
            hint="Give it that ending.",
            data={"path": str(path)},
        )
    return header


def _lone_file(folder: Path) -> Path | None:
    """The one safetensors file of a folder that is no model of diffusers: a LoRA as it is saved."""
    if (folder / INDEX).exists() or (folder / CONFIG).exists():
        return None
    with saying_why(folder):
        files = [file for file in folder.iterdir() if file.suffix == ".safetensors"]
    return files[0] if len(files) == 1 else None


def _folder(path: Path, folder: Folder, shelf: Shelf, card: str, parts: dict[str, Path]) -> Found:
    if not folder.pipeline:
        raise ModelMissing(
            f"{path} is one part ({folder.kind or 'of no named kind'}), not a whole model",
            hint=f"Add the model it belongs to, with: --part {_part_name(folder)}={path}",
            data={"path": str(path), "kind": folder.kind},
        )
    named = shelf.card(card) if card else _card_of(folder, shelf, parts)
    if folder.pipeline not in (named.card.pipeline, *named.card.opens):
        raise CardWrong(
            f"the card {named.name} is for {named.card.pipeline}, and {path.name} holds"
            f" {folder.pipeline}",
            hint="Leave --card out, or name another: secondunit models card lists them.",
            data={"card": named.name, "pipeline": folder.pipeline},
        )
    held = set(folder.components)
    extra = _parts(parts, named, held, shelf)
    facts: dict[str, Option] = {
        "pipeline": folder.pipeline,
        "components": ", ".join(sorted(held | parts.keys())),
        "family": named.card.family,
    }
    return Found(path, ModelKind.base, named, (*folder.files, *extra), parts, facts)


def _part_name(folder: Folder) -> str:
    return "controlnet" if "ControlNet" in folder.kind else folder.path.name


def _card_of(folder: Folder, shelf: Shelf, parts: dict[str, Path]) -> Card:
    """The card of the folder's own pipeline, else one that opens it, that the parts fit."""
    pipeline = folder.pipeline
    exact = [card for card in shelf if card.card.pipeline == pipeline]
    able = [*exact, *(card for card in shelf if pipeline in card.card.opens)]
    held = {*folder.components, *parts}
    fitting = [
        card
        for card in able
        if parts.keys() <= {*card.components, ONE_FILE} and _required(card) <= held
    ]
    for card in (*fitting, *able):
        return card
    raise CardWrong(
        f"no card says how {pipeline} is called",
        hint="Write one in <home>/cards; docs/models.md shows how.",
        data={"pipeline": pipeline},
    )


def _parts(parts: dict[str, Path], card: Card, held: set[str], shelf: Shelf) -> tuple[Path, ...]:
    """Files of the parts that lie elsewhere; every part the card requires is there."""
    known = {*card.components, ONE_FILE}
    files: list[Path] = []
    for name, place in parts.items():
        if name not in known:
            raise FieldError(
                f"--part {name}: the card {card.name} has no such part",
                hint="It has: " + (", ".join(sorted(card.components)) or "none") + ".",
            )
        if place.is_dir():
            files += folder_at(place).files
        else:
            _header(place)
            files.append(place)
    for name in sorted(_required(card) - held - parts.keys()):
        raise ModelMissing(
            f"{card.name} needs a {name}, and the folder has none",
            hint=f"Say where it lies: --part {name}=DIR",
            data={"card": card.name, "component": name},
        )
    return tuple(files)


def _required(card: Card) -> set[str]:
    return {name for name, need in card.components.items() if need == "required"}


def _workflow(path: Path, card: Path | None) -> Found:
    pair = pair_at(path, card)
    file, about = pair.workflow_file, pair.card_file
    facts: dict[str, Option] = {
        "engine": ENGINE,
        "nodes": len(pair.workflow.nodes),
        "node_classes": ", ".join(pair.workflow.kinds),
        "models": ", ".join(pair.workflow.weights),
        "family": pair.card.card.family,
    }
    return Found(file, ModelKind.base, pair.card, (file, about), {CARD: about}, facts)


def _adapter(path: Path, header: Header, shelf: Shelf, card: str) -> Found:
    facts = {**adapter_of(header, path).facts(), **_named_base(path)}
    if card:
        family = shelf.card(card).card.family
        if facts["family"] and facts["family"] != family:
            raise CardWrong(
                f"{path.name} was trained for {facts['family']}, not for {family}",
                hint="Leave --card out, or name a card of its family.",
                data={"family": facts["family"], "card": card},
            )
        facts["family"] = family
    return Found(path, ModelKind.adapter, None, (path,), {}, facts)


def _named_base(path: Path) -> dict[str, Option]:
    """The base that a trainer's settings beside a LoRA name: a hint, which decides nothing."""
    beside = path.parent / "adapter_config.json"
    if path.name != "adapter_model.safetensors" or not beside.is_file():
        return {}
    named = settings_in(beside).get("base_model_name_or_path")
    return {NAMED: named[:200]} if isinstance(named, str) and named else {}


def _checkpoint(
    path: Path, header: Header, shelf: Shelf, name: str, parts: dict[str, Path]
) -> Found:
    """A whole model in one file: its tensors' names tell the card, a folder its settings."""
    if not name:
        raise CardWrong(
            f"nothing in {path.name} tells which model it is",
            hint="Name its card with --card; secondunit models card lists them.",
            data={"path": str(path)},
        )
    named = shelf.card(name)
    if ONE_FILE not in parts:
        raise ModelMissing(
            f"{path.name} holds weights without their settings, which are not fetched for you",
            hint=f"Add a diffusers folder of it first ({named.name}), or say where one lies; its"
            " settings and words are enough, without weights: --part config=DIR",
            data={"path": str(path), "card": named.name},
        )
    settings = folder_at(parts[ONE_FILE])
    extra = _parts({n: p for n, p in parts.items() if n != ONE_FILE}, named, set(), shelf)
    kept = tuple(file for file in settings.files if file.suffix != ".safetensors")
    facts: dict[str, Option] = {"pipeline": named.card.pipeline, "family": named.card.family}
    if header.metadata.get(LICENCE):
        facts[CLAIMED] = header.metadata[LICENCE]
    return Found(path, ModelKind.base, named, (path, *kept, *extra), parts, facts)


def _family_of(header: Header) -> str:
    names = {tensor.name for tensor in header.tensors}
    if any(name.startswith("conditioner.embedders.1.") for name in names):
        return "sdxl"
    if any(name.startswith("cond_stage_model.transformer.") for name in names):
        entry = "model.diffusion_model.input_blocks.0.0.weight"
        shape = next((t.shape for t in header.tensors if t.name == entry), (0, 4))
        return "sd15-inpaint" if shape[1:2] == (9,) else "sd15"
    return ""


def _file(found: Found, file: Path, read: Weights | None, told: Told) -> WeightFile:
    below = found.path.is_dir() and file.is_relative_to(found.path)
    place = file.relative_to(found.path).as_posix() if below else str(file)
    place = "" if file == found.path else place
    if read is not None:
        return WeightFile(place, read.sha256, read.bytes, read.modified, read.parameters)
    with saying_why(file):
        facts = file.stat()
    return WeightFile(place, hashed(file, told), facts.st_size, facts.st_mtime_ns)


def _opened(
    files: Sequence[WeightFile], weights: Mapping[Path, Weights], variant: str
) -> dict[Path, Weights]:
    """The weights that are opened; those of other kinds beside them are hashed all the same."""
    taken = {(file.sha256, file.bytes) for file in variants.used(files, variant)}
    return {path: one for path, one in weights.items() if (one.sha256, one.bytes) in taken}
