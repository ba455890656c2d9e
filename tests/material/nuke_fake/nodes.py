"""Nodes as Nuke's Python shows them: knobs by class, inputs, groups, and what they refuse."""

from __future__ import annotations

import itertools
import re

from . import knobs as K
from .knobs import framed, on_disk

_SERIAL = itertools.count(1)
ALL_SPACES = "colorspaces of the script"

_EVERY = (
    ("name", K.String_Knob, ""), ("label", K.Multiline_Eval_String_Knob, ""),
    ("xpos", K.Int_Knob, 0), ("ypos", K.Int_Knob, 0), ("tile_color", K.Unsigned_Knob, 0),
    ("selected", K.Boolean_Knob, False), ("note_font_size", K.Double_Knob, 11),
    ("hide_input", K.Boolean_Knob, False),
)  # fmt: skip
_OFF = (("disable", K.Disable_Knob, False),)
_READ = (
    ("file_type", K.Enumeration_Knob, [" ", "exr", "dpx", "png", "mov"]),
    ("file", K.File_Knob, ""), ("format", K.Format_Knob, ""), ("proxy", K.File_Knob, ""),
    ("first", K.Int_Knob, 1), ("last", K.Int_Knob, 1),
    ("before", K.Enumeration_Knob, ["hold", "loop", "bounce", "black"]),
    ("after", K.Enumeration_Knob, ["hold", "loop", "bounce", "black"]),
    ("frame_mode", K.Enumeration_Knob, ["expression", "start at", "offset"]),
    ("frame", K.String_Knob, ""), ("origfirst", K.Int_Knob, 1), ("origlast", K.Int_Knob, 1),
    ("on_error", K.Enumeration_Knob, ["error", "black", "checkerboard", "nearest frame"]),
    ("colorspace", K.Enumeration_Knob, ALL_SPACES), ("premultiplied", K.Boolean_Knob, False),
    ("raw", K.Boolean_Knob, False), ("auto_alpha", K.Boolean_Knob, False),
    ("reload", K.Script_Knob, ""),
)  # fmt: skip
_WRITE = (
    ("channels", K.Channel_Knob, "rgb"), ("file", K.File_Knob, ""),
    ("file_type", K.Enumeration_Knob, [" ", "exr", "dpx", "png", "mov"]),
    ("colorspace", K.Enumeration_Knob, ALL_SPACES), ("raw", K.Boolean_Knob, False),
    ("create_directories", K.Boolean_Knob, False), ("views", K.String_Knob, ""),
    ("use_limit", K.Boolean_Knob, False), ("first", K.Int_Knob, 1), ("last", K.Int_Knob, 1),
)  # fmt: skip
_WRITE_EXR = (  # appear when `file_type` is exr, and not before
    ("datatype", K.Enumeration_Knob, ["16 bit half", "32 bit float"]),
    ("compression", K.Enumeration_Knob,
     ["none", "Zip (1 scanline)", "Zip (16 scanlines)", "PIZ Wavelet (32 scanlines)"]),
    ("autocrop", K.Boolean_Knob, False),
    ("metadata", K.Enumeration_Knob,
     ["no metadata", "default metadata", "default metadata and exr/*", "all metadata"]),
)  # fmt: skip
_BBOX = ["union", "intersection", "A", "B"]
KINDS = {  # class: (knobs, most inputs)
    "Read": (_READ + _OFF, 0),
    "Write": (_WRITE + _OFF, 1),
    "Merge2": ((
        ("operation", K.Enumeration_Knob,
         ["over", "copy", "difference", "in", "mask", "multiply", "plus", "stencil", "under"]),
        ("bbox", K.Enumeration_Knob, _BBOX), ("mix", K.Double_Knob, 1.0),
        ("Achannels", K.Channel_Knob, "rgba"), ("Bchannels", K.Channel_Knob, "rgba"),
        ("output", K.Channel_Knob, "rgba"), ("also_merge", K.Channel_Knob, "none"),
        ("maskChannelInput", K.Channel_Knob, "none"), *_OFF), 3),
    "Copy": (tuple((f"{way}{n}", K.Channel_Knob, "none") for n in range(4)
                   for way in ("from", "to")) + _OFF, 3),
    "Shuffle": ((("in", K.Channel_Knob, "rgba"), *((n, K.String_Knob, n) for n in
                ("red", "green", "blue", "alpha")), *_OFF), 1),
    "Remove": ((("operation", K.Enumeration_Knob, ["remove", "keep"]),
                ("channels", K.Channel_Knob, "all"),
                *((f"channels{n}", K.Channel_Knob, "none") for n in "234"), *_OFF), 1),
    "Crop": ((("box", K.BBox_Knob, None), ("reformat", K.Boolean_Knob, False),
              ("crop", K.Boolean_Knob, True), *_OFF), 1),
    "Grade": ((("channels", K.Channel_Knob, "rgb"), ("white", K.Double_Knob, 1.0),
               ("multiply", K.Double_Knob, 1.0), ("add", K.Double_Knob, 0.0),
               ("gamma", K.Double_Knob, 1.0), *_OFF), 2),
    "Reformat": ((("format", K.Format_Knob, ""), *_OFF), 1),
    "Dilate": ((("channels", K.Channel_Knob, "all"), ("size", K.Double_Knob, 0.0), *_OFF), 1),
    "Blur": ((("channels", K.Channel_Knob, "all"), ("size", K.Double_Knob, 0.0), *_OFF), 2),
    "Expression": (tuple((f"expr{n}", K.String_Knob, "") for n in range(4)) + _OFF, 1),
    "Switch": ((("which", K.Double_Knob, 0.0), *_OFF), 99),
    "TimeOffset": ((("time_offset", K.Int_Knob, 0), *_OFF), 1),
    "ModifyMetaData": ((("metadata", K.MetaData_Knob, ""), *_OFF), 1),
    "NoOp": (_OFF, 1),
    "Dot": ((), 1),
    "BackdropNode": ((("bdwidth", K.Int_Knob, 80), ("bdheight", K.Int_Knob, 60),
                      ("z_order", K.Double_Knob, 0.0)), 0),
    "Viewer": ((), 10),
    "Input": ((("number", K.Int_Knob, 0),), 0),
    "Output": ((), 1),
    "Group": (_OFF, 0),
    "Root": ((
        ("first_frame", K.Int_Knob, 1), ("last_frame", K.Int_Knob, 100), ("fps", K.Double_Knob, 24),
        ("format", K.Format_Knob, "96 54 0 0 96 54 1 tiny"), ("proxy", K.Boolean_Knob, False),
        ("frame", K.Int_Knob, 1),
        ("colorManagement", K.Enumeration_Knob, ["OCIO", "Nuke"]),
        ("OCIO_config", K.Enumeration_Knob, ["fn-nuke_cg-config-v1.0.0_aces-v1.3", "custom"]),
        ("customOCIOConfigPath", K.File_Knob, ""),
        ("workingSpaceLUT", K.String_Knob, "ACEScg"), ("views", K.String_Knob, "main"),
    ), 0),
}  # fmt: skip


