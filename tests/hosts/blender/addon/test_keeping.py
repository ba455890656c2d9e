"""What an artist wrote and ordered stays: through other files and scenes, and a killed Blender."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import pytest


@pytest.fixture(scope="module")
def kept(archive, daemon, in_blender, tmp_path_factory):
    return in_blender(daemon, "kept", archive, tmp_path_factory.mktemp("film")).answer


@pytest.mark.timeout(300)
def test_the_panel_is_taken_up_again_when_the_file_is_opened(kept):
    assert kept["emptied by Blender"] == ""
    assert kept["back"] == ["They whisper", "slate", 0.5, "Lea"]
    assert kept["references"] == ["//still.jpg"]


def test_only_what_was_written_is_noted_the_first_save_included_and_nothing_in_the_file(kept):
    assert kept["notes at first"] == ["sq030.asks.json"]
    assert kept["in the file"] == []


def test_a_shots_own_brief_follows_the_common_one(kept):
    assert kept["of the shots"] == ["", "Anna turns away", ""]
    assert kept["asked"] == {"0020": "They whisper Anna turns away", "0010": "Only this"}
    assert kept["after the shot has a GUID"] == "Anna turns away"


def test_copies_of_a_killed_blender_go_and_those_of_a_running_one_stay(kept):
    assert kept["own copy stays"]
    assert not kept["left copy stays"]


def test_a_shot_that_an_operator_found_has_its_line_in_the_list(kept):
    assert kept["rows"] == 4


def test_adjusting_the_last_operation_cannot_shoot_again(kept):
    assert set(map(tuple, kept["options"].values())) == {("UNDO",)}


@pytest.fixture(scope="module")
def two_scenes(archive, daemon, in_blender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    still = folder / "fire.png"
    warm = np.linspace(0, 1, 256)[:, None, None] * (40, 110, 255)  # blue first
    cv2.imwrite(str(still), np.repeat(warm, 64, axis=1).astype(np.uint8))
    return in_blender(daemon, "two_scenes", archive, folder, still).answer


@pytest.mark.timeout(400)
def test_a_reference_goes_with_the_turnover_and_graded_takes_on_its_grade(two_scenes):
    assert two_scenes["written"] == ["//fire.png"]
    (told,) = [one for one in two_scenes["elements"] if one["role"] == "reference"]
    assert told["media"]["path"].endswith("fire.png")
    frame = sorted(Path(two_scenes["graded"]).glob("*.exr"))[0]
    picture = oiio.ImageBuf(str(frame)).get_pixels(oiio.FLOAT)
    red, _, blue = picture[..., :3].reshape(-1, 3).mean(0)
    assert red > 1.05 * blue  # under its own sky the grey box is a little blue


def test_a_reference_that_is_not_there_is_told_before_anything_is_rendered(two_scenes):
    assert "nowhere.png is not there" in two_scenes["missing"]
    assert "Choose the picture again" in two_scenes["missing"]
    assert two_scenes["rendering"] == 0
    assert "no reference 3" in two_scenes["beyond"]


def test_a_copied_scene_has_shots_of_its_own_and_takes_wait_for_the_scene_they_are_of(two_scenes):
    seen = two_scenes
    assert seen["first"]
    assert seen["in the copy"] == ["", "", ""]
    assert not any("no shot called" in line for line in seen["said"])
    assert seen["edit meanwhile"] is False
    assert seen["in the first"]["guid"] == seen["first"]
    assert [strip["guid"] for strip in seen["looks"]] == [seen["first"]]
    assert seen["refused"] == ""
    (take,) = seen["shot in the copy"]["takes"]
    assert take["placed"]
    assert seen["shot in the copy"]["guid"] != seen["first"]
