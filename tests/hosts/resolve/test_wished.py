"""Random re-cuts in the timeline: what a comparison says of our shot is what the editor did."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fake_resolve import Media, fake
from fake_resolve.state import Item, Track
from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.editorial import read_cut
from secondunit.editorial.recut import compare
from secondunit_resolve.collect.exported import plain_cut, save_cut
from secondunit_resolve.collect.reading import read
from secondunit_resolve.collect.wished import wished
from secondunit_resolve.place.marks import custom
from secondunit_resolve.port import Port

LENGTH, HANDLES = 40, 8
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


def test_a_hole_that_is_a_place_for_another_shot_is_left_alone():
    _, handle, _, b = world_of()
    b.start += 2000
    reading = plain_cut(read(Port(handle)))
    assert wished(reading) == reading
