"""The narrow port and what is written through it survive each published fault of Resolve."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from fake_resolve import Faults, Media, fake
from fake_resolve.cut import ours_track
from fake_resolve.cutting import Timelines
from fake_resolve.doing import Items
from fake_resolve.handles import Handle
from fake_resolve.state import API, Item, Track
from secondunit_bridge.errors import NoPlace
from secondunit_bridge.film import Shot
from secondunit_bridge.timing import FrameRange
from secondunit_resolve.collect.exported import own_export
from secondunit_resolve.collect.ours import mark_of
from secondunit_resolve.collect.places import beside, gap_at_playhead, marked
from secondunit_resolve.collect.reading import read
from secondunit_resolve.place.bins import bin_of, imported
from secondunit_resolve.place.marks import clear_timeline, colour, mark_item, mark_timeline
from secondunit_resolve.place.playhead import go_to
from secondunit_resolve.place.slate import slate
from secondunit_resolve.place.takes import add_take, select
from secondunit_resolve.place.track import our_track, put, remove
from secondunit_resolve.port import Port
from secondunit_resolve.refusals import HostLacks, HostRefused

RATE = Fraction(24)
SPAN = FrameRange(86460, 86469, RATE)
VERSIONS = ("17", "18", "18.5.1", "19.1.3", "20.3.2", "21.0.4")


def a_shot(code: str = "0010") -> Shot:
    return Shot("Film", "TCC", code, f"guid-{code}", SPAN)


def placed(handle, folder: Path):
    """A slate on our track, as New insert puts it."""
    port = Port(handle)
    frames = slate(a_shot(), "", folder)
    media = imported(port, bin_of(port, ("TCC", "0010")), frames)
    timeline = port.timeline()
    item = put(port, timeline, media, frames, our_track(port, timeline, SPAN), SPAN)
    mark_item(port, item, {"guid": "guid-0010", "code": "0010"}, "")
    return port, timeline, item


def whole(resolve, tmp_path: Path, version: str, edition: str, faults: Faults) -> None:
    """Everything that is written once: slate, mark, colour, take, marker, and out again."""
    world, handle = resolve(version, edition, faults)
    port, timeline, item = placed(handle, tmp_path)
    (there,) = ours_track(world).items
    assert (there.start, there.length, there.left) == (86460, 10, 8)
    assert colour(port, item, "Orange") == (there.colour == "Orange")
    more = slate(a_shot("0020"), "", tmp_path)
    media = imported(port, bin_of(port, ("TCC", "0010")), more)
    at = add_take(port, item, media, more, 10)
    select(port, item, at)
    assert add_take(port, item, media, more, 10) == at
    assert there.media.path.endswith("0020_slate.1001.png")
    assert mark_of(port, item)["guid"] == "guid-0010"
    assert mark_timeline(port, timeline, 60, "SU", "note", 10, {"guid": "g", "kind": "finding"})
    assert clear_timeline(port, timeline, "finding") == 1
    read(port, own_export(port))
    world.page = "color"
    assert remove(port, timeline, item)
    assert ours_track(world).items == []
    assert world.page == "color"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("edition", ["free", "studio"])
def test_what_is_written_holds_in_every_version_and_edition(resolve, tmp_path, version, edition):
    if version in ("17", "18"):  # a clip cannot be put at a record frame there
        world, handle = resolve(version, edition)
        with pytest.raises(HostLacks):
            placed(handle, tmp_path)
        assert len(world.timeline.tracks["video"]) == 2
        return
    whole(resolve, tmp_path, version, edition, Faults())


@pytest.mark.parametrize("fault", [
    name for name in Faults.names() if name not in ("end_is_exclusive",)
])  # fmt: skip
def test_it_does_not_lean_on_a_fault(resolve, tmp_path, fault):
    whole(resolve, tmp_path, "20.3.2", "free", replace(Faults(), **{fault: False}))


def test_an_invented_name_is_never_called_though_it_seems_to_be_there():
    world, handle = fake()
    timeline = Port(handle).timeline()
    assert Port(handle).may(timeline, "MakeCoffee", wanted=bool) is None
    assert world.failures == []
    assert hasattr(timeline, "MakeCoffee")  # the lie
    assert world.failures == ["Timeline.MakeCoffee is not in Resolve 20.3.2"]


def test_a_wrong_arity_and_a_studio_call_on_the_free_edition_fail_a_test():
    world, handle = fake(edition="free")
    timeline = Port(handle).timeline()
    timeline.GetTrackCount()
    assert "was given 0 arguments" in world.failures[-1]
    timeline.CreateSubtitlesFromAudio()
    assert "of Studio only" in world.failures[-1]
    assert timeline.GetName() is None  # a window waits, and all else fails
    with pytest.raises(HostRefused):
        Port(handle)


def test_every_call_of_the_adapter_is_in_the_table():
    import re

    names = {name for methods in API.values() for name in methods}
    folder = Path(__file__).parents[3] / "hosts/resolve/secondunit_resolve"
    called = set()
    for file in folder.rglob("*.py"):
        text = file.read_text()
        called |= set(
            re.findall(r'port\.(?:may|ask|thing|whole|listed)\(\s*[\w.]+,\s*"(\w+)"', text)
        )
    assert len(called) > 30
    assert not called - names


def test_a_clip_in_the_way_is_said_and_not_dropped_silently(resolve, tmp_path):
    world, handle = resolve()
    port, timeline, _ = placed(handle, tmp_path)
    frames = slate(a_shot(), "", tmp_path)
    media = imported(port, bin_of(port, ("TCC", "0010")), frames)
    top = len(world.timeline.tracks["video"])
    with pytest.raises(NoPlace):
        put(port, timeline, media, frames, top, SPAN)
    assert our_track(port, timeline, SPAN) == top + 1  # a new one, above


def test_a_locked_track_of_ours_gets_a_new_one_above(resolve, tmp_path):
    world, handle = resolve()
    placed(handle, tmp_path)
    ours_track(world).locked = True
    port = Port(handle)
    later = FrameRange(90000, 90010, RATE)
    assert our_track(port, port.timeline(), later) == len(world.timeline.tracks["video"])
    assert not world.timeline.tracks["video"][-1].locked


def test_an_append_that_vanishes_is_told_as_an_error(resolve, tmp_path, monkeypatch):
    from fake_resolve.cutting import Timelines

    _, handle = resolve()
    ghost = Item("ghost", 0, 1)
    monkeypatch.setattr(Timelines, "append", lambda w, *_: [Handle(w, "TimelineItem", ghost)])
    with pytest.raises(HostRefused):
        placed(handle, tmp_path)


def with_lengths(monkeypatch, *, more: int, restores: bool = True):
    """A selector whose takes make the clip as long as they are: from first to end, and ``more``."""
    add, delete = Items.AddTake, Items.DeleteTakeByIndex

    def adds(w, i, media, *span):
        done = add(w, i, media, *span)
        i.length = span[1] - span[0] + more
        return done

    def deletes(w, i, index):
        i.length = 10 if restores else i.length
        return delete(w, i, index)

    monkeypatch.setattr(Items, "AddTake", adds)
    monkeypatch.setattr(Items, "DeleteTakeByIndex", deletes)


@pytest.mark.parametrize("end_is_played", [True, False])
def test_a_take_is_as_long_as_its_clip_whether_or_not_its_end_is_played(
    resolve, tmp_path, monkeypatch, end_is_played
):
    world, handle = resolve()
    port, _, item = placed(handle, tmp_path)
    more = slate(a_shot("0020"), "", tmp_path)
    media = imported(port, bin_of(port, ("TCC", "0010")), more)
    with_lengths(monkeypatch, more=int(end_is_played))
    assert add_take(port, item, media, more, 10) == 2
    (there,) = ours_track(world).items
    assert (there.start, there.length, len(there.takes)) == (86460, 10, 2)


@pytest.mark.parametrize(("restores", "said"), [(True, "left as it is"), (False, "the clip moved")])
def test_a_take_that_would_move_its_clip_is_taken_out_again_and_what_is_left_is_said(
    resolve, tmp_path, monkeypatch, restores, said
):
    world, handle = resolve()
    port, _, item = placed(handle, tmp_path)
    more = slate(a_shot("0020"), "", tmp_path)
    media = imported(port, bin_of(port, ("TCC", "0010")), more)
    with_lengths(monkeypatch, more=7, restores=restores)
    with pytest.raises(HostRefused, match=said):
        add_take(port, item, media, more, 10)
    (there,) = ours_track(world).items
    assert (there.length == 10) == restores
    assert [take.media for take in there.takes] == [there.takes[0].media]


def test_a_wedged_resolve_is_said_before_anything_is_tried(resolve):
    world, handle = resolve()
    world.wedged = True
    with pytest.raises(HostRefused, match="does not answer"):
        Port(handle).timeline()


def test_an_untitled_project_is_never_told_to_be_saved(resolve, tmp_path):
    world, handle = resolve()
    world.project.name = "Untitled Project"
    placed(handle, tmp_path)
    assert world.saves == 0


@pytest.mark.parametrize(
    ("speed", "curve", "source", "retime"),
    [
        (1.0, False, (250, 279), "none"),
        (2.0, False, (250, 308), "constant"),
        (0.5, False, (250, 264), "constant"),
        (-1.0, False, (250, 279), "reverse"),
        (0.0, False, (250, 250), "freeze"),
        (1.0, True, None, "curve"),
    ],
)
def test_the_source_of_a_retimed_clip_is_what_was_counted_by_hand(
    resolve, data, tmp_path, speed, curve, source, retime
):
    from secondunit.editorial import read_cut

    world, handle = resolve()
    movie = Media("bbb", str(data / "footage/big-buck-bunny-480p-30s.mp4"), 720)
    item = Item("X", 86400, 30, movie, 250, speed, curve=curve)
    world.timeline.tracks["video"][0].items = [item]
    world.timeline.tracks["video"][1].items = []
    port = Port(handle)
    reading = read(port, own_export(port))
    (clip,) = reading.clips
    assert (clip.span, clip.retime) == (source, retime)
    cut = tmp_path / "cut.otio"
    cut.write_text(json.dumps(reading.document))
    (shot,) = [s for s in read_cut(cut, open_media=False).shots if s.name == "X"]
    assert shot.retime == ("unsupported" if retime == "curve" else retime)
    if source:
        assert (min(shot.frames), max(shot.frames)) == source


def test_rates_and_timecode_of_media_are_kept_apart(resolve):
    world, handle = resolve()
    reel = Media("reel", "/m/reel.mov", 500, 24000 / 1001, start=86400)
    world.timeline.tracks["video"][0].items = [Item("R", 86400, 24, reel, 100)]
    (clip,) = [c for c in read(Port(handle)).clips if c.name == "R"]
    assert clip.source.rate == Fraction(24000, 1001)
    assert (clip.source.first, clip.left) == (86400, 100)
    assert clip.span == (100, 100 + 22)  # 23 frames of the record at 24 are 22.98 of these


def test_a_source_range_at_the_timelines_rate_is_counted_in_frames_of_the_media(resolve):
    world, handle = resolve()
    reel = Media("reel", "/m/reel.mov", 500, 50.0, start=180000)
    world.timeline.tracks["video"][0].items = [Item("R", 86400, 24, reel, 100)]
    port = Port(handle)
    document = own_export(port)
    (clip,) = document["tracks"]["children"][0]["children"]
    for time in (clip["source_range"]["start_time"], clip["source_range"]["duration"]):
        time["value"], time["rate"] = time["value"] * 24 / time["rate"], 24.0
    (found,) = [c for c in read(port, document).clips if c.name == "R"]
    assert (found.left, found.last - found.first + 1, found.span) == (100, 24, (100, 147))


def test_a_gap_is_as_long_as_it_is_seen_and_clips_of_a_track_that_is_off_do_not_count(resolve):
    world, handle = resolve()
    world.timeline.playhead = 86400 + 70
    hidden = Track("Video 3", [Item("old", 86400 + 80, 30, world.project.root.clips[0])])
    world.timeline.tracks["video"].append(hidden)
    seen = gap_at_playhead(read(Port(handle)))
    assert (seen.first, seen.last) == (86460, 86479)
    hidden.enabled = False
    seen = gap_at_playhead(read(Port(handle)))
    assert (seen.first, seen.last) == (86460, 86499)


def test_media_that_are_faster_than_the_timeline_are_used_and_that_is_said(resolve):
    _, handle = resolve()
    port = Port(handle)
    near = beside(read(port, own_export(port)), FrameRange(86400 + 540, 86400 + 560, RATE))
    assert near.made_from.name == "pal"
    assert near.remarks == ("pal runs at 25 frames a second in a timeline of 24: frames that the"
                            " record leaves out are left out.",)  # fmt: skip


def test_marks_beyond_the_first_hour_are_refused_where_they_may_mean_two_places(resolve):
    world, handle = resolve()
    reel = Media("reel", "/m/reel.mov", 500)
    world.timeline.tracks["video"][0].items.append(Item("late", 86400 + 100_000, 60, reel))
    world.timeline.marks = (86400 + 90_000, 86400 + 90_010)
    with pytest.raises(NoPlace, match="01:02:30:00 or 02:02:30:00") as refused:
        marked(read(Port(handle)))
    assert "cyan marker" in refused.value.hint
    world.timeline.marks = None  # what the hint says
    world.timeline.markers[90_000] = {"color": "Cyan", "name": "", "note": "", "duration": 11.0,
                                      "customData": ""}  # fmt: skip
    assert marked(read(Port(handle))) == FrameRange(176_400, 176_410, RATE)
    world.timeline.marks = (86400 + 60, 86400 + 99)  # in the first hour nothing is unsure
    assert marked(read(Port(handle))).first == 86460


def test_without_an_export_a_strange_speed_is_unknown_and_said(resolve):
    _, handle = resolve("17")
    reading = read(Port(handle), own_export(Port(handle)))
    found = {clip.name: clip.retime for clip in reading.clips}
    assert found["A"] == "none"
    assert found["fast"] == "unknown"
    assert "Cross Dissolve" not in found


@pytest.mark.parametrize(
    ("fps", "drop"),
    [(24.0, False), (23.976, False), (25.0, False), (29.97, True), (29.97, False), (59.94, True)],
)
def test_the_playhead_goes_to_the_very_frame_at_every_rate_and_a_lie_is_found_out(
    resolve, monkeypatch, fps, drop
):
    world, handle = resolve()
    world.timeline.fps, world.timeline.drop = fps, drop
    port = Port(handle)
    reading = read(port)
    for frame in (86400, 86401, 107891, 107892, 107893):  # about an hour's end, where drop skips
        go_to(port, reading, frame)
        assert world.timeline.playhead == frame
    monkeypatch.setattr(Timelines, "SetCurrentTimecode", lambda w, t, text: True)
    with pytest.raises(HostRefused, match="the playhead did not go to"):
        go_to(port, reading, 86400)
