"""Checks that watch frames go by: what is planted is found, clean footage is clear."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from secondunit.checks.banding import Banding, bands
from secondunit.checks.blockiness import Blockiness
from secondunit.checks.flashes import Flashes
from secondunit.checks.flicker import FlickerBoil, FlickerGlobal
from secondunit.checks.focus import softness_of
from secondunit.checks.grain import grain_of
from secondunit.checks.hidden_cut import HiddenCut
from secondunit.media.sight import Shows, Sight, fitted
from secondunit.testing import Reel, examined, scene
from secondunit.testing.material import RATE
from secondunit_bridge.film import Outcome
from secondunit_bridge.timing import FrameRange

SHOTS = ("meadow", "bird", "bough", "table")
COUNT = 24


def one(check, exam):
    (found,) = examined(check, exam)
    return found


def pumped(stops: float):
    """Light that changes at random from frame to frame, by so much."""
    gains = np.random.default_rng(5).normal(0, stops, 500)
    return lambda picture, index: picture * np.float32(2 ** gains[index])


def boiling(stops: float):
    """The middle of the picture shimmers in patches, anew in every frame."""

    def change(picture, index):
        rows, columns = picture.shape[:2]
        patches = np.random.default_rng(100 + index).normal(0, stops, (rows // 24, columns // 24))
        field = cv2.resize(patches.astype(np.float32), (columns, rows))
        field[: rows // 4] = field[3 * rows // 4 :] = 0
        return picture * (2**field)[..., None]

    return change


def shown(pictures, *, convert=None):
    """A reel of pictures and an exam in which they are shown as codes of a display."""
    rows, columns = pictures[0].shape[:2]
    frames = FrameRange(1, len(pictures), RATE)
    return Reel(frames, columns, rows, lambda number: pictures[number - 1])


def grainy(codes: float, wide: float):
    """Soft grain, as few samples a pixel make it too: every frame has its own, of no great size."""

    def change(picture, index):
        draw = np.random.default_rng(300 + index).standard_normal(picture.shape[:2])
        grain = cv2.GaussianBlur(draw, (0, 0), wide)[..., None]
        coded = np.maximum(picture, 0) ** (1 / 2.4) + grain * (codes / 255 / grain.std())
        return np.asarray(np.maximum(coded, 0) ** 2.4, np.float32)

    return change


# ---------------------------------------------------------------- flicker


@pytest.mark.some(2)
@pytest.mark.parametrize("name", SHOTS)
def test_clean_footage_neither_pumps_nor_shimmers(film, exam, name):
    take = exam(film.reel(name, 4, COUNT))
    assert one(FlickerGlobal(), take).outcome is Outcome.clear
    assert one(FlickerBoil(), take).outcome in (Outcome.clear, Outcome.not_checked)


@pytest.mark.some(2)
@pytest.mark.parametrize("name", SHOTS)
def test_light_that_pumps_by_one_per_cent_is_found(film, exam, name):
    found = one(FlickerGlobal(), exam(film.reel(name, 4, COUNT, change=pumped(np.log2(1.01)))))
    assert found.outcome is Outcome.look
    assert found.value == pytest.approx(1.4, rel=0.5)


def test_a_fade_is_no_flicker(film, exam):
    def fade(picture, index):
        return picture * np.float32(2 ** (-index / 8))

    assert one(FlickerGlobal(), exam(film.reel("bird", 4, COUNT, change=fade))).value < 0.5


@pytest.mark.some(2)
@pytest.mark.parametrize("name", SHOTS)
def test_parts_that_shimmer_by_five_per_cent_are_found_and_boxed(film, exam, name):
    found = one(FlickerBoil(), exam(film.reel(name, 4, COUNT, change=boiling(np.log2(1.05)))))
    assert found.outcome is Outcome.look
    _, top, _, high = found.region
    assert 0.2 < top + high / 2 < 0.8


def test_soft_grain_does_not_shimmer_however_dark_the_corner_it_is_seen_in(film, exam):
    found = one(FlickerBoil(), exam(film.reel("table", 4, COUNT, change=grainy(2, 1.5))))
    assert found.outcome is Outcome.clear
    assert found.value < 3.5


def test_a_short_take_and_a_placeholder_are_not_checked_for_flicker(film, exam):
    assert one(FlickerGlobal(), exam(film.reel("bird", 4, 4))).reason == "too short"
    slate = exam(film.reel("bird", 4, COUNT), placeholder=True)
    assert one(FlickerBoil(), slate).reason == "the take is a placeholder"


# ---------------------------------------------------------------- flashes


def flashing(
    hertz: float, area: float = 1.0, *, low=0.03, high=0.6, red=False, frames=72
):  # fmt: skip
    """Three seconds in which part of the picture goes on and off."""
    pictures = []
    for index in range(frames):
        picture = np.full((90, 160, 3), low, np.float32)
        if int(index * hertz * 2 / 24) % 2:
            picture[:, : int(160 * area)] = (0.8, 0.0, 0.0) if red else high
        pictures.append(picture)
    return shown(pictures)


@pytest.mark.parametrize(
    ("hertz", "area", "stopped"),
    [(2, 1.0, False), (3, 1.0, False), (4, 1.0, True), (6, 1.0, True), (6, 0.2, False),
     (6, 0.3, True)],
)  # fmt: skip
def test_more_than_three_flashes_over_a_quarter_of_the_picture_are_a_stop(
    exam, hertz, area, stopped
):
    found = one(Flashes(), exam(flashing(hertz, area)))
    assert (found.outcome is Outcome.stop) is stopped
    assert "Not a certified Harding test" in found.sentence


def test_a_second_that_begins_with_a_flash_is_long_enough_to_tell(exam):
    """Seven opposing changes are more than three pairs; six, three in a second, are not."""
    assert one(Flashes(), exam(flashing(4, frames=24))).outcome is Outcome.stop
    assert one(Flashes(), exam(flashing(3, frames=24))).outcome is Outcome.clear


def test_weak_flashes_are_permitted_and_red_ones_are_not(exam):
    assert one(Flashes(), exam(flashing(6, low=0.2, high=0.24))).outcome is Outcome.clear
    found = examined(Flashes(), exam(flashing(6, red=True)))
    assert any("red flashes" in one.sentence for one in found)


@pytest.mark.parametrize("name", SHOTS)
def test_real_footage_does_not_flash(film, exam, name):
    assert one(Flashes(), exam(film.reel(name, 4, COUNT))).value == 0


# ---------------------------------------------------------------- compression


def packed(quality: int):
    def change(picture, index):
        codes = np.rint(np.clip(picture, 0, 1) ** (1 / 2.4) * 255).astype(np.uint8)
        jpeg = cv2.imencode(".jpg", codes, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return (cv2.imdecode(jpeg, cv2.IMREAD_COLOR).astype(np.float32) / 255) ** 2.4

    return change


@pytest.mark.parametrize("name", ["meadow", "bird", "bough", "table", "burrow"])
def test_squares_of_strong_compression_are_found_and_weak_ones_are_clear(film, exam, name):
    clean = one(Blockiness(), exam(film.reel(name, 4, 8)))
    weak = one(Blockiness(), exam(film.reel(name, 4, 8, change=packed(95))))
    strong = one(Blockiness(), exam(film.reel(name, 4, 8, change=packed(10))))
    assert clean.outcome is weak.outcome is Outcome.clear
    assert strong.outcome is Outcome.look
    assert strong.value > weak.value


def ramp(slope: float, step: float, seed: int | None = None):
    """A smooth wall in display codes, cut to multiples of a step, then seen as light."""
    down, across = np.mgrid[:270, :480].astype(np.float32)
    codes = 60 + slope * (across + 0.3 * down)
    if seed is not None:
        codes += np.random.default_rng(seed).normal(0, step, codes.shape)
    if step:
        codes = np.rint(codes / step) * step
    light = (np.clip(codes, 0, 255) / 255) ** 2.4
    return shown([np.repeat(light[..., None], 3, axis=2).astype(np.float32)] * 3)


def test_bands_are_found_on_a_wall_and_a_smooth_or_grainy_one_is_clear(exam):
    assert one(Banding(), exam(ramp(0.1, 4))).outcome is Outcome.look
    for wall in (ramp(0.1, 0), ramp(0.02, 0), ramp(0.1, 1, seed=1)):
        assert one(Banding(), exam(wall)).outcome is Outcome.clear


def test_film_of_sixteen_levels_is_bands_all_over_and_a_drawing_of_nine_is_none(film):
    codes = film.shot("burrow")[4][..., 1].astype(np.float32)
    assert bands(np.rint(codes / 17) * 17) == 24
    assert bands(codes) < 12
    drawn = np.full((270, 480), 40, np.float32)
    for place, code in enumerate((10, 66, 90, 120, 155, 201, 230, 245)):
        drawn[100:160, 20 + 55 * place : 60 + 55 * place] = code
    assert bands(drawn) < 12


# ---------------------------------------------------------------- a hidden cut


def test_a_cut_inside_a_shot_is_found_at_its_frame(film, exam):
    one_shot, other = film.shot("bird")[4:28], film.shot("burrow")[4:28]
    pictures = [(one / 255.0).astype(np.float32) ** 2.4 for one in (*one_shot, *other)]
    found = one(HiddenCut(), exam(shown(pictures)))
    assert found.outcome is Outcome.look
    assert found.frames == ((25, 25),)


@pytest.mark.parametrize("name", ["runners", "meadow", "bird", "burrow"])
def test_a_shot_that_moves_has_no_cut_in_it(film, exam, name):
    assert one(HiddenCut(), exam(film.reel(name, 4, 44))).outcome is Outcome.clear


# ---------------------------------------------------------------- grain and focus


def wall(sigma: float, soft: float = 0.0, seed: int = 0):
    """Codes of a softly lit wall with grain of this strength, blurred by this many pixels."""
    down, across = np.mgrid[:540, :960].astype(np.float32)
    noise = np.random.default_rng(seed).normal(0, 1, down.shape).astype(np.float32)
    if soft:
        noise = cv2.GaussianBlur(noise, (0, 0), soft)
        noise /= noise.std()
    return 110 + 60 * np.sin(across / 140) + 30 * np.cos(down / 90) + sigma * noise


@pytest.mark.parametrize("soft", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("sigma", [0.75, 1.5, 3.0, 4.5])
def test_grain_is_read_within_an_eighth_whether_fine_or_coarse(sigma, soft):
    read = grain_of(wall(sigma, soft), wall(sigma, soft, seed=1))
    assert read.sigma == pytest.approx(sigma, rel=0.125)


def test_coarse_grain_is_told_from_fine():
    fine, coarse = grain_of(wall(2.0)), grain_of(wall(2.0, 0.8))
    assert coarse.coarseness > fine.coarseness + 0.4


@pytest.mark.parametrize("name", ["meadow", "bird", "table", "brook", "burrow"])
def test_texture_is_not_taken_for_grain(film, name):
    luma = np.array([0.2126, 0.7152, 0.0722], np.float32)
    before, now = (picture.astype(np.float32) @ luma for picture in film.shot(name)[10:12])
    noise = np.random.default_rng(2).normal(0, 2, (2, *now.shape)).astype(np.float32)
    clean, grainy = grain_of(now, before), grain_of(now + noise[0], before + noise[1])
    assert clean is None or clean.sigma < 1.0
    assert grainy.sigma == pytest.approx(2.0, rel=0.15)


def test_where_nothing_holds_still_and_nothing_is_flat_there_is_no_reading(film):
    luma = np.array([0.2126, 0.7152, 0.0722], np.float32)
    before, now = (picture.astype(np.float32) @ luma for picture in film.shot("runners")[60:62])
    assert grain_of(now, before) is None


@pytest.mark.parametrize("name", ["meadow", "brook", "bird", "bough", "table"])
def test_softness_rises_with_blur_and_not_with_contrast(film, name):
    codes = film.shot(name)[10].astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    small = fitted(codes, 512)
    sharp = softness_of(small)
    assert softness_of(cv2.GaussianBlur(small, (0, 0), 0.8)) > sharp + 0.12
    assert softness_of(cv2.GaussianBlur(small, (0, 0), 2.0)) > sharp + 0.6
    assert softness_of(0.8 * small + 20) == pytest.approx(sharp, abs=0.03)


def test_thin_lines_and_texture_make_a_sharp_step_no_sharper():
    """A step and a fence of thin lines, both as sharp as a lens of half a pixel draws them."""
    step = np.full((288, 512), 60, np.float32)
    step[40:250, 40:200] = 190
    fence = step.copy()
    fence[40:250, 260:480:4] = 190
    read = [softness_of(cv2.GaussianBlur(one, (0, 0), 0.5)) for one in (step, fence)]
    assert read[1] == pytest.approx(read[0], abs=0.05)


def test_a_picture_without_edges_has_no_softness():
    assert softness_of(np.full((288, 512), 100, np.float32)) is None


# ---------------------------------------------------------------- sights


def test_what_checks_derive_from_a_frame_is_derived_once():
    reads, made = [], []
    reel = scene(3)
    counted = Reel(reel.frames, reel.width, reel.height, lambda n: reads.append(n) or reel.frame(n))
    shows = Shows(counted)
    first = Sight(shows, 1)
    second = Sight(shows, 2, first)
    for _ in range(3):
        second.small_luma(32), second.small_light(32), second.light
        second.once("own", lambda: made.append(1))
    assert reads == [2]
    assert len(made) == 1
    assert second.before is first
    assert Sight(shows, 3, second).before is second
    assert second.before is None  # a sight keeps one before it, and no more


def test_codes_of_a_display_are_read_as_they_are_and_light_through_a_gamma():
    grey = np.full((4, 8, 3), 0.5, np.float32)
    reel = Reel(FrameRange(1, 1, RATE), 8, 4, lambda _: grey)
    display = Sight(Shows(reel, lambda codes: codes**2.4), 1)
    light = Sight(Shows(reel), 1)
    assert display.luma == pytest.approx(127.5)
    assert display.light == pytest.approx(0.5**2.4)
    assert light.luma == pytest.approx(255 * 0.5 ** (1 / 2.4), abs=0.01)
    assert light.codes is None
