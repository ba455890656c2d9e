"""Is a costume, or a hero prop, of the colour it has in the other shot?

Only where the shot cards say where it is. Cloth in the shade of one lamp lies in the light of
another, and what a camera or a film does to light takes colour from it the brighter it is: whoever
turns a little changes how much of a coat is in which. So cloth is held against cloth that is as
light in the picture, and where nothing of both is, nothing is said. In one set-up what was done to
the whole of a shot, by grading or exposing it otherwise, is taken out first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome, Region

from ..editorial.cards import Card
from ..exam import Exam, Near
from ..hookspecs import Check, CheckAbout, Scope, hookimpl
from ..media.sight import Sight
from .answers import finding, not_checked
from .cast import Cast, cast
from .key_light import AGREES
from .oklab import burnt, oklab
from .overlay import overlay
from .sides import at, both_cards, each_side, one_setup

WARN, LOOK = 0.4, 0.6  # OKLab a, b times 100, in one set-up: the same lamps on it
OTHER = 4.0  # times as much from another angle, where other lamps fall on it
# What a cast leaves of the still parts of both, as a share of their light: .03 to .09 where camera
# and grade differ, up to EVEN nothing else does. A key that was turned by 30 degrees leaves .2, by
# 90 and more .6: from RELIT on other lamps fall on it, as from another angle.
EVEN, RELIT = 0.15, 0.4
UNSAID = "not on the shot card"
ELSEWHEN = "another scene or story day"
SMALL = "the region is too small"
UNLIKE = "it lies in another light"
DARK, WHITE = 20.0, 96.0  # OKLab lightness times 100, between which cloth has a colour to read
STEP = 4.0  # of that lightness: what lies within is equally light
SHARED = 0.25  # of the cloth's pixels that must be as light as some of the other's
_WIDTH = 960  # columns
_LEAST = 200  # pixels
_FEW = 12  # of one lightness, from which a median says something

Cloth = NDArray[np.float32]
"""``(pixel, 3)``: lightness, a and b of OKLab, each times 100."""


@dataclass(frozen=True)
class Dye:
    """A cloth in a few numbers, which may be kept: how many pixels are of each lightness, and a and
    b in the middle of those, in steps of ``STEP``. NaN where they are few."""

    pixels: NDArray[np.float32]  # (step,)
    colours: NDArray[np.float32]  # (step, 2)
    of: int  # pixels in all

    @classmethod
    def of_cloth(cls, cloth: Cloth) -> Dye:
        """What a cloth is dyed with."""
        steps = np.floor(cloth[:, 0] / STEP).astype(int)
        each = [cloth[steps == step, 1:] for step in range(int(DARK / STEP), int(WHITE / STEP))]
        nothing = np.full(2, np.nan, np.float32)
        colours = [np.median(one, axis=0) if len(one) >= _FEW else nothing for one in each]
        return cls(np.array([len(one) for one in each], np.float32),
                   np.array(colours, np.float32), len(cloth))  # fmt: skip

    def apart(self, other: Dye) -> float | None:
        """How far a and b lie apart where both are equally light.

        In the mean of all such lightnesses, by how much cloth there is of each; None where too
        little of the one is as light as any of the other.
        """
        least = np.minimum(self.pixels, other.pixels)
        alike = least >= _FEW
        if not alike.any() or least[alike].sum() < SHARED * min(self.of, other.of):
            return None
        differ = self.colours[alike] - other.colours[alike]
        return float(np.hypot(*np.average(differ, axis=0, weights=least[alike])))


@dataclass(frozen=True)
class Light:
    """How the light of the other shot is to this one's.

    ``graded`` is what was done to the whole of it, to be taken out; ``times`` how many times the
    limit costumes may differ; ``here`` that both are one set-up.
    """

    graded: Cast | None = None
    times: float = 1.0
    here: bool = True


class WardrobeHue:
    """How far the colour of a costume is from what it is in the other shot."""

    about = CheckAbout(
        name="wardrobe.hue",
        version="4",
        sentence="A costume keeps its colour from shot to shot, in OKLab a and b times 100.",
        scope=Scope.pair,
        unit="OKLab x 100",
        look=LOOK,
        stop=None,
        source="rendered, four scenes: clean retakes read up to .3, 7 degrees .5 to 1.3, 18 degrees"
        " 1.5 to 3.7; other angles up to 1.7",
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
        light = lit(exam, near, list(places[0].values()))
        return [
            replace(self._costume(near, name, (places[0][name], places[1][name]), light),
                    subject=name)
            for name in both
        ]  # fmt: skip

    def _costume(
        self, near: Near, name: str, where_seen: tuple[Region, Region], light: Light
    ) -> Finding:
        about, (one, two), (mine, other) = self.about, near.at_cut, where_seen
        ours, theirs = cloth(one, mine), cloth(two, other, light.graded)
        if ours is None or theirs is None:
            says = f"The region of {name} is too small, or too bright, to read its colour."
            return not_checked(about, SMALL, says, frames=at(near))
        value, limit = apart(ours, theirs), about.limit * light.times
        if value is None and light.here:
            value, limit = as_if_lit_alike(ours, theirs), about.limit * OTHER
        if value is None:
            says = f"{name} is nowhere as light in the shot {near.side} it as in the take."
            return not_checked(about, UNLIKE, says, frames=at(near))
        where = f"the shot {near.side} it"
        if value >= limit:
            says = f"The colour of {name} differs between the take and {where}, by {value:.1f}."
            return finding(
                about, Outcome.look, says, value=value, limit=limit, frames=at(near), region=mine
            )
        says = f"The colour of {name} is that of {where}: {value:.1f} apart"
        says += ", seen side by side." if value >= WARN else "."
        return finding(about, Outcome.clear, says, value=value, limit=limit, frames=at(near))


def lit(exam: Exam, near: Near, costumes: Sequence[Region]) -> Light:
    """How the light of the two shots differs; ``costumes`` have no say in it."""
    if not one_setup(exam, near.side):
        return Light(times=OTHER, here=False)
    match = exam.setup(near.side)
    laid = overlay(exam, near, match if match is not None and match.same else None)
    found = cast(laid, costumes) if laid is not None and laid.agreement >= AGREES else None
    if found is None or EVEN < found.left <= RELIT:
        return Light()
    return Light(times=OTHER) if found.left > RELIT else Light(found)


def cloth(sight: Sight, region: Region, graded: Cast | None = None) -> Cloth | None:
    """The pixels of a region in OKLab times 100; None where it has too few.

    Of the ellipse in it: in the corners of a box round somebody is what stands behind them. With
    ``graded`` as it would look in the other shot. What a display cut off is left out.
    """
    light = sight.small_light(_WIDTH)
    rows, columns = light.shape[:2]
    x, y, wide, high = region
    part = light[round(y * rows) : round((y + high) * rows),
                 round(x * columns) : round((x + wide) * columns)]  # fmt: skip
    if part.shape[0] * part.shape[1] < _LEAST:
        return None
    down, across = (np.linspace(-1, 1, side) ** 2 for side in part.shape[:2])
    pixels = part[down[:, None] + across <= 1]
    seen = [pixels] if graded is None else [pixels, graded.over(pixels)]
    if sight.codes is not None:
        seen[-1] = seen[-1][~np.logical_or.reduce([burnt(one) for one in seen])]
    return oklab(seen[-1]) if len(seen[-1]) >= _FEW else None


def apart(ours: Cloth, theirs: Cloth) -> float | None:
    """How far a and b of two cloths lie apart where they are equally light; None where too little
    of the one is as light as any of the other."""
    return Dye.of_cloth(ours).apart(Dye.of_cloth(theirs))


def as_if_lit_alike(ours: Cloth, theirs: Cloth) -> float:
    """How far two cloths lie apart, had light and camera changed nothing but how light they are.

    In light a and b grow with lightness; on film, and in what a display shows, less.
    """
    light = [max(float(np.median(one[:, 0])), DARK) for one in (ours, theirs)]
    ours_as, theirs_as = (
        np.median(one[:, 1:], axis=0) * (np.mean(light) / own)
        for one, own in zip((ours, theirs), light, strict=True)
    )
    return float(np.hypot(*(ours_as - theirs_as)))


def _when(one: Card, other: Card) -> tuple[tuple[str | None, str | None], ...]:
    return (one.scene, other.scene), (one.day, other.day)


def _places(card: Card) -> dict[str, Region]:
    return {costume.name: costume.region for costume in card.wardrobe}


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``wardrobe.hue``."""
    return [WardrobeHue()]
