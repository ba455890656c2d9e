"""A lock that changes, step by step: the fake Resolve, the real daemon, real footage."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_resolve.cut import ours_track
from fake_resolve.long_cut import Costly
from fake_resolve.state import Item
from secondunit_bridge.unit import Unit
from secondunit_resolve.acts import Bench, bring_takes, new_insert
from secondunit_resolve.acts.comparing import compare_cut
from secondunit_resolve.collect.turnover import Wish
from secondunit_resolve.pacing import Pace
from secondunit_resolve.port import Port

IN, OUT = 86460, 86499
LATER = 86700  # where the rest of the cut begins: retimes, a freeze, a compound, other rates
LONG_S = 100.0  # an errand is a Python of its own, and machines of tests are slow


@pytest.fixture(scope="module")
def day(data: Path, home: Path):
    """The world of one edit, with an insert of 40 frames in its gap, whose takes were shot."""
    from fake_resolve import fake
    from fake_resolve.cut import BBB, cut_of, outside, shortened

    world, handle = fake()
    cut_of(world, data / BBB)
    shortened(world, home, OUT)
    world.timeline.marks = (IN, OUT)
    wish = Wish(generator="slate", takes=1, artist="Ada")
    clock = Costly(world)
    pace = Pace(pause=clock.pause, clock=clock.now)
    bench = Bench(Port(handle, pace), "Ada", wish, folder=home / "resolve")
    before = outside(world)
    said = new_insert(bench)
    with Unit.connect() as unit:
        unit.wait(said.facts["takes"], timeout=90)
    bring_takes(bench)
    assert outside(world) == before
    yield world, bench, said.facts
    assert world.failures == []
    assert 0 < pace.longest <= 0.1


def test_a_take_is_circled_and_the_next_bring_in_plays_its_version(day):
    world, bench, facts = day
    with Unit.connect() as unit:
        version = unit.circle(facts["takes"][0], "Kim")
    bring_takes(bench)
    (item,) = ours_track(world).items
    assert version.name in item.media.path
    assert item.colour == "Green"
    assert (item.start, item.length) == (IN, 40)


def test_a_place_that_grew_a_little_is_filled_from_the_handles_alone(day, outside):
    world, bench, _ = day
    later = next(i for i in world.timeline.tracks["video"][0].items if i.name == "B")
    later.start += 3
    before = outside(world)
    plan = compare_cut(bench, patience_s=LONG_S)
    assert plan.facts["generate_frames"] == 0
    assert "Run Compare cut again to open the handles." in plan.text
    told = compare_cut(bench, patience_s=LONG_S)
    (item,) = ours_track(world).items
    assert (item.start, item.length, item.left) == (IN, 43, 8)
    (changed,) = told.facts["statuses"]["changed"]
    assert (changed["state"], changed["keep"]) == ("stale", [[1009, 1051]])
    assert item.colour == "Purple"  # its approval was for forty frames
    bring_takes(bench)
    assert ours_track(world).items[0].colour == "Purple"
    assert outside(world) == before


def test_an_approval_that_is_given_again_turns_green_with_the_next_bring_in(day, outside):
    world, bench, facts = day
    before = outside(world)
    with Unit.connect() as unit:
        (version,) = unit.versions(facts["guid"])
        assert unit.version_states(facts["guid"]) == {version.name: "stale"}
        unit.circle(version.take, "Kim")
        assert unit.version_states(facts["guid"]) == {version.name: "approved"}
    bring_takes(bench)
    assert ours_track(world).items[0].colour == "Green"
    assert outside(world) == before


def test_a_place_that_grew_is_filled_from_the_handles_and_by_the_missing_frames_only(day, outside):
    world, bench, facts = day
    compared = compare_cut(bench, patience_s=LONG_S)
    assert compared.facts["generate_frames"] == 0
    (item,) = ours_track(world).items
    pixels = Path(item.media.path).read_bytes()
    later = next(i for i in world.timeline.tracks["video"][0].items if i.name == "B")
    later.start += 17  # the place has grown by twenty in all: eight are in the handles
    before = outside(world)
    plan = compare_cut(bench, patience_s=LONG_S)
    assert plan.facts["generate_frames"] == 12
    page = Path(plan.facts["page"]).read_text(encoding="utf-8")  # which the browser opens
    assert "12 frames to make, and no others." in page
    (ours,) = [one for one in plan.facts["items"] if one["guid"] == facts["guid"]]
    assert (ours["class"], ours["missing"]) == ("extended_beyond", [[1057, 1068]])
    assert item.colour == "Purple"
    made = compare_cut(bench, patience_s=LONG_S)
    (pickup,) = made.facts["shot"]
    assert pickup["missing"] == [1057, 1068]
    assert pickup["code"] == "0020"
    assert pickup["seam"]["outcome"] == "look"  # a slate burns other numbers in: it is seen
    kept, new = sorted(ours_track(world).items, key=lambda one: one.start)
    assert (kept.start, kept.length) == (IN, 48)
    assert (new.start, new.length, new.left) == (IN + 48, 12, 4)
    assert new.colour == "Yellow"
    assert Path(kept.media.path).read_bytes() == pixels
    assert outside(world) == before
    with Unit.connect() as unit:
        take = unit.take(pickup["take"]["take"])
    assert len(take.media.frames) == 12 + 4
    after = compare_cut(bench, patience_s=LONG_S)
    assert after.facts["generate_frames"] == 0


def test_a_pickup_of_a_framing_that_was_held_joins_without_a_seam(day, outside):
    world, bench, _ = day
    video = world.timeline.tracks["video"][0].items
    last = next(item for item in video if item.name == "B")
    gap = last.end, last.end + 11
    later = Item("C", gap[1] + 1, 24, last.media, 400)
    video.append(later)
    world.timeline.marks = gap
    held = {"region": "0.1,0.1,0.8,0.8", "move": "hold", "grade": 0.0}
    bench.wish = Wish(generator="reframe", takes=1, artist="Ada", options=held)
    said = new_insert(bench)
    with Unit.connect() as unit:
        unit.wait(said.facts["takes"], timeout=90)
    bring_takes(bench)
    later.start += 12
    before = outside(world)
    plan = compare_cut(bench, patience_s=LONG_S)
    assert plan.facts["generate_frames"] == 4
    made = compare_cut(bench, patience_s=LONG_S)
    (pickup,) = made.facts["shot"]
    assert pickup["missing"] == [1029, 1032]
    assert pickup["seam"] == {
        "value": pickup["seam"]["value"], "limit": 2.0, "unit": "of 255 at gamma 2.4",
        "outcome": "clear",
    }  # fmt: skip
    assert outside(world) == before
