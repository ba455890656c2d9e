"""Does a previs take obey its scene? The looks of a rendered quay, and takes made to stray."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import quay
from obeying import drawn, erased, exam, filmed, placed, planted
from secondunit.checks import obey
from secondunit.checks.obey.reading import Readings
from secondunit.continuity import examine, meant_for
from secondunit.hookspecs import Exam
from secondunit.plugins import BUILT_IN, Plugins
from secondunit_bridge.film import Finding, Outcome, Role

pytestmark = pytest.mark.timeout(600)  # the first run renders the set: half a minute of CPU

LOOKS = ("toon", "pencil", "graded")
PROPS = {name: "prop" for name in ("barrel", "crate", "bollard", "hotel door")}


@pytest.fixture(scope="module")
def wide(blender: Path, request: pytest.FixtureRequest) -> quay.Quay:
    return quay.cached(blender, request.config.cache, "wide")


@pytest.fixture(scope="module")
def close(blender: Path, request: pytest.FixtureRequest) -> quay.Quay:
    return quay.cached(blender, request.config.cache, "close")


@pytest.fixture(scope="module")
def takes(wide: quay.Quay) -> dict[str, list[np.ndarray]]:
    return {look: drawn(wide, look) for look in LOOKS}


def found(one: Exam) -> dict[str, list[Finding]]:
    """Findings by check, the open ones alone where there are any."""
    checks = {check.about.name: check for check in obey.secondunit_checks()}
    answers: dict[str, list[Finding]] = {}
    for finding in examine(one, checks, "take"):
        answers.setdefault(finding.check, []).append(finding)
    return {name: [f for f in some if f.open] or some for name, some in answers.items()}


def open_ones(one: Exam) -> list[str]:
    return [f.sentence for some in found(one).values() for f in some if f.open]


def test_they_are_found_like_anybodys_checks():
    assert "secondunit.checks.obey" in BUILT_IN
    names = {name for name in Plugins().checks if name.startswith("obey.")}
    assert names == {"obey.silhouette", "obey.missing", "obey.camera", "obey.eyeline"}


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_keeps_to_its_scene(wide, takes, look):
    one = found(exam(wide, takes[look], PROPS))
    assert not [f.sentence for some in one.values() for f in some if f.open]
    assert one["obey.silhouette"][0].value == 1.0
    assert one["obey.camera"][0].value < 0.15


@pytest.mark.long  # another render of the set
@pytest.mark.parametrize("look", LOOKS)
def test_every_look_keeps_to_its_scene_close_up(close, look):
    everything = {name: "prop" for name in ("coat", "torso", "left arm", "his right arm")}
    assert open_ones(exam(close, drawn(close, look), everything)) == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", ["barrel", "crate"])
def test_what_was_painted_out_is_missing(wide, takes, look, name):
    one = found(exam(wide, planted(wide, takes[look], name, erased), {name: "prop"}))
    (missing,) = one["obey.missing"]
    assert missing.sentence == (
        f"The prop '{name}' is not in the take: no outline of it is found, and where it should be"
        " the picture looks like its surroundings (frames 1001-1008)."
    )
    assert missing.frames == ((1001, 1008),)
    assert missing.region is not None
    assert not [f for f in one["obey.silhouette"] if f.open and f"'{name}'" in f.sentence]


@pytest.mark.parametrize("look", ["toon", "graded"])
@pytest.mark.parametrize("name", ["crate", "bollard", "hotel door"])
def test_what_was_moved_is_said_to_be_elsewhere_and_by_how_much(wide, takes, look, name):
    moved = planted(wide, takes[look], name, placed(-0.03))
    told = [f for f in found(exam(wide, moved, {name: "prop"}))["obey.silhouette"]
            if f"'{name}'" in f.sentence]  # fmt: skip
    assert len(told) == 1, told
    assert "of the picture's width to the left of" in told[0].sentence
    assert "where the scene has it" in told[0].sentence
    percent = float(told[0].sentence.split("drawn ")[1].split(" %")[0])
    assert percent == pytest.approx(3.0, abs=0.35)
    assert told[0].value < 0.7


@pytest.mark.parametrize(("look", "name"), [("toon", "barrel"), ("graded", "crate")])
def test_what_was_enlarged_is_said_to_be_larger(wide, takes, look, name):
    large = planted(wide, takes[look], name, placed(0.0, 1.1))
    told = [f.sentence for f in found(exam(wide, large, {name: "prop"}))["obey.silhouette"]
            if f"'{name}'" in f.sentence]  # fmt: skip
    assert "% larger than the scene has it" in told[0]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("stray", "words"),
    [
        ({"share": 0.01}, "% of its width to the right"),
        ({"size": 1.03}, "larger"),
        ({"turn": 1.0}, "turned by"),
    ],
)
def test_another_camera_is_said_once_and_the_objects_are_not_blamed(
    wide, takes, look, stray, words
):
    one = found(exam(wide, [filmed(frame, **stray) for frame in takes[look]], PROPS))
    (camera,) = one["obey.camera"]
    assert camera.outcome is Outcome.look
    assert words in camera.sentence
    assert camera.value >= camera.limit
    assert not [f.sentence for f in one["obey.silhouette"] if f.open]
    assert not [f.sentence for f in one["obey.missing"] if f.open]


def test_a_shift_of_one_percent_is_measured_to_a_tenth(wide, takes):
    one = found(exam(wide, [filmed(frame, 0.01) for frame in takes["graded"]]))
    assert one["obey.camera"][0].value == pytest.approx(1.0, abs=0.1)


def test_a_picture_of_something_else_is_not_judged(wide, takes):
    rng = np.random.default_rng(1)
    noise = [rng.random(frame.shape).astype(np.float32) for frame in takes["toon"]]
    mirrored = [np.ascontiguousarray(frame[:, ::-1]) for frame in takes["toon"]]
    for strange in (noise, mirrored, [np.zeros_like(noise[0])] * 8):
        one = found(exam(wide, strange, PROPS))
        for check in ("obey.silhouette", "obey.missing", "obey.camera"):
            (said,) = one[check]
            assert said.outcome is Outcome.not_checked
            assert said.reason == "the scene's outlines are not found"


def test_what_the_render_itself_does_not_show_is_not_looked_for(wide, takes):
    """The same grey all over: nothing stands against anything."""
    one = exam(wide, takes["toon"], PROPS)
    shown = one.elements.footage[Role.guide]
    grey = np.full((shown.height, shown.width, 3), 0.18, np.float32)
    one.elements.footage[Role.guide] = replace(shown, made=lambda number: grey)
    (said, *_) = found(one)["obey.missing"]
    assert (said.outcome, said.reason) == (Outcome.not_checked, "nothing to look for")


def test_small_things_a_person_tagged_are_said_not_to_be_looked_for(wide, takes):
    told = found(exam(wide, takes["toon"], {"beret": "prop"}))["obey.missing"]
    assert "The prop 'beret' was not looked for: it is too small in the picture." in [
        f.sentence for f in told
    ]


def test_an_eyeline_is_a_fact_of_the_scene_or_not_known(wide, takes):
    looks = {"Ann": {1001: -20.0, 1005: -31.0, 1008: -33.0}, "Bo": {1004: 0.5}}
    known = found(exam(wide, takes["toon"], eyelines=looks))["obey.eyeline"]
    assert {f.outcome for f in known} == {Outcome.clear}
    assert "Ann looks 31 degrees to the left of the lens" in known[0].sentence
    assert "Bo looks into the lens" in known[1].sentence
    (unknown,) = found(exam(wide, takes["toon"]))["obey.eyeline"]
    assert unknown.reason == "no look is known"


def test_passes_that_are_not_all_there_are_said(wide, takes):
    one = found(exam(wide, takes["toon"], without=(Role.depth,)))
    assert {one[name][0].reason for name in one if name != "obey.eyeline"} == {"passes are missing"}


def test_only_previs_with_object_numbers_is_examined():
    from secondunit_bridge.film import Element, Media, Shot, Turnover, Work
    from secondunit_bridge.timing import FrameRange

    span = FrameRange(1, 8, 24)
    shot = Shot("film", "q", "0010", "g", span)
    media = Media(span, "render/x.%04d.exr")
    checks = Plugins().checks

    def asked(work: Work, *roles: Role) -> set[str]:
        elements = tuple(Element(role, media) for role in roles)
        turnover = Turnover(shot=shot, work=work, generator="looks", elements=elements)
        return {name for name in meant_for(turnover, checks) if name.startswith("obey.")}

    needs = (Role.guide, Role.depth, Role.ids)
    assert len(asked(Work.previs, *needs)) == 4
    assert asked(Work.previs, Role.guide, Role.depth) == set()
    assert asked(Work.insert, *needs) == set()


def test_a_take_is_measured_once_for_all_checks_and_in_half_a_second_a_frame(wide, takes):
    large = [cv2.resize(frame, (1920, 804), interpolation=cv2.INTER_LINEAR)
             for frame in takes["toon"]]  # fmt: skip
    one = exam(wide, large, PROPS, scale=3)
    readings = Readings()
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        for role in (Role.guide, Role.ids, Role.depth):  # reading files is not what is measured
            one.elements.footage[role].frame(1)
        started = time.process_time()
        frames, _ = readings.read(one)
        spent = (time.process_time() - started) / len(frames)
        started = time.process_time()
        assert readings.read(one)[0] is frames
        assert time.process_time() - started < 0.01
    finally:
        cv2.setNumThreads(threads)
    assert [frame.number for frame in frames] == [1001, 1007, 1008]
    assert spent < 1.5, f"{spent:.2f} s a frame"  # .5 on an idle machine
