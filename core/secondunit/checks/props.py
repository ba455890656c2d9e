"""Has a thing moved, come or gone between two takes of one set-up? A ranking, never a verdict.

Laid over each other, each small patch of one picture is looked for near its place in the other, and
the other way round. What is found nowhere near is a difference. Lightness counts half, and a patch
may be found lighter or darker as a whole: whoever stands elsewhere throws their shadow elsewhere,
on things that were not touched. What moves within a shot, and where its shadow falls, is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome, Region

from ..exam import Exam, Near
from ..hookspecs import Check, CheckAbout, Scope, hookimpl
from ..media.footage import Picture
from .answers import finding, not_checked
from .oklab import oklab
from .outlines import Outlines
from .overlay import EXACT, Mask, Overlay, overlay
from .setup import follows
from .sides import at, each_side, gate

REACH = 6  # pixels of 512 across in which a patch is looked for, and half as many up and down
PATCH = 5  # pixels
DIFFERS = 3.0  # OKLab times 100 from which a pixel is part of a difference
SHADES = 6.0  # the same beside what moves: its shadow takes the colour of another lamp
SOFTER = 0.6  # pixels by which pictures are blurred before: laying one over the other blurs it
LEAST = 20  # pixels
LOOK = 120.0  # sum of what OKLab differences go beyond DIFFERS, over the pixels of a difference
SECOND = 0.25  # of a difference, in the other picture alone: it is a thing in two places
SHOWN = 3  # differences that are told
INEXACT = "pictures do not lie over each other"
MOVING = "too much of the picture moves"
SHADE = 0.7  # of OKLab's lightness, a stop and a half: as far as a shadow may explain a difference
_DARKENED = 0.05  # what lightness that a shadow may explain still counts, squared
_LIT, _SHADED = 0.5, 0.2  # what lightness counts, and where shadows of what moves may fall
_SEEN = 0.3  # share of the picture that must be comparable
_DARK = 0.005  # scene-linear; below it grain is all there is

Distances = NDArray[np.float32]


@dataclass(frozen=True)
class Difference:
    """One place where two pictures differ: how much in all, and where."""

    score: float
    region: Region


class PropChange:
    """The largest differences between takes of one set-up, ranked."""

    about = CheckAbout(
        name="prop.change",
        version="6",
        sentence="Nothing has moved, come or gone against a shot of the same set-up.",
        scope=Scope.pair,
        unit="difference",
        look=LOOK,
        stop=None,
        source="rendered, four scenes: things gone or moved by 8 cm read 125 and more, retakes up"
        " to 100",
        department="Props",
        bounds=(60, 5000),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """The first three differences to each neighbour of the same set-up, or none."""
        return each_side(self.about, exam, lambda near: self._side(exam, near))

    def _side(self, exam: Exam, near: Near) -> Sequence[Finding]:
        about, match = self.about, gate(self.about, exam, near)
        if isinstance(match, Finding):
            return [match]
        if follows(exam, near.side):
            says = f"The take goes on where the shot {near.side} it meets it: nothing is left out."
            return [finding(about, Outcome.clear, says, limit=about.limit, frames=at(near))]
        laid = overlay(exam, near, match)
        if laid is not None and laid.agreement < EXACT:
            says = f"The take and the shot {near.side} it cannot be laid over each other exactly."
            return [not_checked(about, INEXACT, says, frames=at(near))]
        if laid is None or laid.seen < _SEEN:
            says = "Too much of the picture moves: what stands still cannot be compared."
            return [not_checked(about, MOVING, says, frames=at(near))]
        found = differences(laid)
        told = [one for one in found if one.score >= about.limit][:SHOWN]
        if not told:
            most = found[0].score if found else 0.0
            says = f"Nothing has moved, come or gone against the shot {near.side} it that is seen."
            return [
                finding(about, Outcome.clear, says, value=most, limit=about.limit, frames=at(near))
            ]
        return [self._said(near, len(told), one) for one in told]

    def _said(self, near: Near, of: int, one: Difference) -> Finding:
        says = f"Something differs {_where(one.region)} between the take and"
        says += f" the shot {near.side} it" + (f", in one of {of} places." if of > 1 else ".")
        return finding(
            self.about,
            Outcome.look,
            says,
            value=one.score,
            limit=self.about.limit,
            frames=at(near),
            region=one.region,
        )


def differences(laid: Overlay) -> list[Difference]:
    """Differences between two pictures laid over each other, largest first; of one that is a thing
    in two places, where it is and where it was."""
    import cv2

    laid = replace(laid, ours=_softer(laid.ours), theirs=_softer(laid.theirs))
    here, there = unexplained(laid)
    distance = np.maximum(here, there)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(
        (distance > DIFFERS).astype(np.uint8)
    )
    beyond = distance - np.float32(DIFFERS)  # shadows and edges are faint, whatever their size
    sums = np.bincount(labels.ravel(), beyond.ravel(), minlength=count)
    found, outlines = [], Outlines(laid)
    for index in range(1, count):
        whole, score = labels == index, float(sums[index])
        if boxes[index, cv2.CC_STAT_AREA] >= LEAST and not outlines.explain(whole, score):
            places = [whole & (here >= there), whole & (here < there)]
            if min(float(beyond[place].sum()) for place in places) < SECOND * score:
                places = [whole]
            elif all(outlines.explain(place, score) for place in places):  # a foot put elsewhere
                continue
            found += [Difference(score, _box(place)) for place in places]
    return sorted(found, key=lambda one: -one.score)


def _box(place: Mask) -> Region:
    """Around the largest connected part of a place, in 0..1 of the picture."""
    import cv2

    rows, columns = place.shape
    _, _, boxes, _ = cv2.connectedComponentsWithStats(place.astype(np.uint8))
    x, y, wide, high, _ = (int(side) for side in max(boxes[1:], key=lambda box: box[4]))
    box = (x / columns, y / rows, wide / columns, high / rows)
    x0, y0, w, h = (round(side, 4) for side in box)
    return x0, y0, w, h


def _softer(picture: Picture) -> Picture:
    """A hair that falls on one pixel, or between two, is as dark in both."""
    import cv2

    return np.asarray(cv2.GaussianBlur(picture, (0, 0), SOFTER), np.float32)


def unexplained(
    laid: Overlay, reach: int = REACH, size: int = PATCH, gain: Picture | None = None
) -> tuple[Distances, Distances]:
    """How far each pixel is from anything near its place in the other picture: what is in the take
    alone, and what is in the other shot alone.

    ``reach`` is how far a patch, ``size`` pixels across, is looked for; ``gain`` how much brighter
    theirs is, where that is known.
    """
    inside = laid.inside & (laid.ours.mean(2) > _DARK) & (laid.theirs.mean(2) > _DARK)
    weight = np.where(laid.beside, _SHADED, _LIT).astype(np.float32)
    ours = oklab(laid.ours)
    theirs = oklab(laid.theirs / (brighter(laid, inside) if gain is None else gain))
    ours[..., 0] *= weight
    theirs[..., 0] *= weight
    seen = _inner(laid.covered, 2 * reach + size + 4) & _inner(laid.inside | laid.beside, size)
    here, there = (_far(*two, reach, size) for two in ((ours, theirs), (theirs, ours)))
    seen &= ~laid.beside | (np.maximum(here, there) >= SHADES)
    return np.where(seen, here, np.float32(0)), np.where(seen, there, np.float32(0))


def brighter(laid: Overlay, inside: Mask) -> Picture:
    """How many times theirs is brighter than ours, by channel, in the middle of some places."""
    logs = np.log2((laid.theirs[inside] + 1e-3) / (laid.ours[inside] + 1e-3))
    gain = np.exp2(np.median(logs, axis=0)) if len(logs) else np.ones(3)
    return np.asarray(gain, np.float32)


def _far(picture: Picture, other: Picture, reach: int, size: int) -> Distances:
    """How far each patch is from the nearest one about its place in the other picture, that one
    made lighter or darker as a whole by as much as a shadow does."""
    import cv2

    rows, columns = picture.shape[:2]
    down, across = reach // 2, reach
    border = down, down, across, across
    wide = np.asarray(cv2.copyMakeBorder(other, *border, cv2.BORDER_REPLICATE), np.float32)
    own = _patches(picture, picture, size)
    power = np.maximum(_patches(wide, wide, size), np.float32(1e-3))
    best = np.full((rows, columns), np.inf, np.float32)
    for y in range(2 * down + 1):
        for x in range(2 * across + 1):
            place = slice(y, y + rows), slice(x, x + columns)
            there, shared = power[place], _patches(picture, wide[place], size)
            light = (shared / there + np.float32(_DARKENED)) / np.float32(1 + _DARKENED)
            light = np.clip(light, np.float32(SHADE), np.float32(1 / SHADE))
            left = own - light * (2 * shared - light * there)
            np.minimum(best, left + _DARKENED * (1 - light) ** 2 * there, out=best)
    return np.asarray(np.sqrt(np.maximum(best, 0)), np.float32)  # sums that run round below 0


def _patches(one: Picture, other: Picture, size: int) -> NDArray[np.float32]:
    """The mean over each patch of what two pictures have in common."""
    import cv2

    shared = np.einsum("ijk,ijk->ij", one, other)
    return np.asarray(cv2.blur(shared, (size, size)), np.float32)


def _inner(mask: Mask, size: int) -> Mask:
    """Without its edge, half of so many pixels wide: a patch may be found beyond it only."""
    import cv2

    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.erode(padded, np.ones((size, size), np.uint8), borderValue=0)
    return np.asarray(inner[1:-1, 1:-1] > 0)


def _where(region: Region) -> str:
    """In words: ``left above``, ``in the middle``."""
    x, y = region[0] + region[2] / 2, region[1] + region[3] / 2
    across = "left" if x < 1 / 3 else "right" if x > 2 / 3 else ""
    down = "above" if y < 1 / 3 else "below" if y > 2 / 3 else ""
    return " ".join(filter(None, (down, across))) or "in the middle"


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``prop.change``."""
    return [PropChange()]
