"""What is compared within one set-up: blacks, palette, the key's side, props, costumes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from secondunit.checks.exposure import Exposure
from secondunit.checks.key_light import LightSide
from secondunit.checks.oklab import oklab
from secondunit.checks.overlay import Overlay
from secondunit.checks.props import LOOK as LOOKS
from secondunit.checks.props import PropChange, differences
from secondunit.checks.tones import ColourBlack, ColourPalette
from secondunit.checks.wardrobe import LOOK, WardrobeHue, apart
from secondunit.checks.white_balance import WhiteBalance
from secondunit.editorial.cards import Card, Costume
from secondunit.exam import BEFORE, TAKE, Side
from secondunit_bridge.film import Outcome

STILL = ("bough", "table", "burrow", "brook")
COAT = (0.05, 0.45, 0.2, 0.3)


def found_by(check, exam):
    return [one for one in check.examine(exam) if one.reason != "no neighbour"]


def said(check, exam):
    (found,) = found_by(check, exam)
    return found


def two(film, exam, name, ours=None, theirs=None, **facts):
    """Two stretches of one shot, each changed."""
    changes = [{"change": change} if change else {} for change in (ours, theirs)]
    take, before = film.reel(name, 12, 6, **changes[0]), film.reel(name, 6, 6, **changes[1])
    return exam(take, before, **facts)


def leaning(stops: float, *, down: bool = False):
    """Light that grows from one side of the picture to the other."""

    def change(picture, index):
        rows, columns = picture.shape[:2]
        across = np.linspace(-0.5, 0.5, columns)[None, :]
        if down:
            across = np.linspace(-0.5, 0.5, rows)[:, None] * rows / columns
        return picture * np.exp2(stops * across)[..., None].astype(np.float32)

    return change


def cup(left: int, top: int = 78, wide: int = 14, high: int = 22):
    """A dark blue cup on the table, in pixels of the footage."""

    def change(picture, index):
        round_it = (1 + 0.5 * np.linspace(-1, 1, wide))[None, :, None]
        held = picture.copy()
        held[top : top + high, left : left + wide] = np.array([0.02, 0.05, 0.25]) * round_it
        return held

    return change


# ---------------------------------------------------------------- blacks and palette


@pytest.mark.some(2)
@pytest.mark.parametrize("name", STILL)
def test_lifted_blacks_are_found_and_a_like_take_is_clear(film, exam, name):
    lifted = two(film, exam, name, lambda picture, index: picture * 0.97 + 0.03)
    found = said(ColourBlack(), lifted)
    assert found.outcome is Outcome.look
    assert found.value == pytest.approx(3, abs=0.7)
    assert said(ColourBlack(), two(film, exam, name)).outcome is Outcome.clear


@pytest.mark.some(2)
@pytest.mark.parametrize("name", STILL)
def test_colours_that_drifted_are_found_and_a_like_take_is_clear(film, exam, name):
    tint = np.array([1.35, 1.0, 0.7], np.float32)
    warm = two(film, exam, name, lambda picture, index: picture * tint)
    assert said(ColourPalette(), warm).outcome is Outcome.look
    assert said(ColourPalette(), two(film, exam, name)).value < 1


# ---------------------------------------------------------------- the key's side


@pytest.mark.some(3)
@pytest.mark.parametrize("name", STILL)
@pytest.mark.parametrize("down", [False, True])
def test_light_from_another_side_is_found_and_the_same_side_is_clear(film, exam, name, down):
    found = said(LightSide(), two(film, exam, name, leaning(1.2, down=down)))
    assert found.outcome is Outcome.look
    assert found.value == pytest.approx(1.2, abs=0.35)
    assert ("leans downwards" if down else "leans to the right") in found.sentence
    assert said(LightSide(), two(film, exam, name)).value < 0.1


def test_light_of_another_angle_is_not_checked_even_when_it_is_declared(film, exam):
    shots = film.reel("burrow", 4, 6), film.reel("brook", 4, 6)
    assert said(LightSide(), exam(*shots)).reason == "angles not comparable"
    same = Card(scene="1", setup="A")
    sides = {TAKE: Side(card=same), BEFORE: Side(card=same)}
    found = said(LightSide(), exam(*shots, sides=sides))
    assert found.reason == "pictures do not lie over each other"
    declared = {**sides, TAKE: Side(card=replace(same, allowed=("light.side",)))}
    assert said(LightSide(), exam(*shots, sides=declared)).outcome is Outcome.clear


# ---------------------------------------------------------------- props


@pytest.mark.parametrize(
    ("ours", "theirs", "count"),
    [(cup(400), None, 1), (None, cup(400), 1), (cup(425), cup(400), 2)],
)
def test_a_cup_that_came_went_or_moved_is_the_first_difference(film, exam, ours, theirs, count):
    found = found_by(PropChange(), two(film, exam, "table", ours, theirs))
    assert [one.outcome for one in found] == [Outcome.look] * count
    lefts = sorted(one.region[0] * 768 for one in found)
    assert lefts[0] == pytest.approx(400, abs=8)
    assert all(one.region[1] * 432 == pytest.approx(78, abs=8) for one in found)
    assert (f"in one of {count} places" in found[0].sentence) is (count > 1)


@pytest.mark.some(3)
@pytest.mark.parametrize("name", [*STILL, "meadow", "bird", "runners"])
def test_what_moves_within_real_shots_is_no_changed_prop(film, exam, name):
    for start in (12, 20):
        one = exam(film.reel(name, start, 25), film.reel(name, 0, 10))
        assert said(PropChange(), one).outcome in (Outcome.clear, Outcome.not_checked)


def shadow(picture, _):
    """Of somebody who stands out of the picture: two thirds of the light are gone from a part."""
    rows, columns = picture.shape[:2]
    y, x = np.mgrid[:rows, :columns] / columns
    inside = 1 / (1 + np.exp((np.hypot((x - 0.55) / 0.6, y - 0.2) - 0.1) * 120))
    return picture * (1 - 0.66 * inside[..., None]).astype(np.float32)


def test_a_shadow_that_falls_elsewhere_is_no_changed_prop_and_a_cup_in_it_is(film, exam):
    assert said(PropChange(), two(film, exam, "table", shadow)).outcome is Outcome.clear

    def both(picture, index):
        return shadow(cup(400)(picture, index), index)

    (found,) = found_by(PropChange(), two(film, exam, "table", both, shadow))
    assert found.outcome is Outcome.look
    assert found.region[0] * 768 == pytest.approx(400, abs=8)


def somebody(left: int):
    """Somebody in a plain blue coat, whose edges move and whose middle does not seem to."""

    def change(picture, index):
        held = picture.copy()
        far = 8 * (index % 12 > 5)
        held[150 + far : 330 + far, left + far : left + 110 + far] = (0.01, 0.02, 0.12)
        return held

    return change


def test_whoever_stands_otherwise_in_a_retake_is_no_changed_prop(film, exam):
    take = film.reel("table", 25, 25, change=somebody(86))
    one = exam(take, film.reel("table", 0, 25, change=somebody(60)))
    assert said(PropChange(), one).outcome is not Outcome.look


def laid_with(film, *, coat: bool) -> Overlay:
    """A foot of plain cloth that is put elsewhere, as two pictures laid over each other; above it
    the leg, which stands still, and the coat, whose edges move."""
    wall = cv2.resize(film.reel("table", 0, 1).frame(1), (512, 288), interpolation=cv2.INTER_AREA)
    ours, theirs, moves = wall.copy(), wall.copy(), np.zeros((288, 512), np.uint8)
    for picture, foot in ((ours, 86), (theirs, 106)):
        if coat:
            picture[80:150, 80:130] = (0.3, 0.03, 0.2)
            picture[150:190, 96:112] = (0.3, 0.03, 0.2)
        picture[190:220, foot : foot + 16] = (0.3, 0.03, 0.2)
    cv2.rectangle(moves, (80, 80), (130, 150), 1, 9)
    all_of_it, still = np.ones((288, 512), bool), (moves == 0) | (not coat)
    return Overlay(ours, theirs, still, 1.0, ~all_of_it, all_of_it)


def test_a_foot_of_somebody_who_moves_is_no_changed_prop_and_a_box_like_it_is(film):
    assert max((one.score for one in differences(laid_with(film, coat=True))), default=0) < LOOKS
    assert differences(laid_with(film, coat=False))[0].score > LOOKS


def beside_a_hand(with_cup: bool):
    """A dark arm that moves to and fro 14 pixels from the cup."""

    def change(picture, index):
        held = cup(400)(picture, index) if with_cup else picture.copy()
        x = 428 + 6 * (index % 12 > 5)
        held[60:120, x : x + 30] = 0.02
        return held

    return change


def test_a_cup_that_is_gone_beside_a_moving_arm_is_found_and_the_arm_is_not(film, exam):
    def beside(ours: bool, theirs: bool):
        take = film.reel("table", 25, 25, change=beside_a_hand(ours))
        return exam(take, film.reel("table", 0, 25, change=beside_a_hand(theirs)))

    found = found_by(PropChange(), beside(ours=False, theirs=True))
    assert [one.outcome for one in found] == [Outcome.look]
    assert found[0].region[0] * 768 == pytest.approx(400, abs=8)
    assert said(PropChange(), beside(ours=True, theirs=True)).outcome is Outcome.clear


def test_a_person_who_walks_in_is_masked_and_another_angle_is_not_checked(film, exam):
    one = exam(film.reel("table", 66, 25), film.reel("table", 0, 25))
    assert said(PropChange(), one).outcome in (Outcome.clear, Outcome.not_checked)
    other = exam(film.reel("burrow", 4, 6), film.reel("brook", 4, 6))
    assert said(PropChange(), other).reason == "angles not comparable"


# ---------------------------------------------------------------- costumes


def dressed(region=COAT, **fields):
    return Side(card=Card(wardrobe=(Costume("coat", region),), **fields))


TINT = np.array([1.25, 1.0, 0.85], np.float32)


def dyed(picture, index):
    """The coat alone in another colour."""
    rows, columns = picture.shape[:2]
    x, y, wide, high = COAT
    changed = picture.copy()
    changed[round(y * rows) : round((y + high) * rows),
            round(x * columns) : round((x + wide) * columns)] *= TINT  # fmt: skip
    return changed


@pytest.mark.some(2)
@pytest.mark.parametrize("name", STILL)
def test_a_costume_of_another_colour_is_found_in_a_shot_that_is_graded_otherwise_too(
    film, exam, name
):
    sides = {TAKE: dressed(), BEFORE: dressed()}

    def graded(picture, index):
        return 1.4 * TINT * picture

    def both(picture, index):
        return graded(dyed(picture, index), index)

    for change in (dyed, both):
        other = said(WardrobeHue(), two(film, exam, name, change, sides=sides))
        assert other.outcome is Outcome.look
        assert (other.region, other.subject) == (COAT, "coat")
    for change in (None, graded):
        assert said(WardrobeHue(), two(film, exam, name, change, sides=sides)).value < 0.5


def worn(lit: float, hue: float = 0.0):
    """Cloth of which ``lit`` is in a warm lamp and the rest in the sky's, as film shows it."""
    draw = np.random.default_rng(round(lit * 100))
    dyed = np.array([0.12, 0.17, 0.34]) + hue * np.array([0.05, -0.01, -0.02])
    lamp = (draw.random((60, 50, 1)) < lit) * draw.uniform(0.5, 1, (60, 50, 1))
    light = 4 * lamp * np.array([1.2, 1, 0.8]) + (
        0.5 * draw.uniform(0.6, 1, (60, 50, 1))
    ) * np.array([0.8, 0.95, 1.2])
    shown = dyed * light * draw.uniform(0.8, 1.2, (60, 50, 1))
    return oklab(np.asarray(shown / (1 + shown), np.float32)).reshape(-1, 3)


