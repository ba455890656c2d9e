"""Cuts from every format, and files that are no cuts."""

from __future__ import annotations

import zipfile
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import opentimelineio as otio
import pytest
from opentimelineio.opentime import RationalTime, TimeRange
from secondunit.editorial import Cut, flattened, holes, load, read_cut
from secondunit_bridge.errors import CutUnreadable, NotPermitted, OverLimits, PathRefused


def simple(rate: float = 24.0, *, start: float = 86400) -> otio.schema.Timeline:
    timeline = otio.schema.Timeline("TCC", global_start_time=RationalTime(start, rate))
    track = otio.schema.Track("V", kind="Video")
    timeline.tracks.append(track)
    for n, length in enumerate((24, 36, 48)):
        ref = otio.schema.ExternalReference(
            f"file:///m/shot{n}.mov", TimeRange(RationalTime(0, rate), RationalTime(200, rate))
        )
        source = TimeRange(RationalTime(10 * n, rate), RationalTime(length, rate))
        track.append(otio.schema.Clip(f"sh{n}", ref, source))
    return timeline


def written(timeline: otio.schema.Timeline, path: Path, **more: Any) -> Cut:
    otio.adapters.write_to_file(timeline, str(path), **more)
    return read_cut(path)


@pytest.mark.parametrize("suffix", ["otio", "xml", "aaf"])
def test_a_cut_reads_the_same_from_every_format(tmp_path: Path, suffix: str) -> None:
    timeline = simple()
    options = {"use_empty_mob_ids": True} if suffix == "aaf" else {}
    cut = written(timeline, tmp_path / f"cut.{suffix}", **options)
    rows = [(s.name, s.record.first, s.source, s.retime) for s in cut.shots]
    assert rows == [
        ("sh0", 86400, (0, 23), "none"),
        ("sh1", 86424, (10, 45), "none"),
        ("sh2", 86460, (20, 67), "none"),
    ]
    assert cut.rate == 24


def test_a_bundle_is_read_and_its_media_found_once_it_is_unpacked(
    tmp_path: Path, make: SimpleNamespace
) -> None:
    ref = make.media("media/a.mov", make.span(0, 100))
    document = make.timeline(make.clip("a", make.span(0, 5), ref=ref))
    text = make.write(tmp_path, document).read_text()
    with zipfile.ZipFile(tmp_path / "cut.otioz", "w") as bundle:
        bundle.writestr("content.otio", text)
        bundle.writestr("version.txt", "1.0.0")
        bundle.writestr("media/a.mov", b"movie")
    assert not read_cut(tmp_path / "cut.otioz").shots[0].online
    with zipfile.ZipFile(tmp_path / "cut.otioz") as bundle:
        bundle.extract("media/a.mov", tmp_path)
    assert read_cut(tmp_path / "cut.otioz").shots[0].online


EDL = """TITLE: TCC
FCM: {fcm}

001  A001C001 V     C        01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00
* FROM CLIP NAME: sh0
002  A001C002 V     C        02:00:00:00 02:00:04:00 01:00:02:00 01:00:04:00
M2   A001C002       {twice}                02:00:00:00
* FROM CLIP NAME: sh1
003  A001C003 V     C        03:00:00:00 03:00:01:00 01:00:05:00 01:00:06:00
M2   A001C003       -{once}                03:00:00:00
* FROM CLIP NAME: sh2
"""


def test_a_list_counts_by_its_record_timecode_and_keeps_its_retimes(tmp_path: Path) -> None:
    path = tmp_path / "cut.edl"
    path.write_text(EDL.format(fcm="NON-DROP FRAME", twice="048.0", once="024.0"))
    cut = read_cut(path)
    rows = [(s.name, cut.timecode(s.record.first), s.retime, s.speed) for s in cut.shots]
    assert rows == [
        ("sh0", "01:00:00:00", "none", 1),
        ("sh1", "01:00:02:00", "constant", 2),
        ("sh2", "01:00:05:00", "reverse", -1),
    ]
    assert cut.shots[1].frames[:3] == (172800, 172802, 172804)
    assert cut.shots[2].frames[0] == 259223
    assert [(h.first, h.last) for h in holes(cut)] == [(86496, 86519)]


