"""A rendered scene: its takes as shots with their cards, clean or with more done to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from secondunit.editorial.cards import Axis, CameraCard, Card, Costume, People

from .pictures import GRAIN, Picture, Shown, chest, delivered, grained
from .plan import PEOPLE, Take
from .shots import COUNT, Shot

MOVES_ON = 6  # frames from the cut at which the second pose is seen
COSTUMES = {"ana": 30, "ben": 31}

Change = Callable[[Picture, int], Picture]


@dataclass(frozen=True)
class Grained:
    """The grain of a shot: codes, pixels it is soft by, and the seed of its own."""

    sigma: float = GRAIN
    soft: float = 0.5
    seed: int = 0


@dataclass(frozen=True)
class Scene:
    """A scene that was rendered; ``folder`` holds its pictures."""

    folder: Path
    takes: tuple[Take, ...]

    @property
    def seed(self) -> int:
        """The scene's number."""
        return int(self.folder.name.removeprefix("scene"))

    @cached_property
    def by_name(self) -> dict[str, Take]:
        """Takes by name."""
        return {take.name: take for take in self.takes}

    def shown(self, name: str, pose: int = 0) -> Shown:
        """A take's picture."""
        return Shown(self.folder, f"{name}.{pose}")

    def shot(
        self, name: str, *, ends: bool = False, change: Change | None = None,
        grain: Grained | None = None, **card: object,
    ) -> Shot:  # fmt: skip
        """A take as a shot; ``ends``: it is the shot before a cut, which it ends at.

        ``change`` is done to codes before the grain. ``card`` replaces fields of its shot card.
        """
        take = self.by_name[name]
        poses = [self.shown(name, pose) for pose in range(take.poses)]
        grain = grain or Grained()

        def made(number: int) -> NDArray:
            away = COUNT - 1 - number if ends else number
            picture = poses[min(away // MOVES_ON, len(poses) - 1)].picture
            if change is not None:
                picture = change(picture, away)
            seed = (self.seed, abs(hash_of(name)), grain.seed, number)
            coded = grained(picture, seed, grain.sigma, grain.soft)
            return delivered(coded) if np.isfinite(coded).all() else coded

        return Shot(f"{self.folder.name}/{name}/{grain.seed}", made, COUNT,
                    replace(self.card(name), **card))  # fmt: skip

    def card(self, name: str) -> Card:
        """The shot card a script supervisor would have written, exactly."""
        take, truth = self.by_name[name], self.shown(name).truth
        ids = self.shown(name).ids
        places = {who: chest(ids, index) for who, index in COSTUMES.items()}
        wardrobe = tuple(Costume(who, box) for who, box in places.items() if box is not None)
        camera, people = truth["camera"], truth["people"]
        return Card(
            scene=self.folder.name,
            day="1",
            setup=take.setup,
            master=name == f"{take.setup}0",
            wardrobe=wardrobe,
            axis=Axis(*PEOPLE),
            camera=CameraCard(tuple(camera["position"]), tuple(camera["look_at"]),
                              camera["focal_mm"]),
            people=looking(people["positions"]),
        )  # fmt: skip

    def clip(self, count: int, grain: Grained | None = None) -> list[NDArray[np.uint8]] | None:
        """The frames of the scene's moving shot with grain; None when it has none."""
        if not (self.folder / f"clip.{count - 1}.json").exists():
            return None
        grain = grain or Grained()
        return [
            delivered(grained(Shown(self.folder, f"clip.{n}").picture, (self.seed, n, grain.seed),
                              grain.sigma, grain.soft))
            for n in range(count)
        ]  # fmt: skip


def looking(heads: dict[str, list[float]], off: float = 0.0) -> People:
    """Two people who look at each other, whichever way their bodies turn; ana off by degrees."""
    places = {name: tuple(spot) for name, spot in heads.items()}
    one, other = (np.array(places[name]) for name in PEOPLE)
    turn = np.radians(off)
    x, y, z = other - one
    ana = (x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn), z)
    return People(places, {PEOPLE[0]: tuple(map(float, ana)), PEOPLE[1]: tuple(one - other)})


def hash_of(name: str) -> int:
    """A number of a name that is the same in every run."""
    import zlib

    return zlib.crc32(name.encode())
