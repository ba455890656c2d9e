"""One frame with something taken out: the background in its light, its grain, its soft edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..contract.levels import BRIGHTEST
from ..media.footage import Picture
from .behind import Behind
from .edges import alpha, distance, shadow
from .holes import drawn_across, thick
from .light import Curve, curve_of, light, smaller
from .stock import Mask, Stock

_ENOUGH = 3  # frames that must show a pixel for full confidence
_APART = 0.5  # stops between those frames at which nothing can be believed
_AWAY = 3  # pixels around the matte that light is not read from: motion blur, soft edges


@dataclass(frozen=True)
class Edge:
    """Pixels: how soft, and how far beyond the matte at all. ``shade``: follow shadows there."""

    soft: float
    zone: int
    shade: bool


@dataclass(frozen=True)
class Removed:
    """One frame. ``pixels`` RGBA ``(row, column, 4)`` of the full picture, or None with a hole.

    ``hole`` is true where the matte covers what no frame shows; ``coverage`` is the share of the
    matte that some frame shows, ``confidence`` how well frames agree on it; both 0..1.
    """

    pixels: Picture | None
    hole: Mask
    coverage: float
    confidence: float


def untouched(stock: Stock, index: int) -> Picture:
    """The plate's frame with alpha 0 everywhere."""
    picture = _safe(stock.picture(index))
    return np.concatenate([picture, np.zeros((*picture.shape[:2], 1), np.float32)], axis=2)


def shown(stock: Stock, index: int, hole: Mask) -> Picture:
    """The plate's frame with the hole in red: what could not be filled. RGB."""
    picture = _safe(stock.picture(index))
    red = np.array([float(picture.mean()) * 2 + 0.1, 0, 0], np.float32)
    return np.where(hole[..., None], 0.3 * picture + 0.7 * red, picture).astype(np.float32)


def removed(stock: Stock, index: int, behind: Behind, edge: Edge) -> Removed:
    """The frame with what is behind laid in."""
    box = behind.box
    full = stock.hidden(index)
    hidden, known = box.cut(full), behind.count > 0
    hole = hidden & ~known
    coverage = 1.0 - float(hole.sum()) / max(1, int(hidden.sum()))
    if thick(hole).any():
        whole = np.zeros(full.shape, bool)
        box.cut(whole)[:] = hole
        return Removed(None, whole, coverage, 0.0)
    pixels = untouched(stock, index)
    plate = box.cut(pixels)[..., :3]
    overall = _overall(stock, index, behind)
    fill, mask = _laid_in(plate, behind, hidden, hole, edge, overall)
    part = box.cut(pixels)
    part[..., :3] = np.where(mask[..., None] > 0, _safe(fill), plate)
    part[..., 3] = mask
    return Removed(pixels, np.zeros(full.shape, bool), coverage, _confidence(behind, hidden))


def _laid_in(
    plate: Picture, behind: Behind, hidden: Mask, hole: Mask, edge: Edge, overall: Curve | None
) -> tuple[Picture, Picture]:
    """The fill in the frame's own light and with grain, and where it is meant."""
    known = behind.count > 0
    far = distance(hidden)
    open_ = known & (far > _AWAY)
    shade = np.zeros_like(hidden)
    lit = light(plate, behind.picture, open_, overall)
    if edge.shade:
        shade = shadow(plate, lit.on(behind.picture), hidden, far, edge.zone, known)
        if shade.any():
            lit = light(plate, behind.picture, open_ & ~shade, overall)
    grainy = behind.picture if behind.grain is None else behind.picture + behind.grain
    fill = drawn_across(lit.on(grainy), hole)
    mask = alpha(hidden, shade, far, edge.soft, edge.zone)
    return fill, np.where(known | hole, mask, np.float32(0))


def _overall(stock: Stock, index: int, behind: Behind) -> Curve | None:
    """The light of the frame over the background's, by the whole picture when that is known."""
    if behind.whole is None:
        return None
    kept = stock.take(index)
    ours, seen = smaller(kept.pixels.astype(np.float32), kept.seen)
    return curve_of(ours, behind.whole, seen & behind.whole.any(-1))


def _confidence(behind: Behind, hidden: Mask) -> float:
    """How sure the fill is: seen in enough frames, and the same in all of them."""
    count, spread = behind.count[hidden], behind.spread[hidden]
    sure = np.minimum(count / _ENOUGH, 1.0) * np.clip(1.0 - spread / _APART, 0.0, 1.0)
    return float(sure.mean()) if len(sure) else 1.0


def _safe(picture: Picture) -> Picture:
    finite = np.nan_to_num(picture, nan=0.0, posinf=BRIGHTEST, neginf=-BRIGHTEST)
    return np.asarray(np.clip(finite, -BRIGHTEST, BRIGHTEST), np.float32)
