"""Two people pasted into real pictures: real cut-outs, costumes in any colour, sides known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from secondunit.editorial.cards import Card, Costume
from secondunit.exam import BEFORE, TAKE, Exam, Side
from secondunit.testing import Reel
from secondunit.testing.material import RATE
from secondunit_bridge.timing import FrameRange

SIZE = (480, 270)
LINEAR = ((np.arange(256) / 255.0) ** 2.4).astype(np.float32)
AP1 = np.array(
    [[0.6131, 0.3395, 0.0474], [0.0702, 0.9164, 0.0134], [0.0206, 0.1096, 0.8698]], np.float32
)
STANDING = {"woman": (960, (0.30, 0.62)), "man": (1250, (0.28, 0.66))}  # frame, rows of the top


@dataclass(frozen=True)
class Figure:
    """A cut-out: RGB 0..255, how opaque, and where the top of the costume is, 0 or 1."""

    pixels: np.ndarray
    opacity: np.ndarray
    top: np.ndarray


@dataclass(frozen=True)
class Shot:
    """A picture of two people, who is left, and where each costume is."""

    picture: np.ndarray  # uint8 RGB
    left: str
    regions: dict[str, tuple[float, float, float, float]]


def figures(data: Path) -> list[Figure]:
    """People of the locked-off footage, told from the empty room."""
    wanted = {5, *(frame for frame, _ in STANDING.values())}
    frames = {}
    with av.open(str(data / "footage" / "one-by-one-person.mp4")) as movie:
        for number, frame in enumerate(movie.decode(video=0)):
            if number in wanted:
                frames[number] = frame.to_ndarray(format="rgb24")
            if len(frames) == len(wanted):
                break
    return [_figure(frames[5], frames[n], rows) for n, rows in STANDING.values()]


def _figure(empty: np.ndarray, full: np.ndarray, rows: tuple[float, float]) -> Figure:
    apart = np.abs(full.astype(np.int16) - empty).max(-1) > 26
    mask = cv2.morphologyEx(apart.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    x, y, wide, high, _ = stats[1 + int(stats[1:, 4].argmax())]
    part = (slice(y, y + high), slice(x, x + wide))
    body = (labels[part] == 1 + int(stats[1:, 4].argmax())).astype(np.float32)
    pixels = full[part].astype(np.float32)
    grey = pixels.max(-1) - pixels.min(-1) < 60
    top = np.zeros_like(body)
    low, last = int(rows[0] * high), int(rows[1] * high)
    top[low:last] = (body * (grey & (pixels.mean(-1) > 50)))[low:last]
    return Figure(pixels, cv2.GaussianBlur(body, (0, 0), 0.8), top)


def dyed(figure: Figure, hue: float, chroma: float) -> Figure:
    """The same figure with its costume in another colour."""
    turn = 2 * np.pi * hue
    tint = 1 + chroma * np.array([np.cos(turn), np.cos(turn - 2.094), np.cos(turn + 2.094)])
    coloured = np.clip(figure.pixels * tint, 0, 255)
    amount = cv2.GaussianBlur(figure.top, (0, 0), 0.7)[..., None]
    return Figure(figure.pixels * (1 - amount) + coloured * amount, figure.opacity, figure.top)


def shot(background: np.ndarray, people: dict[str, Figure], rng: np.random.Generator,
         *, over_shoulder: bool = False) -> Shot:  # fmt: skip
    """Both people somewhere in the picture, as large as it comes; one far in front if asked."""
    picture = cv2.resize(background, SIZE).astype(np.float32)
    names = list(people)
    rng.shuffle(names)
    spots = sorted(rng.uniform(0.12, 0.88, 2))
    if spots[1] - spots[0] < 0.2:
        spots = [0.28, 0.72]
    size = rng.uniform(0.5, 1.0)
    sizes = [size * rng.uniform(0.85, 1.15), size * rng.uniform(0.85, 1.15)]
    if over_shoulder:
        near = int(rng.integers(2))
        sizes[near], sizes[1 - near] = 2.6, 0.55
        spots[near] = 0.02 if near == 0 else 0.98
    regions = {}
    drawn = sorted(range(2), key=lambda at: sizes[at])
    for at in drawn:
        figure = people[names[at]]
        if rng.random() < 0.5:
            figure = Figure(
                *(part[:, ::-1] for part in (figure.pixels, figure.opacity, figure.top))
            )
        regions[names[at]] = _paste(picture, figure, spots[at], sizes[at])
    gain = 2 ** rng.uniform(-0.3, 0.3) * np.array([1 + rng.uniform(-0.04, 0.04), 1.0, 1.0])
    noisy = picture * gain + rng.normal(0, 2, picture.shape)
    return Shot(np.clip(noisy, 0, 255).astype(np.uint8), names[0], regions)


def _paste(picture, figure: Figure, middle: float, size: float):
    high = int(SIZE[1] * size)
    wide = max(8, int(figure.pixels.shape[1] * high / figure.pixels.shape[0]))
    made = [cv2.resize(np.ascontiguousarray(p), (wide, high), interpolation=cv2.INTER_AREA)
            for p in (figure.pixels, figure.opacity, figure.top)]  # fmt: skip
    x, y = int(middle * SIZE[0] - wide / 2), SIZE[1] - high if size <= 1 else int(SIZE[1] * 0.1)
    left, top = max(0, -x), max(0, -y)
    right, low = min(wide, SIZE[0] - x), min(high, SIZE[1] - y)
    pixels, opacity, dress = (part[top:low, left:right] for part in made)
    at = picture[y + top : y + low, x + left : x + right]
    at[:] = at * (1 - opacity[..., None]) + pixels * opacity[..., None]
    rows, columns = np.nonzero(dress > 0.5)
    inner = np.percentile(rows, [25, 75]), np.percentile(columns, [25, 75])
    (r0, r1), (c0, c1) = inner
    return ((x + left + c0) / SIZE[0], (y + top + r0) / SIZE[1],
            max(0.01, (c1 - c0) / SIZE[0]), max(0.01, (r1 - r0) / SIZE[1]))  # fmt: skip


def examined(before: Shot, take: Shot, *, known: bool) -> Exam:
    """The two as shots that meet. The card of the take places the costumes only if ``known``."""

    def reel(one: Shot) -> Reel:
        light = LINEAR[one.picture] @ AP1.T
        return Reel(FrameRange(1, 3, RATE), *SIZE, lambda number: light)

    def card(one: Shot, places: bool) -> Card:
        worn = tuple(Costume(name, region) for name, region in sorted(one.regions.items()))
        return Card(scene="12", wardrobe=worn if places else ())

    sides = {TAKE: Side(card=card(take, known)), BEFORE: Side(card=card(before, True))}
    frames = FrameRange(1, 3, RATE)
    return Exam(reel(take), frames, frames, before=reel(before), sides=sides)