class Node:
    """One node. Unknown attributes raise; access off the main thread fails the test."""

    def __init__(self, fake, kind, parent, name):
        object.__setattr__(self, "_fake", fake)
        self._kind, self._parent, self._inputs, self._alive = kind, parent, [], True
        self._serial, self._knobs, self._locked = next(_SERIAL), {}, False
        for knob_name, knob_kind, value in (*_EVERY, *KINDS[kind][0]):
            self._made(knob_name, knob_kind, value)
        self._knobs["name"]._value = name

    def __setattr__(self, name, value):
        if not name.startswith("_"):
            raise AttributeError(f"a node has no {name}")
        object.__setattr__(self, name, value)

    def _made(self, name, kind, value):
        if kind is K.Enumeration_Knob:
            values = self._fake.spaces() if value is ALL_SPACES else value
            knob = kind(name, name, values)
        else:
            knob = kind(name, name, value)
        knob._set_by_hand = False
        self._adopt(knob)

    def _adopt(self, knob):
        knob._node = self
        knob._guard = self._guard
        self._knobs[knob._name] = knob

    def _guard(self):
        self._fake.on_main()
        if not self._alive:
            raise ValueError("A PythonObject is not attached to a node")

    def _changing(self, knob):
        self._fake.about_to_change()

    def _changed(self, knob):
        if self._kind == "Read" and knob._name == "file":
            self._reset()
        if self._kind == "Write" and knob._name == "file_type" and knob._value == "exr":
            for name, kind, value in _WRITE_EXR:
                if name not in self._knobs:
                    self._made(name, kind, value)

    def _reset(self):
        """What Nuke does to a Read whose file changes: everything that was set is gone."""
        for name in ("colorspace", "on_error", "frame_mode", "before", "after"):
            knob = self._knobs[name]
            knob._value = knob._values[0]
        self._knobs["frame"]._value, self._knobs["raw"]._value = "", False
        numbers = (self._fake.ranged and on_disk(self._knobs["file"]._value)) or [1]
        self._ranged(numbers[0], numbers[-1])

    def _ranged(self, first, last):
        for name, number in (("first", first), ("last", last), ("origfirst", first),
                             ("origlast", last)):  # fmt: skip
            self._knobs[name]._value, self._knobs[name]._set_by_hand = number, True

    def Class(self):
        self._guard()
        return self._kind

    def name(self):
        self._guard()
        return self._knobs["name"]._value

    def fullName(self):
        self._guard()
        above = self._parent
        return (
            self.name()
            if above is None or above._kind == "Root"
            else (f"{above.fullName()}.{self.name()}")
        )

    def setName(self, name, uncollide=True, updateExpressions=False):
        self._guard()
        self._fake.about_to_change()
        taken = {one.name() for one in self._parent._children if one is not self}
        if name in taken:
            stem = re.sub(r"\d+$", "", name)
            name = next(f"{stem}{n}" for n in itertools.count(1) if f"{stem}{n}" not in taken)
        self._knobs["name"]._value = name

    def __getitem__(self, name):
        self._guard()
        if name not in self._knobs:
            raise NameError(f"knob {name} does not exist")
        return self._knobs[name]

    def knob(self, p, follow_link=False):
        self._guard()
        return self._knobs.get(p)

    def knobs(self):
        self._guard()
        return dict(self._knobs)

    def addKnob(self, knob):
        self._guard()
        self._fake.about_to_change()
        if knob._name in self._knobs:
            raise ValueError(f"a knob {knob._name} is there")
        knob._user = True
        self._adopt(knob)

    def removeKnob(self, knob):
        self._guard()
        self._fake.about_to_change()
        del self._knobs[knob._name]

    def maxInputs(self):
        self._guard()
        return KINDS[self._kind][1]

    def inputs(self):
        self._guard()
        return len(self._inputs)

    def input(self, index):
        self._guard()
        return self._inputs[index] if index < len(self._inputs) else None

    def setInput(self, i, node):
        self._guard()
        if node is not None:
            node._guard()
            if node._parent is not self._parent:
                raise ValueError("a node of another group cannot be connected")
        if i >= self.maxInputs():
            return False
        self._fake.about_to_change()
        while len(self._inputs) <= i:
            self._inputs.append(None)
        self._inputs[i] = node
        while self._inputs and self._inputs[-1] is None:
            self._inputs.pop()
        return True

    def connectInput(self, i, node):
        return self.setInput(i, node)

    def dependent(self, mask=7, forceEvaluate=True):
        self._guard()
        return [one for one in self._parent._children if self in one._inputs]

    def parent(self):
        self._guard()
        return self._parent

    def xpos(self):
        return self["xpos"].value()

    def ypos(self):
        return self["ypos"].value()

    def setXYpos(self, x, y):
        self._guard()
        self._fake.about_to_change()
        self._knobs["xpos"]._value, self._knobs["ypos"]._value = int(x), int(y)

    def setSelected(self, selected):
        self._guard()
        self._knobs["selected"]._value = bool(selected)  # selecting is no undo step

    def isSelected(self):
        return self["selected"].value()

    def showControlPanel(self, forceFloat=False):
        self._guard()
        self._fake.gui_only("a panel of properties")

    def screenWidth(self):
        self._guard()
        return 80

    def screenHeight(self):
        self._guard()
        return 20

    def width(self):
        return self.format().width()

    def height(self):
        return self.format().height()

    def format(self):
        self._guard()
        return self._fake.format_of(self)

    def pixelAspect(self):
        return self.format().pixelAspect()

    def bbox(self):
        self._guard()
        return self._fake.bbox_of(self)

    def channels(self):
        self._guard()
        return sorted(self._fake.image(self).channels)

    def metadata(self, key=None, time=None, view=None):
        self._guard()
        said = self._fake.image(self).said
        return dict(said) if key is None else said.get(key)

    def firstFrame(self):
        return self.frameRange().first()

    def lastFrame(self):
        return self.frameRange().last()

    def frameRange(self):
        self._guard()
        return self._fake.range_of(self)

    def error(self):
        return self.hasError()

    def hasError(self):
        self._guard()
        if self._kind != "Read":
            return False
        knobs = self._knobs
        file = knobs["file"]._value
        numbers = set(on_disk(file))
        return not set(range(knobs["first"]._value, knobs["last"]._value + 1)) <= numbers


