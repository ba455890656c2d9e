"""Hostile files, looked at in a child that may be lost: never this process, never for long."""

from __future__ import annotations

import os
import struct
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import psutil
import pytest
from secondunit.media.facts import Facts, Limits
from secondunit.media.probe import probe, probe_all
from secondunit.media.stills import Attributes, write_exr
from secondunit_bridge.errors import (
    MediaDamaged,
    MediaOffline,
    NotPermitted,
    OverLimits,
    SecondUnitError,
    SetupError,
    TurnoverRejected,
)


def test_every_damaged_exr_is_answered_and_nothing_crashes_or_hangs(data: Path, tmp_path):
    sources = sorted((data / "exr" / "damaged").iterdir())
    assert len(sources) >= 85
    named = []
    for source in sources:  # without the suffix most readers would not even try
        link = tmp_path / f"{source.name}.exr"
        link.symlink_to(source)
        named.append(link)
    started = time.monotonic()
    answers = list(probe_all([*named, *sources]))
    assert time.monotonic() - started < 40
    assert len(answers) == 2 * len(sources)
    for answer in answers:
        if not isinstance(answer, Facts):
            assert isinstance(answer, (MediaDamaged, OverLimits)), answer
            assert answer.message
            assert answer.hint
    assert sum(isinstance(answer, OverLimits) for answer in answers) >= 3


def test_probing_takes_no_memory_in_this_process(data: Path, tmp_path):
    link = tmp_path / "big.exr"
    link.symlink_to(data / "exr" / "damaged" / "memory_DOS_1")
    before = psutil.Process().memory_info().rss
    with pytest.raises((MediaDamaged, OverLimits)):
        probe(link)
    assert psutil.Process().memory_info().rss - before < 64 << 20


def test_nothing_is_left_running(data: Path, tmp_path):
    before = set(psutil.Process().children(recursive=True))
    answers = probe_all([tmp_path / "absent.exr", data / "exr" / "plates" / "Desk.exr"])
    assert isinstance(next(answers), MediaOffline)
    assert isinstance(next(answers), Facts)
    answers.close()
    assert set(psutil.Process().children(recursive=True)) == before


def test_facts_of_a_picture_come_over_whole(tmp_path):
    told = Attributes(space="ACEScg", rate=Fraction(24000, 1001), timecode=86400, reel="A001")
    write_exr(tmp_path / "a.exr", np.zeros((6, 8, 3), np.float16), ("R", "G", "B"), told)
    facts = probe(tmp_path / "a.exr")
    assert (facts.kind, facts.width, facts.height, facts.space) == ("still", 8, 6, "ACEScg")
    assert (facts.timecode, facts.frames.rate) == (86400, Fraction(24000, 1001))
    assert facts.attributes["reelName"] == "A001"


def test_facts_of_a_movie_come_over_whole(lab):
    path = lab.make("a.mov", timecode="01:00:00:00", tags=(1, 1, 1, 1))
    facts = probe(path)
    assert (facts.kind, len(facts.frames), facts.timecode) == ("movie", 48, 86400)
    assert facts.space == "Gamma 2.4 Encoded Rec.709"


def test_a_sequence_is_probed_by_its_pattern_with_its_gaps(tmp_path):
    for number in (1001, 1002, 1005):
        write_exr(tmp_path / f"a.{number}.exr", np.zeros((6, 8, 3), np.float16))
    facts = probe(tmp_path / "a.####.exr")
    assert (facts.kind, facts.frames.first, facts.frames.last) == ("sequence", 1001, 1005)
    assert facts.missing == ((1003, 1004),)
    assert probe(tmp_path / "a.[1001-1007].exr").missing == ((1003, 1004), (1006, 1007))
    assert probe(tmp_path).kind == "sequence"


