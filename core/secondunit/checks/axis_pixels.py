"""Do two people keep their sides of the picture across a cut? Told from the colours they wear.

A fallback where no camera is known, and it abstains: a colour that is not found, is all over the
picture, is too like the other's, or lies over a shoulder in front, says nothing about sides.
Colours are compared by a and b over lightness in OKLab, which no exposure changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome, Region

from ..editorial.cards import Card
from ..exam import Exam, Near
from ..hookspecs import Check, CheckAbout, Scope, hookimpl
from ..media.sight import Plane, Sight
from .answers import finding, not_checked
from .oklab import oklab
from .sides import at, both_cards, each_side
from .staged import known

WIDTH = 240  # columns
LIKE = 0.05  # of a and b over lightness: cloth in light and shade stays within it
APART = 0.12  # two colours nearer than this are too alike to tell two people by
DARK = 12.0  # lightness 0..100, below which cloth has no colour to go by
LEAST = 0.003  # share of the picture that a costume covers at least
ALL_OVER = 0.25  # share of the picture, from which a colour is the set's and nobody's
CHIEF = 0.6  # share of the colour that one place must hold
GAP = 0.06  # widths of the picture between the two, below which nobody is left of the other
NEARER = 6.0  # times the other's area: somebody in front, over whose shoulder it is seen

UNSAID = "the cards do not say what two people wear"
LOST = "two people are not found by their colours"
OVER_SHOULDER = "over the shoulder"
EXACTLY = "told exactly by axis.host"

Colour = NDArray[np.float32]
"""a and b over lightness."""


@dataclass(frozen=True)
class Place:
    """Where somebody is: the middle, in widths of the picture, and the share it covers."""

    x: float
    share: float
    at_edge: bool = False  # of the picture, at a side and at the bottom


class AxisPixels:
    """People who have changed sides."""

    about = CheckAbout(
        name="axis.pixels",
        version="2",
        sentence="Two people keep their sides of the picture from shot to shot, by what they wear.",
        scope=Scope.pair,
        unit="crossings",
        look=1.0,
        stop=None,
        source="left-right order of two colours of the shot cards; abstains where unsure",
        department="Script",
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each neighbour."""
        return each_side(self.about, exam, lambda near: [self._side(exam, near)])

    def _side(self, exam: Exam, near: Near) -> Finding:
        about, cards = self.about, both_cards(self.about, exam, near.side)
        if isinstance(cards, Finding):
            return cards
        ours, theirs = cards
        names = two_of(ours, theirs)
        if names is None or ours.scene != theirs.scene:
            says = "The shot cards do not say what two people of one scene wear, and where."
            return not_checked(about, UNSAID, says, frames=at(near))
        if known(ours, theirs):
            says = "The shot cards have cameras and people: axis.host says it exactly."
            return not_checked(about, EXACTLY, says, frames=at(near))
        worn = _worn(near, ours, theirs, names)
        both = zip(near.at_cut, (ours, theirs), strict=True)
        orders = [order(sight, worn, _regions(card), names) for sight, card in both]
        return self._told(near, names, orders)

    def _told(self, near: Near, names: tuple[str, str], orders: Sequence[int | str]) -> Finding:
        about, where = self.about, f"the shot {near.side} it"
        here, there = orders
        for side, said in (("the take", here), (where, there)):
            if isinstance(said, str):
                says = f"Who stands left of whom cannot be told in {side}: {said}."
                reason = OVER_SHOULDER if said == OVER_SHOULDER else LOST
                return not_checked(about, reason, says, frames=at(near))
        left, right = names if here == -1 else names[::-1]
        if here == there:
            says = f"{left} is on the left of {right}, as in {where}."
            return finding(about, Outcome.clear, says, value=0, limit=1, frames=at(near))
        says = (
            f"{left} is on the left of {right}, and on the right in {where}: the camera has "
            "crossed the line, or they have. Say so on the card, or cut in a shot between."
        )
        return finding(about, Outcome.look, says, value=1, limit=1, frames=at(near))


def two_of(ours: Card, theirs: Card) -> tuple[str, str] | None:
    """The two whose costumes the cards place: those of an axis, else the only two there are."""
    worn = sorted({costume.name for card in (ours, theirs) for costume in card.wardrobe})
    for card in (ours, theirs):
        if card.axis is not None and card.axis.names <= set(worn) and len(card.axis.names) == 2:
            return card.axis.left, card.axis.right
    return (worn[0], worn[1]) if len(worn) == 2 else None


