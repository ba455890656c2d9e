"""What Resolve says it did and did not: every write is read back, and what is not there is said."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from fake_resolve import cutting, doing, fake
from fake_resolve.cut import ours_track
from fake_resolve.marking import Marked
from fake_resolve.state import Item, Media, Take, Track
from secondunit_bridge import film
from secondunit_bridge.timing import FrameRange
from secondunit_resolve.acts import Bench, remove_insert
from secondunit_resolve.acts.inserting import place_slate
from secondunit_resolve.collect.exported import plain_cut
from secondunit_resolve.collect.turnover import Wish
from secondunit_resolve.place.rebuild import rebuilt
from secondunit_resolve.port import Port

RATE = Fraction(24)
SPAN = FrameRange(86460, 86469, RATE)
SHOT = film.Shot("Film", "TCC", "0010", "G-1", SPAN)


@pytest.fixture
def at(tmp_path: Path):
    """A bench at an empty timeline; nothing here needs the daemon."""
    world, handle = fake()
    world.timeline.tracks["video"][0].items = [Item("A", 86400, 200, Media("a", "/a.mov", 900))]
    yield world, Bench(Port(handle), "Ada", Wish(), folder=tmp_path / "resolve")
    assert world.failures == []


def slate(bench: Bench, folder: Path) -> str:
    project = film.Project("Film", RATE, 96, 54, store=str(folder / "store"))
    return "\n".join(place_slate(bench, bench.reading(), SHOT, project)[2])


def says_yes(*_: object) -> bool:
    return True


def kind(only: type, does):
    """A call of markers that lies for things of one kind, and works for all others."""
    return lambda w, thing, *rest: True if isinstance(thing, only) else does(w, thing, *rest)


@pytest.mark.parametrize(("owner", "name", "lie", "said"), [
    (cutting.TimelineItems, "GetName", cutting.TimelineItems.GetName, ""),  # nothing is wrong
    (doing.Items, "SetClipColor", says_yes, "Resolve does not show TCC_0010 in Orange"),
    (doing.Timelines, "AddMarker", kind(doing.Timeline, Marked.AddMarker),
     "Resolve did not keep the timeline's marker of TCC_0010"),
])  # fmt: skip
def test_what_a_new_insert_lacks_is_said(at, tmp_path, monkeypatch, owner, name, lie, said):
    world, bench = at
    monkeypatch.setattr(owner, name, lie, raising=False)
    told = slate(bench, tmp_path)
    assert said in told
    assert bool(said) == bool(told)
    assert [(item.start, item.length) for item in ours_track(world).items] == [(86460, 10)]


@pytest.mark.parametrize(("name", "said"), [
    ("", ""), ("DeleteTrack", "The empty track SU_INSERT stays"),
    ("DeleteMarkerByCustomData", "Its marker on the timeline stays"),
])  # fmt: skip
def test_what_stays_of_an_insert_that_was_taken_out_is_said(at, tmp_path, monkeypatch, name, said):
    world, bench = at
    slate(bench, tmp_path)
    world.timeline.playhead = SPAN.first
    if name:
        monkeypatch.setattr(cutting.Timelines, name, says_yes)
    told = remove_insert(bench)
    assert told.facts["removed"]
    assert said in told.text
    assert len(told.lines) == 2 + bool(said)


def longer(at, tmp_path: Path) -> tuple[str, ...]:
    """Our clip, with takes and all that an editor set on it, put back three frames longer."""
    world, bench = at
    slate(bench, tmp_path)
    (item,) = ours_track(world).items
    item.takes = [Take(item.media, 8, 17), Take(replace(item.media, id="t2"), 8, 17)]
    item.take, item.properties, item.enabled = 1, {"ZoomX": 1.2}, False
    item.markers[20] = {"color": "Blue", "name": "mine", "note": "", "duration": 1.0,
                        "customData": ""}  # fmt: skip
    (clip,) = [clip for clip in plain_cut(bench.reading()).clips if clip.mark]
    return rebuilt(bench.port, bench.port.timeline(), clip, FrameRange(86460, 86472, RATE))


def late(w, t, info):
    made = cutting_appended(w, t, info)
    made.left += 2
    return made


cutting_appended = cutting._appended


@pytest.mark.parametrize(("owner", "name", "lie", "said"), [
    (cutting.TimelineItems, "GetName", cutting.TimelineItems.GetName, ""),
    (doing.Items, "SetProperty", says_yes, "did not take over ZoomX: set it again"),
    (doing.Items, "SetClipColor", says_yes, "the colour Orange"),
    (doing.Items, "SetClipEnabled", says_yes, "that it is switched off"),
    (cutting, "_appended", late, "begins 2 frames too late in its media: slip it by hand"),
])  # fmt: skip
def test_what_a_clip_lost_on_being_put_back_longer_is_said(
    at, tmp_path, monkeypatch, owner, name, lie, said
):
    if name == "SetClipColor":  # it was orange before
        work = doing.Items.SetClipColor
        monkeypatch.setattr(doing.Items, name, lambda w, i, c: i.length > 10 or work(w, i, c))
    else:
        monkeypatch.setattr(owner, name, lie, raising=False)
    told = "\n".join(longer(at, tmp_path))
    assert said in told
    assert bool(said) == bool(told)


def test_a_track_is_named_after_us_only_when_it_is_ours(at, tmp_path):
    """The tracks of an editor stay whatever becomes of ours."""
    world, bench = at
    world.timeline.tracks["video"].append(Track("Titles"))
    slate(bench, tmp_path)
    assert [track.name for track in world.timeline.tracks["video"]] == [
        "Video 1", "Video 2", "Titles", "SU_INSERT"]  # fmt: skip
