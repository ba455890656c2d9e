"""The files of every shot of a cut, judged before any picture is decoded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from secondunit_bridge import __version__
from secondunit_bridge.errors import FramesMissing, SecondUnitError
from secondunit_bridge.film import Finding, Project
from secondunit_bridge.timing import FrameRange

from ..editorial import Cut, CutShot
from ..editorial.handed import delivery
from ..exam import Exam
from ..hookspecs import AnyCheck
from ..media.filed import Clerk, clerk
from ..media.footage import Picture
from ..media.own import RECORD
from .examining import examine
from .profile import in_force
from .remembered import Memory

Linted = tuple[CutShot, Sequence[Finding], str]
"""A shot, what was found, and why nothing could be."""


def lint(
    cut: Cut, checks: Mapping[str, AnyCheck], project: Project, memory: Memory
) -> Iterator[Linted]:
    """Every shot's findings; a shot whose files cannot be asked for says why."""
    with clerk() as looks:
        for shot in cut.shots if checks else ():
            why = unreadable(shot)
            if why:
                yield shot, (), why
                continue
            try:
                yield shot, _found(cut, shot, checks, project, memory, looks), ""
            except SecondUnitError as error:
                yield shot, (), error.message


def _found(
    cut: Cut, shot: CutShot, checks: Mapping[str, AnyCheck], project: Project, memory: Memory,
    looks: Clerk,
) -> Sequence[Finding]:  # fmt: skip
    declared = project if project.store else None  # one that was made up for the sweep has none
    key = _key(cut, shot, checks, declared, memory)
    known = memory.recall(key)
    if known is None:
        handed = delivery(shot, cut, declared, looks)
        frames = FrameRange(min(shot.frames), max(shot.frames), shot.media_rate)
        exam = Exam(take=Unopened(frames), asked=frames, cut=frames, delivery=handed)
        known = list(examine(exam, checks, shot.name))
        memory.keep(key, known)
    return known


def _key(
    cut: Cut, shot: CutShot, checks: Mapping[str, AnyCheck], project: Project | None, memory: Memory
) -> str:
    """Everything that matters to what is found, as one digest."""
    media = str(shot.media)
    said = {
        "release": __version__,
        "checks": in_force(checks),
        "project": asdict(project) if project else None,
        "media": [media, memory.digest(media), shot.numbering, shot.starts, shot.space],
        "record": memory.digest(str(Path(media).parent.parent / RECORD)),
        "cut": [str(cut.rate), cut.drop, str(shot.media_rate), list(shot.frames),
                shot.available],
    }  # fmt: skip
    text = json.dumps(said, sort_keys=True, default=str)
    return "lint-" + hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Unopened:
    """Footage whose pictures nobody may ask for: only its files are looked at."""

    frames: FrameRange
    width: int = 0
    height: int = 0
    channels: tuple[str, ...] = ()
    space: str = ""

    def frame(self, number: int) -> Picture:
        """Raises FramesMissing."""
        raise FramesMissing(f"frame {number} is not opened: only the files are looked at")


def unreadable(shot: CutShot) -> str:
    """Why a shot's frames cannot be asked for; nothing when they can."""
    if not shot.online or not shot.media:
        return f"offline: {shot.offline_reason or shot.media or 'the clip names no media'}"
    if not shot.frames:
        return f"its speed change cannot be followed ({shot.retime})"
    return ""
