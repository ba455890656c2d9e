"""Where cameras and people of a scene stand to each other: angles and sides, from shot cards.

Positions are in the scene's own units, angles in degrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..editorial.cards import CameraCard, Card, People, Point, Up

Vector = NDArray[np.float64]

ON_LINE = 5.0  # degrees; a camera so near the line of action stands on it, and takes no side
ELSEWHERE = 9.0  # mm on the film, a quarter of 36: cameras aimed so far apart see other things
TINY = 1e-9


@dataclass(frozen=True)
class Line:
    """A line of action: from one person to another, by name."""

    one: str
    other: str


def line_of(ours: Card, theirs: Card) -> Line | None:
    """The two people whom both cards place: those on the axis, else the only two; or None."""
    both = sorted(_names(ours.people) & _names(theirs.people))
    for card in (ours, theirs):
        axis = card.axis
        if axis is not None and {axis.left, axis.right} <= set(both) and axis.left != axis.right:
            return Line(axis.left, axis.right)
    return Line(both[0], both[1]) if len(both) == 2 else None


def side_of(camera: CameraCard, people: People, line: Line) -> float:
    """Degrees by which the camera stands off the line, seen from above; its sign is the side."""
    one, other = (_flat(people.positions[name], camera.up) for name in (line.one, line.other))
    along, across = other - one, _flat(camera.position, camera.up) - (one + other) / 2
    turn = along[0] * across[1] - along[1] * across[0]
    angle = float(np.degrees(np.arctan2(turn, abs(float(along @ across)))))
    return 0.0 if max(abs(turn), float(abs(along @ across))) < TINY else angle


def angle_between(one: Vector, other: Vector) -> float:
    """Degrees between two directions, 0..180."""
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    if length < TINY:
        return 0.0
    return float(np.degrees(np.arccos(np.clip(float(one @ other) / length, -1, 1))))


def move(one: CameraCard, other: CameraCard) -> tuple[float, float] | None:
    """Degrees the camera goes round what it looks at, and times it is seen larger, from ``one``.

    None when the two look at different things.
    """
    aims = [np.array(camera.look_at) for camera in (one, other)]
    stands = [np.array(camera.position) for camera in (one, other)]
    away = [float(np.linalg.norm(a - s)) for a, s in zip(aims, stands, strict=True)]
    sizes = [camera.focal_mm / far for camera, far in zip((one, other), away, strict=True)]
    if float(np.linalg.norm(aims[0] - aims[1])) * max(sizes) > ELSEWHERE:
        return None
    subject = (aims[0] + aims[1]) / 2
    turned = angle_between(stands[0] - subject, stands[1] - subject)
    return turned, sizes[1] / sizes[0]


def gaze_misses(people: People, name: str, target: Point) -> float:
    """Degrees between where somebody looks and where the target is."""
    wanted = np.array(target) - np.array(people.positions[name])
    return angle_between(np.array(people.gaze[name]), wanted)


def _names(people: People | None) -> set[str]:
    return set(people.positions) if people else set()


def _flat(point: Point, up: Up) -> Vector:
    """Seen from above. A scene with y up is laid down so that left stays left."""
    x, y, z = point
    return np.array([x, y]) if up is Up.z else np.array([x, -z])
