"""What is wrong between a workflow and its card, all of it, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .card_rules import PORTS, SPACES, WORDS, limits_wrong, options_wrong, terms_wrong
from .workflow import Workflow, gives_pictures, is_link

if TYPE_CHECKING:
    from .workflow_card import WorkflowCard

FORMS = ("text", "picture", "folder", "mask", "masks", "alpha")
OF_EACH_FRAME = ("folder", "masks")  # forms that hand over every frame of a run at once
_WORDS: dict[type, str] = {str: "text", int: "number", bool: "yes or no"}  # for people
SIZES = ("width", "height", "frames", "rate")


def problems(card: WorkflowCard, workflow: Workflow) -> Iterator[str]:
    """Each begins with the table and field that it is about."""
    yield from _about(card)
    yield from limits_wrong(card.limits)
    yield from _frames(card)
    yield from _ports(card)
    yield from _filled(card, workflow)
    yield from _output(card, workflow)
    yield from options_wrong(card.options)
    yield from terms_wrong(card.licence)
    for sentence in workflow.services():
        yield f"[workflow] {sentence}, and nothing may leave this machine"


def _about(card: WorkflowCard) -> Iterator[str]:
    if not card.card.works:
        yield "[card] works: name at least one of insert, plate, pickup, previs"
    if not card.card.sentence.strip():
        yield "[card] sentence: say in one sentence what it is good for"
    if card.space.code not in SPACES:
        yield f"[space] code: {card.space.code!r:.40} is not one of {', '.join(SPACES)}"
    for name in card.size:
        if name not in SIZES:
            yield f"[size] {name}: there are {', '.join(SIZES)}"


def _frames(card: WorkflowCard) -> Iterator[str]:
    """Something must say how many pictures come back."""
    forms = {port.form for port in card.ports.values()}
    if card.limits.still and ("frames" in card.size or forms & set(OF_EACH_FRAME)):
        yield "[limits] still: one picture a call, and the card hands over many; leave one out"
    if not card.limits.still and "frames" not in card.size and not forms & set(OF_EACH_FRAME):
        yield "[size] frames: name the input that carries the frame count, or set still = true"


def _ports(card: WorkflowCard) -> Iterator[str]:
    for name, port in card.ports.items():
        where = f"[ports.{name}]"
        if name not in PORTS:
            yield f"{where}: no such port; there are {', '.join(PORTS)}"
        if port.form not in FORMS:
            yield f"{where} form: {port.form!r:.40} is not one of {', '.join(FORMS)}"
        if (port.form == "text") != (name in WORDS):
            yield f"{where} form: brief and negative are text, and nothing else is"
        if (port.form in ("mask", "masks", "alpha")) != (name == "matte"):
            yield f"{where} form: a matte is mask, masks or alpha, and nothing else is"
        carrier = card.ports.get(port.of)
        if port.form == "alpha" and (carrier is None or carrier.form not in ("picture", "folder")):
            yield f"{where} of: {port.of!r:.40} is no port of form picture or folder"


def _filled(card: WorkflowCard, workflow: Workflow) -> Iterator[str]:
    """Every node and input that the card fills in is there, and holds a value of that kind."""
    from .workflow_card import places

    taken: dict[tuple[str, str], str] = {}
    for where, word, place in places(card):
        name = workflow.find(word)
        if not name:
            yield f"{where} node: {_no_node(word, workflow)}"
            continue
        held = workflow.nodes[name].inputs
        if place not in held:
            values = [one for one, value in held.items() if not is_link(value)]
            have = ", ".join(values) or "none"
            yield f"{where} input: {workflow.words(name)} has no {place!r:.60}; it has {have}"
        elif is_link(held[place]):
            yield (
                f"{where} input: {workflow.words(name)} takes {place} from"
                f" {workflow.words(held[place][0])}: name that node's own value"
            )
        else:
            yield from _fits(where, held[place], card)
        if (name, place) in taken:
            yield f"{where} input: {taken[name, place]} fills in {word}.{place} already"
        taken[name, place] = where


def _fits(where: str, value: Any, card: WorkflowCard) -> Iterator[str]:
    """The workflow's own value is of the kind that would be put in its place."""
    table, _, name = where.strip("[]").partition(".")
    if table == "options":
        default = card.options[name].default
        number = isinstance(default, (int, float)) and not isinstance(default, bool)
        kinds: tuple[type, ...] = (int, float) if number else (type(default),)
    elif table == "ports":
        kinds = (str,)
    else:
        kinds = (int, float)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        word = _WORDS[kinds[0]]
        yield f"{where} input: the workflow holds {value!r:.40} there, which is no {word}"


def _no_node(word: str, workflow: Workflow) -> str:
    titled = sum(node.title == word for node in workflow.nodes.values())
    if titled > 1:
        return f"{titled} nodes are called {word!r:.60}; name one by its id"
    return f"the workflow has no node {word!r:.60}"


def _output(card: WorkflowCard, workflow: Workflow) -> Iterator[str]:
    name = workflow.find(card.output.node)
    if not name:
        yield f"[output] node: {_no_node(card.output.node, workflow)}"
        return
    node = workflow.nodes[name]
    takers = [
        other
        for other, one in workflow.nodes.items()
        if any(is_link(value) and value[0] == name for value in one.inputs.values())
    ]
    if takers:
        to = workflow.words(takers[0])
        yield f"[output] node: {workflow.words(name)} is no image output: {to} takes from it"
    elif not gives_pictures(node.kind) or not any(map(is_link, node.inputs.values())):
        yield f"[output] node: {workflow.words(name)} is no image output, such as SaveImage"
    if card.output.prefix and not isinstance(node.inputs.get(card.output.prefix), str):
        yield f"[output] prefix: {workflow.words(name)} has no words in {card.output.prefix!r:.60}"
