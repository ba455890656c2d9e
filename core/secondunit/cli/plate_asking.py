"""From files on the command line to a plate's turnover: looked at, laid frame on frame, named."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from secondunit_bridge.errors import FramesMissing, TurnoverRejected
from secondunit_bridge.film import (
    FIRST_DELIVERED,
    Element,
    Media,
    Option,
    Project,
    Role,
    Shot,
    Turnover,
    Work,
)
from secondunit_bridge.timing import FrameRange, Handles, rate_name

from .asking import PLACES, free_code
from .project import file_name, numbered_names, project_near, project_of, session_ocio

if TYPE_CHECKING:
    from ..media.facts import Facts
    from ..media.patterns import FramePattern
    from ..media.probe import Prober

CLEAN = "clean"  # names references that show the place without what is removed
WITHIN = (
    "alpha",
    "channel:",
    "cryptomatte:",
    "cryptomatte[",
)  # words for a matte that lies in its picture
_RANGE = re.compile(r"(-?\d+)(?:-(-?\d+))?")
_RANGED = re.compile(r"(.+):(\d+(?:-\d+)?)")


@dataclass(frozen=True)
class Wanted:
    """What the command line asked for."""

    plate: str
    matte: str
    reference: str = ""
    clean: tuple[str, ...] = ()
    frames: str = ""
    generator: str = ""
    brief: str = ""
    takes: int = 1
    seed: int = 0
    options: dict[str, Option] = field(default_factory=dict)
    by: str = ""
    code: str = ""
    space: str = ""
    matte_space: str = ""
    reference_space: str = ""
    matte_channel: str = ""


@dataclass(frozen=True)
class Plate:
    """A plate with all that goes with it. ``said`` are sentences about what was assumed."""

    facts: Facts
    elements: tuple[Element, ...]
    name: str  # of the plate, as part of file names
    said: tuple[str, ...]

    @property
    def frames(self) -> FrameRange:
        """The plate's frames that are asked for, in its own numbering."""
        return self.elements[0].media.frames


@dataclass(frozen=True)
class Found:
    """Media that was looked at: where, and what it says of itself."""

    path: str
    facts: Facts

    @property
    def frames(self) -> FrameRange:
        """All that there are."""
        return self.facts.frames

    @property
    def rated(self) -> bool:
        """Its rate is its own word."""
        return self.facts.kind == "movie" or "FramesPerSecond" in self.facts.attributes


def project_for(footage: str, toml: Path | None, out: Path) -> Project | None:
    """The project named, else the nearest above the footage, else the nearest above ``out``."""
    return project_of(Path(os.path.abspath(footage)).parent, toml) or project_near(out)


def own_project(plate: Plate, out: Path, there: Sequence[Project]) -> Project:
    """A project for a plate that belongs to none: its rate and size, its frames kept in ``out``.

    A name that another store has already is never taken from it.
    """
    store = str(out / "store")
    others = {project.name for project in there if project.store != store}
    name = next(name for name in numbered_names(plate.name) if name not in others)
    facts = plate.facts
    rate = plate.frames.rate
    return Project(name, rate, facts.width, facts.height, store=store, ocio=session_ocio())


def looked_at(wanted: Wanted, project: Project | None) -> Plate:
    """Every file of the ask, opened in a limited process; the matte laid on the plate's frames.

    Raises MediaOffline, MediaDamaged, FramesMissing, TurnoverRejected and what ``probe`` raises.
    """
    from ..media.probe import Prober

    with closing(Prober()) as prober:
        return _looked_at(wanted, project, prober)


def _looked_at(wanted: Wanted, project: Project | None, prober: Prober) -> Plate:
    said: list[str] = []
    found = looked_up(wanted.plate, prober, sequence=bool(wanted.frames), said=said)
    rate = rate_of(found, project, said)
    frames = asked_frames(wanted.frames, found, rate)
    plate = Media(
        frames=frames,
        path=found.path,
        channels=() if found.path.lower().endswith(".exr") else ("R", "G", "B"),
        space=wanted.space,
    )
    if frames.first != FIRST_DELIVERED:
        said.append(
            f"The version counts from {FIRST_DELIVERED}: its frame {FIRST_DELIVERED} is frame"
            f" {frames.first} of the plate."
        )
    if plate.channels and "A" in found.facts.channels:
        said.append(
            "The plate's alpha is left out: of a picture that is no EXR only R, G and B are kept."
            " Write the plate as EXR to keep it."
        )
    elements = [Element(Role.plate, plate), _matte(wanted, found, frames, said, prober)]
    if wanted.reference:
        space = wanted.reference_space
        elements.append(_reference(wanted.reference, space, rate, "reference", prober))
    for text in wanted.clean:
        elements.append(_reference(text, wanted.space, rate, CLEAN, prober))
    return Plate(found.facts, tuple(elements), name_of(found.path), tuple(said))


