"""From a place to a turnover: which frames of the neighbour, which code, which guid."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some
from secondunit.cli.asking import free_code, guid_of, media_of, reference_range
from secondunit.editorial import CutShot
from secondunit.editorial.retime import Played
from secondunit_bridge.film import Shot
from secondunit_bridge.timing import FrameRange

RATE = Fraction(24)


def neighbour(first: int, count: int, head: int | None, tail: int | None) -> CutShot:
    return CutShot(
        name="a", guid=None, track="V1", index=0, layer=0,
        record=FrameRange(86400, 86400 + count - 1, RATE), media="/f/a.mov", online=True,
        offline_reason="", media_rate=RATE, source=(first, first + count - 1),
        played=Played(Fraction(first), Fraction(1), count), speed=Fraction(1), retime="none",
        handles=(head, tail),
    )  # fmt: skip


def insert(count: int) -> Shot:
    return Shot("p", "s", "0010", "g", FrameRange(90000, 90000 + count - 1, RATE))


def test_time_goes_on_across_the_cut_where_there_are_handles():
    assert reference_range(neighbour(68, 40, 8, 80), insert(24), later=True) == (100, 139)
    assert reference_range(neighbour(68, 40, 60, 0), insert(24), later=False) == (36, 75)


def test_where_handles_end_the_frames_lie_as_near_as_they_can():
    assert reference_range(neighbour(68, 40, 0, 0), insert(10), later=True) == (82, 107)
    assert reference_range(neighbour(68, 40, None, None), insert(10), later=False) == (68, 93)
    assert reference_range(neighbour(68, 10, 0, 0), insert(24), later=True) == (68, 77)


@given(
    first=some.integers(0, 5000), count=some.integers(1, 300), head=some.integers(0, 200),
    tail=some.integers(0, 200), length=some.integers(1, 200), later=some.booleans(),
)  # fmt: skip
def test_the_reference_never_leaves_the_media_and_is_as_long_as_needed_when_it_can_be(
    first, count, head, tail, length, later
):
    low, high = reference_range(neighbour(first, count, head, tail), insert(length), later=later)
    assert first - head <= low <= high <= first + count - 1 + tail
    assert high - low + 1 == min(length + 16, head + count + tail)


def test_a_shot_is_named_by_its_place_and_gets_the_next_free_ten():
    here, there = FrameRange(1, 5, RATE), FrameRange(1, 6, RATE)
    assert guid_of("p", "s", here) == guid_of("p", "s", here)
    assert len({guid_of("p", "s", here), guid_of("p", "s", there), guid_of("q", "s", here)}) == 3
    known = {"g1": "s_0010", "g2": "s_0035", "g3": "other_0900", "g4": "s_0040x"}
    assert free_code("s", "new", known) == "0040"
    assert free_code("s", "g2", known) == "0035"
    assert free_code("fresh", "new", known) == "0010"


@pytest.mark.parametrize("path", ["a.mov", "/abs/plate.%04d.exr"])
def test_media_is_named_by_its_absolute_path(path: str):
    from dataclasses import replace

    media = media_of(replace(neighbour(5, 5, 0, 0), media=path), 5, 9, "ACEScg")
    assert media.path.startswith("/")
    assert media.path.endswith(path)
    assert (media.frames.first, media.frames.last, media.space) == (5, 9, "ACEScg")
