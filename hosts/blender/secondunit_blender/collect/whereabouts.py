"""Where people and props are in one frame of a scene, and where the camera sees them."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence

from .bible import CHARACTER, PROP, Entity
from .cards import eyeline
from .projection import Point, in_camera, pixel_of

_EYES = 0.07  # of a standing person's height below the crown: drawing canon, eyes halve the head
_EDGES = ((0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4), (0, 4), (1, 5), (2, 6),
          (3, 7))  # fmt: skip  # of a Blender bound_box's corners
Matrix = Sequence[Sequence[float]]


def whereabouts(scene: Any, found: Sequence[Entity], camera: Mapping[str, Any]) -> Dict[str, Any]:
    """People and props in the scene's frame; ``camera`` is its row.

    Positions are the middle of what stands on the ground; eyes and targets are points; regions
    are ``[x, y, w, h]`` in 0..1 of the picture from top left, None when out of the picture.
    """
    graph = scene.view_layers[0].depsgraph
    people, props = {}, {}
    for entity in found:
        boxes = [box for thing in entity.objects for box in _boxes(thing, graph)]
        region = _region(boxes, camera)
        if entity.role == CHARACTER:
            person = _person(entity, boxes, graph)
            people[entity.name] = {**person, "eyeline": _eyeline(person, camera), "region": region}
        elif entity.role == PROP and entity.objects:
            world = _matrix(entity.objects[0], graph)
            props[entity.name] = {"world": world, "region": region}
    return {"people": people, "props": props}


def _person(entity: Entity, boxes: List[List[Point]], graph: Any) -> Dict[str, Any]:
    points = [point for box in boxes for point in box]
    points = points or [_origin(thing, graph) for thing in entity.objects] or [(0.0, 0.0, 0.0)]
    low, high = ([pick(p[i] for p in points) for i in range(3)] for pick in (min, max))
    middle = [(a + b) / 2 for a, b in zip(low, high)]
    eyes = _origin(entity.eyes, graph) if entity.eyes is not None else (
        middle[0], middle[1], high[2] - _EYES * (high[2] - low[2]))  # fmt: skip
    looks_at = _origin(entity.gaze, graph) if entity.gaze is not None else None
    return {
        "position": [middle[0], middle[1], low[2]],
        "eyes": list(eyes),
        "looks_at": list(looks_at) if looks_at else None,
    }


def _eyeline(person: Dict[str, Any], camera: Mapping[str, Any]) -> Optional[float]:
    """Degrees by which the look passes the lens; None when nobody said where it goes."""
    target = person["looks_at"]
    return round(eyeline(camera, person["eyes"], target), 2) if target else None


def _boxes(thing: Any, graph: Any) -> Iterator[List[Point]]:
    """Corners in the world of a thing's box, or of those it holds as an instance."""
    world = _matrix(thing, graph)
    inside = getattr(thing, "instance_collection", None)
    if inside is not None:
        shift = inside.instance_offset
        for part in inside.all_objects:
            own = _matrix(part, graph)
            for box in _own_box(part, graph):
                moved = (_at(own, corner) for corner in box)
                yield [_at(world, [c - s for c, s in zip(corner, shift)]) for corner in moved]
    for box in _own_box(thing, graph):
        yield [_at(world, corner) for corner in box]


def _own_box(thing: Any, graph: Any) -> Iterator[List[List[float]]]:
    corners = [list(corner) for corner in thing.evaluated_get(graph).bound_box]
    if thing.type != "EMPTY" and len({tuple(corner) for corner in corners}) > 1:
        yield corners


def _region(boxes: List[List[Point]], camera: Mapping[str, Any]) -> Optional[List[float]]:
    """What of the picture the boxes cover; parts behind the lens are cut off first."""
    wide, high = camera["resolution"]
    seen = [pixel for box in boxes for point in _in_front(box, camera)
            if (pixel := pixel_of(camera, point)) is not None]  # fmt: skip
    if not seen:
        return None
    left, right = (pick(x for x, _ in seen) for pick in (min, max))
    top, bottom = (pick(y for _, y in seen) for pick in (min, max))
    x0, x1 = (min(max((x + 0.5) / wide, 0.0), 1.0) for x in (left, right))
    y0, y1 = (min(max((y + 0.5) / high, 0.0), 1.0) for y in (top, bottom))
    if x1 <= x0 or y1 <= y0:
        return None
    return [round(value, 5) for value in (x0, y0, x1 - x0, y1 - y0)]


def _in_front(box: List[Point], camera: Mapping[str, Any]) -> Iterator[Point]:
    """The corners before the near clip, and where edges cross it."""
    near = float(camera["clip"][0])
    away = [-in_camera(camera, corner)[2] - near for corner in box]
    yield from (corner for corner, distance in zip(box, away) if distance > 0)
    for a, b in _EDGES:
        if away[a] * away[b] < 0:
            part = (away[a] + 1e-6) / (away[a] - away[b])
            x, y, z = (p + (q - p) * part for p, q in zip(box[a], box[b]))
            yield x, y, z


def _matrix(thing: Any, graph: Any) -> List[List[float]]:
    return [[float(value) for value in row] for row in thing.evaluated_get(graph).matrix_world]


def _origin(thing: Any, graph: Any) -> Point:
    world = _matrix(thing, graph)
    return world[0][3], world[1][3], world[2][3]


def _at(world: Matrix, point: Sequence[float]) -> Point:
    x, y, z = (sum(row[i] * point[i] for i in range(3)) + row[3] for row in world[:3])
    return x, y, z