def test_who_turns_from_the_lamp_wears_the_same_coat_and_who_changed_it_another():
    before, turned = worn(0.75), worn(0.35)
    middles = [np.median(50 * one[:, 1:] / one[:, :1], axis=0) for one in (before, turned)]
    assert np.hypot(*np.subtract(*middles)) > 2 * LOOK  # what the whole coat says
    assert apart(before, turned) < 0.5 * LOOK
    assert apart(before, worn(0.35, hue=1)) > LOOK
    assert apart(before, worn(0.75, hue=1)) > LOOK


def test_a_coat_that_is_nowhere_as_light_as_in_the_other_shot_is_not_judged():
    assert apart(worn(1.0)[worn(1.0)[:, 0] > 75], worn(0.0)) is None


def test_what_stands_behind_the_corners_of_a_box_is_not_the_costume(film, exam):
    region = (0.3, 0.3, 0.25, 0.4)

    def corners(colour):
        def change(picture, index):
            rows, columns = picture.shape[:2]
            x, y, wide, high = region
            box = picture[round(y * rows): round((y + high) * rows),
                          round(x * columns): round((x + wide) * columns)]  # fmt: skip
            box[:] = (0.25, 0.08, 0.06)
            down, across = (np.linspace(-1, 1, side) ** 2 for side in box.shape[:2])
            box[down[:, None] + across > 1] = colour
            return picture

        return change

    sides = {TAKE: dressed(region), BEFORE: dressed(region)}
    walls = corners((0.05, 0.2, 0.05)), corners((0.05, 0.06, 0.3))
    found = said(WardrobeHue(), two(film, exam, "table", *walls, sides=sides))
    assert (found.outcome, found.value < 0.3) == (Outcome.clear, True)


