"""Where an insert may go, and what is said when it may not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from secondunit.editorial import Cut, flattened, holes, place
from secondunit_bridge.errors import DropFrameMismatch, NoPlace, TimecodeWrong

NTSC_DROP = 30000 / 1001


def test_a_place_by_timecode_has_its_neighbours(cut: Cut) -> None:
    spot = place(cut, at="01:00:04:00", frames=24)
    assert (spot.record.first, spot.record.last) == (86496, 86519)
    assert spot.before
    assert spot.after
    assert (spot.before.name, spot.after.name, spot.after.source) == ("sh1", "sh2", (0, 71))


def test_a_place_after_a_clip_starts_on_the_next_frame(cut: Cut) -> None:
    assert place(cut, after="sh1", frames=10).record.first == 86496


def test_a_place_inside_a_shot_has_that_shot_on_both_sides(cut: Cut) -> None:
    spot = place(cut, at="01:00:01:00", frames=12)
    assert spot.before is spot.after is cut.shots[0]


def test_the_neighbour_of_a_place_is_the_shot_that_is_seen(make: SimpleNamespace) -> None:
    low = make.track(make.clip("low", make.span(0, 48)))
    high = make.track(make.gap(12), make.clip("high", make.span(0, 6)), name="V2")
    spot = place(flattened(make.timeline(low, high)), at="01:00:00:18", frames=6)
    assert spot.before
    assert spot.after
    assert (spot.before.name, spot.after.name) == ("high", "low")


def test_places_at_the_ends_have_one_neighbour(cut: Cut) -> None:
    assert place(cut, at="01:00:00:00", frames=5).before is None
    assert place(cut, at="01:00:09:23", frames=1).after is None


def test_a_clip_can_be_named_by_its_guid(make: SimpleNamespace) -> None:
    ours = {"secondunit": {"guid": "5f0c"}}
    clips = (make.clip("x", make.span(0, 5), metadata=ours), make.clip("x", make.span(0, 5)))
    cut = flattened(make.timeline(*clips))
    assert place(cut, after="5f0c", frames=2).record.first == 86405


@pytest.mark.parametrize(
    ("ask", "words", "hint"),
    [
        ({"at": "00:59:00:00", "frames": 5}, "not in the cut", "from 01:00:00:00 to 01:00:09:23"),
        ({"at": "01:00:10:00", "frames": 5}, "not in the cut", "01:00:09:23"),
        ({"at": "01:00:09:20", "frames": 5}, "beyond the end", "room for 4 frames"),
        ({"at": "01:00:00:00", "frames": 0}, "0 frames", "one frame or more"),
        ({"after": "sh2", "frames": 5}, "2 clips are called", "01:00:05:00 to 01:00:07:23"),
        ({"after": "sh3", "frames": 5}, "no clip is called", "sh1"),
        ({"after": "sh1", "frames": 500}, "beyond the end", "room for 144"),
        ({"frames": 5}, "none is given", "Give a timecode"),
        ({"at": "01:00:00:00", "after": "sh1", "frames": 5}, "not two", "Give a timecode"),
    ],
)
def test_what_is_no_place_is_refused_with_what_there_is(
    cut: Cut, ask: dict[str, Any], words: str, hint: str
) -> None:
    with pytest.raises(NoPlace, match=words) as caught:
        place(cut, **ask)
    assert hint in caught.value.hint


def test_there_is_no_place_after_the_last_clip(make: SimpleNamespace) -> None:
    cut = flattened(make.timeline(make.clip("only", make.span(0, 5))))
    with pytest.raises(NoPlace, match="the frame after 'only' is not in the cut"):
        place(cut, after="only", frames=1)


def test_an_empty_cut_has_no_place(make: SimpleNamespace) -> None:
    with pytest.raises(NoPlace) as caught:
        place(flattened(make.timeline(make.track())), at="01:00:00:00", frames=1)
    assert caught.value.hint == "The cut is empty."


def test_a_timecode_the_cut_does_not_count_in_is_refused(cut: Cut, make: SimpleNamespace) -> None:
    for text in ("01:00:00:24", "yesterday", "86400", "01:00:00"):
        with pytest.raises(TimecodeWrong):
            place(cut, at=text, frames=5)
    with pytest.raises(DropFrameMismatch):
        place(cut, at="01:00:00;00", frames=5)
    clip = make.clip("a", make.span(0, 300, NTSC_DROP))
    drop = flattened(make.timeline(clip, start=107892, rate=NTSC_DROP))
    assert place(drop, at="01:00:00;10", frames=5).record.first == 107902
    with pytest.raises(DropFrameMismatch) as caught:
        place(drop, at="01:00:00:10", frames=5)
    assert ";" in caught.value.hint


def test_holes_are_where_nothing_shows(cut: Cut) -> None:
    assert [(hole.first, hole.last) for hole in holes(cut)] == [(86496, 86519)]
