"""Answers belong to media: they follow it through re-cuts, and open again when it has changed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.continuity.answered import Given, same_look, standing
from secondunit.continuity.places import named, placed, seen, version_of
from secondunit.continuity.trust import of_cuts, trust
from secondunit.editorial import CutShot
from secondunit.editorial.retime import Played
from secondunit_bridge.film import Answer, Finding, Outcome, Seen, Waiver
from secondunit_bridge.timing import FrameRange

RATE = Fraction(24)
NOON = 1_795_000_000.0  # 18 November 2026


def shot(media: str, first: int, count: int, at: int = 86400, **more) -> CutShot:
    """Frames of a movie as a clip of a cut; its content is its name."""
    return CutShot(
        name=more.pop("name", media.partition(".")[0]),
        guid=more.pop("guid", None),
        track="V1",
        index=0,
        layer=0,
        record=FrameRange(at, at + count - 1, RATE),
        media=media,
        online=True,
        offline_reason="",
        media_rate=RATE,
        source=(first, first + count - 1),
        played=Played(Fraction(first), Fraction(1), count),
        speed=Fraction(1),
        retime="none",
        **more,
    )


def found(check: str = "dup.frame", frames=(), value: float | None = 1.0, **more) -> Finding:
    return Finding(f"x/{check}", check, Outcome.look, "It is.", value=value, frames=frames, **more)


def about(finding: Finding, *shots: CutShot) -> Seen:
    pair = (shots[0].frames[-1], shots[-1].frames[0]) if len(shots) == 2 else ()
    return seen(finding, placed(finding, shots, "", pair), str, {})


def said(what: Seen, answer: Answer = Answer.creative_intent, by: str = "Ada", **more) -> Given:
    waiver = Waiver("dup.frame@1", answer, by, "it rains", "script supervisor", seen=what)
    return Given(replace(waiver, **more), NOON)


def test_an_answer_is_found_again_wherever_the_same_frames_play():
    flaw = found(frames=((30, 31),))
    one = said(about(flaw, shot("a.mov", 20, 24)))
    moved = standing(about(flaw, shot("a.mov", 28, 40, at=99_000, name="other")), [one])
    assert moved
    assert moved.closes
    assert moved.sentence == (
        "Accepted as creative intent by Ada (script supervisor), 18 November 2026: “it rains”."
    )
    elsewhere = about(found(frames=((40, 41),)), shot("a.mov", 20, 24))
    assert standing(elsewhere, [one]) is None
    assert standing(about(flaw, shot("b.mov", 20, 24)), [one]) is None
    assert standing(about(replace(flaw, check="range"), shot("a.mov", 20, 24)), [one]) is None


def test_a_pair_is_the_same_pair_in_either_order_and_no_other():
    finding = found("colour.exposure", value=-0.4)
    one = said(about(finding, shot("a.mov", 0, 24), shot("b.mov", 50, 24)))
    turned = about(replace(finding, value=0.41), shot("b.mov", 60, 30), shot("a.mov", 10, 30))
    assert standing(turned, [one]).closes
    assert standing(about(finding, shot("a.mov", 0, 24), shot("c.mov", 50, 24)), [one]) is None
    far = about(finding, shot("a.mov", 100, 24), shot("b.mov", 50, 24))
    assert standing(far, [one]) is None


@pytest.mark.parametrize(("value", "holds"), [(1.0, True), (1.1, True), (0.9, True), (1.12, False)])
def test_an_answer_holds_within_ten_percent_of_the_value(value: float, holds: bool):
    a = shot("a.mov", 0, 24)
    one = said(about(found(value=1.0, unit="stop"), a))
    now = standing(about(found(value=value, unit="stop"), a), [one])
    assert now.holds is holds
    assert holds or now.sentence.endswith("It measured 1 stop then and 1.12 stop now.")


def looked(what: Seen, content: str) -> Seen:
    return replace(what, shots=tuple(replace(one, content=content) for one in what.shots))


GREY, DARKER = bytes([120] * 144).hex(), bytes([90] * 144).hex()


def test_a_new_version_that_looks_the_same_keeps_the_answer_and_one_that_does_not_opens_it():
    flaw = found(frames=((1010, 1010),))
    three = shot("s_v003.mov", 1001, 24, name="TCC_0010_v003")
    four = shot("s_v004.mov", 1001, 24, name="TCC_0010_v004")
    one = said(looked(about(flaw, three), GREY))
    same = standing(looked(about(flaw, four), bytes([121] * 144).hex()), [one])
    assert same.closes
    changed = standing(looked(about(flaw, four), DARKER), [one])
    assert not changed.holds
    assert not changed.closes
    assert changed.sentence == (
        "Accepted as creative intent in v003 by Ada (script supervisor), 18 November 2026:"
        " “it rains”. Changed in v004."
    )
    blind = standing(about(flaw, four), [one])
    assert not blind.holds  # nobody could see whether it is the same picture
    again = said(looked(about(flaw, four), DARKER), Answer.fix)
    assert standing(looked(about(flaw, four), DARKER), [one, again]).sentence.startswith("To be f")
    assert standing(looked(about(flaw, three), GREY), [one, again]).closes


def test_the_last_answer_counts_and_fix_and_ask_leave_it_open():
    a = about(found(), shot("a.mov", 0, 24))
    for answer in (Answer.fix, Answer.ask):
        now = standing(a, [said(a), said(a, answer)])
        assert now.holds
        assert not now.closes
    assert standing(a, [said(a, Answer.fix), said(a, Answer.best_possible)]).closes


def test_differences_in_other_parts_of_the_picture_are_answered_apart():
    pair = shot("a.mov", 0, 24), shot("b.mov", 0, 24)
    here, there = (0.1, 0.1, 0.2, 0.2), (0.6, 0.6, 0.2, 0.2)
    one = said(about(found("prop.change", region=here), *pair))
    assert standing(about(found("prop.change", region=(0.12, 0.1, 0.2, 0.2)), *pair), [one]).closes
    assert standing(about(found("prop.change", region=there), *pair), [one]) is None
    assert standing(about(found("prop.change"), *pair), [one]) is None


def test_what_is_said_of_one_person_is_not_said_of_another():
    a = shot("a.mov", 0, 24)
    one = said(about(found("identity.face", subject="Ada"), a))
    assert standing(about(found("identity.face", subject="Ada"), a), [one]).closes
    assert standing(about(found("identity.face", subject="Ben"), a), [one]) is None


def test_not_an_error_is_counted_for_each_check_and_the_last_answer_to_a_finding_counts():
    a = about(found(), shot("a.mov", 0, 24))
    b = about(found("range"), shot("a.mov", 0, 24))
    told = [
        said(a, Answer.not_an_error, finding="dup.frame@1"),
        said(a, Answer.not_an_error, finding="dup.frame@2"),
        said(a, Answer.fix, finding="dup.frame@2"),
        said(b, Answer.ask, finding="range@3"),
    ]
    earned = trust(of_cuts(one.waiver for one in told))
    assert {name: (one.answers, one.not_errors) for name, one in earned.items()} == {
        "dup.frame": (2, 1)
    }  # the range was only asked about


def test_ids_are_of_what_is_seen_and_not_of_where():
    flaw = found(frames=((30, 31),))
    early, late = shot("a.mov", 20, 24), shot("a.mov", 20, 24, at=90_000, name="again")
    ids = [named(flaw, placed(flaw, (one,), "", ()), str).id for one in (early, late)]
    assert ids[0] == ids[1]
    assert ids[0].startswith("dup.frame@")
    other = replace(flaw, frames=((31, 32),))
    assert named(other, placed(other, (early,), "", ()), str).id != ids[0]


def test_versions_are_read_from_names_and_never_from_words():
    assert version_of(shot("x.mov", 0, 1, name="TCC_0010_v012")) == "v012"
    assert version_of(shot("/reels/tcc_v03_final.mov", 0, 1, name="TCC")) == "v03"
    assert version_of(shot("x.mov", 0, 1, name="rev2 of dv8")) == ""
    assert not same_look("", "")


FLAWS = (5, 15, 25, 35, 45)  # frames of every movie in which something is wrong
CLIP = st.tuples(st.sampled_from("abc"), st.integers(0, 30), st.integers(3, 25))
CUTS = st.lists(CLIP, min_size=1, max_size=6)


def laid(clips) -> list[CutShot]:
    at, shots = 86_400, []
    for media, first, count in clips:
        shots.append(shot(f"{media}.mov", first, count, at))
        at += count
    return shots


def findings(shots: list[CutShot]) -> list[tuple[tuple[str, object], Seen]]:
    """What would be found: a flaw wherever its frame plays, and a difference at every cut."""
    alone = [
        ((one.media, flaw), about(found(frames=((flaw, flaw),)), one))
        for one in shots
        for flaw in FLAWS
        if flaw in one.frames
    ]
    pairs = [
        (("cut", frozenset((a.media, b.media))), about(found("colour.exposure", value=0.5), a, b))
        for a, b in pairwise(shots)
        if a.media != b.media
    ]
    return alone + pairs


@given(CUTS, CUTS, st.randoms(use_true_random=False))
def test_answers_follow_media_through_any_re_cut(first, second, chance):
    old, new = findings(laid(first)), findings(laid(second))
    answered = [(key, what) for key, what in old if chance.random() < 0.5]
    given_now = [said(what) for _, what in answered]
    for key, what in new:
        told = standing(what, given_now)
        about_it = [then for other, then in answered if other == key and overlap(what, then)]
        assert bool(told) is bool(about_it)
        assert told is None or told.closes


def overlap(now: Seen, then: Seen) -> bool:
    mine = {one.media: set(range(one.frames[0][0], one.frames[0][1] + 1)) for one in now.shots}
    theirs = {one.media: set(range(one.frames[0][0], one.frames[0][1] + 1)) for one in then.shots}
    return all(mine[media] & theirs[media] for media in mine)
