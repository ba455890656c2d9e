"""A picture made small, and as wide as it was before a lens squeezed it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from .footage import Picture

SQUARE = Fraction(1)  # pixels as wide as they are high


def small(picture: Picture, width: int, aspect: Fraction = SQUARE) -> Picture:
    """At most ``width`` columns, RGB float32 without NaN; a single channel becomes grey.

    What was squeezed (``aspect`` of a pixel, width over height) becomes as wide as it was.
    """
    import cv2

    rgb = picture[..., :3] if picture.shape[2] >= 3 else np.repeat(picture[..., :1], 3, axis=2)
    across, high = room(rgb.shape[0], rgb.shape[1], width, aspect)
    if (high, across) != rgb.shape[:2]:
        way = cv2.INTER_LINEAR if across > rgb.shape[1] else cv2.INTER_AREA
        rgb = np.asarray(cv2.resize(np.ascontiguousarray(rgb), (across, high), interpolation=way))
    return np.nan_to_num(np.ascontiguousarray(rgb, dtype=np.float32))


def room(rows: int, columns: int, width: int, aspect: Fraction) -> tuple[int, int]:
    """Columns and rows of a picture that is shown at most ``width`` wide, as wide as it was."""
    whole = float(columns * aspect)
    across = min(width, max(1, round(whole)))
    return across, max(1, round(rows * across / whole))
