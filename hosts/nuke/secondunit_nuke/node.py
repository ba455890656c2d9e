"""The Second Unit node: an ordinary group, built by code, that opens and renders without us."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from secondunit_bridge.errors import FieldError, NoPlace

from .state import State, read, written

if TYPE_CHECKING:
    from .host import Nuke

INPUTS = ("plate", "matte", "guide", "reference")
VIEWS = ("result", "plate", "version", "difference outside matte")
STATE = "su_state"
TILE = 0x3D6E78FF  # a quiet teal
EDGE = 24  # pixels outside the matte that may change: what `clean_plate` takes by default
WORKS = ("plate", "insert", "pickup")
QUALITIES = ("finish", "draft")
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
    cryptomatte: str
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
        _add_knobs(nuke, group)
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
    value = {name: node[f"su_{name}"].value() for name in _VALUES}
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


_VALUES = (
    "work", "generator", "brief", "references", "seed", "takes", "range", "first", "last",
    "head", "tail", "matte_channel", "cryptomatte", "edge_zone", "quality",
)  # fmt: skip


def _add_knobs(nuke: Nuke, group: Any) -> None:
    for kind, name, label, value, tip in _knobs():
        knob = nuke.knob(kind, f"su_{name}", label, value)
        if tip:
            knob.setTooltip(tip)
        if kind == "PyScript" and name not in ("turn_over", "up"):
            knob.clearFlag(nuke.flags["startline"])
        group.addKnob(knob)
    for name, number in _NUMBERS.items():
        group[f"su_{name}"].setValue(number)
    group["su_generator"].setValue("clean_plate")
    group["su_matte_channel"].setValue("rgba.alpha")
    memory = nuke.knob("String", STATE, STATE)
    memory.setFlag(nuke.flags["invisible"])
    group.addKnob(memory)


_NUMBERS: Dict[str, int] = {"takes": 1, "edge_zone": EDGE, "first": 1001, "last": 1001}


def _knobs() -> List[Tuple[str, str, str, Any, str]]:
    return [
        ("Tab", "tab", "Second Unit", None, ""),
        ("Text", "status", "", "Connect plate and matte, then turn over.", ""),
        ("Enumeration", "work", "work", list(WORKS), "plate: only what the matte covers changes."),
        ("String", "generator", "generator", None, "clean_plate removes, plate_in puts in."),
        ("Multiline_Eval_String", "brief", "brief", None, "What you want to see, in words."),
        ("String", "references", "references", None, "Files, with ; between them."),
        ("Int", "seed", "seed", None, ""),
        ("Int", "takes", "takes", None, ""),
        ("Enumeration", "range", "range", ["input", "script", "custom"], ""),
        ("Int", "first", "first", None, "For a custom range."),
        ("Int", "last", "last", None, "For a custom range."),
        ("Int", "head", "head handle", None, "Frames before the range, where the plate has them."),
        ("Int", "tail", "tail handle", None, "Frames after it."),
        ("String", "matte_channel", "matte channel", None, "Of the matte input: 1 may change."),
        ("String", "cryptomatte", "Cryptomatte names", None, "Instead of a channel."),
        ("Int", "edge_zone", "edge zone", None, "Pixels round the matte that may change too."),
        (
            "Int",
            "soften",
            "soften edge",
            None,
            "Live, in pixels: softens the join, not the version.",
        ),
        ("Enumeration", "quality", "quality", list(QUALITIES), "For models: a draft is quicker."),
        ("PyScript", "turn_over", "Turn Over", _button("turn_over"), ""),
        ("PyScript", "extend", "Extend", _button("extend"), "Shoot only what the cut lacks."),
        ("Enumeration", "view", "view", list(VIEWS), "Renders always give the result."),
        ("PyScript", "up", "Version Up", _button("up"), ""),
        ("PyScript", "down", "Version Down", _button("down"), ""),
        ("PyScript", "panel", "Open Panel", _button("open"), ""),
    ]


def _button(act: str) -> str:
    return f"import secondunit_nuke.panel.buttons as su\nsu.{act}(nuke.thisNode())"
