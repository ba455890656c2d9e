"""The shot card: what a production says of one shot, read from the cut's own file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from secondunit_bridge.errors import FieldError
from secondunit_bridge.film import Region
from secondunit_bridge.wire import typed

Point = tuple[float, float, float]
"""x, y, z in the units of the scene: metres in Blender, whatever the script has in Nuke."""

SAME_PLACE = 1e-6  # scene units; a camera that looks at where it stands looks nowhere


class KeySide(Enum):
    """Where the key light comes from, as the camera sees it."""

    left = "left"
    right = "right"
    front = "front"
    back = "back"


@dataclass(frozen=True)
class CastMember:
    """Somebody who is seen in the shot, where and when, as far as it was said."""

    name: str
    region: Region | None = None
    frames: tuple[tuple[int, int], ...] | None = None

    def __post_init__(self) -> None:
        _region(self.region)


@dataclass(frozen=True)
class Prop:
    """A thing that matters, and what state it is in: full, lit, open."""

    name: str
    state: str | None = None
    region: Region | None = None

    def __post_init__(self) -> None:
        _region(self.region)


@dataclass(frozen=True)
class Costume:
    """A costume where it is seen, and the clip in which it is as it should be."""

    name: str
    region: Region
    master: str | None = None

    def __post_init__(self) -> None:
        _region(self.region)


@dataclass(frozen=True)
class Axis:
    """Who is on the left of the picture and who is on the right."""

    left: str
    right: str

    @property
    def names(self) -> set[str]:
        """The two, on whichever side."""
        return {self.left, self.right}


class Up(Enum):
    """Which axis of the scene points up: z in Blender, y in Nuke."""

    y = "y"
    z = "z"


@dataclass(frozen=True)
class CameraCard:
    """Where the camera stands, what it looks at, and its focal length."""

    position: Point
    look_at: Point
    focal_mm: float
    up: Up = Up.z

    def __post_init__(self) -> None:
        _finite(*self.position, *self.look_at, self.focal_mm)
        if self.focal_mm <= 0:
            raise ValueError("the focal length is not above zero")
        if math.dist(self.position, self.look_at) < SAME_PLACE:
            raise ValueError("the camera looks at the place where it stands")


@dataclass(frozen=True)
class People:
    """Where people are (their heads), and which way each looks: a direction, of any length."""

    positions: dict[str, Point] = field(default_factory=dict, hash=False)
    gaze: dict[str, Point] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for place in (*self.positions.values(), *self.gaze.values()):
            _finite(*place)


@dataclass(frozen=True)
class Card:
    """A shot card. Everything on it may be left out; ``allowed`` names checks that may differ."""

    scene: str | None = None
    day: str | None = None
    setup: str | None = None
    master: bool = False
    cast: tuple[CastMember, ...] = ()
    props: tuple[Prop, ...] = ()
    wardrobe: tuple[Costume, ...] = ()
    key_side: KeySide | None = None
    axis: Axis | None = None
    camera: CameraCard | None = None
    people: People | None = None
    allowed: tuple[str, ...] = ()

    def same_setup(self, other: Card | None) -> bool:
        """Both are declared to be one set-up of one scene."""
        mine = (self.scene, self.setup)
        return other is not None and self.setup is not None and mine == (other.scene, other.setup)


def card_of(marks: dict[str, Any]) -> Card | None:
    """The card in a clip's ``metadata["secondunit"]``, or None when there is none.

    Raises FieldError naming the field that is wrong.
    """
    said = marks.get("card")
    if said is None:
        return None
    if isinstance(said, dict):  # null says the same as nothing
        said = {name: value for name, value in said.items() if value is not None}
    return typed(Card, said, "card")


def read_card(marks: dict[str, Any]) -> tuple[Card | None, str]:
    """The card, and what is wrong with one that cannot be read."""
    try:
        return card_of(marks), ""
    except FieldError as error:
        return None, error.message


def handed_card(cards: Mapping[str, str], whose: str) -> tuple[Card | None, str]:
    """The card of ``take``, ``before`` or ``after`` that came with a turnover, and what is wrong
    with one that cannot be read."""
    if whose not in cards:
        return None, ""
    try:
        said = json.loads(cards[whose])
    except (ValueError, RecursionError) as error:
        return None, f"it is no JSON: {error}"
    return read_card({"card": said})


def _region(region: Region | None) -> None:
    if region is None:
        return
    _finite(*region)
    x, y, wide, high = region
    if min(x, y) < 0 or min(wide, high) <= 0 or max(x + wide, y + high) > 1 + 1e-6:
        raise ValueError("a region is x, y, width and height in 0..1 of the picture")


def _finite(*numbers: float) -> None:
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("a number is not finite")
