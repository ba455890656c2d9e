"""From what was looked at and written to the ask."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from secondunit_bridge.errors import TurnoverRejected
from secondunit_bridge.film import Element, Media, Option, Project, Role, Shot, Turnover, Work
from secondunit_bridge.timeline import code as nth_code
from secondunit_bridge.timing import FrameRange, Handles

from ..node import INPUTS, Wish, results, state, wish
from ..productions import Production
from ..state import Asked, PlateFacts, State
from .cryptomattes import element_name
from .looking import Files, Looked, look, matte_input, unchanged
from .writing import Unwritten, Writer, Writing, next_folder, room

if TYPE_CHECKING:
    from ..host import Nuke

OVERLAP = 8  # kept frames that an extension is shot with, for what it must meet
DATA = "Raw"  # the space of values that are no colours
QUALITY, DRAFT = "quality", "draft"  # what generators that shoot drafts call them
REMOVES, CLEAN = "clean_plate", "clean"  # its references show the place without what is removed
ZONED = ("clean_plate", "plate_in")  # generators whose edge zone is an option


@dataclass(frozen=True)
class Collected:
    """A node's ask, ready for the daemon once the project is known."""

    shot: Shot
    turnover: Turnover
    production: Production
    asked: Asked
    plate: PlateFacts
    said: Tuple[str, ...]

    def of(self, project: Project) -> Turnover:
        """The ask in a project."""
        return replace(self.turnover, shot=replace(self.shot, project=project.name))

    def as_shot(self, guid: str, code: str) -> Collected:
        """The same ask for another shot."""
        shot = replace(self.shot, guid=guid, code=code)
        asked = replace(self.asked, guid=guid, code=code)
        return replace(self, shot=shot, turnover=replace(self.turnover, shot=shot), asked=asked)

    def another_than(self, now: State) -> bool:
        """The script was copied for another shot since: it lies or is called otherwise, and shows
        another plate. One that was merely moved or renamed is not.
        """
        was = now.plate
        if not now.asked or was is None or not now.script:
            return False
        read = not (
            was.rendered or self.plate.rendered
        )  # what Nuke wrote says nothing of the plate
        if read and was.path == self.plate.path:
            return False
        moved = _folder(now.script) != _folder(self.production.script)
        return moved or (read and now.sequence != self.shot.sequence)

    def named(self, project: Project, shots: Sequence[Shot]) -> Collected:
        """The same with a code that no other shot of the project's sequence has."""
        ours = [one for one in shots if one.project == project.name]
        named = {one.code: one.guid for one in ours if one.sequence == self.shot.sequence}
        if named.get(self.shot.code, self.shot.guid) == self.shot.guid:
            return self
        code = next(c for c in map(nth_code, range(len(named) + 1)) if c not in named)
        shot = replace(self.shot, code=code)
        return replace(self, shot=shot, asked=replace(self.asked, code=code))


def collect(
    nuke: Nuke,
    node: Any,
    artist: str,
    *,
    code: str,
    cut: Optional[Tuple[int, int]] = None,
) -> Collected:
    """Look, write what must be written, describe. Blocks while Nuke renders; main thread only.

    The script is as it was when this returns or raises. ``cut`` instead of the node's range.
    """
    wanted, now = wish(node), state(node)
    looked = look(nuke, node, wanted, cut)
    whose = _Whose(now.guid, code, None, artist)
    return _handed(nuke, node, wanted, looked, whose)


def collect_extension(
    nuke: Nuke, node: Any, artist: str, span: Tuple[int, int], overlap: int = OVERLAP
) -> Collected:
    """The same for frames that the cut lacks. ``span`` is all that will be shown of it.

    It is shot with a few of the kept frames beside it, and as a shot of its own: what is kept is
    never made again. Raises as ``collect``.
    """
    now, wanted = state(node), replace(wish(node), head=0, tail=0)
    have = {n for one in now.pieces for n in range(one.frames[0], one.frames[1] + 1)}
    before = _beside(have, range(span[0] - 1, span[0] - 1 - overlap, -1))
    after = _beside(have, range(span[1] + 1, span[1] + 1 + overlap))
    cut = (span[0] - before, span[1] + after)
    looked = look(nuke, node, wanted, cut)
    guid = str(uuid.uuid5(uuid.UUID(now.guid), f"{span[0]}-{span[1]}"))
    whose = _Whose(guid, f"{now.code}x{span[0]}", span, artist)
    return _handed(nuke, node, wanted, looked, whose)


