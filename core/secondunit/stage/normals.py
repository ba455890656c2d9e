"""Normal passes as the camera sees them: told from those of the world, and turned.

Seen from the camera means x to the right, y up, z towards the camera. Models of normal maps are
trained on that; most renderers write normals in world space unless they are told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Footage, Picture, Through
from ..media.stills import still_facts

POSE = "worldToCamera"  # attribute of OpenEXR (its "Standard Optional Attributes"): points are rows
_NUMBER = re.compile(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?")
_LOOKED = 5  # frames of a pass that are looked at
# tangent of half the picture's angle: lenses of 100 and of 17 degrees
_WIDEST, _LONGEST = 1.2, 0.15
_DOUBT = 0.015  # share of normals that face away from any camera; edges of objects have fewer
_STEP = 3  # rows and columns from one that is looked at to the next

Matrix = NDArray[np.float64]


class TurnedNormals(Through):
    """A normal pass of the world, each frame turned by its own camera. Values are -1 to 1."""

    def __init__(self, footage: Footage, poses: Mapping[int, Matrix], *, signed: bool) -> None:
        super().__init__(footage)
        self._poses, self._signed = poses, signed

    def frame(self, number: int) -> Picture:
        """``(row, column, channel)`` float32, -1 to 1. Raises as the pass does."""
        picture = vectors(self._footage.frame(number), signed=self._signed)
        return turned(picture, self._poses[number])


def seen_from_camera(
    footage: Footage, path_of: Callable[[int], Path | None]
) -> tuple[Footage, str]:
    """The pass as the camera sees it, and a remark: empty when it was so already.

    ``path_of`` is the file of a frame, or None. Raises what reading frames raises.
    """
    numbers = list(footage.frames)
    looked = numbers[:: max(1, -(-len(numbers) // _LOOKED))]
    frames = [footage.frame(number) for number in looked]
    signed = any(np.nan_to_num(frame[..., :3]).min() < 0 for frame in frames)
    away = max(facing_away(vectors(frame, signed=signed)) for frame in frames)
    if away <= _DOUBT:
        return footage, ""
    poses = {number: pose_in(path_of(number)) for number in numbers}
    known = {number: pose for number, pose in poses.items() if pose is not None}
    if len(known) == len(numbers):
        made = TurnedNormals(footage, known, signed=signed)
        if max(facing_away(made.frame(number)) for number in looked) <= _DOUBT:
            return made, (
                "The normals are in world space: each frame is turned to its camera, by the pose"
                " that its file tells."
            )
    return footage, (
        f"The normals do not look as the camera sees them: {away:.0%} of a frame would face away"
        " from it. The model reads them as they are and may misread the shapes: render normals in"
        " camera space, or write the camera's pose (worldToCamera) into the files."
    )


def facing_away(normals: Picture) -> float:
    """The share of normals, 0..1, that no camera could see, whatever its lens; 0 without any."""
    normal = normals[::_STEP, ::_STEP]
    rows, columns = normal.shape[:2]
    across = np.linspace(-1.0, 1.0, columns)[None, :]
    up = np.linspace(1.0, -1.0, rows)[:, None] * (rows / columns)
    # From the surface to the camera: towards the picture's middle, and out of it.
    side = -(normal[..., 0] * across + normal[..., 1] * up)
    best = normal[..., 2] + np.where(side > 0, _WIDEST, _LONGEST) * side
    there = np.linalg.norm(normal, axis=-1) > 0.5
    return float((best[there] < -0.02).mean()) if there.any() else 0.0


def turned(normals: Picture, pose: Matrix) -> Picture:
    """Normals of the world as the camera of that pose sees them, -1 to 1, of unit length."""
    made = (normals @ pose).astype(np.float32)
    length = np.linalg.norm(made, axis=-1, keepdims=True)
    unit: Picture = np.divide(made, length, out=np.zeros_like(made), where=length > 0.5)
    return unit


def pose_in(path: Path | None) -> Matrix | None:
    """How the file's camera is turned, ``(3, 3)`` for rows of x, y, z; None when nothing says."""
    said = still_facts(path).attributes.get(POSE, "") if path else ""
    numbers = [float(one) for one in _NUMBER.findall(said)]
    if len(numbers) != 16:
        return None
    turn = np.array(numbers).reshape(4, 4)[:3, :3]
    size = np.linalg.norm(turn, axis=1, keepdims=True)
    return turn / size if (size > 0).all() else None


def vectors(picture: Picture, *, signed: bool) -> Picture:
    """The first three channels as -1..1; a pass that is not ``signed`` is kept as colours, 0..1."""
    normal: Picture = np.nan_to_num(picture[..., :3])
    if not signed:
        there = normal.any(axis=-1, keepdims=True)  # black is no normal
        normal = np.where(there, normal * np.float32(2) - np.float32(1), np.float32(0))
    return normal
