"""Does the key light come from the same side as in the other take of the set-up?

The ratio of light between two takes, laid over each other, is level when nothing was moved; a key
that went from left to right tilts it. Other angles tilt it as well: only a set-up that is matched,
or declared on the shot cards, is read. (A key that was flipped hides shared points: declare it.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome

from ..contract.levels import luminance
from ..exam import Exam, Near
from ..hookspecs import Check, CheckAbout, Scope, hookimpl
from .answers import finding, not_checked
from .overlay import Overlay, overlay
from .props import INEXACT, MOVING
from .sides import at, declared_same, each_side, gate

WARN, LOOK = 0.2, 0.6  # stops per width of the picture
AGREES = 0.45  # correlation of edges; a flipped key leaves .53 and more
_SEEN = 0.3  # share of the picture that must be comparable
_FLOOR = 0.01  # scene-linear, added to both: the ratio of two darks says nothing
_ROBUST = 0.3  # stops from which a pixel counts less and less


class LightSide:
    """Stops per width of the picture by which light leans to another side."""

    about = CheckAbout(
        name="light.side",
        version="1",
        sentence="In one set-up the light comes from the same side, in stops a picture's width.",
        scope=Scope.pair,
        unit="stops per width",
        look=LOOK,
        stop=None,
        source="a flipped key tilts by 1.2 to 1.8, clean retakes by .04 (six rendered rooms)",
        department="Lighting/DI",
        bounds=(0.15, 2),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour."""
        return each_side(self.about, exam, lambda near: [self._side(exam, near)])

    def _side(self, exam: Exam, near: Near) -> Finding:
        about, match = self.about, gate(self.about, exam, near)
        if isinstance(match, Finding) and not declared_same(exam, near.side):
            return match
        laid = overlay(exam, near, None if isinstance(match, Finding) else match)
        if laid is None or laid.agreement < AGREES:
            says = f"The take and the shot {near.side} it cannot be laid over each other."
            return not_checked(about, INEXACT, says, frames=at(near))
        if laid.seen < _SEEN:
            says = "Too much of the picture moves to read its light."
            return not_checked(about, MOVING, says, frames=at(near))
        across, down = lean(laid)
        value = float(np.hypot(across, down))
        if value < about.limit:
            says = f"The light comes from where it does in the shot {near.side} it"
            says += ", though it leans a little." if value >= WARN else "."
            return finding(
                about, Outcome.clear, says, value=value, limit=about.limit, frames=at(near)
            )
        way = "to the right" if across > 0 else "to the left"
        if abs(down) > abs(across):
            way = "downwards" if down > 0 else "upwards"
        says = (
            f"Against the shot {near.side} it the light of the take leans {way}: "
            f"{value:.1f} stops over the width of the picture."
        )
        return finding(about, Outcome.look, says, value=value, limit=about.limit, frames=at(near))


def lean(laid: Overlay) -> tuple[float, float]:
    """Stops by which ours is brighter than theirs to the right, and below, per picture width."""
    ratio = np.log2((luminance(laid.ours) + _FLOOR) / (luminance(laid.theirs) + _FLOOR))
    rows, columns = ratio.shape
    y, x = np.nonzero(laid.inside)
    values = ratio[y, x].astype(np.float64)
    terms = np.stack([np.ones(len(x)), x / columns - 0.5, (y - rows / 2) / columns], axis=1)
    weights: NDArray[Any] = np.ones(len(x))
    plane: NDArray[Any] = np.zeros(3)
    for _ in range(6):  # reweighted, so that what changed in one place does not tilt the whole
        plane = np.linalg.lstsq(terms * weights[:, None], values * weights, rcond=None)[0]
        weights = 1 / np.sqrt(1 + np.square((values - terms @ plane) / _ROBUST))
    return float(plane[1]), float(plane[2])


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``light.side``."""
    return [LightSide()]