def test_a_costume_in_half_the_light_has_the_colour_it_had(film, exam):
    sides = {TAKE: dressed(), BEFORE: dressed()}
    shaded = two(film, exam, "table", lambda picture, index: picture * 0.5, sides=sides)
    assert said(WardrobeHue(), shaded).value < 0.5


@pytest.mark.parametrize("check", [Exposure(), WhiteBalance()])
def test_brightness_and_warmth_that_a_card_allows_are_clear(film, exam, check):
    tint = np.array([2.4, 2.0, 1.6], np.float32)
    changed = {"ours": lambda picture, index: picture * tint}
    assert said(check, two(film, exam, "table", **changed)).outcome is Outcome.look
    sides = {TAKE: Side(card=Card(allowed=(check.about.name,)))}
    found = said(check, two(film, exam, "table", sides=sides, **changed))
    assert found.outcome is Outcome.clear
    assert "A shot card says" in found.sentence


def test_costumes_that_no_card_places_or_that_are_tiny_are_not_checked(film, exam):
    assert said(WardrobeHue(), two(film, exam, "table")).reason == "no shot card"
    bare = {TAKE: dressed(), BEFORE: Side(card=Card())}
    found = said(WardrobeHue(), two(film, exam, "table", sides=bare))
    assert found.reason == "not on the shot card"
    tiny = {TAKE: dressed((0.5, 0.5, 0.01, 0.01)), BEFORE: dressed()}
    found = said(WardrobeHue(), two(film, exam, "table", sides=tiny))
    assert found.reason == "the region is too small"
    wrong = {TAKE: Side(card_wrong="card.wardrobe[0].region: missing"), BEFORE: dressed()}
    found = said(WardrobeHue(), two(film, exam, "table", sides=wrong))
    assert "card.wardrobe[0].region" in found.sentence


def test_oklab_has_grey_in_the_middle_and_white_at_a_hundred():
    grey, white = oklab(np.array([[[0.18] * 3, [1.0] * 3]], np.float32))[0]
    assert np.abs(grey[1:]).max() < 0.1
    assert white == pytest.approx([100, 0, 0], abs=0.2)
