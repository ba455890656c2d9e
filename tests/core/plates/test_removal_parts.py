"""What each part of a removal promises, on planted cases."""

from __future__ import annotations

import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from secondunit.generators.boxes import Box
from secondunit.generators.consensus import agreed
from secondunit.generators.edges import alpha, distance, shadow
from secondunit.generators.grain import residual, step
from secondunit.generators.halves import narrow, wide
from secondunit.generators.holes import drawn_across, mirrored, thick
from secondunit.generators.light import curve
from secondunit.generators.noise import noise, strength
from secondunit.generators.registration import register
from secondunit.generators.stock import Stock
from secondunit.testing import Reel, Still
from secondunit_bridge.timing import FrameRange

sys.path.insert(0, str(Path(__file__).parent))
from removal_material import grainy, wall

sys.path.pop(0)

ROWS, COLUMNS = 216, 384


def reel(count: int, made, channels=("R", "G", "B")) -> Reel:
    return Reel(FrameRange(0, count - 1, Fraction(24)), COLUMNS, ROWS, made, channels)


def camera(index: int) -> np.ndarray:
    """Where the wall's pixels lie in a frame: a pan, a little roll and a push in."""
    turn, push = np.float64(0.002 * index), 1 + 0.004 * index
    c, s = np.cos(turn) * push, np.sin(turn) * push
    return np.array([[c, -s, -3.0 * index], [s, c, -0.5 * index], [0, 0, 1.0]])


@pytest.mark.parametrize("planes", [1, 2])
def test_frames_of_a_moving_camera_are_laid_over_each_other_by_the_plane_behind(planes: int):
    back, front = wall(ROWS + 40, COLUMNS + 120), wall(60, COLUMNS + 240, seed=8)

    def seen(index: int) -> np.ndarray:
        size = (COLUMNS, ROWS)
        picture = cv2.warpPerspective(back, camera(index), size, flags=cv2.INTER_CUBIC)
        if planes == 2:  # a rail in front slides twice as fast; it is not what most features say
            picture[ROWS - 40 :] = front[:40, 6 * index : 6 * index + COLUMNS]
        return grainy(picture, index)

    motion = register(reel(8, seen), None, Still(), "auto")
    assert not motion.static
    assert len(motion.poses) == 8
    corners = np.array([[20, 20, 1], [COLUMNS - 60, 20, 1], [20, ROWS - 60, 1.0]]).T
    for index in (1, 4, 7):
        true = camera(0) @ np.linalg.inv(camera(index))
        wanted, found = (m @ corners for m in (true / true[2, 2], motion.warp(index, 0)))
        assert np.abs(found[:2] / found[2] - wanted[:2] / wanted[2]).max() < (0.5, 1.5)[planes - 1]


def test_a_locked_camera_is_known_in_spite_of_grain():
    seen = wall(ROWS, COLUMNS)
    assert register(reel(6, lambda n: grainy(seen, n)), None, Still()).static


def test_what_most_frames_agree_on_is_taken_and_strangers_are_not():
    seen = wall(24, 48)
    stack = np.stack([grainy(seen, n) for n in range(9)])
    stack[1:3] = 5.0  # someone bright walks through two of nine
    stack[6] = 0.0
    shown = np.ones(stack.shape[:3], bool)
    shown[:, :, :8] = False
    shown[4, :, :4] = True  # seen once
    found = agreed(stack, shown)
    assert np.abs(found.picture - seen)[:, 8:].max() < 0.02
    assert (found.count[:, 4:8] == 0).all()
    assert (found.count[:, :4] == 1).all()
    assert np.array_equal(found.picture[:, :4], stack[4, :, :4])
    assert found.spread[:, 8:].max() > found.spread[:, :4].max()


def test_light_is_matched_by_a_curve_of_each_channel_down_to_the_blacks():
    theirs = wall(96, 160) ** 3 * 4  # 0.004 to 0.5
    ours = np.stack([theirs[..., 0] * 1.3, theirs[..., 1] ** 1.1, theirs[..., 2] * 0.7], -1)
    found = curve(grainy(ours, 1, 0.001), grainy(theirs, 2, 0.001), np.ones((96, 160), bool))
    off = np.abs(found.on(theirs) - ours)
    assert off.mean() < 0.002
    dark = theirs.max(-1) < 0.02
    assert off[dark].mean() < 0.0015 < np.abs(theirs - ours)[dark].mean()


def test_the_same_light_changes_nothing():
    seen = wall(96, 160)
    found = curve(seen, seen, np.ones((96, 160), bool))
    assert np.abs(found.on(seen) - seen).max() < 1e-3


