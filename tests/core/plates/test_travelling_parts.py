"""What laying the frames of a travelling camera over each other promises, on planted cases."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from secondunit.generators.following import followed, points_of, tones
from secondunit.generators.grain import calmed
from secondunit.generators.parallax import slides
from secondunit.generators.shifts import grey, level_free

sys.path.insert(0, str(Path(__file__).parent))
from removal_material import grainy, wall

sys.path.pop(0)

ROWS, COLUMNS, FAR = 216, 384, 9
STEP = 6  # pixels that the floor moves from frame to frame, against the wall behind it
EVERYWHERE = np.ones((ROWS, COLUMNS), bool)


def stage(away: int, *, floor: bool) -> np.ndarray:
    """A wall, and in front of it (or not) a floor that slides the more the nearer it is."""
    picture = wall(ROWS, COLUMNS).copy()
    if floor:
        front = wall(80, COLUMNS + 4 * FAR * STEP, seed=8)
        y, x = np.mgrid[0:80, 0:COLUMNS].astype(np.float32)
        moved = x + 2 * FAR * STEP + away * STEP * (0.5 + y / 160)
        picture[ROWS - 80 :] = cv2.remap(front, moved, y, cv2.INTER_CUBIC)
    return grainy(picture, 20 + away, 0.004)


def slid(*, floor: bool):
    """How frames on one side of a target are found to slide, the nearest last."""
    away = list(range(FAR, 0, -1))
    flat = [level_free(grey(stage(one, floor=floor))) for one in (0, *away)]
    found = slides(flat[0], EVERYWHERE, flat[1:], [EVERYWHERE] * FAR, away)
    return found and dict(zip(away, found[0], strict=True))


def test_what_moves_farther_than_flow_can_follow_is_found_where_the_camera_goes_on():
    found = slid(floor=True)
    for away, one in found.items():
        assert np.hypot(*one.by) == pytest.approx(away / FAR, abs=0.06), away
        assert abs(one.by[1]) < 0.03


def test_a_wall_alone_is_one_plane():
    assert slid(floor=False) is None


def test_picture_in_the_grain_is_calmed_and_grain_stays():
    behind = wall(ROWS, COLUMNS)
    grain = grainy(np.zeros_like(behind), 1, 0.01)
    dirty = grain.copy()
    part = np.s_[120:190, 60:160]
    dirty[part] += 0.3 * (behind - np.roll(behind, 2, 1))[part]  # laid two pixels off
    clean, held = (calmed(one, behind, EVERYWHERE) for one in (grain, dirty))

    def coarse(one: np.ndarray) -> float:
        return float(cv2.GaussianBlur(one, (0, 0), 2)[part].std())

    assert coarse(dirty) > 2.5 * coarse(grain)
    assert coarse(held) < 0.55 * coarse(dirty)
    assert clean.std() == pytest.approx(grain.std(), rel=0.03)


def test_points_are_followed_to_hundredths_of_a_pixel_and_not_into_another_picture():
    large = wall(ROWS + 60, COLUMNS + 60)
    true = np.array([[1.01, -0.004, 7.3], [0.004, 1.01, 3.6], [0, 0, 1.0]])  # this frame to the key
    size = (COLUMNS, ROWS)
    ours = cv2.warpPerspective(large, true, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    pictures = large[:ROWS, :COLUMNS], ours, wall(ROWS, COLUMNS, seed=9)
    key, frame, other = (tones(grey(grainy(one, n))) for n, one in enumerate(pictures))
    points = points_of(key, EVERYWHERE)
    found = followed(key, points, frame, EVERYWHERE, np.eye(3))
    ends = np.array([[[20, 20], [360, 20], [20, 190], [360, 190]]], np.float64)
    off = cv2.perspectiveTransform(ends, found[0]) - cv2.perspectiveTransform(ends, true)
    assert np.abs(off).max() < 0.15
    assert found[1] > 0.8
    assert followed(key, points, other, EVERYWHERE, np.eye(3)) is None
