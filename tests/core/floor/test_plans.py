from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.contract import plan_for
from secondunit.generators.reframe import Reframe
from secondunit.generators.slate import Slate
from secondunit.testing.material import RATE
from secondunit_bridge.errors import FieldError, OverLimits, PlugInRefused
from secondunit_bridge.film import Element, Media, Project, Role, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange, Handles

PROJECT = Project("P", RATE, 1920, 1080)


def turnover(generator="slate", *, cut=24, handles=Handles(8, 8), rate=RATE, **fields):
    shot = Shot("P", "SQ", "0010", "g", FrameRange(100, 100 + cut - 1, rate), handles)
    return Turnover(shot, fields.pop("work", Work.insert), generator, **fields)


@given(
    cut=st.integers(1, 400),
    head=st.integers(0, 50),
    tail=st.integers(0, 50),
    rate=st.sampled_from(
        [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(60000, 1001)]
    ),
)
def test_a_plan_has_every_frame_with_handles_from_1001(cut, head, tail, rate):
    asked = turnover(cut=cut, handles=Handles(head, tail), rate=rate)
    plan = plan_for(asked, Slate(), PROJECT)
    assert plan.frames == FrameRange(1001, 1000 + head + cut + tail, rate)


def test_the_size_is_the_turnovers_else_the_projects():
    assert plan_for(turnover(), Slate(), PROJECT).width == 1920
    plan = plan_for(turnover(width=640, height=360), Slate(), PROJECT)
    assert (plan.width, plan.height) == (640, 360)


@pytest.mark.parametrize("size", [(-1, 10), (10, 99999), (16000, 16000)])
def test_a_size_beyond_limits_is_refused(size):
    with pytest.raises(OverLimits, match="cannot be delivered"):
        plan_for(turnover(width=size[0], height=size[1]), Slate(), PROJECT)


def test_options_are_all_filled_in():
    plan = plan_for(turnover("reframe", options={"zoom": 2}), Reframe(), PROJECT)
    assert plan.options["zoom"] == 2.0
    assert type(plan.options["zoom"]) is float
    assert plan.options["move"] == "auto"


WRONG_OPTIONS = {
    "unknown": ({"zom": 2.0}, FieldError, "'zom'"),
    "type": ({"zoom": "2"}, FieldError, "'zoom'.*expected float, got str"),
    "truth": ({"start": True}, FieldError, "'start'.*expected int, got bool"),
    "choice": ({"move": "spin"}, FieldError, "'move'.*'spin' is not one of"),
    "low": ({"zoom": 0.2}, FieldError, "'zoom'.*0.2 is no punch-in"),
    "over": ({"zoom": 9.0}, OverLimits, "'zoom'.*9 is not 4 or less"),
    "high": ({"grade": 1.5}, OverLimits, "'grade'"),
    "nan": ({"amount": float("nan")}, OverLimits, "'amount'"),
    "region": ({"region": "left"}, FieldError, "'region'"),
}


@pytest.mark.parametrize("kind", WRONG_OPTIONS)
def test_a_wrong_option_is_refused_by_name(kind):
    options, error, says = WRONG_OPTIONS[kind]
    media = Media(FrameRange(1, 100, RATE), "x.%04d.exr", 1920, 1080)
    asked = turnover("reframe", options=options, elements=(Element(Role.before, media),))
    with pytest.raises(error, match=says) as caught:
        plan_for(asked, Reframe(), PROJECT)
    assert caught.value.hint


class Limited(Slate):
    about = replace(
        Slate.about, works=(Work.plate,), size_multiple=16, frame_rule=(4, 1), max_frames=30
    )


def test_what_the_description_rules_out_is_refused_in_sentences():
    plan = plan_for(turnover(), Limited(), PROJECT)
    text = " ".join(plan.refusals)
    for words in ("shoots plate, not insert", "at most 30", "multiple of 16", "4n + 1"):
        assert words in text


def test_a_generator_cannot_change_the_frames_it_was_asked_for():
    class Greedy(Slate):
        def plan(self, plan, elements):
            return replace(plan, frames=FrameRange(1, 2, RATE), width=1, remarks=("Mine.",))

    plan = plan_for(turnover(), Greedy(), PROJECT)
    assert len(plan.frames) == 40
    assert plan.width == 1920
    assert plan.remarks == ("Mine.",)


def test_a_plan_that_is_none_is_refused():
    class Mute(Slate):
        def plan(self, plan, elements):
            return None

    with pytest.raises(PlugInRefused, match="answered NoneType"):
        plan_for(turnover(), Mute(), PROJECT)
