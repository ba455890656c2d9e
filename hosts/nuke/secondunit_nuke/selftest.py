"""Tries every call that we make, in a script of its own, and writes what this Nuke did as JSON.

A person runs it in a real Nuke; the report can be held against the fake that our tests run with.
"""

from __future__ import annotations

import json
import os
import platform
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Tuple

from secondunit_bridge import __version__
from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.saying import counted

from . import node as nodes
from .collect import looking, writing
from .place.wiring import point, wire
from .spaces import plain_name, working
from .state import Piece

if TYPE_CHECKING:
    from .host import Nuke

SCHEMA = "secondunit.nuke.selftest/1"
_NUKES_OWN = (
    RuntimeError, ValueError, TypeError, NameError, AttributeError, LookupError, OSError,
)  # fmt: skip
_FIRST, _LAST, _SIZE = 1001, 1003, (64, 36)
_BOX = (20, 30)  # columns of the matte


def run(nuke: Nuke, report: Path) -> str:
    """Try everything; one sentence for the person. The script that is open is closed first."""
    facts: Dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="secondunit-") as folder:
        steps = [_tried(name, act, nuke, Path(folder), facts) for name, act in _STEPS]
    wrong = [one for one in steps if not one["ok"]]
    said = {
        "schema": SCHEMA,
        "secondunit": __version__,
        "nuke": nuke.version,
        "gui": nuke.gui,
        "python": platform.python_version(),
        "system": platform.system(),
        "facts": facts,
        "steps": steps,
    }
    report.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    failed = ", ".join(str(one["step"]) for one in wrong) or "none"
    return f"{counted(len(steps), 'step')} tried; failed: {failed}."


Act = Callable[["Nuke", Path, Dict[str, Any]], None]


