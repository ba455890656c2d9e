"""Resolve is never held up for long: work goes in short stretches, nothing waits for a start."""

from __future__ import annotations

import random
import threading
import time

import pytest
from fake_resolve import Media, fake
from fake_resolve.long_cut import Costly, long_timeline
from fake_resolve.state import Item
from hypothesis import given
from hypothesis import strategies as st
from secondunit_bridge.errors import DaemonUnavailable
from secondunit_resolve import pacing
from secondunit_resolve.acts.bench import Bench
from secondunit_resolve.acts.estimating import agreed
from secondunit_resolve.collect.exported import own_export, plain_cut, save_cut
from secondunit_resolve.collect.laid import PROBED, starts
from secondunit_resolve.collect.reading import read
from secondunit_resolve.pacing import Pace
from secondunit_resolve.place.marks import custom
from secondunit_resolve.port import Port
from secondunit_resolve.refusals import HostLacks

CLIPS, MOST_S = 600, 0.1


def read_slowly(version: str, call_s: float = 0.001) -> tuple[Pace, Costly, list[str]]:
    """A cut of many clips read from a Resolve whose calls cost as they do from a process beside."""
    world, handle = fake(version)
    long_timeline(world, CLIPS)
    clock, said = Costly(world, call_s=call_s), []
    pace = Pace(pause=clock.pause, tell=said.append, clock=clock.now)
    port = Port(handle, pace)
    assert len(read(port, own_export(port)).clips) == CLIPS
    assert world.failures == []
    return pace, clock, said


@pytest.mark.parametrize("version", ["17", "20.3.2"])
def test_a_long_cut_is_read_in_short_stretches_and_how_far_it_is_is_said(version):
    pace, clock, said = read_slowly(version)
    assert pace.longest <= MOST_S
    assert clock.pauses >= clock.now() / MOST_S - 1
    if version == "17":  # three times the calls: it lasts
        assert said
        assert all(f" of {CLIPS}." in sentence for sentence in said)


def test_without_pauses_the_same_measure_finds_it_too_long(monkeypatch):
    monkeypatch.setattr(pacing, "STRETCH_S", 60.0)
    pace, clock, _ = read_slowly("20.3.2")
    assert clock.pauses == 0
    assert pace.longest > MOST_S


def calls_of(version: str, clips: int = 60, *, whole: bool = True) -> float:
    """Of each clip."""
    world, handle = fake(version)
    long_timeline(world, clips)
    port = Port(handle)
    read(port, own_export(port), whole=whole)
    return (len(world.calls) - 40 - 30) / clips  # 40 reels, and what is asked of the timeline


def test_an_export_spares_four_calls_of_six_and_a_listing_two_where_there_is_none():
    assert calls_of("20.3.2", 2000) < 2.1
    assert 5.9 < calls_of("17", 2000) < 6.3
    assert calls_of("17", 2000, whole=False) < 4.3


def listed(world, handle, *, whole: bool) -> list[tuple[object, ...]]:
    clips = read(Port(handle), whole=whole).clips
    return [(c.name, c.track, c.first, c.last, c.source, c.mark) for c in clips]


def test_a_listing_has_the_clips_that_a_whole_reading_has(resolve):
    world, handle = resolve("17")
    long = next(item for item in world.timeline.tracks["video"][0].items if item.name == "B")
    ours = Media("t", "/store/TCC_0010_t001.[1001-1056].exr", 56, first_number=1001)
    mark = {"color": "Cyan", "name": "SU", "note": "", "duration": 1.0,
            "customData": custom({"guid": "G-1", "code": "0010", "sequence": "TCC"})}  # fmt: skip
    moved = Item("t", long.start, 20, ours, markers={8: mark})
    world.timeline.tracks["video"][1].items.append(moved)
    assert listed(world, handle, whole=False) == listed(world, handle, whole=True)
    assert world.calls.count("TimelineItem.GetRightOffset") > 0
    world.calls.clear()
    assert len(listed(world, handle, whole=False)) > 8
    assert not {"TimelineItem.GetLeftOffset", "TimelineItem.GetRightOffset"} & set(world.calls)


class Laid:
    """Items of a track as a port reaches them; counts how often one is asked where it lies."""

    def __init__(self, firsts: list[int]) -> None:
        self.firsts, self.asked = firsts, 0

    def whole(self, item: int, name: str) -> int:
        assert name == "GetStart"
        self.asked += 1
        return self.firsts[item]


@given(st.lists(st.tuples(st.integers(1, 90), st.sampled_from([0] * 9 + [1, 24])), max_size=300))
def test_where_items_lie_is_known_of_all_with_few_of_them_asked(pieces):
    firsts, at = [], 86400
    for length, gap in pieces:
        firsts.append(at + gap)
        at += gap + length
    lengths, track = [length for length, _ in pieces], Laid(firsts)
    assert starts(track, range(len(firsts)), lengths) == firsts
    assert track.asked <= len(firsts)
    if not any(gap for _, gap in pieces):
        assert track.asked <= len(firsts) / PROBED + 2


