"""A sweep: every shot of a cut by itself, and every two that meet, kept for the next sweep.

Nothing that is wrong with one shot hides another. What was found is kept by content: by the media
and the frames that are shown, the checks and their versions, and the colour they were seen in. The
next sweep looks only at what has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import Any

from secondunit_bridge import __version__
from secondunit_bridge.errors import ColorUnknown, SecondUnitError
from secondunit_bridge.film import Finding, Outcome

from ..checks.sides import NO_CARD
from ..editorial import Cut, CutShot, visible
from ..editorial.cards import read_card
from ..exam import NEAR
from ..hookspecs import AnyCheck, Scope
from .drift import Curve, Curves, drifting
from .examining import examine
from .playing import Playback, numbered
from .remembered import Memory

MASTER = "its master"
UNASKED = ("frame_count",)  # compares with what was asked of a take; a cut asks nothing
Tell = Callable[[int, int, str], None]
"""``tell(done, of, what)``: how far a sweep is."""


@dataclass
class Swept:
    """What was found over a cut."""

    findings: list[Finding] = field(default_factory=list)
    not_checked: list[dict[str, Any]] = field(default_factory=list)
    pairs: int = 0
    frames: int = 0  # that were looked at now
    remembered: int = 0  # shots and pairs that an earlier sweep had looked at
    drift: list[Curve] = field(default_factory=list)  # of each actor who was measured

    def skip(self, checks: Sequence[str], shots: Sequence[str], reason: str) -> None:
        """Write down that checks could not be made, and why."""
        self.not_checked += [
            {"check": name, "shots": list(shots), "reason": reason} for name in checks
        ]

    def gather(self, reason: str) -> None:
        """Say once for each check what could not be made for this reason, over all shots."""
        shots: dict[str, list[str]] = {}
        for item in self.not_checked:
            if item["reason"] == reason:
                shots.setdefault(item["check"], []).extend(item["shots"])
        self.not_checked = [item for item in self.not_checked if item["reason"] != reason]
        for name, of in shots.items():
            self.skip([name], list(dict.fromkeys(of)), reason)

    def add(self, found: Sequence[Finding], shots: tuple[str, ...], other: str = "") -> None:
        """Take in findings; one that was not checked stands in its own list.

        ``other`` is what the shot beside the take is to it, when it is not the one before it.
        """
        for finding in found:
            if finding.outcome is Outcome.not_checked:
                self.skip([finding.check], shots, finding.reason or finding.sentence)
            else:
                says = finding.sentence
                for words in ("the shot before the take", "the shot before it") if other else ():
                    says = says.replace(words, other)
                for words in ("the take", "The take"):
                    says = says.replace(words, f"“{shots[-1]}”")
                self.findings.append(replace(finding, shots=shots, sentence=says))


@dataclass(frozen=True)
class Sweep:
    """How to sweep: with which checks, how shots are played, and what is remembered."""

    checks: Mapping[str, AnyCheck]
    playback: Playback
    memory: Memory
    tell: Tell = lambda done, of, what: None

    def over(self, cut: Cut) -> Swept:
        """Every shot by itself, then every cut point, then shots beside the master they name."""
        swept = Swept()
        pairs = {n: c for n, c in self.checks.items() if c.about.scope is Scope.pair}
        alone = {n: c for n, c in self.checks.items() if n not in pairs and _of_a_cut(c)}
        meets = list(cut_points(cut))
        masters = [two for two in with_masters(cut) if two not in meets]
        of = len(cut.shots) + len(meets) + len(masters)
        curves = Curves()
        for done, shot in enumerate(cut.shots):
            self.tell(done, of, shot.name)
            curves.add(shot.name, self._one(swept, alone, (shot,)))
        for done, two in enumerate(meets, start=len(cut.shots)):
            self.tell(done, of, " | ".join(shot.name for shot in two))
            swept.pairs += 1
            self._one(swept, pairs, two)
        for done, two in enumerate(masters, start=len(cut.shots) + len(meets)):
            self.tell(done, of, f"{two[1].name} and its master {two[0].name}")
            self._one(swept, pairs, two, MASTER)
        self.tell(of, of, "")
        swept.gather(NO_CARD)
        swept.drift = curves.all()
        swept.findings += [found for curve in swept.drift if (found := drifting(curve))]
        return swept

    def _one(
        self, swept: Swept, checks: Mapping[str, AnyCheck], shots: tuple[CutShot, ...],
        other: str = "",
    ) -> Sequence[Finding]:  # fmt: skip
        """Examine; media that cannot be read makes the checks not checked, with the reason."""
        names = tuple(shot.name for shot in shots)
        why = next((reason for reason in map(unreadable, shots) if reason), "")
        if why:
            swept.skip(sorted(checks), names, why)
            return ()
        try:
            found, frames = self._found(checks, shots, other)
            swept.frames += frames
            swept.remembered += not frames
            # A cut point has one side only; what is said of the other side is about nothing.
            swept.add([one for one in found if one.reason != "no neighbour"], names, other)
            return found
        except ColorUnknown as error:
            swept.skip(sorted(checks), names, f"{error.message}; give --space")
        except SecondUnitError as error:
            swept.skip(sorted(checks), names, error.message)
        return ()

    def _found(
        self, checks: Mapping[str, AnyCheck], shots: tuple[CutShot, ...], other: str
    ) -> tuple[Sequence[Finding], int]:
        """Findings and how many frames were looked at; 0 where they were remembered."""
        key = self._key(checks, shots, other)
        known = self.memory.recall(key)
        if known is not None:
            return known, 0
        names = tuple(shot.name for shot in shots)
        if len(shots) == 1:
            shown = sorted(set(shots[0].frames))
            with self.playback.alone(shots[0]) as exam:
                found = numbered(examine(exam, checks, names[0]), shown)
            frames = len(shown)
        else:
            two = self.playback.beside_master if other else self.playback.meeting
            with two(shots[0], shots[1]) as exam:
                found = list(examine(exam, checks, " | ".join(names)))
                frames = sum(min(len(shot.frames), NEAR) for shot in shots)
        self.memory.keep(key, found)
        return found, frames

    def _key(self, checks: Mapping[str, AnyCheck], shots: tuple[CutShot, ...], other: str) -> str:
        """Everything that matters to what is found, as one digest."""
        said = {
            "release": __version__,
            "checks": sorted((name, check.about.version) for name, check in checks.items()),
            "colour": [self.playback.colour.digest, asdict(self.playback.project),
                       self.playback.space],
            "shots": [[self.memory.digest(shot.media or ""), shot.numbering, list(shot.frames),
                       str(shot.media_rate), shot.marks.get("card")] for shot in shots],
            "beside": other,
            "gallery": self.playback.approved(shots),
        }  # fmt: skip
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def cut_points(cut: Cut) -> Iterator[tuple[CutShot, CutShot]]:
    """Shots that are seen to meet: the one seen last before, and the one seen first after."""
    seen = zip(cut.shots, visible(cut), strict=True)
    parts = [(part, shot) for shot, parts in seen for part in parts]
    parts.sort(key=lambda pair: pair[0].first)
    for (one, before), (other, after) in pairwise(parts):
        if one.last + 1 == other.first and before is not after:
            yield before, after


def with_masters(cut: Cut) -> Iterator[tuple[CutShot, CutShot]]:
    """Each shot whose card names a set-up, after the shot whose card is that set-up's master."""
    cards = [(shot, read_card(shot.marks)[0]) for shot in cut.shots]
    for shot, card in cards:
        if card is None or card.master:
            continue
        for other, master in cards:
            if master is not None and master.master and card.same_setup(master):
                yield other, shot
                break


def _of_a_cut(check: AnyCheck) -> bool:
    """It needs nothing but the pictures: no turnover's elements, and not what was asked."""
    return check.about.name not in UNASKED and not check.about.works and not check.about.needs


def unreadable(shot: CutShot) -> str:
    """Why a shot's frames cannot be asked for; nothing when they can."""
    if not shot.online or not shot.media:
        return f"offline: {shot.offline_reason or shot.media or 'the clip names no media'}"
    if not shot.frames:
        return f"its speed change cannot be followed ({shot.retime})"
    return ""
