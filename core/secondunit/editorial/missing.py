"""What must be turned over so that a shot of ours gets the frames it lacks, and nothing else.

The version there is stays as it is, byte for byte; a pickup beside it shows the missing frames and
begins a few frames early, so that the seam can be looked at.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from secondunit_bridge.film import Element, Media, Role, Shot, Turnover, Work
from secondunit_bridge.timeline import code_between
from secondunit_bridge.timing import FrameRange, Handles

from .recut import FIRST, Item, numbered

OVERLAP = 4  # frames shot once more on the kept side of a seam
_NEAR = 3  # kept frames that the new ones are compared with
_PICKUPS = uuid.UUID("0b0d34d5-7a53-5e0c-9a36-5f6a2f2f6a6e")  # the same frames, the same pickup


@dataclass(frozen=True)
class Place:
    """A stretch of the new cut that shows missing frames: from which record frame on, and which."""

    record: int
    missing: tuple[int, int]


@dataclass(frozen=True)
class Pickup:
    """A turnover for one run of missing frames of a shot.

    ``missing`` are numbers of the delivered version, ``overlap`` those shot once more, by their
    number in the version and their place in the pickup. ``places`` are all uses of it in the cut.
    """

    of: str
    name: str
    missing: tuple[int, int]
    overlap: tuple[tuple[int, int], ...]
    turnover: Turnover
    places: tuple[Place, ...] = ()


def pickups(
    item: Item, asked: Turnover, kept: Media, known: Mapping[str, str], by: str
) -> Iterator[Pickup]:
    """A pickup for each run of frames that an item lacks.

    ``asked`` is how the shot was turned over, ``kept`` its frames, from 1001, ``known`` the codes
    of its sequence by GUID. The same frames are the same pickup, and keep its code.
    """
    codes, last = set(known.values()), FIRST + len(kept.frames) - 1
    for first, end in item.missing:
        after = first > last  # behind the version, else before it
        used = places(item, (first, end))
        record = _record(used, asked.shot, first, end)
        handles = Handles(OVERLAP, 0) if after else Handles(0, OVERLAP)
        following = min((code for code in codes if code > asked.shot.code), default="")
        guid = str(uuid.uuid5(_PICKUPS, f"{asked.shot.guid}/{first}-{end}"))
        code = known.get(guid) or code_between(asked.shot.code, following, codes)
        codes.add(code)
        shot = replace(asked.shot, code=code, guid=guid, cut=record, handles=handles)
        start = first - OVERLAP if after else first
        seam = range(first - OVERLAP, first) if after else range(end + 1, end + 1 + OVERLAP)
        overlap = tuple((number, FIRST + number - start) for number in seam)
        turnover = replace(
            asked, shot=shot, work=Work.pickup, takes=1, artist=by,
            elements=tuple(_elements(asked, kept, start, end + (0 if after else OVERLAP), after)),
        )  # fmt: skip
        turnover = _beside(turnover, item, Role.after if after else Role.before)
        yield Pickup(asked.shot.guid, asked.shot.name, (first, end), overlap, turnover, used)


def places(item: Item, missing: tuple[int, int]) -> tuple[Place, ...]:
    """Where the new cut shows some of a run of missing frames, in each use of the shot.

    Uses at another speed show them as no pickup can stand there: they have no place.
    """
    found = []
    for use in item.new if item.old else ():
        if use.retime != "none" or not use.frames:
            continue
        assert item.old is not None
        number = numbered(item.old, use.frames[:1])[0]  # of the first frame the use shows
        first, last = max(missing[0], number), min(missing[1], number + len(use.record) - 1)
        if first <= last:
            found.append(Place(use.record.first + first - number, (first, last)))
    return tuple(found)


def _record(used: tuple[Place, ...], shot: Shot, first: int, end: int) -> FrameRange:
    """Record frames that the whole pickup stands for: at the use that shows most of it."""
    begin = shot.cut.first + first - FIRST - shot.handles.head
    if used:
        most = max(used, key=lambda place: place.missing[1] - place.missing[0])
        begin = most.record - (most.missing[0] - first)
    return FrameRange(begin, begin + end - first, shot.cut.rate)


def _beside(turnover: Turnover, item: Item, outer: Role) -> Turnover:
    """Without the clip that was beside the shot where the cut has another one there now."""
    if outer.value not in dict(item.beside):
        return turnover
    there = tuple(element for element in turnover.elements if element.role is not outer)
    cards = {side: card for side, card in turnover.cards.items() if side != outer.value}
    return replace(turnover, elements=there, cards=cards)


def _elements(
    asked: Turnover, kept: Media, start: int, end: int, after: bool
) -> Iterator[Element]:  # fmt: skip
    """What it is made from moves on with it; its neighbour is the version itself."""
    first, count = kept.frames.first, len(kept.frames)
    near = (first + count - _NEAR, first + count - 1) if after else (first, first + _NEAR - 1)
    span = FrameRange(*near, kept.frames.rate)
    if kept.path:
        role = Role.before if after else Role.after
        yield Element(role, replace(kept, frames=span, digests=()), asked.shot.name)
    for element in asked.elements:
        if element.role in (Role.reference, Role.guide, Role.depth, Role.normal, Role.plate):
            frames = element.media.frames
            step = frames.rate / kept.frames.rate
            low = frames.first + int((start - FIRST) * step)
            high = frames.first + int((end - FIRST) * step)
            media = replace(element.media, digests=(), frames=FrameRange(low, high, frames.rate))
            yield replace(element, media=media)
        elif element.role is (Role.after if after else Role.before):
            yield element
