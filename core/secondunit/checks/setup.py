"""Are the take and its neighbour one set-up, and if so: does the picture jump at the cut?

A jump cut is a framing that meets itself across a cut after some time was left out. Two frames that
follow each other in one take are none, and nothing that cannot be seen is: a locked-off empty room
joins to itself whatever was left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from secondunit_bridge.film import Finding, Outcome

from ..exam import BEFORE, TAKE, Exam, Near
from ..hookspecs import Check, CheckAbout, Scope, hookimpl
from ..media.setup import POINTS, SetupMatch, detail
from ..media.sight import Plane, Sight, fitted
from .answers import finding, not_checked
from .sides import at, declared_same, each_side

FRAMING = (0.95, 1.05)  # scale within which a framing is the same
SHIFT = 0.03  # widths of the picture
JUMPS = 4.0  # times the change from frame to frame
LEFT_OUT = 2.0  # the same when both are one take, and frames are known to be left out
LEAST = 4.0  # codes; less is no jump to anyone
PLAIN = "too little to recognise"
_COLUMNS = 64
_TILES = 98  # percentile of tiles: a person who jumps fills a few of them


class SetUp:
    """Points that the take and its neighbour share; jump cuts."""

    about = CheckAbout(
        name="setup.match",
        version="2",
        sentence="No framing meets itself across a cut with something left out between.",
        scope=Scope.pair,
        unit="shared points",
        look=None,
        stop=None,
        source="25 points over .30 of the picture; other angles share 0 to 7 (six rendered rooms)",
        department="Editorial",
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour: the same set-up or not, and whether the cut jumps."""
        return each_side(self.about, exam, lambda near: [self._side(exam, near)])

    def _side(self, exam: Exam, near: Near) -> Finding:
        about, match, where = self.about, exam.setup(near.side), f"the shot {near.side} it"
        if match is None and not all(detail(sight) for sight in near.at_cut):
            says = f"The take or {where} shows too little that can be recognised."
            return not_checked(about, PLAIN, says, frames=at(near))
        points = match.points if match else 0
        if match is None or not match.same:
            says = f"The take and {where} are framed differently: {points} matching points."
            if declared_same(exam, near.side):
                says = f"The take and {where} are declared to be one set-up; {points} points match."
            return finding(about, Outcome.clear, says, value=points, limit=POINTS, frames=at(near))
        says = f"The take and {where} are the same set-up: {points} matching points."
        if exam.in_cut and framed_alike(match) and not follows(exam, near.side):
            change, usual = jump(near)
            times = LEFT_OUT if one_take(exam, near.side) else JUMPS
            if usual is not None and change >= max(LEAST, times * usual):
                says = (
                    f"A jump cut: the take and {where} have the same framing, and the picture "
                    f"changes {change / max(usual, 0.5):.0f} times as much as between two frames."
                )
                return finding(about, Outcome.look, says, value=points, frames=at(near))
        return finding(about, Outcome.clear, says, value=points, limit=POINTS, frames=at(near))


def framed_alike(match: SetupMatch) -> bool:
    """The framing did not change enough to be felt as another shot."""
    return FRAMING[0] <= match.scale <= FRAMING[1] and match.shift <= SHIFT


def one_take(exam: Exam, side: str) -> bool:
    """Both shots are known to be of one media."""
    ours, theirs = exam.side(TAKE), exam.side(side)
    return bool(ours.media and ours.media == theirs.media and ours.shown and theirs.shown)


def follows(exam: Exam, side: str) -> bool:
    """The two shots are one take, and nothing is left out between them."""
    if not one_take(exam, side):
        return False
    ours, theirs = exam.side(TAKE), exam.side(side)
    early, late = (theirs, ours) if side == BEFORE else (ours, theirs)
    steps = {b - a for one in (early, late) for a, b in pairwise(one.shown)} or {1}
    return late.shown[0] - early.shown[-1] in steps


def jump(near: Near) -> tuple[float, float | None]:
    """Change at the cut and the largest from frame to frame beside it, in codes.

    The second is None when neither side has two frames.
    """
    usual = [_change(a, b) for shots in (near.ours, near.theirs) for a, b in pairwise(shots)]
    return _change(*near.at_cut), max(usual, default=None)


def _change(one: Sight, other: Sight) -> float:
    """Codes by which the most changed tiles differ, a change of level of the whole taken out."""
    a, b = _tiles(one), _tiles(other)
    if a.shape != b.shape:
        return 0.0
    change = a - b
    return float(np.percentile(np.abs(change - np.median(change)), _TILES))


def _tiles(sight: Sight) -> Plane:
    return sight.once("tiles", lambda: fitted(np.clip(sight.luma, 0, 255), _COLUMNS))


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``setup.match``."""
    return [SetUp()]
