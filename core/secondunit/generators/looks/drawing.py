"""A shot being drawn: what holds for all of it, and then each frame from its passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from secondunit_bridge.film import Option, Role

from ...hookspecs import Elements, Plan, Watch
from ...media.footage import Picture
from .anchors import Anchors, logs_of, measured
from .camera import Camera
from .frame import Passes, Plane, Reader
from .history import History
from .lines import Pen
from .smoothing import calmed, likenesses, smoothed
from .toon import Toon

_SAMPLES = 3  # frames that are looked at before the first is drawn
_WIDE = 1280  # pixels: light of a larger picture is smoothed at half its size
_LEVELS = 4
_SPARK = 1.0  # stops
_TOLERANCE = 1.6  # stops


class Drawing:
    """One take. ``frame`` must be called in order: each leans on the one before."""

    def __init__(self, plan: Plan, elements: Elements, seed: int, watch: Watch) -> None:
        self._options, self._watch, self._seed = plan.options, watch, seed
        camera = Camera.parse(str(plan.options["camera"]), len(plan.frames))
        self._reader = Reader(elements, camera)
        self._history = History()
        self._anchors = self._measured(len(plan.frames))
        self._look = look_of(plan.options, self._anchors, self._reader)

    def frame(self, index: int) -> Picture:
        """``(row, column, channel)`` float32 scene-linear Rec.709, RGB or RGBA, 0..1."""
        passes = self._reader.frame(index)
        self._watch.check()
        small = passes.smaller(2 if passes.size[0] > _WIDE else 1)
        logs = self._history.mixed(self._clean(small), small)
        self._watch.check()
        picture, drawn = self._look.draw(passes, small, logs, self._anchors)
        if passes.alpha is None:
            return np.ascontiguousarray(picture, np.float32)
        alpha = np.maximum(passes.alpha, drawn)
        return np.dstack([picture, alpha]).astype(np.float32)

    def _measured(self, count: int) -> Anchors:
        seen = []
        for index in sorted({0, count // 2, count - 1})[:_SAMPLES]:
            self._watch.check()
            passes = self._reader.frame(index)
            small = passes.smaller(max(1, passes.size[0] // 480))
            seen.append((small, self._clean(small)))
        options = self._options
        return measured(
            seen,
            bands=int(options["bands"]),
            exposure=float(options["exposure"]),
            colour=float(options["colour"]),
        )

    def _clean(self, passes: Passes) -> list[Plane]:
        raw = [calmed(plane, _SPARK) for plane in logs_of(passes)]
        return smoothed(
            raw, likenesses(passes, _LEVELS), self._watch, tolerance=_TOLERANCE, narrowing=0.7
        )


def look_of(options: Mapping[str, Option], anchors: Anchors, reader: Reader) -> Any:
    """The look that was asked for."""
    pen = Pen(2.2 * float(options["line"]), float(options["folds"]), anchors.reach)
    return Toon(pen, float(options["texture"]), Role.ids in reader.roles)
