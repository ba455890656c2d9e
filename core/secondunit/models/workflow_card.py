"""A workflow's card: where in a ComfyUI workflow a turnover's parts go, and what it can make.

A TOML file beside the workflow, of the same name. Its tables::

    [card]          name, version, sentence, engine = "comfyui", works; family
    [workflow]      file: the workflow's, when it is not called like the card
    [output]        node whose pictures are the take; prefix: its input that names files
    [limits]        as in any card (``models.card``): size_multiple, frame_rule, max_frames,
                    most_pixels, still
    [space]         the code space its pictures are in
    [size]          width, height, frames, rate: each { node, input } that carries it
    [[seed]]        node and input of each seed
    [ports.NAME]    where an element goes. NAME is a role, brief or negative
    [options.NAME]  what a person may set: steps and the like
    [licence]       the terms of what it loads, by the word of who wrote the card

A node is named by its id, or by a title that only it has. Forms of a port: ``text``; ``picture``
(the name of an uploaded PNG); ``folder`` (of one PNG for each frame); ``mask`` and ``masks``
(the same, white where the model may change); ``alpha`` (the matte travels as the transparency of
the port ``of``: clear where the model may change, as ComfyUI's own LoadImage reads masks).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from secondunit_bridge.errors import CardWrong, SecondUnitError
from secondunit_bridge.film import Model, Option, Work

from ..disk import saying_why
from .card import MAX_CARD, Adapters, Limits, Space, Terms, read_as
from .workflow import MAX_WORKFLOW, Workflow, wrong
from .workflow import read as read_workflow
from .workflow_rules import problems

ENGINE = "comfyui"
SUFFIX = ".toml"
CARD = "card"  # the part of a registered workflow that is its card
SWITCH = (
    "Start your ComfyUI server, say its address in the setting comfyui (such as"
    " http://127.0.0.1:8188) and start the daemon again: docs/comfyui.md."
)


@dataclass(frozen=True)
class About:
    """Who the card is for."""

    name: str
    version: str
    sentence: str
    engine: str
    works: tuple[Work, ...]
    family: str = ""


@dataclass(frozen=True)
class File:
    """The workflow's own file, beside the card; empty: called like the card."""

    file: str = ""


@dataclass(frozen=True)
class Place:
    """One input of one node."""

    node: str
    input: str


@dataclass(frozen=True)
class Output:
    """The node whose pictures are the take.

    ``prefix`` is its input that names the files; empty: ``filename_prefix`` where it has one.
    """

    node: str
    prefix: str = ""


@dataclass(frozen=True)
class PortPlace:
    """Where an element of the turnover goes."""

    form: str
    sentence: str
    node: str = ""
    input: str = ""
    required: bool = False
    of: str = ""  # form alpha: the port whose pictures carry it


@dataclass(frozen=True)
class OptionPlace:
    """What a person may set."""

    node: str
    input: str
    default: Option
    sentence: str
    low: float = 0.0  # low == high means no limits
    high: float = 0.0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkflowCard:
    """One card, read; ``workflow`` is what it is about."""

    card: About
    output: Output
    licence: Terms
    workflow: File = field(default_factory=File)
    limits: Limits = field(default_factory=Limits)
    space: Space = field(default_factory=Space)
    size: dict[str, Place] = field(default_factory=dict)
    seed: tuple[Place, ...] = ()
    ports: dict[str, PortPlace] = field(default_factory=dict)
    options: dict[str, OptionPlace] = field(default_factory=dict)
    digest: str = field(default="", compare=False)  # sha256 of the text; filled in by the reader

    @property
    def name(self) -> str:
        """Its name."""
        return self.card.name

    @property
    def adapters(self) -> Adapters:
        """None go on: a workflow names what it loads."""
        return Adapters()


@dataclass(frozen=True)
class Pair:
    """A workflow and its card, sound together, with the files they were read from."""

    card: WorkflowCard
    workflow: Workflow
    card_file: Path
    workflow_file: Path
    sha256: str  # of the workflow's file


