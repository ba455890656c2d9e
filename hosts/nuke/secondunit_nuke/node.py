"""The Second Unit node: an ordinary group, built by code, that opens and renders without us."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, List, Tuple

from secondunit_bridge.errors import FieldError, NoPlace

from .knobs import ASKED, STATE, add_knobs
from .state import State, read, written

if TYPE_CHECKING:
    from .host import Nuke

INPUTS = ("plate", "matte", "guide", "reference")
TILE = 0x3D6E78FF  # a quiet teal
_NAME = "SecondUnit"


@dataclass(frozen=True)
class Wish:
    """What the knobs ask for, read once."""

    work: str
    generator: str
    brief: str
    references: Tuple[str, ...]
    seed: int
    takes: int
    span: str  # input, script, custom
    first: int
    last: int
    head: int
    tail: int
    matte_channel: str
    cryptomatte: str  # names of objects; empty: the matte is a channel
    crypto_layer: str  # which Cryptomatte; empty: the first that has the names
    edge_zone: int
    draft: bool


def make(nuke: Nuke) -> Any:
    """A new node, its plate connected to what is selected. One step of undo."""
    chosen = nuke.selected()[-1:]
    with nuke.one_undo("Second Unit node"), nuke.root():
        group = nuke.make("Group", f"{_NAME}1")
        with group:
            inputs = [nuke.make("Input", name, number=at) for at, name in enumerate(INPUTS)]
            nuke.make("Output", "Output1", (inputs[0],))
        group["tile_color"].setValue(TILE)
        add_knobs(nuke, group)
        keep(group, State(guid=str(uuid.uuid4()), script=nuke.script()))
        if chosen:
            group.setInput(0, chosen[0])
            group.setXYpos(chosen[0].xpos(), chosen[0].ypos() + 90)
    return group


def ours(nuke: Nuke) -> List[Any]:
    """Every Second Unit node of the script, in the order of their names."""
    found = [node for node in nuke.nodes("Group") if node.knob(STATE) is not None]
    return sorted(found, key=lambda node: str(node.fullName()))


def state(node: Any) -> State:
    """What the node remembers. Raises FieldError."""
    return read(str(node[STATE].value()))


def keep(node: Any, now: State) -> None:
    """Have it remember this."""
    node[STATE].setValue(written(now))


def part(copies: List[Any]) -> List[Any]:
    """Give every node that is a copy of another a shot of its own; those that were given one."""
    seen, new = set(), []
    for node in copies:
        try:
            now = state(node)
        except FieldError:
            continue
        if now.guid in seen:
            keep(node, State(guid=str(uuid.uuid4()), script=now.script))
            new.append(node)
        seen.add(now.guid)
    return new


def wish(node: Any) -> Wish:
    """What the knobs say now."""
    # a node that an older Second Unit made lacks the newest
    value = {n: node[f"su_{n}"].value() if node.knob(f"su_{n}") else "" for n in ASKED}
    references = str(value["references"]).replace("\n", ";").split(";")
    return Wish(
        work=str(value["work"]),
        generator=str(value["generator"]).strip(),
        brief=str(value["brief"]).strip(),
        references=tuple(one.strip() for one in references if one.strip()),
        seed=int(value["seed"]),
        takes=max(1, int(value["takes"])),
        span=str(value["range"]),
        first=int(value["first"]),
        last=int(value["last"]),
        head=max(0, int(value["head"])),
        tail=max(0, int(value["tail"])),
        matte_channel=str(value["matte_channel"]).strip(),
        cryptomatte=str(value["cryptomatte"]).strip(),
        crypto_layer=str(value["crypto_layer"]).strip(),
        edge_zone=max(0, int(value["edge_zone"])),
        draft=value["quality"] == "draft",
    )


def inside(node: Any, name: str) -> Any:
    """A node of the group. Raises NoPlace when somebody removed it."""
    found = node.node(name)
    if found is None:
        raise NoPlace(
            f"{node.name()} has no {name} inside any more",
            hint="Undo what was changed inside the group, or make a new Second Unit node.",
        )
    return found


def say(node: Any, text: str) -> None:
    """A line in the node's own panel and under its name in the graph."""
    node["su_status"].setValue(text)
    node["label"].setValue(text)
