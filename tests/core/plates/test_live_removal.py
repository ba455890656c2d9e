"""A person taken out of live action: near the empty room, and as alive as the plate around it.

How it is measured. The camera is locked and at times the room is empty: the median of those frames,
put into each frame's light by a curve for each channel, is the truth. **Flicker** of a pixel is the
standard deviation, over a stretch of 24 frames, of the differences between frames that follow each
other, in 255ths of gamma-coded video, mean of the channels; once as it is (grain), once with each
difference low-passed by a Gaussian of 3 pixels (light). A stretch has the median over the pixels
that are inside the matte in every frame (4 pixels in), and the median over a ring 15 to 120 pixels
around the matte that nothing touches. Their ratio is the figure: 1 is as alive as the plate. The
second person was looked at while this was built; the other two stretches never were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from secondunit.generators.clean_plate import CleanPlate
from secondunit.hookspecs import Developed
from secondunit.testing import Reel, Still, ask
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange, Handles

WIDE, HIGH, COUNT = 768, 432, 24
RATE = Fraction(24)
LIGHT = (np.arange(256) / 255).astype(np.float32) ** 2.4
ASIDE = np.r_[0:200, 600:768]  # columns that nobody walks through


@dataclass(frozen=True)
class Stretch:
    """Frames of the movie: of the plate from ``first``, and in which the room is empty."""

    first: int
    empty: tuple[int, int]

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + COUNT)


STRETCHES = {
    "second": Stretch(300, (205, 226)),
    "third": Stretch(660, (455, 500)),
    "sixth": Stretch(1290, (1210, 1232)),
}


@pytest.fixture(scope="module")
def movie(data: Path) -> dict[int, np.ndarray]:
    """The frames that are looked at, ``(row, column, 3)`` uint8, by number."""
    import av

    wanted = {n for one in STRETCHES.values() for n in (*one.numbers, *range(*one.empty))}
    with av.open(str(data / "footage" / "one-by-one-person.mp4")) as film:
        frames = enumerate(film.decode(video=0))
        return {n: f.to_ndarray(format="rgb24") for n, f in frames if n in wanted}


def rooms(movie: dict[int, np.ndarray], stretch: Stretch) -> Iterator[np.ndarray]:
    """The empty room in the light of each frame, gamma-coded 0..1."""
    first, last = stretch.empty
    room = np.median([movie[n] for n in range(first + 3, last - 3)], axis=0) / 255
    levels = room[:, ASIDE].reshape(-1, 3)
    for number in stretch.numbers:
        seen = movie[number][:, ASIDE].reshape(-1, 3) / 255
        curves = [np.polyfit(levels[:, c], seen[:, c], 3) for c in range(3)]
        lit = [np.polyval(curve, room[..., c]) for c, curve in enumerate(curves)]
        yield np.stack(lit, -1).astype(np.float32)


def person(frame: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Who is not in the empty room, grown generously; ``(row, column)`` bool."""
    off = np.abs(frame / 255 - room).mean(-1).astype(np.float32)
    differs = cv2.GaussianBlur(off, (0, 0), 2) > 0.05
    whole = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((25, 25)))
    _, labels, sizes, _ = cv2.connectedComponentsWithStats(whole)
    largest = labels == 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))
    return cv2.dilate(largest.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0


def removed(movie, stretch: Stretch, mattes: list[np.ndarray]) -> np.ndarray:
    """The plate without the person, gamma-coded: ``(frame, row, column, 3)``."""
    first, span = stretch.first, FrameRange(stretch.first, stretch.numbers[-1], RATE)
    clean = FrameRange(stretch.empty[0], stretch.empty[1] - 1, RATE)
    reels = {
        Role.plate: Reel(span, WIDE, HIGH, lambda n: LIGHT[movie[n]]),
        Role.matte: Reel(
            span, WIDE, HIGH, lambda n: mattes[n - first][..., None].astype(np.float32), ("A",)
        ),
        Role.reference: Reel(clean, WIDE, HIGH, lambda n: LIGHT[movie[n]]),
    }
    size = (WIDE, HIGH)
    given = ask(CleanPlate(), frames=COUNT, handles=Handles(0, 0), size=size, footage=reels)
    elements = tuple(replace(one, name="clean") if one.role is Role.reference else one
                     for one in given.plan.turnover.elements)  # fmt: skip
    plan = replace(given.plan, turnover=replace(given.plan.turnover, elements=elements))
    out = []
    for said in CleanPlate().run(plan, given.elements, 1, Still()):
        if isinstance(said, Developed):
            plate, alpha = LIGHT[movie[first + len(out)]], said.pixels[..., 3:]
            mixed = said.pixels[..., :3] * alpha + plate * (1 - alpha)
            out.append(np.clip(mixed, 0, None) ** (1 / 2.4))
    return np.stack(out)


def flicker(frames: np.ndarray, *, softly: bool) -> np.ndarray:
    """Of each pixel, as the top of this page says; ``frames`` gamma-coded 0..1."""
    steps = np.diff(frames.astype(np.float32), axis=0)
    if softly:
        steps = np.stack([cv2.GaussianBlur(step, (0, 0), 3) for step in steps])
    return steps.std(0).mean(-1) * 255


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.long] * (n != "third")) for n in STRETCHES]
)
def test_a_removed_person_leaves_the_room_as_it_is_and_as_alive_as_the_plate(name, movie, capfd):
    stretch = STRETCHES[name]
    truth = list(rooms(movie, stretch))
    seen = [movie[n] for n in stretch.numbers]
    mattes = [person(frame, room) for frame, room in zip(seen, truth, strict=True)]
    made = removed(movie, stretch, mattes)
    errors = np.concatenate(
        [np.abs(a - b)[m] * 255 for a, b, m in zip(made, truth, mattes, strict=True)]
    )
    always, ever = np.all(mattes, axis=0).astype(np.uint8), np.any(mattes, axis=0).astype(np.uint8)
    inside = cv2.erode(always, np.ones((9, 9), np.uint8)) > 0
    ring = cv2.dilate(ever, np.ones((241, 241), np.uint8)) > 0
    ring &= cv2.dilate(ever, np.ones((31, 31), np.uint8)) == 0
    plate = np.stack(seen).astype(np.float32) / 255
    lives = [
        float(np.median(flicker(made, softly=softly)[inside])
              / np.median(flicker(plate, softly=softly)[ring]))
        for softly in (False, True)
    ]  # fmt: skip
    with capfd.disabled():
        print(f"\n{name} person: mean {errors.mean():.2f}/255, p95 {np.percentile(errors, 95):.2f};"
              f" flicker over the plate's: grain {lives[0]:.2f}, light {lives[1]:.2f}")  # fmt: skip
    assert errors.mean() <= 4
    assert np.percentile(errors, 95) <= 14
    assert all(0.5 <= ratio <= 1.3 for ratio in lives)


def test_the_measure_tells_a_fill_that_boils_and_one_that_stands_still():
    rng = np.random.default_rng(0)
    plate = (0.5 + rng.normal(0, 0.004, (COUNT, 60, 80, 3))).astype(np.float32)
    for times in (0.0, 1.0, 2.0):
        fill = 0.5 + times * (plate - 0.5)
        for softly in (False, True):
            ratio = np.median(flicker(fill, softly=softly)) / np.median(
                flicker(plate, softly=softly)
            )
            assert ratio == pytest.approx(times, abs=0.02)
