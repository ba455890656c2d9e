"""Which frame of the media shows at each frame of the record."""

from __future__ import annotations

import math
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.editorial import flattened
from secondunit.editorial.retime import as_written, per

NTSC = 24000 / 1001


def shown(make: SimpleNamespace, *items: Any, **more: Any) -> list[int]:
    cut = flattened(make.timeline(*items, **more))
    return [n for shot in cut.shots for n in shot.frames]


@pytest.mark.parametrize(
    ("speeds", "expected", "retime"),
    [
        ((), [100, 101, 102, 103], "none"),
        ((2.0,), [100, 102, 104, 106], "constant"),
        ((0.5,), [100, 100, 101, 101], "constant"),
        ((-1.0,), [103, 102, 101, 100], "reverse"),
        ((-2.0,), [106, 104, 102, 100], "reverse"),
        ((-0.5,), [101, 101, 100, 100], "reverse"),
        ((0,), [100, 100, 100, 100], "freeze"),
        ((2.0, 2.0), [100, 104, 108, 112], "constant"),
        ((2.0, -0.5), [103, 102, 101, 100], "reverse"),
        ((-1.0, -1.0), [100, 101, 102, 103], "none"),
        ((0.3,), [100, 100, 100, 100], "constant"),
    ],
)
def test_constant_retimes_show_the_frames_they_should(
    make: SimpleNamespace, speeds: tuple[float, ...], expected: list[int], retime: str
) -> None:
    shot = flattened(make.timeline(make.clip("a", make.span(100, 4), *speeds))).shots[0]
    assert list(shot.frames) == expected
    assert shot.retime == retime
    assert shot.source == (min(expected), max(expected))
    assert shot.speed == math.prod(map(as_written, speeds))


