"""Normals of the world are told from those of the camera, and turned when files tell its pose."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from secondunit.media.open import files_of, open_footage
from secondunit.stage.normals import facing_away, seen_from_camera, vectors
from secondunit_bridge.film import Media
from secondunit_bridge.timing import FrameRange

HIGH, WIDE = 90, 160
LENSES = (20.0, 35.0, 85.0)  # millimetres, on 36 mm


def camera(turn: float, tilt: float) -> np.ndarray:
    """``(3, 3)``: turns rows of world vectors (z up) to the camera's (x right, y up, z back)."""
    a, b = np.radians(turn), np.radians(tilt)
    back = np.array([np.sin(a) * np.cos(b), -np.cos(a) * np.cos(b), np.sin(b)])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    return np.stack([right, np.cross(back, right), back], axis=1)


def room(pose: np.ndarray, lens: float) -> np.ndarray:
    """``(row, column, 3)``: normals, in the world, of a room of 8 x 8 x 3 m with a ball in it."""
    tangent = 18.0 / lens
    across = np.linspace(-tangent, tangent, WIDE)[None, :].repeat(HIGH, 0)
    up = np.linspace(1, -1, HIGH)[:, None].repeat(WIDE, 1) * tangent * HIGH / WIDE
    rays = np.stack([across, up, -np.ones_like(up)], axis=-1) @ pose.T
    eye = np.array([0.3, -0.4, 1.6])
    best, normal = np.full((HIGH, WIDE), np.inf), np.zeros((HIGH, WIDE, 3))
    for axis, low, high in ((0, -4, 4), (1, -4, 4), (2, 0, 3)):
        for at, sign in ((low, 1.0), (high, -1.0)):
            with np.errstate(divide="ignore"):
                far = (at - eye[axis]) / rays[..., axis]
            hit = (far > 0) & (far < best)
            best[hit] = far[hit]
            normal[hit] = np.eye(3)[axis] * sign
    centre = eye + pose[:, 2] * -2.5 + np.array([0.4, 0.3, -0.5])
    length = (rays * rays).sum(-1)
    along = (rays @ (centre - eye)) / length
    miss = ((rays * along[..., None] - (centre - eye)) ** 2).sum(-1)
    near = along - np.sqrt(np.clip(0.36 - miss, 0, None) / length)
    hit = (miss < 0.36) & (near > 0) & (near < best)
    normal[hit] = ((rays * near[..., None] - (centre - eye)) / 0.6)[hit]
    return normal.astype(np.float32)


def written(folder: Path, frames: list[np.ndarray], poses: list[np.ndarray] | None = None) -> Media:
    folder.mkdir()
    for number, pixels in enumerate(frames, 1):
        spec = oiio.ImageSpec(WIDE, HIGH, 3, "half")
        spec.channelnames = ("Normal.X", "Normal.Y", "Normal.Z")
        if poses:
            whole = np.eye(4)
            whole[:3, :3] = poses[number - 1]
            matrix = tuple(map(float, whole.ravel()))
            spec.attribute("worldToCamera", oiio.TypeDesc("matrix"), matrix)
        out = oiio.ImageOutput.create(str(folder / f"n.{number:04}.exr"))
        out.open(str(folder / f"n.{number:04}.exr"), spec)
        out.write_image(pixels)
        out.close()
    names = ("Normal.X", "Normal.Y", "Normal.Z")
    frames_there = FrameRange(1, len(frames), Fraction(24))
    return Media(frames_there, str(folder / "n.%04d.exr"), WIDE, HIGH, names, space="Raw")


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("turn", range(0, 360, 30))
@pytest.mark.parametrize("tilt", [-35, -10, 0, 10])
def test_what_the_camera_sees_is_never_taken_for_the_world(lens: float, turn: int, tilt: int):
    pose = camera(turn, tilt)
    assert facing_away((room(pose, lens) @ pose).astype(np.float32)) < 0.01


def told_apart(up: str, turn: int, tilt: int) -> bool:
    """A camera that looks along the axes of a world with y up sees nearly the world's own normals:
    there the two cannot be told apart, and need not be."""
    return up == "z" or not (turn == 0 or (turn in (30, 330) and tilt != -35))


SEEN = [
    (up, turn, tilt)
    for up in ("z", "y")
    for turn in range(0, 360, 30)
    for tilt in (-35, -10, 0, 10)
    if told_apart(up, turn, tilt)
]


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize(("up", "turn", "tilt"), SEEN)
def test_normals_of_a_room_in_the_world_are_known_by_those_no_camera_could_see(
    lens: float, up: str, turn: int, tilt: int
):
    world = room(camera(turn, tilt), lens)
    if up == "y":  # the same room as programs with y up write it
        world = np.stack([world[..., 0], world[..., 2], -world[..., 1]], axis=-1)
    assert facing_away(world) > 0.015


def test_each_frame_is_turned_by_the_pose_that_its_file_tells(tmp_path: Path):
    poses = [camera(120 + 5 * index, -10) for index in range(4)]
    world = [room(pose, 35) for pose in poses]
    media = written(tmp_path / "told", world, poses)
    with open_footage(media) as footage:
        made, said = seen_from_camera(footage, files_of(media).get)
        assert "each frame is turned to its camera" in said
        for number, (one, pose) in enumerate(zip(world, poses, strict=True), 1):
            assert np.abs(made.frame(number) - one @ pose).max() < 2e-3  # half floats
            assert facing_away(made.frame(number)) < 0.01


def test_without_a_pose_nothing_is_changed_and_it_is_said(tmp_path: Path):
    poses = [camera(120, -10)] * 2
    media = written(tmp_path / "untold", [room(pose, 35) for pose in poses])
    with open_footage(media) as footage:
        made, said = seen_from_camera(footage, files_of(media).get)
        assert made is footage
        assert "do not look as the camera sees them" in said


def test_a_pass_of_the_camera_is_left_alone_even_with_a_pose_and_also_as_colours(tmp_path: Path):
    pose = camera(120, -10)
    seen = (room(pose, 35) @ pose).astype(np.float32)
    for name, pixels in (("signed", seen), ("colours", (seen + 1) / 2)):
        media = written(tmp_path / name, [pixels], [pose])
        with open_footage(media) as footage:
            assert seen_from_camera(footage, files_of(media).get) == (footage, "")
    assert np.abs(vectors((seen + 1) / 2, signed=False) - seen).max() < 1e-6
