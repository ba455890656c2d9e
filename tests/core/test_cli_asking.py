"""From a place to a turnover: which frames of the neighbour, which code, which guid."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from secondunit.cli.asking import (
    Wish,
    elements,
    free_code,
    guid_of,
    insert_turnover,
    reference_range,
)
from secondunit.cli.project import file_name
from secondunit.editorial import CutShot, Place, media_of, read_cut
from secondunit.editorial.retime import Played
from secondunit.media.joins import joins
from secondunit_bridge.film import Project, Shot
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


def asked(clip: CutShot, shot: Shot) -> tuple[CutShot, Shot, tuple[int, int]]:
    """With every frame the clip's media is known to have."""
    head, tail = clip.handles
    return clip, shot, (min(clip.frames) - (head or 0), max(clip.frames) + (tail or 0))


def insert(count: int) -> Shot:
    return Shot("p", "s", "0010", "g", FrameRange(90000, 90000 + count - 1, RATE))


def test_time_goes_on_across_the_cut_where_there_are_handles():
    assert reference_range(*asked(neighbour(68, 40, 8, 80), insert(24)), later=True) == (100, 139)
    assert reference_range(*asked(neighbour(68, 40, 60, 0), insert(24)), later=False) == (36, 75)


def test_where_handles_end_the_frames_lie_as_near_as_they_can():
    assert reference_range(*asked(neighbour(68, 40, 0, 0), insert(10)), later=True) == (82, 107)
    assert reference_range(*asked(neighbour(68, 40, None, None), insert(10)), later=False) == (
        68,
        93,
    )
    assert reference_range(*asked(neighbour(68, 10, 0, 0), insert(24)), later=True) == (68, 77)


@given(
    first=some.integers(0, 5000), count=some.integers(1, 300), head=some.integers(0, 200),
    tail=some.integers(0, 200), length=some.integers(1, 200), later=some.booleans(),
)  # fmt: skip
def test_the_reference_never_leaves_the_media_and_is_as_long_as_needed_when_it_can_be(
    first, count, head, tail, length, later
):
    low, high = reference_range(
        *asked(neighbour(first, count, head, tail), insert(length)), later=later
    )
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
    media = media_of(replace(neighbour(5, 5, 0, 0), media=path), 5, 9, "ACEScg")
    assert media.path.startswith("/")
    assert media.path.endswith(path)
    assert (media.frames.first, media.frames.last, media.space) == (5, 9, "ACEScg")


@pytest.mark.parametrize(("start", "drops"), [(107892, True), (108000, False)])
def test_the_shot_says_whether_its_cut_counts_drop_frame(start: int, drops: bool, tmp_path: Path):
    ntsc = 30000 / 1001
    media = {"OTIO_SCHEMA": "MissingReference.1"}
    span = {"OTIO_SCHEMA": "TimeRange.1"}
    span |= {key: time(value, ntsc) for key, value in (("start_time", 0), ("duration", 40))}
    clip = {"OTIO_SCHEMA": "Clip.1", "name": "a", "source_range": span, "media_reference": media}
    track = {"OTIO_SCHEMA": "Track.1", "name": "V1", "kind": "Video", "children": [clip]}
    document = {"OTIO_SCHEMA": "Timeline.1", "name": "c", "global_start_time": time(start, ntsc)}
    document["tracks"] = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    path = tmp_path / "c.otio"
    path.write_text(json.dumps(document))
    cut = read_cut(path)
    beside = replace(neighbour(0, 60, 0, 0), media_rate=cut.rate)
    where = Place(FrameRange(start + 10, start + 15, cut.rate), beside, None)
    project = Project("p", cut.rate, 64, 48)
    asked = insert_turnover(cut, where, project, Wish("slate", "", 1, 0, {}, "Ada"), {})
    assert asked.shot.drop is drops
    assert cut.timecode(start).startswith("01:00:00;" if drops else "01:00:00:")


def time(value: int, rate: float) -> dict[str, object]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def test_names_of_files_keep_their_letters_and_stay_apart():
    assert file_name("TCC 104") == "TCC_104"
    assert file_name("\u00dcbung \u2014 caf\u00e9") == "Ubung_cafe"
    assert file_name("***") == "untitled"
    one, two = file_name("\u6620\u753b"), file_name("\u6620\u50cf")
    assert one != two
    assert one.startswith("untitled_")
    long = [file_name("x" * 60 + end) for end in "ab"]
    assert long[0] != long[1]
    assert max(map(len, long)) <= 40


def test_an_insert_made_from_an_edited_movie_never_crosses_its_cuts(data: Path):
    film = str(data / "footage/big-buck-bunny-480p-30s.mp4")  # hard cuts at 285, 378 and 553
    for first, later, expected in ((240, True, (249, 284)), (290, False, (285, 320))):
        clip = replace(neighbour(first, 40, first, 680 - first), media=film)
        before, after = (clip, None) if later else (None, clip)
        record = FrameRange(90000, 90019, RATE)
        shot = Shot("p", "s", "0010", "g", record)
        wish = Wish("reframe", "", 1, 0, {}, "Ada")
        *_, made_from = elements(Place(record, before, after), shot, wish)
        assert (made_from.media.frames.first, made_from.media.frames.last) == expected


def test_a_cut_inside_a_movie_is_found_and_motion_flashes_and_noise_are_none():
    rng = np.random.default_rng(1)
    grid = np.kron(rng.random((9, 40)), np.ones((12, 12)))[..., None].repeat(3, axis=2)
    pan = [grid[:, 8 * step : 8 * step + 192].astype(np.float32) for step in range(30)]
    slow = [grid[:, step : step + 192].astype(np.float32) for step in range(20)]
    flash = [p * (0.3 if number != 9 else 1.0) for number, p in enumerate(slow)]
    noise = [rng.random((108, 192, 3)).astype(np.float32) for _ in range(10)]
    for quiet in (pan, flash, noise):
        assert joins(enumerate(quiet, start=100)) == ()
    assert joins(enumerate([*slow[:12], *(p[::-1] for p in slow[12:])], start=100)) == (112,)
    assert joins([]) == ()


def test_what_several_checks_say_alike_is_said_once():
    from secondunit.cli.forms import in_brief
    from secondunit_bridge.film import Finding, Outcome

    alone, look = "There is no shot before to compare with.", "It is darker."
    found = [
        Finding("1", "colour.wb", Outcome.not_checked, alone, reason="no neighbour"),
        Finding("2", "colour.exposure", Outcome.look, look),
        Finding("3", "grain.level", Outcome.not_checked, alone, reason="no neighbour"),
        Finding("4", "range", Outcome.look, look),
    ]
    said = in_brief(found)
    assert [one.check for one in said] == ["colour.wb, grain.level", "colour.exposure", "range"]
