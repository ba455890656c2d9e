"""Names of numbered files, and the gaps in them."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.media.patterns import FramePattern, gaps, is_pattern
from secondunit_bridge.errors import MediaOffline, NotPermitted, TurnoverRejected


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"x")


@pytest.mark.parametrize(
    ("text", "first", "digits"),
    [
        ("plate.%04d.exr", "plate.1001.exr", 4),
        ("plate.%d.exr", "plate.1001.exr", 1),
        ("plate.%5d.exr", "plate.01001.exr", 5),
        ("plate.####.exr", "plate.1001.exr", 4),
        ("plate.#####.exr", "plate.01001.exr", 5),
        ("plate.@@@.exr", "plate.1001.exr", 3),
        ("plate_@@@@@@.dpx", "plate_001001.dpx", 6),
        ("plate.[1001-1100].exr", "plate.1001.exr", 4),
        ("plate.1001-1100#.exr", "plate.1001.exr", 4),
        ("plate.01001-01100#.exr", "plate.01001.exr", 5),
        ("plate.1001-1100@@@@@.exr", "plate.01001.exr", 5),
        ("%04d.exr", "1001.exr", 4),
    ],
)
def test_every_common_way_to_write_a_sequence_names_the_same_file(text, first, digits, tmp_path):
    pattern = FramePattern.parse(tmp_path / text)
    assert pattern.path(1001) == tmp_path / first
    assert pattern.digits == digits
    assert is_pattern(str(tmp_path / text))


def test_a_range_in_the_pattern_leaves_other_frames_out(tmp_path):
    touch(tmp_path, *(f"a.{n}.exr" for n in range(1001, 1011)))
    assert FramePattern.parse(tmp_path / "a.[1003-1005].exr").numbers() == (1003, 1004, 1005)
    assert FramePattern.parse(tmp_path / "a.1009-1020#.exr").numbers() == (1009, 1010)


def test_missing_frames_are_listed_as_exact_ranges(tmp_path):
    have = [1001, 1002, 1005, 1006, 1008, 1012]
    touch(
        tmp_path, *(f"plate.{n}.exr" for n in have), "plate.1003.png", "plate.10.exr", "notes.txt"
    )
    pattern = FramePattern.parse(tmp_path / "plate.%04d.exr")
    assert pattern.numbers() == tuple(have)
    assert pattern.missing(1001, 1012) == [[1003, 1004], [1007, 1007], [1009, 1011]]
    assert pattern.missing(999, 1002) == [[999, 1000]]
    assert pattern.missing(1001, 1002) == []


@given(have=st.sets(st.integers(-50, 50)), first=st.integers(-60, 60), length=st.integers(1, 90))
def test_gaps_and_what_is_there_make_up_the_whole_range(have, first, length):
    last = first + length - 1
    holes = gaps(have, first, last)
    missing = [n for a, b in holes for n in range(a, b + 1)]
    assert sorted(missing + [n for n in have if first <= n <= last]) == list(range(first, last + 1))
    assert all(b + 1 < c for (_, b), (c, _) in pairwise(holes))


def test_a_range_of_a_thousand_million_frames_costs_nothing(tmp_path):
    touch(tmp_path, "a.0005.exr")
    missing = FramePattern.parse(tmp_path / "a.%04d.exr").missing(0, 10**9)
    assert missing == [[0, 4], [6, 10**9]]


def test_numbers_must_be_padded_as_the_pattern_says(tmp_path):
    touch(tmp_path, "a.7.exr", "a.007.exr", "a.0008.exr", "a.12345.exr", "a.-003.exr")
    assert FramePattern.parse(tmp_path / "a.%04d.exr").numbers() == (-3, 8, 12345)
    assert FramePattern.parse(tmp_path / "a.%d.exr").numbers() == (7, 12345)


def test_one_file_stands_for_its_sequence(tmp_path):
    touch(tmp_path, *(f"sh010_v002.{n:04}.exr" for n in range(98, 103)))
    pattern = FramePattern.parse(tmp_path / "sh010_v002.0100.exr")
    assert pattern.name == "sh010_v002.%04d.exr"
    assert pattern.numbers() == (98, 99, 100, 101, 102)


def test_a_sequence_without_padding_is_known_by_its_neighbours(tmp_path):
    touch(tmp_path, *(f"a.{n}.exr" for n in range(998, 1003)))
    assert FramePattern.parse(tmp_path / "a.1001.exr").numbers() == (998, 999, 1000, 1001, 1002)


def test_a_version_number_is_no_frame_number(tmp_path):
    with pytest.raises(TurnoverRejected, match="no frame number"):
        FramePattern.parse(tmp_path / "matte_v003.png")


def test_a_folder_stands_for_the_one_sequence_in_it(tmp_path):
    touch(tmp_path, *(f"plate.{n}.exr" for n in range(1001, 1004)), "notes.txt", ".hidden.1.exr")
    assert FramePattern.parse(tmp_path).path(1002) == tmp_path / "plate.1002.exr"
    touch(tmp_path, "matte.1001.exr")
    with pytest.raises(TurnoverRejected, match="2 sequences") as caught:
        FramePattern.parse(tmp_path)
    assert "matte.#.exr" in caught.value.hint
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(MediaOffline, match="no sequence"):
        FramePattern.parse(empty)


def test_two_numbers_in_one_name_are_refused(tmp_path):
    with pytest.raises(TurnoverRejected, match="more than one"):
        FramePattern.parse(tmp_path / "a.%04d.%04d.exr")


def test_a_folder_that_is_gone_or_closed_is_told_apart(tmp_path, powerless):
    with pytest.raises(MediaOffline):
        FramePattern.parse(tmp_path / "gone" / "a.%04d.exr").numbers()
    closed = tmp_path / "closed"
    closed.mkdir()
    pattern = FramePattern.parse(closed / "a.%04d.exr")
    os.chmod(closed, 0)
    with powerless(), pytest.raises(NotPermitted):
        pattern.numbers()
    os.chmod(closed, 0o700)


def test_real_sequences_are_found(data: Path):
    plates = data / "exr" / "plates"
    assert FramePattern.parse(plates / "beachball.####.exr").numbers() == (1, 2, 3, 4)
    assert FramePattern.parse(plates / "beachball.0002.exr").missing(0, 6) == [[0, 0], [5, 6]]