def test_a_drop_frame_list_counts_drop_frame_even_with_colons(tmp_path: Path) -> None:
    path = tmp_path / "cut.edl"
    path.write_text(EDL.format(fcm="DROP FRAME", twice="059.94", once="029.97"))
    cut = read_cut(path)
    assert cut.rate == Fraction(30000, 1001)
    assert cut.timecode(cut.start) == "01:00:00;00"
    assert [shot.speed for shot in cut.shots] == [1, 2, -1]
    again = flattened(load(path))
    assert again.drop


def test_the_rate_of_a_list_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "cut.edl"
    path.write_text(EDL.format(fcm="NON-DROP FRAME", twice="050.0", once="025.0"))
    cut = read_cut(path, rate=Fraction(25))
    assert (cut.rate, cut.start) == (25, 90000)
    path.write_text(path.read_text().replace("02:00:04:00", "02:00:04:29"))
    with pytest.raises(CutUnreadable, match="cannot be read"):
        read_cut(path, rate=Fraction(25))


def test_a_file_of_two_timelines_names_them(tmp_path: Path) -> None:
    both = otio.schema.SerializableCollection("project", [simple(), simple()])
    path = tmp_path / "two.otio"
    otio.adapters.write_to_file(both, str(path))
    with pytest.raises(CutUnreadable, match="holds 2 timelines") as caught:
        read_cut(path)
    assert "'TCC'" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.otio", '{"OTIO_SCHEMA": "Clip.2", "name": "x"}'),
        ("a.otio", '{"OTIO_SCHEMA": "Timeline.1", "tracks": null}'),
        ("a.otio", '{"hello": 1}'),
        ("a.otio", "[]"),
        ("a.otio", ""),
        ("a.edl", "TITLE: x\n001 nonsense\n"),
        ("a.xml", "<xmeml><project/></xmeml>"),
        ("a.xml", "<xmeml"),
        ("a.aaf", "not an aaf"),
        ("a.otioz", "not a zip"),
        ("a.mov", "movie"),
    ],
)
def test_what_is_no_timeline_is_refused_in_plain_words(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(CutUnreadable) as caught:
        read_cut(tmp_path / name)
    assert caught.value.hint
    assert "Traceback" not in caught.value.message


def test_a_missing_file_and_one_that_may_not_be_read_say_so(tmp_path: Path) -> None:
    with pytest.raises(CutUnreadable, match="No such file"):
        read_cut(tmp_path / "absent.otio")
    with pytest.raises(CutUnreadable):
        read_cut(tmp_path)
    (tmp_path / "shut.otio").write_text("{}")
    (tmp_path / "shut.otio").chmod(0)
    try:
        open(tmp_path / "shut.otio").close()
    except PermissionError:
        with pytest.raises(NotPermitted):
            read_cut(tmp_path / "shut.otio")


def test_a_clip_without_any_length_is_refused_by_name(
    tmp_path: Path, make: SimpleNamespace
) -> None:
    path = make.write(tmp_path, make.timeline(make.clip("endless", None)))
    with pytest.raises(CutUnreadable, match="'endless' says neither"):
        read_cut(path)


def test_a_clip_that_lasts_less_than_nothing_is_refused(
    tmp_path: Path, make: SimpleNamespace
) -> None:
    path = make.write(tmp_path, make.timeline(make.clip("back", make.span(0, -5))))
    with pytest.raises(CutUnreadable, match="lasts -5 frames"):
        read_cut(path)


def test_a_bundle_that_leads_out_of_itself_is_refused(
    tmp_path: Path, make: SimpleNamespace
) -> None:
    text = make.write(tmp_path, make.timeline(make.clip("a", make.span(0, 5)))).read_text()
    for name in ("../../evil.sh", "/etc/evil", "media/../../evil", "C:\\evil"):
        with zipfile.ZipFile(tmp_path / "bad.otioz", "w") as bundle:
            bundle.writestr("content.otio", text)
            bundle.writestr(name, b"x")
        with pytest.raises(PathRefused, match="leads out"):
            read_cut(tmp_path / "bad.otioz")


def test_a_bundle_of_too_many_files_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "many.otioz", "w") as bundle:
        for n in range(10_001):
            bundle.writestr(f"media/{n}", b"")
    with pytest.raises(OverLimits, match="10001 files"):
        read_cut(tmp_path / "many.otioz")
