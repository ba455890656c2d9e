"""Is a costume, or a hero prop, of the colour it has in the other shot?

Only where the shot cards say where it is. Lightness is left out, and taken out of the colour: an
actor who turns away from the lamp is darker, and a darker cloth has less colour.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from secondunit_bridge.film import Finding, Outcome, Region

from ..editorial.cards import Card
from ..exam import Exam, Near
from ..hookspecs import Check, CheckAbout, Scope, hookimpl
from ..media.sight import Sight
from .answers import finding, not_checked
from .oklab import oklab
from .sides import at, both_cards, each_side, one_setup

WARN, LOOK = 0.5, 1.2  # OKLab a, b times 100, in one set-up: the same lamps on it
OTHER = 2.5  # times as much from another angle, where other lamps fall on it
UNSAID = "not on the shot card"
ELSEWHEN = "another scene or story day"
SMALL = "the region is too small"
MIDDLE, DARK = 50.0, 10.0  # OKLab lightness times 100: of cloth in the light; nearly black
_WIDTH = 960  # columns
_LEAST = 200  # pixels


class WardrobeHue:
    """How far the colour of a costume is from what it is in the other shot."""

    about = CheckAbout(
        name="wardrobe.hue",
        version="2",
        sentence="A costume keeps its colour from shot to shot, in OKLab a and b times 100.",
        scope=Scope.pair,
        unit="OKLab x 100",
        look=LOOK,
        stop=None,
        source="rendered: clean retakes read up to .6, 18 degrees 3.3; other angles up to 2.7",
        department="Wardrobe",
        bounds=(0.3, 10),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour and each costume that both cards place."""
        return each_side(self.about, exam, lambda near: self._side(exam, near))

    def _side(self, exam: Exam, near: Near) -> Sequence[Finding]:
        about, cards = self.about, both_cards(self.about, exam, near.side)
        if isinstance(cards, Finding):
            return [cards]
        ours, theirs = cards
        places = _places(ours), _places(theirs)
        both = [name for name in places[0] if name in places[1]]
        if not both:
            says = "The shot cards place no costume in both shots."
            return [not_checked(about, UNSAID, says, frames=at(near))]
        if any(a and b and a != b for a, b in _when(ours, theirs)):
            says = "The shots are of different scenes or story days: costumes may be others."
            return [not_checked(about, ELSEWHEN, says, frames=at(near))]
        limit = about.limit * (1 if one_setup(exam, near.side) else OTHER)
        return [
            self._costume(near, name, (places[0][name], places[1][name]), limit) for name in both
        ]

    def _costume(
        self, near: Near, name: str, where_seen: tuple[Region, Region], limit: float
    ) -> Finding:
        about, (one, two), (mine, other) = self.about, near.at_cut, where_seen
        ours, theirs = hue(one, mine), hue(two, other)
        if ours is None or theirs is None:
            says = f"The region of {name} is too small to read its colour."
            return not_checked(about, SMALL, says, frames=at(near))
        value = float(np.hypot(*np.subtract(ours, theirs)))
        where = f"the shot {near.side} it"
        if value >= limit:
            says = f"The colour of {name} differs between the take and {where}, by {value:.1f}."
            return finding(
                about, Outcome.look, says, value=value, limit=limit, frames=at(near), region=mine
            )
        says = f"The colour of {name} is that of {where}: {value:.1f} apart"
        says += ", seen side by side." if value >= WARN else "."
        return finding(about, Outcome.clear, says, value=value, limit=limit, frames=at(near))


def hue(sight: Sight, region: Region) -> tuple[float, float] | None:
    """The median a and b of OKLab times 100 in a region, each pixel as if of middle lightness.

    a / L and b / L stay the same when light grows or fails. None where it has too few pixels.
    """
    light = sight.small_light(_WIDTH)
    rows, columns = light.shape[:2]
    x, y, wide, high = region
    part = light[round(y * rows) : round((y + high) * rows),
                 round(x * columns) : round((x + wide) * columns)]  # fmt: skip
    if part.shape[0] * part.shape[1] < _LEAST:
        return None
    colours = oklab(part).reshape(-1, 3)
    a, b = np.median(MIDDLE * colours[:, 1:] / np.maximum(colours[:, :1], DARK), axis=0)
    return float(a), float(b)


def _when(one: Card, other: Card) -> tuple[tuple[str | None, str | None], ...]:
    return (one.scene, other.scene), (one.day, other.day)


def _places(card: Card) -> dict[str, Region]:
    return {costume.name: costume.region for costume in card.wardrobe}


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``wardrobe.hue``."""
    return [WardrobeHue()]
