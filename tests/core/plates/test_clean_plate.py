"""Removal against known truth: what was behind comes back, and what was never seen is refused."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from removal_material import Shot, grainy, walking, wall

sys.path.pop(0)

ROWS, COLUMNS, COUNT = 108, 192, 20


def locked(matte=None, *, count: int = COUNT, rows: int = ROWS, grain: float = 0.004) -> Shot:
    """A figure walks past a wall before a camera that stands still."""
    seen = wall(rows, COLUMNS)
    figure = matte or walking(rows, COLUMNS, count, top=26, high=58, wide=32)
    return Shot(rows, COLUMNS, count, lambda index: seen, figure, grain)


def panning(matte, step: float, *, count: int = 14) -> Shot:
    """The camera pans over the wall by so many pixels a frame."""
    whole = wall(ROWS, COLUMNS + 60)
    first = 0 if step >= 0 else 55

    @cache
    def clean(index: int) -> np.ndarray:
        left = first + step * index
        shift = np.float32([[1, 0, -left], [0, 1, 0]])
        return cv2.warpAffine(whole, shift, (COLUMNS, ROWS), flags=cv2.INTER_CUBIC)

    return Shot(ROWS, COLUMNS, count, clean, matte)


def held(shot: Shot, mean: float = 4.0, p95: float = 14.0) -> None:
    """Every frame's matte is filled, with the limits in 255ths."""
    frames = shot.removed()
    assert len(frames) == shot.count
    for index, frame in enumerate(frames):
        inside = shot.matte(index) > 0
        if not inside.any():
            continue
        assert (frame.pixels[..., 3][inside] > 0.99).all()
        error = shot.error(frame, index)
        assert error.mean() < mean, index
        assert np.percentile(error, 95) < p95, index
        assert frame.coverage > 0.99
        assert frame.confidence > 0.5


def test_what_a_walking_figure_hides_is_found_where_the_shot_uncovers_it():
    held(locked(), mean=1.5, p95=4)


@pytest.mark.some(2)
@pytest.mark.parametrize("step", [1.5, -2.0])
def test_what_a_figure_hides_before_a_panning_camera_is_found_too(step: float):
    onwards = walking(ROWS, COLUMNS, 14, top=30, high=40, wide=26)
    against = onwards if step < 0 else lambda index: onwards(13 - index)
    held(panning(against, step))


@pytest.mark.some(3)
@pytest.mark.parametrize("top", [0, ROWS - 54])
@pytest.mark.parametrize("step", [0.0, -2.0])
def test_where_the_matte_touches_the_pictures_edge_no_slivers_are_left(step: float, top: int):
    matte = walking(ROWS, COLUMNS, 14, top=top, high=54, wide=30)
    shot = panning(matte, step) if step else locked(matte, count=14)
    rim = np.ones((ROWS, COLUMNS), bool)
    rim[2:-2, 2:-2] = False
    for index, frame in enumerate(shot.removed()):
        edge = rim & shot.matte(index)
        off = np.abs(frame.pixels[..., :3] - shot.clean(index)).mean(-1) * 255
        assert off[edge].max(initial=0) < 40, index  # a spark is beyond 200
        assert not edge.any() or np.median(off[edge]) < 14, index


def test_a_wire_is_drawn_across_with_live_grain_and_what_is_thicker_is_refused():
    def bar(wide: int):
        def matte(index: int) -> np.ndarray:
            made = np.zeros((ROWS, COLUMNS), bool)
            made[:, 90 : 90 + wide] = True
            return made

        return matte

    ramp = np.linspace(0.2, 0.4, COLUMNS, dtype=np.float32)
    smooth = np.repeat(np.tile(ramp, (ROWS, 1))[..., None], 3, axis=2)
    wire = Shot(ROWS, COLUMNS, 8, lambda index: smooth, bar(4))
    frames = wire.removed()
    inside = np.zeros((ROWS, COLUMNS), bool)
    inside[:, 88:96] = True
    made = np.stack([frame.pixels[..., :3] for frame in frames])
    assert max(np.abs(one - smooth)[inside].mean() for one in made) < 3 / 255
    lives = np.diff(made, axis=0)[:, inside].std()
    assert 0.5 < lives / np.diff([grainy(smooth, n) for n in (0, 1)], axis=0).std() < 1.3
    _, refused = Shot(ROWS, COLUMNS, 8, lambda index: smooth, bar(16)).refused()
    assert "thinner than 8 pixels" in refused.hint


