"""The line of action, the thirty-degree rule and eyelines, from shot cards of a staged scene.

Ada stands at the origin, Ben two metres to her right. Seen from above, the first camera stands
below the line between them.
"""

from __future__ import annotations

import math

import pytest
from secondunit.checks.staged import AxisHost, EyelineHost, JumpHost
from secondunit.editorial.cards import card_of, read_card
from secondunit.exam import BEFORE, TAKE, Side
from secondunit.testing import scene
from secondunit_bridge.errors import FieldError
from secondunit_bridge.film import Outcome

ADA, BEN = [0.0, 0.0, 1.6], [2.0, 0.0, 1.7]
MIDDLE = [1.0, 0.0, 1.65]


def around(degrees: float, far: float = 4.0, *, focal: float = 35.0, up: str = "z") -> dict:
    """A camera so many degrees round the two, seen from above; 0 is square to the line."""
    turn = math.radians(degrees)
    place = [1 + far * math.sin(turn), -far * math.cos(turn), 1.65]
    return {"position": laid(place, up), "look_at": laid(MIDDLE, up), "focal_mm": focal, "up": up}


def laid(point: list, up: str) -> list:
    return point if up == "z" else [point[0], point[2], -point[1]]


def card(camera: dict | None = None, *, up: str = "z", **fields) -> dict:
    people = {"positions": {"Ada": laid(ADA, up), "Ben": laid(BEN, up)}, "gaze": {}}
    return {"camera": camera, "people": people, **fields}


def said(check, exam, ours, theirs, **facts):
    read = {TAKE: read_card({"card": ours}), BEFORE: read_card({"card": theirs})}
    sides = {name: Side(card=one, card_wrong=wrong) for name, (one, wrong) in read.items()}
    found = check.examine(exam(scene(3), scene(3), sides=sides, **facts))
    (one,) = (finding for finding in found if finding.reason != "no neighbour")
    return one


@pytest.mark.parametrize("up", ["z", "y"])
@pytest.mark.parametrize(
    ("degrees", "outcome"),
    [(0, "clear"), (60, "clear"), (80, "clear"), (88, "clear"), (100, "look"), (170, "look"),
     (190, "look"), (-60, "clear"), (-100, "look")],
)  # fmt: skip
def test_a_camera_across_the_line_of_two_people_is_found(exam, degrees, outcome, up):
    ours, theirs = card(around(degrees, up=up), up=up), card(around(0, up=up), up=up)
    found = said(AxisHost(), exam, ours, theirs)
    assert found.outcome.value == outcome
    assert "the line of Ada and Ben" in found.sentence


def test_a_crossing_is_found_from_who_stands_left_alone(exam):
    left, right = {"left": "Ada", "right": "Ben"}, {"left": "Ben", "right": "Ada"}
    assert said(AxisHost(), exam, {"axis": left}, {"axis": right}).outcome is Outcome.look
    assert said(AxisHost(), exam, {"axis": left}, {"axis": left}).outcome is Outcome.clear
    assert said(AxisHost(), exam, {"axis": left}, {}).reason == "not on the shot card"


@pytest.mark.parametrize(
    ("degrees", "far", "focal", "outcome"),
    [(5, 4, 35, "look"), (15, 4, 35, "look"), (25, 4, 35, "look"), (35, 4, 35, "clear"),
     (5, 2, 35, "clear"), (5, 4, 85, "clear"), (5, 8, 70, "look")],
)  # fmt: skip
def test_less_than_thirty_degrees_at_a_like_size_jumps(exam, degrees, far, focal, outcome):
    ours, theirs = card(around(degrees, far, focal=focal)), card(around(0))
    found = said(JumpHost(), exam, ours, theirs)
    assert found.outcome.value == outcome
    assert found.value == pytest.approx(degrees)


def test_another_subject_and_a_master_do_not_jump(exam):
    other = {**around(5), "look_at": BEN, "position": [2.0, -3.0, 1.7]}
    assert said(JumpHost(), exam, card(other), card(around(0))).outcome is Outcome.clear
    again = said(JumpHost(), exam, card(around(5)), card(around(0)), in_cut=False)
    assert again.outcome is Outcome.clear


@pytest.mark.parametrize(("degrees", "outcome"), [(0, "clear"), (4, "clear"), (12, "look")])
def test_somebody_who_looks_past_the_other_is_found(exam, degrees, outcome):
    ours, theirs = card(around(20)), card(around(-20))
    turn = math.radians(degrees)
    towards = [math.cos(turn), math.sin(turn), 0.05]
    ours["people"]["gaze"]["Ada"] = towards
    found = said(EyelineHost(), exam, ours, theirs)
    assert found.outcome.value == outcome
    assert found.value == pytest.approx(degrees, abs=0.1)
    assert "In the take Ada looks" in found.sentence


@pytest.mark.parametrize("check", [AxisHost(), JumpHost(), EyelineHost()])
def test_shots_without_cards_or_with_bad_ones_are_not_checked_and_allowed_is_clear(exam, check):
    good = card(around(0))
    assert said(check, exam, good, None).reason == "no shot card"
    bad = said(check, exam, {"camera": {"position": [0, "x", 0]}}, good)
    assert bad.reason == "the shot card cannot be read"
    assert "card.camera.position[1]" in bad.sentence
    assert said(check, exam, {}, {}).reason == "not on the shot card"
    allowed = said(check, exam, {**card(around(170)), "allowed": [check.about.name]}, good)
    assert allowed.outcome is Outcome.clear


@pytest.mark.parametrize(
    ("wrong", "where"),
    [({"master": "yes"}, "card.master"), ({"key_side": "above"}, "card.key_side"),
     ({"cast": [{"name": "Ada", "region": [0, 0, 2, 1]}]}, "card.cast[0]"),
     ({"allowed": "all"}, "card.allowed"), ([], "card"),
     ({"camera": {"position": [0, 0, 0], "look_at": [0, 0, 0], "focal_mm": 35}}, "card.camera"),
     ({"people": {"positions": {"Ada": [0, 0]}}}, "card.people.positions")],
)  # fmt: skip
def test_a_card_that_is_wrong_names_the_field(wrong, where):
    with pytest.raises(FieldError, match=where.replace("[", r"\[").replace("]", r"\]")):
        card_of({"card": wrong})


def test_a_card_as_the_design_writes_it_is_read():
    said = {
        "scene": "12", "day": "3", "setup": "A", "master": True, "key_side": "left",
        "cast": [{"name": "Ada", "region": None, "frames": [[1, 5]]}],
        "props": [{"name": "glass", "state": "full", "region": [0.1, 0.1, 0.2, 0.2]}],
        "wardrobe": [{"name": "coat", "region": [0.4, 0.4, 0.2, 0.2], "master": None}],
        "axis": {"left": "Ada", "right": "Ben"}, "camera": around(0), "people": None,
        "allowed": ["light.side"], "colour of the day": "a field of tomorrow",
    }  # fmt: skip
    card = card_of({"card": said})
    assert card.same_setup(card)
    assert card.cast[0].frames == ((1, 5),)
    assert card_of({}) is card_of({"card": None}) is None
