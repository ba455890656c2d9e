"""The Second Unit node: an ordinary group, built by code, that opens and renders without us."""

from __future__ import annotations

import re
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Tuple

from secondunit_bridge.errors import FieldError, NoPlace

from .knobs import ASKED, STATE, VIEWS, add_knobs
from .state import State, read, written

if TYPE_CHECKING:
    from .host import Nuke

INPUTS = ("plate", "matte", "guide", "reference")
TILE = 0x3D6E78FF  # a quiet teal
_NAME = "SecondUnit"
_COUNTED = re.compile(r"(\D*)(\d*)")


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
    """A new node, its plate connected to what is selected, beside it. One step of undo."""
    chosen = nuke.selected()[-1:]
    place = chosen[0].parent() if chosen else nuke.root()
    with nuke.one_undo("Second Unit node"), place:
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
    """Every Second Unit node of the script, in the order of their names: 9 before 10."""
    found = [node for node in nuke.nodes("Group") if node.knob(STATE) is not None]
    return sorted(found, key=lambda node: _counted(str(node.fullName())))


def _counted(name: str) -> List[Tuple[str, int]]:
    return [(text, int(number or 0)) for text, number in _COUNTED.findall(name)]


def state(node: Any) -> State:
    """What the node remembers. Raises FieldError."""
    return read(str(node[STATE].value()))


def keep(node: Any, now: State) -> None:
    """Have it remember this."""
    node[STATE].setValue(written(now))


def part(found: List[Any], known: Mapping[str, str]) -> List[Any]:
    """Give every node that is a copy of another a shot of its own; those that were given one.

    ``known``: by a shot's guid the node that had it before, which keeps it; else the first does.
    What stands in a copy goes on standing there.
    """
    whose: Dict[str, Any] = {}
    for node in reversed(found):
        guid = _guid(node)
        if guid and (guid not in whose or known.get(guid) != str(whose[guid].fullName())):
            whose[guid] = node
    copies = [node for node in found if _guid(node) and whose[_guid(node)] is not node]
    for node in copies:
        keep(node, apart(state(node)))
    return copies


def apart(now: State) -> State:
    """A shot of its own that was not turned over yet; what stands goes on standing."""
    fresh = State(guid=str(uuid.uuid4()), script=now.script, pieces=now.pieces)
    return replace(fresh, drafts=now.drafts)


def _guid(node: Any) -> str:
    try:
        return state(node).guid
    except FieldError:
        return ""


@contextmanager
def results(nuke: Nuke) -> Iterator[None]:
    """Every Second Unit node gives its result, whatever a person looks at.

    Nuke renders what is handed over in its own window, where the view is what counts.
    """
    looked = [(node["su_view"], node["su_view"].value()) for node in ours(nuke)]
    turned = [(knob, view) for knob, view in looked if view != VIEWS[0]]
    with nuke.no_undo():
        for knob, _ in turned:
            knob.setValue(VIEWS[0])
        try:
            yield
        finally:
            for knob, view in turned:
                knob.setValue(view)


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