def is_workflow(model: Model) -> bool:
    """A registered model that is a workflow."""
    return model.facts.get("engine") == ENGINE


def switched_off(name: str) -> str:
    """What is said of a workflow where the engine is off."""
    return f"{name} runs in ComfyUI, and that engine is switched off here"


def is_card(text: bytes) -> bool:
    """The text of a card that is a workflow's, sound or not."""
    return re.search(rb'^\s*engine\s*=\s*["\']comfyui["\']', text, re.MULTILINE) is not None


def pair_at(path: Path, card: Path | None = None) -> Pair:
    """A workflow with its card, from the path of either. Raises CardWrong with the first problem,
    NotPermitted, StoreError."""
    found, said = looked_at(path, card)
    for problem in said:
        raise wrong(found.card_file.name, problem)
    return found


def looked_at(path: Path, card: Path | None = None) -> tuple[Pair, tuple[str, ...]]:
    """The same, with everything that is wrong between the two. Raises for files that cannot be
    read at all."""
    is_toml = path.suffix == SUFFIX
    card_file = card or (path if is_toml else path.with_suffix(SUFFIX))
    if not card_file.is_file():
        raise wrong(
            path.name,
            f"there is no card beside it ({card_file.name})",
            "A card says where a turnover's parts go in it: docs/comfyui.md shows one.",
        )
    about = read_card(_bytes(card_file, MAX_CARD), card_file.name)
    file = _beside(card_file, about) if is_toml else path
    text = _bytes(file, MAX_WORKFLOW)
    workflow = read_workflow(text, file.name)
    pair = Pair(about, workflow, card_file, file, sha256(text).hexdigest())
    return pair, tuple(problems(about, workflow))


def read_card(text: bytes, where: str) -> WorkflowCard:
    """A workflow's card from the bytes of its file. Raises CardWrong naming table and field."""
    card = read_as(WorkflowCard, text, where, wrong)
    if card.card.engine != ENGINE:
        raise wrong(where, f"[card] engine: a workflow's card says engine = {ENGINE!r}")
    return card


def card_of(model: Model) -> WorkflowCard | None:
    """The card of a registered workflow as it was registered; None when it is not that any more."""
    with suppress(SecondUnitError):
        card = read_card(_bytes(Path(model.parts[CARD]), MAX_CARD), model.name)
        return card if card.digest == model.card_digest else None
    return None


def registered_pair(model: Model) -> Pair:
    """Workflow and card of a registered model. Raises CardWrong when they are other ones now."""
    pair = pair_at(Path(model.path), Path(model.parts.get(CARD, "")))
    known = {file.sha256 for file in model.files}
    if not {pair.sha256, pair.card.digest} <= known:
        raise CardWrong(
            f"{model.name} is not the workflow that {model.by or 'somebody'} registered",
            hint=f"Put its files back, or add it again: secondunit models add {model.path}",
            data={"model": model.name},
        )
    return pair


def _beside(card_file: Path, card: WorkflowCard) -> Path:
    name = card.workflow.file or card_file.with_suffix(".json").name
    if Path(name).name != name:
        raise wrong(card_file.name, f"[workflow] file: {name!r:.80} does not lie beside the card")
    if not (card_file.parent / name).is_file():
        raise wrong(card_file.name, f"[workflow] file: there is no {name} beside it")
    return card_file.parent / name


def _bytes(path: Path, most: int) -> bytes:
    with saying_why(path), open(path, "rb") as opened:
        return opened.read(most + 1)


def places(card: WorkflowCard) -> Iterator[tuple[str, str, str]]:
    """Everything the card fills in: where the card says it, node, input."""
    for name, port in card.ports.items():
        if port.form != "alpha":
            yield f"[ports.{name}]", port.node, port.input
    for name, option in card.options.items():
        yield f"[options.{name}]", option.node, option.input
    for name, place in card.size.items():
        yield f"[size] {name}", place.node, place.input
    for place in card.seed:
        yield "[[seed]]", place.node, place.input