def _tried(name: str, act: Act, nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> Dict[str, Any]:
    try:
        act(nuke, folder, facts)
    except SecondUnitError as error:
        return {"step": name, "ok": False, "said": f"{error.code}: {error.message}"}
    except _NUKES_OWN as error:
        return {"step": name, "ok": False, "said": f"{type(error).__name__}: {error}"}
    return {"step": name, "ok": True, "said": ""}


def _script(nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> None:
    nuke.clear()
    root = nuke.root()
    root["first_frame"].setValue(_FIRST)
    root["last_frame"].setValue(_LAST)
    nuke.save_as((folder / "selftest_v001.nk").as_posix())
    facts["script"] = os.path.basename(nuke.script())
    facts["views"] = list(nuke.views())
    facts["working"] = working(root)


def _plate(nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> None:
    """A plate and a matte of our own making, as files."""
    wide, high = _SIZE
    for name, value, box in (("plate", 0.18, None), ("other", 0.5, None), ("matte", 1.0, _BOX)):
        source = nuke.make("Expression", f"Make_{name}")
        for n in range(4):
            inside = "1" if box is None else f"(x>={box[0]})*(x<{box[1]})"
            source[f"expr{n}"].setValue(f"{value}*{inside}")
        form = nuke.make("Crop", f"Form_{name}", (source,), box=(0, 0, wide, high))
        form["reformat"].setValue(True)
        _write(nuke, form, folder / name)
        nuke.delete(form)
        nuke.delete(source)
    facts["written"] = sorted(one.name for one in (folder / "plate").iterdir())


def _reads(nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> None:
    """What setting ``file`` does to the knobs beside it, and which colour spaces there are."""
    read = nuke.make("Read", "Plate")
    read["on_error"].setValue("black")
    read["raw"].setValue(True)
    read["first"].setValue(7)
    read["file"].setValue(f"{folder.as_posix()}/plate/plate.%04d.exr")
    facts["after file"] = {
        name: read[name].value() for name in ("first", "last", "on_error", "raw")
    }
    facts["spaces"] = [plain_name(str(one)) for one in read["colorspace"].values()][:400]
    piece = _piece(folder / "plate" / "plate.%04d.exr", _FIRST)
    point(read, piece)
    facts["range"] = [int(read.frameRange().first()), int(read.frameRange().last())]
    facts["size"] = [int(read.format().width()), int(read.format().height())]
    other = nuke.make("Read", "Matte")
    point(other, _piece(folder / "matte" / "plate.%04d.exr", _FIRST))


def _node(nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> None:
    node = nodes.make(nuke)
    node.setInput(0, nuke.node("Plate"))
    node.setInput(1, nuke.node("Matte"))
    node["su_edge_zone"].setValue(0)
    facts["knobs"] = sorted(name for name in node.knobs() if str(name).startswith("su_"))
    now = nodes.state(node).with_piece(_piece(folder / "other" / "plate.%04d.exr", _FIRST))
    with nuke.one_undo("self test"):
        wire(nuke, node, now)
        nodes.keep(node, now)
    facts["inside"] = sorted(f"{one.Class()} {one.name()}" for one in node.nodes())
    files = looking.unchanged(nuke.node("Plate"), (_FIRST, _LAST), working(nuke.root()))
    facts["read in place"] = files is not None


def _rendered(nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> None:
    """Where the matte is 0 and 1 the merge must be exact: pixels are compared bit for bit."""
    _write(nuke, nodes.ours(nuke)[0], folder / "comp")
    facts["files"] = len(list((folder / "comp").iterdir()))
    comp, plate, other = (
        _pixels(folder / name / f"plate.{_FIRST}.exr") for name in ("comp", "plate", "other")
    )
    first, last = _BOX
    facts["outside the matte it is the plate"] = all(
        one[:first] + one[last:] == was[:first] + was[last:] for one, was in zip(comp, plate)
    )
    facts["inside it is the version"] = all(
        one[first:last] == made[first:last] for one, made in zip(comp, other)
    )
    facts["plate and version differ"] = plate != other
    nodes.ours(nuke)[0]["su_view"].setValue("plate")
    _write(nuke, nodes.ours(nuke)[0], folder / "looked")
    nodes.ours(nuke)[0]["su_view"].setValue("result")
    looked = _pixels(folder / "looked" / f"plate.{_FIRST}.exr")
    facts["renders give the result"] = looked == comp


def _grainy(nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> None:
    """Live grain lies on the version alone, and is another on each frame."""
    node = nodes.ours(nuke)[0]
    node["su_grain"].setValue(1.0)
    _write(nuke, node, folder / "grainy")
    node["su_grain"].setValue(0.0)
    first, last = _BOX
    frames = [_pixels(folder / "grainy" / f"plate.{n}.exr") for n in (_FIRST, _FIRST + 1)]
    clean = _pixels(folder / "comp" / f"plate.{_FIRST}.exr")
    facts["grain spares the plate"] = all(
        one[:first] + one[last:] == was[:first] + was[last:] for one, was in zip(frames[0], clean)
    )
    facts["grain is there"] = frames[0] != clean
    facts["grain moves"] = frames[0] != frames[1]


def _named(nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> None:
    """A layer is written by itself, as 32-bit float, with the metadata of its file."""
    source = nuke.make("Expression", "Make_layer", expr0="0.25")
    layer = nuke.make("Copy", "Layer", (source, source), from0="rgba.red")
    layer["to0"].setValue("depth.Z")
    said = nuke.make("ModifyMetaData", "Names", (layer,))
    said["metadata"].fromScript('{set exr/cryptomatte/abcdef0/name "depth"}')
    pattern = writing.Writer(nuke, folder / "layer").cryptomatte(said, ("depth",), (_FIRST, _FIRST))
    for one in (said, layer, source):
        nuke.delete(one)
    read = nuke.make("Read", "Layer")
    read["file"].setValue(writing.escaped(pattern))
    for knob in ("origfirst", "origlast", "first", "last"):
        read[knob].setValue(_FIRST)
    facts["a layer by itself"] = sorted(str(one) for one in read.channels())
    facts["its metadata"] = str(read.metadata("exr/cryptomatte/abcdef0/name"))
    nuke.delete(read)


def _write(nuke: Nuke, source: Any, folder: Path) -> None:
    writing.Writer(nuke, folder, writing.UNPACKED).plate(source, (_FIRST, _LAST))


def _pixels(file: Path) -> List[Tuple[int, ...]]:
    """Rows of every channel of an uncompressed half-float RGBA picture, as bits.

    OpenEXR's file layout: such a file ends with its scanlines, each after its number and its size,
    four bytes each, with one channel's row after the other.
    """
    wide, high = _SIZE
    line = 8 + 4 * wide * 2
    data = file.read_bytes()[-line * high :]
    rows = []
    for top in range(0, line * high, line):
        for channel in range(4):
            at = top + 8 + channel * wide * 2
            rows.append(struct.unpack(f"<{wide}H", data[at : at + wide * 2]))
    return rows


def _kept(nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> None:
    """Save, open again, and see that the node still knows its shot."""
    before = nodes.state(nodes.ours(nuke)[0])
    nuke.save_as((folder / "selftest_v002.nk").as_posix())
    nuke.open((folder / "selftest_v002.nk").as_posix())
    after = nodes.state(nodes.ours(nuke)[0])
    if after != before:
        raise ValueError("the node's memory changed on the way through the file")
    facts["memory survives"] = True


def _undone(nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> None:
    """Placing is one step of undo, and a failure inside a step leaves nothing.

    A Nuke without a GUI keeps no steps, and nothing is placed in one.
    """
    if not nuke.gui:
        return
    count = len(nuke.nodes("Dot"))
    try:
        with nuke.one_undo("self test, taken back"):
            nuke.make("Dot", "Gone")
            raise ValueError("on purpose")
    except ValueError:
        facts["taken back"] = len(nuke.nodes("Dot")) == count
    facts["node after undo"] = str(nodes.ours(nuke)[0].name())


def _closed(nuke: Nuke, folder: Path, facts: Dict[str, Any]) -> None:
    nuke.clear()


def _piece(path: Path, at: int) -> Piece:
    return Piece(
        guid="selftest", version="selftest_v001", take="none", number=1, record="0" * 64,
        path=path.as_posix(), first=_FIRST, last=_LAST, at=at, start=_FIRST, end=_LAST,
    )  # fmt: skip


_STEPS: List[Tuple[str, Act]] = [
    ("a script of its own", _script),
    ("pictures are written", _plate),
    ("Reads are pointed", _reads),
    ("the node is built and wired", _node),
    ("the comp renders", _rendered),
    ("grain is live", _grainy),
    ("a layer is written by itself", _named),
    ("the node's memory is saved", _kept),
    ("undo takes back", _undone),
    ("the script is closed", _closed),
]