def test_a_movie_cut_short_tells_the_last_readable_frame_through_the_child(lab):
    short = lab.cut(lab.make("a.mp4", muxing={"movflags": "faststart"}), 0.7)
    with pytest.raises(MediaDamaged, match="cut short") as caught:
        probe(short)
    assert 0 < caught.value.data["last_readable"] < 47


def test_what_is_not_there_or_closed_is_told_without_a_child(tmp_path, powerless):
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "a.mov").write_bytes(b"x")
    with pytest.raises(MediaOffline) as caught:
        probe(tmp_path / "a.mov", search=[tmp_path / "roots"])
    assert caught.value.data["candidates"] == [str(tmp_path / "roots" / "a.mov")]
    with pytest.raises(MediaOffline):
        probe(tmp_path / "gone" / "a.%04d.exr")
    with pytest.raises(TurnoverRejected):
        probe(tmp_path / "a.%04d.%04d.exr")
    os.chmod(tmp_path / "roots" / "a.mov", 0)
    with powerless(), pytest.raises(NotPermitted):
        probe(tmp_path / "roots" / "a.mov")


def test_a_pipe_is_not_waited_for(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes on this system")
    os.mkfifo(tmp_path / "a.mov")
    with pytest.raises(MediaDamaged, match="not a file"):
        probe(tmp_path / "a.mov")


def test_a_look_that_takes_too_long_is_stopped_and_the_next_file_is_looked_at(lab):
    path = lab.make("a.mp4", count=400)
    first, second = probe_all([path, path], limits=Limits(wall_s=0.001))
    assert isinstance(first, OverLimits)
    assert isinstance(second, OverLimits)
    assert "stopped" in first.message
    assert isinstance(next(probe_all([path])), Facts)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_processor_time_and_memory_are_limited(tmp_path):
    big = np.zeros((3000, 4000, 3), np.float16)
    write_exr(tmp_path / "a.exr", big)
    with pytest.raises((OverLimits, MediaDamaged)):
        probe(tmp_path / "a.exr", limits=Limits(memory_mb=420))
    assert probe(tmp_path / "a.exr").width == 4000


def test_a_child_that_does_not_start_is_said_to_be_an_installation_that_is_not_ready(
    tmp_path, monkeypatch
):
    write_exr(tmp_path / "a.exr", np.zeros((2, 2, 3), np.float16))
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(SetupError, match="did not start"):
        probe(tmp_path / "a.exr")


def huge_movie(path: Path) -> None:
    """A QuickTime file whose header tells of 60,000 by 60,000 pixels."""
    data = path.read_bytes()
    for kind in (b"avc1", b"mp4v"):
        at = data.find(kind)
        if at > 0:
            size = struct.pack(">HH", 60000, 60000)
            path.write_bytes(data[: at + 28] + size + data[at + 32 :])


def test_a_movie_that_lies_about_its_size_is_answered(lab):
    path = lab.make("a.mov", codec="mpeg4")
    huge_movie(path)
    answer = next(probe_all([path]))
    assert isinstance(answer, (Facts, SecondUnitError))


def test_bytes_of_every_kind_are_answered_by_one_child(tmp_path, lab):
    rng = np.random.default_rng(3)
    heads = [b"\x76\x2f\x31\x01", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"SDPX", b"II*\0",
             b"\x1a\x45\xdf\xa3", b"\0\0\0\x18ftypmp42", b"RIFF\x10\0\0\0AVI ", b""]  # fmt: skip
    suffixes = [".exr", ".png", ".jpg", ".dpx", ".tif", ".mkv", ".mp4", ".avi", ".mov"]
    paths = []
    for index, (head, suffix) in enumerate(zip(heads, suffixes, strict=True)):
        for size in (8, 300, 9000):
            path = tmp_path / f"{index}_{size}{suffix}"
            path.write_bytes(head + rng.bytes(size))
            paths.append(path)
    for path, answer in zip(paths, probe_all(paths), strict=True):
        assert isinstance(answer, (MediaDamaged, OverLimits)), (path, answer)