def stock_of(made, count: int = 8) -> Stock:
    empty = reel(count, lambda n: np.zeros((ROWS, COLUMNS, 1), np.float32), ("A",))
    return Stock(reel(count, made), empty, [], Still(), 16)


def test_grain_is_measured_as_it_is_and_what_moves_elsewhere_does_not_count():
    seen = wall(ROWS, COLUMNS)

    def louder(index: int) -> np.ndarray:
        picture = grainy(seen, index, 0.012)
        picture[20:90, 30 + 12 * index : 90 + 12 * index] = 0.9
        return picture

    quiet, loud = (noise(stock_of(made), range(8)) for made in
                   (lambda n: grainy(seen, n, 0.006), louder))  # fmt: skip
    assert strength(loud, quiet) == pytest.approx(2, rel=0.1)
    assert strength(quiet, loud) == pytest.approx(0.5, rel=0.1)
    assert strength(quiet, noise(stock_of(lambda n: seen), [0])) == 1  # nothing to tell it by


def test_grain_is_what_a_frame_has_beyond_the_picture_but_not_its_shadows():
    behind = np.full((96, 160, 3), 0.3, np.float32)
    frame = grainy(behind, 1, 0.01)
    frame[:, 80:] *= 0.6  # a shadow: nothing is believed there
    fine, believed = residual(frame, behind, np.ones((96, 160), bool))
    assert fine[:, :60].std() == pytest.approx(0.01, rel=0.15)
    assert believed[:, :60].all()
    assert not believed[:, 100:].any()
    assert np.abs(fine.mean(axis=(0, 1))).max() < 1e-3


def test_grain_is_played_forth_and_back_and_never_stands_still():
    played = [step(index, 5) for index in range(20)]
    assert set(played) == set(range(5))
    assert all(a != b for a, b in pairwise(played))


def test_a_shadow_joined_to_the_matte_grows_it_and_one_apart_does_not():
    behind = np.full((80, 120, 3), 0.4, np.float32)
    plate, hidden = behind.copy(), np.zeros((80, 120), bool)
    hidden[20:50, 40:60] = True
    plate[50:60, 40:60] *= 0.5
    plate[20:30, 100:110] *= 0.5
    far = distance(hidden)
    grown = shadow(plate, behind, hidden, far, 24, np.ones_like(hidden))
    assert grown[51:58, 42:58].all()
    assert not grown[:, 95:].any()
    assert not shadow(behind, behind, hidden, far, 24, np.ones_like(hidden)).any()
    edge = alpha(hidden, grown, far, 4, 24)
    assert (edge[hidden | grown] == 1).all()
    assert edge[far > 24].max() == 0


@pytest.mark.parametrize("where", [np.s_[30:60, 70:76], np.s_[:, :5], np.s_[-5:, :], np.s_[:4, :6]])
def test_a_thin_hole_is_closed_without_sparks_also_at_the_pictures_edge(where):
    ramp = np.repeat(np.linspace(0.2, 0.6, 120, dtype=np.float32)[None], 80, 0)
    truth = np.repeat(ramp[..., None], 3, axis=2)
    hole = np.zeros((80, 120), bool)
    hole[where] = True
    holed = np.where(hole[..., None], np.float32(0), truth)
    closed = drawn_across(holed, hole)
    assert np.abs(closed - truth)[hole].max() < 0.03
    assert np.array_equal(closed[~hole], truth[~hole])
    noisy = np.random.default_rng(0).normal(0, 1, truth.shape).astype(np.float32)
    lively = mirrored(np.where(hole[..., None], np.float32(0), noisy), hole)
    assert 0.7 < lively[hole].std() < 1.3
    assert not thick(hole).any() or min(hole.any(0).sum(), hole.any(1).sum()) > 4


def test_what_is_thicker_than_a_wire_is_a_hole():
    hole = np.zeros((60, 60), bool)
    hole[20:30, 20:40] = True
    assert thick(hole).any()
    assert not thick(hole & (np.arange(60) % 9 > 0)).any()


def test_half_floats_are_the_very_same_as_numpys():
    picture = np.random.default_rng(0).normal(0, 50, (37, 53, 3)).astype(np.float32)
    half = picture.astype(np.float16)
    assert np.array_equal(narrow(picture), half)
    box = Box(3, 5, 30, 41)
    assert np.array_equal(wide(box.cut(half)), box.cut(half).astype(np.float32))
    assert np.array_equal(wide(half[::2, ::2, 1]), half[::2, ::2, 1].astype(np.float32))
