"""Where strokes hold on to: points of surfaces that stay the same while camera and things move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frame import Passes, Plane
from .history import Light
from .motion import Landed

_MOST_POINTS = 600  # of an object, to find how it moved
_LEAST_POINTS = 12
_MOVED = 0.75  # pixels: what moves less stands still
_SLOPE = 0.08  # cosine between ray and normal: flatter than that a point is not corrected


@dataclass(frozen=True)
class Rays:
    """A camera as far as strokes need it: a point is ``eye + depth * (middle + x a + y b)``."""

    eye: NDArray[np.float32]  # (3,) metres
    steps: NDArray[np.float32]  # (3, 3): middle, across, down; for x and y in pixels

    def through(self, wide: int, high: int) -> NDArray[np.float32]:
        """``(row, column, 3)``: the ray of each pixel, one long along the camera's axis."""
        across = np.arange(wide, dtype=np.float32)[None, :, None] * self.steps[1]
        down = np.arange(high, dtype=np.float32)[:, None, None] * self.steps[2]
        made: NDArray[np.float32] = across + down + self.steps[0]
        return made


@dataclass(frozen=True)
class Surface:
    """Of one frame: ``(row, column, 3)`` points and normals that move with their objects, and what
    a step of one pixel across and down is in metres on the surface."""

    points: NDArray[np.float32]
    normals: NDArray[np.float32]
    across: NDArray[np.float32]
    down: NDArray[np.float32]

    def part(self, across: int, down: int, parts: int) -> Surface:
        """The part of each pixel that is so far across and down, of ``parts`` each way."""
        if parts == 1:
            return self
        x, y = (np.float32((at + 0.5) / parts - 0.5) for at in (across, down))
        share = np.float32(1 / parts)
        points = self.points + x * self.across + y * self.down
        return Surface(points, self.normals, share * self.across, share * self.down)


