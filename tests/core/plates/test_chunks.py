"""Frame rules and chunks: what is delivered is what was requested, in any length."""

from __future__ import annotations

import itertools
import weakref
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.contract.chunks import asked_for, largest, runs, stitch
from secondunit.hookspecs import Developed, Preview, Progress
from secondunit_bridge.errors import BrokenFrames, OverLimits
from secondunit_bridge.film import Shot, delivered
from secondunit_bridge.timing import FrameRange, Handles

RATES = [Fraction(24000, 1001), 24, 25, Fraction(30000, 1001), 30, 48]
RULES = [(1, 0), (4, 1), (8, 1)]


def picture(value: float):
    return np.full((1, 1, 3), value, np.float32)


def faithful(run, made):
    """A generator whose every frame says its number; it is shown what was made already."""
    assert sorted(made) == list(range(run.first, run.first + run.mixed))
    yield Progress(0.5, "half")
    for number in range(run.first, run.first + run.asked):
        yield Developed(number, picture(number), confidence=0.9)


def stitched(planned, shoot=faithful):
    return [said for said in stitch(planned, shoot) if isinstance(said, Developed)]


def value(frame) -> float:
    return float(frame.pixels[0, 0, 0])


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
    planned = runs(asked, rule, most=most, overlap=overlap)
    wanted = (2 * rule[0] + 1 if rule[0] > 1 else 0) if overlap is None else overlap
    for run in planned:
        assert run.asked % rule[0] == rule[1] % rule[0]
        assert most is None or run.asked <= most
        assert run.held >= 0
        assert run.held == 0 or len(planned) == 1
    for before, run in itertools.pairwise(planned):
        assert run.mixed == before.last - run.first + 1
        assert run.mixed >= min(wanted, largest(most, rule) // 2)
    shared = sum(run.mixed for run in planned)
    least = sum(min(wanted, largest(most, rule) // 2) for _ in planned[1:])
    assert len(planned) == 1 or shared - least < rule[0]  # no frame is shot that is not needed
    got = stitched(planned)
    assert [frame.frame for frame in got] == list(asked)
    assert len(got) == count + 2 * handles
    assert all(abs(value(frame) - frame.frame) < 1e-3 for frame in got)


@given(st.integers(1, 300), st.sampled_from(RULES))
def test_the_smallest_count_that_fits_is_asked_for(count, rule):
    asked = asked_for(count, rule)
    assert asked >= count
    assert asked % rule[0] == rule[1] % rule[0]
    assert asked - rule[0] < count or asked == (rule[1] or rule[0])


def test_known_generators_get_no_more_frames_than_they_need():
    shot = FrameRange(1001, 1088, 24)  # 72 frames with 8 of handle each side
    two = runs(shot, (4, 1), most=81)
    assert [(run.first, run.last, run.asked, run.mixed) for run in two] == [
        (1001, 1049, 49, 0),
        (1040, 1088, 49, 10),
    ]
    assert [run.asked for run in runs(shot, (8, 1), most=257)] == [89]
    assert runs(shot, (8, 1), most=257)[0].held == 1
    assert asked_for(10, (4, 1)) == 13
    assert asked_for(12, (8, 1)) == 17
    assert largest(100, (8, 1)) == 97


def test_overlapping_runs_fade_into_each_other_over_the_overlap():
    planned = runs(FrameRange(1, 21, 24), (4, 1), most=13, overlap=5)
    assert [(run.first, run.last) for run in planned] == [(1, 13), (9, 21)]

    def shoot(run, made):
        for number in range(run.first, run.last + 1):
            yield Developed(number, picture(float(run.first > 1)), 0.5 if run.first > 1 else None)

    got = {frame.frame: frame for frame in stitched(planned, shoot)}
    assert [value(got[n]) for n in (8, 9, 11, 13, 14)] == pytest.approx([0, 1 / 6, 0.5, 5 / 6, 1])
    assert [got[n].confidence for n in (8, 9, 14)] == [None, 0.5, 0.5]


def test_a_frame_both_runs_agree_on_is_not_changed_by_mixing():
    made = np.random.default_rng(3).integers(0, 0x7C00, (64, 64, 4), np.uint16).view(np.float16)

    def shoot(run, _):
        for number in range(run.first, run.last + 1):
            yield Developed(number, made.astype(np.float32))

    planned = runs(FrameRange(1, 21, 24), (4, 1), most=13, overlap=5)
    assert all(np.array_equal(f.pixels.astype(np.float16), made) for f in stitched(planned, shoot))


def test_where_alphas_differ_the_clearer_run_lends_its_colour():
    def shoot(run, _):
        seen = (1, 0, 0, 1) if run.first == 1 else (0, 1, 0, 0)  # nothing is seen of the second
        for number in range(run.first, run.last + 1):
            yield Developed(number, np.array(seen, np.float32).reshape(1, 1, 4))

    planned = runs(FrameRange(1, 3, 24), most=2, overlap=1)
    assert stitched(planned, shoot)[1].pixels.ravel().tolist() == [1, 0, 0, 0.5]


def test_only_the_overlap_is_kept_in_memory_and_runs_start_when_they_are_due():
    started, alive = [], weakref.WeakSet()

    class Kept(np.ndarray):
        __hash__ = object.__hash__

        def __eq__(self, other):
            return self is other

    def shoot(run, made):
        started.append(run.first)
        for number in range(run.first, run.last + 1):
            pixels = picture(number).view(Kept)
            alive.add(pixels)
            yield Developed(number, pixels)
            assert len(alive) <= 2  # what is kept is a copy
            assert number not in made  # let go once this run gave it too

    frames = stitch(runs(FrameRange(1, 300, 24), (4, 1), most=33), shoot)
    next(frames)
    assert started == [1]
    assert sum(1 for _ in frames) == 299


def test_progress_is_of_the_whole_and_previews_of_held_frames_are_lost():
    def shoot(run, _):
        yield Progress(0.5, "half")
        yield Preview(run.last, picture(0))
        yield Preview(run.last + 1, picture(0))

    said = list(stitch(runs(FrameRange(1, 21, 24), (4, 1), most=13, overlap=5), shoot))
    assert [one.done for one in said if isinstance(one, Progress)] == [0.25, 0.75]
    assert said[0].says == "run 1 of 2: half"
    assert sum(isinstance(one, Preview) for one in said) == 2


def test_runs_of_different_shapes_cannot_be_joined():
    def shoot(run, _):
        for number in range(run.first, run.last + 1):
            yield Developed(number, np.zeros((1, 1, 3 if run.first == 1 else 4), np.float32))

    with pytest.raises(BrokenFrames, match="in one run"):
        stitched(runs(FrameRange(1, 21, 24), (4, 1), most=13), shoot)


def test_limits_that_contradict_each_other_are_refused():
    with pytest.raises(OverLimits):
        runs(FrameRange(1, 10, 24), (8, 5), most=4)
