"""A removal's memory is bounded: a long shot needs no more than a short one."""

from __future__ import annotations

import sys
import tracemalloc
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from secondunit.generators import clean_plate, locked
from secondunit.hookspecs import Developed

sys.path.insert(0, str(Path(__file__).parent))
from removal_material import Shot, grainy, wall

sys.path.pop(0)

ROWS, COLUMNS = 96, 160
FITTING = 12  # frames that the scaled budget keeps


@pytest.fixture
def small_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget as much smaller as the frames are: 12 kept, 9 compared, 9 of grain."""
    monkeypatch.setattr(clean_plate, "_ROOM", FITTING * 7 * ROWS * COLUMNS)
    monkeypatch.setattr(locked, "_ROOM", 9 * 6 * ROWS * COLUMNS)


def long_shot(count: int, alive: list[int]) -> Shot:
    """Streamed: each frame is made when asked for; ``alive`` notes how many were, at most."""
    seen, now = wall(ROWS, COLUMNS), [0]

    def gone() -> None:
        now[0] -= 1

    def matte(index: int) -> np.ndarray:
        made = np.zeros((ROWS, COLUMNS), bool)
        left = (index * 7) % (COLUMNS - 24)
        made[30:60, left : left + 24] = True
        return made

    class Streamed(Shot):
        def plate(self, index: int) -> np.ndarray:
            made = super().plate(index)
            now[0] += 1
            alive[0] = max(alive[0], now[0])
            weakref.finalize(made, gone)
            return made

    return Streamed(ROWS, COLUMNS, count, lambda index: grainy(seen, index % 5, 0), matte)


def frames(shot: Shot) -> Iterator[Developed]:
    return (one for one in shot.said() if isinstance(one, Developed))


@pytest.mark.long
@pytest.mark.usefixtures("small_room")
def test_six_times_the_frames_take_no_more_memory():
    peaks, most = [], []
    for count in (30, 30, 180):  # the first also pays for what is loaded once
        alive = [0]
        tracemalloc.start()
        assert sum(1 for _ in frames(long_shot(count, alive))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        most.append(alive[0])
    assert peaks[2] < 1.2 * peaks[1], peaks
    assert max(most) <= 4, most  # none of the plate's own pictures is held back, only half floats
