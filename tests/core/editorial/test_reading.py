"""Real timelines opened, and what is flattened out of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from secondunit.editorial import flattened, holes, read_cut, shots_json, visible

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


def test_a_fade_at_the_end_is_told_and_one_that_is_trimmed_off_is_not(
    make: SimpleNamespace,
) -> None:
    fade = {
        "OTIO_SCHEMA": "Transition.1",
        "name": "fade",
        "metadata": {},
        "transition_type": "SMPTE_Dissolve",
        "in_offset": make.time(6),
        "out_offset": make.time(0),
    }
    items = (make.clip("a", make.span(0, 24)), fade)
    cut = flattened(make.timeline(make.track(*items)))
    assert [(t.at, t.in_offset) for t in cut.transitions] == [(86424, 6)]
    trimmed = make.track(*items, source=make.span(0, 12))
    assert flattened(make.timeline(trimmed)).transitions == ()


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


def test_the_colour_space_that_a_cut_says_its_media_have_counts_unless_a_person_says_another(
    make: SimpleNamespace,
) -> None:
    from secondunit.editorial import media_of

    ours = {"secondunit": {"schema": 1, "space": "ACEScg"}}
    told = make.media("file:///x/a.mov", make.span(0, 5), metadata=ours)
    bare = make.media("file:///x/b.mov", make.span(0, 5))
    first, second = flattened(
        make.timeline(
            make.clip("a", make.span(0, 5), ref=told), make.clip("b", make.span(0, 5), ref=bare)
        )
    ).shots
    assert (first.space, second.space) == ("ACEScg", "")
    assert media_of(first, 0, 4, "").space == "ACEScg"
    assert media_of(first, 0, 4, "ACES2065-1").space == "ACES2065-1"
    assert media_of(second, 0, 4, "").space == ""
