"""The angles of a scene share one exposure: the same wall is as light in each."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import quay
from secondunit.testing import Reel
from secondunit_blender.collect.metering import angles as angles_of
from secondunit_blender.collect.shots import SceneShot
from secondunit_bridge.film import Role, Turnover
from secondunit_bridge.timing import FrameRange, exact_rate
from secondunit_bridge.wire import typed

ANGLES = ("0010", "0020")
BARE = {"look": "graded", "fog": 0.0, "grain": 0.0, "halation": 0.0}


@pytest.fixture(scope="module")
def angles(inside, greybox: Path, as_rendered, tmp_path_factory: pytest.TempPathFactory):
    """Two angles of one press of the button, a frame of each with a handle on either side."""
    folder = tmp_path_factory.mktemp("press")
    answers = inside("press", greybox, folder, *ANGLES)
    return [as_rendered(folder / code, answer) for code, answer in answers.items()]


def wall(angle, **options: object) -> float:
    """How light the wall is in the first frame of an angle's look, in codes of 0..1."""
    asked = typed(Turnover, angle.answer["turnover"])
    footage = {
        element.role: Reel(
            element.media.frames, asked.width, asked.height,
            lambda number, role=element.role: angle.values(role.value, number)[..., :3],
            element.media.channels[:3],
        )
        for element in asked.elements if element.role is not Role.ids
    }  # fmt: skip
    (frame,) = quay.drawn(footage, 1, **{**asked.options, **BARE, **options})
    mask = cv2.erode(angle.mask("Wall", 1001).astype(np.uint8), np.ones((5, 5)))
    return float(np.median(frame[mask > 0].mean(axis=1)))


def test_the_same_wall_is_as_light_in_every_angle_of_one_press(angles):
    far, near = (wall(angle) for angle in angles)
    assert abs(far - near) < 0.02


def test_left_to_itself_each_angle_shows_it_another_way(angles):
    far, near = (wall(angle, light=0.0) for angle in angles)
    assert near - far > 0.06  # what is black and close has the second one opened up


def test_a_person_still_makes_a_shot_lighter_on_top(angles):
    assert wall(angles[0], exposure=0.5) > wall(angles[0]) + 0.05


def test_the_light_is_metered_once_and_recorded_in_each_turnover(angles):
    asked = [typed(Turnover, angle.answer["turnover"]) for angle in angles]
    lights = {one.options["light"] for one in asked}
    assert len(lights) == 1
    assert lights == {angles[0].answer["facts"]["light"]}
    assert 0.05 < lights.pop() < 1
    kept = [path.name for path in angles[0].folder.parent.glob("*.json")]
    assert kept == ["copy.blend.light.json"]


def test_metering_leaves_the_render_as_the_artist_set_it(angles):
    for angle in angles:
        assert angle.answer["facts"]["size"] == [160, 90]
        assert angle.values("guide", 1001)[..., 3].min() == 1  # the sky is in the picture
        assert not list(angle.folder.glob("meter*"))


def test_at_most_six_shots_are_metered_spread_over_the_scene():
    rate = exact_rate(24)
    shots = [
        SceneShot("", f"{n:04}", f"m{n}", f"Cam {n}", FrameRange(10 * n, 10 * n + 9, rate))
        for n in range(20)
    ]
    assert angles_of(shots[:3]) == [("Cam 0", 4), ("Cam 1", 14), ("Cam 2", 24)]
    assert [name for name, _ in angles_of(shots)] == ["Cam 0", "Cam 4", "Cam 8", "Cam 12", "Cam 16"]
