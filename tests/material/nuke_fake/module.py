"""The fake itself: the module that adapters see as ``nuke``, and what tests do around it."""

from __future__ import annotations

import ast
import operator
import queue
import threading
import traceback
from pathlib import Path

from . import knobs as K
from . import script
from .nodes import KINDS, Group, Node, Root, on_disk
from .pixels import Evaluator

WORKING = "ACEScg"
SPACES = (
    "default (sRGB Encoded Rec.709 (sRGB))", "ACEScg", "ACES2065-1", "Linear Rec.709 (sRGB)",
    "sRGB Encoded Rec.709 (sRGB)", "Raw",
)  # fmt: skip


class _Range:
    def __init__(self, first, last):
        self._first, self._last = first, last

    def first(self):
        return self._first

    def last(self):
        return self._last


class _Format:
    def __init__(self, size, aspect):
        self._size, self._aspect = size, aspect

    def width(self):
        return self._size[0]

    def height(self):
        return self._size[1]

    def pixelAspect(self):
        return self._aspect


class _Box:
    def __init__(self, box, size):
        self._box, self._size = box, size

    def x(self):
        return float(self._box[0])

    def y(self):
        return float(self._size[1] - self._box[1] - self._box[3])

    def w(self):
        return float(self._box[2])

    def h(self):
        return float(self._box[3])


class Fake:
    """One Nuke at work. ``nuke`` is the module; the rest is for tests."""

    def __init__(self, *, gui=True, views=("main",), version=(15, 0), ranged=True):
        self.ranged = ranged  # whether a Read takes the range of a file that is set by Python
        self.gui, self.views, self.version = gui, list(views), version
        self.violations, self.steps, self.said, self.modified = [], [], [], False
        self.cancel_at = self.fail_at = None  # a frame at which a render ends
        self.fail_with = RuntimeError("No space left on device")
        self.renders, self.timers = [], []
        self._queue, self._depth, self._off, self._executing = queue.Queue(), 0, 0, False
        self._main = threading.current_thread()
        self._clear()
        self.nuke = Module(self)

    def _clear(self):
        for node in self._every():
            node._alive = False
        self._root = None
        self._root = Root(self, "Root", None, "Root")
        self._root._knobs["name"]._value = ""
        self._entered = [self._root]

    def _every(self, group=None):
        group = group or getattr(self, "_root", None)
        for node in group._children if group is not None else ():
            yield node
            if isinstance(node, Group):
                yield from self._every(node)

    # what a node asks

    def on_main(self):
        if threading.current_thread() is not self._main:
            self.violations.append("".join(traceback.format_stack(limit=8)))
            raise RuntimeError("nodes are touched on the main thread only")

    def about_to_change(self):
        if self._executing:
            raise RuntimeError("nothing may change while a render runs")
        if self._depth == 0 and self._off == 0:
            self.step("")
        self.modified = True

    def step(self, name):
        """One of undo begins here; a terminal's Nuke keeps none."""
        if self.gui:
            self.steps.append((name, script.written(self._root)))

    def gui_only(self, what):
        if not self.gui:
            self.violations.append(f"{what} in terminal mode")
            raise RuntimeError(f"{what} cannot be had in terminal mode")

    def spaces(self):
        return list(SPACES)

    def working(self):
        return self._root._knobs["workingSpaceLUT"]._value

    def root_format(self):
        words = self._root._knobs["format"]._value.split()
        return (int(words[0]), int(words[1])), float(words[6])

    def entered(self, group):
        self._entered.append(group)

    def left(self):
        if len(self._entered) > 1:
            self._entered.pop()

    def evaluated(self, text, node, *, frame=None, gui=None):
        """An expression of the few kinds we write: ``parent.knob``, with ``$gui`` and Python."""
        frame = self._root._knobs["frame"]._value if frame is None else frame
        gui = self.gui if gui is None else gui
        return _Expression(node, frame, gui).value(text)

    def image(self, node, frame=None):
        frame = self._root._knobs["frame"]._value if frame is None else frame
        return Evaluator(self, farm=not self.gui).image(node, frame)

    def format_of(self, node):
        if node._kind == "Root" or not self.drawable(node):
            return _Format(*self.root_format())
        image = self.image(node, self.range_of(node).first())
        return _Format(image.size, image.aspect)

    def drawable(self, node):
        try:
            self.image(node, self.range_of(node).first())
        except RuntimeError:
            return False
        return True

    def bbox_of(self, node):
        image = self.image(node, self.range_of(node).first())
        return _Box(image.box, image.size)

    def range_of(self, node):
        knobs = node._knobs
        if node._kind == "Read":
            first, last = knobs["first"]._value, knobs["last"]._value
            if knobs["frame_mode"]._value == "start at" and knobs["frame"]._value:
                start = int(knobs["frame"]._value)
                return _Range(start, start + last - first)
            if knobs["frame_mode"]._value == "offset" and knobs["frame"]._value:
                by = int(knobs["frame"]._value)  # files 1001-1005 by 1000 are frames 1-5
                return _Range(first - by, last - by)
            return _Range(first, last)
        if node._kind == "Input" and node._parent is not None:
            inputs, at = node._parent._inputs, knobs["number"]._value
            return self.range_of(inputs[at]) if at < len(inputs) and inputs[at] else self._script()
        inside = [n for n in node._children if n._kind == "Output"] if node._kind == "Group" else []
        if inside:
            return self.range_of(inside[0])
        for source in node._inputs:
            if source is not None:
                return self.range_of(source)
        return self._script()

    def _script(self):
        knobs = self._root._knobs
        return _Range(knobs["first_frame"]._value, knobs["last_frame"]._value)

    # what tests do

    @property
    def balanced(self):
        """Every step of undo that began has ended, undo is on, and no group is entered."""
        return (self._depth, self._off, len(self._entered)) == (0, 0, 1)

    def spin(self):
        """Nuke's event loop: run what other threads asked for."""
        while not self._queue.empty():
            self._queue.get()()

    def text(self):
        """The script as it would be saved."""
        return script.written(self._root)

    def open(self, text, path=""):
        """Another script."""
        self._clear()
        script.load(self, text)
        self._root._knobs["name"]._value = path
        self.steps = []
        self.modified = False

    def _new(self, kind, group, name):
        made = (Group if kind == "Group" else Node)(self, kind, group, name or f"{kind}1")
        group._children.append(made)
        return made

    def render(self, node, start, end, incr, continueOnError):
        self.on_main()
        if self._executing:
            raise RuntimeError("a render runs already")
        if node._kind != "Write":
            raise RuntimeError(f"{node.name()} is not executable")
        self._executing = True
        for timer in self.timers:  # Nuke's event loop turns while it renders
            timer()
        self.renders.append((node.name(), start, end))
        try:
            for frame in range(start, end + 1, incr):
                if frame == self.cancel_at:
                    raise RuntimeError("Cancelled")
                if frame == self.fail_at:
                    raise self.fail_with
                Evaluator(self, farm=not self.gui).rendered(node, frame)
        finally:
            self._executing = False