def test_three_tenths_of_the_speed_is_three_tenths_and_not_its_double(
    make: SimpleNamespace,
) -> None:
    frames = shown(make, make.clip("a", make.span(0, 21), 0.3))
    assert frames == [i * 3 // 10 for i in range(21)]


def test_trimming_a_clip_at_double_speed_moves_its_source_by_two_frames_for_each(
    make: SimpleNamespace,
) -> None:
    inner = make.track(make.clip("a", make.span(100, 48), 2.0))
    frames = shown(make, make.stack("nest", make.span(12, 6), inside=[inner]))
    assert frames[0] == 124
    assert frames == [124, 126, 128, 130, 132, 134]


def test_trimming_a_reversed_clip_in_a_nest_keeps_its_own_end_as_its_start(
    make: SimpleNamespace,
) -> None:
    inner = make.track(make.clip("a", make.span(0, 8), -1.0))
    assert shown(make, make.stack("nest", make.span(0, 4), inside=[inner])) == [7, 6, 5, 4]
    assert shown(make, make.stack("nest", make.span(4, 4), inside=[inner])) == [3, 2, 1, 0]


def test_a_reversed_nest_plays_its_clips_backwards_in_reverse_order(make: SimpleNamespace) -> None:
    inner = make.track(make.clip("a", make.span(0, 3)), make.clip("b", make.span(50, 3)))
    cut = flattened(make.timeline(make.stack("nest", make.span(0, 6), -1.0, inside=[inner])))
    played = sorted((s.record.first, s.name, s.frames) for s in cut.shots)
    assert played == [(86400, "b", (52, 51, 50)), (86403, "a", (2, 1, 0))]
    assert {shot.nested for shot in cut.shots} == {("nest", "V1")}


def test_nested_speeds_multiply(make: SimpleNamespace) -> None:
    inner = make.track(make.clip("a", make.span(10, 40), 2.0))
    fast = make.stack("nest", make.span(0, 8), 2.0, inside=[inner])
    assert shown(make, fast) == list(range(10, 42, 4))
    slow = make.stack("nest", make.span(0, 8), 0.5, inside=[inner])
    assert shown(make, slow) == list(range(10, 18))
    cut = flattened(make.timeline(slow))
    assert cut.shots[0].speed == 1


def test_a_frozen_nest_shows_one_frame_of_the_one_clip_it_stops_on(make: SimpleNamespace) -> None:
    inner = make.track(make.clip("a", make.span(0, 3)), make.clip("b", make.span(50, 3)))
    cut = flattened(make.timeline(make.stack("nest", make.span(4, 5), 0, inside=[inner])))
    assert [(shot.name, shot.frames) for shot in cut.shots] == [("b", (51,) * 5)]
    assert cut.shots[0].retime == "freeze"


def test_media_at_23_976_in_a_24_cut_repeats_a_frame_after_a_thousand(
    make: SimpleNamespace,
) -> None:
    ref = make.media("/m/a.mov", make.span(0, 5000, NTSC))
    shot = flattened(make.timeline(make.clip("a", make.span(0, 2002), ref=ref))).shots[0]
    assert shot.media_rate == Fraction(24000, 1001)
    assert list(shot.frames) == [math.floor(i * Fraction(1000, 1001)) for i in range(2002)]


def test_a_rate_written_23_976_is_used_as_written_and_named_24000_1001(
    make: SimpleNamespace,
) -> None:
    ref = make.media("/m/a.mov", make.span(0, 5000, 23.976))
    shot = flattened(make.timeline(make.clip("a", make.span(0, 1002), ref=ref))).shots[0]
    assert shot.media_rate == Fraction(24000, 1001)
    assert list(shot.frames) == [math.floor(i * Fraction(2997, 3000)) for i in range(1002)]


def test_two_spellings_of_one_rate_do_not_drift_by_a_frame(make: SimpleNamespace) -> None:
    ref = make.media("/m/a.mov", make.span(0, 5000, 23.976))
    source = make.span(1000, 500, NTSC)
    shot = flattened(make.timeline(make.clip("a", source, ref=ref), start=0, rate=23.98)).shots[0]
    assert list(shot.frames) == list(range(1000, 1500))
    assert len(shot.record) == 500


def test_media_at_twice_the_rate_shows_every_second_frame(make: SimpleNamespace) -> None:
    ref = make.media("/m/a.mov", make.span(0, 500, 48))
    shot = flattened(make.timeline(make.clip("a", make.span(10, 4, 48), ref=ref))).shots[0]
    assert (len(shot.record), shot.frames) == (2, (10, 12))
    assert shot.media_rate == 48
    assert shot.handles == (10, 487)


def test_speed_changes_that_cannot_be_followed_are_named_and_show_no_frames(
    make: SimpleNamespace,
) -> None:
    unknown = {"OTIO_SCHEMA": "TimeEffect.1", "metadata": {}, "name": "", "effect_name": "Warp"}
    curve = {**unknown, "metadata": {"lookup": [0.0, -0.5, -1.0]}}
    remap = {
        "OTIO_SCHEMA": "Effect.1",
        "name": "Time Remap",
        "effect_name": "",
        "metadata": {
            "fcp_xml": {
                "effectid": "timeremap",
                "parameter": [{"parameterid": "speed", "value": "50"}],
            }
        },
    }
    for effect, name in ((unknown, "unsupported"), (curve, "curve"), (remap, "unsupported")):
        clip = make.clip("a", make.span(10, 4))
        clip["effects"] = [effect]
        shot = flattened(make.timeline(clip)).shots[0]
        assert (shot.retime, shot.frames, shot.speed) == (name, (), None)
        assert shot.source == (10, 13)
        nest = make.stack("nest", make.span(0, 4), inside=[make.track(clip)])
        nest["effects"] = [effect]
        inner = flattened(make.timeline(nest)).shots
        assert [(s.name, s.retime, s.media) for s in inner] == [("nest", name, None)]


def test_effects_that_leave_time_alone_are_no_retimes(make: SimpleNamespace) -> None:
    clip = make.clip("a", make.span(10, 4))
    clip["effects"] = [{"OTIO_SCHEMA": "Effect.1", "name": "Blur", "metadata": {"Keyframes": 1}}]
    assert flattened(make.timeline(clip)).shots[0].retime == "none"


def rendered(node: dict[str, Any]) -> list[tuple[str, int]]:
    """The item played frame by frame, by brute force: what an editor would see of it."""
    speed = math.prod([as_written(e["time_scalar"]) for e in node["effects"]], start=Fraction(1))
    start, length = (int(node["source_range"][k]["value"]) for k in ("start_time", "duration"))
    positions = [start + math.floor(i * abs(speed)) for i in range(length)]
    positions = positions[::-1] if speed < 0 else positions
    if "children" not in node:
        return [(node["name"], p) for p in positions]
    inside = [f for child in node["children"][0]["children"] for f in rendered(child)]
    return [inside[p] if 0 <= p < len(inside) else ("", -1) for p in positions]


def trees() -> st.SearchStrategy[dict[str, Any]]:
    from itertools import count

    names = count()
    speeds = st.sampled_from([1.0, 2.0, 0.5, 0.25, 1.5, -1.0, -2.0, -0.5, 0, 3.7, -0.3])
    whole = st.sampled_from([1.0, 1.0, 2.0, 3.0, -1.0, -2.0, 0])

    def tree(name: str, kids: list[dict[str, Any]] | None, numbers: Any) -> dict[str, Any]:
        start, length, speed = numbers
        time = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24}
        node: dict[str, Any] = {
            "OTIO_SCHEMA": "Clip.2" if kids is None else "Stack.1",
            "name": name,
            "source_range": {
                "start_time": {**time, "value": start},
                "duration": {**time, "value": length},
            },
            "effects": [{"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": speed}],
        }
        if kids is not None:
            node["children"] = [
                {"OTIO_SCHEMA": "Track.1", "kind": "Video", "name": "", "children": kids}
            ]
        return node

    size = st.integers(1, 12)
    clips = st.tuples(st.integers(0, 50), size, speeds).map(
        lambda n: tree(f"c{next(names)}", None, n)
    )
    return st.recursive(
        clips,
        lambda inner: st.tuples(
            st.lists(inner, min_size=1, max_size=3), st.tuples(st.integers(0, 6), size, whole)
        ).map(lambda pair: tree("nest", pair[0], pair[1])),
        max_leaves=8,
    )


