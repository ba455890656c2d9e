"""Frame rules and chunks: what is delivered is what was requested, in any length."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.contract.chunks import asked_for, chunks, largest, stitch
from secondunit_bridge.errors import BrokenFrames, OverLimits
from secondunit_bridge.film import Shot, delivered
from secondunit_bridge.timing import FrameRange, Handles

RATES = [Fraction(24000, 1001), 24, 25, Fraction(30000, 1001), 30, 48]
RULES = [(1, 0), (4, 1), (8, 1)]


def picture(value: float):
    return np.full((1, 1, 3), value, np.float32)


def faithful(run):
    """A generator that shows the frame it was given."""
    return (picture(number) for number in run.sources)


@settings(max_examples=300)
@given(
    st.integers(1, 300), st.sampled_from(RATES), st.sampled_from(RULES),
    st.sampled_from([None, 9, 17, 49, 81, 121, 257]), st.sampled_from([0, 8, 16]),
    st.sampled_from([None, 0, 1, 9]),
)  # fmt: skip
def test_delivered_is_requested_for_every_length_rate_and_rule(
    count, rate, rule, most, handles, overlap
):
    shot = Shot("P", "S", "0010", "guid", FrameRange(50, 49 + count, Fraction(rate)),
                Handles(handles, handles))  # fmt: skip
    asked = delivered(shot)
    runs = chunks(asked, rule, most=most, overlap=overlap)
    for run in runs:
        assert run.asked % rule[0] == rule[1] % rule[0]
        assert most is None or run.asked <= most
        assert len(run.sources) == run.asked
        assert all(number in asked for number in run.sources)
        assert run.held >= 0
        assert run.held == 0 or len(runs) == 1
    got = list(stitch(runs, faithful))
    assert [number for number, _ in got] == list(asked)
    assert len(got) == count + 2 * handles
    assert all(abs(float(p[0, 0, 0]) - number) < 1e-3 for number, p in got)


@given(st.integers(1, 300), st.sampled_from(RULES))
def test_the_smallest_count_that_fits_is_asked_for(count, rule):
    asked = asked_for(count, rule)
    assert asked >= count
    assert asked % rule[0] == rule[1] % rule[0]
    assert asked - rule[0] < count or asked == (rule[1] or rule[0])


def test_known_generators_get_the_counts_the_reference_gives():
    shot = FrameRange(1001, 1088, 24)  # 72 frames with 8 of handle each side
    two = chunks(shot, (4, 1), most=81)
    assert [(run.first, run.last, run.asked, run.mixed) for run in two] == [
        (1001, 1081, 81, 0),
        (1008, 1088, 81, 9),
    ]
    assert [run.asked for run in chunks(shot, (8, 1), most=257)] == [89]
    assert asked_for(10, (4, 1)) == 13
    assert asked_for(12, (8, 1)) == 17
    assert largest(100, (8, 1)) == 97


def test_overlapping_chunks_fade_into_each_other_over_the_overlap():
    runs = chunks(FrameRange(1, 21, 24), (4, 1), most=13, overlap=5)
    assert [(run.first, run.last) for run in runs] == [(1, 13), (9, 21)]
    got = dict(stitch(runs, lambda run: [picture(float(run.first > 1))] * run.asked))
    assert [float(got[n][0, 0, 0]) for n in (8, 9, 11, 13, 14)] == pytest.approx(
        [0, 1 / 6, 0.5, 5 / 6, 1]
    )


def test_only_the_overlap_is_kept_in_memory_and_runs_start_when_they_are_due():
    started = []

    def shoot(run):
        started.append(run.first)
        return faithful(run)

    frames = stitch(chunks(FrameRange(1, 300, 24), (4, 1), most=17), shoot)
    next(frames)
    assert started == [1]


@pytest.mark.parametrize("change", [-1, 1, -13])
def test_a_run_of_another_count_is_refused(change):
    runs = chunks(FrameRange(1, 21, 24), (4, 1), most=13, overlap=5)
    with pytest.raises(BrokenFrames):
        list(stitch(runs, lambda run: [picture(0)] * (run.asked + change)))


def test_a_run_that_changes_its_size_is_refused():
    runs = chunks(FrameRange(1, 5, 24), (4, 1))
    with pytest.raises(BrokenFrames, match="changed the shape"):
        list(stitch(runs, lambda run: [picture(0)] * 4 + [np.zeros((2, 1, 3), np.float32)]))


def test_limits_that_contradict_each_other_are_refused():
    with pytest.raises(OverLimits):
        chunks(FrameRange(1, 10, 24), (8, 5), most=4)
