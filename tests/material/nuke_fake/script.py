"""A fake's nodes as a Nuke script, and back."""

from __future__ import annotations

import re

from . import knobs as K
from . import nk
from .nodes import KINDS

_BY_NUMBER = {number: name for name, number in K.USER_KINDS.items()}


def written(root):
    """The script's text."""
    head = ["#! nuke -nx", "version 15.0 v1", "Root {", *_knob_lines(root, skip=("name",)), "}"]
    return "\n".join([*head, *_children(root)]) + "\n"


def _children(group):
    out = []
    inside = _sorted(group._children)
    names = {node: f"N{index:x}" for index, node in enumerate(inside, 1)}
    for node in inside:
        for source in reversed(node._inputs):
            out.append("push 0" if source is None else f"push ${names[source]}")
        out.append(f"{node._kind} {{")
        out.append(f" inputs {len(node._inputs)}")
        out += _knob_lines(node)
        out.append("}")
        if node._kind == "Group":
            out += [f" {line}" if line else line for line in _children(node)]
            out.append("end_group")
        out.append(f"set {names[node]} [stack 0]")
    return out


def _sorted(nodes):
    """What feeds comes before what is fed."""
    out, seen = [], set()

    def visit(node):
        if node is None or node in seen:
            return
        seen.add(node)
        for source in node._inputs:
            visit(source)
        out.append(node)

    for node in nodes:
        visit(node)
    return out


def _knob_lines(node, skip=()):
    for name, knob in node._knobs.items():
        if knob._user:
            number = K.USER_KINDS[knob.Class()]
            values = f" M {{{' '.join(_word(v) for v in knob._values)}}}" if number == 4 else ""
            code = f" T {_word(knob._value)}" if number in (22, 26) and knob._value else ""
            tip = f" t {_word(knob._tooltip)}" if knob._tooltip else ""
            flags = " +INVISIBLE" if knob._flags & K.INVISIBLE else ""
            flags += " +STARTLINE" if knob._flags & K.STARTLINE else ""
            label = _word(knob._label)
            yield f" addUserKnob {{{number} {name} l {label}{tip}{values}{code}{flags}}}"
            if number in (20, 22, 26):
                continue
        elif not knob._set_by_hand and name != "name":
            continue
        if name in skip or name == "selected" or knob.Class() == "Script_Knob":
            continue
        if knob._expression:
            yield f' {name} {{{{"{_escaped(knob._expression)}"}}}}'
        elif isinstance(knob, K.BBox_Knob):
            yield f" {name} {knob._as_text()}"
        elif isinstance(knob, K.MetaData_Knob):
            yield f" {name} {{\n  {knob._value}\n }}"
        else:
            yield f" {name} {_word(knob._as_text())}"


def _escaped(text):
    for letter in '\\"$[{}':
        text = text.replace(letter, f"\\{letter}")
    return text.replace("\n", "\\n")


def _word(text):
    if re.fullmatch(r"[A-Za-z0-9_./:%#+-]+", text):
        return text
    return f'"{_escaped(text)}"'


def load(fake, text):
    """Build the nodes of a text in the fake's empty root."""
    for node in nk.parsed(text, strict=True):
        if node.kind == "Root":
            _set(fake._root, node)
    _build(fake, fake._root, [n for n in nk.parsed(text) if n.kind != "Root"])


def _build(fake, group, nodes):
    made = {}
    for one in nodes:
        if one.kind not in KINDS:
            raise RuntimeError(f"{one.kind}: Unknown command")
        node = fake._new(one.kind, group, one.name)
        made[id(one)] = node
        _set(node, one)
        if one.inside:
            _build(fake, node, one.inside)
        node._inputs = [made.get(id(source)) for source in one.inputs]
        while node._inputs and node._inputs[-1] is None:
            node._inputs.pop()


def _set(node, one):
    for text in one.user:
        node._adopt(_user_knob(text))
    if "file_type" in one.knobs and one.kind == "Write":
        node._knobs["file_type"]._value = "exr"
        node._changed(node._knobs["file_type"])
    for name, (text, how) in one.knobs.items():
        if name == "name":
            node._knobs["name"]._value = text
            continue
        if name not in node._knobs:
            raise RuntimeError(f"{one.kind}: no knob {name}")
        knob = node._knobs[name]
        knob._set_by_hand = True
        if how == "{" and text.startswith("{"):
            inner = nk._Reader(text.strip()[1:-1]).line()
            if isinstance(knob, K.MetaData_Knob):
                knob._value = text.strip()
            else:
                knob._expression = inner[0][0]
        else:
            knob._from_text(text.strip() if how == "{" else text)


def _user_knob(text):
    words = [word for word, _ in nk._Reader(text).line()]
    number, name, rest = int(words[0]), words[1], words[2:]
    said = {rest[n]: rest[n + 1] for n in range(0, len(rest) - 1, 2) if not rest[n].startswith("+")}
    kind = getattr(K, _BY_NUMBER[number])
    if number == 4:
        values = [word for word, _ in nk._Reader(said["M"]).line()]
        knob = kind(name, said.get("l", name), values)
    elif number in (22, 26):
        knob = kind(name, said.get("l", name), said.get("T", ""))
    else:
        knob = kind(name, said.get("l", name))
    knob._user, knob._tooltip = True, said.get("t", "")
    knob._flags = K.INVISIBLE * ("+INVISIBLE" in rest) | K.STARTLINE * ("+STARTLINE" in rest)
    return knob
