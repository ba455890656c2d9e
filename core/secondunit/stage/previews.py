"""Small JPEGs of what is being made, at most four a second: of frames, and of what comes before."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..hookspecs import Preview
from ..media.footage import Picture
from ..media.widths import SQUARE, room, small
from .evidence import SCREEN, Screen, captioned

PREVIEW_S = 0.25  # seconds between two; each costs about 2 ms at 480p
PREVIEW_WIDTH = 480
LEAST_WIDTH = 320  # columns of what generators show; fewer are enlarged, up to the frame's own size


class Previews:
    """Of one take. ``screen`` shows the generator's own pictures; frames are in ``space``.

    ``size`` is that of a frame, columns and rows; ``aspect`` that of its pixels, width over height.
    """

    def __init__(
        self,
        screen: Screen,
        space: str,
        size: tuple[int, int],
        say: Callable[..., None],
        aspect: Fraction = SQUARE,
    ) -> None:
        self._screen, self._space, self._say, self._aspect = screen, space, say, aspect
        self._least = room(size[1], size[0], LEAST_WIDTH, aspect)
        self._last = 0.0

    def show(self, said: Preview) -> None:
        """What a generator shows of what is coming; its words are under it."""
        if not self._due():
            return
        eight = self._enlarged(self._screen.shown(_small(said.pixels), PREVIEW_WIDTH))
        self._tell(said.frame, captioned(eight, said.says) if said.says else eight)

    def developed(self, frame: int, pixels: NDArray[np.floating[Any]]) -> None:
        """A finished frame, ``(row, column, channel)`` in ``space``."""
        if not self._due():
            return
        seen = _small(pixels)
        if self._aspect != SQUARE:
            seen = small(seen, PREVIEW_WIDTH, self._aspect)
        screen = self._screen.colour.convert(seen, self._space, SCREEN)
        self._tell(frame, (np.clip(np.nan_to_num(screen), 0, 1) * 255 + 0.5).astype(np.uint8))

    def _due(self) -> bool:
        return time.monotonic() - self._last >= PREVIEW_S

    def _enlarged(self, eight: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Large enough to be looked at. After its colours are made: those cost by the pixel."""
        import cv2

        if eight.shape[1] >= self._least[0]:
            return eight
        return np.asarray(cv2.resize(eight, self._least, interpolation=cv2.INTER_CUBIC), np.uint8)

    def _tell(self, frame: int, eight: NDArray[Any]) -> None:
        import cv2

        self._last = time.monotonic()
        ok, jpeg = cv2.imencode(".jpg", eight[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
        if ok:
            self._say("preview", frame=frame, jpeg=base64.b64encode(jpeg.tobytes()).decode())


def _small(pixels: NDArray[np.floating[Any]]) -> Picture:
    step = max(1, pixels.shape[1] // PREVIEW_WIDTH)
    return np.ascontiguousarray(pixels[::step, ::step, :3], dtype=np.float32)
