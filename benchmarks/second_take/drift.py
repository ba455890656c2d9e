"""A long cut in which a glass, a costume or the light drifts, each step below what is told.

Run in the repository's root: python -m benchmarks.second_take.drift [--shots 100] [--scene 1]
Cuts takes of a rendered scene that is there, set-up after set-up, clean and with one thing that
becomes another little by little. Prints which drifts ``secondunit check`` found, how many shots
back, what it said of the clean cut, and what it cost in CPU.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from .pictures import Ids, Picture, delivered, grained
from .plan import SIZES, takes
from .plants import exposed
from .rendering import CACHE
from .scenes import COSTUMES, MOVES_ON, Scene
from .shots import Shot
from .twelve import _clip, _movie, _timeline

FRAMES = 25
ORDER = "ABACDAEBFCADBEACF"  # set-ups, over and over
PIXELS, DEGREES, STOPS = 3.0, 1.5, 0.06  # of one appearance to the next
Drift = Callable[[Picture, Ids, int], Picture]


def glass(picture: Picture, ids: Ids, step: int, *, index: int) -> Picture:
    """The glass a few pixels to the right at each step; what stood behind it is painted in."""
    mask = (ids == index).astype(np.uint8)
    around = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    codes = np.clip(picture * 255, 0, 255).astype(np.uint8)
    empty = cv2.inpaint(codes, around, 4, cv2.INPAINT_TELEA).astype(np.float32) / 255
    bare = np.where(around[..., None] > 0, empty, picture)
    by = np.array([[1, 0, PIXELS * step], [0, 1, 0]], np.float32)
    size = mask.shape[::-1]
    there = cv2.warpAffine(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.7), by, size)
    moved = cv2.warpAffine(picture, by, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bare + (moved - bare) * there[..., None], np.float32)


def coat(picture: Picture, ids: Ids, step: int) -> Picture:
    """Ana's costume turned by a few degrees of hue at each step."""
    turn = np.radians(DEGREES * step)
    grey = np.full((3, 3), 1 / 3)
    across = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    way = np.cos(turn) * (np.eye(3) - grey) + np.sin(turn) * across + grey
    mask = cv2.GaussianBlur((ids == COSTUMES["ana"]).astype(np.float32), (0, 0), 0.7)[..., None]
    turned = np.clip(picture @ way.T, 0, 1)
    return np.asarray(picture + (turned - picture) * mask, np.float32)


def light(picture: Picture, ids: Ids, step: int) -> Picture:
    """A little brighter at each step."""
    return exposed(picture, STOPS * step)


def drifts(scene: Scene) -> dict[str, tuple[Drift | None, str]]:
    """What drifts, and the check that must find it."""
    index = scene.shown("prop.move.3").truth["planted"]["index"]
    return {
        "clean": (None, ""),
        "glass": (lambda p, i, n: glass(p, i, n, index=index), "prop.change"),
        "costume": (coat, "wardrobe.hue"),
        "light": (light, "colour.exposure"),
    }


def write_cut(scene: Scene, shots: int, drift: Drift | None, to: Path, most: int) -> Path:
    """The movies and the timeline; ``most`` steps, after which it stays as it is."""
    to.mkdir(parents=True, exist_ok=True)
    seen: dict[str, int] = {}
    clips = []
    for number in range(shots):
        setup = ORDER[number % len(ORDER)]
        time = seen[setup] = seen.get(setup, -1) + 1
        clean = [take.name for take in scene.takes if take.setup == setup and not take.plant]
        take, name = clean[time % len(clean)], f"{number + 1:03}"
        at = time if setup == "A" else seen.get("A", 0)
        shot = _drifting(scene, take, number, drift, min(at, most))
        _movie(to / f"{name}.mov", [shot.made(n) for n in range(FRAMES)])
        clip = _clip(name, shot)
        clip["metadata"]["secondunit"]["card"]["master"] = False
        clips.append(clip)
    cut = to / "drift.otio"
    cut.write_text(json.dumps(_timeline(clips)))
    return cut


def _drifting(scene: Scene, take: str, seed: int, drift: Drift | None, step: int) -> Shot:
    poses = scene.by_name[take].poses

    def made(number: int) -> Any:
        shown = scene.shown(take, min(number // MOVES_ON, poses - 1))
        picture = shown.picture if drift is None else drift(shown.picture, shown.ids, step)
        return delivered(grained(picture, (scene.seed, seed, number)))

    return Shot(f"{scene.folder.name}/{take}/{seed}", made, FRAMES, scene.card(take))


def look_at(cut: Path, home: Path) -> tuple[dict[str, Any], float]:
    """What ``secondunit check`` says of it, and seconds of CPU."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "secondunit", "check", str(cut), "--json"]
    env = {**os.environ, "SECONDUNIT_HOME": str(home)}
    said = subprocess.run(words, stdout=subprocess.PIPE, check=False, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(said.stdout), spent


def told(answer: dict[str, Any], check: str) -> list[str]:
    """Open lines, those of the check that must find it first."""
    lines = []
    for one in answer["findings"]:
        if one["rank"]:
            back = int(one["shots"][-1]) - int(one["shots"][0])
            what = "found" if one["check"] == check else "about something else"
            folded = len(one.get("explains") or ())
            lines.append(f"  {what}: {one['check']} {one['shots']} {back} back, {one['value']} "
                         f"(limit {one['limit']}), {folded} folded into it")  # fmt: skip
    return sorted(lines, reverse=True)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--cache", type=Path, default=CACHE)
    words.add_argument("--scene", type=int, default=1)
    words.add_argument("--shots", type=int, default=100)
    words.add_argument("--most", type=int, default=8, help="steps of a drift")
    words.add_argument("--only", nargs="*", default=[])
    words.add_argument("--to", type=Path, default=None, help="where movies are kept")
    asked = words.parse_args()
    (folder,) = asked.cache.glob(f"*/scene{asked.scene:03}")
    scene = Scene(folder, takes(SIZES["S"]))
    with tempfile.TemporaryDirectory() as scratch:
        to = asked.to or Path(scratch)
        for name, (drift, check) in drifts(scene).items():
            if asked.only and name not in asked.only:
                continue
            cut = write_cut(scene, asked.shots, drift, to / name, asked.most)
            answer, spent = look_at(cut, to / f"home-{name}")
            _, later = look_at(cut, to / f"home-{name}")
            print(f"{name}: {spent:.0f} s of CPU, {later:.1f} s the second time")
            print("\n".join(told(answer, check)), flush=True)


if __name__ == "__main__":
    main()
