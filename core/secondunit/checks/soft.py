"""Is the take soft: by itself, and against another shot of its set-up?

A sharp picture reads alike from any angle, so softness is looked for without a neighbour too. But a
lens, a filter or the weather may be soft on purpose: what a neighbour of the same set-up is as
well, is no mistake of the take.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from secondunit_bridge.film import Finding, Outcome

from ..exam import Exam, Near
from ..hookspecs import Check, CheckAbout, Scope, hookimpl
from ..media.sight import Sight
from .answers import finding, not_checked
from .focus import softness
from .setup import FRAMING
from .sides import at, declared_same, each_side

SOFT = 1.18  # pixels at 512 columns; every sharp framing measured stays below
SOFTER = 0.10  # pixels, against the same set-up
EDGES = "too few edges"


class FocusSoft:
    """Blur of the sharpest edges in pixels of a picture 512 wide."""

    about = CheckAbout(
        name="focus.soft",
        version="3",
        sentence="The sharpest edges of the take are sharp, in pixels of a picture 512 wide.",
        scope=Scope.pair,
        unit="px at 512",
        look=SOFT,
        stop=None,
        source="sharp framings read up to 1.16, a blur of .8 px mostly 1.19 and more (two rendered"
        " rooms, three live clips)",
        department="Camera",
        bounds=(1.0, 3),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour; of the same set-up it is also compared with that one."""
        return each_side(self.about, exam, lambda near: [self._side(exam, near)])

    def _side(self, exam: Exam, near: Near) -> Finding:
        about, where = self.about, f"the shot {near.side} it"
        ours, theirs = softness_near(near.ours), softness_near(near.theirs)
        if ours is None:
            says = "The take has too few edges to tell whether it is soft."
            return not_checked(about, EDGES, says, frames=at(near))
        match = exam.setup(near.side)
        same = declared_same(exam, near.side) or (match is not None and match.same)
        if same and theirs is not None:
            if match is not None and match.same and match.scale > FRAMING[1]:
                theirs *= match.scale  # what is shown larger shows its edges wider
            more = ours - theirs
            if more >= SOFTER:
                says = f"The take is softer than {where}, of the same set-up: by {more:.2f} px."
                return finding(
                    about, Outcome.look, says, value=ours, limit=theirs + SOFTER, frames=at(near)
                )
            says = f"The take is as sharp as {where}, of the same set-up: {ours:.2f} px."
        elif ours >= about.limit:
            says = f"The take is soft: its sharpest edges are {ours:.2f} px wide at 512 columns."
            return finding(
                about, Outcome.look, says, value=ours, limit=about.limit, frames=at(near)
            )
        else:
            says = f"The take is sharp beside {where}: {ours:.2f} px at 512 columns."
        return finding(about, Outcome.clear, says, value=ours, limit=about.limit, frames=at(near))


def softness_near(sights: tuple[Sight, ...]) -> float | None:
    """The median softness of frames beside each other; None when they have too few edges."""
    known = [one for one in map(softness, sights) if one is not None]
    return float(np.median(known)) if known else None


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``focus.soft``."""
    return [FocusSoft()]