_ACTS = {
    ast.Lt: operator.lt, ast.Gt: operator.gt, ast.LtE: operator.le, ast.GtE: operator.ge,
    ast.Mult: operator.mul, ast.Add: operator.add, ast.Sub: operator.sub,
}  # fmt: skip


class _Expression:
    def __init__(self, node, frame, gui):
        self._node, self._frame, self._gui = node, frame, gui

    def value(self, text):
        text = text.strip().replace("$gui", "gui")
        code = "[python {int(nuke.executing())}]"  # the only one that is known here
        return self._of(ast.parse(text.replace(code, "executing"), mode="eval").body)

    def _of(self, tree):
        if isinstance(tree, ast.Constant):
            return tree.value
        if isinstance(tree, ast.Name):
            known = {"gui": self._gui, "executing": self._node._fake._executing}
            return self._frame if tree.id == "frame" else int(known[tree.id])
        if isinstance(tree, ast.Attribute):
            assert isinstance(tree.value, ast.Name)
            assert tree.value.id == "parent"
            knob = self._node._parent._knobs[tree.attr]
            index = isinstance(knob, K.Enumeration_Knob)
            return knob._values.index(knob._value) if index else knob._value
        if isinstance(tree, ast.BinOp):
            return _ACTS[type(tree.op)](self._of(tree.left), self._of(tree.right))
        assert isinstance(tree, ast.Compare)
        return int(_ACTS[type(tree.ops[0])](self._of(tree.left), self._of(tree.comparators[0])))


