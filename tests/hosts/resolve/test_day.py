"""An editor's ten steps against the fake Resolve, with the real daemon and real footage."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cut_material import write_movie
from fake_resolve import Media, World
from fake_resolve.cut import ours_track
from fake_resolve.long_cut import Costly
from fake_resolve.state import Item
from secondunit_bridge.film import TakeState
from secondunit_bridge.unit import Unit
from secondunit_resolve.acts import Bench, bring_takes, new_insert
from secondunit_resolve.acts.comparing import compare_cut
from secondunit_resolve.acts.sweeping import sweep
from secondunit_resolve.acts.turning_over import turn_over
from secondunit_resolve.collect.turnover import Wish
from secondunit_resolve.pacing import Pace
from secondunit_resolve.port import Port

IN, OUT = 86460, 86499
LATER = 86700  # where the rest of the cut begins: retimes, a freeze, a compound, other rates
LONG_S = 100.0  # an errand is a Python of its own, and machines of tests are slow


def _shortened(world: World, folder: Path) -> None:
    """A second before the gap and one behind it, and of all the rest a few frames: a sweep decodes
    each. With it goes a clip of 23.976."""
    items = world.timeline.tracks["video"][0].items
    pictures = [np.full((54, 96, 3), 40 * number, np.uint8) for number in range(6)]
    film = write_movie(folder / "film.mov", pictures, rate=Fraction(24000, 1001))
    items.append(Item("film", 0, 3, Media("film", str(film), 6, 24000 / 1001), 1))
    at = LATER
    for item in items:
        if item.name == "A":  # its last second
            item.start, item.left, item.length = IN - 24, item.left + 36, 24
        elif item.name == "B":  # the film begins black, which a sweep must see
            item.left, item.length = 0, 24
        elif item.kind == "transition":
            item.start, item.length = LATER + 2, 2
        else:
            item.start, item.length = at, 3
            at += 3
    assert {item.kind for item in items} == {"clip", "transition"}


@pytest.fixture(scope="module")
def day(data: Path, home: Path):
    """The world of one edit, with an insert of 40 frames in its gap, whose takes were shot."""
    from fake_resolve import fake
    from fake_resolve.cut import BBB, cut_of, outside

    world, handle = fake()
    cut_of(world, data / BBB)
    _shortened(world, home)
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


def test_a_rejected_take_lies_in_the_junk_bin_with_its_reason(day):
    world, bench, facts = day
    world.timeline.playhead = IN
    from secondunit_resolve.acts import reshoot

    more = reshoot(bench)
    with Unit.connect() as unit:
        (take,) = unit.wait(more.facts["takes"], timeout=90)
        assert take.state is not TakeState.failed
        unit.reject(take.id, "Ada", "soft")
    told = bring_takes(bench)
    assert told.facts[facts["guid"]]["junk"] == [take.id]
    bins = {f.name: f for f in world.project.root.walk()}
    assert [clip.metadata["Comments"] for clip in bins["_junk"].clips] == ["rejected"]
    assert [clip.colour for clip in bins["_junk"].clips] == ["Pink"]


def test_a_turnover_is_read_as_an_assistant_editor_would(day, tmp_path: Path, outside):
    world, bench, _ = day
    before = outside(world)
    said = turn_over(bench, tmp_path / "out", patience_s=LONG_S)
    assert not said.facts.get("running")
    sheet = (tmp_path / "out" / "TCC_v01_count.csv").read_text()
    rows = list(csv.DictReader(sheet.splitlines()))
    assert [(row["shot"], row["frames"]) for row in rows] == [("TCC_0010", "40"), ("1 shot", "40")]
    assert rows[0]["version"] == "TCC_0010_v001"
    assert (rows[0]["record in"], rows[0]["record out"]) == ("01:00:02:12", "01:00:04:04")
    assert (rows[0]["first frame"], rows[0]["last frame"]) == ("1009", "1048")
    assert (rows[0]["head handle"], rows[0]["tail handle"]) == ("8", "8")
    lists = sorted(path.name for path in (tmp_path / "out").glob("*.edl"))
    assert lists == ["TCC_v01_SU_INSERT.edl", "TCC_v01_V1.edl", "TCC_v01_V2.edl"]
    text = (tmp_path / "out" / lists[0]).read_text()
    assert "01:00:02:12 01:00:04:04" in text
    assert "TCC_0010_v001" in text
    document = json.loads((tmp_path / "out" / "TCC_v01.otio").read_text())
    from secondunit.editorial.resolve_shape import lapses

    assert not [one for one in lapses(document) if "music" not in one]
    assert outside(world) == before


def test_findings_of_a_sweep_become_markers_and_nothing_else_changes(day, outside):
    world, bench, _ = day
    before = outside(world)
    mine = {f for f, m in world.timeline.markers.items() if '"shot"' in m["customData"]}
    world.timeline.markers[3] = {"color": "Blue", "name": "mine", "note": "", "duration": 1.0,
                                 "customData": ""}  # fmt: skip
    said = sweep(bench, patience_s=LONG_S)
    assert said.facts["findings"] > 0  # ten black frames
    assert said.facts["markers"] > 0
    assert Path(said.facts["page"]).is_file()
    again = sweep(bench, patience_s=LONG_S)
    found = [m for m in world.timeline.markers.values() if '"finding"' in m["customData"]]
    assert len(found) == again.facts["markers"]
    assert world.timeline.markers[3]["name"] == "mine"
    assert mine <= set(world.timeline.markers)
    assert outside(world) == before


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
