"""Which objects of an ids pass are looked for in a take, and what the render shows of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...hookspecs import Scene, Thing
from ...media.footage import Picture
from .edges import Field, Outline, outline_of
from .placing import Mask

LEAST = 0.002  # of the frame: the outline of what is smaller is too short to be told from chance
MOST = 12  # objects nobody tagged, by their area; tagged characters and props come on top
TAGGED = ("character", "prop")
_FAR = 50_000.0  # a depth from here on is nothing
_SHOWN = 0.12  # agreement with the render's own edges from which a point of an outline is shown
_LEAST_SHOWN = 0.3  # of its outline: what lies before a like background cannot be looked for
_LEAST_POINTS = 40

SMALL, ALIKE = "too small", "not told from its background"


@dataclass(frozen=True)
class Object:
    """An object in one frame, at the working size.

    ``outline`` are the points that the render shows; ``why_not`` is said of what cannot be looked
    for. ``region`` is ``(x, y, w, h)`` in 0..1 of the picture; ``area`` is its share.
    """

    thing: Thing
    mask: Mask
    region: tuple[float, float, float, float]
    area: float
    outline: Outline
    why_not: str = ""


def objects_in(ids: Picture, depth: Picture, scene: Scene | None, guide: Field) -> list[Object]:
    """The objects of a frame that are looked for, largest first.

    ``ids`` and ``depth`` are passes of any size, ``guide`` the edges of the render in the working
    size. What has no depth is no object.
    """
    rows, columns = guide.shape[:2]
    found = []
    for thing, mask in _masks(_at(ids, rows, columns), _at(depth, rows, columns), scene):
        area = float(np.count_nonzero(mask)) / mask.size
        if area >= LEAST or thing.role in TAGGED:
            found.append((area, thing, mask))
    found.sort(key=lambda one: (-one[0], one[1].name))
    plain = [one for one in found if one[1].role not in TAGGED][:MOST]
    tagged = [one for one in found if one[1].role in TAGGED]
    return [_looked_at(thing, mask, area, guide) for area, thing, mask in (*tagged, *plain)]


def _looked_at(thing: Thing, mask: Mask, area: float, guide: Field) -> Object:
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    high, wide = mask.shape
    left, right = int(columns[0]), int(columns[-1]) + 1
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    region = (
        round(left / wide, 4), round(top / high, 4),
        round((right - left) / wide, 4), round((bottom - top) / high, 4),
    )  # fmt: skip
    outline = outline_of(mask)
    shown = outline.agreement(guide) > _SHOWN if len(outline) else np.zeros(0, bool)
    why = SMALL if area < LEAST or len(outline) < _LEAST_POINTS else ""
    enough = np.count_nonzero(shown) >= max(_LEAST_POINTS, _LEAST_SHOWN * len(outline))
    return Object(thing, mask, region, area, outline.only(shown), why or ("" if enough else ALIKE))


def _at(data: Picture, rows: int, columns: int) -> NDArray[np.float32]:
    """The first channel, at the working size by the nearest pixel."""
    down = (np.arange(rows) * data.shape[0] // rows).astype(int)
    across = (np.arange(columns) * data.shape[1] // columns).astype(int)
    return np.ascontiguousarray(data[down][:, across, 0], np.float32)


def _masks(
    ids: NDArray[np.float32], depth: NDArray[np.float32], scene: Scene | None
) -> Iterator[tuple[Thing, Mask]]:
    bits = ids.view(np.uint32)
    there = np.isfinite(depth) & (depth > 0) & (depth < _FAR) & (ids != 0)
    numbers, counts = np.unique(bits[there], return_counts=True)
    large = numbers[counts >= LEAST / 20 * bits.size]  # parts of a character may be small
    groups: dict[Thing, list[Any]] = {}
    for number in large[:4000]:
        groups.setdefault(_thing(int(number), scene), []).append(number)
    for thing, own in groups.items():
        mask = bits == own[0] if len(own) == 1 else np.isin(bits, own)
        yield thing, mask & there


def _thing(bits: int, scene: Scene | None) -> Thing:
    known = scene.things.get(bits) if scene is not None else None
    value = float(np.uint32(bits).view(np.float32))
    number = f"{int(value)}" if value.is_integer() and 0 < value < 1e6 else f"{bits:08x}"
    return known or Thing(f"number {number}")
