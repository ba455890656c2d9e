"""What lies behind the matte of one frame, as it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from .boxes import Box


@dataclass(frozen=True)
class Behind:
    """The background in a box of one frame.

    picture
        ``(row, column, 3)`` float32 scene-linear, without grain.
    grain
        ``(row, column, 3)`` float32 to be added, or None.
    count
        ``(row, column)`` uint8: in how many frames a pixel was seen; 0 is a hole.
    spread
        ``(row, column)`` float32: stops between what those frames say.
    whole
        the background of the whole picture, small: ``(row, column, 3)`` float32, 0 where it is not
        known; or None. Light is compared there.
    """

    box: Box
    picture: Picture
    grain: Picture | None
    count: NDArray[np.uint8]
    spread: NDArray[np.float32]
    whole: Picture | None = None


class Backdrop(Protocol):
    """Knows what lies behind the matte in every frame of a shot."""

    remark: str
    locked: bool  # the camera does not move

    def behind(self, index: int, box: Box) -> Behind:
        """What lies behind the matte of a frame, counted from 0, in a box of it."""
        ...
