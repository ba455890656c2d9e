"""The relief behind a matte: each pixel's depth in a box, and how each frame slides over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.levels import luminance
from ..media.footage import Picture
from .parallax import Slide, depths, going_on, slide, slides
from .shifts import Grey, grey, level_free

Mask = NDArray[np.bool_]

_PLENTY = 90_000  # pixels of a box above which every second column and row tells enough
_SOFT = 1.0  # pixels: grain is no difference


@dataclass(frozen=True)
class Relief:
    """``depth`` ``(row, column)`` of the box, in pixels that the frame which moves most is off by.

    ``slides`` has one for each frame that was laid; None for one that cannot be placed. ``away`` is
    how many frames each is from the target.
    """

    depth: Grey
    slides: tuple[Slide | None, ...]
    away: tuple[int, ...]

    def slide(
        self, ours: Picture, open_: Mask, theirs: Picture, seen: Mask, away: int
    ) -> Slide | None:
        """How one more frame slides. All of the box; None when it cannot be told."""
        factor = _factor(open_)
        small = [_reduced(one, factor) for one in (ours, theirs)]
        clear = [_clear(one, factor) for one in (open_, seen)]
        flat = [level_free(grey(one)) for one in small]
        depth = _reduced(self.depth, factor)
        guess = going_on(self.slides, self.away, away)
        guess = guess and guess.scaled(1 / factor)
        found = slide(flat[0], clear[0], flat[1], clear[1], depth, guess)
        return found and found.scaled(factor)


def relief(
    target: Picture, open_: Mask, laid: Sequence[Picture], seen: Sequence[Mask],
    away: Sequence[int],
) -> Relief | None:  # fmt: skip
    """What frames laid over a target say of the depths in it, behind what hides it too.

    RGB scene-linear ``(row, column, 3)`` of one size, in the target's light. None where all lies in
    one plane, or where too little can be told.
    """
    if len(laid) < 3:
        return None
    factor = _factor(open_)
    pictures = [_reduced(one, factor) for one in (target, *laid)]
    clear = [_clear(one, factor) for one in (open_, *seen)]
    flat = [level_free(grey(one)) for one in pictures]
    found = slides(flat[0], clear[0], flat[1:], clear[1:], away)
    if found is None:
        return None
    ways, between = found
    white = max(float(np.percentile(luminance(pictures[0])[::2, ::2], 99)), 1e-6)
    tones = [_tone(one, white) for one in pictures]
    good = [place for place, one in enumerate(ways) if one is not None]
    depth = depths(
        tones[0], clear[0], [tones[1 + i] for i in good], [clear[1 + i] for i in good],
        [one for one in ways if one is not None], between,
    )  # fmt: skip
    whole = tuple(way and way.scaled(factor) for way in ways)
    return Relief(_enlarged(depth, open_.shape), whole, tuple(away))


def _factor(mask: Mask) -> int:
    factor = 1
    while mask.size > _PLENTY * factor * factor:
        factor *= 2
    return factor


def _reduced(picture: Picture, factor: int) -> Picture:
    import cv2

    if factor == 1:
        return picture
    rows, columns = (size // factor for size in picture.shape[:2])
    part = picture[: rows * factor, : columns * factor]
    return np.asarray(cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _clear(mask: Mask, factor: int) -> Mask:
    return np.asarray(_reduced(mask.astype(np.float32), factor) > 0.99)


def _enlarged(depth: Grey, shape: tuple[int, ...]) -> Grey:
    import cv2

    return np.asarray(cv2.resize(depth, (shape[1], shape[0])), np.float32)


def _tone(picture: Picture, white: float) -> Grey:
    import cv2

    tone = np.clip(np.nan_to_num(luminance(picture)) / white, 0.0, 1.5) ** (1 / 2.4)
    return np.asarray(cv2.GaussianBlur(tone.astype(np.float32), (0, 0), _SOFT), np.float32)
