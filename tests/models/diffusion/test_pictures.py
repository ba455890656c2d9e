"""Pictures on their way into a model and back: in place, and on one scale for the whole take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from secondunit.contract.fitted import _Framed
from secondunit.generators.diffusion.calls import Material, how
from secondunit.generators.diffusion.pictures import sized, stretched
from secondunit.generators.diffusion.planning import planned
from secondunit.hookspecs import Framing, Plan
from secondunit.media.footage import Footage
from secondunit.models.pool import History
from secondunit_bridge.film import Element, Media, Role, Work
from secondunit_bridge.timing import FrameRange
from studio import RATE, Studio


class Reel:
    """Pictures in memory, frame 1 first."""

    space, channels = "codes", ("R", "G", "B")

    def __init__(self, pictures: list[np.ndarray]) -> None:
        self._pictures, self.read = pictures, []
        self.frames = FrameRange(1, len(pictures), RATE)
        self.height, self.width = pictures[0].shape[:2]

    def frame(self, number: int) -> np.ndarray:
        self.read.append(number)
        return self._pictures[number - 1].copy()


class Handed:
    """Elements of a turnover, as they were handed over."""

    already = None

    def __init__(self, **reels: Footage) -> None:
        self._reels = reels

    def one(self, role: Role) -> Footage | None:
        return self._reels.get(role.value)

    def all(self, role: Role) -> list[Footage]:
        return [self._reels[role.value]] if role.value in self._reels else []


def material(
    studio: Studio, card: str, work: Work, *, count: int = 1,
    size: tuple[int, int] = (64, 64), quality: str = "finish", **reels: Footage,
) -> Material:  # fmt: skip
    """Of a take with these elements, on the card as it ships. Nothing is opened."""
    elements = tuple(
        Element(Role(name), Media(reel.frames, f"{name}.%04d.exr", *size), name)
        for name, reel in reels.items()
    )
    turnover = studio.turnover(card, work, *elements, count=count, size=size)
    plan = Plan(turnover, FrameRange(0, count - 1, RATE), *size, options={"quality": quality})
    own = studio.card(card)
    return Material(own, plan, Handed(**reels), how(own, plan))


def flat(*values: float, size: tuple[int, int] = (64, 64)) -> Reel:
    """One even picture for each value."""
    return Reel([np.full((size[1], size[0], 3), v, np.float32) for v in values])


def of_run(reel: Reel, first: int, last: int) -> _Framed:
    """The reel as one run of a long take shows it."""
    size = (reel.width, reel.height)
    framing = Framing((0, 0, *size), size, *size)
    return _Framed(reel, framing, Role.depth, FrameRange(first, last, RATE), last)


def middle(picture: np.ndarray) -> float:
    """The column around which a light lies."""
    light = picture[..., 0].astype(np.float64).sum(axis=0)
    return float((light * np.arange(len(light))).sum() / light.sum())


@pytest.mark.parametrize("column", [60, 640, 1240])
def test_what_a_draft_shows_comes_back_where_it_was(studio: Studio, column: int):
    picture = np.zeros((720, 1280, 3), np.float32)
    picture[:, column - 20 : column + 20] = 1.0
    seen = material(
        studio, "wan-vace", Work.plate, size=(1280, 720), quality="draft", plate=Reel([picture])
    )
    shown = seen._one("plate", Reel([picture]), 0)
    assert shown.shape == (352, 640, 3)
    assert abs(middle(stretched(shown, 1280, 720)) - middle(picture)) < 0.5
    moved = sized(sized(picture, 640, 352), 1280, 720)
    assert column == 640 or abs(middle(moved) - middle(picture)) > 5, "as it was: this can fail"


def test_depth_is_on_one_scale_in_every_run_of_a_take(studio: Studio):
    ramp = np.linspace(2.0, 10.0, 64, dtype=np.float32)
    near = np.broadcast_to(ramp[None, :, None], (64, 64, 3))
    long = Reel([near * np.float32(1 + n) for n in range(9)])
    shown = []
    for run in (of_run(long, 1, 5), of_run(long, 5, 9)):
        one = material(studio, "wan-vace", Work.previs, count=5, depth=run)
        shown.append([one._one("depth", run, index) for index in range(5)])
    assert np.array_equal(shown[0][4], shown[1][0]), "the frame that both runs share"
    assert shown[0][0].mean() > shown[0][4].mean() > shown[1][4].mean()


def test_a_long_pass_is_sampled_and_its_frames_are_not_all_held(studio: Studio):
    long = flat(*np.linspace(2, 10, 200))
    one = material(studio, "sdxl-depth", Work.previs, count=200, depth=long)
    assert one._one("depth", long, 0).mean() == pytest.approx(1.0)
    assert len(long.read) <= 33
    assert one._one("depth", long, 199).mean() == pytest.approx(0.0, abs=0.02)


def test_a_normal_pass_is_read_one_way_throughout(studio: Studio):
    toward, away = flat(0.4, -0.4), flat(0.4, 0.6)
    one = material(studio, "sdxl-union", Work.previs, count=2, normal=toward)
    assert one._one("normal", toward, 0).mean() == pytest.approx(0.7)
    assert one._one("normal", toward, 1).mean() == pytest.approx(0.3)
    colours = material(studio, "sdxl-union", Work.previs, count=2, normal=away)
    assert colours._one("normal", away, 0).mean() == pytest.approx(0.4)


def test_an_insert_starts_on_the_first_frame_of_what_stands_in_and_makes_every_other(
    studio: Studio,
):
    neighbour = flat(*np.linspace(0.1, 0.9, 30))
    one = material(studio, "ltx-keyframes", Work.insert, count=17, reference=neighbour)
    first = one.movie()["conditions"][0]
    assert first.video is None
    assert float(np.mean(first.image)) == pytest.approx(0.1)


@pytest.mark.parametrize(("count", "known"), [(9, 1), (17, 9), (33, 25)])
def test_what_a_take_goes_on_from_leaves_frames_to_make(studio: Studio, count: int, known: int):
    before = flat(*np.linspace(0.1, 0.9, 30))
    one = material(studio, "ltx-keyframes", Work.insert, count=count, first=before)
    first = one.movie()["conditions"][0]
    assert (1 if first.video is None else first.video.shape[0]) == known


@pytest.mark.parametrize(("code", "told"), [("linear", True), ("shoulder-srgb", False)])
def test_a_card_in_linear_light_says_that_it_sees_nothing_above_white(
    studio: Studio, code: str, told: bool
):
    model, card = studio.model("sd15-img2img"), studio.card("sd15-img2img")
    card = replace(card, space=replace(card.space, code=code))
    ask = studio.turnover("sd15-img2img", Work.previs, studio.reel(Role.plate, 1))
    plan = Plan(ask, FrameRange(0, 0, RATE), 64, 64)
    remarks = planned(plan, model, card, (), History()).remarks
    assert any("brighter than 1.0" in said for said in remarks) is told