def order(
    sight: Sight, worn: Mapping[str, Colour | None], regions: Mapping[str, Region],
    names: tuple[str, str],
) -> int | str:  # fmt: skip
    """-1 when the first is left of the second, 1 when right; or why that cannot be told."""
    colours = [worn.get(name) for name in names]
    if any(colour is None for colour in colours):
        return "a costume is too dark or too small to have a colour"
    one, other = colours
    assert one is not None
    assert other is not None
    if float(np.hypot(*(one - other))) < APART:
        return "their colours are too alike"
    found = [place(sight, colour) for colour in (one, other)]
    for index, name in enumerate(names):
        if name in regions:
            found[index] = _declared(regions[name], found[index])
    first, second = found
    if isinstance(first, str) or isinstance(second, str):
        lost = [f"{name} {said}" for name, said in zip(names, found, strict=True)
                if isinstance(said, str)]  # fmt: skip
        return " and ".join(lost)
    large, small = sorted((first, second), key=lambda one: -one.share)
    if large.at_edge and large.share > NEARER * small.share:
        return OVER_SHOULDER
    if abs(first.x - second.x) < GAP:
        return "they stand one behind the other"
    return -1 if first.x < second.x else 1


def place(sight: Sight, colour: Colour) -> Place | str:
    """Where a colour is, or why it is nowhere in particular."""
    import cv2

    seen, light = tints(sight)
    likely = (np.hypot(*np.moveaxis(seen - colour, -1, 0)) < LIKE) & (light > DARK)
    if likely.mean() > ALL_OVER:
        return "wears a colour that is all over the picture"
    whole = cv2.morphologyEx(likely.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    joined = cv2.dilate(whole, np.ones((7, 7), np.uint8))
    count, labels = cv2.connectedComponents(joined)
    areas = np.bincount(labels[whole > 0], minlength=count)
    if not areas.any() or areas.max() < LEAST * whole.size:
        return "is not found"
    chief = int(areas.argmax())
    rows, columns = np.nonzero((labels == chief) & (whole > 0))
    high, wide = whole.shape
    spread = abs(np.nonzero(whole)[1] - columns.mean()) > 0.15 * wide
    if areas[chief] < CHIEF * areas.sum() and spread.mean() > 1 - CHIEF:
        return "wears a colour that is in several places"
    edge = rows.max() >= high - 2 and (columns.min() <= 1 or columns.max() >= wide - 2)
    return Place(float(np.median(columns)) / wide, areas[chief] / whole.size, bool(edge))


def tints(sight: Sight) -> tuple[NDArray[np.float32], Plane]:
    """``(row, column, 2)``: a and b over lightness; and lightness, 0..100."""

    def made() -> tuple[NDArray[np.float32], Plane]:
        lab = oklab(sight.small_light(WIDTH))
        light = lab[..., 0]
        return np.asarray(lab[..., 1:] / np.maximum(light, 1)[..., None], np.float32), light

    return sight.once(("tints", WIDTH), made)


def _declared(region: Region, found: Place | str) -> Place:
    x, y, wide, high = region
    edge = y + high > 0.99 and (x < 0.01 or x + wide > 0.99)
    share = found.share if isinstance(found, Place) else wide * high
    return Place(x + wide / 2, share, edge)


def _regions(card: Card) -> dict[str, Region]:
    return {costume.name: costume.region for costume in card.wardrobe}


def _worn(near: Near, ours: Card, theirs: Card, names: Sequence[str]) -> dict[str, Colour | None]:
    """What each wears, read where a card places it; None where that is too dark or too small."""
    places = [(sight, _regions(card))
              for sight, card in zip(near.at_cut, (ours, theirs), strict=True)]  # fmt: skip
    worn: dict[str, Colour | None] = {}
    for name in names:
        sight, region = next((s, r[name]) for s, r in places if name in r)
        worn[name] = _colour(sight, region)
    return worn


def _colour(sight: Sight, region: Region) -> Colour | None:
    seen, light = tints(sight)
    rows, columns = light.shape
    x, y, wide, high = region
    part = (slice(round(y * rows), round((y + high) * rows)),
            slice(round(x * columns), round((x + wide) * columns)))  # fmt: skip
    bright = light[part] > DARK
    if np.count_nonzero(bright) < 12 or bright.mean() < 0.5:
        return None
    return np.asarray(np.median(seen[part][bright], axis=0), np.float32)


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``axis.pixels``."""
    return [AxisPixels()]
