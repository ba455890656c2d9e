"""Retimes of media with embedded timecode, by tables counted by hand, and OTIO where it is right.

OpenTimelineIO itself leaves time effects out of its transforms, so it is asked about trims, gaps
and nests alone.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentimelineio.opentime import RationalTime, TimeRange
from secondunit.editorial import Document, flattened

# Media of 500 frames from 01:00:00:00; a clip of eight frames of the record from its frame 50.
TABLES = {
    "none": ((), [86450, 86451, 86452, 86453, 86454, 86455, 86456, 86457], (50, 442)),
    "twice": ((2.0,), [86450, 86452, 86454, 86456, 86458, 86460, 86462, 86464], (50, 435)),
    "half": ((0.5,), [86450, 86450, 86451, 86451, 86452, 86452, 86453, 86453], (50, 446)),
    "reverse": ((-1.0,), [86457, 86456, 86455, 86454, 86453, 86452, 86451, 86450], (50, 442)),
    "freeze": ((0.0,), [86450] * 8, (50, 449)),
}


@pytest.mark.parametrize("speed", TABLES)
def test_frames_and_handles_of_timecoded_media_are_those_of_the_table(
    make: SimpleNamespace, speed: str
) -> None:
    speeds, frames, handles = TABLES[speed]
    ref = make.media("/m/reel.mov", make.span(86400, 500))
    (shot,) = flattened(make.timeline(make.clip("a", make.span(86450, 8), *speeds, ref=ref))).shots
    assert list(shot.frames) == frames
    assert shot.handles == handles
    assert shot.available == (86400, 86899)


def test_23_976_in_24_holds_a_frame_when_it_has_fallen_behind_by_one(
    make: SimpleNamespace,
) -> None:
    rate = 24000 / 1001
    source = {**make.span(86450, 8, rate), "duration": make.span(0, 8)["duration"]}
    ref = make.media("/m/reel.mov", make.span(86400, 500, rate))
    (shot,) = flattened(make.timeline(make.clip("a", source, ref=ref))).shots
    assert list(shot.frames) == [86450, 86450, 86451, 86452, 86453, 86454, 86455, 86456]
    assert shot.handles == (50, 443)


def times(start: int, count: int) -> TimeRange:
    return TimeRange(RationalTime(start, 24), RationalTime(count, 24))


ITEMS = st.lists(
    st.tuples(st.sampled_from(["clip", "gap", "nest"]), st.integers(0, 400), st.integers(1, 30)),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=60)
@given(ITEMS)
def test_trims_gaps_and_nests_show_what_opentimelineio_says_they_show(items) -> None:
    track = otio.schema.Track("V1")
    for number, (kind, first, count) in enumerate(items):
        media = otio.schema.ExternalReference(f"/m/{number}.mov", times(0, 1000))
        clip = otio.schema.Clip(f"c{number}", media, times(first, count))
        if kind == "gap":
            track.append(otio.schema.Gap(source_range=times(0, count)))
        elif kind == "clip":
            track.append(clip)
        else:
            cut = min(first % 3, count - 1)
            inner = otio.schema.Track(f"inner{number}", [clip])
            nest = otio.schema.Stack(f"nest{number}", [inner])
            nest.source_range = times(cut, count - cut)
            track.append(nest)
    timeline = otio.schema.Timeline("cut", global_start_time=RationalTime(86400, 24))
    timeline.tracks.append(track)
    document = Document(json.loads(otio.adapters.write_to_string(timeline, "otio_json")))
    shown = {
        shot.record.first + index: (shot.name, frame)
        for shot in flattened(document).shots for index, frame in enumerate(shot.frames)
    }  # fmt: skip
    said = {}
    for at in range(int(track.duration().value)):
        time = RationalTime(at, 24)
        found = track.child_at_time(time)
        if isinstance(found, otio.schema.Clip):
            there = track.transformed_time(time, found)
            said[86400 + at] = (found.name, int(there.value))
    assert shown == said
