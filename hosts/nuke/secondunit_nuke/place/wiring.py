"""The inside of the group: a Read for each piece, merged through the matte by ordinary nodes.

For every piece: the plate times what the matte leaves, plus the version times the matte. Where the
matte is 0 or 1 these products are exact, so that outside it the plate's own bits come out and
inside the version's. On frames that a piece does not have its matte is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Tuple

from secondunit_bridge.errors import MediaDamaged

from ..collect.writing import escaped
from ..node import inside, wish
from ..spaces import value_for
from ..state import Piece, State

if TYPE_CHECKING:
    from ..host import Nuke

RESULT = "Result"
_MATTE = "matte"  # a version's own matte, as its files call the channel
_OF_A_PIECE = (
    "Version", "OwnMatte", "OwnChannel", "Frames", "EdgeZone", "Soften", "Hole", "Fill", RESULT,
    "Whole", "Outside", "GrainMade", "GrainSize", "Grained", "Grain",
)  # fmt: skip
_ROW = 140  # pixels between rows of the graph
# what a person looks at; a Write is given the result, in Nuke's window too
_VIEWED = "$gui * (1 - [python {int(nuke.executing())}]) * parent.su_view"


def wire(nuke: Nuke, node: Any, now: State) -> None:
    """Make the inside show what the node remembers. Inside one step of undo.

    Reads that are there are pointed anew. Raises ColorUnknown, NoPlace.
    """
    with node:
        plate = inside(node, "plate")
        below, drawn = plate, _drawn(nuke, node)
        holes = []
        for index, piece in enumerate(now.pieces):
            soft = _own(nuke, node, index, piece) if piece.matte else drawn
            if not piece.matte:
                _drop(nuke, node, (f"OwnChannel{suffix(index)}", f"OwnMatte{suffix(index)}"))
            below, may, read = _piece(nuke, node, index, piece, below, soft)
            holes.append((may, read))
        _drop_after(nuke, node, len(now.pieces))
        record = _record(nuke, node, now, below)
        shown = _shown(nuke, node, now, record, holes)
        inside(node, "Output1").setInput(0, shown)


def ready(nuke: Nuke, node: Any, now: State) -> None:
    """Raises what ``wire`` would, before anything is changed: NoPlace, ColorUnknown."""
    for name in ("plate", "matte", "Output1"):
        inside(node, name)
    with nuke.no_undo(), node:
        read = nuke.make("Read", "SecondUnitLook")
        try:
            for knob in {piece.knob for piece in now.pieces} - {""}:
                value_for(read["colorspace"], knob)
        finally:
            nuke.delete(read)


def point(read: Any, piece: Piece, path: str = "") -> None:
    """Point a Read at a piece, or at other files of its frames, which are data.

    Everything else is set after ``file``, which resets it.
    """
    _hold(read, piece, path or piece.path)
    read["before"].setValue("black")
    read["after"].setValue("black")
    read["on_error"].setValue("error")
    if piece.knob and not path:
        read["raw"].setValue(False)
        read["colorspace"].setValue(value_for(read["colorspace"], piece.knob))
    else:
        read["raw"].setValue(True)
    read["label"].setValue(f"{piece.version}\n{piece.frames[0]}-{piece.frames[1]}")


def _hold(read: Any, piece: Piece, path: str) -> None:
    """The files and their frames; beyond these the first and the last are held.

    Not every Nuke takes the range from files that Python names: each number is said.
    """
    read["file"].setValue(escaped(path))
    for knob, number in (("origfirst", piece.start), ("origlast", piece.end),
                         ("first", piece.first), ("last", piece.last)):  # fmt: skip
        read[knob].setValue(number)
    read["frame_mode"].setValue("start at")
    read["frame"].setValue(str(piece.at))
    for side in ("before", "after"):
        read[side].setValue("hold")


def suffix(index: int) -> str:
    """Names of the first piece's nodes have none."""
    return "" if index == 0 else str(index + 1)


def _when(first: int, last: int) -> str:
    return f"(frame>={first})*(frame<={last})"


def _made(nuke: Nuke, node: Any, kind: str, name: str, **knobs: Any) -> Any:
    there = node.node(name)
    if there is None:
        there = nuke.make(kind, name)
    for knob, value in knobs.items():
        there[knob].setValue(value)
    return there


def _joined(node: Any, *inputs: Any) -> Any:
    for index, source in enumerate(inputs):
        node.setInput(index, source)
    return node


def _drawn(nuke: Nuke, node: Any) -> Any:
    """The matte input's channel as alpha; None where nothing is connected to it."""
    if node.input(1) is None:
        return None
    channel = wish(node).matte_channel or "rgba.alpha"
    matte = inside(node, "matte")
    only = _made(nuke, node, "Copy", "MatteChannel", from0=channel, to0="rgba.alpha")
    only.setXYpos(220, 0)
    return _joined(only, matte, matte)


def _own(nuke: Nuke, node: Any, index: int, piece: Piece) -> Any:
    """The very matte that a version was shot with, as alpha. Raises MediaDamaged without one.

    Objects that were chosen by name need no Cryptomatte node in the comp.
    """
    end = suffix(index)
    read = _made(nuke, node, "Read", f"OwnMatte{end}")
    _hold(read, piece, piece.matte)
    channels = [str(one) for one in read.channels()]  # of a held frame: black has none of its own
    point(read, piece, piece.matte)
    named = [one for one in channels if one.rpartition(".")[2].lower() == _MATTE]
    if not named and len(channels) == 1:  # however this Nuke calls the only one of a file
        named = channels
    if not named:
        raise MediaDamaged(
            f"the matte of {piece.version} has no channel {_MATTE}",
            hint="Restore the store from its backup, or circle the take again.",
            data={"path": piece.matte, "channels": channels},
        )
    only = _made(nuke, node, "Copy", f"OwnChannel{end}", from0=named[0], to0="rgba.alpha")
    read.setXYpos(330, _ROW * (index + 1) - 40)
    only.setXYpos(440, _ROW * (index + 1) - 40)
    return _joined(only, read, read)


