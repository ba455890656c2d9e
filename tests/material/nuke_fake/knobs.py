"""Knobs as Nuke's Python shows them: typed values, flags, expressions, and what they refuse."""

from __future__ import annotations

import re
from pathlib import Path

INVISIBLE, STARTLINE = 1024, 4096
USER_KINDS = {  # how `addUserKnob` numbers the classes in a script
    "String_Knob": 1, "File_Knob": 2, "Int_Knob": 3, "Enumeration_Knob": 4, "Boolean_Knob": 6,
    "Double_Knob": 7, "Tab_Knob": 20, "PyScript_Knob": 22, "Text_Knob": 26,
    "Multiline_Eval_String_Knob": 43,
}  # fmt: skip


class Knob:
    """One value of a node. Every access is refused off the main thread."""

    def __init__(self, name="", label=None, value=None):
        object.__setattr__(self, "_node", None)
        object.__setattr__(self, "_guard", lambda: None)
        self._name, self._label = name, label or name
        self._value = self._empty() if value is None else value
        self._expression, self._flags, self._user, self._tooltip = "", 0, False, ""
        self._set_by_hand = value is not None

    def __setattr__(self, name, value):
        if not name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no {name}")
        object.__setattr__(self, name, value)

    def _empty(self):
        return ""

    def _touched(self):
        self._guard()
        self._set_by_hand = True
        if self._node is not None:
            self._node._changing(self)

    def Class(self):
        self._guard()
        return type(self).__name__

    def name(self):
        self._guard()
        return self._name

    def label(self):
        self._guard()
        return self._label

    def node(self):
        self._guard()
        return self._node

    def value(self, index=0):
        self._guard()
        if self._expression:
            return self._node._fake.evaluated(self._expression, self._node)
        return self._value

    def getValue(self, channel=-1):
        return self.value()

    def setValue(self, val, chan=-1):
        self._touched()
        self._expression = ""
        self._value = self._taken(val)
        if self._node is not None:
            self._node._changed(self)
        return True

    def _taken(self, val):
        return val

    def setExpression(self, expression, index=-1, view=None):
        self._touched()
        self._expression = expression
        return True

    def hasExpression(self, index=-1):
        self._guard()
        return bool(self._expression)

    def isAnimated(self, channel=-1):
        self._guard()
        return False

    def setFlag(self, flag):
        self._guard()
        self._flags |= flag

    def clearFlag(self, flag):
        self._guard()
        self._flags &= ~flag

    def setTooltip(self, tooltip):
        self._guard()
        self._tooltip = tooltip

    def setVisible(self, visible):
        self._guard()

    def setEnabled(self, enabled):
        self._guard()

    def fromScript(self, script):
        self.setValue(script)

    def toScript(self, quote=True, context=None):
        self._guard()
        return str(self._value)

    def _from_text(self, text):
        """From a script's text."""
        self._value = text

    def _as_text(self):
        return str(self._value)


class String_Knob(Knob):
    def setValue(self, val, view=None):
        return super().setValue(val)

    def _taken(self, val):
        if not isinstance(val, str):
            raise TypeError(f"{self._name}: a string is needed")
        return val

    def setText(self, text):
        self.setValue(text)


class EvalString_Knob(String_Knob):
    pass


class Multiline_Eval_String_Knob(EvalString_Knob):
    pass


class Channel_Knob(Knob):
    def setValue(self, name):
        return super().setValue(name)

    def value(self):
        return super().value()

    def _taken(self, val):
        if not isinstance(val, str):
            raise TypeError(f"{self._name}: a channel's name is needed")
        return val


class Text_Knob(Knob):
    pass


class Tab_Knob(Knob):
    pass


class MetaData_Knob(String_Knob):
    pass


class PyScript_Knob(String_Knob):
    def execute(self):
        self._guard()
        raise AssertionError("a button is pressed by a person only")


class Script_Knob(String_Knob):
    """A button of Nuke's own: a Read's ``reload``."""

    def execute(self):
        self._guard()


