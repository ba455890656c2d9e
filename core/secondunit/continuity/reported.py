"""What a sweep found, as a person is shown it: pictures, answers, and how much each weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from secondunit_bridge.film import Finding, Outcome, Seen
from secondunit_bridge.wire import plain

from ..editorial import Cut, CutShot
from ..hookspecs import AnyCheck
from .answered import Given, Standing, accepted_with, standing
from .causes import Cause, causes
from .pairs import meeting
from .places import Place, seen
from .stills import Stills, with_looks
from .sweep import Swept

_ORDER = (Outcome.stop, Outcome.look, Outcome.not_checked, Outcome.clear)
_SEVERITY = {Outcome.stop: 3.0, Outcome.look: 1.0}
_SURE = 2.0  # times its limit from which a value leaves no doubt
_ANY = 0.5  # how sure a finding without a limit is taken to be
# Checks that follow what is in a picture as much as what is wrong with it: see docs/continuity.md.
_FRAGILE = {"colour.palette": 0.4, "flicker.boil": 0.5, "prop.change": 0.5, "setup.match": 0.7}
FACES = ("identity", "face")  # what names of checks of faces begin with


@dataclass(frozen=True)
class Shown:
    """One finding as it is shown. ``stills`` are left and right, or before and the frame itself.

    ``cause`` has what is folded into it. ``because`` is the finding it is folded into itself, and
    ``settled`` says that somebody has accepted that one.
    """

    finding: Finding
    place: Place
    seen: Seen
    stills: tuple[Path, ...] = ()
    standing: Standing | None = None
    weight: float = 0.0  # severity x confidence x seconds on screen, for sorting only
    about: AnyCheck | None = None
    cause: Cause | None = None
    because: str = ""
    settled: bool = False

    @property
    def open(self) -> bool:
        """A person must still look at it: nobody has accepted it, or its cause, as it is now."""
        return self.finding.open and not (self.settled or self.closes)

    @property
    def closes(self) -> bool:
        """It was itself accepted, as it is now."""
        return self.standing is not None and self.standing.closes

    @property
    def sentence(self) -> str:
        """What it says; of a cause of several findings, what they amount to."""
        return self.cause.sentence if self.cause and self.cause.sentence else self.finding.sentence

    @property
    def stops(self) -> bool:
        """It is open, and nobody can go on before it is answered."""
        return self.open and self.finding.outcome is Outcome.stop

    def plain(self) -> dict[str, Any]:
        """As JSON has it: the finding, ``answer``, and what it is folded into or explains."""
        told: dict[str, Any] = plain(self.finding)
        return {
            **told,
            "answer": self.standing.plain() if self.standing else None,
            "because": self.because or None,
            "explains": list(self.cause.explains) if self.cause else [],
            "amounts_to": self.cause.sentence if self.cause else "",
        }


def reported(
    swept: Swept,
    cut: Cut,
    stills: Stills,
    given: Sequence[Given],
    checks: Mapping[str, AnyCheck],
) -> list[Shown]:
    """Every finding, worst first; open ones have pictures, and those that are not folded into
    another are numbered from 1."""
    found = [
        (finding, stills.settled(place) if finding.open else place)
        for finding, place in zip(swept.findings, swept.places, strict=True)
    ]
    stills.make(place for finding, place in found if finding.open)
    shown = [_shown(finding, place, cut, stills, given, checks) for finding, place in found]
    shown = sorted(_folded(shown), key=lambda one: (_rank(one), one.finding.rank or 0))
    lines = sum(one.open and not one.because for one in shown)  # that a person is asked about
    return [
        replace(one, finding=replace(one.finding, rank=place if place <= lines else None))
        for place, one in enumerate(shown, start=1)
    ]


def _folded(shown: Sequence[Shown]) -> list[Shown]:
    """With what is the cause of others, and those that have one."""
    told = causes((one.finding, one.place) for one in shown)
    by_id = {one.finding.id: one for one in shown}
    into: dict[str, Shown] = {}
    for name, cause in told.items():
        into |= {one: by_id[name] for one in cause.explains if _goes_with(by_id[one], by_id[name])}
    return [_in_its_place(one, told.get(one.finding.id), into, by_id) for one in shown]


def _goes_with(one: Shown, head: Shown) -> bool:
    """It may stay folded: nobody has accepted its cause yet, or this was accepted with it, and
    nobody said otherwise of this one itself."""
    if not head.closes or one.closes:
        return True
    refused = one.standing is not None and one.standing.holds
    return not refused and accepted_with(one.seen, head.standing)


def _in_its_place(
    one: Shown, cause: Cause | None, into: Mapping[str, Shown], by_id: Mapping[str, Shown]
) -> Shown:
    """Folded, or with those that are folded into it, which are answered with it."""
    head = into.get(one.finding.id)
    rest = tuple(name for name in cause.explains if name in into) if cause else ()
    return replace(
        one,
        cause=replace(cause, explains=rest) if cause and rest else None,
        because=head.finding.id if head else "",
        settled=head is not None and head.closes,
        seen=replace(one.seen, folded=tuple(plain(by_id[name].seen) for name in rest)),
    )


def cover(swept: Swept, cut: Cut, shown: Sequence[Shown]) -> str:
    """The cut in one line: how many places are clear, to be looked at, stops, or not checked."""
    worst: dict[tuple[Any, ...], Outcome] = {}
    for shots in [*((shot,) for shot in cut.shots), *(pair.shots for pair in meeting(cut))]:
        worst[_spot(shots)] = Outcome.not_checked
    for one in shown:
        spot = _spot(one.place.shots)  # against a master or an earlier shot it is the shot's own
        spot = spot if spot in worst else _spot(one.place.shots[-1:])
        accepted = one.finding.quiet or (one.finding.open and not one.open)
        now = Outcome.clear if accepted else one.finding.outcome
        before = worst.get(spot, Outcome.not_checked)
        worst[spot] = now if before is Outcome.not_checked else min(now, before, key=_ORDER.index)
    outcomes = list(worst.values())
    count = {outcome: outcomes.count(outcome) for outcome in _ORDER}
    stops = f"{count[Outcome.stop]} stop{'' if count[Outcome.stop] == 1 else 's'}"
    says = (
        f"{_counted(len(cut.shots), 'shot')} and {_counted(swept.pairs, 'cut')}:"
        f" {count[Outcome.clear]} clear, {count[Outcome.look]} to look at, {stops},"
        f" {count[Outcome.not_checked]} not checked"
    )
    faces = any(one.finding.check.startswith(FACES) for one in shown)
    return says if faces else f"{says}; faces not checked"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _spot(shots: Sequence[CutShot]) -> tuple[Any, ...]:
    return tuple((shot.layer, shot.level, shot.record.first, shot.name) for shot in shots)


def _rank(one: Shown) -> int:
    """Open ones by outcome, then those with a cause, then accepted ones, then the rest."""
    at = _ORDER.index(one.finding.outcome)
    accepted = one.finding.quiet or (one.finding.open and not one.open)
    if at < 2:
        return 3 if accepted else 2 if one.because else at
    return at + 2


def _shown(
    finding: Finding,
    place: Place,
    cut: Cut,
    stills: Stills,
    given: Sequence[Given],
    checks: Mapping[str, AnyCheck],
) -> Shown:
    what = seen(finding, place, stills.digest, checks, cut.name)
    if not finding.open:
        return Shown(finding, place, what, about=checks.get(finding.check))
    what = with_looks(what, place, finding, stills)
    paths = stills.of(place)
    finding = replace(finding, evidence=tuple(str(path) for path in paths))
    answer = standing(what, given)
    weight = _weight(finding, place, float(cut.rate))
    return Shown(finding, place, what, paths, answer, weight, checks.get(finding.check))


def _weight(finding: Finding, place: Place, rate: float) -> float:
    sure = _ANY
    if finding.value is not None and finding.limit:
        sure = min(1.0, abs(finding.value / finding.limit) / _SURE)
    sure *= _FRAGILE.get(finding.check, 1.0)
    return _SEVERITY.get(finding.outcome, 0.0) * sure * _on_screen(finding, place) / rate


def _on_screen(finding: Finding, place: Place) -> int:
    """Record frames for which it is seen: of a pair the shorter shot, for both are needed."""
    if place.pair:
        return min(len(shot.record) for shot in place.shots)
    inside = [
        number
        for number in place.shots[0].frames
        if any(first <= number <= last for first, last in finding.frames)
    ]
    return len(inside) or len(place.shots[0].record)