def rays_of(passes: Passes) -> Rays | None:
    """The camera that sees these positions at these depths; None when they fit none."""
    if passes.position is None:
        return None
    step = max(1, passes.size[0] // 160)
    near = passes.near[::step, ::step]
    rows, columns = np.nonzero(near > 0)
    if len(rows) < 64:
        return None
    depth = 1 / near[rows, columns].astype(np.float64)
    points = passes.position[::step, ::step][rows, columns].astype(np.float64)
    x, y = columns * float(step), rows * float(step)
    system = np.stack([1 / depth, np.ones_like(depth), x, y], axis=1)
    scaled = points / depth[:, None]
    weight = np.ones(len(depth))
    for _ in range(3):  # what does not lie where the depth says is left out
        found, *_ = np.linalg.lstsq(system * weight[:, None], scaled * weight[:, None], rcond=None)
        off = np.linalg.norm(system @ found - scaled, axis=1)
        weight = (off <= 3 * np.median(off) + 1e-9).astype(np.float64)
    pixel = float(np.linalg.norm(found[2]))
    if not np.isfinite(found).all() or float(np.median(off)) > 2 * pixel or pixel == 0:
        return None
    return Rays(found[0].astype(np.float32), found[1:].astype(np.float32))


class Anchoring:
    """Follows objects that move, by the motion pass, so that strokes move with them."""

    def __init__(self) -> None:
        self._turns: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        self._held: NDArray[np.float32] | None = None  # anchored points of the small frame before

    def follow(self, small: Passes, history: Light) -> None:
        """Looks at how objects moved since the frame before. Call it before ``history`` mixes."""
        if small.position is None:
            return
        found = history.landed(small)
        held = self._placed(small.position, small.ids)
        if found is not None and self._held is not None and self._held.shape == held.shape:
            self._refit(small, held, found)
            held = self._placed(small.position, small.ids)
        self._held = held

    def surface(self, passes: Passes, rays: Rays) -> Surface:
        """The frame's points and normals in the places where their objects began."""
        assert passes.position is not None
        view = rays.through(*passes.size)
        normal = passes.normal
        facing = np.einsum("ijk,ijk->ij", normal, view)
        steep = np.abs(facing) > _SLOPE
        facing = np.where(steep, facing, np.where(facing < 0, -_SLOPE, _SLOPE)).astype(np.float32)
        points = _on_the_ray(passes, rays, view, facing, steep)
        depth = 1 / np.maximum(passes.near, np.float32(1e-6))
        steps = [
            (rays.steps[k] - view * (normal @ rays.steps[k] / facing)[..., None]) * depth[..., None]
            for k in (1, 2)
        ]
        normals = normal.copy() if self._turns else normal
        self._turn(passes.ids, points, (normals, *steps))
        return Surface(points, normals, steps[0], steps[1])

    def _placed(self, points: NDArray[np.float32], ids: NDArray[np.int32]) -> NDArray[np.float32]:
        placed = points.copy()
        self._turn(ids, placed, ())
        return placed

    def _turn(
        self,
        ids: NDArray[np.int32],
        points: NDArray[np.float32],
        ways: Sequence[NDArray[np.float32]],
    ) -> None:
        """Points of objects that moved go back to where they began; ``ways`` turn with them."""
        if not self._turns:
            return
        known = np.array(sorted(self._turns), np.int32)
        places = np.minimum(np.searchsorted(known, ids.ravel()), len(known) - 1)
        at = np.flatnonzero(known[places] == ids.ravel())
        turns = np.array([self._turns[one][0] for one in known.tolist()], np.float32)
        shifts = np.array([self._turns[one][1] for one in known.tolist()], np.float32)
        own = turns[places[at]]
        for field in (points, *ways):
            flat = field.reshape(-1, 3)
            flat[at] = np.einsum("nij,nj->ni", own, flat[at])
        points.reshape(-1, 3)[at] += shifts[places[at]]

    def _refit(self, small: Passes, held: NDArray[np.float32], found: Landed) -> None:
        """New places for objects whose points are not where the frame before had them."""
        assert self._held is not None
        assert small.position is not None
        where = found.where
        x = np.clip(np.rint(where[..., 0]).astype(np.intp), 0, held.shape[1] - 1)
        y = np.clip(np.rint(where[..., 1]).astype(np.intp), 0, held.shape[0] - 1)
        before = self._held[y, x]
        off = np.linalg.norm(held - before, axis=2)
        pixel = np.linalg.norm(np.gradient(held, axis=1), axis=2)
        at = found.same > 0
        labels, places = np.unique(small.ids[at], return_inverse=True)
        count = np.bincount(places)
        strayed = np.bincount(places, np.minimum(off[at], 1.0)) / count
        size = np.bincount(places, np.minimum(pixel[at], 1.0)) / count
        for label in labels[(strayed > _MOVED * size) & (count >= _LEAST_POINTS)].tolist():
            own = at & (small.ids == label)
            self._turns[label] = _fitted(small.position[own], before[own])


def _on_the_ray(
    passes: Passes, rays: Rays, view: NDArray[np.float32], facing: Plane, steep: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Points in the middle of their pixels: a renderer's lie anywhere in them, each frame anew."""
    assert passes.position is not None
    from_eye = passes.position - rays.eye
    depth = np.einsum("ijk,ijk->ij", passes.normal, from_eye) / facing
    own = 1 / np.maximum(passes.near, np.float32(1e-6))
    good = steep & (np.abs(depth - own) < 0.03 * own)
    depth = np.where(good, depth, own).astype(np.float32)
    made: NDArray[np.float32] = rays.eye + view * depth[..., None]
    return made


def _fitted(
    points: NDArray[np.float32], onto: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The turn and shift that bring points onto others (Kabsch, 1976); the middle half counts."""
    step = max(1, len(points) // _MOST_POINTS)
    a, b = points[::step].astype(np.float64), onto[::step].astype(np.float64)
    keep = np.ones(len(a), bool)
    turn, shift = np.eye(3), np.zeros(3)
    for _ in range(3):
        middle_a, middle_b = a[keep].mean(axis=0), b[keep].mean(axis=0)
        u, _, vt = np.linalg.svd((a[keep] - middle_a).T @ (b[keep] - middle_b))
        sign = np.sign(np.linalg.det(vt.T @ u.T)) or 1.0
        turn = vt.T @ np.diag([1, 1, sign]) @ u.T
        shift = middle_b - turn @ middle_a
        off = np.linalg.norm(a @ turn.T + shift - b, axis=1)
        keep = off <= np.quantile(off, 0.7)
    return turn, shift
