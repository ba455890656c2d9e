"""Two ends of shots held against each other in small: how far apart, by each check, and where.

It says nothing to a person. It tells cheaply which of forty-eight earlier shots is worth a look in
full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Region

from ..checks.key_light import lean
from ..checks.oklab import oklab
from ..checks.overlay import Mask, Overlay
from ..checks.props import DIFFERS, brighter, unexplained
from ..checks.tones import between, lift
from ..contract.levels import DARKEST, luminance
from ..media.setup import SetupMatch
from .ends import End

COSTUME, THING = "wardrobe.hue", "prop.change"
# In half of the columns in which a thing is looked for at last: half the way, a quarter of pixels.
REACH, PATCH = 3, 3
SMALLER = 4.0
AROUND = 13  # pixels across by which places are grown
_SEEN = 0.2  # share of the picture that must stand still in both
_FLOOR = 0.01  # scene-linear, added to both
_LIT = 0.5  # what lightness counts
_LEAST = 5  # pixels
_BORDER = 2 * REACH + PATCH + 8  # pixels around what is looked at closely
_FEWER = 2  # every so many rows and columns for what the whole of a picture says


@dataclass(frozen=True)
class Held:
    """The later of two ends against the earlier.

    ``far`` is by check, in its own unit; of a costume by check and name. ``beyond`` is by how much
    each pixel of the later picture differs more than its like does.
    """

    far: Mapping[tuple[str, str], float]
    beyond: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    over: SetupMatch | None = None

    def thing(self, but: Mask) -> float:
        """The largest difference of a thing outside of places, as the check would measure it."""
        import cv2

        left = np.where(but, np.float32(0), self.beyond)
        count, places = cv2.connectedComponents((left > 0).astype(np.uint8))
        sums = np.bincount(places.ravel(), left.ravel(), minlength=count)
        return SMALLER * float(sums[1:].max(initial=0))

    def places(self, least: float) -> Mask:
        """Where a thing differs by so much, as the check would measure it, and around it."""
        import cv2

        count, places = cv2.connectedComponents((self.beyond > 0).astype(np.uint8))
        sums = SMALLER * np.bincount(places.ravel(), self.beyond.ravel(), minlength=count)
        large = sums >= least
        large[0] = False  # where nothing differs
        return grown(np.asarray(large[places]))


def held(later: End, earlier: End, *, things: bool = True) -> Held | None:
    """None where they cannot be laid over each other, or too little of both stands still."""
    over = later.sketch.under(earlier.sketch)
    if over is None:
        return None
    laid = _laid(later, earlier, over)
    if laid.seen < _SEEN:
        return None
    beyond = _beyond(laid) if things else np.zeros(laid.inside.shape, np.float32)
    return Held(_whole(laid, later, earlier) | worn(later, earlier), beyond, over)


def worn(later: End, earlier: End) -> dict[tuple[str, str], float]:
    """How far each costume of both is from what it was, where both are as light."""
    far = {name: dye.apart(earlier.worn[name])
           for name, dye in later.worn.items() if name in earlier.worn}  # fmt: skip
    return {(COSTUME, name): value for name, value in far.items() if value is not None}


def _laid(later: End, earlier: End, over: SetupMatch) -> Overlay:
    ours = later.light
    theirs = over.laid(earlier.light, ours)
    covered: Mask = np.asarray(np.isfinite(theirs).all(2))
    still = over.laid(earlier.still.astype(np.float32), later.still) > 0.99
    inside = later.still & still & covered
    return Overlay(ours, np.nan_to_num(theirs), inside, 1.0, np.zeros_like(inside), covered)


def _beyond(laid: Overlay) -> NDArray[np.float32]:
    """Like ``Held.beyond``. Looked for only around what differs from the very place it lies over:
    nothing near it is farther than that."""
    import cv2

    gain = brighter(laid, laid.inside)
    apart = oklab(laid.ours) - oklab(laid.theirs / gain)
    apart[..., 0] *= _LIT
    rough = cv2.blur(np.einsum("ijk,ijk->ij", apart, apart), (PATCH, PATCH)) > DIFFERS**2
    beyond = np.zeros(rough.shape, np.float32)
    rows, columns = np.nonzero(rough & laid.inside)
    if len(rows) < _LEAST:
        return beyond
    part = tuple(slice(max(0, int(at.min()) - _BORDER), int(at.max()) + _BORDER + 1)
                 for at in (rows, columns))  # fmt: skip
    few = Overlay(laid.ours[part], laid.theirs[part], laid.inside[part], 1.0, laid.beside[part],
                  laid.covered[part])  # fmt: skip
    here, there = unexplained(few, REACH, PATCH, gain)
    beyond[part] = np.maximum(np.maximum(here, there) - np.float32(DIFFERS), 0)
    return beyond


def _whole(laid: Overlay, later: End, earlier: End) -> dict[tuple[str, str], float]:
    """What the whole of a picture says: light, balance, blacks, the key, the palette."""
    part = slice(None, None, _FEWER), slice(None, None, _FEWER)
    few = Overlay(laid.ours[part], laid.theirs[part], laid.inside[part], 1.0, laid.beside[part],
                  laid.covered[part])  # fmt: skip
    ours, theirs = few.ours[few.inside], few.theirs[few.inside]
    stops = np.log2((luminance(ours) + _FLOOR) / (luminance(theirs) + _FLOOR))
    ratio = np.log2(np.maximum(ours, DARKEST) / np.maximum(theirs, DARKEST))
    balance = np.median(ratio[:, [0, 2]] - ratio[:, [1]], axis=0)
    black = lift(few)
    far = {
        "colour.exposure": float(np.median(stops)),
        "colour.wb": float(np.abs(balance).max()),
        "colour.black": 100 * black if black is not None else 0.0,
        "colour.palette": between(later.palette, earlier.palette),
        "light.side": float(np.hypot(*lean(few))),
    }
    return {(name, ""): abs(value) for name, value in far.items()}


def laid_over(mask: Mask, over: SetupMatch) -> Mask:
    """Places of the earlier picture where they are in the later one."""
    return np.nan_to_num(over.laid(mask.astype(np.float32), mask)) > 0.5


def regions(mask: Mask) -> tuple[Region, ...]:
    """Boxes around places, in 0..1 of the picture."""
    import cv2

    rows, columns = mask.shape
    _, _, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    each = [[int(side) for side in box] for box in boxes[1:, :4]]
    return tuple((x / columns, y / rows, w / columns, h / rows) for x, y, w, h in each)


def around(some: Sequence[Region], like: Mask) -> Mask:
    """Boxes as places of a picture, and what lies beside them."""
    rows, columns = like.shape
    mask = np.zeros_like(like)
    for x, y, wide, high in some:
        mask[round(y * rows) : round((y + high) * rows) + 1,
             round(x * columns) : round((x + wide) * columns) + 1] = True  # fmt: skip
    return grown(mask)


def grown(mask: Mask) -> Mask:
    """With what lies beside it."""
    import cv2

    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (AROUND, AROUND))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc) > 0)


def nowhere(end: End) -> Mask:
    """No place at all."""
    return np.zeros(end.codes.shape[:2], bool)
