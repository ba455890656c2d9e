"""Is somebody else told from the actor? Real portraits under crops, light, blur, noise and JPEG.

Run: python benchmarks/faces.py [--draws N] [--folder DIR]
Each portrait is the gallery of one actor, mirrored, so that no picture is held against itself; then
every portrait is shown under each kind of change, in single frames (a sweep takes the median of
several). There is one photograph of each person: other photographs of one person lie .33 to .45
apart, so the column of the same person is its easy half. CPU seconds of one thread.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from secondunit.checks.faces.approved import Actor
from secondunit.checks.faces.face import Codes, Face, FaceModel
from secondunit.checks.faces.looking import SMALL
from secondunit.checks.faces.with_dlib import dlib_faces
from timed import report

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests" / "material"))

from portraits import HEADS, framed, portrait  # noqa: E402 - needs the path above

DATA = HERE.parents[1] / "shared" / "data"
SIZE = (960, 540)
FACE = 150.0  # pixels wide, unless the kind is about size
LEAST_CLEAN = 300  # pairs of one person; with fewer a rate of false alarms says nothing
Draw = Callable[[np.ndarray, str, np.random.Generator], Codes]


def _codes(picture: np.ndarray) -> Codes:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def crop(picture: np.ndarray, name: str, draw: np.random.Generator) -> Codes:
    """Anywhere in the frame, to a sixth of the face beyond its edge; turned in its plane."""
    face = FACE * draw.uniform(0.7, 2.0)
    dx = draw.choice((-1, 1)) * draw.uniform(0, SIZE[0] / 2 - face / 3)
    shot = framed(picture, name, face=face, dx=dx, dy=draw.uniform(-40, 60), size=SIZE)
    middle = (SIZE[0] / 2 + dx, SIZE[1] * 0.45)
    turn = cv2.getRotationMatrix2D(middle, draw.uniform(-12, 12), 1)
    return _codes(cv2.warpAffine(shot, turn, SIZE, borderMode=cv2.BORDER_REPLICATE))


def size(picture: np.ndarray, name: str, draw: np.random.Generator) -> Codes:
    """From 30 pixels wide up."""
    return framed(picture, name, face=float(np.exp(draw.uniform(*np.log((30, 250))))), size=SIZE)


def light(picture: np.ndarray, name: str, draw: np.random.Generator) -> Codes:
    """Up to two stops darker, one and a half brighter, warm or cool, and a key from one side."""
    shot = framed(picture, name, face=FACE, size=SIZE).astype(float) / 255
    gain, warm = 2 ** draw.uniform(-2, 1.5), draw.uniform(-0.25, 0.25)
    across = np.linspace(-1, 1, SIZE[0])[None, :, None] * draw.uniform(-3, 3)
    light = shot**2.4 * gain * (1 + np.array([warm, 0, -warm])) * 2 ** np.clip(across, -1.5, 1.5)
    return _codes(np.clip(light, 0, 1) ** (1 / 2.4) * 255)


def blur(picture: np.ndarray, name: str, draw: np.random.Generator) -> Codes:
    """Out of focus to a 40th of the face's width, or shaken to a tenth."""
    shot = framed(picture, name, face=FACE, size=SIZE)
    if draw.random() < 0.5:
        return _codes(cv2.GaussianBlur(shot, (0, 0), draw.uniform(0.3, FACE / 40)))
    long = round(draw.uniform(2, FACE / 10))
    return _codes(cv2.filter2D(shot, -1, np.full((1, long), 1 / long)))


def noise(picture: np.ndarray, name: str, draw: np.random.Generator) -> Codes:
    """Grain of 2 to 30 codes, fine or coarse."""
    shot = framed(picture, name, face=FACE, size=SIZE)
    grain = draw.normal(0, 1, shot.shape)
    if draw.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (0, 0), 0.8)
        grain /= grain.std()
    return _codes(shot + grain * draw.uniform(2, 30))


def jpeg(picture: np.ndarray, name: str, draw: np.random.Generator) -> Codes:
    """Qualities 8 to 90."""
    shot = framed(picture, name, face=FACE, size=SIZE)
    kept = cv2.imencode(".jpg", shot, [cv2.IMWRITE_JPEG_QUALITY, int(draw.integers(8, 90))])[1]
    return np.asarray(cv2.imdecode(kept, cv2.IMREAD_COLOR), np.uint8)


KINDS: dict[str, Draw] = {
    "crop": crop, "size": size, "light": light, "blur": blur, "noise": noise, "jpeg": jpeg,
}  # fmt: skip


