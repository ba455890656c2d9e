"""Shots of a scene, read and kept in a real Blender."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def steps(inside, tmp_path_factory: pytest.TempPathFactory):
    return inside("identity_through_changes", tmp_path_factory.mktemp("steps"))


def test_each_bound_camera_is_a_shot_until_the_next_one(inside):
    listed = inside("fresh_shots")
    assert [shot["frames"] for shot in listed["shots"]] == [[1, 12], [13, 24], [25, 36]]
    assert [shot["camera"] for shot in listed["shots"]] == ["Cam Wide", "Cam Anna", "Cam Ben"]
    assert [shot["code"] for shot in listed["shots"]] == ["0010", "0020", "0030"]
    assert {shot["guid"] for shot in listed["shots"]} == {""}  # reading writes nothing down
    assert listed["problems"] == [
        "The file was never saved: passes are rendered from the file on disk. Save it."
    ]


def test_kept_shots_are_numbered_by_tens(steps):
    assert [code for code, _ in steps["kept"].values()] == ["0010", "0020", "0030"]
    assert len({guid for _, guid in steps["kept"].values()}) == 3


@pytest.mark.parametrize(
    "step", ["renamed", "all moved", "order changed", "camera renamed", "opened again"]
)
def test_a_shot_stays_itself(steps, step: str):
    before, after = steps["kept"], steps[step]
    assert after["wide"] == before["wide"]
    assert after["closer on anna"] == before["anna"]
    assert after["ben"] == before["ben"]


def test_shots_that_are_added_are_numbered_between_their_neighbours(inside):
    assert inside("inserted") == ["0010", "0015", "0020", "0030", "0040"]


def test_where_no_number_is_free_between_two_a_new_shot_gets_a_letter(steps):
    # by now the order is ben 0030, anna 0020, wide 0010: between 0020 and 0010 no number is free
    code, guid = steps["one added"]["new"]
    assert code == "0020b"
    assert guid not in {known for _, known in steps["kept"].values()}


def test_a_deleted_shot_is_known_again_and_its_code_goes_to_nobody_else(steps):
    assert "closer on anna" not in steps["one deleted"]
    code, guid = steps["its camera used elsewhere"]["another"]
    assert code not in {known for known, _ in steps["kept"].values()}
    assert guid != steps["kept"]["anna"][1]
    assert steps["brought back"]["closer on anna"] == steps["kept"]["anna"]


def test_a_linked_camera_can_be_used_and_a_linked_scene_keeps_no_identities(inside, tmp_path: Path):
    told = inside("linked", tmp_path)
    assert told["kept"]["wide"][0] == "0010"
    own, theirs = told["own"], told["theirs"]
    assert "comes from" in own["shots"][0]["problems"][0]
    assert "changed in that file only" in own["shots"][0]["problems"][0]
    assert own["problems"] == []
    assert len(theirs["shots"]) == 3
    assert "shots keep no identity" in theirs["problems"][0]
    assert told["refused"][0] == "E_PERMISSION"
    assert told["tagged"] == "E_PERMISSION"


def test_nothing_stands_against_a_scene_that_is_in_order(inside):
    listed = inside("spoilt", "nothing")
    assert listed["problems"] == []
    assert [shot["problems"] for shot in listed["shots"]] == [[], [], []]


WRONG = {
    "no cameras": ("bind it with Ctrl B", 0),
    "two on a frame": ("anna and ben are both on frame 25", 2),
    "after the end": ("Marker ben is on frame 99, after the scene's last frame 36", 2),
    "before the start": ("wide is on frame -30 and its shot ends before", 2),
    "starts late": ("Frames 1 to 4 lie before the first camera marker wide", 3),
    "removed": ("", 2),
    "hidden": ("Camera Cam Ben of marker ben is hidden in renders", 2),
    "no camera object": ("bound to Table, which is no camera", 2),
    "rate": ("runs at 24 frames a second and the project at 23.976", 3),
    "never saved": ("never saved", 3),
    "unsaved": ("changes that are not saved", 3),
    "stretched": ("Time stretching is on", 3),
    "layers": ("2 view layers: passes come from", 3),
}


@pytest.mark.parametrize("how", WRONG)
def test_what_is_wrong_with_a_scene_is_said_in_plain_words(inside, how: str):
    sentence, count = WRONG[how]
    listed = inside("spoilt", how)
    assert sentence in " ".join(listed["problems"])
    assert len(listed["shots"]) == count


def test_a_camera_that_only_its_marker_still_holds_is_told_of(inside):
    listed = inside("spoilt", "deleted")
    assert "only its marker still holds it" in listed["shots"][2]["problems"][0]


def test_a_move_that_ends_at_the_cut_is_told_of_for_both_handles(inside):
    problems = inside("fresh_shots")["shots"][1]["problems"]
    assert "ends on frame 24 and the tail handle on 32" in problems[0]
    assert "begins on frame 13 and the head handle on 5" in problems[1]


def test_rates_are_exact_however_blender_writes_them(inside):
    wrote = ["24:1", "24:1.001", "24000:1001", "30:1.001", "2997:100", "23976:1000", "25:1"]
    assert inside("rates", *wrote) == [
        "24", "24000/1001", "24000/1001", "30000/1001", "30000/1001", "24000/1001", "25",
    ]  # fmt: skip
