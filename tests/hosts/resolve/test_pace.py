"""Resolve is never held up for long: work goes in short stretches, nothing waits for a start."""

from __future__ import annotations

import threading
import time

import pytest
from fake_resolve import Media, fake
from fake_resolve.long_cut import Costly, long_timeline
from fake_resolve.state import Item
from secondunit_bridge.errors import DaemonUnavailable
from secondunit_resolve import pacing
from secondunit_resolve.acts.bench import Bench
from secondunit_resolve.collect.exported import own_export, plain_cut, save_cut
from secondunit_resolve.collect.reading import read
from secondunit_resolve.pacing import Pace
from secondunit_resolve.place.marks import custom
from secondunit_resolve.port import Port

CLIPS, MOST_S = 600, 0.1


def read_slowly(version: str, call_s: float = 0.0005) -> tuple[Pace, Costly, list[str]]:
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


def test_an_export_spares_two_calls_of_three(monkeypatch):
    calls = []
    for version in ("17", "20.3.2"):
        world, handle = fake(version)
        long_timeline(world, 60)
        port = Port(handle)
        read(port, own_export(port))
        calls.append(len(world.calls))
    assert calls[1] * 2 < calls[0]


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
    assert len(world.calls) < 61 * 7 + 200  # without an export; 40 reels cost one more each


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
