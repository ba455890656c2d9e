"""Real timelines, and cuts in every format, opened and flattened."""

from __future__ import annotations

import zipfile
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import opentimelineio as otio
import pytest
from opentimelineio.opentime import RationalTime, TimeRange
from secondunit.editorial import Cut, flattened, holes, load, read_cut, shots_json, visible
from secondunit_bridge.errors import CutUnreadable, NotPermitted, OverLimits, PathRefused

REAL = {  # file: rate, first frame, frames, shots, gaps, transitions
    "effects": (24, 86400, 1125, 18, 8, 1),
    "multitrack": (24, 0, 3282, 5, 7, 0),
    "nested_example": (24, 0, 636, 7, 0, 0),
    "premiere_example": (30, 0, 1271, 7, 6, 2),
    "screening_example": (24, 86243, 1049, 9, 0, 0),
    "simple_cut": (24, 0, 19, 4, 0, 0),
    "transition": (24, 0, 19, 4, 0, 1),
}


@pytest.mark.parametrize("name", sorted(REAL))
def test_timelines_written_by_other_software_are_read(data: Path, name: str) -> None:
    cut = read_cut(data / "otio" / f"{name}.otio")
    found = (cut.rate, cut.start, cut.length, len(cut.shots), len(cut.gaps), len(cut.transitions))
    assert found == REAL[name]
    for shot in cut.shots:
        assert cut.start <= shot.record.first
        assert shot.record.last <= cut.last
        assert len(shot.frames) == len(shot.record)
        assert not shot.online
        assert shot.offline_reason


def test_the_record_of_a_list_kept_as_a_negative_trim_is_its_record_timecode(data: Path) -> None:
    shots = shots_json(read_cut(data / "otio" / "screening_example.otio"))["shots"]
    assert shots[0]["record_tc"] == ["00:59:53:11", "00:59:54:17"]
    assert shots[0]["source"] == [86501, 86531]


def test_nested_stacks_and_tracks_are_resolved(data: Path) -> None:
    cut = read_cut(data / "otio" / "nested_example.otio")
    rows = {s.name: (s.nested, s.retime, s.source) for s in cut.shots if s.nested}
    assert rows == {
        "Clip Inside A Stack 1": (("Nested Stack 1",), "none", (373, 403)),
        "Clip Inside A Stack 2": (("Nested Stack 2 (with effects)",), "constant", (429, 452)),
        "Clip Inside A Track": (("Nested Track",), "freeze", (471, 471)),
    }


def test_shots_meet_at_the_cut_point_and_the_transition_says_how_far_it_reaches(
    data: Path,
) -> None:
    cut = read_cut(data / "otio" / "transition.otio")
    (dissolve,) = cut.transitions
    before, after = cut.shots[1], cut.shots[2]
    assert before.record.last + 1 == after.record.first == dissolve.at == 9
    assert (dissolve.in_offset, dissolve.out_offset) == (2, 3)
    assert (before.dissolves, after.dissolves) == ((0, 3), (2, 0))


def test_markers_lie_on_the_record(make: SimpleNamespace) -> None:
    marker = {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {},
        "name": "eyeline",
        "color": "RED",
        "comment": "look left",
        "marked_range": make.span(106, 0),
    }
    clip = make.clip("a", make.span(100, 10), 2.0, markers=[marker])
    (found,) = flattened(make.timeline(make.gap(24), clip)).markers
    assert (found.on, found.name, found.color, found.comment) == (
        "a",
        "eyeline",
        "RED",
        "look left",
    )
    assert (found.record.first, found.record.last) == (86427, 86427)


def test_clips_tracks_and_stacks_that_are_switched_off_are_left_out(make: SimpleNamespace) -> None:
    off = {"enabled": False}
    clips = [make.clip("a", make.span(0, 5)), make.clip("b", make.span(0, 5)) | off]
    dark = make.track(make.clip("c", make.span(0, 10)), name="V2") | off
    nest = make.stack("n", make.span(0, 5), inside=[make.track(make.clip("d", make.span(0, 5)))])
    cut = flattened(make.timeline(make.track(*clips, nest | off), dark))
    assert [shot.name for shot in cut.shots] == ["a"]
    assert [(hole.first, hole.last) for hole in holes(cut)] == [(86405, 86414)]


def test_sound_is_no_shot(make: SimpleNamespace) -> None:
    sound = make.track(make.clip("wav", make.span(0, 480000, 48000)), name="A1", kind="Audio")
    cut = flattened(make.timeline(make.track(make.clip("a", make.span(0, 24))), sound))
    assert [shot.name for shot in cut.shots] == ["a"]
    assert (cut.length, cut.picture) == (240, 24)
    assert holes(cut) == ()


def test_a_nested_timeline_that_the_file_does_not_hold_is_no_hole(make: SimpleNamespace) -> None:
    nest = make.stack("elsewhere", make.span(0, 10))
    cut = flattened(make.timeline(make.track(nest, make.gap(5))))
    assert cut.shots == ()
    assert [(hole.first, hole.last) for hole in holes(cut)] == [(86410, 86414)]


