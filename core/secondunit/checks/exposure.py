"""Is the take as bright as the shots it is cut between? In stops, scene-linear, at the cuts."""

from __future__ import annotations

from collections.abc import Sequence

from secondunit_bridge.film import Finding, Outcome

from ..hookspecs import Check, CheckAbout, Exam, Scope, hookimpl
from .answers import finding, not_checked
from .neighbours import ANGLES, EQUAL, WHY, Reading, readings
from .sides import declared

WARN = 0.10  # stops; the shift a colourist sees side by side
# A third of a stop is the smallest step a camera crew works in; found again within .03 stops.
LOOK = 0.30
# Stops between whole pictures of different framings from which even that weak reading says look.
# Measured in a finished film: whole pictures differ by .3 to 2.1 stops at its hard cuts, and by 2.7
# where a sky is cut against a forest.
FAR = 4.0


class Exposure:
    """Stops between the take and its neighbours, at each cut."""

    about = CheckAbout(
        name="colour.exposure",
        version="3",
        sentence="At its cuts the take is as bright as its neighbours, in stops.",
        scope=Scope.pair,
        unit="stop",
        look=LOOK,
        stop=None,
        source="a third of a stop; found again on matched pixels within .1 on real footage",
        department="Lighting/DI",
        bounds=(0.05, 2),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour: brighter or darker by how much, and how sure that is."""
        both = readings(exam)
        inside = _between(both, self.about.limit)
        return [
            (not reading.why_not and declared(self.about, exam, reading.side))
            or self._said(reading, inside)
            for reading in both
        ]

    def _said(self, reading: Reading, inside: bool) -> Finding:
        about, at = self.about, ((reading.frame, reading.frame),)
        if reading.why_not:
            says = WHY[reading.why_not]
            return not_checked(about, reading.why_not, says.format(side=reading.side))
        value = reading.level.exposure
        words = f"{abs(value):.2f} stop {'brighter' if value > 0 else 'darker'} than"
        if abs(value) < EQUAL:
            words = "as bright as"
        says = f"At frame {reading.frame} the take is {words} {reading.where}"
        if not reading.paired and abs(value) < FAR:
            says += ", by whole pictures only: no part of them matches, so this says little."
            return not_checked(about, ANGLES, says, value=value, frames=at)
        outcome = Outcome.look if abs(value) >= about.limit else Outcome.clear
        if inside and outcome is Outcome.look:
            outcome = Outcome.clear
            says += "; it lies between its two neighbours, which differ by more"
        elif outcome is Outcome.clear and abs(value) >= WARN:
            says += ": within the limit, but seen side by side"
        says += "." if reading.paired else " by whole pictures, framed differently: a weak reading."
        return finding(about, outcome, says, value=value, limit=about.limit, frames=at)


def _between(both: tuple[Reading, Reading], limit: float) -> bool:
    """The neighbours differ by more than the limit, and the take lies between them.

    Only two readings of one kind can be set against each other.
    """
    before, after = both
    if before.why_not or after.why_not or before.paired is not after.paired:
        return False
    over, under = before.level.exposure, after.level.exposure
    return abs(over - under) > limit and over * under <= 0


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``colour.exposure``."""
    return [Exposure()]
