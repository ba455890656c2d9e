"""Is there a cut inside the shot? A frame that shows something else than the one before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from secondunit_bridge.film import Finding, Outcome

from ..hookspecs import AnyCheck, CheckAbout, Exam, Scope, Viewing, hookimpl
from ..media.sight import Plane, Sight
from .answers import finding, named, not_checked, spans

WIDTH = 64  # columns
AROUND = 6  # frames on each side that say how much moves
TIMES = 3.0  # the change over the changes around it; adaptive scene detectors use the same
CODES = 12.0  # mean change below which nothing is a cut
ALIKE = 0.55  # correlation of the two pictures above which they show the same thing


class HiddenCut:
    """Frames at which the picture becomes another."""

    about = CheckAbout(
        name="dead.cut",
        version="1",
        sentence="The shot is one shot: no cut is hidden in it.",
        scope=Scope.shot,
        unit="cuts",
        look=1.0,
        stop=None,
        source="three times the change around it, as adaptive scene detectors; tried on real cuts",
        department="Editorial",
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return _Cuts(self.about, exam)


class _Cuts:
    def __init__(self, about: CheckAbout, exam: Exam) -> None:
        self._about, self._exam = about, exam
        self._numbers: list[int] = []
        self._changes: list[float] = []
        self._alike: list[float] = []

    def see(self, sight: Sight) -> None:
        now = sight.small_luma(WIDTH)
        before = sight.before
        old = before.small_luma(WIDTH) if before else now
        self._numbers.append(sight.number)
        self._changes.append(float(np.abs(now - old).mean()))
        self._alike.append(_correlation(now, old))

    def told(self) -> Sequence[Finding]:
        about = self._about
        if len(self._numbers) < 3:
            says = "Too few frames to tell a cut from motion."
            return [not_checked(about, "too short", says)]
        cuts = [self._numbers[n] for n in range(1, len(self._numbers)) if self._is_cut(n)]
        if not cuts:
            says = f"No cut within {len(self._numbers)} frames."
            return [finding(about, Outcome.clear, says, value=0, limit=about.look)]
        runs = spans(cuts)
        says = f"The picture becomes another at {named(runs)}: is a cut hidden in the shot?"
        return [finding(about, Outcome.look, says, value=len(cuts), limit=about.look, frames=runs)]

    def _is_cut(self, n: int) -> bool:
        around = self._changes[max(1, n - AROUND) : n] + self._changes[n + 1 : n + 1 + AROUND]
        usual = float(np.median(around)) if around else 0.0
        change = self._changes[n]
        return change >= CODES and change >= TIMES * usual and self._alike[n] < ALIKE


def _correlation(a: Plane, b: Plane) -> float:
    """Pearson's, 1 for pictures without contrast that are equal."""
    a, b = a - a.mean(), b - b.mean()
    power = float(np.sqrt((a * a).mean() * (b * b).mean()))
    return float((a * b).mean()) / power if power > 1e-3 else 1.0


@hookimpl
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``dead.cut``."""
    return [HiddenCut()]
