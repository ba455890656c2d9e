"""A cut that comes back from editorial moves markers in a real Blender, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

START = {"0010": 1, "0020": 13, "0030": 25}
HEAD, COUNT = 8, 28  # of each shot's media: twelve frames and eight at each end


def time(value: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def span(first: float, count: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(first, rate),
            "duration": time(count, rate)}  # fmt: skip


class Cut:
    """A timeline as editorial sends it back, of the shots of one scene file."""

    def __init__(self, guids: dict[str, str]) -> None:
        self.guids, self.clips = guids, []

    def plays(self, code: str, first: int, last: int, *, base: int = 1001, speed: float = 1,
              marked: bool = True, rate: float = 24) -> Cut:  # fmt: skip
        """A clip that shows these scene frames; ``base`` is how its media counts its first."""
        begin = START[code] - HEAD
        mark: dict[str, Any] = {"guid": self.guids[code], "code": code}
        if marked:
            mark["scene_first"] = begin
        warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": speed}
        self.clips.append({
            "OTIO_SCHEMA": "Clip.2", "name": f"GREY_{code}", "metadata": {"secondunit": mark},
            "source_range": span(base + first - begin, last - first + 1, rate),
            "effects": [warp] if speed != 1 else [],
            "media_references": {"DEFAULT_MEDIA": {
                "OTIO_SCHEMA": "ExternalReference.1", "target_url": "x.mov",
                "available_range": span(base, COUNT, rate)}},
        })  # fmt: skip
        return self

    def foreign(self) -> Cut:
        self.clips.append({"OTIO_SCHEMA": "Clip.2", "name": "stock", "source_range": span(0, 9)})
        return self

    def written(self, path: Path) -> Path:
        gap = {"OTIO_SCHEMA": "Gap.1", "source_range": span(0, 5)}
        track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [gap, *self.clips]}
        sound = {"OTIO_SCHEMA": "Track.1", "kind": "Audio", "children": []}
        path.write_text(json.dumps({
            "OTIO_SCHEMA": "Timeline.1", "name": "reel 1",
            "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [track, sound]},
        }))  # fmt: skip
        return path


@pytest.fixture(scope="module")
def guids(inside, greybox: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("none")
    whole = Cut(dict.fromkeys(START, "unknown")).written(folder / "cut.otio")
    told = inside("recut_against", greybox, whole, "look")
    return {shot["code"]: shot["guid"] for shot in told["before"]["shots"]}


@pytest.fixture
def against(inside, greybox: Path, guids: dict[str, str], tmp_path: Path):
    """Compares a cut with the greybox, and applies it when asked."""

    def compare(cut: Cut, *, apply: bool = False) -> dict[str, Any]:
        path = cut.written(tmp_path / "cut.otio")
        told = inside("recut_against", greybox, path, "apply" if apply else "look")
        assert told["same_animation"]
        return {**told, "by_code": {row["name"].split()[0]: row for row in told["rows"]}}

    return compare


def frames(told: dict[str, Any]) -> dict[str, list[int]]:
    return {shot["code"]: shot["frames"] for shot in told["after"]["shots"]}


def test_the_same_cut_changes_nothing(against, guids):
    whole = Cut(guids).plays("0010", 1, 12).plays("0020", 13, 24).plays("0030", 25, 36)
    told = against(whole, apply=True)
    assert [row["kind"] for row in told["rows"]] == ["same"] * 3
    assert told["said"] == []
    assert told["after"]["shots"] == told["before"]["shots"]


def test_trims_move_markers_and_each_shot_keeps_exactly_its_frames(against, guids):
    cut = Cut(guids).plays("0010", 1, 9).plays("0020", 15, 22).plays("0030", 25, 36)
    told = against(cut, apply=True)
    assert {code: row["kind"] for code, row in told["by_code"].items()} == {
        "0010": "trimmed", "0020": "trimmed", "0030": "same",
    }  # fmt: skip
    assert told["by_code"]["0020"]["change"] == (
        "marker anna moves from frame 13 to 15, the shot ends on frame 22 instead of 24"
    )
    assert frames(told) == {"0010": [1, 9], "0020": [15, 22], "0030": [25, 36]}
    assert told["markers"] == {"wide": [1, True], "anna": [15, True], "ben": [25, True]}
    assert {row["kind"] for row in told["again"]} == {"same"}


def test_shots_that_grow_into_each_other_each_keep_their_range(against, guids):
    cut = Cut(guids).plays("0010", 1, 15).plays("0020", 9, 24).plays("0030", 25, 36)
    told = against(cut, apply=True)
    assert told["by_code"]["0010"]["kind"] == "extended_in_handles"
    assert told["by_code"]["0020"]["kind"] == "extended_in_handles"
    assert told["by_code"]["0020"]["missing"] == []
    assert "animated from frame 13 only" in told["by_code"]["0020"]["warnings"][0]
    assert frames(told) == {"0010": [1, 15], "0020": [9, 24], "0030": [25, 36]}
    assert {row["kind"] for row in told["again"]} == {"same"}


def test_frames_beyond_the_handles_are_named(against, guids):
    cut = Cut(guids).plays("0010", 1, 12).plays("0020", 13, 24).plays("0030", 25, 50)
    row = against(cut)["by_code"]["0030"]
    assert (row["kind"], row["missing"]) == ("extended_beyond", [[45, 50]])
    assert row["warnings"] == [
        "Frames 45 to 50 are not rendered yet: render its passes.",
        "The scene ends on frame 36: end it on 50.",
    ]


def test_a_slip_an_omission_a_new_order_and_strangers_are_each_called_by_name(against, guids):
    cut = Cut(guids).plays("0030", 25, 36).foreign().plays("0010", 3, 14)
    told = against(cut, apply=True)
    kinds = {row["name"]: row["kind"] for row in told["rows"]}
    assert kinds["0010 wide"] == "slipped"
    assert kinds["0020 anna"] == "omitted"
    assert kinds["stock"] == "added"
    assert told["markers"]["OMIT anna"] == [13, False]
    assert frames(told) == {"0010": [3, 14], "0030": [25, 36]}
    moved = against(Cut(guids).plays("0030", 25, 36).plays("0010", 1, 12).plays("0020", 13, 24))
    assert [row["kind"] for row in moved["rows"]] == ["same", "same", "moved"]


def test_retimes_and_repeats_are_told_and_left_alone(against, guids):
    cut = Cut(guids).plays("0010", 1, 12, speed=2).plays("0020", 13, 16).plays("0020", 20, 24)
    told = against(cut.plays("0030", 25, 36).plays("0030", 30, 36), apply=True)
    assert [row["kind"] for row in told["rows"]] == ["retimed", "split", "duplicated"]
    assert told["said"] == []
    other = against(Cut(guids).plays("0010", 1, 12, rate=25))
    assert (
        "cut at 25 frames a second and the scene runs at 24"
        in (other["by_code"]["0010"]["warnings"][0])
    )


@pytest.mark.parametrize("base", [0, 1001, 86400])
def test_media_may_count_from_anywhere(against, guids, base: int):
    cut = Cut(guids).plays("0010", 2, 12, base=base).plays("0020", 13, 24, base=base, marked=False)
    told = against(cut.plays("0030", 25, 36))
    assert told["by_code"]["0010"]["new"] == [2, 12]
    assert told["by_code"]["0020"]["kind"] == "same"


def test_two_shots_never_get_one_frame(against, guids):
    told = against(Cut(guids).plays("0010", 1, 12).plays("0020", 25, 30).plays("0030", 25, 36))
    assert "would both begin on frame 25" in told["problems"][0]
    assert told["by_code"]["0030"]["change"] == ""


def test_a_cut_of_another_scene_is_told_of(against):
    told = against(Cut(dict.fromkeys(START, "elsewhere")).plays("0010", 1, 12))
    assert "is it the right file?" in told["problems"][0]


def test_an_end_that_was_recorded_holds_only_until_the_artist_moves_the_shot(
    inside, greybox: Path, guids, tmp_path: Path
):
    cut = Cut(guids).plays("0010", 1, 9).plays("0020", 15, 22).plays("0030", 25, 34)
    told = inside("recut_then_moved", greybox, cut.written(tmp_path / "cut.otio"))
    after = {shot["code"]: shot["frames"] for shot in told["shots"]["shots"]}
    assert after == {"0010": [1, 15], "0020": [16, 29], "0030": [30, 36]}
    assert "changed since the cut was compared" in told["refused"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", "E_CUT"), ('{"OTIO_SCHEMA": "Clip.1"}', "E_CUT"), ("[]", "E_CUT"),
     ('{"OTIO_SCHEMA": "Timeline.1", "tracks": {"children": [{"children": [{}]}]}}', "E_CUT"),
     (None, "E_MEDIA_OFFLINE")],
)  # fmt: skip
def test_a_file_that_is_no_cut_is_refused_in_words(tmp_path: Path, text: str | None, code: str):
    from secondunit_blender.cut_reading import read_cut
    from secondunit_bridge.errors import SecondUnitError

    path = tmp_path / "cut.otio"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SecondUnitError) as refused:
        read_cut(str(path))
    assert refused.value.code == code
    assert refused.value.hint
