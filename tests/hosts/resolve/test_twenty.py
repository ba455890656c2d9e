"""Twenty shots of real footage: an insert, a sweep, a changed lock, and the sheets to be read."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from fake_resolve import Media, fake
from fake_resolve.cut import BBB, ours_track, outside
from fake_resolve.state import Item
from secondunit_bridge.unit import Unit
from secondunit_resolve.acts import Bench, bring_takes, new_insert
from secondunit_resolve.acts.comparing import compare_cut
from secondunit_resolve.acts.sweeping import sweep
from secondunit_resolve.acts.turning_over import turn_over
from secondunit_resolve.collect.turnover import Wish
from secondunit_resolve.port import Port

PATIENCE_S = 300.0
GAP = (86484, 86499)


def twenty(world, data: Path) -> list[Item]:
    movie = data / BBB
    rabbit = Media("bbb", str(movie), 720)
    street = Media("seeking", str(movie.parent / "seeking-480i.mp4"), 150, 25.0)
    items, at = [], 86400
    for number in range(20):
        media = street if number % 5 == 3 else rabbit
        left = number * 5 % 90 if media is street else number * 34 % 640
        items.append(Item(f"SQ_{number + 1:03}", at, 12, media, left))
        at += 12 + (16 if number == 6 else 0)
    world.timeline.settings |= {"timelineResolutionWidth": "96", "timelineResolutionHeight": "54"}
    world.timeline.tracks["video"][0].items = items
    world.project.root.clips = [rabbit, street]
    return items


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_shots_go_through_insert_sweep_lock_change_and_turnover(data, home, tmp_path):
    world, handle = fake()
    items = twenty(world, data)
    world.timeline.marks = GAP
    before = outside(world)
    wish = Wish(generator="reframe", takes=2, artist="Ada")
    bench = Bench(Port(handle), "Ada", wish, folder=home / "resolve")
    said = new_insert(bench)
    with Unit.connect() as unit:
        unit.wait(said.facts["takes"], timeout=PATIENCE_S)
        bring_takes(bench)
        version = unit.circle(said.facts["takes"][0], "Kim")
    bring_takes(bench)
    assert outside(world) == before
    found = sweep(bench, patience_s=PATIENCE_S)
    assert found.facts["markers"] > 10
    assert outside(world) == before
    for item in items:
        item.start += 4 if item.start > GAP[0] else 0
    before = outside(world)
    assert compare_cut(bench, patience_s=PATIENCE_S).facts["generate_frames"] == 0
    compare_cut(bench, patience_s=PATIENCE_S)
    (ours,) = ours_track(world).items
    assert (ours.start, ours.length) == (GAP[0], 20)
    turn_over(bench, tmp_path / "out", patience_s=PATIENCE_S)
    (row, _) = csv.DictReader((tmp_path / "out/TCC_v01_count.csv").read_text().splitlines())
    assert (row["version"], row["frames"], row["tail handle"]) == (version.name, "20", "4")
    text = (tmp_path / "out/TCC_v01_V1.edl").read_text()
    assert text.count("* FROM CLIP NAME:") == 20
    assert outside(world) == before
    assert world.failures == []