@dataclass
class Tally:
    """Distances over the limit of the actor, 1 being at it: of the same person and of others."""

    same: list[float] = field(default_factory=list)
    other: list[float] = field(default_factory=list)
    frames: int = 0
    abstained: int = 0

    def take(self, name: str, face: Face | None, actors: dict[str, Actor]) -> None:
        """One frame of somebody, held against every actor."""
        self.frames += 1
        self.abstained += face is None
        for other, actor in actors.items() if face else ():
            far = actor.distance(face) / actor.limit
            (self.same if other == name else self.other).append(far)

    def row(self, name: str) -> str:
        """As a line of the table."""
        flagged = np.mean(np.array(self.other) >= 1) if self.other else float("nan")
        wrong = np.mean(np.array(self.same) >= 1) if len(self.same) >= LEAST_CLEAN else None
        shown = f"few clean ({len(self.same)})" if wrong is None else f"{wrong:.4f}"
        return (
            f"  {name:<8} {len(self.other):>6} {flagged:>8.4f} {len(self.same):>6} {shown:>16}"
            f" {self.abstained / max(self.frames, 1):>9.3f} {max(self.same, default=0):>9.2f}"
            f" {min(self.other, default=0):>9.2f}"
        )


def enrolled(pictures: dict[str, Codes], model: FaceModel, count: int) -> dict[str, Actor]:
    """Each portrait mirrored, in so many sizes and lights, as what is approved of an actor."""
    actors = {}
    for name, picture in pictures.items():
        faces = []
        for at in range(count):
            shot = framed(picture, name, face=180 - 20 * at, size=SIZE)[:, ::-1]
            found = model.find(np.ascontiguousarray(_codes(shot * (1 - 0.1 * at))), 0, SIZE[0])
            faces += [face.embedding for face in found[:1]]
        actors[name] = Actor(name, tuple(faces), count, model.limit)
    return actors


def shown(found: list[Face]) -> Face | None:
    """The face that was looked at; None where the check abstains."""
    return found[0] if found and found[0].wide >= SMALL else None


def drawn(
    pictures: dict[str, Codes], sets: dict[int, dict[str, Actor]], model: FaceModel, draws: int
) -> tuple[dict[tuple[int, str], Tally], float]:
    """Everything looked at: tallies by gallery and kind, and CPU seconds a frame."""
    tallies = {key: Tally() for key in product(sets, (*KINDS, "all"))}
    spent = 0.0
    for (kind, draw), (name, picture) in product(KINDS.items(), pictures.items()):
        rng = np.random.default_rng([ord(c) for c in kind + name])
        for _ in range(draws):
            frame = np.ascontiguousarray(draw(picture, name, rng))
            start = time.process_time()
            face = shown(model.find(frame, 0, SIZE[0]))
            spent += time.process_time() - start
            for count, actors in sets.items():
                for key in (kind, "all"):
                    tallies[count, key].take(name, face, actors)
    return tallies, spent / (len(KINDS) * len(pictures) * draws)


def main() -> None:
    """Print the table; exit 1 when a target is missed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--draws", type=int, default=40, help="of each kind and portrait")
    asked.add_argument("--folder", type=Path, default=DATA)
    told = asked.parse_args()
    model = dlib_faces()
    if model is None:
        sys.exit("The extra faces is not installed: pip install 'secondunit[faces]'")
    pictures = {name: portrait(told.folder, name) for name in HEADS}
    sets = {count: enrolled(pictures, model, count) for count in (1, 5)}
    tallies, seconds = drawn(pictures, sets, model, told.draws)
    for count, actors in sets.items():
        limits = ", ".join(f"{actor.limit:.2f}" for actor in actors.values())
        print(f"{count} approved picture(s) of each of {len(actors)} people; limits {limits}")
        print("  kind      other  flagged   same      false alarm   abstain  same max other min")
        for kind in (*KINDS, "all"):
            print(tallies[count, kind].row(kind))
    both = [tallies[count, "all"] for count in sets]
    figures = {
        "others not flagged": max(float(np.mean(np.array(t.other) < 1)) for t in both),
        "false alarms": max(float(np.mean(np.array(t.same) >= 1)) for t in both),
        "abstained": both[0].abstained / both[0].frames,
        "milliseconds a frame (CPU)": seconds * 1000,
    }
    report("faces", figures, {"others not flagged": 0.01, "false alarms": 0.01})


if __name__ == "__main__":
    main()
