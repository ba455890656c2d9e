"""One frame's render passes, made clean: what the looks are drawn from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Role

from ...hookspecs import Elements
from ...media.footage import Footage, Picture
from .camera import Camera

Plane: TypeAlias = NDArray[np.float32]
"""``(row, column)`` float32, origin top left."""

FAR = 50_000.0  # a depth from here on is nothing: Blender writes 1e10, half float holds 65504
ROLES = (
    Role.guide, Role.depth, Role.normal, Role.ids, Role.position, Role.motion, Role.albedo,
)  # fmt: skip
_VIEW = 0.75  # width over distance that is assumed when normals are made from depth alone


@dataclass(frozen=True)
class Passes:
    """One frame.

    light
        ``(row, column, 3)`` float32, scene-linear Rec.709, 0 or more, finite.
    near
        ``(row, column)`` float32: one over the depth; 0 where there is nothing.
    ids
        ``(row, column)`` int32: equal where it is the same object; any numbers.
    normal, position, motion, albedo
        ``(row, column, 3)`` float32 or None: unit normals, metres in the world, pixels to where it
        was in the frame before (x, y; the sign as the renderer has it), share of light given back.
    alpha
        ``(row, column)`` float32, 0..1, or None when the picture is opaque.
    """

    light: Picture
    near: Plane
    ids: NDArray[np.int32]
    normal: Picture
    position: Picture | None = None
    motion: Picture | None = None
    albedo: Picture | None = None
    alpha: Plane | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.near.shape[1], self.near.shape[0]

    def smaller(self, step: int) -> Passes:
        """Every ``step``-th pixel of what is data, the mean of the pixels of what is light."""
        if step == 1:
            return self

        def picked(data: Any) -> Any:
            return None if data is None else np.ascontiguousarray(data[::step, ::step])

        size = (-(-self.size[0] // step), -(-self.size[1] // step))
        motion = picked(self.motion)
        return replace(
            self,
            light=_shrunk(self.light, size),
            near=picked(self.near),
            ids=picked(self.ids),
            normal=picked(self.normal),
            position=picked(self.position),
            motion=None if motion is None else motion / np.float32(step),
            albedo=None if self.albedo is None else _shrunk(self.albedo, size),
            alpha=picked(self.alpha),
        )


class Reader:
    """Reads a shot's passes frame by frame; holds none."""

    def __init__(self, elements: Elements, camera: Camera | None = None) -> None:
        self._footage = {role: elements.one(role) for role in ROLES}
        self._camera = camera

    @property
    def roles(self) -> tuple[Role, ...]:
        """Which passes there are."""
        return tuple(role for role, footage in self._footage.items() if footage is not None)

    @property
    def anchored(self) -> bool:
        """It is known where in the world each pixel lies."""
        there = self.roles
        return Role.position in there or (Role.depth in there and self._camera is not None)

    def frame(self, index: int) -> Passes:
        """The passes of a frame, by its place in the shot. Raises what reading them raises."""
        read = {role: _read(footage, index) for role, footage in self._footage.items()}
        colour, depth, normal, numbers, position, motion, albedo = (read[role] for role in ROLES)
        shape = next(one.shape[:2] for one in read.values() if one is not None)
        near = np.ones(shape, np.float32) if depth is None else _near(depth[..., 0])
        if position is None and depth is not None and self._camera is not None:
            position = self._camera.points(index, near)
        if normal is None:
            normal = _normals(near, position)
        light = np.full((*shape, 3), 0.18, np.float32) if colour is None else _light(colour)
        alpha = None
        if colour is not None and colour.shape[2] == 4:
            alpha = np.clip(np.nan_to_num(colour[..., 3]), 0, 1)
        return Passes(
            light, near, _whole(numbers, near), _finite(normal), _optional(position),
            _optional(motion), _optional(albedo), alpha,
        )  # fmt: skip


def _read(footage: Footage | None, index: int) -> Picture | None:
    if footage is None:
        return None
    frames = footage.frames
    return footage.frame(min(frames.first + index, frames.last))


def _light(colour: Picture) -> Picture:
    light = np.nan_to_num(colour[..., :3], nan=0.0, posinf=FAR, neginf=0.0)
    return np.ascontiguousarray(np.clip(light, 0, FAR))


def _finite(picture: Picture) -> Picture:
    three = picture[..., :3] if picture.shape[2] >= 3 else np.repeat(picture[..., :1], 3, axis=2)
    return np.ascontiguousarray(np.nan_to_num(three, nan=0.0, posinf=FAR, neginf=-FAR))


def _optional(picture: Picture | None) -> Picture | None:
    return None if picture is None else _finite(picture)


def _near(depth: Plane) -> Plane:
    there = np.isfinite(depth) & (depth > 0) & (depth < FAR)
    return np.divide(1, depth, out=np.zeros(depth.shape, np.float32), where=there)


def _whole(numbers: Picture | None, near: Plane) -> NDArray[np.int32]:
    """Numbers of objects by their bits: Cryptomatte's are no whole numbers."""
    empty = near <= 0
    if numbers is None:
        return np.where(empty, -1, 0).astype(np.int32)
    ids = np.ascontiguousarray(numbers[..., 0], np.float32).view(np.int32).copy()
    ids[empty] = -1
    return ids


def _normals(near: Plane, position: Picture | None) -> Picture:
    """From positions, else from depth as a camera of usual width sees it: they point to it."""
    import cv2

    if position is None:
        high, wide = near.shape
        depth = 1 / np.maximum(near, np.float32(1 / FAR))
        across = (np.arange(wide, dtype=np.float32) - wide / 2) * (_VIEW / wide)
        down = (np.arange(high, dtype=np.float32) - high / 2) * (_VIEW / wide)
        position = np.dstack([across * depth, -down[:, None] * depth, -depth])
    over = cv2.Scharr(position, cv2.CV_32F, 1, 0)
    under = cv2.Scharr(position, cv2.CV_32F, 0, 1)
    x = under[..., 1] * over[..., 2] - under[..., 2] * over[..., 1]
    y = under[..., 2] * over[..., 0] - under[..., 0] * over[..., 2]
    z = under[..., 0] * over[..., 1] - under[..., 1] * over[..., 0]
    size = np.sqrt(x * x + y * y + z * z)
    made: Picture = np.dstack([x, y, z]) / np.maximum(size, np.float32(1e-12))[..., None]
    return made


def _shrunk(picture: Picture, size: tuple[int, int]) -> Picture:
    import cv2

    small: Any = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
