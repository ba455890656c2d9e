"""Grain and softness at cuts: planted on real shots, and the shots as they are."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import pytest
from secondunit.checks.grain_level import GrainLevel
from secondunit.checks.soft import FocusSoft
from secondunit.editorial.cards import Card
from secondunit.exam import BEFORE, TAKE, Side
from secondunit.testing import Reel
from secondunit_bridge.film import Outcome

FLAT = ("meadow", "brook", "bird", "bough", "table")
SHARP = ("meadow", "brook", "bough", "burrow", "runners", "table")


def said(check, exam):
    found = [one for one in check.examine(exam) if one.reason != "no neighbour"]
    assert len(found) == 1
    return found[0]


def grainy(sigma: float, *, soft: float = 0, seed: int = 0):
    """Grain of so many codes, new in every frame, as soft as wanted."""

    def change(picture, index):
        grain = np.random.default_rng(seed + index).normal(0, 1, picture.shape[:2])
        if soft:
            grain = cv2.GaussianBlur(grain, (0, 0), soft)
        grain *= sigma / 255 / grain.std()
        codes = np.clip(picture, 0, None) ** (1 / 2.4) + grain[..., None]
        return np.clip(codes, 0, None) ** 2.4

    return change


def blurred(pixels: float):
    """Out of focus by so many pixels of a picture 512 wide."""
    return lambda picture, index: cv2.GaussianBlur(picture, (0, 0), pixels * picture.shape[1] / 512)


def two(film, exam, name, ours, theirs=None, **facts):
    """Two stretches of one shot that follow each other, each changed."""
    changes = [{"change": change} if change else {} for change in (ours, theirs)]
    return exam(film.reel(name, 20, 3, **changes[0]), film.reel(name, 17, 3, **changes[1]), **facts)


@pytest.mark.some(4)
@pytest.mark.parametrize("name", FLAT)
@pytest.mark.parametrize(("ours", "outcome"), [(2, "clear"), (3, "look"), (1.4, "look")])
def test_half_as_much_grain_again_is_found_and_the_same_grain_is_clear(
    film, exam, name, ours, outcome
):
    found = said(GrainLevel(), two(film, exam, name, grainy(ours), grainy(2, seed=50)))
    assert found.outcome.value == outcome
    assert found.value == pytest.approx(ours / 2, rel=0.1)


@pytest.mark.some(3)
@pytest.mark.parametrize("name", FLAT)
def test_grain_that_is_coarser_but_as_strong_is_found(film, exam, name):
    found = said(GrainLevel(), two(film, exam, name, grainy(2.5, soft=1.2), grainy(2, seed=50)))
    assert found.outcome is Outcome.look
    assert "coarser" in found.sentence


def test_the_cuts_of_real_footage_raise_no_alarm_over_grain(film, exam):
    for before, after in combinations(("meadow", "brook", "bird", "bough", "burrow"), 2):
        found = said(GrainLevel(), exam(film.reel(after, 30, 3), film.reel(before, 40, 3)))
        assert found.outcome in (Outcome.clear, Outcome.not_checked)


def test_pictures_of_two_sizes_and_without_flat_parts_are_not_checked_for_grain(film, exam):
    table, runners = film.reel("table", 20, 3), film.reel("runners", 20, 3)
    assert said(GrainLevel(), exam(table, runners)).reason == "pictures of another size"
    one = exam(runners, film.reel("runners", 10, 3))
    assert said(GrainLevel(), one).reason == "nothing flat to read grain from"
    alone = exam(film.reel("table", 20, 1), table)  # one frame: texture cannot be told from grain
    assert said(GrainLevel(), alone).outcome is Outcome.not_checked


@pytest.mark.some(3)
@pytest.mark.parametrize("name", SHARP)
def test_a_blur_of_point_eight_is_found_against_the_same_set_up(film, exam, name):
    found = said(FocusSoft(), two(film, exam, name, blurred(0.8)))
    assert found.outcome is Outcome.look
    assert "softer than the shot before it" in found.sentence
    assert said(FocusSoft(), two(film, exam, name, None)).outcome is Outcome.clear


@pytest.mark.some(3)
@pytest.mark.parametrize("name", SHARP)
def test_a_picture_that_is_plainly_soft_is_found_beside_any_angle(film, exam, name):
    other = film.reel("bough" if name != "bough" else "burrow", 40, 3)
    soft = said(FocusSoft(), exam(film.reel(name, 20, 3, change=blurred(1.6)), other))
    assert soft.outcome is Outcome.look
    assert said(FocusSoft(), exam(film.reel(name, 20, 3), other)).outcome is Outcome.clear


def test_what_is_as_soft_in_the_same_set_up_is_no_mistake_of_the_take(film, exam):
    soft = two(film, exam, "burrow", blurred(1.2), blurred(1.2))
    assert said(FocusSoft(), soft).outcome is Outcome.clear


def test_a_punch_in_is_no_softer_than_what_it_was_made_from(film, exam):
    def punched(picture, index):
        rows, columns = picture.shape[:2]
        part = picture[rows // 14 : -rows // 14, columns // 14 : -columns // 14]
        return cv2.resize(part, (columns, rows), interpolation=cv2.INTER_CUBIC)

    found = said(FocusSoft(), two(film, exam, "bough", punched))
    assert found.outcome is Outcome.clear


def test_a_fog_has_no_edges_and_a_card_may_allow_softness(film, exam):
    bird = film.reel("bird", 4, 3)
    fog = Reel(bird.frames, 854, 480, lambda number: np.full((480, 854, 3), 0.2, np.float32))
    assert said(FocusSoft(), exam(fog, bird)).reason == "too few edges"
    sides = {BEFORE: Side(), TAKE: Side(card=Card(allowed=("focus.soft",)))}
    found = said(FocusSoft(), two(film, exam, "burrow", blurred(2), sides=sides))
    assert found.outcome is Outcome.clear
    assert found.sentence.startswith("A shot card says that focus.soft may differ")