def test_what_the_shot_never_uncovers_is_refused_with_a_picture_of_it_and_never_smeared():
    def still(index: int) -> np.ndarray:
        made = np.zeros((ROWS, COLUMNS), bool)
        made[26:84, 60 + index : 100 + index] = True
        return made

    shown, refused = locked(still).refused()
    assert refused.hint
    told = refused.data["coverage"]
    assert len(told) == COUNT
    assert all(0 < share < 1 for share in told.values())
    worst = min(told, key=told.get)
    assert str(shown.frame) == worst
    assert f"{1 - told[worst]:.1%} of the matte is never seen" in shown.says
    red = shown.pixels[..., 0] > 2 * shown.pixels[..., 1:].max(-1)
    hidden = still(shown.frame - 1001)
    assert abs(red[hidden].mean() - (1 - told[worst])) < 0.01
    assert not red[~hidden].any()


def test_light_that_drifts_and_a_camera_that_opens_up_are_followed():
    seen = wall(ROWS, COLUMNS)

    def clean(index: int) -> np.ndarray:
        factors = np.float32([1 + 0.3 * np.sin(index / 3), 1.0, 1 - 0.2 * np.sin(index / 3)])
        return seen * factors

    held(Shot(ROWS, COLUMNS, COUNT, clean, walking(ROWS, COLUMNS, COUNT, top=26, high=58, wide=32)),
         mean=2.0, p95=6)  # fmt: skip


def test_grain_is_as_strong_and_as_coloured_as_the_plates_own():
    shot = locked(grain=0.008, count=16)
    made = np.stack([frame.pixels[..., :3] - shot.clean(0) for frame in shot.removed()])
    inside = np.all([shot.matte(i) for i in (7, 8)], axis=0)
    fill = np.diff(made[7:9], axis=0)[0][inside]
    truth = np.diff([grainy(shot.clean(0), n, 0.008) for n in (7, 8)], axis=0)[0][inside]
    assert 0.7 < fill.std() / truth.std() < 1.3
    grey, coloured = fill.mean(-1).std(), (fill - fill.mean(-1, keepdims=True)).std()
    true_grey, true_coloured = truth.mean(-1).std(), (truth - truth.mean(-1, keepdims=True)).std()
    assert coloured / grey < 1.3 * true_coloured / true_grey  # confetti has more colour than grey
    still = locked(grain=0.008, count=16).removed(grain=0.0)
    calm = np.diff([one.pixels[..., :3] for one in still[7:9]], axis=0)[0][inside]
    assert calm.std() < 0.4 * fill.std()


def test_the_shadow_joined_to_the_figure_goes_with_it_and_stays_when_that_is_asked():
    figure = walking(ROWS, COLUMNS, COUNT, top=20, high=50, wide=30)
    seen = wall(ROWS, COLUMNS)

    def shadow(index: int) -> np.ndarray:
        under = np.zeros((ROWS, COLUMNS), bool)
        columns = figure(index).any(0)
        under[70:82, columns] = True
        return under

    class Shaded(Shot):
        def plate(self, index: int) -> np.ndarray:
            return super().plate(index) * np.where(shadow(index)[..., None], np.float32(0.5), 1)

    shot = Shaded(ROWS, COLUMNS, COUNT, lambda index: seen, figure)
    for grown in (True, False):
        frame = shot.removed(shadow=grown)[10]
        alpha = frame.pixels[..., 3][72:80][:, shadow(10).any(0)]
        assert bool(alpha.mean() > 0.95) is grown
