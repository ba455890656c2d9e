"""From scene-linear light to the codes a picture is painted in, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHTS = (0.2126, 0.7152, 0.0722)  # of red, green and blue in luminance: Rec.709
DARK = 0.004  # scene-linear: below it light is black, and its logarithm stays finite

Values = NDArray[np.float32]


def stops(light: Values) -> Values:
    """Logarithm to base two, of 0 or more; never below that of DARK."""
    import cv2

    made: Any = cv2.log(np.ascontiguousarray(light + np.float32(DARK), np.float32))
    return np.asarray(made, np.float32) * np.float32(1 / np.log(2))


def light_of(logs: Values) -> Values:
    """The way back from ``stops``."""
    import cv2

    made: Any = cv2.exp(np.ascontiguousarray(logs * np.float32(np.log(2)), np.float32))
    light: Values = np.maximum(np.asarray(made, np.float32) - np.float32(DARK), 0)
    return light


def luminance(picture: Values) -> Values:
    """``(row, column)`` of ``(row, column, 3)``, Rec.709."""
    import cv2

    made: Any = cv2.transform(np.ascontiguousarray(picture), np.array([WEIGHTS], np.float32))
    return np.asarray(made, np.float32).reshape(picture.shape[:-1])


def shown(light: Values, exposure: float) -> Values:
    """Codes 0..1 of scene-linear light: a soft shoulder, then the sRGB curve."""
    import cv2

    lit = np.ascontiguousarray(light * np.float32(-1.05 * exposure), np.float32)
    bent: Any = cv2.exp(lit)
    return encoded(1 - np.asarray(bent, np.float32))


def encoded(linear: Values) -> Values:
    """sRGB codes of 0..1 (IEC 61966-2-1)."""
    import cv2

    clipped = np.clip(linear, 0, 1)
    curved: Any = cv2.pow(np.ascontiguousarray(clipped), 1 / 2.4)
    bright = np.asarray(curved, np.float32) * np.float32(1.055) - np.float32(0.055)
    return np.where(clipped <= 0.0031308, clipped * np.float32(12.92), bright)


def linear_of(codes: Values) -> Values:
    """Linear light of sRGB codes 0..1, ``(row, column, 3)`` float32."""
    import cv2

    clipped = np.clip(codes, 0, 1)
    base = np.ascontiguousarray((clipped + np.float32(0.055)) * np.float32(1 / 1.055))
    curved: Any = cv2.pow(base, 2.4)
    low = clipped * np.float32(1 / 12.92)
    return np.where(clipped <= 0.04045, low, np.asarray(curved, np.float32))


def eased(values: Values, low: float, high: float) -> Values:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((values - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    made: Values = t * t * (3 - 2 * t)
    return made