def _piece(
    nuke: Nuke, node: Any, index: int, piece: Piece, below: Any, soft: Any
) -> Tuple[Any, Any, Any]:
    """Lay one piece over what is below: the result, its matte, its Read."""
    end, down = suffix(index), _ROW * (index + 1)
    read = _made(nuke, node, "Read", f"Version{end}")
    point(read, piece)
    when = _when(*piece.frames)
    chosen = _made(nuke, node, "Expression", f"Frames{end}",
                   expr3=f"(a>0)*{when}" if soft is not None else when)  # fmt: skip
    _joined(chosen, soft if soft is not None else read)
    may = chosen
    if soft is not None:
        may = _made(nuke, node, "Dilate", f"EdgeZone{end}", channels="alpha")
        may["size"].setExpression("parent.su_edge_zone")
        grown = _joined(may, chosen)
        may = _made(nuke, node, "Blur", f"Soften{end}", channels="alpha")
        may["size"].setExpression("parent.su_soften")
        _joined(may, grown)
    hole = _made(nuke, node, "Merge2", f"Hole{end}", operation="stencil", bbox="B")
    fill = _made(nuke, node, "Merge2", f"Fill{end}", operation="mask", bbox="B")
    over = _made(nuke, node, "Merge2", RESULT + end, operation="plus", bbox="B")
    _joined(hole, below, may)
    _joined(fill, _grained(nuke, node, end, read), may)
    _joined(over, hole, fill)
    for at, one in enumerate((hole, over, fill, read, may)):
        one.setXYpos(110 * at, down)
    return over, may, read


def _grained(nuke: Nuke, node: Any, end: str, read: Any) -> Any:
    """The version with live grain on it: noise that grows with the root of the light, as film's.

    At 0 it is the version's own bits.
    """
    made = _made(nuke, node, "Expression", f"GrainMade{end}", expr3="0")
    for index, letter in enumerate("rgb"):
        noise = "+".join(f"random(x,y,frame*6+{2 * index + n})" for n in range(2))
        made[f"expr{index}"].setValue(f"parent.su_grain*sqrt(max({letter},0))*({noise}-1)")
    size = _made(nuke, node, "Blur", f"GrainSize{end}", channels="rgb")
    size["size"].setExpression("parent.su_grain_size")
    laid = _lay(nuke, node, f"Grained{end}", "plus")
    which = _made(nuke, node, "Switch", f"Grain{end}")
    which["which"].setExpression("parent.su_grain > 0")
    _joined(size, _joined(made, read))
    return _joined(which, read, _joined(laid, read, size))


def _drop_after(nuke: Nuke, node: Any, count: int) -> None:
    """Remove the nodes of pieces that are no more."""
    index = count
    while node.node(f"Version{suffix(index)}") is not None:
        _drop(nuke, node, [f"{name}{suffix(index)}" for name in _OF_A_PIECE])
        index += 1


def _drop(nuke: Nuke, node: Any, names: Iterable[str]) -> None:
    for found in (node.node(name) for name in names):
        if found is not None:
            nuke.delete(found)


def _record(nuke: Nuke, node: Any, now: State, below: Any) -> Any:
    """Which take and record it is, for whatever is written from the comp.

    By version too: of nodes one behind the other the last would be the only one that is named.
    """
    said = _made(nuke, node, "ModifyMetaData", "Record")
    words = [
        f'{{set exr/secondunit/{name} "{value}"}}'
        for index, piece in enumerate(now.pieces)
        for name, value in ((f"version{suffix(index)}", piece.version),
                            (f"take{suffix(index)}", piece.take),
                            (f"record{suffix(index)}", piece.record),
                            (f"placed/{piece.version}", f"{piece.take} {piece.record}"))
    ]  # fmt: skip
    said["metadata"].fromScript("\n  ".join(words))
    said.setXYpos(0, _ROW * (len(now.pieces) + 1))
    return _joined(said, below)


def _shown(nuke: Nuke, node: Any, now: State, result: Any, holes: Any) -> Any:
    """Result, plate, version, or where they differ outside the matte; renders give the result."""
    plate = whole = inside(node, "plate")
    for index, (_, read) in enumerate(holes):
        which = _made(nuke, node, "Switch", f"Whole{suffix(index)}")
        first, last = now.pieces[index].frames
        which["which"].setExpression(_when(first, last))
        whole = _joined(which, whole, read)
    outside = _joined(_lay(nuke, node, "Differs", "difference"), plate, whole)
    for index, (may, _) in enumerate(holes):
        outside = _joined(_lay(nuke, node, f"Outside{suffix(index)}", "stencil"), outside, may)
    show = _made(nuke, node, "Switch", "View")
    show["which"].setExpression(_VIEWED)
    show.setXYpos(0, _ROW * (len(holes) + 2))
    return _joined(show, result, plate, whole, outside)


def _lay(nuke: Nuke, node: Any, name: str, operation: str) -> Any:
    return _made(nuke, node, "Merge2", name, operation=operation, bbox="B")
