"""What a curve leaves of a difference in light: shading, bounce and haze, slow over the picture.

It is matched where the fill meets the plate and fades to nothing inwards, where nothing is known
of it; carried from frame to frame where the camera is locked, so that it does not flicker.
"""

from __future__ import annotations

import numpy as np

from ..media.footage import Picture
from .boxes import Box
from .light import STEP, Curve, smaller, stops_of
from .stock import Mask

_REACH = 0.4  # stops the field may change
_STRANGE = 0.25  # stops from the curve beyond which a pixel shows something else
_WIDE = 5  # small pixels: how slowly the field changes
_FAITH = 0.08  # weight of "no change", against 1 where all around is seen


class Field:
    """The slow field of a shot of that many rows and columns.

    ``keep`` is how much of what earlier frames showed counts in the next, 0..1.
    """

    def __init__(self, rows: int, columns: int, keep: float) -> None:
        shape = (max(1, rows // STEP), max(1, columns // STEP))
        self._off = np.zeros((*shape, 3), np.float32)
        self._weight = np.zeros((*shape, 1), np.float32)
        self._keep, self._fresh = keep, 1.0

    def lit(self, plate: Picture, behind: Picture, seen: Mask, box: Box, curve: Curve) -> Picture:
        """Factors that, after the curve, put what is behind into the plate's light.

        ``(row, column, 3)`` of the box. ``seen`` is where both show the same. Frames must come in
        order.
        """
        import cv2

        (ours, both), (theirs, _) = smaller(plate, seen), smaller(curve.on(behind), seen)
        off = np.clip(stops_of(ours) - stops_of(theirs), -_REACH, _REACH)
        weight = (both & (np.abs(off.mean(-1)) <= _STRANGE)).astype(np.float32)[..., None]
        part = self._small(box)
        size = (part.shape[1], part.shape[0])
        shown = [cv2.resize(one, size).reshape(*part.shape, -1) for one in (off * weight, weight)]
        self._fresh *= self._keep
        for held, new in zip((self._off, self._weight), shown, strict=True):
            held *= self._keep
            part.cut(held)[:] += (1 - self._keep) * new
        total, share = (_soft(part.cut(one)) for one in (self._off, self._weight))
        field = total / (share + _FAITH * (1 - self._fresh))
        factors = cv2.resize(np.exp2(field), (box.shape[1], box.shape[0]))
        return np.asarray(factors, np.float32)

    def _small(self, box: Box) -> Box:
        rows, columns = self._off.shape[:2]
        top, left = min(box.top // STEP, rows - 1), min(box.left // STEP, columns - 1)
        bottom = min(rows, max(top + 1, box.bottom // STEP))
        right = min(columns, max(left + 1, box.right // STEP))
        return Box(top, left, bottom, right)


def _soft(picture: Picture) -> Picture:
    import cv2

    soft = cv2.GaussianBlur(picture, (0, 0), _WIDE, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(soft, np.float32).reshape(picture.shape)