def test_what_is_covered_is_not_visible(make: SimpleNamespace) -> None:
    low = make.track(make.clip("low", make.span(0, 30)))
    high = make.track(make.gap(10), make.clip("high", make.span(0, 10)), name="V2")
    cut = flattened(make.timeline(low, high))
    spans = [[(p.first, p.last) for p in parts] for parts in visible(cut)]
    assert spans == [[(86400, 86409), (86420, 86429)], [(86410, 86419)]]


def test_inside_a_nest_the_upper_track_covers_the_lower(make: SimpleNamespace) -> None:
    low = make.track(make.clip("low", make.span(0, 10)))
    high = make.track(make.gap(4), make.clip("high", make.span(0, 6)))
    cut = flattened(make.timeline(make.stack("nest", make.span(0, 10), inside=[low, high])))
    spans = {
        shot.name: [(p.first, p.last) for p in parts]
        for shot, parts in zip(cut.shots, visible(cut), strict=True)
    }
    assert spans == {"low": [(86400, 86403)], "high": [(86404, 86409)]}


@pytest.mark.parametrize(
    ("rate", "start", "first"),
    [
        (30000 / 1001, 107892, "01:00:00;00"),  # starts on a drop-frame hour
        (30000 / 1001, 108000, "01:00:00:00"),  # starts on a non-drop hour
        (29.97, 1800, "00:01:00;02"),  # says nothing: drop, as OpenTimelineIO assumes
        (60000 / 1001, 215784, "01:00:00;00"),
        (NTSC := 24000 / 1001, 86400, "01:00:00:00"),
        (25, 90000, "01:00:00:00"),
        (30, 108000, "01:00:00:00"),
        (60, 216000, "01:00:00:00"),
    ],
)
def test_record_timecode_counts_as_the_cut_counts(
    make: SimpleNamespace, rate: float, start: int, first: str
) -> None:
    clip = make.clip("a", make.span(0, 10, rate))
    cut = flattened(make.timeline(clip, start=start, rate=rate))
    assert shots_json(cut)["shots"][0]["record_tc"][0] == first


def test_what_the_metadata_say_about_drop_frame_comes_first(make: SimpleNamespace) -> None:
    for word, first in (("NDF", "00:01:00:00"), ("DF", "00:01:00;02")):
        metadata = {"fcp_xml": {"timecode": {"displayformat": word}}}
        clip = make.clip("a", make.span(0, 10, 29.97))
        cut = flattened(make.timeline(clip, start=1800, rate=29.97, metadata=metadata))
        assert cut.timecode(cut.start) == first


def test_shots_carry_what_second_unit_wrote(make: SimpleNamespace) -> None:
    ours = {"secondunit": {"guid": "5f0c", "card": {"scene": "12"}}}
    clips = [make.clip("a", make.span(0, 5), metadata=ours), make.clip("b", make.span(0, 5))]
    cut = flattened(make.timeline(*clips))
    assert [shot.guid for shot in cut.shots] == ["5f0c", None]
    assert cut.shots[0].marks["card"] == {"scene": "12"}


def test_the_json_has_every_name_others_rely_on(make: SimpleNamespace) -> None:
    ref = make.media("/m/a.mov", make.span(0, 100))
    answer = shots_json(flattened(make.timeline(make.clip("a", make.span(10, 5), 2.0, ref=ref))))
    assert answer["timeline"] == "TCC"
    assert answer["rate"] == "24"
    (shot,) = answer["shots"]
    assert (
        shot
        | {
            "name": "a",
            "guid": None,
            "track": "V1",
            "index": 0,
            "record": [86400, 86404],
            "record_tc": ["01:00:00:00", "01:00:00:04"],
            "media": "/m/a.mov",
            "online": False,
            "media_rate": "24",
            "source": [10, 18],
            "frames": [10, 12, 14, 16, 18],
            "speed": 2.0,
            "retime": "constant",
            "handles": [10, 81],
            "nested": [],
        }
        == shot
    )


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


def test_the_rate_of_a_cut_without_a_start_is_that_of_its_record(make: SimpleNamespace) -> None:
    slow, fast = make.clip("a", make.span(0, 30, 30)), make.clip("b", make.span(0, 50, 25))
    cases: list[tuple[list[Any], float]] = [
        ([slow, make.gap(25, 25)], 25),  # gaps lie on the record
        ([make.gap(0, 1), fast, slow, fast], 25),  # an empty gap says nothing; most clips do
        ([fast], 25),
    ]
    for items, rate in cases:
        assert flattened(make.timeline(make.track(*items), start=None)).rate == rate
    empty = make.timeline(make.track(fast), start=0, rate=1)
    cut = flattened(empty)
    assert (cut.rate, cut.start, cut.length) == (25, 0, 50)
