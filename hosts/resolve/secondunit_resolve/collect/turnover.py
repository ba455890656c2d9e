"""From a place in a timeline to a turnover: the shot, its neighbours as elements, its project."""

from __future__ import annotations

import math
import re
import uuid
from dataclasses import dataclass, field
from typing import Dict, Iterator, Optional, Sequence, Tuple

from secondunit_bridge.film import Element, Media, Option, Project, Role, Shot, Turnover, Work
from secondunit_bridge.timeline import code_between, legal
from secondunit_bridge.timing import FrameRange, rate_name

from .places import Beside
from .reading import Clip, Reading

NEAR = 3  # frames of a neighbour that are turned over for comparison: those at the cut point
_VERSION = re.compile(r"[ ._-]*[vV]\d+$")  # as editors count their cuts: TCC_v12
HANDLES = Shot.handles


@dataclass(frozen=True)
class Wish:
    """What the editor asked for."""

    generator: str = "reframe"
    brief: str = ""
    takes: int = 3
    seed: int = 0
    options: Dict[str, Option] = field(default_factory=dict, hash=False)
    artist: str = ""
    stills: bool = False  # the neighbours as graded go along as references


def sequence_of(reading: Reading) -> str:
    """What the shots of a timeline belong to: its name without the version."""
    return legal(_VERSION.sub("", reading.name) or reading.name)


def project_of(reading: Reading, name: str, known: Sequence[Project]) -> Project:
    """The production: the daemon's of that name and rate, else a new one of the timeline's size."""
    wanted = legal(name)
    for project in known:
        if project.name == wanted and project.rate == reading.rate:
            return project
    if any(project.name == wanted for project in known):  # of another rate: kept apart by name
        wanted = legal(f"{wanted}_{rate_name(reading.rate)}")
    wide, high = reading.size
    return Project(wanted, reading.rate, wide or 1920, high or 1080)


def new_shot(reading: Reading, span: FrameRange, project: Project, known: Sequence[Shot]) -> Shot:
    """A shot for a place, its code between those of its neighbours: 0015 between 0010 and 0020."""
    sequence = sequence_of(reading)
    mine = [shot for shot in known if shot.sequence == sequence and shot.project == project.name]
    here = {str(c.mark.get("guid")): c.first for c in reading.clips if c.mark}
    placed = sorted((here[shot.guid], shot.code) for shot in mine if shot.guid in here)
    before = [code for first, code in placed if first < span.first]
    after = [code for first, code in placed if first > span.first]
    taken = {shot.code for shot in mine}
    if not before and not placed and taken:  # others were shot here and are not in this cut
        before = [max(taken)]
    code = code_between(before[-1] if before else "", after[0] if after else "", taken)
    return Shot(project.name, sequence, code, str(uuid.uuid4()), span, HANDLES, drop=reading.drop)


def insert_turnover(shot: Shot, near: Beside, wish: Wish, seen: Sequence[Element] = ()) -> Turnover:
    """The ask; ``seen`` are references besides the clips. Where nothing lies beside the place, the
    generator says whether it needs that."""
    return Turnover(
        shot=shot, work=Work.insert, generator=wish.generator, brief=wish.brief,
        elements=(*_elements(shot, near), *seen), options=dict(wish.options), takes=wish.takes,
        seed=wish.seed, artist=wish.artist,
    )  # fmt: skip


def _elements(shot: Shot, near: Beside) -> Iterator[Element]:
    for role, clip, last in ((Role.before, near.before, True), (Role.after, near.after, False)):
        frames = _at_cut(clip, last=last)
        if clip is not None and frames is not None:
            yield Element(role, _media(clip, *frames), clip.name)
    chosen = near.made_from
    if chosen is not None:
        frames = reference_frames(chosen, shot, near)
        yield Element(Role.reference, _media(chosen, *frames), chosen.name)


def reference_frames(chosen: Clip, shot: Shot, near: Beside) -> Tuple[int, int]:
    """Media frames, from 0, that the insert is made from, its handles with them.

    Time goes on across the cut where the media has handles: made from the clip before, the
    insert's first frame follows that clip's last; made from the one after, its last frame comes
    before that clip's first. Where the handles end they lie as near to that as they can.
    """
    assert chosen.source is not None
    span = chosen.span or (chosen.left, chosen.left)
    first, last = 0, max(chosen.source.count - 1, span[1])
    asked = len(shot.cut) + shot.handles.head + shot.handles.tail
    need = math.ceil((asked - 1) * chosen.source.rate / shot.cut.rate) + 1
    if chosen is near.before:
        start = span[1] + 1 - shot.handles.head
    else:
        start = span[0] + shot.handles.tail - need
    start = max(first, min(start, last - need + 1))
    return start, min(last, start + need - 1)


def _at_cut(clip: Optional[Clip], *, last: bool) -> Optional[Tuple[int, int]]:
    """The few frames at one end of a clip as it plays; one alone when it is retimed."""
    if clip is None or clip.span is None:
        return None
    first, end = clip.span
    if clip.retime != "none":
        backwards = clip.speed is not None and clip.speed < 0
        at = end if last != backwards else first
        return at, at
    return (max(first, end - NEAR + 1), end) if last else (first, min(end, first + NEAR - 1))


def _media(clip: Clip, first: int, last: int) -> Media:
    """Frames of a clip's media by its timecode when it has one, sequences by their numbers."""
    source = clip.source
    assert source is not None
    base = source.number if source.number and "%" not in source.path else source.first
    return Media(FrameRange(first + base, last + base, source.rate), source.path,
                 source.size[0], source.size[1])  # fmt: skip
