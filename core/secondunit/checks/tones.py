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
from .answers import finding, not_checked
from .neighbours import ANGLES
from .oklab import oklab
from .overlay import Overlay, overlay
from .sides import at, each_side, gate

BLACK = 0.01  # scene-linear: one per cent of white
PALETTE = 3.0  # OKLab times 100
NO_BLACKS = "no blacks in the same places"
_DARKEST = 5.0  # percentile of light that is called black
_FEW = 0.005  # share of the picture that must be black in both
_PALETTE_WIDTH = 160  # columns
_SCALE, _SHIFT = 1.1, 0.05  # times, widths of the picture: beyond, the framing makes the palette
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
        source="the darkest parts of both, linear light; a start value, not calibrated",
        department="Lighting/DI",
        bounds=(0.2, 10),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour."""
        return each_side(self.about, exam, lambda near: [self._side(exam, near)])

    def _side(self, exam: Exam, near: Near) -> Finding:
        match = gate(self.about, exam, near)
        if isinstance(match, Finding):
            return match
        laid = overlay(exam, near, match)
        lifted = None if laid is None else lift(laid)
        if lifted is None:
            says = f"The take and the shot {near.side} it have no blacks in the same places."
            return not_checked(self.about, NO_BLACKS, says, frames=at(near))
        value, limit = 100 * lifted, self.about.limit
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
        bounds=(0.8, 15),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour."""
        return each_side(self.about, exam, lambda near: [self._side(exam, near)])

    def _side(self, exam: Exam, near: Near) -> Finding:
        match = gate(self.about, exam, near)
        if isinstance(match, Finding):
            return match
        if not 1 / _SCALE < match.scale < _SCALE or match.shift > _SHIFT:
            says = f"The take is framed too differently from the shot {near.side} it for a palette."
            return not_checked(self.about, ANGLES, says, frames=at(near))
        value = distance(*(palette(sight) for sight in near.at_cut))
        where = f"the shot {near.side} it"
        limit = self.about.limit
        if value < limit:
            says = f"The colours of the take are those of {where}: {value:.1f} apart."
            outcome = Outcome.clear
        else:
            says = f"The colours of the take have drifted from {where}: {value:.1f} apart."
            outcome = Outcome.look
        return finding(self.about, outcome, says, value=value, limit=limit, frames=at(near))


def lift(laid: Overlay) -> float | None:
    """By how much our blacks are above theirs, scene-linear, where both are black; or None.

    Blacks are compared place by place: someone in a dark coat who has left took no blacks along.
    """
    ours, theirs = (luminance(light) for light in (laid.ours, laid.theirs))
    if not laid.inside.any():
        return None
    deep = [light <= np.percentile(light[laid.inside], _DARKEST) for light in (ours, theirs)]
    both = deep[0] & deep[1] & laid.inside
    if np.count_nonzero(both) < _FEW * both.size:
        return None
    return float(np.median(ours[both]) - np.median(theirs[both]))


def palette(sight: Sight) -> Picture:
    """``(colour, direction)``: all colours along each of many directions, in order."""
    return ordered(sight.small_light(_PALETTE_WIDTH))


def ordered(light: Picture) -> Picture:
    """The palette of a picture that is scene-linear light."""
    colours = oklab(light).reshape(-1, 3)
    return np.sort(colours @ _ways().T, axis=0)


def distance(one: Picture, other: Picture) -> float:
    """The sliced Wasserstein distance of two palettes, in units of one colour axis."""
    return between(lined(one), lined(other))


def lined(colours: Picture, count: int = 2000) -> Picture:
    """``(direction, count)``: a palette at so many places in its order, whatever it was read of."""
    places, own = np.linspace(0, 1, count), np.linspace(0, 1, len(colours))
    return np.asarray([np.interp(places, own, line) for line in colours.T], np.float32)


def between(one: Picture, other: Picture) -> float:
    """The distance of two palettes that were ``lined``."""
    return float(np.abs(one - other).mean() * np.sqrt(3))


def _ways() -> Picture:
    """Directions spread evenly over half a sphere: a spiral."""
    steps = np.arange(_WAYS) + 0.5
    up, turn = 1 - steps / _WAYS, np.pi * (1 + np.sqrt(5)) * steps
    flat = np.sqrt(1 - up * up)
    return np.asarray(np.stack([flat * np.cos(turn), flat * np.sin(turn), up], 1), np.float32)


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``colour.black`` and ``colour.palette``."""
    return [ColourBlack(), ColourPalette()]
