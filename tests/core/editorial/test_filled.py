"""Pickups in random re-cuts: each kept frame is the one it was, each missing one its pickup's."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from secondunit.editorial import Cut, Document, Inserted, flattened
from secondunit.editorial.filled import Pick, filled
from secondunit.editorial.insert import clip_of, span_of
from secondunit.editorial.recut import compare
from secondunit_bridge.timing import FrameRange, Handles

RATE = Fraction(24)
FIRST, LAST = 1001, 1056  # 40 frames and handles of 8
EDITS = st.sampled_from(["same", "trim", "tail", "head", "both", "slip", "split", "duplicate"])


def version(name: str, guid: str, count: int, handles: Handles) -> Inserted:
    path = f"/store/{name}/exr/{name}.%04d.exr"
    frames = FrameRange(FIRST, FIRST + count - 1, RATE)
    return Inserted(name, guid, name.rpartition("_")[0], "aa.1", "ab", "temp", path, frames,
                    handles)  # fmt: skip


def ours(index: int) -> dict[str, Any]:
    return clip_of(version(f"SQ_00{index}0_v001", f"guid-{index}", 56, Handles(8, 8)), 24.0)


def foreign(index: int) -> dict[str, Any]:
    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": f"/rushes/day{index}.mov",
             "available_range": span_of(0, 500, 24.0)}  # fmt: skip
    return {"OTIO_SCHEMA": "Clip.2", "name": f"day{index}", "metadata": {}, "effects": [],
            "markers": [], "enabled": True, "source_range": span_of(40, 12, 24.0),
            "media_references": {"DEFAULT_MEDIA": media},
            "active_media_reference_key": "DEFAULT_MEDIA"}  # fmt: skip


def showing(clip: dict[str, Any], first: int, count: int) -> dict[str, Any]:
    return {**json.loads(json.dumps(clip)), "source_range": span_of(first, count, 24.0)}


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
        "duplicate": [showing(clip, 1009, 52), showing(clip, 1009, 52)],
    }[edit]


def cut_of(clips: list[dict[str, Any]]) -> Cut:
    track = {"OTIO_SCHEMA": "Track.1", "name": "Video 1", "kind": "Video", "children": clips}
    start = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 86400.0}
    stack = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    return flattened(Document({"OTIO_SCHEMA": "Timeline.1", "name": "cut", "tracks": stack,
                               "global_start_time": start}))  # fmt: skip


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
