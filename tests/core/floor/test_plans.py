from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.contract import Seen, plan_for, shot_by
from secondunit.generators.reframe import Reframe
from secondunit.generators.slate import Slate
from secondunit.hookspecs import Framing, PixelShape, Port
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
    about = replace(Slate.about, size_multiple=16, frame_rule=(4, 1), max_frames=30)


def limited(**limits):
    class Other(Slate):
        about = replace(Slate.about, **limits)

    return Other()


def test_a_work_the_description_rules_out_is_refused_in_a_sentence():
    plan = plan_for(turnover(), limited(works=(Work.plate,)), PROJECT)
    assert plan.refusals == ("slate is for plates, not for inserts.",)


def test_limits_are_kept_and_the_person_is_told_how_before_anything_runs():
    plan = plan_for(turnover(), Limited(), PROJECT)
    assert not plan.refusals
    assert (plan.width, plan.height, len(plan.frames)) == (1920, 1080, 40)
    runs = plan.shooting.runs
    assert [(run.first, run.last, run.asked) for run in runs] == [
        (1001, 1025, 25),
        (1016, 1040, 25),
    ]
    assert plan.shooting.framing == Framing((0, 0, 1920, 1080), (1920, 1080), 1920, 1088)
    assert plan.remarks[:2] == (
        "Shot in 2 runs of 25 frames that share 10, with one seed.",
        "Its edge is mirrored to fill 1920 x 1088; what is shot there is dropped.",
    )


def test_a_host_that_knows_the_pixels_shape_is_told_the_padding_and_never_a_guess():
    square = limited(size_multiple=16, pixel_shape=PixelShape.square)
    asked = turnover(work=Work.plate)
    assert plan_for(asked, square, PROJECT).shooting.framing is None
    plain, wide = (plan_for(asked, square, PROJECT, Seen(Fraction(n))) for n in (1, 2))
    assert "Its edge is mirrored to fill 1920 x 1088" in " ".join(plain.remarks)
    assert "Desqueezed by 2" in " ".join(wide.remarks)
    small = limited(most_pixels=1280 * 720)  # what is cropped, the matte alone can tell
    assert plan_for(asked, small, PROJECT, Seen(Fraction(1))).shooting.framing is None


def test_a_plan_within_all_limits_is_shot_as_it_stands():
    plan = plan_for(turnover(width=1280, height=720, cut=25), Limited(), PROJECT)
    assert len(plan.shooting.runs) == 2
    plan = plan_for(turnover(width=1280, height=720, cut=13), Limited(), PROJECT)
    assert plan.shooting is None


def test_one_frame_too_few_for_the_rule_is_shot_and_dropped():
    plan = plan_for(turnover(width=1280, height=720, cut=12), Limited(), PROJECT)
    assert (
        plan.remarks[0]
        == "Shot in a run of 29 frames: 1 frame more than asked is shot and dropped."
    )


def test_an_insert_larger_than_the_generator_can_is_shot_smaller_and_says_so():
    plan = plan_for(turnover(), limited(most_pixels=1280 * 720, size_multiple=32), PROJECT)
    framing = plan.shooting.framing
    assert framing.width * framing.height <= 1280 * 720
    assert (framing.width, framing.height) == (1280, 704)
    assert "Shot smaller" in plan.remarks[0]
    assert len(plan.shooting.runs) == 1


def test_a_plate_is_framed_only_once_it_and_its_matte_were_looked_at():
    asked = turnover("plate_in", work=Work.plate)
    about = {"works": (Work.plate,), "ports": (), "most_pixels": 640 * 360}
    plan = plan_for(asked, limited(**about), PROJECT)
    assert plan.shooting.framing is None
    assert "the part around the matte is shot, as 230,400 pixels at most" in plan.remarks[0]
    seen = Seen(Fraction(1), lambda: (900, 500, 200, 100))
    found = shot_by(plan, limited(**about).about, seen).shooting.framing
    assert found.box == (850, 475, 300, 150)
    assert found.exact


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"frame_rule": (8, 5), "max_frames": 4}, "8n \\+ 5 frames cannot shoot 4"),
        ({"most_pixels": 300 * 200, "least_side": 256}, "cannot shoot 256 x 256"),
        (
            {"ports": (Port(Role.last, "the last picture"),), "max_frames": 17},
            "the picture a run ends on",
        ),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_a_sentence(limits, says):
    media = Media(FrameRange(1, 1, RATE), "x.exr", 1920, 1080)
    asked = turnover(elements=(Element(Role.last, media),))
    plan = plan_for(asked, limited(**limits), PROJECT)
    assert re.search(says, " ".join(plan.refusals))


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
