"""Re-cuts of timelines that other programs wrote: what was done to a clip is what is told of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from secondunit.editorial import Cut, Document, flattened, load
from secondunit.editorial.counting import the_timeline
from secondunit.editorial.items import children, kind_of
from secondunit.editorial.numbering import active_reference
from secondunit.editorial.recut import compare

FOREIGN = ("effects", "multitrack", "nested_example", "premiere_example", "screening_example",
           "simple_cut", "transition")  # fmt: skip
# Where the longest plain clip names no media of its own, and where it is too short to be trimmed.
UNNAMED = ("multitrack", "nested_example", "premiere_example", "screening_example")
SHORT = ("simple_cut", "transition")


def opened(data: Path, name: str) -> Cut:
    return flattened(load(data / "otio" / f"{name}.otio"))


def with_clip(cut: Cut, layer: int, index: int, change) -> Cut:
    """The cut with a clip of a track changed; ``change`` gives what stands in its place."""
    document = Document(json.loads(json.dumps(cut.document)))
    track = children(the_timeline(document)["tracks"])[layer]["children"]
    track[index : index + 1] = change(track[index])
    return flattened(document)


def plain_shot(cut: Cut) -> Any:
    """The longest clip that is in no nest, plays at its own speed and stands in no transition."""
    tracks = children(the_timeline(cut.document)["tracks"])
    able = [
        shot for shot in cut.shots
        if not shot.nested and shot.retime == "none" and shot.dissolves == (0, 0)
        and kind_of(tracks[shot.layer]["children"][shot.index]) == "Clip"
        and tracks[shot.layer]["children"][shot.index].get("source_range")
    ]  # fmt: skip
    return max(able, key=lambda shot: len(shot.record), default=None)


def gap(clip: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": clip["source_range"]}]


def shorter(clip: dict[str, Any]) -> list[dict[str, Any]]:
    """Four frames less, and a gap for them: one file's track says how long it is as a whole."""
    copy, hole = json.loads(json.dumps(clip)), json.loads(json.dumps(gap(clip)[0]))
    four = max(1, round(4 * copy["source_range"]["duration"]["rate"] / 24))
    copy["source_range"]["duration"]["value"] -= four
    hole["source_range"]["duration"]["value"] = four
    return [copy, hole]


def later(clip: dict[str, Any]) -> list[dict[str, Any]]:
    copy = json.loads(json.dumps(clip))
    copy["source_range"]["start_time"]["value"] += 3
    return [copy]


def swapped(clip: dict[str, Any]) -> list[dict[str, Any]]:
    """Other media, wherever the program that wrote the cut names them."""
    reference = active_reference(clip)
    named = re.findall(r'"(?:target_url|Media Url)": "([^"]+)"', json.dumps(reference))
    text = json.dumps(clip)
    for url in named:
        text = text.replace(url, "/elsewhere/other_reel.mov")
    return [json.loads(text)]


CASES = [
    (name, change, word)
    for change, word, but in (
        (gap, "omitted", ()), (shorter, "trimmed", SHORT), (later, "slipped", ()),
        (swapped, "source_swapped", UNNAMED),
    )
    for name in FOREIGN if name not in but
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "word"), CASES)
def test_one_changed_clip_of_a_foreign_cut_is_told_and_no_other(
    data: Path, name: str, change, word: str
):
    cut = opened(data, name)
    shot = plain_shot(cut)
    found = compare(cut, with_clip(cut, shot.layer, shot.index, change))
    (item,) = [one for one in found.items if one.old == shot]
    assert item.change.value == word
    others = {one.change.value for one in found.items if one is not item}
    assert others <= {"same", "moved"}
    assert found.generate_frames == 0  # nothing of these is ours to make
    if word == "omitted":
        back = compare(with_clip(cut, shot.layer, shot.index, change), cut)
        assert [one.change.value for one in back.items if one.change.value != "same"] == ["added"]


def test_a_change_is_left_out_only_where_a_cut_has_no_clip_for_it(data: Path):
    shots = {name: plain_shot(opened(data, name)) for name in FOREIGN}
    assert {name for name, shot in shots.items() if shot.media is None} == set(UNNAMED)
    assert {name for name, shot in shots.items() if len(shot.record) < 8} == set(SHORT)
