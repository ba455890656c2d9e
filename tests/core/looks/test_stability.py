"""The looks on a real render: still from frame to frame, silhouettes kept, light where it was."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import quay
from secondunit.generators.looks.tones import encoded
from secondunit_bridge.film import Role

pytestmark = pytest.mark.timeout(600)  # the first run renders the set: about a minute of CPU
LIMITS = {"toon": 4.4, "pencil": 10.0, "graded": 2.9}  # of 255, motion-compensated
CLOSE = pytest.param("close", marks=pytest.mark.long)  # another render of the set
REACH = 3  # pixels: a line may lie so far beside the border it is drawn for


@pytest.fixture(scope="module")
def wide(blender: Path, request: pytest.FixtureRequest) -> quay.Quay:
    return quay.cached(blender, request.config.cache, "wide")


@pytest.fixture(scope="module")
def close(blender: Path, request: pytest.FixtureRequest) -> quay.Quay:
    return quay.cached(blender, request.config.cache, "close")


def steady(shot: quay.Quay, look: str) -> None:
    frames = quay.drawn(shot.footage(), shot.count, look=look)
    assert len(frames) == shot.count
    assert quay.unsteadiness(shot, frames) <= LIMITS[look]


@pytest.mark.some(2)
@pytest.mark.parametrize("look", LIMITS)
def test_a_look_does_not_flicker_under_a_moving_camera(wide, look):
    steady(wide, look)


@pytest.mark.long  # another render of the set
@pytest.mark.parametrize("look", LIMITS)
def test_a_look_does_not_flicker_close_up(close, look):
    steady(close, look)


def test_the_render_itself_does_flicker_so_the_measure_can_fail(wide):
    raw = [np.clip(wide.frame(i)[Role.guide], 0, 1) ** (1 / 2.2) for i in range(wide.count)]
    assert quay.unsteadiness(wide, raw) > 8


def test_strokes_on_the_paper_are_a_shower_door_and_strokes_on_the_set_are_not(wide):
    loose = wide.footage(without=(Role.position,))
    plain = {"look": "pencil", "line": 0.0, "paper": 0.0}
    on_paper = quay.drawn(loose, 4, **plain)
    on_set = quay.drawn(wide.footage(), 4, **plain)
    # in a picture so small several strokes share a pixel, which calms both
    assert quay.unsteadiness(wide, on_set) < 0.7 * quay.unsteadiness(wide, on_paper)


@pytest.mark.parametrize("shot", ["wide", CLOSE])
def test_a_small_pencil_drawing_shows_what_a_large_one_does(shot, request):
    """At 640 columns strokes that are whole pixels would lie over the picture like rain."""
    one = request.getfixturevalue(shot)
    small = quay.drawn(one.footage(), 1, look="pencil")[0]
    large = quay.drawn(one.footage(scale=3), 1, look="pencil")[0]
    large = cv2.resize(large, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    tones = [cv2.GaussianBlur(one.mean(-1), (0, 0), 2.0).ravel() for one in (small, large)]
    assert np.corrcoef(*tones)[0, 1] > 0.92
    assert np.abs(tones[0] - tones[1]).mean() < 0.045


def test_a_camera_file_anchors_strokes_where_there_is_no_position_pass(wide):
    loose = wide.footage(without=(Role.position,))
    told = (wide.folder / "camera.json").read_text()
    by_camera = quay.drawn(loose, wide.count, look="pencil", camera=told)
    by_pass = quay.drawn(wide.footage(), wide.count, look="pencil")
    assert quay.unsteadiness(wide, by_camera) <= LIMITS["pencil"]
    apart = [np.abs(a - b).mean() for a, b in zip(by_camera, by_pass, strict=True)]
    assert max(apart) < 0.03  # the same drawing


def borders(ids: np.ndarray) -> np.ndarray:
    """Where one object ends and another begins."""
    found = np.zeros(ids.shape, bool)
    found[:, 1:] |= ids[:, 1:] != ids[:, :-1]
    found[1:] |= ids[1:] != ids[:-1]
    return found


def silhouettes(ids: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Borders where one object stands clear of what is behind it."""
    near, far = (cut(depth, np.ones((3, 3))) for cut in (cv2.erode, cv2.dilate))
    return borders(ids) & (far > 1.05 * near)


def shares(picture: np.ndarray, ids: np.ndarray, depth: np.ndarray) -> tuple[float, float]:
    """Of the silhouettes the share that has a line, and of lines what is near a border."""
    grey = picture.mean(axis=-1)
    local = cv2.blur(grey, (15, 15))
    dark = grey < local - 0.08
    square = np.ones((2 * REACH + 1,) * 2, np.uint8)
    border = borders(ids)
    outline = silhouettes(ids, depth)
    near_line = cv2.dilate(dark.astype(np.uint8), square) > 0
    near_border = cv2.dilate(border.astype(np.uint8), square) > 0
    return float(near_line[outline].mean()), float(near_border[dark].mean())


@pytest.mark.parametrize("shot", ["wide", CLOSE])
def test_silhouettes_are_kept(shot, request):
    one = request.getfixturevalue(shot)
    passes = one.frame(3)
    seen = passes[Role.ids][..., 0].view(np.int32), passes[Role.depth][..., 0]
    people = quay.drawn(one.footage(), 4, look="toon", texture=0.0)[3]
    found, own = shares(people, *seen)
    assert found > 0.9  # silhouettes that have their line
    assert own > 0.6  # the rest of what is dark beside lighter ground are shadows
    without = quay.drawn(one.footage(), 4, look="toon", texture=0.0, line=0.0)[3]
    assert shares(without, *seen)[0] < found - 0.1


def test_tones_follow_the_light_of_the_render(wide):
    light = wide.frame(3)[Role.guide].mean(axis=-1)
    for look in LIMITS:
        drawn = quay.drawn(wide.footage(), 4, look=look, line=0.0)[3].mean(axis=-1)
        soft = cv2.GaussianBlur(drawn, (0, 0), 6).ravel()
        assert (
            np.corrcoef(soft, np.log(cv2.GaussianBlur(light, (0, 0), 6).ravel() + 0.01))[0, 1] > 0.6
        )


def test_denoising_leaves_colours_and_takes_noise(wide):
    still = wide.footage(still=True)
    one = quay.drawn(still, 1, look="graded", grain=0.0, halation=0.0, fog=0.0)[0]
    raw = encoded(1 - np.exp(-1.6 * np.clip(wide.frame(0)[Role.guide], 0, None)))
    ids = wide.frame(0)[Role.ids][..., 0].view(np.int32)
    inside = cv2.dilate(borders(ids).astype(np.uint8), np.ones((7, 7))) == 0
    noise = [np.abs(one - cv2.GaussianBlur(one, (0, 0), 1.5))[inside].mean() for one in (raw, one)]
    assert noise[1] < 0.4 * noise[0]  # of one frame alone
    soft = [cv2.GaussianBlur(one, (0, 0), 8)[inside].mean(axis=0) for one in (raw, one)]
    assert np.abs(soft[0] / soft[0].sum() - soft[1] / soft[1].sum()).max() < 0.03  # its colours
