"""Is a take soft all over, whatever it is cut beside?

A take alone has nothing to be softer than: only softness that no lens gives on purpose counts here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from secondunit_bridge.film import Finding, Outcome, Work

from ..hookspecs import AnyCheck, CheckAbout, Exam, Scope, Viewing, hookimpl
from ..media.sight import Sight
from .answers import finding, no_picture, not_checked, spans
from .focus import softness
from .soft import EDGES

GROSS = 2.0  # pixels at 512 columns
EVERY = 4  # frames


class FocusTake:
    """Blur of the sharpest edges over the whole take, in pixels of a picture 512 wide."""

    about = CheckAbout(
        name="focus.take",
        version="2",
        sentence="The take is not soft all over, in pixels of a picture 512 wide.",
        scope=Scope.shot,
        unit="px at 512",
        look=GROSS,
        stop=None,
        source="sharp framings read up to 1.1; nearly twice that is soft at any size",
        department="Camera",
        works=tuple(Work),  # of takes; shots of a cut are read beside their neighbours
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return _Watch(self.about, exam)


class _Watch:
    def __init__(self, about: CheckAbout, exam: Exam) -> None:
        self._about, self._exam, self._count = about, exam, 0
        self._read: dict[int, float] = {}

    def see(self, sight: Sight) -> None:
        """One frame in a few."""
        self._count += 1
        value = softness(sight) if self._count % EVERY == 1 else None
        if value is not None:
            self._read[sight.number] = value

    def told(self) -> Sequence[Finding]:
        """By the median."""
        about = self._about
        slate = no_picture(about, self._exam)
        if slate:
            return [slate]
        if not self._read:
            says = "The take has too few edges to tell whether it is soft."
            return [not_checked(about, EDGES, says)]
        value = float(np.median(list(self._read.values())))
        if value < GROSS:
            says = f"The take is not soft all over: {value:.2f} px at 512 columns."
            return [finding(about, Outcome.clear, says, value=value, limit=GROSS)]
        says = f"The take is soft all over: its sharpest edges are {value:.1f} px at 512 columns."
        frames = spans(self._exam.take.frames)
        return [finding(about, Outcome.look, says, value=value, limit=GROSS, frames=frames)]


@hookimpl
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``focus.take``."""
    return [FocusTake()]
