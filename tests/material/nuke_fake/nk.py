"""Reads Nuke's script files: TCL words, nodes with their knobs, the stack that connects them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Said:
    """One command: a node with its body, or `push`, `set`, `end_group` and others."""

    word: str
    arguments: list = field(default_factory=list)
    body: list | None = None  # of a node: (knob, value, braced)


class NotNuke(ValueError):
    """The text is no script."""


class _Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def _skip(self, blanks):
        while self.at < len(self.text) and self.text[self.at] in blanks:
            self.at += 1

    def line(self):
        """The words of the next command; None at the end."""
        while True:
            self._skip(" \t\r\n;")
            if self.at >= len(self.text):
                return None
            if self.text[self.at] != "#":
                break
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
        words = []
        while True:
            self._skip(" \t\r")
            if self.at >= len(self.text) or self.text[self.at] in "\n;":
                return words
            if self.text.startswith("\\\n", self.at):
                self.at += 2
                continue
            words.append(self._word())

    def _word(self):
        opening = self.text[self.at]
        if opening == "{":
            return self._braced(), "{"
        if opening == '"':
            return self._quoted(), '"'
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in " \t\r\n;":
            if self.text[self.at] == "[":
                self._bracketed()
                continue
            self.at += 2 if self.text[self.at] == "\\" else 1
        return self.text[start : self.at], ""

    def _bracketed(self):
        depth = 0
        while self.at < len(self.text):
            depth += {"[": 1, "]": -1}.get(self.text[self.at], 0)
            self.at += 1
            if not depth:
                return
        raise NotNuke("a bracket is not closed")

    def _braced(self):
        start, depth = self.at + 1, 0
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter == "\\":
                self.at += 2
                continue
            depth += {"{": 1, "}": -1}.get(letter, 0)
            self.at += 1
            if not depth:
                return self.text[start : self.at - 1]
        raise NotNuke("a brace is not closed")

    def _quoted(self):
        self.at += 1
        out = []
        while self.at < len(self.text):
            letter = self.text[self.at]
            self.at += 1
            if letter == '"':
                return "".join(out)
            if letter == "\\" and self.at < len(self.text):
                letter = {"n": "\n", "t": "\t"}.get(self.text[self.at], self.text[self.at])
                self.at += 1
            out.append(letter)
        raise NotNuke("a quotation is not closed")


def commands(text):
    """Every command of a script, in order. Raises NotNuke."""
    reader, out, depth = _Reader(text), [], 0
    while (words := reader.line()) is not None:
        (first, _), rest = words[0], words[1:]
        if first == "clone" and rest and rest[-1][1] == "{":
            out.append(Said(first, [word for word, _ in rest[:-1]], _body(rest[-1][0])))
            continue
        is_node = len(rest) == 1 and rest[0][1] == "{" and first[:1].isalpha()
        if is_node and first not in (
            "set",
            "push",
            "add_layer",
            "version",
            "puts",
            "define_window_layout_xml",
        ):
            out.append(Said(first, [], _body(rest[0][0])))
            depth += first in ("Group", "LiveGroup")
        else:
            out.append(Said(first, [word for word, _ in rest]))
            depth -= first == "end_group"
        if depth < 0:
            raise NotNuke("a group ends that did not begin")
    if depth:
        raise NotNuke("a group does not end")
    return out


def _body(text):
    reader, out = _Reader(text), []
    while (words := reader.line()) is not None:
        name = words[0][0]
        if len(words) == 2:
            out.append((name, words[1][0], words[1][1]))
        elif name == "addUserKnob" or len(words) == 1:
            out.append((name, "", "{"))
        else:
            out.append((name, " ".join(word for word, _ in words[1:]), ""))
    return out


@dataclass
class Parsed:
    """A node as a script says it: class, knobs by name, inputs, and what is inside."""

    kind: str
    knobs: dict
    user: list
    inputs: list
    inside: list = field(default_factory=list)

    @property
    def name(self):
        return self.knobs.get("name", ("", ""))[0]


def parsed(text, *, strict=False):
    """The nodes of a script, connected. ``strict`` raises NotNuke where the stack is too short:
    people paste parts of scripts, we never write one.
    """
    return _level(iter(commands(text)), inside=False, strict=strict)


def _level(said, *, inside, strict):
    stack, names, nodes = [], {}, []
    for one in said:
        if one.body is None:
            if one.word == "end_group" and inside:
                return nodes
            _stacked(one, stack, names)
            continue
        node = _cloned(one, names) if one.word == "clone" else Parsed(one.word, {}, [], [])
        for name, value, how in one.body:
            if name == "addUserKnob":
                node.user.append(value)
            else:
                node.knobs[name] = (value, how)
        if one.word == "Root":
            nodes.append(node)
            continue
        count = sum(int(n) for n in node.knobs.pop("inputs", ("1", ""))[0].split("+"))
        if strict and count > len(stack):
            raise NotNuke(f"{node.name} takes {count} inputs of a stack of {len(stack)}")
        node.inputs = [stack.pop() if stack else None for _ in range(count)]
        if node.kind in ("Group", "LiveGroup") and one.word != "clone":
            node.inside = _level(said, inside=True, strict=strict)
        nodes.append(node)
        stack.append(node)
    if inside:
        raise NotNuke("a group does not end")
    return nodes


def _cloned(one, names):
    """``clone node7f|Blur|1 Blur {...}`` is the first, ``clone $C7f {...}`` another of it."""
    first = one.arguments[0]
    if not first.startswith("$"):
        return Parsed(one.arguments[-1], {}, [], [])
    source = _named(first, names)
    knobs = {name: said for name, said in source.knobs.items() if name != "inputs"}
    return Parsed(source.kind, {**knobs, "inputs": (str(len(source.inputs)), "")}, [], [])


def _named(word, names):
    if word[1:] not in names:
        raise NotNuke(f"{word} was never set")
    return names[word[1:]]


def _stacked(one, stack, names):
    if one.word == "push":
        word = one.arguments[0]
        if word == "0" or word.startswith("$cut"):
            stack.append(None)
        elif word.startswith("$"):
            stack.append(_named(word, names))
        else:
            raise NotNuke(f"push {word}")
    elif one.word == "set" and one.arguments[1].strip("[]").startswith("stack"):
        depth = int(one.arguments[1].strip("[]").split()[-1])
        names[one.arguments[0]] = stack[-1 - depth] if len(stack) > depth else None