class Int_Knob(Knob):
    def _empty(self):
        return 0

    def value(self, index=0):
        return int(super().value())

    def _taken(self, val):
        if isinstance(val, str):
            raise TypeError(f"{self._name}: a number is needed")
        return int(val)

    def _from_text(self, text):
        self._value = int(float(text))


class Double_Knob(Knob):
    def _empty(self):
        return 0.0

    def value(self, index=0):
        return float(super().value())

    def _taken(self, val):
        if isinstance(val, str):
            raise TypeError(f"{self._name}: a number is needed")
        return float(val)

    def _from_text(self, text):
        self._value = float(text)


class Boolean_Knob(Knob):
    def _empty(self):
        return False

    def value(self, index=0):
        return bool(super().value())

    def _taken(self, val):
        if isinstance(val, str):
            raise TypeError(f"{self._name}: true or false is needed")
        return bool(val)

    def _from_text(self, text):
        self._value = text in ("true", "1")

    def _as_text(self):
        return "true" if self._value else "false"


class Enumeration_Knob(Knob):
    def __init__(self, name="", label=None, values=()):
        super().__init__(name, label)
        self._values = list(values)
        self._value = self._values[0] if self._values else ""
        self._set_by_hand = False

    def values(self):
        self._guard()
        return list(self._values)

    def setValues(self, values):
        self._guard()
        self._values = list(values)

    def numValues(self):
        self._guard()
        return len(self._values)

    def value(self):
        self._guard()
        return self._value

    def getValue(self, channel=-1):
        self._guard()
        return float(self._values.index(self._value))

    def setValue(self, val, chan=-1):
        return super().setValue(val)

    def _taken(self, val):
        if isinstance(val, str):
            if val not in self._values:
                raise ValueError(f"{self._name} has no value {val!r}")
            return val
        return self._values[int(val)]


class Unsigned_Knob(Int_Knob):
    pass


class Disable_Knob(Boolean_Knob):
    pass


class Format_Knob(Knob):
    def _from_text(self, text):
        self._value = text


class BBox_Knob(Knob):
    def _empty(self):
        return (0.0, 0.0, 100.0, 100.0)

    def _taken(self, val):
        return tuple(float(one) for one in val)

    def _from_text(self, text):
        self._value = tuple(float(one) for one in text.split())

    def _as_text(self):
        return "{" + " ".join(f"{one:g}" for one in self._value) + "}"


_RANGED = re.compile(r"(.*\S)\s+(-?\d+)-(-?\d+)$")


class File_Knob(EvalString_Knob):
    def value(self, oc=None):
        return super().value()

    def getEvaluatedValue(self, oc=None):
        """With TCL done: an unescaped bracket or dollar is code, as in Nuke."""
        text = self.value()
        if re.search(r"(?<!\\)[\[$]", text):
            raise RuntimeError(f"{self._name}: TCL error in {text!r}")
        return re.sub(r"\\([\[\]$\\])", r"\1", text)

    def fromUserText(self, text):
        """A path and, after a blank, its range, as pasted from a browser."""
        self._guard()
        ranged = _RANGED.match(text)
        self.setValue(ranged[1] if ranged else text)
        if ranged and self._node is not None and self._node.Class() == "Read":
            self._node._ranged(int(ranged[2]), int(ranged[3]))


def on_disk(path: str) -> list[int]:
    """The numbers of a pattern's files."""
    folder, name = Path(path).parent, Path(path).name
    match = re.search(r"%0?\d*d|#+", name)
    if match is None:
        return []
    wanted = re.compile(
        re.escape(name[: match.start()]) + r"(-?\d+)" + re.escape(name[match.end() :]) + "$"
    )
    there = folder.iterdir() if folder.is_dir() else ()
    return sorted(int(found[1]) for one in there if (found := wanted.match(one.name)))


def framed(path: str, number: int) -> str:
    """A pattern's file of one frame."""
    path = re.sub(r"%0?(\d*)d", lambda m: f"{number:0{m[1] or 1}d}", path)
    return re.sub(r"#+", lambda m: f"{number:0{len(m[0])}d}", path)