def _beside(have: Set[int], wanted: Iterable[int]) -> int:
    """How many of these frames are kept ones, until the first that is none."""
    return sum(1 for _ in takewhile(have.__contains__, wanted))


def planned(nuke: Nuke, node: Any, looked: Looked) -> Collected:
    """The ask as it would be handed over, for a plan: nothing is rendered or written.

    What would have to be written has a name beside the script, where nothing is.
    """
    wanted, now = wish(node), state(node)
    whose = _Whose(now.guid, now.code or "0010", None, "")
    return _described(nuke, node, wanted, looked, whose, Unwritten(Path(nuke.script()).parent))


def _folder(script: str) -> str:
    return os.path.normcase(os.path.dirname(script))


@dataclass(frozen=True)
class _Whose:
    guid: str
    code: str
    show: Optional[Tuple[int, int]]
    artist: str


def _handed(nuke: Nuke, node: Any, wanted: Wish, looked: Looked, whose: _Whose) -> Collected:
    """Written and described; of what was written before something went wrong nothing is left."""
    writer, done = _writer(nuke, looked, whose.code), None
    try:
        with results(nuke):
            done = _described(nuke, node, wanted, looked, whose, writer)
        return done
    finally:
        if done is None:
            writer.discard()


def _writer(nuke: Nuke, looked: Looked, code: str) -> Writer:
    """Into a folder of this ask's own. Raises DiskFull when it would not fit."""
    production = Production.of(nuke, looked.rate, looked.working)
    place = production.folder / "plates" / f"{production.sequence}_{code}"
    room(place, looked)
    return Writer(nuke, next_folder(place))


def _described(
    nuke: Nuke, node: Any, wanted: Wish, looked: Looked, whose: _Whose, writer: Writing
) -> Collected:
    production = Production.of(nuke, looked.rate, looked.working)
    plate, facts = _plate(node, looked, writer)
    elements = [Element(Role.plate, plate), *_matte(node, wanted, looked, writer)]
    name = CLEAN if wanted.generator == REMOVES else ""
    elements += _more(node, looked, writer, name)
    elements += [_reference(path, looked.rate, name) for path in wanted.references]
    shot = Shot(
        "", production.sequence, whose.code, whose.guid,
        FrameRange(looked.cut[0], looked.cut[1], looked.rate), Handles(looked.head, looked.tail),
    )  # fmt: skip
    turnover = Turnover(
        shot, Work(wanted.work), wanted.generator, wanted.brief, tuple(elements),
        _options(wanted), looked.width, looked.height, wanted.takes, wanted.seed, whose.artist,
    )  # fmt: skip
    asked = Asked(
        shot.guid, whose.code, looked.frames[0], whose.show or looked.frames, facts.knob,
        looked.width, looked.height,
    )  # fmt: skip
    return Collected(shot, turnover, production, asked, facts, looked.said)


def remembered(now: State, done: Collected, project: Project, takes: Tuple[str, ...]) -> State:
    """What the node remembers once the daemon has the ask."""
    first = now if done.asked.guid != now.guid else replace(now, plate=done.plate, cut=None)
    return replace(
        first,
        project=project.name,
        script=done.production.script,
        sequence=done.shot.sequence,
        code=done.shot.code if done.asked.guid == now.guid else now.code,
        asked=(*[one for one in now.asked if one.guid != done.asked.guid], done.asked),
        takes=(*now.takes, *takes),
        drafts=(*now.drafts, *(takes if done.turnover.options.get(QUALITY) == DRAFT else ())),
    )


