"""What runs took is learned, kept over restarts, and never in the way when its file is damaged."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from secondunit.models.pool import Appetite, History, Picture, Step
from secondunit.models.pool.history import Run
from secondunit.models.pool.ladder import activation

RUN = Run("sha-of-wan", 832, 480, 81)
CARD = Appetite(10**9, 100.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "memory.json"


def test_before_anything_is_known_the_card_says(file: Path) -> None:
    picture = Picture(832, 480, 81)
    assert History(file).expected(RUN, CARD) == 10**9 + 100 * picture.pixel_frames


def test_what_was_seen_counts_and_the_largest_of_it(file: Path) -> None:
    history = History(file)
    for peak in (2 * 10**9, 4 * 10**9, 3 * 10**9):
        history.learn(RUN, peak)
    assert 4.0e9 < history.expected(RUN, CARD) < 4.4e9


def test_another_size_is_what_the_card_says_set_right_by_the_nearest_size(file: Path) -> None:
    history = History(file)
    history.learn(RUN, history.expected(RUN, CARD) * 2)
    half = Run("sha-of-wan", 832, 480, 41)
    assert history.expected(half, CARD) == pytest.approx(2.1 * History().expected(half, CARD), 0.01)


def test_another_model_or_another_step_down_learns_nothing_from_it(file: Path) -> None:
    history = History(file)
    history.learn(RUN, 1)
    other = Run("sha-of-sdxl", 832, 480, 81)
    tiled = Run("sha-of-wan", 832, 480, 81, (Step.tiling,))
    assert history.expected(other, CARD) == History().expected(other, CARD)
    assert history.expected(tiled, CARD) == activation(History().expected(RUN, CARD), tiled.steps)


def test_a_run_that_ran_out_is_promised_more_next_time(file: Path) -> None:
    history = History(file)
    history.ran_out(RUN, 10**9)
    assert history.expected(RUN, Appetite()) > 1.25e9


def test_it_is_there_after_a_restart_and_for_this_user_only(file: Path) -> None:
    History(file).learn(Run("m", 64, 32, 5, (Step.tiling, Step.int8)), 123456789)
    assert History(file).peak(Run("m", 64, 32, 5, (Step.tiling, Step.int8))) == 123456789
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == ["memory.json"]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"form": "secondunit.memory/1"}',
        b'{"form": "secondunit.memory/9", "bytes": {}}',
        b'{"form": "secondunit.memory/1", "bytes": {"m 1 1 1 ": "much"}}',
        b'{"form": "secondunit.memory/1", "bytes": {"m 1 1 1 ": -5}}',
        b'{"form": "secondunit.memory/1", "bytes": {"m 1 one 1 ": 5}}',
        b'{"form": "secondunit.memory/1", "bytes": {"m 1 1 1 hope": 5}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_started_anew(file: Path, damage: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(damage)
    history = History(file)
    assert len(history) == 0
    history.learn(RUN, 7)
    assert json.loads(file.read_bytes())["bytes"] == {"sha-of-wan 832 480 81 ": 7}
    assert History(file).peak(RUN) == 7


def test_a_disk_that_refuses_costs_the_memory_and_not_the_take(small_disk) -> None:
    small_disk.fill()
    history = History(small_disk.folder / "cache" / "memory.json")
    history.learn(RUN, 5)
    assert history.peak(RUN) == 5