@given(st.lists(trees(), min_size=1, max_size=3))
def test_any_nest_of_retimes_shows_what_playing_it_frame_by_frame_shows(
    make: SimpleNamespace, items: list[dict[str, Any]]
) -> None:
    expected = [frame for node in items for frame in rendered(node)]
    seen = {}
    for shot in flattened(make.timeline(make.track(*items), start=0)).shots:
        assert len(shot.frames) == len(shot.record)
        for record, number in zip(shot.record, shot.frames, strict=True):
            assert record not in seen
            seen[record] = (shot.name, number)
    assert [seen.get(n, ("", -1)) for n in range(len(expected))] == expected


@given(
    st.integers(1, 40),
    st.fractions(Fraction(1, 7), 7, max_denominator=7),
    st.sampled_from([24, 25, 30, 60, 23.976, NTSC, 30000 / 1001]),
)
def test_reverse_plays_the_frames_of_the_forward_span_backwards(
    make: SimpleNamespace, length: int, speed: Fraction, rate: float
) -> None:
    ref = make.media("/m/a.mov", make.span(0, 9999, rate))
    both = [
        shown(make, make.clip("a", make.span(7, length), s, ref=ref))
        for s in (float(speed), -float(speed))
    ]
    assert both[0] == both[1][::-1]


@given(st.floats(1, 120))
def test_a_number_as_written_reads_back_as_the_same_number(value: float) -> None:
    assert float(as_written(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "24", None])
def test_what_is_no_number_is_refused(value: Any) -> None:
    from secondunit_bridge.errors import CutUnreadable

    with pytest.raises(CutUnreadable):
        as_written(value)


def test_frames_per_frame_is_exact() -> None:
    assert per(as_written(23.976), Fraction(24)) == Fraction(2997, 3000)
    assert per(as_written(NTSC), Fraction(24)) == Fraction(1000, 1001)
    assert per(as_written(NTSC), as_written(23.976)) == 1
