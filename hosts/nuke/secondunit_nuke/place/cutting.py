"""Puts a version into the comp, steps through versions, and says what the cut lacks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, List, Optional, Tuple

from secondunit_bridge.errors import MediaChanged, NoPlace, UnknownId
from secondunit_bridge.film import CutIn, Work
from secondunit_bridge.saying import counted
from secondunit_bridge.timing import FrameRange

from .. import node as nodes
from ..knobs import add_knobs
from ..spaces import plain_name, working
from ..state import Asked, Piece, State
from .published import Published, checked, published, siblings
from .wiring import ready, wire

if TYPE_CHECKING:
    from ..host import Nuke

_BACKDROP = "SecondUnitBackdrop"
_QUIET = 0x2B3A40FF


def place(nuke: Nuke, node: Any, folder: str, record: str = "") -> CutIn:
    """Put the version that lies in a folder into the comp; what the ledger is told of it.

    One step of undo. ``record`` is the digest the ledger knows. When this raises, the comp is as
    it was: NoPlace, MediaChanged, ColorUnknown, and what ``published`` raises.
    """
    one = checked(published(folder), record)
    now = nodes.state(node)
    asked = now.asked_for(one.version.shot)
    if asked is None:
        raise NoPlace(
            f"{one.version.name} is of another shot than this node's",
            hint="Choose the node that the take was turned over from.",
        )
    _fits(node, one)
    piece = _piece(nuke, one, asked, _shown(one, now, asked))
    after = now.with_piece(piece)
    ready(nuke, node, after)
    with nuke.one_undo(f"Second Unit {one.version.name}"):
        add_knobs(nuke, node)  # a node that an older Second Unit made lacks some
        wire(nuke, node, after)
        nodes.keep(node, after)
        nodes.say(node, label(after))
        _backdrop(nuke, node, after)
    first, last = piece.frames
    return CutIn(
        one.version.name, one.version.shot, "nuke", nuke.script(), str(node.fullName()),
        FrameRange(first, last, one.version.frames.rate),
    )  # fmt: skip


def step(nuke: Nuke, node: Any, by: int) -> CutIn:
    """The next version up (1) or down (-1) of the main piece, from what lies on disk.

    Raises UnknownId when there is none.
    """
    now = nodes.state(node)
    main = now.piece(now.guid)
    if main is None:
        raise UnknownId("no version is placed yet", hint="Circle a take, then place it.")
    there = siblings(_folder(main))
    more = [(n, path) for n, path in there if (n > main.number) == (by > 0) and n != main.number]
    if not more:
        raise UnknownId(
            f"{main.version} is the {'newest' if by > 0 else 'oldest'} version",
            hint="Turn over again for another take." if by > 0 else "There is none before it.",
        )
    return place(nuke, node, (more[0] if by > 0 else more[-1])[1])


@dataclass(frozen=True)
class Lacking:
    """What the cut wants of a shot and the comp does not have, as the script counts frames."""

    cut: Tuple[int, int]
    missing: Tuple[Tuple[int, int], ...]

    @property
    def count(self) -> int:
        """Frames."""
        return sum(last - first + 1 for first, last in self.missing)

    @property
    def sentence(self) -> str:
        """For the panel and the node."""
        first, last = self.cut
        if not self.missing:
            return f"The cut wants {first}-{last}: all of it is there."
        spans = ", ".join(f"{a}-{b}" for a, b in self.missing)
        return f"The cut wants {first}-{last}: {counted(self.count, 'frame')} missing ({spans})."


def lacking(now: State) -> Optional[Lacking]:
    """What a new cut range lacks; None while the cut is as it was turned over."""
    if now.cut is None:
        return None
    first, last = now.cut
    have = {n for piece in now.pieces for n in range(piece.frames[0], piece.frames[1] + 1)}
    missing = [n for n in range(first, last + 1) if n not in have]
    spans: List[Tuple[int, int]] = []
    for number in missing:
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return Lacking(now.cut, tuple(spans))


def recut(nuke: Nuke, node: Any, first: int, last: int) -> Lacking:
    """The cut wants other frames now. Nothing that is there changes."""
    now = replace(nodes.state(node), cut=(first, last))
    found = lacking(now)
    assert found is not None
    with nuke.one_undo("Second Unit cut range"):
        nodes.keep(node, now)
        nodes.say(node, label(now))
    return found


def label(now: State) -> str:
    """What stands under the node's name."""
    lacks = lacking(now)
    lines = [now.standing or "no version yet"]
    if lacks is not None and lacks.missing:
        lines.append(f"{counted(lacks.count, 'frame')} missing")
    return "\n".join(lines)


def _shown(one: Published, now: State, asked: Asked) -> Tuple[int, int]:
    """The script's frames that a version plays at: all it has, or what the shot lacked.

    Where it belongs is its own word: the shot may have been turned over with others since.
    """
    first, last = one.begins, one.begins + len(one.version.frames) - 1
    if one.version.shot == now.guid:
        return first, last
    return max(asked.show[0], first), min(asked.show[1], last)


def _piece(nuke: Nuke, one: Published, asked: Asked, shown: Tuple[int, int]) -> Piece:
    frames = one.version.frames
    own = asked.knob
    if plain_name(own) != plain_name(one.media.space):  # it was made in another space
        own = "" if one.media.space == working(nuke.root()) else one.media.space
    return Piece(
        guid=one.version.shot,
        version=one.version.name,
        take=one.version.take,
        number=one.version.number,
        record=one.version.record,
        path=one.pattern,
        first=frames.first + shown[0] - one.begins,
        last=frames.first + shown[1] - one.begins,
        at=shown[0],
        knob=own,
        start=frames.first,
        end=frames.last,
        matte=one.matte,
    )


def _fits(node: Any, one: Published) -> None:
    """Raises NoPlace, MediaChanged where the inputs are not those of the version."""
    source = node.input(0)
    if source is None:
        raise NoPlace("no plate is connected", hint="Connect the plate input, then place again.")
    if one.work is Work.plate and not one.matte and node.input(1) is None:
        raise NoPlace(
            f"no matte is connected: {one.version.name} would cover the whole frame",
            hint="Connect the matte that it was shot with, then place again.",
        )
    size = source.format()
    have, made = (int(size.width()), int(size.height())), (one.media.width, one.media.height)
    if have != made and all(made):
        raise MediaChanged(
            f"the plate is {have[0]} x {have[1]} now and {one.version.name} is"
            f" {made[0]} x {made[1]}",
            hint="Connect the plate it was shot from, or turn the new one over.",
            data={"plate": list(have), "version": list(made)},
        )


def _folder(piece: Piece) -> str:
    return piece.path.rsplit("/", 2)[0]


def _backdrop(nuke: Nuke, node: Any, now: State) -> None:
    """One backdrop behind the node, labelled with what stands in it."""
    name = f"{_BACKDROP}_{now.guid[:8]}"
    with node.parent():
        there = next((one for one in nuke.nodes("BackdropNode") if one.name() == name), None)
        if there is None:
            there = nuke.make("BackdropNode", name)
            there["tile_color"].setValue(_QUIET)
            there["note_font_size"].setValue(18)
            there["bdwidth"].setValue(260)
            there["bdheight"].setValue(140)
            there.setXYpos(node.xpos() - 90, node.ypos() - 65)  # a plate above it stays outside
        there["label"].setValue(f"Second Unit\n{label(now)}")
