"""Names of shots, marks in timelines, and which delivered frame plays at which record frame."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit_bridge.errors import (
    CutUnreadable,
    FieldError,
    NoPlace,
    OverLimits,
    RateMismatch,
)
from secondunit_bridge.film import Shot, Version, VersionClass, delivered
from secondunit_bridge.timeline import (
    KEY,
    Stamp,
    code,
    code_between,
    delivered_frame,
    guid_of,
    handles_left,
    is_legal,
    legal,
    playing,
    record_frame,
    stamp,
    stamp_of,
)
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.wire import dumps, loads

RATE = Fraction(24000, 1001)
SHOT = Shot("p", "TCC", "0010", "guid-1", FrameRange(86400, 86447, RATE))
VERSION = Version(
    "TCC_0010_v003", "guid-1", "abcd.1", 3, VersionClass.temp, "Ada", "/x",
    delivered(SHOT), SHOT.handles, "e" * 64,
)  # fmt: skip
shots = st.builds(
    lambda first, more, head, tail: replace(
        SHOT, cut=FrameRange(first, first + more, RATE), handles=Handles(head, tail)
    ),
    st.integers(0, 10**6),
    st.integers(0, 500),
    st.integers(0, 48),
    st.integers(0, 48),
)


@given(st.text(max_size=100))
def test_any_text_becomes_a_legal_name_or_says_that_it_cannot(text: str) -> None:
    if not any(letter.isascii() and letter.isalnum() for letter in text):
        with pytest.raises(FieldError) as nameless:
            legal(text)
        assert nameless.value.hint
        return
    name = legal(text)
    assert is_legal(name)
    assert legal(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Big Buck Bunny", "Big_Buck_Bunny"),
        ("../../etc/passwd", "etc_passwd"),
        ("  TCC/0010  ", "TCC_0010"),
        (".hidden", "hidden"),
        ("Čapek é", "apek"),
        ("a" * 80, "a" * 64),
        ("shot.v1-x_y", "shot.v1-x_y"),
    ],
)
def test_names_are_made_of_letters_digits_dot_dash_underscore(text: str, name: str) -> None:
    assert legal(text) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a b", "-a", ".a", "a.", "ä", "a\n", "a" * 65]
)
def test_other_names_are_not_legal(name: str) -> None:
    assert not is_legal(name)


def test_shots_are_numbered_by_tens() -> None:
    assert [code(n) for n in range(3)] == ["0010", "0020", "0030"]
    assert code(1234) == "12350"


@pytest.mark.parametrize(
    ("before", "after", "taken", "found"),
    [
        ("0010", "0020", (), "0015"),
        ("0010", "0020", ("0015",), "0014"),
        ("0010", "0020", ("0015", "0014"), "0016"),
        ("0010", "0011", (), "0010b"),
        ("0010", "0011", ("0010b",), "0010c"),
        ("", "0010", (), "0005"),
        ("0010", "", (), "0020"),
        ("0015", "", ("0020",), "0030"),
        ("", "", (), "0010"),
        ("bunny", "fox", (), "0010"),
        ("0020", "0010", (), "0020b"),
        ("999999999", "", (), "1000000000"),
    ],
)
def test_a_new_shot_goes_between_the_tens(before, after, taken, found) -> None:
    assert code_between(before, after, taken) == found


def test_when_every_code_between_is_taken_it_says_so() -> None:
    letters = {f"0010{letter}" for letter in "bcdefghijklmnopqrstuvwxyz"}
    with pytest.raises(NoPlace, match="0010 and 0011") as full:
        code_between("0010", "0011", letters)
    assert full.value.hint


@given(st.integers(0, 2000), st.integers(1, 60), st.sets(st.integers(0, 2100), max_size=50))
def test_a_new_code_is_free_legal_and_sorts_between(low: int, gap: int, numbers) -> None:
    taken = {f"{n:04}" for n in numbers}
    before, after = f"{low:04}", f"{low + gap:04}"
    found = code_between(before, after, taken)
    assert found not in taken
    assert is_legal(found)
    assert before < found < after


def test_a_version_s_stamp_is_read_back_from_a_clip() -> None:
    metadata = {KEY: loads(dumps(stamp(VERSION))), "Resolve_OTIO": {}}
    assert stamp_of(metadata) == Stamp("guid-1", "abcd.1", "TCC_0010_v003", "e" * 64)
    assert guid_of(metadata) == "guid-1"


def test_other_people_s_clips_and_shot_cards_carry_no_stamp() -> None:
    for metadata in ({}, {KEY: None}, {KEY: "x"}, {KEY: {"card": {}}}, {"other": {"version": 1}}):
        assert stamp_of(metadata) is None
    assert guid_of({KEY: {"guid": "g", "card": {}}}) == "g"
    assert guid_of({KEY: {"guid": 5}}) == guid_of({}) == ""


def test_a_damaged_stamp_names_its_field_and_a_newer_one_is_read() -> None:
    with pytest.raises(CutUnreadable, match=r"take: expected str, got int"):
        stamp_of({KEY: {**stamp(VERSION), "take": 5}})
    newer = stamp_of({KEY: {**stamp(VERSION), "schema": 9, "mood": "blue"}})
    assert newer
    assert newer.schema == 9


def test_a_delivery_starts_at_1001_with_its_head_handle() -> None:
    assert delivered(SHOT) == FrameRange(1001, 1064, RATE)
    assert playing(SHOT) == FrameRange(1009, 1056, RATE)
    assert delivered_frame(SHOT, 86400) == 1009
    assert record_frame(SHOT, 1009) == 86400
    assert delivered_frame(SHOT, 86400 - 8) == 1001


@given(shots)
def test_delivered_and_record_frames_are_each_other_s_reverse(shot: Shot) -> None:
    there = delivered(shot)
    assert [delivered_frame(shot, record_frame(shot, n)) for n in there] == list(there)
    assert [delivered_frame(shot, n) for n in shot.cut] == list(playing(shot))
    assert handles_left(there, playing(shot)) == shot.handles
    for beyond in (there.first - 1, there.last + 1):
        with pytest.raises(OverLimits):
            record_frame(shot, beyond)
    for beyond in (shot.cut.first - shot.handles.head - 1, shot.cut.last + shot.handles.tail + 1):
        with pytest.raises(OverLimits) as outside:
            delivered_frame(shot, beyond)
        assert outside.value.hint


def test_frames_that_are_not_there_leave_no_handles() -> None:
    with pytest.raises(OverLimits, match="not all in"):
        handles_left(FrameRange(1001, 1064, RATE), FrameRange(1000, 1010, RATE))
    with pytest.raises(OverLimits):
        handles_left(FrameRange(1001, 1064, RATE), FrameRange(2000, 2010, RATE))
    with pytest.raises(RateMismatch):
        handles_left(FrameRange(1001, 1064, RATE), FrameRange(1001, 1010, Fraction(24)))
