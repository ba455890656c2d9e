"""Where a finding of a cut was seen: which shots, at which of their frames, by their content."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from secondunit_bridge.film import Finding, Seen, SeenShot
from secondunit_bridge.timing import FrameRange

from ..editorial import CutShot
from ..hookspecs import AnyCheck

Digest = Callable[[str], str]
"""What names a media's content, by its path: ``Memory.digest``."""

# What comes and goes from frame to frame: the frame before belongs in the picture.
PULSES = ("flicker.global", "flicker.boil", "pse")
AROUND = 8  # frames before and after the middle of it in which the worst one is looked for

_VERSION = re.compile(r"(?<![A-Za-z])v(?:er)?[._-]?(\d+)(?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """The shots a finding is about, the earlier first, and the media frame of each that is shown.

    A pair has two shots and the two frames that were compared. One shot has the frame to look at,
    and ``before``, the frame that plays before it, where there is one.
    """

    shots: tuple[CutShot, ...]
    frames: tuple[int, ...]
    before: int | None = None
    stretch: tuple[int, ...] = ()  # of a finding that pulses: frames around, worst one not known
    other: str = ""  # what the first of two is to the second, when it does not play before it

    @property
    def pair(self) -> bool:
        """Two shots are compared."""
        return len(self.shots) == 2

    @property
    def start(self) -> int:
        """The record frame at which it is in the cut: the cut point, or the frame to look at."""
        shot = self.shots[-1]
        if self.pair or self.frames[-1] not in shot.frames:
            return shot.record.first
        return shot.record.first + shot.frames.index(self.frames[-1])

    def record(self, finding: Finding) -> FrameRange:
        """The record frames of the finding: of a pair the frame after the cut."""
        shot = self.shots[-1]
        shown = [
            shot.record.first + place
            for place, number in enumerate(shot.frames)
            if any(first <= number <= last for first, last in finding.frames)
        ]
        first = self.start if self.pair or not shown else shown[0]
        last = first if self.pair or not shown else shown[-1]
        return FrameRange(first, last, shot.record.rate)


def placed(finding: Finding, shots: tuple[CutShot, ...], other: str, pair: Sequence[int]) -> Place:
    """Where a finding is. ``pair`` are the two frames that were compared, of two shots."""
    if len(shots) == 2:
        return Place(shots, tuple(pair), other=other)
    shown = sorted(set(shots[0].frames))
    first, last = finding.frames[0] if finding.frames else (shown[0], shown[-1])
    inside = [number for number in shown if first <= number <= last] or shown
    frame = inside[0] if last - first < 2 else inside[len(inside) // 2]
    at = shown.index(frame)
    near = inside[max(0, len(inside) // 2 - AROUND) :][: 2 * AROUND]
    pulses = finding.check in PULSES and len(near) > 1
    return Place(shots, (frame,), shown[at - 1] if at else None, tuple(near) if pulses else ())


def seen(
    finding: Finding, place: Place, digest: Digest, checks: Mapping[str, AnyCheck], cut: str = ""
) -> Seen:
    """What the finding was about, by content."""
    check = checks.get(finding.check)
    return Seen(
        check=finding.check,
        check_version=check.about.version if check else "",
        outcome=finding.outcome,
        sentence=finding.sentence,
        shots=tuple(_shot(shot, finding, place, digest) for shot in place.shots),
        value=finding.value,
        unit=finding.unit,
        region=finding.region,
        cut=cut,
        subject=finding.subject,
    )


def named(finding: Finding, place: Place, digest: Digest) -> Finding:
    """The finding with an id that says its check and, in twelve letters, what it was seen in."""
    tail = finding.id.rpartition("/")[2]
    if not tail.startswith(finding.check):  # it is about somebody or something of the whole cut
        tail = finding.check
    shots = [(s.media, s.frames) for s in seen(finding, place, digest, {}).shots]
    said = json.dumps([tail, shots, place.frames, place.other, finding.subject])
    return replace(finding, id=f"{tail}@{hashlib.sha256(said.encode()).hexdigest()[:12]}")


def version_of(shot: CutShot) -> str:
    """``v003``, from the clip's name, what was cut in, or the name of its media; empty without."""
    for name in (shot.name, str(shot.marks.get("version", "")), Path(shot.media or "").stem):
        found = _VERSION.search(name)
        if found:
            return f"v{found[1]}"
    return ""


def _shot(shot: CutShot, finding: Finding, place: Place, digest: Digest) -> SeenShot:
    frames = finding.frames if not place.pair and finding.frames else _span(shot)
    bare = _VERSION.sub("", shot.name).strip("._- ")
    return SeenShot(
        name=shot.name,
        thread=shot.guid or bare,
        media=digest(shot.media or ""),
        frames=frames,
        version=version_of(shot),
    )


def _span(shot: CutShot) -> tuple[tuple[int, int], ...]:
    return ((min(shot.frames), max(shot.frames)),) if shot.frames else ()
