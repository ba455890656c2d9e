"""One frame with something taken out: the background in its light, its grain, its soft edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..contract.levels import luminance
from ..media.footage import Picture
from .behind import Backdrop, Behind
from .boxes import Box
from .edges import alpha, distance, shadow
from .field import Field
from .holes import drawn_across, mirrored, thick
from .light import Curve, curve, curve_of, smaller
from .stock import SAFE, Mask, Stock, finite

_ENOUGH = 3  # frames that must show a pixel for full confidence
_APART = 0.5  # stops between those frames at which nothing can be believed
_KEEP = 0.75  # of the slow field, from frame to frame of a locked camera
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
    pixels = np.zeros((stock.rows, stock.columns, 4), np.float32)
    pixels[..., :3] = finite(stock.picture(index))
    return pixels


def shown(stock: Stock, index: int, hole: Mask) -> Picture:
    """The plate's frame, in the matte green where some frame shows the background. RGB.

    Red is the hole: what no frame ever shows. Outside the matte the picture is a grey of itself.
    """
    picture, hidden = finite(stock.picture(index)), stock.hidden(index)
    level = float(np.clip(picture, 0, None).mean())
    grey = np.repeat(luminance(picture)[..., None] * 0.6, 3, axis=2)
    bright = np.float32(0.08 + 0.8 * min(level, 0.5))
    for mask, colour in ((hidden & ~hole, (0.15, 1.0, 0.3)), (hole, (2.0, 0.04, 0.03))):
        over = 0.35 * grey + bright * np.array(colour, np.float32)
        grey = np.where(mask[..., None], over, grey)
    return grey.astype(np.float32)


class Removal:
    """Lays what is behind into the frames of a shot, one after the other."""

    def __init__(self, stock: Stock, edge: Edge, backdrop: Backdrop) -> None:
        self._stock, self._edge, self._backdrop = stock, edge, backdrop
        self._field = Field(stock.rows, stock.columns, _KEEP if backdrop.locked else 0.0)

    def of(self, index: int, box: Box) -> Removed:
        """The frame with what is behind laid in, in a box around its matte."""
        full = self._stock.hidden(index)
        behind = self._backdrop.behind(index, box)
        hidden = box.cut(full)
        hole = hidden & (behind.count == 0)
        coverage = 1.0 - float(hole.sum()) / max(1, int(hidden.sum()))
        whole = np.zeros(full.shape, bool)
        if thick(hole).any():
            box.cut(whole)[:] = hole
            return Removed(None, whole, coverage, 0.0)
        pixels = untouched(self._stock, index)
        part = box.cut(pixels)
        fill, mask = self._laid_in(index, part[..., :3], behind, hidden)
        np.copyto(part[..., :3], finite(fill), where=mask[..., None] > 0)
        part[..., 3] = mask
        return Removed(pixels, whole, coverage, _confidence(behind, hidden))

    def _laid_in(
        self, index: int, plate: Picture, behind: Behind, hidden: Mask
    ) -> tuple[Picture, Picture]:
        """The fill in the frame's own light and with grain, and where it is meant."""
        edge, known, far = self._edge, behind.count > 0, distance(hidden)
        open_ = known & (far > _AWAY)
        tone = _overall(self._stock, index, behind) or curve(plate, behind.picture, open_)
        shade = np.zeros_like(hidden)
        if edge.shade:
            shade = shadow(plate, tone.on(behind.picture), hidden, far, edge.zone, known)
        factors = self._field.lit(plate, behind.picture, open_ & ~shade, behind.box, tone)
        fill = tone.on(_whole(behind, ~known & (far <= SAFE))) * factors
        mask = alpha(hidden, shade, far, edge.soft, edge.zone)
        return fill, np.where(known | hidden, mask, np.float32(0))


def _whole(behind: Behind, hole: Mask) -> Picture:
    """The background with its grain, thin holes closed; ``hole`` has the safety around them too."""
    drawn = drawn_across(behind.picture, hole)
    return drawn if behind.grain is None else drawn + mirrored(behind.grain, hole)


def _overall(stock: Stock, index: int, behind: Behind) -> Curve | None:
    """The light of the frame over the background's, by the whole picture when that is known."""
    if behind.whole is None:
        return None
    kept = stock.take(index)
    ours, seen = smaller(kept.pixels, kept.seen)
    return curve_of(ours, behind.whole, seen & behind.whole.any(-1))


def _confidence(behind: Behind, hidden: Mask) -> float:
    """How sure the fill is: seen in enough frames, and the same in all of them."""
    count, spread = behind.count[hidden], behind.spread[hidden]
    sure = np.minimum(count / _ENOUGH, 1.0) * np.clip(1.0 - spread / _APART, 0.0, 1.0)
    return float(sure.mean()) if len(sure) else 1.0
