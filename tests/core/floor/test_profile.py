"""A show's own limits and how far it trusts its checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from secondunit.continuity import examine
from secondunit.continuity.profile import in_force, of_show, profile_of, read_profile, tuned
from secondunit.continuity.trust import Answered, hushed, of_waivers, trust
from secondunit.plugins import Plugins
from secondunit.testing.material import RATE
from secondunit_bridge.errors import SettingWrong
from secondunit_bridge.film import Answer, Finding, Outcome, Project, Waiver

CHECKS = Plugins().checks


def written(folder: Path, text: str) -> Path:
    path = folder / "profile.toml"
    path.write_text(text)
    return path


def project(folder: Path) -> Project:
    return Project("film", RATE, 1920, 1080, store=str(folder / "store"))


EXPOSURE = '[checks."colour.exposure"]\nlimit = {limit}\nfrom = "calibrated, n = 48"\n'


def darker(film, exam, stops: float):
    """A take that goes on from the shot before it, darker by so many stops."""
    before = film.reel("table", 0, 8)
    return exam(film.reel("table", 8, 8, change=lambda p, _: p * 2.0**-stops), before)


def test_a_shows_own_limit_decides_and_the_finding_says_where_it_comes_from(
    tmp_path: Path, film, exam
):
    written(tmp_path, EXPOSURE.format(limit=0.1))
    own = tuned(CHECKS, profile_of(project(tmp_path), CHECKS))
    a_fifth = darker(film, exam, 0.2)
    name = "colour.exposure"
    [as_it_is] = [f for f in examine(a_fifth, {name: CHECKS[name]}, "take") if f.value]
    [on_this_show] = [f for f in examine(a_fifth, {name: own[name]}, "take") if f.value]
    assert (as_it_is.outcome, as_it_is.limit_from) == (Outcome.clear, "")
    assert on_this_show.outcome is Outcome.look
    assert on_this_show.limit == 0.1
    assert on_this_show.limit_from == "this show's, calibrated, n = 48"


def test_another_limit_is_another_key_of_what_is_remembered(tmp_path: Path):
    written(tmp_path, EXPOSURE.format(limit=0.25))
    own = tuned(CHECKS, profile_of(project(tmp_path), CHECKS))
    assert in_force(own) != in_force(CHECKS)
    assert in_force(CHECKS) == in_force(Plugins().checks)
    assert CHECKS["colour.exposure"].about.limit == 0.30  # the check itself is as it was


def test_a_project_without_a_profile_has_the_checks_as_they_are(tmp_path: Path):
    checks, said = of_show(project(tmp_path), CHECKS)
    assert (in_force(checks), said) == (in_force(CHECKS), [])


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ('[checks."colour.exposur"]\nlimit = 1\nfrom = "x"', "is no check", "colour.exposure"),
        (EXPOSURE.format(limit=40), "has the limit 40", "Between 0.05 and 2 stop"),
        (EXPOSURE.format(limit='"much"'), "no number", "0.25"),
        (EXPOSURE.format(limit="nan"), "no number", "0.25"),
        ('[checks."colour.wb"]\nlimit = 0.1', "should say limit and from", "calibrated"),
        ('[checks."colour.wb"]\nlimit = 0.1\nfrom = " "', "where its limit comes from", "n = 48"),
        ('[checks."delivery.frames"]\nlimit = 3\nfrom = "x"', "not a show's to set", "Take the"),
        ("[limits]\nexposure = 1", "is not what a profile says", "checks"),
        ("checks = 3", "is not what a profile says", "checks"),
        ("[checks", "profile.toml", "Correct the file"),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused_in_plain_words(tmp_path, text, says, hint):
    with pytest.raises(SettingWrong) as refused:
        read_profile(written(tmp_path, text), CHECKS)
    assert says in refused.value.message
    assert hint in refused.value.hint


def test_a_take_is_examined_even_when_the_profile_is_wrong_and_that_is_said(tmp_path: Path):
    written(tmp_path, EXPOSURE.format(limit=40))
    checks, said = of_show(project(tmp_path), CHECKS)
    assert in_force(checks) == in_force(CHECKS)
    assert "has the limit 40" in said[0]


def test_every_limit_a_show_may_set_holds_the_checks_own(tmp_path: Path):
    for name, check in CHECKS.items():
        if check.about.bounds is not None:
            low, high = check.about.bounds
            assert low <= check.about.limit <= high, name


def answers(check: str, wrong: int, right: int) -> list[Answered]:
    return [Answered(check, Answer.not_an_error)] * wrong + [Answered(check, Answer.fix)] * right


def test_a_check_over_a_fifth_false_after_thirty_answers_goes_quiet_and_says_so():
    earned = trust([*answers("prop.change", 9, 21), *answers("colour.wb", 6, 24),
                    *answers("band", 9, 20)])  # fmt: skip
    assert {name: one.quiet for name, one in earned.items()} == {
        "prop.change": True, "colour.wb": False, "band": False,
    }  # fmt: skip
    finding = Finding("", "prop.change", Outcome.look, "Something differs.", value=800, rank=1)
    other = Finding("", "colour.wb", Outcome.look, "Warmer.", value=1, rank=2)
    quiet, loud = hushed([finding, other], earned)
    assert (quiet.open, quiet.rank, loud.open) == (False, None, True)
    assert quiet.quiet == "quiet on this show: 9 of 30 were no error (30%)"


def test_what_stops_is_never_hushed():
    earned = trust(answers("range", 40, 0))
    [told] = hushed([Finding("", "range", Outcome.stop, "NaN.", value=1)], earned)
    assert told.open


def test_a_question_is_no_answer_and_waivers_of_takes_are_read():
    asked = [Waiver("abc/prop.change.2", Answer.ask, "ann", "?")]
    said = [Waiver("abc/prop.change.2", Answer.not_an_error, "ann", "his hand"),
            Waiver("abc/dup.frame", Answer.fix, "ann", "stutters")]  # fmt: skip
    earned = trust(of_waivers([*asked, *said]))
    assert {name: (one.answers, one.not_errors) for name, one in earned.items()} == {
        "dup.frame": (1, 0), "prop.change": (1, 1),
    }  # fmt: skip


def test_findings_carry_what_others_call_them(film, exam):
    stuck = exam(film.reel("runners", 0, 12, change=lambda p, i: p))
    [found, *_] = examine(stuck, {"dup.frame": CHECKS["dup.frame"]}, "take")
    assert found.codes == {"netflix": "Freeze Frame"}
