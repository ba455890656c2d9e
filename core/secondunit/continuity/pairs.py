"""Which shots of a cut are compared: those that meet, masters, set-ups and costumes that return."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from secondunit_bridge.film import Region

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
    again = "again"  # it was seen before the last time too, and has become another little by little


@dataclass(frozen=True)
class Pair:
    """Two shots to compare, in the order of the cut; a master first, wherever it plays.

    ``checks`` are all when left empty. ``but`` are places of the later shot's picture at which
    things are known to have changed since, seen or told.
    """

    kind: Kind
    earlier: CutShot
    later: CutShot
    checks: tuple[str, ...] = ()
    but: tuple[Region, ...] = ()

    @property
    def shots(self) -> tuple[CutShot, CutShot]:
        """Both."""
        return self.earlier, self.later

    def and_also(self, other: Pair) -> Pair:
        """The same two shots, compared for what either says."""
        checks = tuple(sorted({*self.checks, *other.checks}))
        return Pair(self.kind, self.earlier, self.later, checks, self.but + other.but)

    @property
    def called(self) -> str:
        """What the earlier shot is to the later, for a sentence; empty where they meet."""
        if self.kind is Kind.master:
            return "its master"
        if self.kind in (Kind.returns, Kind.wears, Kind.again):
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
    paired = {(id(pair.earlier), id(pair.later)) for pair in known}
    for earlier, later in _last_before(cut, alike):
        if earlier is not None and (id(earlier), id(later)) not in paired:
            yield Pair(Kind.returns, earlier, later)


def setups(cut: Cut, alike: Alike) -> list[list[CutShot]]:
    """Shots of one set-up, in the order of the cut; each is one with the last before it."""
    lines: dict[int, list[CutShot]] = {}
    for earlier, later in _last_before(cut, alike):
        line = [] if earlier is None else lines[id(earlier)]
        line.append(later)
        lines[id(later)] = line
    return list({id(line): line for line in lines.values()}.values())


def costumes(cut: Cut) -> list[list[CutShot]]:
    """Shots whose cards place a costume, in the order of the cut, of one scene and story day."""
    lines: dict[tuple[str | None, str | None, str], list[CutShot]] = {}
    for shot in in_order(cut):
        card = _card(shot)
        worn = [(card.scene, card.day, one.name) for one in card.wardrobe] if card else []
        for who in worn:
            lines.setdefault(who, []).append(shot)
    return list(lines.values())


def same_places(region: Region | None, but: Sequence[Region]) -> bool:
    """Half of a region, or more, lies in one of some places."""
    if region is None:
        return False
    x, y, wide, high = region
    for left, top, across, down in but:
        common = (min(x + wide, left + across) - max(x, left),
                  min(y + high, top + down) - max(y, top))  # fmt: skip
        if min(common) > 0 and common[0] * common[1] >= 0.5 * wide * high:
            return True
    return False


def in_order(cut: Cut) -> list[CutShot]:
    """Every shot that is seen, in the order in which it is seen first."""
    return list(dict.fromkeys(shot for _, shot in _seen(cut)))


def _last_before(cut: Cut, alike: Alike) -> Iterator[tuple[CutShot | None, CutShot]]:
    """Each shot that is seen, after the last one before it of its set-up, if there is one."""
    order = in_order(cut)
    for place, later in enumerate(order):
        back = reversed(order[max(0, place - FAR) : place])
        yield next((one for one in back if _same_setup(one, later, alike)), None), later


def wearing(cut: Cut, known: Sequence[Pair]) -> Iterator[Pair]:
    """Each shot after the last one before it whose card places a costume of its own card that no
    pair ``known`` shows twice: from whatever angle, in one scene and story day."""
    order = in_order(cut)
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