def plate_turnover(
    wanted: Wanted, plate: Plate, project: Project, shots: Sequence[Shot]
) -> Turnover:
    """The ask. ``shots`` are those there are: the same plate and frames are the same shot."""
    generator = wanted.generator or ("plate_in" if wanted.reference else "clean_plate")
    return Turnover(
        shot=shot_of(wanted.code, plate, project, shots),
        work=Work.plate,
        generator=generator,
        brief=wanted.brief,
        elements=plate.elements,
        options=wanted.options,
        width=plate.facts.width,
        height=plate.facts.height,
        takes=wanted.takes,
        seed=wanted.seed,
        artist=wanted.by,
    )


def shot_of(named: str, plate: Plate, project: Project, shots: Sequence[Shot]) -> Shot:
    """``--shot SEQUENCE_CODE`` or a code alone; the next free one when nothing is said."""
    frames, facts = plate.frames, plate.facts
    sequence, _, code = named.rpartition("_")
    sequence = sequence or plate.name
    ours = [shot for shot in shots if shot.project == project.name]
    where = f"{project.name}/{plate.elements[0].media.path}/{frames.first}-{frames.last}"
    guid = str(uuid.uuid5(PLACES, where))
    if code:  # said by a person: a shot of that name goes on, whichever frames are asked for
        named = str(uuid.uuid5(PLACES, f"{project.name}/{sequence}_{code}"))
        guid = next((s.guid for s in ours if (s.sequence, s.code) == (sequence, code)), named)
    else:
        code = free_code(sequence, guid, {shot.guid: shot.name for shot in ours})
    start = 0 if facts.timecode is None else facts.timecode - facts.frames.first
    cut = FrameRange(start + frames.first, start + frames.last, frames.rate)
    return Shot(project.name, sequence, code, guid, cut, Handles(0, 0), drop=facts.drop)


def _matte(
    wanted: Wanted, plate: Found, frames: FrameRange, said: list[str], prober: Prober
) -> Element:
    space = wanted.matte_space or "Raw"
    if wanted.matte.startswith(WITHIN[1:]) or wanted.matte == WITHIN[0]:
        media = Media(frames=frames, path=plate.path, channels=(), space=space)
        return Element(Role.matte, media, wanted.matte)
    found = looked_up(wanted.matte, prober, sequence=len(frames) > 1, said=said)
    size, own = (found.facts.width, found.facts.height), (plate.facts.width, plate.facts.height)
    if size != own:
        raise TurnoverRejected(
            f"the matte is {size[0]} x {size[1]} and the plate {own[0]} x {own[1]}",
            hint="Render the matte in the plate's own size; a plate is never scaled.",
            data={"matte": list(size), "plate": list(own)},
        )
    first = _laid(found, plate, frames, said)
    last = first if len(found.frames) == 1 else first + len(frames) - 1
    media = Media(FrameRange(first, last, frames.rate), found.path, channels=(), space=space)
    channel = wanted.matte_channel
    within = channel.startswith(WITHIN[1:]) or channel in ("", WITHIN[0])
    return Element(Role.matte, media, channel if within else f"channel:{channel}")


def _laid(matte: Found, plate: Found, frames: FrameRange, said: list[str]) -> int:
    """The matte's frame that belongs on the plate's first: by number, else by place."""
    have, whole = matte.frames, plate.frames
    if len(have) == 1:
        return have.first
    numbered = matte.facts.kind == plate.facts.kind
    common = have.first <= frames.last and have.last >= frames.first
    if numbered and common and (matte.facts.kind == "sequence" or have.last >= frames.last):
        return frames.first  # what lacks in between is told with its numbers when it is opened
    for span in (whole, frames):
        if len(have) == len(span):
            first = have.first + frames.first - span.first
            if first != frames.first:
                said.append(
                    f"The matte counts from {have.first}, the plate from {span.first}:"
                    f" its frame {first} is laid on frame {frames.first}."
                )
            return first
    raise FramesMissing(
        f"the matte has {len(have)} frames ({have.first} to {have.last}), and"
        f" {frames.first} to {frames.last} of the plate are asked for",
        hint="Number the matte as the plate is, or hand over one frame to hold.",
        data={"matte": [have.first, have.last], "plate": [frames.first, frames.last]},
    )