class _Undo:
    def __init__(self, fake):
        self._fake = fake

    def begin(self, name=""):
        fake = self._fake
        fake.on_main()
        if fake._depth == 0 and fake._off == 0:
            fake.step(name)
        fake._depth += 1

    def name(self, name):
        if self._fake.steps:
            self._fake.steps[-1] = (name, self._fake.steps[-1][1])

    def end(self):
        self._fake._depth -= 1
        assert self._fake._depth >= 0, "an undo ends that did not begin"

    def cancel(self):
        """Take back what was recorded since ``begin`` and forget it."""
        fake = self._fake
        fake._depth -= 1
        if fake._depth == 0 and fake._off == 0 and fake.gui:
            _, before = fake.steps.pop()
            kept = fake.steps
            if before != fake.text():
                fake.open(before, fake._root._knobs["name"]._value)
            fake.steps = kept

    def disable(self):
        self._fake._off += 1

    def enable(self):
        self._fake._off -= 1


class _Nodes:
    def __init__(self, fake):
        self._fake = fake

    def __getattr__(self, kind):
        if kind.startswith("_") or kind not in KINDS:
            raise AttributeError(f"no node class {kind}")

        def make(**values):
            fake = self._fake
            fake.on_main()
            fake.about_to_change()
            group = fake._entered[-1]
            node = fake._new(kind, group, "")
            node._knobs["name"]._value = ""
            name = values.pop("name", f"{kind}1")
            depth, fake._depth = fake._depth, fake._depth + 1
            try:
                node.setName(name)
                inputs = values.pop("inputs", ())
                for index, source in enumerate(inputs):
                    node.setInput(index, source)
                for knob, value in values.items():
                    node[knob].setValue(value)
            finally:
                fake._depth = depth
            return node

        return make


class _Menu:
    """A menu that remembers what was put in."""

    def __init__(self, fake, name):
        self._fake, self._name, self._items = fake, name, {}

    def addCommand(self, name, command=None, shortcut=None, icon=None, **more):
        self._fake.gui_only("a menu")
        self._items[name] = command
        return self

    def addMenu(self, name, **more):
        self._fake.gui_only("a menu")
        return self._items.setdefault(name, _Menu(self._fake, name))

    def addSeparator(self):
        return None

    def findItem(self, name):
        return self._items.get(name)


class _Task:
    """A bar of progress."""

    def __init__(self, fake, name):
        fake.gui_only("a bar of progress")

    def setMessage(self, s):
        return None

    def setProgress(self, i):
        return None

    def isCancelled(self):
        return False


_KNOBS = {name: getattr(K, name) for name in K.USER_KINDS}


