"""Shots that became another little by little: which earlier one each must be held against in full.

From the last time to the next a glass moves by less than anybody would tell, or a coat fades; from
the fifth time back, or the forty-eighth, everybody sees it. So every earlier appearance is compared
in small. What differs as much from one appearance to the next was told there, and what changed
before the camera is the story: neither is told again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

from secondunit_bridge.film import Region

from ..checks.overlay import Mask
from ..checks.wardrobe import OTHER
from ..editorial import CutShot
from ..editorial.cards import read_card
from ..media.setup import SetupMatch
from .ends import Ends, Which
from .held import THING, Held, around, held, laid_over, nowhere, regions, worn
from .pairs import FAR, Kind, Pair

VERSION = "2"  # of how shots are compared in small
SUSPECT = {THING: 0.5}  # shares of a check's limit from which shots are looked at in full
_SUSPECT = 0.9
TWICE = 2.0  # times what one step on the way differs by: less was told there

Known: TypeAlias = Mapping[tuple[int, int], tuple[Region, ...]]
"""Pairs of shots that were looked at in full, by their ids, with the places at which a thing was
told."""
Key: TypeAlias = tuple[str, str]
"""A check, and whose costume."""


@dataclass(frozen=True)
class Suspect:
    """An earlier appearance: how many times the limit it seems to differ by."""

    check: str
    back: int  # appearances before the later shot
    times: float
    but: tuple[Region, ...] = ()


@dataclass
class Line:
    """One set-up, or one costume from any angle, from its first shot to its last.

    ``order`` are all shots of the cut as they play, ``limits`` the checks' by name, ``known`` pairs
    that are looked at in full anyway.
    """

    shots: Sequence[CutShot]
    order: Sequence[CutShot]
    ends: Ends
    limits: Mapping[str, float]
    known: Known = field(default_factory=dict)
    costume: bool = False  # from whatever angle, and nothing but it
    _held: dict[tuple[str, str, bool], Held | None] = field(default_factory=dict)

    def pairs(self) -> Iterator[Pair]:
        """Each shot after those earlier ones from which it seems to have drifted."""
        place = {id(shot): at for at, shot in enumerate(self.order)}
        for at, later in enumerate(self.shots):
            before = [one for one in reversed(self.shots[:at])
                      if place[id(later)] - place[id(one)] <= FAR]  # fmt: skip
            if len(before) < 2:
                continue
            by_shot: dict[int, list[Suspect]] = {}
            for suspect in self._suspects(later, before):
                by_shot.setdefault(suspect.back, []).append(suspect)
            for back, some in by_shot.items():
                checks = tuple(sorted({one.check for one in some}))
                but = tuple(dict.fromkeys(region for one in some for region in one.but))
                yield Pair(Kind.again, before[back], later, checks, but)

    def _suspects(self, later: CutShot, before: Sequence[CutShot]) -> list[Suspect]:
        """Remembered, or found now."""
        memory, barred = self.ends.memory, [sorted(self._barred(later, one)) for one in before]
        said = [VERSION, dict(self.limits), self.costume, barred, self._name(later),
                [self._name(one) for one in before],
                [self._told(*two) for two in pairwise([later, *before])],
                [(id(one), id(later)) in self.known for one in before]]  # fmt: skip
        key = f"again-{hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]}"
        kept = _unpacked(memory.blob(key))
        if kept is None:
            kept = list(self._found(later, before, barred))
            memory.keep_blob(key, json.dumps([vars(one) for one in kept]).encode())
        return kept

    def _found(
        self, later: CutShot, before: Sequence[CutShot], barred: Sequence[Sequence[str]]
    ) -> Iterator[Suspect]:
        """Of each check the earlier appearance from which it differs most."""
        own = self.ends.end(later, Which.first)
        if own is None:
            return
        way, most = _Way(nowhere(own), self.limits), dict[Key, Suspect]()
        for back, earlier in enumerate(before):
            way.tells(self._told(later if back == 0 else before[back - 1], earlier), way.over)
            seen = self._against(later, Which.first, earlier, Which.last)
            if seen is None:
                continue
            if back and (id(earlier), id(later)) not in self.known:
                for key, times in self._times(seen, way, earlier, later).items():
                    worth = times >= SUSPECT.get(key[0], _SUSPECT) and key[0] not in barred[back]
                    if worth and (key not in most or times > most[key].times):
                        but = regions(way.told) if key[0] == THING else ()
                        most[key] = Suspect(key[0], back, times, but)
            way.over = seen.over
            if back == 0:
                way.steps_by(seen)
            way.takes(self._against(earlier, Which.last, earlier, Which.first))
            if back + 1 < len(before):  # its things were looked at in full
                before_it = before[back + 1]
                way.steps_by(
                    self._against(earlier, Which.first, before_it, Which.last, things=False)
                )
        yield from most.values()

    def _times(self, seen: Held, way: _Way, earlier: CutShot, later: CutShot) -> dict[Key, float]:
        """How many times its limit each check's difference is, as far as no step tells it."""
        if earlier.media == later.media or (self.costume and _declared_one(earlier, later)):
            return {}
        far = dict(seen.far) if self.costume else {**seen.far, (THING, ""): seen.thing(way.told)}
        wide = OTHER if self.costume else 1.0
        times = {key: value / (self.limits[key[0]] * wide)
                 for key, value in far.items() if key[0] in self.limits}  # fmt: skip
        steps = {key: way.steps.get(key, 0.0) / (self.limits[key[0]] * wide) for key in times}
        return {key: value for key, value in times.items()
                if steps[key] < 1 or value > TWICE * steps[key]}  # fmt: skip

    def _against(
        self, later: CutShot, end: Which, earlier: CutShot, other: Which, *, things: bool = True
    ) -> Held | None:
        """Two ends in small, compared once."""
        ours, theirs = self.ends.end(later, end), self.ends.end(earlier, other)
        if ours is None or theirs is None:
            return None
        names = self.ends.name(later, end), self.ends.name(earlier, other), things
        if names not in self._held:
            self._held[names] = (
                Held(worn(ours, theirs)) if self.costume else held(ours, theirs, things=things)
            )
        return self._held[names]

    def _told(self, later: CutShot, earlier: CutShot) -> tuple[Region, ...]:
        return self.known.get((id(earlier), id(later)), ())

    def _barred(self, later: CutShot, earlier: CutShot) -> set[str]:
        """Checks that a card between the two, or the later one's, says may differ."""
        first, last = self.order.index(earlier), self.order.index(later)
        cards = [read_card(shot.marks)[0] for shot in self.order[first + 1 : last + 1]]
        return {name for card in cards if card for name in card.allowed}

    def _name(self, shot: CutShot) -> list[str]:
        return [self.ends.name(shot, which) for which in Which]


