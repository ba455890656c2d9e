"""How light and colour of a whole shot differ from another of its set-up, so that it can be undone.

A shot that was graded, exposed or balanced otherwise has every colour in it changed alike: by
gains, by a little of one channel in another, by lifted blacks. In one set-up the still parts of
both pictures lie over each other, and tell it exactly; what is left after it is somebody's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Region

from ..contract.levels import LUMA
from ..media.footage import Picture
from .oklab import burnt
from .overlay import Mask, Overlay

LEAST = 0.1  # share of the picture that must be still and seen in both
_FLOOR = 0.02  # scene-linear, added to light: what differs in the dark counts for less
_ROBUST = 0.08  # of the light, from which a pixel counts less and less: a shadow, a thing that went
_ROUNDS = 10
# How much a pixel's worth of doubt keeps channels apart, as a share of all pixels: a grey set says
# nothing of how much red went into blue.
_APART = 0.01
_SOFT = 1.5  # pixels of 512: grain in the one picture would flatten what is read against it


@dataclass(frozen=True)
class Cast:
    """``ours = theirs @ gains + lift`` for colours ``(..., 3)``, scene-linear.

    ``left`` is what it leaves of the still parts, in the middle of all, as a share of their light.
    """

    gains: NDArray[np.float32]
    lift: NDArray[np.float32]
    left: float

    def over(self, theirs: Picture) -> Picture:
        """Their light as ours would have been."""
        given = theirs[..., :3] @ self.gains + self.lift
        return np.asarray(np.maximum(given, 0), np.float32)


def cast(laid: Overlay, but: Sequence[Region] = ()) -> Cast | None:
    """What was done to the whole of one shot and not to the other; ``but`` regions are left out.

    None where too little stands still.
    """
    ours, theirs = _soft(laid.ours), _soft(laid.theirs)
    still = (laid.inside | laid.beside) & ~_regions(laid.inside.shape, but)
    still &= ~(burnt(ours) | burnt(theirs))
    if still.mean() < LEAST:
        return None
    return _fitted(ours[still].astype(np.float64), theirs[still].astype(np.float64))


def _fitted(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Cast:
    """Least squares of what differs as a share of the light, outliers weighed down."""
    light, other = (np.maximum(colours @ LUMA, 0) + _FLOOR for colours in (ours, theirs))
    terms = np.hstack([theirs, np.ones((len(theirs), 1))])
    gain = float(np.median(light) / np.median(other))
    found = np.vstack([np.eye(3) * gain, np.zeros((1, 3))])
    doubt = np.diag([1.0, 1.0, 1.0, 0.0]) * _APART * len(ours)
    for _ in range(_ROUNDS):
        off = np.linalg.norm(ours - terms @ found, axis=1) / light
        weights = 1 / (light**2 * (1 + np.square(off / _ROBUST)))
        squares = terms.T @ (terms * weights[:, None])
        prior = np.vstack([np.diag(np.diag(found[:3])), np.zeros((1, 3))])
        seen = terms.T @ (ours * weights[:, None])
        found = np.linalg.solve(squares + doubt, seen + doubt @ prior)
    off = np.linalg.norm(ours - terms @ found, axis=1) / light
    gains, lift = np.asarray(found[:3], np.float32), np.asarray(found[3], np.float32)
    return Cast(gains, lift, float(np.median(off)))


def _soft(light: Picture) -> Picture:
    import cv2

    return np.asarray(cv2.GaussianBlur(light, (0, 0), _SOFT), np.float32)


def _regions(shape: tuple[int, ...], some: Sequence[Region]) -> Mask:
    rows, columns = shape[:2]
    inside = np.zeros((rows, columns), bool)
    for x, y, wide, high in some:
        inside[round(y * rows) : round((y + high) * rows) + 1,
               round(x * columns) : round((x + wide) * columns) + 1] = True  # fmt: skip
    return inside
