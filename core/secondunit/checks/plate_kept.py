"""Is the plate untouched outside the matte, and does the matte's edge not show?

The core measures both while it merges a take into its plate, and again from a version's files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from secondunit_bridge.film import Finding, Outcome, Work

from ..exam import Exam, Kept
from ..hookspecs import Check, CheckAbout, Codes, Scope, hookimpl
from .answers import finding, named, not_checked, spans

NO_PLATE = "no plate to compare with"
NO_EDGE = "no edge"
OUTLINE = "an outline of its own"
OWN_CODES = 12.0  # a third of a stop: nobody overlooks such a join, and a thing put in has an edge
SEEN_CODES = 1.0  # display codes; identical pastes read 0, .05 of a stop 1.8 and .1 of a stop 3.7
_NO_PLATE = "There is no plate to compare the take with."


class PlateIntegrity:
    """Pixels outside the grown matte that are not, bit for bit, those of the plate."""

    about = CheckAbout(
        name="plate.integrity",
        version="1",
        sentence="Outside the grown matte every pixel is the plate's, bit for bit.",
        scope=Scope.shot,
        unit="pixels",
        look=None,
        stop=1.0,
        source="the matte contract: one changed bit is a change",
        department="VFX",
        works=(Work.plate,),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding: how many pixels, by how much, in which frames."""
        about, kept = self.about, kept_frames(exam)
        if not kept:
            return [not_checked(about, NO_PLATE, _NO_PLATE)]
        wrong = {number: one for number, one in kept.items() if one.changed}
        if not wrong:
            says = f"Nothing has changed outside the matte in any of {len(kept)} frames."
            return [finding(about, Outcome.clear, says, value=0, limit=about.limit)]
        runs, count = spans(wrong), sum(one.changed for one in wrong.values())
        most = max(one.most for one in wrong.values())
        pixels = "1 pixel is" if count == 1 else f"{count} pixels are"
        says = (
            f"{pixels} not the plate's outside the matte, by up to {most:.4g}, in {named(runs)}; "
            "none may be. Publish the take again, or make the matte larger where it should change."
        )
        return [finding(about, Outcome.stop, says, value=count, limit=about.limit, frames=runs)]


class MatteSeam:
    """Display codes by which what was replaced steps from what was not."""

    about = CheckAbout(
        name="matte.seam",
        version="2",
        sentence="The edge of what was replaced does not show, in display codes.",
        scope=Scope.shot,
        unit="codes",
        look=SEEN_CODES,
        stop=None,
        source="steps at the edges of the grown and the painted matte; a start value",
        department="VFX",
        works=(Work.plate,),
        codes=Codes(netflix="Compositing Error"),
        bounds=(0.3, 8),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding, by the median of the frames that have an edge."""
        about, kept = self.about, kept_frames(exam)
        if not kept:
            return [not_checked(about, NO_PLATE, _NO_PLATE)]
        steps = {number: one.seam for number, one in kept.items() if one.seam is not None}
        if not steps:
            says = "The matte has no edge in the picture: all or nothing of it may change."
            return [not_checked(about, NO_EDGE, says)]
        value = float(np.median(list(steps.values())))
        if exam.put_in:
            says = "Something was put in from a reference: its own edge is no join to judge."
            return [not_checked(about, OUTLINE, says, value=value)]
        if value < about.limit:
            says = f"The edge of what was replaced does not show: {value:.2f} codes."
            return [finding(about, Outcome.clear, says, value=value, limit=about.limit)]
        runs = spans(number for number, step in steps.items() if step >= about.limit)
        if value > OWN_CODES:
            says = (
                f"What was put in has an outline of its own, {value:.0f} codes: no join to judge."
            )
            return [not_checked(about, OUTLINE, says, value=value, frames=runs)]
        says = (
            f"The edge of what was replaced shows, by {value:.1f} codes, in {named(runs)}; below "
            f"{about.limit:g} nobody sees it. Feather the matte, or match the grade at its edge."
        )
        return [finding(about, Outcome.look, says, value=value, limit=about.limit, frames=runs)]


def kept_frames(exam: Exam) -> Mapping[int, Kept]:
    """What the core measured of each frame; nothing where the take is of no plate.

    Raises what reading a version's files raises.
    """
    return {} if exam.kept is None else exam.once("kept", exam.kept)


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``plate.integrity`` and ``matte.seam``."""
    return [PlateIntegrity(), MatteSeam()]
