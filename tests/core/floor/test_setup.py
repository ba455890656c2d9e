"""One set-up or another, and pictures that jump at a cut: real shots, cut against each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from secondunit.checks.setup import SetUp
from secondunit.exam import BEFORE, Side
from secondunit.media.setup import setup_match
from secondunit.media.sight import Shows, Sight
from secondunit.testing import Reel
from secondunit_bridge.film import Outcome

DIFFERENT = ("meadow", "brook", "bough", "burrow", "table")


def said(exam):
    found = [one for one in SetUp().examine(exam) if one.reason != "no neighbour"]
    assert len(found) == 1
    return found[0]


@pytest.mark.some(2)
@pytest.mark.parametrize("name", [*DIFFERENT, "bird", "runners"])
def test_two_frames_of_one_shot_are_one_set_up_and_it_does_not_jump(film, exam, name):
    one = exam(film.reel(name, 13, 3), film.reel(name, 10, 3))
    found = said(one)
    assert found.outcome is Outcome.clear
    assert "are the same set-up" in found.sentence
    assert one.setup(BEFORE).scale == pytest.approx(1, abs=0.03)


@pytest.mark.some(3)
@pytest.mark.parametrize("pair", list(combinations(DIFFERENT, 2)))
def test_different_shots_are_never_one_set_up(film, exam, pair):
    found = said(exam(film.reel(pair[1], 4, 3), film.reel(pair[0], 40, 3)))
    assert found.outcome is Outcome.clear
    assert "framed differently" in found.sentence
    assert found.value < 10


@pytest.mark.some(2)
@pytest.mark.parametrize("name", ["meadow", "bough", "burrow"])
def test_frames_left_out_of_a_shot_are_a_jump_cut(film, exam, name):
    found = said(exam(film.reel(name, 19, 3), film.reel(name, 10, 3)))
    assert found.outcome is Outcome.look
    assert found.sentence.startswith("A jump cut: the take and the shot before it")


def test_frames_left_out_where_nothing_moves_are_no_jump(film, exam):
    assert said(exam(film.reel("table", 25, 3), film.reel("table", 10, 3))).outcome is Outcome.clear


def test_frames_that_follow_each_other_in_one_take_never_jump(film, exam):
    reels = film.reel("burrow", 40, 3), film.reel("burrow", 10, 3)
    follows = {"before": Side(media="a", shown=(7, 8, 9)), "take": Side(media="a", shown=(10, 11))}
    left_out = {**follows, "take": Side(media="a", shown=(40, 41))}
    assert said(exam(*reels, sides=follows)).outcome is Outcome.clear
    assert said(exam(*reels, sides=left_out)).outcome is Outcome.look


def test_a_blank_wall_and_a_slate_are_not_checked(exam, film):
    bird = film.reel("bird", 4, 3)
    grey = Reel(bird.frames, 854, 480, lambda number: np.full((480, 854, 3), 0.2, np.float32))
    assert said(exam(bird, grey)).reason == "too little to recognise"
    slate = exam(bird, grey, placeholder=True)
    assert {one.reason for one in SetUp().examine(slate)} == {"the take is a placeholder"}


def test_a_match_lays_their_picture_over_ours(film):
    shows = Shows(film.reel("bough", 4, 1))
    whole = Sight(shows, 1)
    part = Reel(
        film.reel("bough", 4, 1).frames, 700, 400, lambda n: shows.pixels(n)[40:440, 60:760]
    )
    match = setup_match(whole, Sight(Shows(part), 1))
    assert match.same
    laid = match.laid(np.ascontiguousarray(part.frame(1)), whole.luma)
    inside = np.isfinite(laid[..., 0])
    assert inside[60:420, 80:740].all()
    assert not inside[:30].any()
    seen = shows.pixels(1)
    assert np.abs(laid[100:380, 100:700] - seen[100:380, 100:700]).mean() < 0.01


def test_a_homography_that_is_bent_by_depth_does_not_make_the_picture_larger(film):
    import cv2

    shows = Shows(film.reel("bough", 4, 1))
    rows, columns = shows.pixels(1).shape[:2]
    bend = 0.25 / columns  # people nearer than the wall bend it; its corner then says 1.14
    middle = 1 + bend * columns / 2
    still = np.array([[middle, 0, 0], [0, middle, 0], [bend, 0, 1]])
    bent = Reel(
        film.reel("bough", 4, 1).frames, columns, rows,
        lambda n: cv2.warpPerspective(shows.pixels(n), still, (columns, rows)),
    )  # fmt: skip
    match = setup_match(Sight(shows, 1), Sight(Shows(bent), 1))
    assert match.same
    assert match.scale == pytest.approx(1, abs=0.04)
    assert abs(np.sqrt(np.linalg.det(match.matrix[:2, :2])) - 1) > 0.08


def test_the_match_is_the_same_every_time(film):
    def match():
        sights = (Sight(Shows(film.reel("burrow", n, 1)), 1) for n in (4, 16))
        return setup_match(*sights)

    first, second = match(), match()
    assert first.points == second.points
    assert np.array_equal(first.matrix, second.matrix)
