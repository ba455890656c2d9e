from __future__ import annotations

from dataclasses import replace

import pytest
from secondunit.checks.answers import named, spans
from secondunit.checks.frame_count import FrameCount
from secondunit.continuity import examine
from secondunit.hookspecs import Scope
from secondunit.plugins import Plugins
from secondunit.testing import scene
from secondunit_bridge.errors import MediaDamaged
from secondunit_bridge.film import Finding, Outcome
from secondunit_bridge.wire import dumps, plain

ABOUT = FrameCount.about


class Says:
    """A check that answers what it is told to."""

    about = replace(ABOUT, name="says")

    def __init__(self, answer):
        self.answer = answer

    def examine(self, exam):
        return self.answer()


def finding(outcome=Outcome.clear, **fields):
    return Finding("", "says", outcome, "It says.", **fields)


class Odd(Exception):
    def __str__(self):
        raise ValueError("even its text raises")


def raising(error):
    def answer():
        raise error

    return answer


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (raising(ZeroDivisionError("x")), "ZeroDivisionError: x"),
        (raising(SystemExit(1)), "SystemExit"),
        (raising(Odd()), "Odd"),
        (lambda: None, "TypeError"),
        (list, "gave no finding"),
        (lambda: ["fine"], "no finding of its own"),
        (lambda: [replace(finding(), check="another")], "no finding of its own"),
    ],
)
def test_a_check_that_breaks_is_a_finding_not_checked_and_the_others_go_on(exam, answer, says):
    found = examine(exam(scene(8)), {"says": Says(answer), "frame_count": FrameCount()}, "a1.1")
    by_check = {one.check: one for one in found}
    assert by_check["says"].outcome is Outcome.not_checked
    assert says in by_check["says"].sentence
    assert by_check["says"].reason == "the check itself failed"
    assert by_check["frame_count"].outcome is Outcome.clear


def test_findings_are_named_after_take_and_check_and_ranked_worst_first(exam):
    def answer():
        return [
            finding(value=0.0, limit=1.0),
            finding(Outcome.look, value=2.0, limit=1.0),
            finding(Outcome.stop, value=1.0, limit=1.0),
            finding(Outcome.look, value=-5.0, limit=1.0),
        ]

    found = examine(exam(scene(8)), {"says": Says(answer)}, "a1.1", shots=("SQ_0010",))
    assert [one.id for one in found] == ["a1.1/says.3", "a1.1/says.4", "a1.1/says.2", "a1.1/says"]
    assert [one.rank for one in found] == [1, 2, 3, None]
    assert {one.shots for one in found} == {("SQ_0010",)}


def test_numbers_that_cannot_be_written_down_are_left_out(exam):
    check = Says(lambda: [finding(value=float("nan"), limit=float("inf"))])
    (found,) = examine(exam(scene(8)), {"says": check}, "a1.1")
    assert found.value is None
    assert dumps(plain(found))


def test_all_our_checks_run_over_a_real_take_and_a_clean_one_is_clear(film, exam):
    take = film.reel("bird", 20, 24, first=1001)
    one = exam(take, film.reel("bird", 8, 12), film.reel("bird", 44, 12))
    checks = {
        name: one
        for name, one in Plugins().checks.items()
        if not one.about.works and one.about.scope is not Scope.files
    }
    found = examine(one, checks, "a1.1")
    unasked = [finding for finding in found if finding.reason == "no shot card"]
    found = [finding for finding in found if finding not in unasked]
    assert {f.check: f.reason for f in found if f.outcome is not Outcome.clear} == {}
    assert len({finding.id for finding in found}) == len(found) == 29
    assert {finding.check for finding in unasked} == {
        "axis.host", "axis.pixels", "jump.host", "eyeline.host", "wardrobe.hue",
        "identity.face", "face.missing", "face.direction",
    }  # fmt: skip
    assert all(finding.department and finding.sentence.endswith((".", ".)")) for finding in found)
    assert dumps(plain(found))


def test_frames_are_said_in_words():
    assert spans([3, 1, 2, 9]) == ((1, 3), (9, 9))
    assert named(((5, 5),)) == "frame 5"
    assert named(((1, 3), (9, 9))) == "frames 1-3 and 9"
    assert named(tuple((n, n) for n in range(0, 20, 2))).endswith("and 6 more places")


def test_media_that_cannot_be_read_is_the_reason_not_the_check(exam):
    damaged = raising(MediaDamaged("plate.1029.exr is cut short", hint="Copy it again."))
    (found,) = examine(exam(scene(8)), {"says": Says(damaged)}, "a1.1")
    assert found.outcome is Outcome.not_checked
    assert found.reason == "plate.1029.exr is cut short"
    assert found.sentence == (
        "The check says could not see every frame: plate.1029.exr is cut short."
    )
