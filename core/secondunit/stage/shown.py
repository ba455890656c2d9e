"""A frame as a screen shows it: made small, exposed in scene-linear light, seen through a view."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import CodecMissing

from ..colour import Colour
from ..media.footage import Picture

SQUARE = Fraction(1)
Shown = NDArray[np.uint8]
"""``(row, column, RGB)``, codes of the display."""


def small(picture: Picture, width: int, aspect: Fraction = SQUARE) -> Picture:
    """At most ``width`` columns, RGB float32 without NaN; a single channel becomes grey.

    What was squeezed (``aspect`` of a pixel, width over height) becomes as wide as it was.
    """
    import cv2

    rgb = picture[..., :3] if picture.shape[2] >= 3 else np.repeat(picture[..., :1], 3, axis=2)
    whole = float(rgb.shape[1] * aspect)
    across = min(width, max(1, round(whole)))
    high = max(1, round(rgb.shape[0] * across / whole))
    if (high, across) != rgb.shape[:2]:
        way = cv2.INTER_LINEAR if across > rgb.shape[1] else cv2.INTER_AREA
        rgb = np.asarray(cv2.resize(np.ascontiguousarray(rgb), (across, high), interpolation=way))
    return np.nan_to_num(np.ascontiguousarray(rgb, dtype=np.float32))


def on_screen(
    rgb: Picture, space: str, colour: Colour, view: str, *, stops: float = 0.0, gamma: float = 1.0
) -> Shown:
    """``rgb`` in ``space``, ``stops`` brighter in scene-linear light, through a view.

    ``gamma`` lifts or lowers the middle of what the view gives: codes to the power of 1 / gamma.
    """
    import cv2

    lit = rgb * np.float32(2.0**stops) if stops else rgb
    codes = np.minimum(np.fmax(colour.seen(lit, space, view), 0), 1)
    if gamma != 1.0:
        codes = np.power(codes, np.float32(1.0 / gamma))
    return np.asarray(cv2.convertScaleAbs(codes, alpha=255), np.uint8)  # rounds


def jpeg_of(shown: Shown, quality: int) -> bytes:
    """The picture as JPEG. Raises CodecMissing."""
    import cv2

    done, data = cv2.imencode(".jpg", shown[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise CodecMissing("this installation cannot write JPEG", hint="Reinstall the core extra.")
    return data.tobytes()


def narrower(data: bytes, width: int, quality: int) -> bytes:
    """A JPEG with fewer columns. Raises CodecMissing."""
    import cv2

    half = cv2.IMREAD_REDUCED_COLOR_2 if width <= 640 else cv2.IMREAD_COLOR
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), half)
    if picture is None:
        raise CodecMissing("a proxy cannot be read", hint="Delete the proxies: they are remade.")
    high = max(1, round(picture.shape[0] * width / picture.shape[1]))
    shown = cv2.resize(picture, (width, high), interpolation=cv2.INTER_AREA)
    return jpeg_of(np.asarray(shown[..., ::-1], np.uint8), quality)
