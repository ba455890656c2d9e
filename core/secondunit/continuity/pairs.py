"""Which shots of a cut are compared: those that meet, masters, set-ups and costumes that return."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from ..editorial import Cut, CutShot, visible
from ..editorial.cards import Card, read_card

FAR = 48  # shots back that a set-up is looked for
Alike = Callable[[CutShot, CutShot], bool]
"""``alike(earlier, later)``: the later shot may begin in the framing in which the earlier ended."""


class Kind(Enum):
    """Why two shots are compared."""

    meets = "meets"  # they are cut together
    returns = "returns"  # the later one comes back to a set-up that was seen before
    master = "master"  # the earlier one is the master of the later one's set-up
    wears = "wears"  # somebody is in both, and nothing nearer shows the costume


@dataclass(frozen=True)
class Pair:
    """Two shots to compare, in the order of the cut; a master first, wherever it plays."""

    kind: Kind
    earlier: CutShot
    later: CutShot

    @property
    def shots(self) -> tuple[CutShot, CutShot]:
        """Both."""
        return self.earlier, self.later

    @property
    def called(self) -> str:
        """What the earlier shot is to the later, for a sentence; empty where they meet."""
        if self.kind is Kind.master:
            return "its master"
        if self.kind in (Kind.returns, Kind.wears):
            return f"the earlier “{self.earlier.name}”"
        return ""


def meeting(cut: Cut) -> Iterator[Pair]:
    """Shots that are seen to meet: the one seen last before, and the one seen first after."""
    for (one, before), (other, after) in pairwise(_seen(cut)):
        if one[1] + 1 == other[0] and before is not after:
            yield Pair(Kind.meets, before, after)


def masters(cut: Cut) -> Iterator[Pair]:
    """Each shot whose card names a set-up, after the shot whose card is that set-up's master."""
    cards = [(shot, _card(shot)) for shot in cut.shots]
    for shot, card in cards:
        if card is None or card.master:
            continue
        for other, master in cards:
            if master is not None and master.master and card.same_setup(master):
                yield Pair(Kind.master, other, shot)
                break


def returning(cut: Cut, alike: Alike, known: Sequence[Pair]) -> Iterator[Pair]:
    """Each shot after the last one before it that is of the same set-up, if they do not meet.

    Cards decide where both name a set-up; where they do not, ``alike`` does. One take is not
    compared with itself: what changed in it changed before the camera. Pairs ``known`` are left
    out.
    """
    order = list(dict.fromkeys(shot for _, shot in _seen(cut)))
    paired = {(id(pair.earlier), id(pair.later)) for pair in known}
    for place, later in enumerate(order):
        for earlier in reversed(order[max(0, place - FAR) : place]):
            if _same_setup(earlier, later, alike):
                if (id(earlier), id(later)) not in paired:
                    yield Pair(Kind.returns, earlier, later)
                break


def wearing(cut: Cut, known: Sequence[Pair]) -> Iterator[Pair]:
    """Each shot after the last one before it whose card places a costume of its own card that no
    pair ``known`` shows twice: from whatever angle, in one scene and story day."""
    order = list(dict.fromkeys(shot for _, shot in _seen(cut)))
    done = {(id(pair.later), name) for pair in known for name in _both_wear(*pair.shots)}
    for place, later in enumerate(order):
        for earlier in reversed(order[max(0, place - FAR) : place]):
            fresh = {(id(later), name) for name in _both_wear(earlier, later)} - done
            if fresh:
                done |= fresh
                yield Pair(Kind.wears, earlier, later)


def _both_wear(earlier: CutShot, later: CutShot) -> set[str]:
    ours, theirs = _card(later), _card(earlier)
    if ours is None or theirs is None or earlier.media == later.media:
        return set()
    if _differs(ours.scene, theirs.scene) or _differs(ours.day, theirs.day):
        return set()
    return {one.name for one in ours.wardrobe} & {one.name for one in theirs.wardrobe}


def _same_setup(earlier: CutShot, later: CutShot, alike: Alike) -> bool:
    if earlier.media == later.media:
        return False
    ours, theirs = _card(later), _card(earlier)
    if ours is not None and theirs is not None:
        if _differs(ours.scene, theirs.scene) or _differs(ours.day, theirs.day):
            return False
        if ours.setup is not None and theirs.setup is not None:
            return ours.same_setup(theirs)
    return alike(earlier, later)


def _differs(one: str | None, other: str | None) -> bool:
    """Both are said, and they are not the same."""
    return one is not None and other is not None and one != other


def _card(shot: CutShot) -> Card | None:
    return read_card(shot.marks)[0]


def _seen(cut: Cut) -> list[tuple[tuple[int, int], CutShot]]:
    """Every stretch of the record in which a shot is seen, in order: first and last frame, shot."""
    each = zip(cut.shots, visible(cut), strict=True)
    stretches = [((part.first, part.last), shot) for shot, parts in each for part in parts]
    return sorted(stretches, key=lambda one: one[0])
