"""Sides of the picture told from what people wear: right where it says so, silent where unsure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from secondunit.checks.axis_pixels import AxisPixels
from secondunit.checks.staged import AxisHost
from secondunit.editorial.cards import Axis, CameraCard, People
from secondunit_bridge.film import Outcome
from two_people import Shot, dyed, examined, figures, shot

PAIRS = 48
PLACES = {"big-buck-bunny-480p-30s.mp4": (100, 200, 320, 430, 600), "seeking-480i.mp4": (10, 80)}


@pytest.fixture(scope="module")
def people(data: Path):
    return figures(data)


@pytest.fixture(scope="module")
def places(data: Path) -> list[np.ndarray]:
    """Real pictures, full of colours."""
    found = []
    for name, wanted in PLACES.items():
        with av.open(str(data / "footage" / name)) as movie:
            for number, frame in enumerate(movie.decode(video=0)):
                if number in wanted:
                    found.append(frame.to_ndarray(format="rgb24"))
                if number >= max(wanted):
                    break
    return found


def said(before: Shot, take: Shot, *, known: bool = False):
    found = AxisPixels().examine(examined(before, take, known=known))
    return next(one for one in found if one.reason != "no neighbour")


def pair(people, places, seed: int, *, hues=(0.0, 0.6), over_shoulder: bool = False):
    rng = np.random.default_rng(seed)
    worn = {name: dyed(figure, hue, 0.6)
            for name, figure, hue in zip(("Anna", "Ben"), people, hues, strict=True)}  # fmt: skip
    first = shot(places[seed % len(places)], worn, rng)
    second = shot(places[(seed + 1) % len(places)], worn, rng, over_shoulder=over_shoulder)
    return first, second


def mirrored(one: Shot) -> Shot:
    """The same from the other side of the line."""
    other = {name: (1 - x - wide, y, wide, high)
             for name, (x, y, wide, high) in one.regions.items()}  # fmt: skip
    left = next(name for name in one.regions if name != one.left)
    return replace(one, picture=one.picture[:, ::-1].copy(), left=left, regions=other)


def test_two_people_who_change_sides_are_found_and_two_who_stay_are_clear(people, places):
    first, _ = pair(people, places, 3)
    assert said(first, first).outcome is Outcome.clear
    crossed = said(first, mirrored(first))
    assert (crossed.outcome, crossed.value) == (Outcome.look, 1)
    assert "crossed the line" in crossed.sentence
    assert said(first, mirrored(first), known=True).outcome is Outcome.look


def test_sides_are_left_to_the_cameras_where_both_cards_have_them(people, places):
    first, _ = pair(people, places, 3)
    exam = examined(first, mirrored(first), known=True)
    seen = {"Anna": (-1.0, 0.0, 1.6), "Ben": (1.0, 0.0, 1.7)}
    staged = {
        name: replace(side, card=replace(
            side.card, axis=Axis("Anna", "Ben"), people=People(seen),
            camera=CameraCard((0.0, y, 1.6), (0.0, 0.0, 1.6), 35.0),
        )) for (name, side), y in zip(exam.sides.items(), (4.0, -4.0), strict=True)
    }  # fmt: skip
    exam = replace(exam, sides=staged)
    silent, crossed = (
        next(one for one in check.examine(exam) if one.reason != "no neighbour")
        for check in (AxisPixels(), AxisHost())
    )
    assert silent.reason == "told exactly by axis.host"
    assert crossed.outcome is Outcome.look


def test_it_is_right_where_it_says_so_and_seldom_silent(people, places):
    right = wrong = silent = 0
    rng = np.random.default_rng(11)
    for seed in range(PAIRS):
        hue = rng.random()
        hues = (hue, (hue + rng.uniform(0.12, 0.88)) % 1)
        first, second = pair(people, places, seed, hues=hues, over_shoulder=seed % 8 == 0)
        told = said(first, second)
        if told.outcome is Outcome.not_checked:
            silent += 1
        else:
            truth = Outcome.clear if first.left == second.left else Outcome.look
            right, wrong = right + (told.outcome is truth), wrong + (told.outcome is not truth)
    assert right / (right + wrong) >= 0.95
    assert silent <= 0.4 * PAIRS


def test_colours_that_are_alike_or_nowhere_say_nothing(people, places):
    first, second = pair(people, places, 4, hues=(0.50, 0.505))
    assert said(first, second).outcome is Outcome.not_checked
    empty = replace(second, picture=np.full_like(second.picture, 128))
    assert "not found" in said(pair(people, places, 4)[0], empty).sentence
