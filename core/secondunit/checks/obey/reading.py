"""What a take shows of the scene it was drawn from, measured once for all checks that ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from secondunit_bridge.film import Role

from ...hookspecs import Elements, Exam, Thing
from ...media.footage import Footage, Picture
from .contrast import contrast
from .drift import Drift, drift_of
from .edges import WORKING, Field, Outline, field_of, tone
from .objects import Object, objects_in
from .placing import Place, fit, nearby, overlap, search

EVERY = 6  # frames from one that is looked at to the next
FOLLOWED = 0.12  # agreement of all outlines below which a take does not follow them: mirrored, .09
_STANDS_OUT = 4.0  # deviations from chance at which all outlines together are found
_DOUBTED = 0.45  # of what this take's outlines usually reach: from here on no other place is tried
LOST = 0.3  # of it: not found at its place
_ELSEWHERE, _SURE = 0.6, 5.0  # of it, and deviations: found at another place
_CLEARLY = 1.6  # times better there than at its own place
_GONE = 0.4  # of the usual contrast with its surroundings: it looks like their continuation
_BETTER = 1.3  # times better a few pixels off, or a little larger, than at its own place
# Agreement of the outlines of a take whose lines are firm: toon and graded reach .40 to .48;
# pencil, whose lines wander by two pixels, .22 to .33. From a loose one less can be told.
_FIRM = 0.37
_APART, _APART_LOOSE = 0.0045, 0.009  # of the width: outlines nearer than that are at one place
_APART_BY_SIZE, _ANOTHER_SIZE = 0.003, 0.1  # the same of those that much larger or smaller
_LEAST_LOOSE = 0.008  # of the frame: what is smaller is not looked for in a loose take
_NARROW = 320  # columns below which nothing is measured: half a percent is a pixel there
_DRIFTED = 0.001  # of the width: drifts from here on are taken out before objects are looked for

PLACEHOLDER, NO_PASSES = "the take is a placeholder", "passes are missing"
NARROW, STRANGE = "the picture is too small", "the scene's outlines are not found"
LOOSE = "the take draws its edges too loosely"


@dataclass(frozen=True)
class Seen:
    """One object in one frame of the take.

    ``share`` of its outline is found at its place, ``chance`` would be found anywhere; ``place`` is
    where the outline is found, None where it is not; ``iou`` is of the scene's silhouette and
    that; ``gone``: where it should be, the take looks like its surroundings.
    """

    frame: int
    thing: Thing
    region: tuple[float, float, float, float]
    width: int  # columns that ``place`` is told in
    share: float = 0.0
    chance: float = 0.0
    place: Place | None = None
    iou: float = 0.0
    gone: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class Frame:
    """One frame of the take: its camera's drift, and its objects with the drift taken out."""

    number: int
    width: int
    height: int
    drift: Drift
    seen: tuple[Seen, ...]
    why_not: str = ""


class Readings:
    """Measures an exam's take when a check first asks. The exam remembers it: checks of several
    takes may ask at once, and nothing of one must be told of another."""

    def read(self, exam: Exam) -> tuple[tuple[Frame, ...], str]:
        """The frames that were looked at, or none and why. Raises what reading pictures raises."""
        return exam.once("obey", lambda: _read(exam))


@dataclass(frozen=True)
class _Scene:
    guide: Footage
    ids: Footage
    depth: Footage


def _read(exam: Exam) -> tuple[tuple[Frame, ...], str]:
    if exam.placeholder:
        return (), PLACEHOLDER
    passes = _passes(exam.elements)
    if passes is None:
        return (), NO_PASSES
    if exam.take.width < _NARROW:
        return (), NARROW
    return tuple(_frame(exam, passes, number) for number in sampled(exam)), ""


def sampled(exam: Exam) -> list[int]:
    """The frames that are looked at: every sixth of the take, and its last."""
    numbers = list(exam.take.frames)
    return sorted({*numbers[::EVERY], *numbers[-1:]})


def _passes(elements: Elements | None) -> _Scene | None:
    if elements is None:
        return None
    roles = (Role.guide, Role.ids, Role.depth)
    found = [footage for role in roles if (footage := elements.one(role)) is not None]
    return _Scene(*found) if len(found) == len(roles) else None


def _of(footage: Footage, index: int) -> Picture:
    frames = footage.frames
    return footage.frame(min(frames.first + index, frames.last))