def _reference(text: str, space: str, rate: Fraction, what: str, prober: Prober) -> Element:
    path, span = _ranged(text)
    found = looked_up(path, prober, sequence=bool(span), said=[])
    own = found.frames.rate if found.rated else rate
    frames = asked_frames(span, found, own, what=what)
    exr = found.path.lower().endswith(".exr")
    channels = _rgba(found.facts.channels) if exr else found.facts.channels
    media = Media(frames, found.path, channels=channels, space=space)
    return Element(Role.reference, media, CLEAN if what == CLEAN else "")


def _rgba(channels: tuple[str, ...]) -> tuple[str, ...]:
    """The colour of a file of many channels; all of them when it has no R, G and B."""
    picked = tuple(name for name in ("R", "G", "B", "A") if name in channels)
    return picked if len(picked) >= 3 else channels


def _ranged(text: str) -> tuple[str, str]:
    """``FILE:A-B`` as file and frames; a file of that very name is itself."""
    match = None if os.path.exists(text) else _RANGED.fullmatch(text)
    return (match[1], match[2]) if match else (text, "")


def looked_up(text: str, prober: Prober, *, sequence: bool, said: list[str]) -> Found:
    """Looks at media. One numbered file is that one picture, or with ``sequence`` all of them."""
    from ..media.patterns import STILL_SUFFIXES, FramePattern, is_pattern

    path = os.path.abspath(text)
    if is_pattern(path) or os.path.isdir(path):
        pattern = FramePattern.parse(path)
        return Found(str(pattern.folder / pattern.name), prober.probe(path))
    still = Path(path).suffix.lower() in STILL_SUFFIXES
    numbered = _of_one(path) if still and os.path.isfile(path) else None
    if numbered is None:
        return Found(path, prober.probe(path))
    pattern, number = numbered
    if sequence and len(pattern.numbers()) > 1:
        facts = prober.probe(pattern.folder / pattern.name)
        return Found(str(pattern.folder / pattern.name), facts)
    facts = prober.probe(path)
    if len(pattern.numbers()) > 1:
        said.append(f"{Path(path).name} is taken as one picture; the sequence is {pattern.name}.")
    return Found(path, replace(facts, frames=FrameRange(number, number, facts.frames.rate)))


def _of_one(path: str) -> tuple[FramePattern, int] | None:
    """The sequence that a numbered file is of, and its number."""
    from ..media.patterns import FramePattern

    try:
        pattern = FramePattern.parse(path)
    except TurnoverRejected:
        return None
    middle = os.path.basename(path)[len(pattern.prefix) : -len(pattern.suffix)]
    return (pattern, int(middle)) if re.fullmatch(r"-?\d+", middle) else None


def rate_of(
    found: Found, project: Project | None, said: list[str], *, what: str = "plate"
) -> Fraction:
    """Its own rate, else the project's, else what is assumed; ``said`` is told which."""
    own = found.frames.rate
    if found.rated:
        if project and project.rate != own:
            said.append(
                f"The {what} runs at {rate_name(own)} frames a second, project {project.name} at"
                f" {rate_name(project.rate)}: the {what} keeps its own."
            )
        return own
    if project:
        said.append(
            f"The {what} says no frame rate: {rate_name(project.rate)}, project {project.name}'s."
        )
        return project.rate
    said.append(f"The {what} says no frame rate, and there is no project: {rate_name(own)}.")
    return own


def asked_frames(text: str, found: Found, rate: Fraction, *, what: str = "plate") -> FrameRange:
    """``A-B`` or ``A`` of the media, all of it when nothing is said. Raises FramesMissing."""
    have = found.frames
    if not text:
        return FrameRange(have.first, have.last, rate)
    match = _RANGE.fullmatch(text.strip())
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if last < first:
        raise typer.BadParameter(f"{text!r} is not A-B or A", param_hint="--frames")
    by_timecode = found.facts.timecode is not None and first >= found.facts.timecode
    if not by_timecode and (first < have.first or last > have.last):
        outside = [n for n in (first, last) if n not in have]
        raise FramesMissing(
            f"the {what} has frames {have.first} to {have.last}, not {outside[0]}",
            hint="Ask for frames that are there.",
            data={"there": [have.first, have.last], "asked": [first, last]},
        )
    return FrameRange(first, last, rate)


def name_of(path: str) -> str:
    """The footage's name without its frame number and ending."""
    name = Path(path).stem
    return file_name(re.sub(r"[._-]?(%0?\d*d|\d+)$", "", name) or name)