class Module:
    """``nuke``. What is not here raises AttributeError."""

    INVISIBLE, STARTLINE = K.INVISIBLE, K.STARTLINE

    def __init__(self, fake):
        self._fake = fake
        self.Undo, self.nodes = _Undo(fake), _Nodes(fake)
        self.GUI = fake.gui
        self.NUKE_VERSION_MAJOR, self.NUKE_VERSION_MINOR = fake.version
        self.NUKE_VERSION_STRING = f"{fake.version[0]}.{fake.version[1]}v1"
        self.env = {"gui": fake.gui, "nc": False, "NukeVersionMajor": fake.version[0]}
        self._menus = {}

    def __getattr__(self, name):
        if name in _KNOBS:
            return _KNOBS[name]
        raise AttributeError(f"module 'nuke' has no attribute {name!r}")

    def root(self):
        self._fake.on_main()
        return self._fake._root

    def thisGroup(self):
        self._fake.on_main()
        return self._fake._entered[-1]

    def toNode(self, s):
        self._fake.on_main()
        node = self._fake._entered[-1]
        for part in s.split("."):
            node = next((one for one in node._children if one.name() == part), None)
            if node is None:
                return None
        return node

    def exists(self, s):
        return self.toNode(s) is not None

    def allNodes(self, filter=None, group=None, recurseGroups=False):
        self._fake.on_main()
        group = group or self._fake._entered[-1]
        found = list(self._fake._every(group)) if recurseGroups else list(group._children)
        return [one for one in found if filter is None or one._kind == filter]

    def selectedNodes(self, filter=None):
        return [n for n in self.allNodes(filter) if n._knobs["selected"]._value]

    def selectedNode(self):
        found = self.selectedNodes()
        if not found:
            raise ValueError("no node selected")
        return found[-1]

    def createNode(self, typ, knobs="", inpanel=True):
        self._fake.on_main()
        if inpanel:
            self._fake.gui_only("a panel of properties")
        chosen = self.selectedNodes()
        node = getattr(self.nodes, typ)()
        for index, source in enumerate(chosen[-1:]):
            node.setInput(index, source)
        for one in chosen:
            one.setSelected(False)
        node.setSelected(True)
        return node

    def delete(self, n):
        self._fake.on_main()
        n._guard()
        self._fake.about_to_change()
        for one in n._parent._children:
            one._inputs = [None if source is n else source for source in one._inputs]
        n._parent._children.remove(n)
        n._alive = False

    def execute(self, nameOrNode, start=None, end=None, incr=1, views=None, continueOnError=False):
        node = self.toNode(nameOrNode) if isinstance(nameOrNode, str) else nameOrNode
        self._fake.render(node, start, end, incr, continueOnError)

    def executing(self, f=None):
        return self._fake._executing

    def frame(self, f=None):
        self._fake.on_main()
        knob = self._fake._root._knobs["frame"]
        if f is not None:
            knob._value = int(f)
        return knob._value

    def views(self):
        self._fake.on_main()
        return list(self._fake.views)

    def scriptName(self):
        self._fake.on_main()
        name = self._fake._root._knobs["name"]._value
        if not name:
            raise RuntimeError("no script is open")
        return name

    def scriptSaveAs(self, filename=None, overwrite=-1):
        self._fake.on_main()
        if not filename:
            self._fake.gui_only("a browser of files")
        if Path(filename).exists() and overwrite != 1:
            raise RuntimeError(f"{filename} exists")
        self._fake._root._knobs["name"]._value = filename
        Path(filename).write_text(self._fake.text())
        self._fake.modified = False

    def scriptOpen(self, filename=None):
        self._fake.on_main()
        self._fake.open(Path(filename).read_text(), filename)

    def scriptClear(self):
        self._fake.on_main()
        self._fake._clear()

    def undo(self):
        self._fake.on_main()
        name = self._fake._root._knobs["name"]._value
        _, before = self._fake.steps.pop()
        kept = self._fake.steps
        self._fake.open(before, name)
        self._fake.steps = kept

    def executeInMainThread(self, call, args=(), kwargs=None):
        args = args if isinstance(args, tuple) else (args,)
        self._fake._queue.put(lambda: call(*args, **(kwargs or {})))

    def executeInMainThreadWithResult(self, call, args=(), kwargs=None):
        if threading.current_thread() is self._fake._main:
            self._fake.violations.append("executeInMainThreadWithResult on the main thread")
            raise RuntimeError("this would wait for ever")
        args = args if isinstance(args, tuple) else (args,)
        done, answer = threading.Event(), []

        def run():
            try:
                answer.append(call(*args, **(kwargs or {})))
            except Exception:  # noqa: BLE001 - as Nuke does: printed and lost
                traceback.print_exc()
            done.set()

        self._fake._queue.put(run)
        done.wait()
        return answer[0] if answer else None

    def menu(self, name):
        self._fake.on_main()
        self._fake.gui_only("a menu")
        return self._menus.setdefault(name, _Menu(self._fake, name))

    def getPaneFor(self, panelName):
        self._fake.on_main()
        self._fake.gui_only("a pane")
        return None

    def message(self, prompt):
        self._fake.on_main()
        self._fake.gui_only("a message")
        self._fake.said.append(prompt)

    def tprint(self, *args, sep=" ", end="\n", file=None):
        self._fake.said.append(sep.join(map(str, args)))

    def warning(self, message):
        self._fake.said.append(message)

    def ProgressTask(self, name=""):
        return _Task(self._fake, name)

    def pluginAddPath(self, args, addToSysPath=True):
        self._fake.on_main()
        self._fake.said.append(f"path {args}")

    def addOnScriptLoad(self, call, args=(), kwargs=None, nodeClass="Root"):
        self._fake.on_main()
        self._fake.said.append("addOnScriptLoad")

    def filename(self, node, i=0):
        self._fake.on_main()
        return node["file"].value() or None


__all__ = ["Fake", "on_disk"]
