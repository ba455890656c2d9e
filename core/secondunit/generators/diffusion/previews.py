"""Small pictures of a take while its model denoises, at a pace people can see.

Nothing is computed at a step that no picture is due at, and nothing that is computed goes back into
the run: the frames are bit for bit those of a run without. A model whose latents cannot be shown
honestly says so once, in words.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ...hookspecs import Preview
from ...media.footage import Picture
from .latents import Point, Size, Unreadable, as_coded, believed, point
from .pictures import stretched
from .projection import FOLDER, Projections

PACE_S = 0.27  # between two pictures: at most four a second, and a little over the stage's own pace
IN_TIME_S = 0.1  # with less than this left to denoise, the finished picture is there before the eye
WIDTH = 320  # columns at most; fewer are enlarged by the stage, once they are colours of a screen
_CARD = 0.16  # grey behind words, as a code
# What libraries raise where a model is not laid out as we think. None of it is about the take.
_UNLIKE = (RuntimeError, ValueError, TypeError, AttributeError, LookupError)


class Previews:
    """Of one take; ``key`` is the digest of its picture coder. Used by the thread that denoises.

    ``width`` and ``height`` are the plan's, which no picture is larger than. Most are far smaller:
    a pixel for each place of the latents.
    """

    def __init__(
        self,
        home: Path,
        key: str,
        width: int,
        height: int,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._projections, self._key, self._clock = Projections(home / FOLDER), key, clock
        self._width, self._height = width, height
        self._next = clock() + PACE_S
        self._silent = False
        self._of: Any = None
        self._size = Size(width, height, 1)
        self._frames: tuple[int, ...] = ()
        self._before: tuple[int, Point] | None = None
        self._at = 0.0

    def begin(self, pipeline: Any, size: Size, frames: tuple[int, ...]) -> None:
        """A call begins that makes these frames of the plan."""
        self._of, self._size, self._frames, self._before = pipeline, size, frames, None
        self._at = self._clock()

    def step(
        self, step: int, total: int, module: Any, given: tuple[Any, ...], named: dict[str, Any]
    ) -> Preview | None:
        """The picture of this step, when one is due and can be seen in time."""
        now = self._clock()
        each, self._at = now - self._at, now
        if self._silent or (total - step + 1) * each < IN_TIME_S or now + each < self._next:
            self._before = None
            return None
        try:
            return self._looked(step, now, module, given, named)
        except Unreadable as error:
            return self._said(str(error))
        except _UNLIKE as error:
            return self._said(f"they are not as expected ({type(error).__name__})")

    def _looked(
        self, step: int, now: float, module: Any, given: tuple[Any, ...], named: dict[str, Any]
    ) -> Preview | None:
        """A point of the line at this step; the picture when the step before has one as well."""
        before, after = self._before, point(self._of, module, given, named, self._size)
        self._before = step, after
        if before is None or before[0] != step - 1 or now < self._next:
            return None
        latents = believed(before[1], after)
        if latents is None:
            return None
        projection = self._projections.of(self._key, self._of)
        picture = projection.shown(as_coded(self._of, latents))
        self._next = now + PACE_S
        if picture.shape[1] > min(WIDTH, self._width) or picture.shape[0] > self._height:
            picture = self._sized(picture)
        return Preview(self._frames[min(after.frame, len(self._frames) - 1)], picture)

    def _sized(self, picture: Picture) -> Picture:
        """In the plan's proportions, as large as a picture may be."""
        width = min(WIDTH, self._width)
        height = max(1, min(self._height, round(self._height * width / self._width)))
        return stretched(picture, width, height)

    def _said(self, why: str) -> Preview:
        """Words instead of a picture, once."""
        self._silent = True
        card = self._sized(np.full((2, 2, 3), _CARD, np.float32))
        return Preview(self._frames[0], card, f"No preview: {why}.")
