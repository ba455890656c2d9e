"""``recut`` on files: our insert in a real cut, a changed lock, marks lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_home import own_home
from secondunit.cli import main
from secondunit.editorial import read_cut


@pytest.fixture(scope="module", autouse=True)
def home() -> Iterator[Path]:
    """Approvals follow in a home of these tests' own; its daemon is stopped at the end."""
    with own_home() as place:
        yield place


def times(first: int, count: int) -> dict:
    """A time range of OpenTimelineIO at 24 frames a second."""
    parts = (("start_time", first), ("duration", count))
    return {"OTIO_SCHEMA": "TimeRange.1"} | {
        name: {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": value} for name, value in parts
    }


def insert(first: int, count: int, **marks) -> dict:
    """A version of ours: 40 frames and handles of 8."""
    media = {"OTIO_SCHEMA": "ImageSequenceReference.1", "target_url_base": "store/v001/exr/",
             "name_prefix": "SQ_0010_v001.", "name_suffix": ".exr", "start_frame": 1001,
             "frame_step": 1, "missing_frame_policy": "error", "rate": 24, "frame_zero_padding": 4,
             "available_range": times(1001, 56)}  # fmt: skip
    metadata = {"secondunit": marks} if marks else {}
    return {"OTIO_SCHEMA": "Clip.1", "name": "SQ_0010", "source_range": times(first, count),
            "metadata": metadata, "media_reference": media}  # fmt: skip


def timeline(path: Path, *items: dict) -> Path:
    track = {"OTIO_SCHEMA": "Track.1", "name": "V1", "kind": "Video", "children": list(items)}
    path.write_text(json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": path.stem, "tracks": {
        "OTIO_SCHEMA": "Stack.1", "children": [track]}}))  # fmt: skip
    return path


def test_a_tail_that_grew_beyond_its_handles_is_told_and_put_back(tmp_path: Path, capfd):
    marks = {"guid": "G-1", "take": "3fa9c1d2.1", "version": "SQ_0010_v001"}
    old = timeline(tmp_path / "v1.otio", insert(1009, 40, **marks))
    new = timeline(tmp_path / "v2.otio", insert(1009, 52))
    assert main(["recut", str(old), str(new), "--apply", "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    (item,) = answer["items"]
    assert item["class"] == "extended_beyond"
    assert (item["keep"], item["missing"]) == ([[1009, 1056]], [[1057, 1060]])
    assert answer["generate_frames"] == 4
    (shot,) = read_cut(answer["otio"]).shots
    assert (shot.guid, shot.marks["version"]) == ("G-1", "SQ_0010_v001")
    assert shot.frames == tuple(range(1009, 1061))
    assert main(["recut", str(old), str(new)]) == 0
    said = capfd.readouterr().out
    assert "4 frames are to be made" in said
    assert "handles left: 0 at the tail" in said


@pytest.mark.parametrize("name", ["effects", "multitrack", "nested_example", "premiere_example",
                                  "screening_example", "simple_cut", "transition"])  # fmt: skip
def test_a_foreign_cut_against_itself_is_the_same_shot_by_shot(data: Path, capfd, name: str):
    cut = data / "otio" / f"{name}.otio"
    assert main(["recut", str(cut), str(cut), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert {item["class"] for item in answer["items"]} <= {"same"}
    assert len(answer["items"]) == len(read_cut(cut).shots)
    assert answer["generate_frames"] == 0


def test_the_new_cut_is_never_written_over(tmp_path: Path, capfd):
    cut = timeline(tmp_path / "v1.otio", insert(1009, 40, guid="G-1"))
    words = ["recut", str(cut), str(cut), "--apply", "--out", str(cut), "--json"]
    assert main(words) == 1
    assert json.loads(capfd.readouterr().out)["error"]["code"] == "E_PATH"
    assert main(["recut", str(cut), str(cut), "--out", str(tmp_path / "x.otio"), "--json"]) == 2
