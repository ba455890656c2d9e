"""Pickups in random re-cuts: each kept frame is the one it was, each missing one its pickup's."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lock_material import FIRST, LAST, cut_of, foreign, ours, showing, version
from secondunit.editorial import Cut, Document, flattened
from secondunit.editorial.filled import Pick, filled
from secondunit.editorial.missing import Place, places
from secondunit.editorial.recut import compare
from secondunit_bridge.timing import Handles

EDITS = st.sampled_from(["same", "trim", "tail", "head", "both", "slip", "split",
                         "grown", "duplicate"])  # fmt: skip


def edited(clip: dict[str, Any], edit: str, chance: random.Random) -> list[dict[str, Any]]:
    n, at = chance.randrange(1, 12), chance.randrange(1, 40)
    return {
        "same": [clip],
        "trim": [showing(clip, 1009 + n, 40 - n)],
        "tail": [showing(clip, 1009, 48 + n)],
        "head": [showing(clip, 1001 - n, 48 + n)],
        "both": [showing(clip, 1001 - n, 56 + 2 * n)],
        "slip": [showing(clip, 1009 + 2 * n, 40)],
        "split": [showing(clip, 1009, at), showing(clip, 1009 + at, 40 - at)],
        "grown": [showing(clip, 1009, at), showing(clip, 1009 + at, 48 - at + n)],
        "duplicate": [showing(clip, 1009, 52), showing(clip, 1009, 52)],
    }[edit]


def played(cut: Cut) -> dict[int, tuple[str, int]]:
    """Which file is seen at each frame of the record."""
    return {at: (str(shot.media), frame) for shot in cut.shots
            for at, frame in zip(range(shot.record.first, shot.record.last + 1), shot.frames,
                                 strict=True)}  # fmt: skip


@settings(max_examples=150)
@given(st.lists(EDITS, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_a_random_re_cut_loses_no_frame_and_gets_only_those_it_lacks(edits, chance):
    mine = [ours(index) for index in range(len(edits))]
    pieces = [edited(clip, edit, chance) for clip, edit in zip(mine, edits, strict=True)]
    old = cut_of([clip for index, one in enumerate(mine) for clip in (one, foreign(index))])
    new = cut_of([clip for index, many in enumerate(pieces) for clip in (*many, foreign(index))])
    found = compare(old, new)
    picks: dict[str, list[Pick]] = {}
    for item in found.items:
        for first, last in item.missing if item.guid else ():
            handles = Handles(4, 0) if first > LAST else Handles(0, 4)
            name = f"SQ_pick{item.guid}{first}_v001"
            made = version(name, f"pick-{name}", last - first + 1 + 4, handles)
            picks.setdefault(str(item.guid), []).append(Pick((first, last), made))
            used = places(item, (first, last))
            told = {
                place.record + n: frame
                for place in used
                for n, frame in enumerate(range(place.missing[0], place.missing[1] + 1))
            }
            shown = {at: frame for at, (media, frame) in played(new).items()
                     if media == item.old.media and first <= frame <= last}  # fmt: skip
            assert told == shown  # every use of it, and nothing else
    document = Document(json.loads(json.dumps(new.document)))
    filled(document, new, found, picks)
    before, after = played(new), played(flattened(document))
    assert set(after) == set(before)
    brought: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for at, (media, frame) in before.items():
        if media.startswith("/rushes") or FIRST <= frame <= LAST:
            assert after[at] == (media, frame)  # the same file, byte for byte
        else:
            brought.setdefault((media, frame), set()).add(after[at])
    assert all(len(one) == 1 and "pick" in next(iter(one))[0] for one in brought.values())
    shown = {frame for one in brought.values() for frame in one}
    lacking = sum(last - first + 1 for item in found.items if item.guid
                  for first, last in item.missing)  # fmt: skip
    assert len(shown) == len(brought) == lacking == found.generate_frames


def test_a_clip_that_is_retimed_keeps_its_place_and_that_is_said():
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "metadata": {}, "effect_name": "",
            "time_scalar": 2.0}  # fmt: skip
    old, new = cut_of([ours(0)]), cut_of([{**showing(ours(0), 1009, 30), "effects": [warp]}])
    found = compare(old, new)
    pick = Pick((1057, 1067), version("SQ_pick_v001", "pick", 15, Handles(4, 0)))
    document = Document(json.loads(json.dumps(new.document)))
    (said,) = filled(document, new, found, {"guid-0": [pick]})
    assert "cut them in by hand" in said
    assert document == new.document


def test_a_pickup_of_a_shot_that_was_split_has_its_place_at_the_piece_that_lacks_frames():
    old = cut_of([ours(0), foreign(0)])
    pieces = showing(ours(0), 1009, 10), showing(ours(0), 1040, 20)
    new = cut_of([pieces[0], foreign(0), pieces[1], foreign(1), showing(ours(0), 1050, 9)])
    (item,) = [item for item in compare(old, new).items if item.guid]
    assert item.missing == ((1057, 1059),)
    first, second = 86400 + 10 + 12 + 17, 86400 + 10 + 12 + 20 + 12 + 7
    assert places(item, (1057, 1059)) == (Place(first, (1057, 1059)), Place(second, (1057, 1058)))
