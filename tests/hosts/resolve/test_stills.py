"""Stills of the neighbours as references: graded, of the right frames, and never of nothing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from fake_resolve.shown import GRADE
from secondunit_bridge.errors import MediaOffline, Nested
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange
from secondunit_resolve.acts import Bench
from secondunit_resolve.acts.stills import neighbours
from secondunit_resolve.collect.turnover import Wish, insert_turnover, new_shot, project_of
from secondunit_resolve.port import Port

IN, OUT = 86460, 86499


@pytest.fixture
def place(resolve, tmp_path):
    """Asks for what lies beside a place; the timeline's output is as the fake's is by itself."""

    def asked(first=IN, last=OUT, version="20.3.2", change=lambda world: None, **wish):
        world, handle = resolve(version)
        change(world)
        world.page, world.timeline.playhead = "media", 86400 + 7
        bench = Bench(Port(handle), "Ada", Wish(**{"stills": True, **wish}), folder=tmp_path)
        reading = bench.reading()
        near, seen = neighbours(bench, reading, FrameRange(first, last, reading.rate))
        assert (world.page, world.timeline.playhead) == ("media", 86400 + 7)
        return bench, reading, near, seen

    return asked


def test_the_frames_at_the_cut_go_along_as_the_timeline_shows_them(place):
    bench, reading, near, seen = place()
    assert [(one.role, one.name) for one in seen] == [
        (Role.reference, "A, graded"), (Role.reference, "B, graded")]  # fmt: skip
    assert {one.media.space for one in seen} == {"Gamma 2.4 Encoded Rec.709"}
    picture = cv2.imread(seen[0].media.path)[..., ::-1].astype(float)
    plain = cv2.imread(seen[1].media.path)[..., ::-1].astype(float)
    assert np.abs(picture - plain).mean() > 1  # the last of A and the first of B
    assert (picture[..., 2] <= 255 * GRADE[2] + 1).all()
    span = FrameRange(IN, OUT, reading.rate)
    project = project_of(reading, "Film", ())
    shot = new_shot(reading, span, project, ())
    roles = [e.name for e in insert_turnover(shot, near, bench.wish, seen).elements
             if e.role is Role.reference]  # fmt: skip
    assert roles == ["A", "A, graded", "B, graded"]  # what it is made from comes first


def test_a_nest_that_no_media_can_stand_for_is_shown_by_its_still(place):
    def alone(world):
        track = world.timeline.tracks["video"][0]
        track.items[:] = [item for item in track.items if item.name == "nest"]

    first = 86400 + 304
    with pytest.raises(Nested):
        place(first, first + 11, change=alone, stills=False)
    _, _, near, seen = place(first, first + 11, change=alone)
    assert [one.name for one in seen] == ["nest, graded"]
    assert near.made_from is None
    assert "Its still is used alone." in near.remarks[0]


def test_what_is_offline_gives_no_still_and_an_old_resolve_gives_none(place):
    with pytest.raises(MediaOffline):  # "gone" plays before it, nothing after it
        place(86400 + 364, 86400 + 370)
    _, _, near, seen = place(version="18")
    assert seen == ()
    assert "before Resolve 18.5" in near.remarks[-1]
    assert near.before is not None


def test_without_the_wish_the_playhead_stays_where_it_is(place):
    bench, _, _, seen = place(stills=False)
    assert seen == ()
    assert not list(bench.folder.rglob("*.png"))
