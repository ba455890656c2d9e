from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from secondunit.checks.exposure import Exposure
from secondunit.checks.frame_count import FrameCount
from secondunit.checks.range_nan import RangeNaN
from secondunit.checks.repeats import DuplicateFrames, Freeze
from secondunit.checks.white_balance import WhiteBalance
from secondunit.testing import examined, scene
from secondunit_bridge.film import Outcome
from secondunit_bridge.timing import FrameRange

LIVE = ("meadow", "brook", "bird", "bough", "burrow", "runners", "table")
COUNT, NEAR = 10, 8


def gain(stop: float, warm: float = 0.0):
    factors = np.array([2.0 ** (stop + warm), 2.0**stop, 2.0**stop], np.float32)
    return lambda picture, index: picture * factors


def punch_in(factor: float, change):
    """The middle of the picture, enlarged: another framing of the same set-up."""
    import cv2

    def changed(picture, index):
        rows, columns = picture.shape[:2]
        matrix = np.float32(
            [[1 / factor, 0, columns * (1 - 1 / factor) * 0.4],
             [0, 1 / factor, rows * (1 - 1 / factor) * 0.6]]
        )  # fmt: skip
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return change(cv2.warpAffine(picture, matrix, (columns, rows), flags=how), index)

    return changed


def outcomes(check, exam):
    return [finding.outcome for finding in examined(check, exam)]


def cases(film, exam, change, *, factors=(1.0, 1.5), names=LIVE):
    """Takes cut out of the middle of real shots, changed, beside what was around them."""
    for name in names:
        for at, factor in zip((10, 30), factors, strict=True):
            made = change if factor == 1.0 else punch_in(factor, change)
            take = film.reel(name, at, COUNT, first=1001, change=made)
            before = film.reel(name, at - NEAR, NEAR)
            after = film.reel(name, at + COUNT, NEAR if name != "bough" else 4)
            yield name, exam(take, before, after)


# ---------------------------------------------------------------- exposure


def test_a_take_that_is_equal_to_its_neighbours_is_told_so_in_words(exam):
    footage = scene(8)
    same = exam(footage, before=footage, after=footage)
    for check, words in ((Exposure(), "as bright as"), (WhiteBalance(), "as warm as")):
        for finding in check.examine(same):
            assert finding.outcome is Outcome.clear
            assert f"the take is {words} the shot" in finding.sentence
            assert "0.00" not in finding.sentence


@pytest.mark.some(2)
@pytest.mark.parametrize("stop", [0.5, -0.5])
def test_half_a_stop_is_found_at_least_95_times_in_100_on_real_footage(film, exam, stop):
    found = [Outcome.look in outcomes(Exposure(), one) for _, one in cases(film, exam, gain(stop))]
    assert np.mean(found) >= 0.95


@pytest.mark.parametrize("stop", [0.0, -0.25])
def test_clean_neighbours_and_small_shifts_are_not_flagged(film, exam, stop):
    for name, one in cases(film, exam, gain(stop)):
        assert Outcome.look not in outcomes(Exposure(), one), name


def test_the_reading_is_in_stops_with_its_sign(film, exam):
    for name, one in cases(film, exam, gain(0.5), names=("meadow", "bird", "table")):
        for finding in Exposure().examine(one):
            if finding.outcome is not Outcome.not_checked:
                assert finding.value == pytest.approx(0.5, abs=0.12), name
                assert "brighter" in finding.sentence
                assert finding.unit == "stop"


def test_a_tenth_of_a_stop_is_clear_but_said(film, exam):
    take = film.reel("bird", 20, COUNT, first=1001, change=gain(0.2))
    one = exam(take, film.reel("bird", 12, NEAR), film.reel("bird", 30, NEAR))
    for finding in Exposure().examine(one):
        assert finding.outcome is Outcome.clear
        assert "seen side by side" in finding.sentence


def test_between_neighbours_that_differ_the_middle_is_clear_and_the_outside_is_not(film, exam):
    before = film.reel("bird", 12, NEAR, change=gain(-0.5))
    after = film.reel("bird", 30, NEAR, change=gain(0.5))
    inside = film.reel("bird", 20, COUNT, first=1001)
    outside = film.reel("bird", 20, COUNT, first=1001, change=gain(1.0))
    assert outcomes(Exposure(), exam(inside, before, after)) == [Outcome.clear] * 2
    assert Outcome.look in outcomes(Exposure(), exam(outside, before, after))