def _frame(exam: Exam, passes: _Scene, number: int) -> Frame:
    index = number - exam.take.frames.first
    size = _working(exam.take.width, exam.take.height)
    guide, take = (tone(p, size) for p in (_of(passes.guide, index), exam.take.frame(number)))
    plain = field_of(guide)
    objects = objects_in(_of(passes.ids, index), _of(passes.depth, index), exam.scene, plain)
    usable = [one for one in objects if not one.why_not]
    field = field_of(take)
    if not usable:
        return _told(number, size, Drift(), objects, {})
    drift = drift_of(field, _all(usable))
    if drift.fit < FOLLOWED or drift.fit < _STANDS_OUT * drift.spread:
        return Frame(number, *size, drift, (), STRANGE)
    if drift.distance(*size) > _DRIFTED * size[0]:
        field, take = (_undone(one, drift, size) for one in (field, take))
    return _told(number, size, drift, objects, _found(number, usable, field, take, guide))


def _told(
    number: int, size: tuple[int, int], drift: Drift, objects: list[Object], found: dict[int, Seen]
) -> Frame:
    seen = [
        found.get(id(one), Seen(number, one.thing, one.region, size[0], why_not=one.why_not))
        for one in objects
    ]
    return Frame(number, *size, drift, tuple(seen))


def _working(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, WORKING / width)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _all(objects: Sequence[Object]) -> Outline:
    parts = [one.outline for one in objects]
    names = ("x", "y", "cosine", "sine")
    return Outline(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _undone(picture: Picture, drift: Drift, size: tuple[int, int]) -> Picture:
    """The take as if its camera were the scene's."""
    import cv2

    matrix = drift.matrix((size[0] / 2, size[1] / 2))
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, matrix, size, flags=how), np.float32)


def _found(
    number: int, objects: Sequence[Object], field: Field, take: Picture, guide: Picture
) -> dict[int, Seen]:
    """Each object, by its ``id``, measured against what this take's outlines usually reach."""
    fits = [fit(field, one.outline) for one in objects]
    usual = float(np.percentile([each for each, _ in fits], 75))
    contrasts = [contrast(take, one) / max(contrast(guide, one), 1e-3) for one in objects]
    plain = float(np.percentile(contrasts, 75))
    width = field.shape[1]
    return {
        id(one): _one(
            Seen(number, one.thing, one.region, width, share, _chance(field, one.outline)),
            one, field, own, usual, between < _GONE * plain,
        )
        for one, (own, share), between in zip(objects, fits, contrasts, strict=True)
    }  # fmt: skip


def _one(seen: Seen, one: Object, field: Field, own: float, usual: float, alike: bool) -> Seen:
    loose = usual < _FIRM
    if loose and one.area < _LEAST_LOOSE:
        return replace(seen, why_not=LOOSE)
    at_home = replace(seen, place=Place(fit=own), iou=1.0)
    close = nearby(field, one.outline)
    if close.fit >= max(_ELSEWHERE * usual, _BETTER * own):
        return _placed(at_home, one, close, loose)
    if own >= _DOUBTED * usual:
        return at_home
    around = search(field, one.outline)
    best = around.best
    if best.fit >= max(_ELSEWHERE * usual, _CLEARLY * own) and around.sure >= _SURE:
        return _placed(at_home, one, best, loose)
    if own >= LOST * usual:
        return at_home
    if LOST * usual < around.spread:
        return replace(seen, why_not=LOOSE)
    return replace(seen, gone=alike)


def _placed(at_home: Seen, one: Object, place: Place, loose: bool) -> Seen:
    """At another place, unless that is nearer than the take's lines can be told apart."""
    another_size = abs(place.size - 1) >= _ANOTHER_SIZE
    apart = _APART_LOOSE if loose else _APART_BY_SIZE if another_size else _APART
    least = apart * at_home.width
    if place.distance(one.outline) < least:
        return at_home
    return replace(at_home, place=place, iou=overlap(one.mask, place, one.outline))


def _chance(field: Field, outline: Outline) -> float:
    """The share of the outline that is found when it is laid elsewhere: mean of eight places."""
    far = 0.025 * field.shape[1]
    shares = []
    for angle in np.arange(8) * np.pi / 4:
        x, y = np.float32(far * np.cos(angle)), np.float32(far * np.sin(angle))
        shares.append(fit(field, replace(outline, x=outline.x + x, y=outline.y + y))[1])
    return float(np.mean(shares))
