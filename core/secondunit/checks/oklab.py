"""Colours as an eye tells them apart: OKLab, times 100, of scene-linear working light.

Ottosson, "A perceptual color space for image processing" (2020). One unit is about the least
difference that is seen in large fields; two in pictures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture

BURNT = 0.95  # of display white, from which a channel may have been cut off
WHITE = 4.0  # times display white; light beyond it is all the same to an eye at a monitor

# ACEScg (AP1, D60) to linear Rec.709 (D65), Bradford.
_TO_709 = np.array(
    [[1.70505, -0.62179, -0.08326], [-0.13026, 1.14080, -0.01055], [-0.02400, -0.12897, 1.15297]]
)
_TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929],
     [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468],
     [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]],
    np.float32,
)  # fmt: skip
_SHOWN = np.asarray(_TO_709, np.float32)
_CONES = np.asarray(_TO_CONES @ _TO_709, np.float32)


def oklab(light: Picture) -> Picture:
    """``(row, column, 3)`` float32: lightness 0..100 (and above white), a, b, each times 100."""
    cones = np.cbrt(np.clip(light[..., :3], 0, WHITE) @ _CONES.T)
    return np.asarray(cones @ _TO_LAB.T * np.float32(100), np.float32)


def burnt(light: Picture) -> NDArray[np.bool_]:
    """Where a channel of a display may have been cut off: colours are no longer what they were."""
    return np.asarray((light[..., :3] @ _SHOWN.T).max(axis=-1) >= BURNT)
