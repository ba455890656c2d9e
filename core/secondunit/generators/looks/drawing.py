"""A shot being drawn: what holds for all of it, and then each frame from its passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from secondunit_bridge.film import Role

from ...hookspecs import Elements, Plan, Watch
from ...media.footage import Footage, Picture
from .anchors import Anchors, logs_of, measured
from .camera import Camera
from .frame import Passes, Plane, Reader
from .graded import Graded
from .grading import of_still
from .history import Light, Settling
from .lines import Pen
from .pencil import Pencil
from .smoothing import calmed, likenesses, smoothed
from .surface import Anchoring, rays_of
from .toon import Toon

_SAMPLES = 480  # pixels: the width at which the shot is looked at before the first frame is drawn
_WIDE = 1280  # pixels: tones of a larger picture are smoothed at half its size
_LEVELS = 4
_SPARK = 1.0  # stops


@dataclass(frozen=True)
class _Asked:
    """The options, typed."""

    look: str
    exposure: float
    light: float
    line: float
    folds: float
    bands: int
    texture: float
    colour: float
    hatch: float
    paper: float
    tint: float
    fog: float
    grade: float
    halation: float
    grain: float
    camera: str


class Drawing:
    """One take. ``frame`` must be called in order: each leans on the one before."""

    def __init__(self, plan: Plan, elements: Elements, seed: int, watch: Watch) -> None:
        self._asked = _Asked(**plan.options)  # type: ignore[arg-type]  # the core has checked each
        self._watch, self._seed = watch, seed
        camera = Camera.parse(self._asked.camera, len(plan.frames))
        self._reader = Reader(elements, camera)
        self._still = elements.one(Role.reference) if self._asked.look == "graded" else None
        self._light, self._settling, self._anchoring = Light(), Settling(), Anchoring()
        self._anchors, self._look = self._begun(len(plan.frames))

    def frame(self, index: int) -> Picture:
        """``(row, column, channel)`` float32 scene-linear Rec.709, RGB or RGBA, 0..1."""
        passes = self._reader.frame(index)
        self._watch.check()
        large = passes.size[0] > _WIDE and self._asked.look != "graded"
        small = passes.smaller(2 if large else 1)
        clean = self._clean(small)
        if self._asked.look == "pencil":
            self._anchoring.follow(small, self._light)
        logs = self._light.mixed(clean, small)
        self._watch.check()
        picture, drawn = self._drawn(passes, small, logs, index)
        if passes.alpha is None:
            return np.ascontiguousarray(picture, np.float32)
        alpha = np.maximum(passes.alpha, drawn)[..., None]
        return np.concatenate([picture, alpha], axis=2, dtype=np.float32)

    def _drawn(
        self, passes: Passes, small: Passes, logs: Sequence[Plane], index: int
    ) -> tuple[Picture, Plane]:
        look, anchors = self._look, self._anchors
        if isinstance(look, Graded):
            return look.draw(passes, logs, anchors, index, self._settling)
        if isinstance(look, Toon):
            return look.draw(passes, small, logs, anchors, self._settling)
        rays = rays_of(passes)
        surface = None if rays is None else self._anchoring.surface(passes, rays)
        return look.draw(passes, small, logs, anchors, self._settling, surface)

    def _begun(self, count: int) -> tuple[Anchors, Toon | Pencil | Graded]:
        """What is measured on the first, the middle and the last frame, and the look."""
        seen = []
        for index in sorted({0, count // 2, count - 1}):
            self._watch.check()
            passes = self._reader.frame(index)
            small = passes.smaller(max(1, passes.size[0] // _SAMPLES))
            seen.append((small, self._clean(small)))
        asked = self._asked
        anchors = measured(
            seen,
            bands=asked.bands,
            exposure=asked.exposure,
            colour=asked.colour,
            light=asked.light,
        )
        return anchors, self._looking(anchors, seen)

    def _looking(
        self, anchors: Anchors, seen: Sequence[tuple[Passes, list[Plane]]]
    ) -> Toon | Pencil | Graded:
        asked, roles = self._asked, self._reader.roles
        if asked.look == "toon":
            pen = Pen(2.2 * asked.line, asked.folds, anchors.reach)
            return Toon(pen, asked.texture, Role.ids in roles)
        if asked.look == "pencil":
            pen = Pen(1.7 * asked.line, asked.folds, anchors.reach)
            return Pencil(pen, self._seed, asked.hatch, asked.paper, asked.tint)
        look = Graded(
            self._seed, asked.colour, asked.fog, asked.halation, asked.grain, Role.depth in roles
        )
        if self._still is None or asked.grade == 0:
            return look
        shot = [look.plain(passes, logs, anchors) for passes, logs in seen]
        return replace(look, grade=of_still(_shown(self._still), shot, asked.grade))

    def _clean(self, passes: Passes) -> list[Plane]:
        raw = [calmed(plane, _SPARK) for plane in logs_of(passes)]
        fine = self._asked.look == "graded" and passes.albedo is None
        return smoothed(
            raw,
            likenesses(passes, _LEVELS),
            self._watch,
            tolerance=0.8 if fine else 1.6,
            narrowing=0.5 if fine else 0.7,
        )


def _shown(still: Footage) -> Picture:
    return np.nan_to_num(still.frame(still.frames.first)[..., :3], nan=0.0, posinf=1.0, neginf=0.0)