@dataclass
class _Way:
    """What was told, or seen to happen, on the way back from a shot: ``told`` are places of its
    picture, ``steps`` the largest single steps by check."""

    told: Mask
    limits: Mapping[str, float]
    steps: dict[Key, float] = field(default_factory=dict)
    over: SetupMatch | None = None  # how the shot that was come to last lies under the first

    def steps_by(self, step: Held | None) -> None:
        """One step: from one appearance to the next, or before the camera."""
        for key, value in step.far.items() if step else ():
            self.steps[key] = max(value, self.steps.get(key, 0.0))

    def takes(self, inner: Held | None) -> None:
        """What changed before the camera in the shot that was come to last."""
        self.steps_by(inner)
        if inner is not None and THING in self.limits and inner.beyond.size:
            self._add(inner.places(SUSPECT[THING] * self.limits[THING]), self.over)

    def tells(self, some: Sequence[Region], over: SetupMatch | None) -> None:
        """What was told of a step; ``over`` is how its picture lies under the shot's own, None: it
        is its own."""
        if some:
            self._add(around(some, self.told), over)

    def _add(self, places: Mask, over: SetupMatch | None) -> None:
        self.told = self.told | (places if over is None else laid_over(places, over))


def _declared_one(earlier: CutShot, later: CutShot) -> bool:
    ours, theirs = (read_card(shot.marks)[0] for shot in (later, earlier))
    return ours is not None and ours.same_setup(theirs)


def _unpacked(data: bytes | None) -> list[Suspect] | None:
    """None when there is nothing, or it cannot be read."""
    if data is None:
        return None
    try:
        said: list[dict[str, Any]] = json.loads(data)
        return [
            Suspect(one["check"], one["back"], one["times"],
                    tuple((x, y, w, h) for x, y, w, h in one["but"]))
            for one in said
        ]  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return None
