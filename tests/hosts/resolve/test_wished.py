"""A re-cut in the timeline: what is said of our shot is what the editor did, none is lost."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_resolve import Media, fake
from fake_resolve.cut import ours_track
from fake_resolve.cutting import Timelines
from fake_resolve.doing import MediaItems
from fake_resolve.state import Item, Take, Track
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.editorial import read_cut
from secondunit.editorial.recut import compare
from secondunit_bridge import film
from secondunit_bridge.errors import MediaOffline, NoPlace
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_resolve.acts import Bench, bring_takes, bringing, comparing, remove_insert
from secondunit_resolve.acts.keeping import keep_cut, kept_at, kept_for
from secondunit_resolve.collect.exported import plain_cut, save_cut
from secondunit_resolve.collect.places import shut
from secondunit_resolve.collect.reading import Clip, Reading, read
from secondunit_resolve.collect.reading import Track as Track_
from secondunit_resolve.collect.turnover import Wish
from secondunit_resolve.collect.wished import MOST, wished
from secondunit_resolve.place.marks import custom
from secondunit_resolve.place.rebuild import rebuilt
from secondunit_resolve.port import Port
from secondunit_resolve.refusals import HostRefused
from secondunit_resolve.words import Said

LENGTH, HANDLES, RATE = 40, 8, Fraction(24)
MARK = {"guid": "G-1", "code": "0010", "sequence": "TCC", "take": "t.1", "project": "Film"}


def world_of():
    """A, our shot over the gap, B."""
    world, handle = fake()
    reel = Media("reel", "/rushes/reel.mov", 5000, start=0)
    ours = Media("t", "/store/TCC_0010_t001.1001.exr", LENGTH + 2 * HANDLES, first_number=1001)
    a = Item("A", 86400, 60, reel, 200)
    shot = Item("t", 86460, LENGTH, ours, HANDLES)
    shot.markers[8] = {"color": "Cyan", "name": "SU 0010", "note": "", "duration": 1.0,
                       "customData": custom(MARK)}  # fmt: skip
    b = Item("B", 86500, 60, reel, 900)
    world.timeline.tracks["video"] = [Track("Video 1", [a, b]), Track("SU_INSERT", [shot])]
    return world, handle, shot, b


def told(old, new) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        cuts = [read_cut(save_cut(one, Path(folder) / f"{n}.otio"), open_media=False)
                for n, one in enumerate((old, new))]  # fmt: skip
    (item,) = [item for item in compare(*cuts).items if item.guid == "G-1"]
    return {"change": item.change.value, "missing": sum(b - a + 1 for a, b in item.missing)}


@settings(max_examples=25)
@given(
    change=st.sampled_from(["open", "close", "trim", "slip", "move", "omit", "beside"]),
    by=st.integers(1, 30),
)
def test_the_comparison_tells_what_the_editor_did(change: str, by: int):
    world, handle, shot, b = world_of()
    port = Port(handle)
    old = plain_cut(read(port))
    small = min(by, HANDLES)
    if change == "open":
        b.start += by
        more = max(0, by - HANDLES)
        truth = {"change": "extended_beyond" if more else "extended_in_handles", "missing": more}
    elif change == "close":  # the editor closes the gap and trims our shot with it
        b.start -= by
        shot.length -= by
        truth = {"change": "trimmed", "missing": 0}
    elif change == "trim":  # both ends are taken in under what lies below
        shot.length -= by
        b.start -= by
        b.left -= by
        truth = {"change": "trimmed", "missing": 0}
    elif change == "slip":
        shot.left += small
        truth = {"change": "slipped", "missing": 0}
    elif change == "move":
        for item in (shot, b, world.timeline.tracks["video"][0].items[0]):
            item.start += by
        truth = {"change": "moved", "missing": 0}
    elif change == "omit":
        world.timeline.tracks["video"][1].items.clear()
        truth = {"change": "omitted", "missing": 0}
    else:
        world.timeline.tracks["video"][0].items.append(Item("C", b.end, by + 5, b.media, 2000))
        truth = {"change": "same", "missing": 0}
    new = wished(plain_cut(read(port)))
    assert told(old, new) == truth
    assert world.failures == []


@pytest.mark.parametrize(("name", "change"), [
    ("TCC_0010_t002.1001.exr", "same"), ("TCC_0010_v001.1001.exr", "same"),
    ("TCC_0010_t003.[1001-1070].exr", "same"), ("stock_0010.1001.exr", "source_swapped"),
])  # fmt: skip
def test_another_take_of_the_selector_is_the_same_shot_and_other_media_are_not(name, change):
    _, handle, shot, _ = world_of()
    old = plain_cut(read(Port(handle)))
    shot.media = replace(shot.media, path=f"/elsewhere/{name}", name=name, id=name)
    assert told(old, plain_cut(read(Port(handle))))["change"] == change


def test_a_hole_that_is_a_place_for_another_shot_is_left_alone():
    _, handle, _, b = world_of()
    b.start += 2000
    reading = plain_cut(read(Port(handle)))
    assert wished(reading) == reading


def holes_beside(clips: list[Clip], clip: Clip) -> tuple[int, int]:
    """Frames before and behind a clip of ours that it is grown by, by going through all others."""
    others = [one for one in clips if one is not clip]
    if any(one.first <= clip.first and one.last >= clip.last for one in others):
        return 0, 0
    head = min((clip.first - one.last - 1 for one in others if one.last < clip.first), default=0)
    tail = min((one.first - clip.last - 1 for one in others if one.first > clip.last), default=0)
    head *= head <= MOST and not any(one.first < clip.first <= one.last for one in others)
    tail *= tail <= MOST and not any(one.first <= clip.last < one.last for one in others)
    return head, tail


PLACES = st.tuples(st.integers(0, 900), st.integers(1, 120), st.integers(1, 3), st.booleans())


@given(st.lists(PLACES, min_size=1, max_size=14))
def test_our_clips_grow_over_what_is_free_beside_them_whatever_lies_about(places):
    tracks = tuple(Track_(n, f"V{n}", locked=False, enabled=True) for n in (1, 2, 3))
    clips = [Clip(f"c{n}", track, first, first + long - 1, None, 8, Fraction(1), "none",
                  enabled=True, id=f"{n}", mark={"guid": f"{n}"} if mine else {})
             for n, (first, long, track, mine) in enumerate(places)]  # fmt: skip
    reading = Reading("T", "t", RATE, False, 0, 2000, (96, 54), tracks, tuple(clips), 0, None, "")
    for clip, now in zip(clips, wished(reading).clips, strict=True):
        grown = (clip.first - now.first, now.last - clip.last)
        assert grown == (holes_beside(clips, clip) if clip.mark else (0, 0))
        assert now.left == clip.left - grown[0]


def test_a_clip_on_a_track_that_is_off_closes_no_hole():
    world, handle, shot, b = world_of()
    b.start += 5
    hidden = Track("old", [Item("old", shot.end, 5, b.media)], enabled=False)
    world.timeline.tracks["video"].insert(1, hidden)
    (clip,) = [one for one in wished(plain_cut(read(Port(handle)))).clips if one.mark]
    assert clip.last - clip.first + 1 == LENGTH + 5


def worked_on():
    """Our shot with three takes of which the second plays, and all that an editor does to it."""
    world, handle, shot, _ = world_of()
    medias = [shot.media, *(replace(shot.media, name=name, id=name) for name in ("t2", "t3"))]
    shot.takes = [Take(media, HANDLES, HANDLES + LENGTH - 1) for media in medias]
    shot.take, shot.media = 2, medias[1]
    shot.colour, shot.enabled, shot.properties = "Purple", False, {"ZoomX": 1.2}
    shot.markers[8]["note"] = "stale: the cut shows more"
    shot.markers[20] = {"color": "Blue", "name": "mine", "note": "look here", "duration": 1.0,
                        "customData": ""}  # fmt: skip
    port = Port(handle)
    (clip,) = [clip for clip in plain_cut(read(port)).clips if clip.mark]
    return world, port, shot, clip


def kept_of(item: Item) -> tuple[object, ...]:
    return (item.media.name, sorted(take.media.name for take in item.takes), item.markers,
            item.colour, item.enabled, item.properties)  # fmt: skip


def test_a_clip_that_is_put_back_longer_keeps_takes_markers_and_what_was_set_on_it():
    world, port, shot, clip = worked_on()
    before = kept_of(shot)
    rebuilt(
        port, port.timeline(), clip, FrameRange(clip.first - 3, clip.last + 4, clip.record_rate)
    )
    (now,) = ours_track(world).items
    assert now is not shot
    assert (now.start, now.length, now.left) == (86457, LENGTH + 7, HANDLES - 3)
    assert kept_of(now) == before
    assert {(take.first, take.last) for take in now.takes} == {(5, 5 + LENGTH + 6)}
    assert world.failures == []


def test_a_clip_that_resolve_does_not_put_back_longer_is_there_as_it_was():
    world, port, shot, clip = worked_on()
    before = kept_of(shot)
    with pytest.raises(HostRefused):  # its media end before that
        rebuilt(
            port, port.timeline(), clip, FrameRange(clip.first, clip.last + 30, clip.record_rate)
        )
    (now,) = ours_track(world).items
    assert (now.start, now.length, now.left) == (shot.start, LENGTH, HANDLES)
    assert kept_of(now) == before


def test_a_clip_with_another_beside_it_is_not_touched():
    world, port, shot, clip = worked_on()
    ours_track(world).items.append(Item("pickup", shot.end, 10, shot.media))
    with pytest.raises(NoPlace, match="another clip is beside it"):
        rebuilt(
            port, port.timeline(), clip, FrameRange(clip.first, clip.last + 2, clip.record_rate)
        )
    assert ours_track(world).items[0] is shot


def test_what_an_editor_changed_is_not_forgotten_when_takes_are_brought_in_before_the_comparison(
    tmp_path,
):
    """Another media of other numbers plays in our clip, which had been slipped."""
    _, handle, shot, _ = world_of()
    bench = Bench(Port(handle), "Ada", Wish(), folder=tmp_path)
    assert keep_cut(bench) == ()  # as the insert was put there
    shot.left += 5
    path, name = "/store/TCC_0010_t002.1001.exr", "t2"
    shot.media = replace(shot.media, path=path, name=name, id=name, start=1000)
    (said,) = keep_cut(bench)
    assert "run Compare cut" in said
    assert keep_cut(bench) == (said,)  # as often as it is run

    def change() -> str:
        reading = plain_cut(bench.reading())
        now = save_cut(wished(reading), tmp_path / "now.otio")
        cuts = [read_cut(path, open_media=False) for path in (kept_at(bench, reading), now)]
        (item,) = [item for item in compare(*cuts).items if item.guid == "G-1"]
        return item.change.value

    assert change() == "slipped"
    assert keep_cut(bench, seen=True) == ()
    assert change() == "same"
    assert keep_cut(bench) == ()


def test_a_copy_of_the_timeline_is_compared_with_the_one_that_has_its_shots(tmp_path):
    world, handle, shot, _ = world_of()
    bench = Bench(Port(handle), "Ada", Wish(), folder=tmp_path)
    assert kept_for(bench, bench.reading()) is None  # nothing was ever kept
    keep_cut(bench)
    first = kept_at(bench, bench.reading())
    world.timeline.name, world.timeline.id = "TCC_v02", "timeline-copy"
    assert kept_for(bench, bench.reading()) == first
    shot.left += 5
    assert keep_cut(bench)  # what was changed in the copy is not forgotten either
    own = kept_for(bench, bench.reading())
    assert own == kept_at(bench, bench.reading()) != first
    world.timeline.id = "timeline-other"
    shot.markers[8]["customData"] = custom({**MARK, "guid": "G-2"})  # none of those shots in it
    assert kept_for(bench, bench.reading()) is None


def test_an_insert_that_resolve_does_not_let_go_keeps_its_markers(tmp_path, monkeypatch):
    world, handle, shot, _ = world_of()
    world.timeline.playhead = shot.start
    world.timeline.markers[60] = {"color": "Cyan", "name": "SU 0010", "note": "", "duration": 40.0,
                                  "customData": custom({**MARK, "kind": "shot"})}  # fmt: skip
    monkeypatch.setattr(Timelines, "DeleteClips", lambda *_: False)
    told = remove_insert(Bench(Port(handle), "Ada", Wish(), folder=tmp_path))
    assert told.wrong
    assert "delete it by hand" in told.text
    assert ours_track(world).items == [shot]
    assert list(world.timeline.markers) == [60]


def test_a_shot_that_cannot_be_brought_in_is_told_and_holds_up_no_other(tmp_path, monkeypatch):
    shots = [SimpleNamespace(shot=SimpleNamespace(guid=guid, name=guid)) for guid in ("G-1", "G-2")]

    def bring(bench, unit, reading, known):
        if known is shots[0]:
            raise MediaOffline("the frame is not in the vault", hint="Is the disk connected?")
        return Said((f"{known.shot.name}: 1 take in the selector.",), {"takes": 1})

    monkeypatch.setattr(bringing, "known_clips", lambda *_: shots)
    monkeypatch.setattr(bringing, "bring", bring)
    unit = SimpleNamespace(close=lambda: None)
    told = bring_takes(Bench(Port(world_of()[1]), "Ada", Wish(), lambda: unit, tmp_path))
    assert told.wrong
    assert told.text.splitlines() == [
        "G-1 was not brought in whole:", "The frame is not in the vault.", "Is the disk connected?",
        "G-2: 1 take in the selector."]  # fmt: skip


def in_the_vault(folder: Path) -> tuple[film.Media, film.Project]:
    """Eight frames in the store of a production: nothing here looks into them."""
    media = film.Media(FrameRange(1001, 1008, RATE), "", 96, 54,
                       digests=tuple(f"{n:064x}" for n in range(8)))  # fmt: skip
    for digest in media.digests:
        path = folder / "store" / "vault" / digest[:2] / f"{digest}.exr"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a frame")
    return media, film.Project("Film", RATE, 96, 54, store=str(folder / "store"))


@pytest.mark.parametrize("kept", [True, False])
def test_why_a_take_is_aside_is_read_back_and_said_where_resolve_does_not_keep_it(
    tmp_path, monkeypatch, kept
):
    world, handle, _, _ = world_of()
    media, project = in_the_vault(tmp_path)
    shot = film.Shot("Film", "TCC", "0010", "G-1", FrameRange(86460, 86499, RATE))
    state = film.TakeState.junk
    takes = [film.Take(f"t.{n}", "d", "G-1", shot.name, n, 0, state, media, junk_reason=why)
             for n, why in ((1, "soft: 0.2 of 0.5"), (2, "flicker: 9"))]  # fmt: skip
    if not kept:
        monkeypatch.setattr(MediaItems, "SetMetadata", lambda *_: True)  # a yes, and nothing done
    bench = Bench(Port(handle), "Ada", Wish(), folder=tmp_path)
    reading = bench.reading()
    (clip,) = [clip for clip in reading.clips if clip.mark]
    known = bringing.Known(clip, shot, project, tuple(takes), (), {})
    said = bringing.bring(bench, SimpleNamespace(), reading, known).text
    aside = next(f for f in world.project.root.walk() if f.name == "_junk").clips
    if kept:
        assert [clip.metadata["Comments"] for clip in aside] == ["soft: 0.2 of 0.5", "flicker: 9"]
        aside[0].metadata["Comments"] += "; and her eyes"  # an editor's words stay
        bringing.bring(bench, SimpleNamespace(), reading, known)
        assert aside[0].metadata["Comments"] == "soft: 0.2 of 0.5; and her eyes"
    assert ("Resolve does not keep why take 2 is there: flicker: 9" in said) != kept


def test_a_track_of_ours_that_is_off_or_locked_is_said_with_the_way_out(tmp_path):
    world, handle, _, _ = world_of()
    bench = Bench(Port(handle), "Ada", Wish(), folder=tmp_path)
    assert shut(bench.reading()) == ()
    ours_track(world).enabled, ours_track(world).locked = False, True
    off, locked = shut(bench.reading())
    assert "SU_INSERT (V2) is switched off" in off
    assert "Enable Video Track" in off
    assert "Unlock it" in locked
    world.timeline.tracks["video"][0].enabled = False  # an editor's own tracks are the editor's
    assert len(shut(bench.reading())) == 2


def test_a_pickup_is_put_wherever_the_cut_shows_its_frames_and_not_twice(tmp_path):
    """The shot was duplicated: one use shows four missing frames, the other two of them."""
    world, handle, shot, b = world_of()
    again = replace(shot, id="again", start=86700, markers=dict(shot.markers))
    ours_track(world).items.append(again)
    media, project = in_the_vault(tmp_path)
    late = film.Shot("Film", "TCC", "0020", "G-P", FrameRange(86508, 86511, RATE), Handles(4, 0))
    take = film.Take("p.1", "d", "G-P", late.name, 1, 0, film.TakeState.pending_review, media)
    unit = SimpleNamespace(close=lambda: None, shots=lambda: [late], projects=lambda: [project],
                           take=lambda _: take)  # fmt: skip
    one = {"guid": "G-P", "shot": late.name, "missing": [1057, 1060], "take": {"take": "p.1"},
           "seam": {"value": 0.5, "unit": "of 255", "outcome": "clear"},
           "places": [[86508, 1057, 1060], [86748, 1058, 1059]]}  # fmt: skip
    came = {"statuses": {"changed": []}, "shot": [one]}
    b.start += 12  # room beside the first use: the cut is as the comparison read it
    video = world.timeline.tracks["video"][0].items
    video += [Item("C", b.end, again.start - b.end, b.media), Item("D", 86750, 40, b.media, 99)]
    bench = Bench(Port(handle), "Ada", Wish(), lambda: unit, tmp_path)
    for _ in range(2):
        reading = bench.reading()
        told = comparing._placed(bench, reading, {"items": [], "generate_frames": 4}, came)
        laid = sorted((i.start, i.length, i.left) for i in ours_track(world).items
                      if i.media.path.endswith("_0020_t001.1001.exr"))  # fmt: skip
        assert laid == [(86508, 4, 4), (86748, 2, 5)]
    assert "used 2 times" not in told.text
    assert world.failures == []