def _plate(node: Any, looked: Looked, writer: Writing) -> Tuple[Media, PlateFacts]:
    first, last = looked.frames
    if looked.plate is not None:
        files = looked.plate
        media = _files_media(files, looked.frames, looked)
        path, space, knob = files.pattern, files.space, files.knob
    else:
        path = writer.plate(node.input(0), looked.frames)
        space, knob = looked.working, ""
        media = Media(FrameRange(first, last, looked.rate), path, channels=(), space=space)
    facts = PlateFacts(
        path, space, knob, first, last, looked.width, looked.height, looked.aspect,
        looked.plate is None, looked.plate.offset if looked.plate is not None else 0,
    )  # fmt: skip
    return media, facts


def _matte(node: Any, wanted: Wish, looked: Looked, writer: Writing) -> List[Element]:
    source = matte_input(node, wanted)
    if source is None:
        return []
    frames = FrameRange(*looked.frames, looked.rate)
    exr = _as_it_lies(wanted, looked)
    if looked.matte is not None and exr:
        return [Element(Role.matte, _data(_files_media(looked.matte, looked.frames, looked)), exr)]
    if looked.crypto is not None:
        name = element_name(wanted)
        path = writer.cryptomatte(source, looked.crypto.layers, looked.frames)
    else:
        name, path = "alpha", writer.matte(source, wanted.matte_channel, looked.frames)
    return [Element(Role.matte, Media(frames, path, channels=(), space=DATA), name)]


def _more(node: Any, looked: Looked, writer: Writing, name: str) -> List[Element]:
    """The guide and reference inputs, where something is connected; the latter is called so."""
    out = []
    for slot, role in (("guide", Role.guide), ("reference", Role.reference)):
        source = node.input(INPUTS.index(slot))
        if source is None:
            continue
        span, called = looked.frames, ""
        if role is Role.reference:  # footage of the same place has frames of its own
            whole = source.frameRange()
            span, called = (int(whole.first()), int(whole.last())), name
        files = unchanged(source, span, looked.working)
        if files is not None:
            out.append(Element(role, _files_media(files, span, looked), called))
            continue
        path = writer.plate(source, span, slot)
        frames = FrameRange(*span, looked.rate)
        out.append(Element(role, Media(frames, path, space=looked.working), called))
    return out


def _files_media(files: Files, span: Tuple[int, int], looked: Looked) -> Media:
    first, last = (n + files.offset for n in span)
    return Media(
        FrameRange(first, last, looked.rate), files.pattern, channels=(), space=files.space
    )


def _data(media: Media) -> Media:
    return replace(media, space=DATA)


def _as_it_lies(wanted: Wish, looked: Looked) -> str:
    """The matte as its own files have it, for an element's name; empty where Nuke must write it.

    A colour that the Read converts is another one in the comp than in the file.
    """
    if looked.crypto is not None:
        return "" if looked.matte is None else element_name(wanted)
    exr = _exr_channel(wanted.matte_channel)
    converted = looked.matte is not None and looked.matte.space != looked.working
    return "" if looked.matte is None or (converted and exr != "alpha") else exr


def _exr_channel(channel: str) -> str:
    """As an element names it; empty when only Nuke can tell which channel of the files it is."""
    short = channel[5:] if channel.startswith("rgba.") else channel
    if short == "alpha":
        return "alpha"
    letters = {"red": "R", "green": "G", "blue": "B"}
    return f"channel:{letters[short]}" if short in letters else ""


def _options(wanted: Wish) -> Dict[str, Option]:
    options: Dict[str, Option] = {}
    if wanted.work == "plate" and wanted.generator in ZONED:
        options["edge_zone"] = wanted.edge_zone
    if wanted.draft:
        options[QUALITY] = DRAFT
    return options


def _reference(path: str, rate: Fraction, name: str) -> Element:
    if not os.path.isfile(path):
        raise TurnoverRejected(
            f"the reference {path} is not there", hint="Choose the file again, or remove it."
        )
    return Element(Role.reference, Media(FrameRange(0, 0, rate), path), name)
