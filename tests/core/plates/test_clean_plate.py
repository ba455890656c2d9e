"""Removal against known truth: what was behind comes back, and what was never seen is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from secondunit.generators.clean_plate import CleanPlate
from secondunit.hookspecs import Developed
from secondunit.testing import Reel, Still, ask
from secondunit_bridge.errors import NeedsModel
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange

ROWS, COLUMNS, COUNT = 108, 192, 20


def background() -> np.ndarray:
    """A textured wall, ``(row, column, 3)`` float32 scene-linear."""
    rng = np.random.default_rng(3)
    blocks = rng.random((ROWS // 6, COLUMNS // 6, 3)).astype(np.float32)
    return np.kron(blocks, np.ones((6, 6, 1), np.float32)) * 0.4 + 0.1


def shot(*, moves: bool) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """Plates, mattes and the truth: a dark block walks past a wall, or stands still."""
    rng, wall = np.random.default_rng(5), background()
    plates, mattes = [], []
    for number in range(COUNT):
        left = 10 + 7 * number if moves else 70
        plate = wall + rng.normal(0, 0.004, wall.shape).astype(np.float32)
        matte = np.zeros((ROWS, COLUMNS, 1), np.float32)
        plate[30:80, left : left + 24] = 0.02
        matte[26:84, left - 4 : left + 28] = 1
        plates.append(plate)
        mattes.append(matte)
    return plates, mattes, wall


def removed(*, moves: bool) -> tuple[list[Developed], list[np.ndarray], np.ndarray]:
    plates, mattes, wall = shot(moves=moves)
    span = FrameRange(1, COUNT, Fraction(24))
    footage = {
        Role.plate: Reel(span, COLUMNS, ROWS, lambda n: plates[n - 1]),
        Role.matte: Reel(span, COLUMNS, ROWS, lambda n: mattes[n - 1], ("matte",)),
    }
    given = ask(CleanPlate(), frames=COUNT - 5, size=(COLUMNS, ROWS), footage=footage)
    assert not given.plan.refusals
    said = CleanPlate().run(given.plan, given.elements, 1, Still())
    return [one for one in said if isinstance(one, Developed)], mattes, wall


def test_what_a_walking_figure_hides_is_found_where_the_shot_uncovers_it():
    frames, mattes, wall = removed(moves=True)
    assert len(frames) == COUNT
    for frame, matte in zip(frames, mattes, strict=True):
        inside = matte[..., 0] > 0
        error = np.abs(frame.pixels[..., :3] - wall)[inside]
        assert (frame.pixels[..., 3][inside] > 0.99).all()
        assert error.mean() < 4 / 255
        assert np.percentile(error, 95) < 14 / 255
        assert frame.confidence is not None
        assert frame.confidence > 0.5


def test_what_the_shot_never_uncovers_is_refused_and_never_smeared():
    with pytest.raises(NeedsModel) as caught:
        removed(moves=False)
    assert caught.value.hint
