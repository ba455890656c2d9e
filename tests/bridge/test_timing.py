"""Frames, rates and timecode, counted as editors count them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit_bridge.errors import DropFrameMismatch, RateMismatch, TimecodeWrong
from secondunit_bridge.timing import (
    FrameRange,
    Handles,
    can_drop,
    exact_rate,
    from_timecode,
    rate_name,
    to_timecode,
)

R23, R29, R59 = Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)
RATES = [R23, Fraction(24), Fraction(25), R29, Fraction(30), Fraction(50), R59, Fraction(60)]
COUNTS = [(rate, False) for rate in RATES] + [(R29, True), (R59, True)]
frames = st.integers(0, 20 * 3600 * 23)  # within a day at every rate


def odometer(rate: Fraction, drop: bool):
    """Timecode as a counter on a deck makes it, one frame after the other, for one day."""
    nominal = round(rate)
    skip = nominal // 15 if drop else 0
    for minute in range(24 * 60):
        first = skip if minute % 10 else 0
        for number in range(first, nominal * 60):
            second, frame = divmod(number, nominal)
            mark = ";" if drop else ":"
            yield f"{minute // 60:02}:{minute % 60:02}:{second:02}{mark}{frame:02}"


@pytest.mark.parametrize(("rate", "drop"), COUNTS)
def test_the_first_eleven_minutes_read_as_a_counter_does(rate: Fraction, drop: bool) -> None:
    for frame, text in zip(range(11 * 60 * round(rate)), odometer(rate, drop), strict=False):
        if frame % 7 == 0 or text.endswith(("00", "01", "02", "03", "04")):
            assert to_timecode(frame, rate, drop=drop) == text
            assert from_timecode(text, rate, drop=drop) == frame


@pytest.mark.parametrize(
    ("frame", "rate", "text"),
    [
        (1799, R29, "00:00:59;29"),
        (1800, R29, "00:01:00;02"),
        (17981, R29, "00:09:59;29"),
        (17982, R29, "00:10:00;00"),
        (107892, R29, "01:00:00;00"),
        (2589407, R29, "23:59:59;29"),
        (3600, R59, "00:01:00;04"),
        (35964, R59, "00:10:00;00"),
        (215784, R59, "01:00:00;00"),
    ],
)
def test_drop_frame_meets_the_numbers_of_the_standard(frame, rate, text) -> None:
    assert to_timecode(frame, rate, drop=True) == text
    assert from_timecode(text, rate) == frame


def test_an_hour_of_drop_frame_is_an_hour_on_the_clock_to_four_milliseconds() -> None:
    for rate in (R29, R59):
        assert abs(float(from_timecode("01:00:00;00", rate) / rate) - 3600) < 0.004


@pytest.mark.parametrize(("rate", "drop"), COUNTS)
@given(frame=frames)
@settings(max_examples=60, deadline=None)
def test_timecode_and_frames_are_each_other_s_reverse(rate, drop, frame) -> None:
    text = to_timecode(frame, rate, drop=drop)
    assert from_timecode(text, rate) == frame
    assert from_timecode(text, rate, drop=drop) == frame


@pytest.mark.parametrize(("rate", "drop"), COUNTS)
def test_timecode_starts_again_after_a_day(rate: Fraction, drop: bool) -> None:
    last = to_timecode(-1, rate, drop=drop)
    assert last.startswith("23:59:59")
    assert to_timecode(from_timecode(last, rate) + 1, rate, drop=drop)[:8] == "00:00:00"


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("00:01:00;00", R29),
        ("00:01:00;01", R29),
        ("00:59:00;03", R59),
        ("00:00:00:24", Fraction(24)),
        ("00:00:60:00", Fraction(24)),
        ("00:60:00:00", Fraction(24)),
        ("24:00:00:00", Fraction(24)),
        ("1:2:3", Fraction(24)),
        ("", Fraction(24)),
        ("01:00:00:1a", Fraction(24)),
    ],
)
def test_a_timecode_that_does_not_exist_is_refused(text: str, rate: Fraction) -> None:
    with pytest.raises(TimecodeWrong) as wrong:
        from_timecode(text, rate)
    assert wrong.value.hint


def test_the_other_kind_of_timecode_is_refused_with_both_readings() -> None:
    with pytest.raises(DropFrameMismatch) as wrong:
        from_timecode("01:00:00:00", R29, drop=True)
    assert wrong.value.data["as_non_drop"] == 108000
    with pytest.raises(DropFrameMismatch):
        from_timecode("01:00:00;00", R29, drop=False)
    assert from_timecode("00:00:00:00", R29, drop=True) == 0
    for rate in (Fraction(24), Fraction(25), Fraction(30), R23):
        assert not can_drop(rate)
        with pytest.raises(DropFrameMismatch):
            to_timecode(100, rate, drop=True)
        with pytest.raises(DropFrameMismatch):
            from_timecode("00:00:01;00", rate)


@pytest.mark.parametrize(
    ("given_", "rate"),
    [
        *((23.976, R23), (23.98, R23), ("23.976", R23), ("24000/1001", R23), (R23, R23)),
        *((24000 / 1001, R23), (29.97, R29), (59.94, R59), (24, Fraction(24)), (25.0, 25)),
        *((12.5, Fraction(25, 2)), ("60", 60), (47.952, Fraction(48000, 1001))),
    ],
)
def test_rates_named_by_hand_are_exact(given_, rate) -> None:
    assert exact_rate(given_) == rate


@pytest.mark.parametrize(
    "wrong", [0, -24, float("nan"), float("inf"), 1001, "", "x", "1/0", None, b"24", 1e-9]
)
def test_what_is_no_rate_is_refused(wrong) -> None:
    with pytest.raises(RateMismatch) as refused:
        exact_rate(wrong)
    assert refused.value.hint


def test_rates_are_named_as_people_say_them() -> None:
    assert [rate_name(r) for r in (R23, Fraction(24), R29, Fraction(25, 2), R59)] == [
        *("23.976", "24", "29.97", "12.5", "59.94")
    ]


@given(st.integers(-(10**6), 10**6), st.integers(0, 10**4), st.integers(0, 99), st.integers(0, 99))
def test_ranges_are_inclusive_and_handles_grow_them(first, more, head, tail) -> None:
    run = FrameRange(first, first + more, R23)
    grown = run.with_handles(Handles(head, tail))
    assert len(run) == more + 1
    assert len(grown) == len(run) + head + tail
    assert first in run
    assert first - 1 not in run
    assert run.last + 1 not in run
    assert grown.overlap(run) == run


@given(*[st.integers(-50, 50)] * 2, *[st.integers(0, 40)] * 2)
def test_an_overlap_is_what_both_have(a, b, more_a, more_b) -> None:
    one, two = FrameRange(a, a + more_a, R23), FrameRange(b, b + more_b, R23)
    both = one.overlap(two)
    assert both == two.overlap(one)
    assert (set(both) if both else set()) == set(one) & set(two)


def test_ranges_of_different_rates_do_not_compare_and_absurd_ones_cannot_be_made() -> None:
    with pytest.raises(RateMismatch):
        FrameRange(1, 2, R23).overlap(FrameRange(1, 2, Fraction(24)))
    for first, last, rate in ((2, 1, R23), (1, 2, Fraction(0)), (1, 2, Fraction(-24))):
        with pytest.raises(ValueError, match=r"ends|positive"):
            FrameRange(first, last, rate)
    with pytest.raises(ValueError, match="negative"):
        Handles(-1, 0)


def test_only_whole_frames_are_in_a_range() -> None:
    assert 1.0 not in FrameRange(1, 2, R23)
    assert list(FrameRange(1, 3, R23)) == [1, 2, 3]
