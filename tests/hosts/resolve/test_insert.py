"""An insert from the timeline, and its takes: the fake Resolve, the real daemon, real footage."""

from __future__ import annotations

import pytest
from fake_resolve.cut import ours_track
from secondunit_bridge.errors import QueueFull
from secondunit_bridge.unit import Unit
from secondunit_resolve.acts import Bench, bring_takes, fill_gap, new_insert, remove_insert, reshoot
from secondunit_resolve.collect.turnover import Wish
from secondunit_resolve.port import Port

IN = 86460
SHORT = 86471  # an Out that makes a short shot


def bench(handle, home, **wish) -> Bench:
    asked = {"generator": "slate", "takes": 1, "artist": "Ada", **wish}
    return Bench(Port(handle), "Ada", Wish(**asked), folder=home / "resolve")


def wait(takes) -> None:
    with Unit.connect() as unit:
        unit.wait(takes, timeout=90)


def test_an_insert_comes_as_a_slate_at_once_and_as_takes_later(resolve, home, outside):
    world, handle = resolve()
    world.timeline.marks = (IN, SHORT)
    before, pages = outside(world), world.page
    at = bench(handle, home, takes=2)
    said = new_insert(at)
    assert not said.wrong
    (item,) = ours_track(world).items
    assert world.timeline.tracks["video"][-1] is ours_track(world)
    assert (item.start, item.length, item.left, item.colour) == (IN, 12, 8, "Orange")
    assert item.media.path.endswith("_slate.1001.png")
    marker = world.timeline.markers[60]
    assert marker["name"] == "SU 0010"
    assert said.facts["guid"] in marker["customData"]
    assert outside(world) == before
    wait(said.facts["takes"])
    bring_takes(at)
    assert len(item.takes) == 3  # the slate and two takes
    assert item.take in (2, 3)
    assert item.media.path.endswith(".1001.exr")
    assert (item.start, item.length, item.left) == (IN, 12, 8)
    assert outside(world) == before
    assert world.page == pages
    bring_takes(at)
    assert len(item.takes) == 3  # nothing is brought twice
    again = reshoot(at) if put(world, IN) else None
    assert again
    assert len(again.facts["takes"]) == 2
    assert remove_insert(at).facts["removed"]
    assert all(track.name != "SU_INSERT" for track in world.timeline.tracks["video"])
    assert world.timeline.markers == {}
    assert outside(world) == before


def put(world, frame: int) -> bool:
    world.timeline.playhead = frame
    return True


def test_the_gap_at_the_playhead_is_filled(resolve, home, outside):
    world, handle = resolve("18.5", "studio")
    next(i for i in world.timeline.tracks["video"][0].items if i.name == "B").start = SHORT + 1
    put(world, IN + 3)
    before = outside(world)
    said = fill_gap(bench(handle, home))
    assert said.facts["record"] == [IN, SHORT]
    assert outside(world) == before
    with Unit.connect() as unit:
        assert [unit.take(one).shot for one in said.facts["takes"]] == [said.facts["guid"]]
        unit.cancel(take=said.facts["takes"][0], by="Ada")


@pytest.mark.parametrize(
    ("marks", "code"),
    [
        ((86400 + 304, 86400 + 320), "E_NESTED"),
        ((86400 + 364, 86400 + 395), "E_MEDIA_OFFLINE"),
        ((86400 + 440, 86400 + 490), "E_RATE_MISMATCH"),
        (None, "E_NO_PLACE"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_way_out_and_nothing_is_changed(
    resolve, home, outside, marks, code
):
    from secondunit_bridge.errors import SecondUnitError

    world, handle = resolve()
    world.timeline.tracks["video"][0].items[:] = [
        item for item in world.timeline.tracks["video"][0].items
        if item.name in {"E_NESTED": ("nest",), "E_MEDIA_OFFLINE": ("gone",),
                         "E_RATE_MISMATCH": ("room",)}.get(code, ())
    ]  # fmt: skip
    world.timeline.marks = marks
    before = outside(world)
    with pytest.raises(SecondUnitError) as raised:
        new_insert(bench(handle, home, generator="reframe"))
    assert raised.value.code == code
    assert raised.value.hint
    assert outside(world) == before


class FullQueue(Unit):
    """A connection whose daemon takes no more takes."""

    def turn_over(self, turnover):
        raise QueueFull("too many takes are waiting", hint="Wait until some are shot.")


def test_what_was_half_done_is_taken_out_again_when_the_daemon_takes_no_more(
    resolve, home, outside
):
    world, handle = resolve()
    world.timeline.marks = (IN, SHORT)
    before, tracks = outside(world), len(world.timeline.tracks["video"])
    full = bench(handle, home)
    full.dial = lambda: FullQueue.connect(host="resolve")
    with pytest.raises(QueueFull):
        new_insert(full)
    assert outside(world) == before
    assert len(world.timeline.tracks["video"]) == tracks
    assert world.timeline.markers == {}
    assert not new_insert(bench(handle, home)).wrong  # and it can be asked again


def test_takes_of_a_clip_that_was_trimmed_lie_where_the_clip_lies(resolve, home):
    world, handle = resolve()
    world.timeline.marks = (IN, SHORT)
    at = bench(handle, home)
    said = new_insert(at)
    wait(said.facts["takes"])
    (item,) = ours_track(world).items
    item.start, item.length, item.left = item.start + 3, item.length - 5, item.left + 3
    bring_takes(at)
    assert (item.start, item.length, item.left) == (IN + 3, 7, 11)
    assert item.media.path.endswith(".exr")
    assert [(take.first, take.last) for take in item.takes] == [(11, 17), (11, 17)]


def test_an_errand_that_failed_can_be_given_again(home, tmp_path):
    from secondunit_bridge.errands import Errand
    from secondunit_bridge.errors import SecondUnitError

    errand = Errand(tmp_path / "errand")
    for _ in range(2):
        assert errand.about() == ""
        errand.start(("shots", str(tmp_path / "none.otio")), about="none")
        assert errand.about() == "none"
        with pytest.raises(SecondUnitError) as raised:
            errand.answer(60)
        assert raised.value.code == "E_CUT"
