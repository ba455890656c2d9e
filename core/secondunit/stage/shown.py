"""A frame as a screen shows it: exposed in scene-linear light, seen through a view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import CodecMissing

from ..colour import Colour
from ..media.footage import Picture

Shown = NDArray[np.uint8]
"""``(row, column, RGB)``, codes of the display."""


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
