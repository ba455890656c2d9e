"""Who and what is in the scene: objects and collections tagged as characters, props and sets.

Tags are two custom properties on an object or a collection, ``secondunit_role`` and
``secondunit_name``; they travel with the thing when it is appended or linked elsewhere. Empties
tagged ``gaze`` and ``eyes`` with a character's name say where it looks and from where.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from secondunit_bridge.errors import FieldError, NameMissing, NotPermitted

ROLE, NAME, AXIS = "secondunit_role", "secondunit_name", "secondunit_axis"
CHARACTER, PROP, SET, GAZE, EYES = "character", "prop", "set", "gaze", "eyes"
ROLES = (CHARACTER, PROP, SET, GAZE, EYES)
_SHAPES = ("MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME")
_NUMBERS = 1999  # of ids: whole numbers up to 2048 survive half float


@dataclass(frozen=True)
class Tag:
    """What a person said a thing is."""

    role: str
    name: str


@dataclass(frozen=True)
class Entity:
    """A character, prop or set with all its objects. ``gaze`` and ``eyes`` are empties or None."""

    role: str
    name: str
    objects: Tuple[Any, ...]
    gaze: Any = None
    eyes: Any = None


def tag_of(thing: Any) -> Optional[Tag]:
    """The tag of an object or collection; None without one, or with a role nobody knows."""
    role = thing.get(ROLE)
    return Tag(role, str(thing.get(NAME) or thing.name)) if role in ROLES else None


def tag(thing: Any, role: str, name: str = "") -> None:
    """Say what a thing is; an empty name is the thing's own.

    Raises FieldError for a role that is none, NameMissing for a gaze or eyes of nobody,
    NotPermitted for a thing that is linked from a library.
    """
    if role not in ROLES:
        raise FieldError(f"{role!r} is no role", hint="Roles are " + ", ".join(ROLES) + ".")
    if role in (GAZE, EYES) and not name:
        raise NameMissing(f"the {role} belongs to nobody", hint="Give the character's name.")
    _writable(thing)
    thing[ROLE], thing[NAME] = role, name or thing.name


def untag(thing: Any) -> None:
    """Take the tag off. Raises NotPermitted for a thing that is linked from a library."""
    _writable(thing)
    for key in (ROLE, NAME):
        if key in thing:
            del thing[key]


def _writable(thing: Any) -> None:
    if thing.library is not None:
        raise NotPermitted(
            f"{thing.name} comes from {thing.library.filepath} and cannot be tagged here",
            hint="Tag it in that file, or make a library override of it.",
        )


def entities(scene: Any) -> Tuple[Entity, ...]:
    """Everything tagged in a scene. An object's own tag beats its collection's."""
    found: Dict[Tag, List[Any]] = {}
    points: Dict[Tag, Any] = {}
    for collection in [scene.collection, *scene.collection.children_recursive]:
        told = tag_of(collection)
        if told and told.role in (CHARACTER, PROP, SET):
            found.setdefault(told, []).extend(
                thing for thing in collection.all_objects if tag_of(thing) is None
            )
    for thing in scene.objects:
        told = tag_of(thing) or _instanced(thing)
        if told and told.role in (GAZE, EYES):
            points[told] = thing
        elif told:
            found.setdefault(told, []).append(thing)
    return tuple(
        Entity(role.role, role.name, tuple(things), points.get(Tag(GAZE, role.name)),
               points.get(Tag(EYES, role.name)))
        for role, things in sorted(found.items(), key=lambda item: (item[0].role, item[0].name))
    )  # fmt: skip


def _instanced(thing: Any) -> Optional[Tag]:
    inside = getattr(thing, "instance_collection", None)
    return tag_of(inside) if inside is not None else None


def objects_of(found: Sequence[Entity]) -> Dict[str, List[str]]:
    """Role and name of the character, prop or set that each object belongs to, by its own name:
    the one that Cryptomatte knows it by. What an empty holds as an instance belongs to it."""
    table: Dict[str, List[str]] = {}
    for entity in found:
        for thing in entity.objects:
            inside = getattr(thing, "instance_collection", None)
            for part in (thing, *(inside.all_objects if inside is not None else ())):
                table[str(part.name)] = [entity.role, entity.name]
    return dict(sorted(table.items()))


def axis_of(scene: Any, cast: Sequence[str]) -> Optional[Tuple[str, str]]:
    """The two characters between whom the axis runs: as set, else the only two there are."""
    said = str(scene.get(AXIS, "")).split("|")
    if len(said) == 2 and set(said) <= set(cast):
        return said[0], said[1]
    return (cast[0], cast[1]) if len(cast) == 2 else None


def choose_axis(scene: Any, first: str, second: str) -> None:
    """Say between which two characters the axis of this scene runs. Raises NotPermitted."""
    _writable(scene)
    scene[AXIS] = f"{first}|{second}"


def number_ids(scene: Any) -> Dict[int, str]:
    """Give each thing in the scene its number for the pass of object numbers; number -> name.

    A number comes from the name, so it is the same in every shot and file. A person's own numbers
    stay where nothing is tagged.
    """
    named = {thing: entity.name for entity in entities(scene) for thing in entity.objects}
    things = sorted(_shapes(scene.objects), key=lambda pair: str(pair[0].name))
    table: Dict[int, str] = {}
    for thing, holder in things:
        if thing.pass_index and thing not in named and holder not in named:
            table[int(thing.pass_index)] = str(thing.name)
    own = dict(table)
    for thing, holder in things:
        name = named.get(thing) or named.get(holder)
        if name is None and thing.pass_index and own.get(int(thing.pass_index)):
            continue
        name = str(name or thing.name)
        number = zlib.crc32(name.encode()) % _NUMBERS + 1
        while table.get(number, name) != name:
            number = number % _NUMBERS + 1
        table[number] = name
        thing.pass_index = number
    return dict(sorted(table.items()))


def _shapes(things: Any) -> Iterator[Tuple[Any, Any]]:
    """What can be seen in a picture, and the empty that holds it there or itself."""
    for thing in things:
        if thing.type in _SHAPES:
            yield thing, thing
        inside = getattr(thing, "instance_collection", None)
        if inside is not None:
            yield from ((part, thing) for part in inside.all_objects if part.type in _SHAPES)
