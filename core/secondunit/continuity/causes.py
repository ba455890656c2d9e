"""Findings that one shot is the cause of, folded into one of them: one line for a person to answer.

A shot that is graded otherwise differs from its master, from every earlier shot of its set-up, and
makes the next one that comes back to it seem wrong as well; and in exposure, palette and blacks at
once. Nothing is left out: what is folded stays a finding, and says into which.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from secondunit_bridge.film import Finding, Outcome

from ..editorial import CutShot
from ..editorial.cards import read_card
from .answered import same_region
from .places import Place

Found = tuple[Finding, Place]
Spot = tuple[Any, ...]

# One grade, or another light, in the order in which it is best said what is the matter.
LIGHT = ("light.side", "colour.exposure", "colour.wb", "colour.black", "colour.palette")
COSTUME = "wardrobe.hue"  # from another angle a grade cannot be taken out of it first
THING = "prop.change"
# The same error, seen again against another shot.
ALONE = ("grain.level", COSTUME, THING, "axis.host")
# Times the shot's own value, or a costume's limit, beyond which there is something else too.
TWICE = 2.0


@dataclass(frozen=True)
class Cause:
    """What is folded into a finding: ``explains`` are the ids of it, ``sentence`` says the cause
    where it is more than the finding itself says."""

    explains: tuple[str, ...]
    sentence: str = ""


@dataclass
class _Group:
    """Findings whose cause is one shot."""

    shot: Spot
    found: list[Found] = field(default_factory=list)

    @property
    def head(self) -> Found:
        """The one that says best what is the matter: at the shot itself, against its master."""
        return min(self.found, key=self._after)

    def _after(self, one: Found) -> tuple[Any, ...]:
        finding, place = one
        checks = [*LIGHT, *ALONE]
        theirs = _spot(place.shots[-1]) != self.shot
        return checks.index(finding.check), theirs, not _to_master(place), place.start


def causes(found: Iterable[Found]) -> dict[str, Cause]:
    """For each finding into which others are folded, by its id, what it is the cause of.

    Only what a person should look at is folded, never what stops.
    """
    some = [(f, p) for f, p in found if f.open and f.outcome is Outcome.look and p.pair]
    groups = _of_light(some)
    lit = {finding.id for group in groups for finding, _ in group.found}
    groups += _seen_again([one for one in some if one[0].id not in lit])
    told = {}
    for group in groups:
        head, _ = group.head
        rest = tuple(one.id for one, _ in group.found if one.id != head.id)
        if rest:
            told[head.id] = Cause(rest, _says(group))
    return told


def _of_light(found: Sequence[Found]) -> list[_Group]:
    """By the shot that is lit or graded otherwise."""
    groups: dict[Spot, _Group] = {}
    for check in LIGHT:
        for group in _stars([one for one in found if one[0].check == check]):
            groups.setdefault(group.shot, _Group(group.shot)).found += group.found
    for one in found:
        if one[0].check == COSTUME and not _one_setup(one[1]) and not _another(one[0]):
            ends = [_spot(shot) for shot in one[1].shots if _spot(shot) in groups]
            if ends:
                groups[ends[-1]].found.append(one)
    return list(groups.values())


def _seen_again(found: Sequence[Found]) -> list[_Group]:
    """By the shot in which somebody, something or the grain is not as in several others."""
    groups: list[_Group] = []
    for check, subject in dict.fromkeys((one.check, one.subject) for one, _ in found):
        if check in ALONE:
            alike = [one for one in found if (one[0].check, one[0].subject) == (check, subject)]
            for place in _places(alike) if check == THING else [alike]:
                groups += _stars(place)
    return groups


def _places(found: Sequence[Found]) -> list[list[Found]]:
    """By where in the picture it is: two things in one shot are two errors."""
    places: list[list[Found]] = []
    for one in found:
        region = one[0].region
        there = next((some for some in places if same_region(region, some[0][0].region)), None)
        if there is None:
            places.append([one])
        else:
            there.append(one)
    return places


def _stars(edges: Sequence[Found]) -> list[_Group]:
    """Findings of one check by the shot that explains most of them, the master of a set-up last."""
    left, groups = list(edges), []
    while left:
        pairs = {tuple(map(_spot, place.shots)) for _, place in left}
        degree = Counter(spot for pair in pairs for spot in pair)
        masters = {_spot(shot) for _, place in left for shot in place.shots
                   if _one_setup(place) and _master(shot)}  # fmt: skip
        own = {_spot(place.shots[-1]) for _, place in left if _to_master(place)}
        spot = max(degree, key=lambda one: (one not in masters, degree[one], one in own, one))
        mine = [one for one in left if spot in map(_spot, one[1].shots)]
        left = [one for one in left if one not in mine]
        groups.append(_Group(spot, _as_large(spot, mine)))
    return groups


def _as_large(spot: Spot, found: Sequence[Found]) -> list[Found]:
    """Without what says more of the other shot than this one's own findings explain.

    What drifts away from a shot grows from one to the next: each explains twice as much, and of a
    thing, whose difference is an area, four times.
    """
    own = [one for one in found if _spot(one[1].shots[-1]) == spot]
    if own:
        most = TWICE * max(_size(finding) for finding, _ in own)
        return [one for one in found if one in own or _size(one[0]) <= most]
    grows = sorted(found, key=lambda one: _size(one[0]))
    times = TWICE**2 if found[0][0].check == THING else TWICE
    far = next((n for n in range(1, len(grows))
                if _size(grows[n][0]) > times * _size(grows[n - 1][0])), len(grows))  # fmt: skip
    return [one for one in found if one in grows[:far]]


def _another(finding: Finding) -> bool:
    """It differs by more than a grade does: another coat."""
    return bool(finding.limit) and _size(finding) > TWICE * abs(finding.limit or 0)


def _size(finding: Finding) -> float:
    value = abs(finding.value or 0.0)
    return abs(math.log(max(value, 1e-3))) if finding.check == "grain.level" else value


def _says(group: _Group) -> str:
    """Of light and grade what all of it amounts to; of anything else nothing more."""
    by_check: dict[str, Finding] = {}
    for finding, place in sorted(group.found, key=group._after):
        mine = _spot(place.shots[-1]) == group.shot
        by_check.setdefault(finding.check, finding if mine else _turned(finding))
    if not set(by_check) & set(LIGHT):
        return ""
    name = group.shot[-1]
    words = [said for check in LIGHT if (said := _in_words(by_check, check))]
    lit = "light.side" in by_check
    begins = f"“{name}” is lit from another side" if lit else f"“{name}” is graded otherwise"
    begins += " than its set-up"
    return f"{begins}: {', '.join(words)}." if words else f"{begins}."


def _in_words(found: Mapping[str, Finding], check: str) -> str:
    finding = found.get(check)
    if finding is None:
        return ""
    value = finding.value or 0.0
    return {
        "colour.exposure": f"{abs(value):.2f} stop {'brighter' if value > 0 else 'darker'}",
        "colour.wb": f"white balance {abs(value):.2f} stop off",
        "colour.black": f"blacks {'lifted' if value > 0 else 'lowered'}",
        "colour.palette": "other colours",
    }.get(check, "")


def _turned(finding: Finding) -> Finding:
    """As seen from the earlier of the two shots: a check reads the later against it."""
    return finding if finding.value is None else replace(finding, value=-finding.value)


def _spot(shot: CutShot) -> Spot:
    return shot.record.first, shot.layer, shot.level, shot.name


def _master(shot: CutShot) -> bool:
    card = read_card(shot.marks)[0]
    return card is not None and card.master


def _to_master(place: Place) -> bool:
    return place.other == "its master"


def _one_setup(place: Place) -> bool:
    """They are compared because of it, or cards say so."""
    earlier, later = (read_card(shot.marks)[0] for shot in place.shots)
    if earlier is None or later is None or earlier.setup is None or later.setup is None:
        return bool(place.other)
    return later.same_setup(earlier)