def test_shots_that_cannot_be_compared_are_not_checked_and_the_weak_reading_is_given(film, exam):
    one = exam(film.reel("bird", 20, COUNT), film.reel("brook", 0, NEAR), film.reel("meadow", 0, 8))
    for finding in Exposure().examine(one):
        assert finding.outcome is Outcome.not_checked
        assert finding.reason == "angles not comparable"
        assert finding.value is not None
        assert "says little" in finding.sentence


def test_a_sky_beside_a_forest_is_no_error_and_a_take_too_dark_for_any_cut_is_one(film, exam):
    forest, sky = film.reel("burrow", 40, NEAR), film.reel("meadow", 10, NEAR)
    (first, _) = Exposure().examine(exam(sky, before=forest))
    assert first.outcome is Outcome.not_checked
    assert first.value > 2
    dark = film.reel("burrow", 40, NEAR, change=gain(-2.5))
    (first, _) = Exposure().examine(exam(dark, before=sky))
    assert first.outcome is Outcome.look
    assert "weak reading" in first.sentence


@pytest.mark.parametrize("check", [Exposure(), WhiteBalance()])
def test_a_missing_neighbour_is_not_checked_and_says_so(film, exam, check):
    first, second = check.examine(
        exam(film.reel("bird", 20, COUNT), None, film.reel("bird", 30, 8))
    )
    assert (first.outcome, first.reason) == (Outcome.not_checked, "no neighbour")
    assert "no shot before" in first.sentence
    assert second.outcome is Outcome.clear


# ---------------------------------------------------------------- white balance


@pytest.mark.parametrize("warm", [0.15])
def test_a_warmer_or_cooler_take_is_found_on_real_footage(film, exam, warm):
    found = []
    for _, one in cases(film, exam, gain(0.0, warm)):
        found.append(Outcome.look in outcomes(WhiteBalance(), one))
    assert np.mean(found) >= 0.95


@pytest.mark.parametrize("stop", [0.5])
def test_clean_takes_are_as_warm_as_their_neighbours_whatever_their_exposure(film, exam, stop):
    for name, one in cases(film, exam, gain(stop)):
        assert Outcome.look not in outcomes(WhiteBalance(), one), name


def test_the_lean_is_said_in_a_colourists_words(film, exam):
    near = (film.reel("bird", 12, NEAR), film.reel("bird", 30, NEAR))
    for factors, word in (
        ((1.2, 1, 1), "warmer"), ((1, 1, 1.2), "cooler"),
        ((1, 1.2, 1), "greener"), ((1.2, 1, 1.2), "more magenta"),
    ):  # fmt: skip
        change = np.float32(factors)
        take = film.reel("bird", 20, COUNT, change=lambda p, _, change=change: p * change)
        assert word in WhiteBalance().examine(exam(take, *near))[0].sentence


# ---------------------------------------------------------------- repeats and freezes


def held(*repeats):
    """Frames at these places repeat the one before."""

    def place(index):
        while index in repeats:
            index -= 1
        return index

    return place


def repeated(reel, *repeats):
    place, first = held(*repeats), reel.frames.first
    return replace(reel, made=lambda number: reel.made(first + place(number - first)))


@pytest.mark.some(2)
@pytest.mark.parametrize("name", [name for name in LIVE if name != "table"])
def test_a_repeated_frame_in_moving_footage_is_a_stop(film, exam, name):
    take = repeated(film.reel(name, 0, 24, first=1001), 11)
    (finding,) = examined(DuplicateFrames(), exam(take))
    assert finding.outcome is Outcome.stop
    assert finding.frames == ((1012, 1012),)
    assert finding.value == 1


@pytest.mark.some(2)
@pytest.mark.parametrize("name", LIVE)
def test_moving_footage_has_no_repeats(film, exam, name):
    one = exam(film.reel(name, 0, 48, first=1001))
    assert outcomes(DuplicateFrames(), one) == outcomes(Freeze(), one) == [Outcome.clear]


def test_a_repeat_that_was_encoded_again_is_found(film, exam):
    import cv2

    def again(picture, index):
        if index != 11:
            return picture
        seen = np.clip(picture, 0, 1) ** (1 / 2.4) * 255
        _, packed = cv2.imencode(".jpg", seen.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])
        return (cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(np.float32) / 255) ** 2.4

    take = repeated(film.reel("bird", 0, 24, first=1001), 11)
    made = take.made
    worn = replace(take, made=lambda number: again(made(number), number - 1001))
    (finding,) = examined(DuplicateFrames(), exam(worn))
    assert finding.outcome in (Outcome.look, Outcome.stop)
    assert finding.frames == ((1012, 1012),)


