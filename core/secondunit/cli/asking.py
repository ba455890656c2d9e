"""From a place in a cut to a turnover: the shot, its neighbours as elements, the project."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secondunit_bridge.errors import MediaOffline, RateMismatch, RetimeUnsupported
from secondunit_bridge.film import Element, Option, Project, Role, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange, rate_name
from secondunit_bridge.wire import dumps

from .cards import own_card, sheet_beside, with_cards
from .one_shot import one_shot
from .project import file_name

if TYPE_CHECKING:
    from ..editorial import Cut, CutShot, Place

HANDLES = Shot.handles
NEAR = 3  # frames of a neighbour that are turned over for comparison: those at the cut point
# Names a shot by where it is made: the same place in the same cut is the same shot, so that its
# takes and versions go on counting when it is asked for again.
PLACES = uuid.UUID("6f7c2a52-9d0e-5b4e-8f43-6a1f5c0b7d11")


@dataclass(frozen=True)
class Wish:
    """What the command line asked for."""

    generator: str
    brief: str
    takes: int
    seed: int
    options: dict[str, Option]
    by: str
    code: str = ""  # of the shot; the next free one when empty
    reference: str = ""  # "before" or "after"; the one that is there when empty
    space: str = ""  # colour space of the neighbours' media, when the files do not say


def insert_turnover(
    cut: Cut, place: Place, project: Project, wish: Wish, known: dict[str, str]
) -> Turnover:
    """The ask for an insert at a place of a cut. ``known`` maps guids to names of shots there are.

    Raises MediaOffline, RetimeUnsupported, RateMismatch.
    """
    if project.rate != cut.rate:
        raise RateMismatch(
            f"the cut runs at {rate_name(cut.rate)} frames a second and project {project.name}"
            f" at {rate_name(project.rate)}",
            hint="Use a project of the cut's rate: secondunit project init DIR --rate"
            f" {rate_name(cut.rate)}",
            data={"cut": str(cut.rate), "project": str(project.rate)},
        )
    sequence = file_name(cut.name or (cut.path.stem if cut.path else ""))
    guid = guid_of(project.name, sequence, place.record)
    shot = Shot(
        project=project.name,
        sequence=sequence,
        code=wish.code or free_code(sequence, guid, known),
        guid=guid,
        cut=place.record,
        drop=cut.drop,
    )
    return Turnover(
        shot=shot,
        work=Work.insert,
        generator=wish.generator,
        brief=wish.brief,
        elements=elements(place, shot, wish),
        options=wish.options,
        takes=wish.takes,
        seed=wish.seed,
        artist=wish.by,
        cards=cards_of(cut, place, shot),
    )


def cards_of(cut: Cut, place: Place, shot: Shot) -> dict[str, str]:
    """The shot cards that go with an insert, as JSON: its neighbours', completed by the bible, and
    its own, as far as the sheet beside the cut has one or both neighbours say the same."""
    from ..editorial.bible import completed

    sheet = sheet_beside(cut.path) if cut.path else None
    opened, _ = with_cards(cut, sheet)
    known = {(s.name, s.record): s.marks.get("card") for s in completed(opened).shots}
    near = {
        name: known.get((one.name, one.record)) if one else None
        for name, one in (("before", place.before), ("after", place.after))
    }
    both = [card for card in near.values() if isinstance(card, dict)]
    own = own_card(sheet, shot.name) or {
        name: both[0][name] for name in ("scene", "day")
        if len(both) == len(near) and both[0].get(name) and both[0].get(name) == both[1].get(name)
    }  # fmt: skip
    said = {"take": own or None, **near}
    return {name: dumps(card).decode() for name, card in said.items() if isinstance(card, dict)}


def elements(place: Place, shot: Shot, wish: Wish) -> tuple[Element, ...]:
    """The neighbours at the cut point, and the one the insert is made from with its handles.

    Raises MediaOffline, RetimeUnsupported.
    """
    before, after = place.before, place.after
    chosen = _reference(before, after, wish.reference)
    found = []
    for role, beside, end in ((Role.before, before, -1), (Role.after, after, 0)):
        if beside is not None and beside.online and beside.frames:
            first, last = _at_cut(beside.frames, end)
            found.append(_element(role, beside, first, last, wish.space))
    first, last = _usable(chosen)
    if "start" not in wish.options:
        first, last = _in_one_shot(chosen, shot, later=chosen is before)
    found.append(_element(Role.reference, chosen, first, last, wish.space))
    return tuple(found)


def _in_one_shot(chosen: CutShot, shot: Shot, *, later: bool) -> tuple[int, int]:
    """As ``reference_range``, but a cut inside the media ends the handles there."""
    usable = _usable(chosen)
    while True:
        wanted = reference_range(chosen, shot, usable, later=later)
        within = one_shot(chosen, *wanted, usable)
        if within == usable:
            return wanted
        usable = within  # fewer, so this ends


def reference_range(
    chosen: CutShot, shot: Shot, usable: tuple[int, int], *, later: bool
) -> tuple[int, int]:
    """Media frames of the neighbour that the insert is made from, as many as are needed.

    Time goes on across the cut where the media has handles: with ``later`` the insert's first
    frame in the cut follows the neighbour's last, else its last frame comes before the
    neighbour's first. Where the handles end, the frames lie as near to that as they can.
    """
    first, last = usable
    asked = len(shot.cut) + shot.handles.head + shot.handles.tail
    need = math.ceil((asked - 1) * chosen.media_rate / shot.cut.rate) + 1
    if later:
        start = max(chosen.frames) + 1 - shot.handles.head
    else:
        start = min(chosen.frames) + shot.handles.tail - need
    start = max(first, min(start, last - need + 1))
    return start, min(last, start + need - 1)


def _usable(shot: CutShot) -> tuple[int, int]:
    """The frames that the media is known to have around those that play."""
    head, tail = shot.handles
    return min(shot.frames) - (head or 0), max(shot.frames) + (tail or 0)


def _at_cut(frames: tuple[int, ...], end: int) -> tuple[int, int]:
    """The few frames at one end of a clip as it plays; one alone when it does not run forward."""
    near = frames[-NEAR:] if end else frames[:NEAR]
    if list(near) == sorted(near):
        return near[0], near[-1]
    return frames[end], frames[end]


def guid_of(project: str, sequence: str, record: FrameRange) -> str:
    """The shot that belongs at a place: the same for every ask there."""
    return str(uuid.uuid5(PLACES, f"{project}/{sequence}/{record.first}-{record.last}"))


def free_code(sequence: str, guid: str, known: dict[str, str]) -> str:
    """The shot's code when it is known, else the next free ten of its sequence: 0010, 0020 ..."""
    start = f"{sequence}_"
    if known.get(guid, "").startswith(start):
        return known[guid][len(start) :]
    taken = [name[len(start) :] for name in known.values() if name.startswith(start)]
    highest = max((int(code) for code in taken if code.isdigit()), default=0)
    return f"{highest // 10 * 10 + 10:04}"


def _reference(before: CutShot | None, after: CutShot | None, wanted: str) -> CutShot:
    sides = {"before": [before], "after": [after]}.get(wanted, [before, after])
    there = [shot for shot in sides if shot is not None]
    if not there:
        raise MediaOffline(
            "there is no shot beside that place to make an insert from",
            hint="Choose a place next to a shot, or --reference before|after.",
        )
    online = [shot for shot in there if shot.online and shot.media]
    if not online:
        shot = there[0]
        raise MediaOffline(
            f"{shot.name}: {shot.media or 'its media'} cannot be found",
            hint="Relink the clip, or mount the disk it lies on.",
            data={"clip": shot.name, "path": shot.media, "reason": shot.offline_reason},
        )
    followed = next((shot for shot in online if shot.frames), None)
    if followed is None:
        raise RetimeUnsupported(
            f"{online[0].name}: its speed change cannot be followed frame by frame",
            hint="Render the retimed clip in the editing software and use that as its media.",
            data={"clip": online[0].name},
        )
    return followed


def _element(role: Role, shot: CutShot, first: int, last: int, space: str) -> Element:
    from ..editorial import media_of

    return Element(role, media_of(shot, first, last, space), shot.name)
