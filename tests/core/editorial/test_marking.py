"""Markers into cuts of other software: ours are written anew, theirs stay as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from secondunit.editorial import read_cut, save
from secondunit.editorial.marking import Mark, marked
from secondunit_bridge.timing import FrameRange

NAMES = ("effects", "multitrack", "nested_example", "premiere_example", "screening_example",
         "simple_cut", "transition")  # fmt: skip


def marks(cut, count: int = 3) -> list[Mark]:
    """Findings in the first frames of a cut."""
    told = []
    for n, department in zip(range(count), ("Props", "Camera", "Catering"), strict=False):
        record = FrameRange(cut.start + n, cut.start + 2 * n, cut.rate)
        told.append(Mark(f"c@{n}", f"Line {n}.", department, record, "by Ada", {"answer": None}))
    return told


def without_ours(document: Any) -> Any:
    bare = json.loads(json.dumps(document))
    waiting = [bare]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("markers"), list):
                one["markers"] = [m for m in one["markers"] if "secondunit" not in m["metadata"]]
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return bare


@pytest.mark.parametrize("name", NAMES)
def test_markers_come_back_from_cuts_of_other_software(data: Path, tmp_path: Path, name: str):
    cut = read_cut(data / "otio" / f"{name}.otio")
    out = save(marked(cut, marks(cut)), tmp_path / "marked.otio")
    again = read_cut(out)
    mine = [m for m in again.markers if m.name.startswith("Line ")]
    assert [(m.name, m.color, m.comment) for m in mine] == [
        ("Line 0.", "GREEN", "by Ada"),
        ("Line 1.", "BLUE", "by Ada"),
        ("Line 2.", "WHITE", "by Ada"),
    ]
    assert [m.record for m in mine] == [mark.record for mark in marks(cut)]
    assert [m for m in again.markers if m not in mine] == list(cut.markers)
    assert [s.record for s in again.shots] == [s.record for s in cut.shots]
    bare = without_ours(again.document)
    if not cut.document["tracks"].get("markers"):
        bare["tracks"]["markers"] = cut.document["tracks"].get("markers", [])
    assert json.dumps(bare) == json.dumps(json.loads(json.dumps(cut.document)))


def test_only_ours_are_written_anew_wherever_they_stand(data: Path, tmp_path: Path):
    cut = read_cut(data / "otio" / "screening_example.otio")
    once = read_cut(save(marked(cut, marks(cut)), tmp_path / "once.otio"))
    foreign = {"OTIO_SCHEMA": "Marker.2", "name": "VFX: paint out rig", "metadata": {"x": [1, 2.5]},
               "odd field": None}  # fmt: skip
    clip = once.document["tracks"]["children"][0]["children"][0]
    clip.setdefault("markers", []).append(foreign)
    clip["markers"].append({**foreign, "metadata": {"secondunit": {"finding": "c@9"}}})
    twice = marked(once, marks(cut, 1))
    assert twice["tracks"]["children"][0]["children"][0]["markers"][-1] == foreign
    ours = [m for m in twice["tracks"]["markers"] if "secondunit" in m["metadata"]]
    assert [m["metadata"]["secondunit"]["finding"] for m in ours] == ["c@0"]
    assert marked(once, [])["tracks"]["markers"] == []


def test_opentimelineio_itself_reads_our_markers(data: Path, tmp_path: Path):
    otio = pytest.importorskip("opentimelineio")
    cut = read_cut(data / "otio" / "simple_cut.otio")
    out = save(marked(cut, marks(cut)), tmp_path / "marked.otio")
    stack = otio.adapters.read_from_file(str(out)).tracks
    ours = [m for m in stack.markers if "secondunit" in m.metadata]
    assert [(m.color, m.marked_range.duration.value) for m in ours] == [
        ("GREEN", 1), ("BLUE", 2), ("WHITE", 3),
    ]  # fmt: skip