def test_digests_alone_tell_a_repeat(exam):
    take = scene(12)
    digests = tuple("abcdefgghijk")
    (finding,) = examined(DuplicateFrames(), exam(take, digests=digests))
    assert (finding.outcome, finding.frames) == (Outcome.stop, ((8, 8),))


def test_a_freeze_in_the_middle_is_one_run(film, exam):
    take = repeated(film.reel("runners", 0, 30, first=1001), *range(10, 18))
    (finding,) = examined(DuplicateFrames(), exam(take))
    assert finding.outcome is Outcome.stop
    assert finding.frames == ((1011, 1018),)


def test_a_take_that_is_held_still_is_to_be_looked_at_not_stopped(film, exam):
    still = repeated(film.reel("bird", 0, 24), *range(1, 24))
    (finding,) = examined(Freeze(), exam(still))
    assert finding.outcome is Outcome.look
    assert "does not move" in finding.sentence


def test_animation_on_twos_is_one_question_not_twelve_errors(film, exam):
    twos = repeated(film.reel("bird", 0, 24), *range(1, 24, 2))
    assert outcomes(Freeze(), exam(twos)) == [Outcome.clear]
    (finding,) = examined(DuplicateFrames(), exam(twos))
    assert finding.outcome is Outcome.look
    assert "on twos" in finding.sentence


# ---------------------------------------------------------------- range and count


def test_good_values_are_clear(film, exam):
    assert outcomes(RangeNaN(), exam(film.reel("bird", 0, 6))) == [Outcome.clear]


def spoiled(value, *, area=(20, 20), at=3):
    clean = scene(8)

    def made(number):
        picture = clean.made(number)
        if number == at:
            picture[: area[0], : area[1]] = value
        return picture

    return replace(clean, made=made)


@pytest.mark.parametrize(
    ("value", "outcome", "says"),
    [
        (np.nan, Outcome.stop, "NaN"),
        (np.inf, Outcome.look, "brighter than half float"),
        (7e4, Outcome.look, "brighter than half float"),
        (-0.1, Outcome.look, "below black"),
    ],
)
def test_each_kind_of_bad_value_is_found_counted_and_placed(exam, value, outcome, says):
    (finding,) = examined(RangeNaN(), exam(spoiled(value)))
    assert finding.outcome is outcome
    assert says in finding.sentence
    assert (finding.value, finding.frames) == (400, ((3, 3),))


def test_what_the_core_counted_is_believed_because_the_frames_no_longer_show_it(exam):
    measured = {"nan_pixels": {2: 9, 3: 4, 5: 0}, "clipped_pixels": {}, "negative_pixels": {}}
    (finding,) = examined(RangeNaN(), exam(scene(8), measured=measured))
    assert finding.outcome is Outcome.stop
    assert (finding.value, finding.frames) == (9, ((2, 3),))


def test_a_few_noisy_pixels_below_black_are_no_fault(exam):
    assert outcomes(RangeNaN(), exam(spoiled(-0.001, area=(1, 5)))) == [Outcome.clear]


def test_black_frames_are_to_be_looked_at(exam):
    finding = examined(RangeNaN(), exam(spoiled(0.0, area=(108, 192))))[0]
    assert finding.outcome is Outcome.look
    assert finding.frames == ((3, 3),)
    dark = replace(scene(4), made=lambda number: np.zeros((108, 192, 3), np.float32))
    assert "Every frame is black" in examined(RangeNaN(), exam(dark))[0].sentence


def test_a_night_shot_is_not_black(film, exam):
    night = film.reel("runners", 0, 4, change=gain(-3))
    assert outcomes(RangeNaN(), exam(night)) == [Outcome.clear]


@pytest.mark.parametrize(
    ("first", "last"), [(1001, 1011), (1001, 1013), (1002, 1013), (1002, 1012)]
)
def test_a_take_with_a_frame_too_many_or_too_few_is_stopped(exam, first, last):
    take = scene(last - first + 1, first=first)
    asked = replace(exam(take), asked=FrameRange(1001, 1012, take.frames.rate))
    (finding,) = FrameCount().examine(asked)
    assert finding.outcome is Outcome.stop
    assert "12 frames were asked for" in finding.sentence
    assert finding.value >= 1


def test_the_right_frames_are_clear_and_a_lost_digest_is_not(exam):
    take = scene(12, first=1001)
    assert outcomes(FrameCount(), exam(take)) == [Outcome.clear]
    assert outcomes(FrameCount(), exam(take, digests=("a",) * 11)) == [Outcome.stop]
