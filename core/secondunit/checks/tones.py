"""Black level and palette against another take of the same set-up.

Both follow the framing before anything else, so they are read only where it is the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from secondunit_bridge.film import Finding, Outcome

from ..contract.levels import luminance
from ..exam import Exam, Near
from ..hookspecs import Check, CheckAbout, Scope, hookimpl
from ..media.footage import Picture
from ..media.sight import Sight
from .answers import finding
from .oklab import oklab
from .sides import at, declared_same, each_side, gate

BLACK = 0.01  # scene-linear: one per cent of white
PALETTE = 3.0  # OKLab times 100
_PERCENTILE = 0.5
_WIDTH, _PALETTE_WIDTH = 480, 160  # columns
_WAYS = 24  # directions in which colours are compared


class ColourBlack:
    """Per cent of white by which the blacks differ from those of the same set-up."""

    about = CheckAbout(
        name="colour.black",
        version="1",
        sentence="The blacks of the take are those of its set-up, in per cent of white.",
        scope=Scope.pair,
        unit="% of white",
        look=100 * BLACK,
        stop=None,
        source="half a percentile of linear light; a start value, not calibrated",
        department="Lighting/DI",
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour."""
        return each_side(self.about, exam, lambda near: [self._side(exam, near)])

    def _side(self, exam: Exam, near: Near) -> Finding:
        why = _other_angle(self.about, exam, near)
        if why:
            return why
        ours, theirs = (black(sight) for sight in near.at_cut)
        value, limit = 100 * (ours - theirs), 100 * BLACK
        where = f"the shot {near.side} it"
        if abs(value) < limit:
            says = f"The blacks of the take are those of {where}: {value:+.2f} % of white."
            return finding(
                self.about, Outcome.clear, says, value=value, limit=limit, frames=at(near)
            )
        word = "lifted above" if value > 0 else "below"
        says = (
            f"The blacks of the take are {word} those of {where}, by {abs(value):.1f} % of white."
        )
        return finding(self.about, Outcome.look, says, value=value, limit=limit, frames=at(near))


class ColourPalette:
    """How far the colours of the take have drifted from those of its set-up."""

    about = CheckAbout(
        name="colour.palette",
        version="1",
        sentence="The colours of the take are those of its set-up, as a distance in OKLab x 100.",
        scope=Scope.pair,
        unit="OKLab x 100",
        look=PALETTE,
        stop=None,
        source="clean retakes differ by .2 to .8; a start value, not calibrated",
        department="Lighting/DI",
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour."""
        return each_side(self.about, exam, lambda near: [self._side(exam, near)])

    def _side(self, exam: Exam, near: Near) -> Finding:
        why = _other_angle(self.about, exam, near)
        if why:
            return why
        value = distance(*(palette(sight) for sight in near.at_cut))
        where = f"the shot {near.side} it"
        if value < PALETTE:
            says = f"The colours of the take are those of {where}: {value:.1f} apart."
            outcome = Outcome.clear
        else:
            says = f"The colours of the take have drifted from {where}: {value:.1f} apart."
            outcome = Outcome.look
        return finding(self.about, outcome, says, value=value, limit=PALETTE, frames=at(near))


def black(sight: Sight) -> float:
    """Half a percentile of luminance, scene-linear."""
    return float(np.percentile(luminance(sight.small_light(_WIDTH)), _PERCENTILE))


def palette(sight: Sight) -> Picture:
    """``(colour, direction)``: all colours along each of many directions, in order."""
    colours = oklab(sight.small_light(_PALETTE_WIDTH)).reshape(-1, 3)
    return np.sort(colours @ _ways().T, axis=0)


def distance(one: Picture, other: Picture) -> float:
    """The sliced Wasserstein distance of two palettes, in units of one colour axis."""
    places = np.linspace(0, 1, 2000)
    lined = [
        np.stack([np.interp(places, np.linspace(0, 1, len(part)), line) for line in part.T])
        for part in (one, other)
    ]
    return float(np.abs(lined[0] - lined[1]).mean() * np.sqrt(3))


def _ways() -> Picture:
    """Directions spread evenly over half a sphere: a spiral."""
    steps = np.arange(_WAYS) + 0.5
    up, turn = 1 - steps / _WAYS, np.pi * (1 + np.sqrt(5)) * steps
    flat = np.sqrt(1 - up * up)
    return np.asarray(np.stack([flat * np.cos(turn), flat * np.sin(turn), up], 1), np.float32)


def _other_angle(about: CheckAbout, exam: Exam, near: Near) -> Finding | None:
    match = gate(about, exam, near)
    return match if isinstance(match, Finding) and not declared_same(exam, near.side) else None


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``colour.black`` and ``colour.palette``."""
    return [ColourBlack(), ColourPalette()]