class Group(Node):
    """A group: its inside is entered with ``with``."""

    def __init__(self, fake, kind, parent, name):
        self._children = []
        super().__init__(fake, kind, parent, name)

    def maxInputs(self):
        self._guard()
        return sum(one._kind == "Input" for one in self._children)

    def begin(self):
        self._guard()
        self._fake.entered(self)
        return self

    def end(self):
        self._guard()
        self._fake.left()

    def __enter__(self):
        return self.begin()

    def __exit__(self, type, value, traceback):
        self._fake.left()

    def node(self, s):
        self._guard()
        return next((one for one in self._children if one.name() == s), None)

    def nodes(self):
        self._guard()
        return list(self._children)


class Root(Group):
    """The script itself."""

    def realFps(self):
        return self["fps"].value()

    def modified(self):
        self._guard()
        return self._fake.modified

    def setModified(self, modified):
        self._guard()
        self._fake.modified = bool(modified)


def file_at(read, frame):
    """The file a Read shows at a frame of the script; None for black."""
    knobs = read._knobs
    first, last, mode = (knobs[n]._value for n in ("first", "last", "frame_mode"))
    number = frame
    if mode == "start at" and knobs["frame"]._value:
        number = frame - int(knobs["frame"]._value) + first
    elif mode == "offset" and knobs["frame"]._value:
        number = frame + int(knobs["frame"]._value)
    if number < first or number > last:
        side = knobs["before" if number < first else "after"]._value
        if side == "black":
            return None
        number = min(max(number, first), last)
    return framed(knobs["file"].getEvaluatedValue(), number)
