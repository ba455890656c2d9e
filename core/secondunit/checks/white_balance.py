"""Is the take as warm as the shots it is cut between? log2 of R/G and B/G, at the cuts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from secondunit_bridge.film import Finding, Outcome

from ..hookspecs import Check, CheckAbout, Exam, Scope, hookimpl
from .answers import finding, not_checked
from .neighbours import ANGLES, EQUAL, WHY, Reading, readings
from .sides import declared

WARN = 0.03  # stops of R/G or B/G
LOOK = 0.06  # three times what clean retakes differ by


class WhiteBalance:
    """Stops of red and blue against green between the take and its neighbours, at each cut."""

    about = CheckAbout(
        name="colour.wb",
        version="2",
        sentence="At its cuts the take is as warm as its neighbours.",
        scope=Scope.pair,
        unit="stop of R/G or B/G",
        look=LOOK,
        stop=None,
        source="matched pixels of clean retakes agree within .02; limits to calibrate per show",
        department="Lighting/DI",
        bounds=(0.02, 1),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour, of the worse of R/G and B/G: which way and how far."""
        both = readings(exam)
        return [
            (not reading.why_not and declared(self.about, exam, reading.side))
            or self._said(reading, both)
            for reading in both
        ]

    def _said(self, reading: Reading, both: tuple[Reading, Reading]) -> Finding:
        about, at = self.about, ((reading.frame, reading.frame),)
        if reading.why_not:
            says = WHY[reading.why_not]
            return not_checked(about, reading.why_not, says.format(side=reading.side))
        channel, value = _worse(reading)
        words = f"{abs(value):.2f} stop {_lean(reading)} than"
        if abs(value) < EQUAL:
            words = "as warm as"
        says = f"At frame {reading.frame} the take is {words} {reading.where}"
        if not reading.paired:
            says += ", by whole pictures only: no part of them matches, so this says little."
            return not_checked(about, ANGLES, says, value=value, frames=at)
        outcome = Outcome.look if abs(value) >= about.limit else Outcome.clear
        if outcome is Outcome.look and _between(both, channel, about.limit):
            outcome = Outcome.clear
            says += "; it lies between its two neighbours, which differ by more"
        elif outcome is Outcome.clear and abs(value) >= WARN:
            says += ": within the limit, but seen side by side"
        return finding(about, outcome, says + ".", value=value, limit=about.limit, frames=at)


def _worse(reading: Reading) -> tuple[str, float]:
    pair = {"red": reading.level.red, "blue": reading.level.blue}
    channel = max(pair, key=lambda name: abs(pair[name]))
    return channel, pair[channel]


def _lean(reading: Reading) -> str:
    """The comparative a colourist would use: warmer, cooler, greener or more magenta."""
    red, blue = reading.level.red, reading.level.blue
    if red * blue > 0 and min(abs(red), abs(blue)) > 0.5 * max(abs(red), abs(blue)):
        return "more magenta" if red > 0 else "greener"
    return "warmer" if red - blue > 0 else "cooler"


def _between(both: tuple[Reading, Reading], channel: str, limit: float) -> bool:
    """The neighbours differ by more than the limit in a channel, and the take lies between them."""
    before, after = both
    if before.why_not or after.why_not or not (before.paired and after.paired):
        return False
    over, under = (float(getattr(reading.level, channel)) for reading in both)
    return math.fabs(over - under) > limit and over * under <= 0


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``colour.wb``."""
    return [WhiteBalance()]
