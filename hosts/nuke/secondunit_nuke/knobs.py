"""The knobs of a Second Unit node, in the order a compositor goes through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Tuple

if TYPE_CHECKING:
    from .host import Nuke

VIEWS = ("result", "plate", "version", "difference outside matte")
STATE = "su_state"
EDGE = 24  # pixels outside the matte that may change: what `clean_plate` takes by default
WORKS = ("plate", "insert", "pickup")
QUALITIES = ("finish", "draft")
ASKED = (
    "work", "generator", "brief", "references", "seed", "takes", "range", "first", "last",
    "head", "tail", "matte_channel", "cryptomatte", "crypto_layer", "edge_zone", "quality",
)  # fmt: skip
_OWN_LINE = ("turn_over", "up")  # buttons that begin a line
_AT_FIRST: Dict[str, Any] = {
    "takes": 1, "edge_zone": EDGE, "first": 1001, "last": 1001, "generator": "clean_plate",
    "matte_channel": "rgba.alpha", "grain_size": 1.5,
}  # fmt: skip


class _Knob(NamedTuple):
    kind: str
    name: str
    label: str
    tip: str = ""
    choices: Tuple[str, ...] = ()


def add_knobs(nuke: Nuke, group: Any) -> None:
    """Give a group those that it does not have: a new one all, an older one what is new."""
    for one in (*_WANTED, *_MATTE, *_RUN, *_LIVE):
        if group.knob(f"su_{one.name}") is None:
            _add(nuke, group, one)
    if group.knob(STATE) is None:
        memory = nuke.knob("String", STATE, STATE)
        memory.setFlag(nuke.flags["invisible"])
        group.addKnob(memory)


def _add(nuke: Nuke, group: Any, one: _Knob) -> None:
    value: Any = list(one.choices) if one.choices else None
    if one.kind == "PyScript":
        value = f"import secondunit_nuke.panel.buttons as su\nsu.{one.name}(nuke.thisNode())"
    elif one.kind == "Text":
        value = one.tip
    knob = nuke.knob(one.kind, f"su_{one.name}", one.label, value)
    if one.tip and one.kind != "Text":
        knob.setTooltip(one.tip)
    if one.kind == "PyScript" and one.name not in _OWN_LINE:
        knob.clearFlag(nuke.flags["startline"])
    group.addKnob(knob)
    if one.name in _AT_FIRST:
        group[f"su_{one.name}"].setValue(_AT_FIRST[one.name])


_WANTED: List[_Knob] = [
    _Knob("Tab", "tab", "Second Unit"),
    _Knob("Text", "status", "", "Connect plate and matte, then turn over."),
    _Knob("Enumeration", "work", "work", "plate: only what the matte covers changes.", WORKS),
    _Knob("String", "generator", "generator", "clean_plate removes, plate_in puts in."),
    _Knob("Multiline_Eval_String", "brief", "brief", "What you want to see, in words."),
    _Knob("String", "references", "references", "Files, with ; between them."),
    _Knob("Int", "seed", "seed"),
    _Knob("Int", "takes", "takes"),
    _Knob("Enumeration", "range", "range", "", ("input", "script", "custom")),
    _Knob("Int", "first", "first", "For a custom range."),
    _Knob("Int", "last", "last", "For a custom range."),
    _Knob("Int", "head", "head handle", "Frames before the range, where the plate has them."),
    _Knob("Int", "tail", "tail handle", "Frames after it."),
]
_MATTE: List[_Knob] = [
    _Knob("String", "matte_channel", "matte channel", "Of the matte input: 1 may change."),
    _Knob(
        "String",
        "cryptomatte",
        "Cryptomatte names",
        "Objects instead of a channel, with commas between; * and ? stand for any letters. They are"
        " looked for in the matte input, or in the plate where none is connected.",
    ),
    _Knob("String", "crypto_layer", "layer", "Which Cryptomatte; empty: the first that fits."),
    _Knob("Int", "edge_zone", "edge zone", "Pixels round the matte that may change too."),
]
_RUN: List[_Knob] = [
    _Knob("Enumeration", "quality", "quality", "For models: a draft is quicker.", QUALITIES),
    _Knob("PyScript", "turn_over", "Turn Over"),
    _Knob("PyScript", "extend", "Extend", "Shoot only what the cut lacks."),
]
_LIVE: List[_Knob] = [
    _Knob("Int", "soften", "soften edge", "Live, in pixels: softens the join, not the version."),
    _Knob(
        "Double",
        "grain",
        "grain",
        "Live, on the version only; 0 is none. For versions without grain of their own: models give"
        " none, clean_plate and plate_in give the plate's.",
    ),
    _Knob("Double", "grain_size", "grain size", "Live, in pixels."),
    _Knob("Enumeration", "view", "view", "Renders always give the result.", VIEWS),
    _Knob("PyScript", "up", "Version Up"),
    _Knob("PyScript", "down", "Version Down"),
    _Knob("PyScript", "finish", "Finish", "Shoot the draft that stands here at full quality."),
    _Knob("PyScript", "open", "Open Panel"),
]