def shuffled(count: int) -> list[int]:
    order = list(range(1, count - 1))
    random.Random(5).shuffle(order)
    return [0, *order, count - 1]


@pytest.mark.parametrize("order", [
    [*range(100), *range(101, 200), 100], list(range(199, -1, -1)), shuffled(200),
], ids=["put in last", "backwards", "between its ends"])  # fmt: skip
def test_a_list_that_is_not_in_record_order_is_found_out_and_each_is_asked(order):
    lengths = [24 + number % 37 for number in range(200)]
    firsts = [86400 + sum(lengths[:at]) for at in range(200)]
    track = Laid([firsts[at] for at in order])
    assert starts(track, range(200), [lengths[at] for at in order]) == track.firsts


def test_where_nothing_can_be_placed_nobody_is_asked_and_no_clip_is_read():
    world, handle = fake("18")
    long_timeline(world, 60)
    bench = Bench(Port(handle), "Ada")
    for command in ("new_insert", "fill_gap"):
        with pytest.raises(HostLacks, match="at which frame a clip goes"):
            agreed(bench, command)
    assert "Timeline.GetItemListInTrack" not in world.calls
    assert world.timeline.markers == {}


def test_only_clips_that_may_be_ours_are_asked_whose_they_are_wherever_they_were_moved_to():
    world, handle = fake("17")
    long_timeline(world, 60)
    ours = Media("t", "/store/TCC_0010_t001.[1001-1056].exr", 56, first_number=1001)
    moved = Item("t", 96400, 40, ours, 8)
    moved.markers[8] = {"color": "Cyan", "name": "SU 0010", "note": "", "duration": 1.0,
                        "customData": custom({"guid": "G-1", "code": "0010"})}  # fmt: skip
    world.timeline.tracks["video"][0].items.append(moved)
    reading = read(Port(handle))
    assert [clip.mark["guid"] for clip in reading.clips if clip.mark] == ["G-1"]
    assert world.calls.count("TimelineItem.GetMarkers") == 1
    assert len(world.calls) < 61 * 6 + 200  # without an export; 40 reels cost one more each


def test_a_long_cut_is_written_item_by_item(tmp_path, monkeypatch):
    import json

    world, handle = fake()
    long_timeline(world, 60)
    turns = []
    port = Port(handle)
    reading = read(port, own_export(port))
    monkeypatch.setattr(port.pace, "step", lambda: turns.append(1))
    for one in (reading, plain_cut(reading)):
        turns.clear()
        cut = json.loads(save_cut(one, tmp_path / "cut.otio", port.pace).read_text())
        assert len(turns) >= 60
        assert next(len(t["children"]) for t in cut["tracks"]["children"]) >= 60


class Slow:
    """A daemon that takes its time to come up."""

    def __init__(self) -> None:
        self.up, self.closed = threading.Event(), threading.Event()

    def dial(self) -> Slow:
        self.up.wait(10)
        return self

    def close(self) -> None:
        self.closed.set()


def test_a_daemon_that_must_be_started_holds_nobody_up(tmp_path):
    slow, turns = Slow(), []
    _, handle = fake()
    bench = Bench(Port(handle, Pace(pause=lambda: turns.append(1))), "Ada", dial=slow.dial,
                  folder=tmp_path, patience_s=0.05)  # fmt: skip
    began = time.thread_time()
    with pytest.raises(DaemonUnavailable, match="is being started") as raised, bench.unit():
        pass
    assert time.thread_time() - began < MOST_S
    assert "again in a moment" in raised.value.hint
    assert turns
    slow.up.set()
    assert slow.closed.wait(5)  # nobody was left to hang up


def test_a_daemon_that_comes_up_in_time_is_used_and_a_refusal_is_passed_on(tmp_path):
    slow = Slow()
    _, handle = fake()
    bench = Bench(Port(handle), "Ada", dial=slow.dial, folder=tmp_path, patience_s=5)
    slow.up.set()
    with bench.unit() as unit:
        assert unit is slow
    assert slow.closed.is_set()

    def refused():
        raise DaemonUnavailable("the daemon ended at once")

    bench.dial = refused
    with pytest.raises(DaemonUnavailable, match="ended at once"), bench.unit():
        pass


def test_inside_of_resolve_its_window_gives_way_and_without_one_nothing_is_waited_for(monkeypatch):
    from types import SimpleNamespace

    from secondunit_resolve.panel import entry
    from secondunit_resolve.panel.window import Window

    turns = []
    window = Window(None, SimpleNamespace(StepLoop=lambda: turns.append(1)))
    for program, shown, patience in (("resolve", window, entry.HURRIED_S),
                                     ("resolve", None, entry.HURRIED_S),
                                     ("fuscript", None, entry.PATIENT_S)):  # fmt: skip
        path = f"/opt/resolve/bin/{program}"
        monkeypatch.setattr("sys.executable", path)
        monkeypatch.setattr("os.readlink", lambda _, path=path: path)
        bench = Bench(Port(fake()[1]), "Ada")
        entry._give_way(bench, shown)
        bench.port.pace.rest()
        assert bench.patience_s == patience
    assert turns == [1]
