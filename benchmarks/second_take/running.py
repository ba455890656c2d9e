"""Samples of runs of frames: rendered clips and live stretches, clean, and with errors of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .plants import RUNS
from .samples import CLIP, RENDERED, Sample
from .shots import Shot, alone


def of_run(
    name: str, frames: Sequence[NDArray], held: bool, source: str = RENDERED, *, seed: int = 0
) -> Iterator[Sample]:
    """The frames as they are, and once for each class and severity."""
    yield _sample("clean run", source, held, _shot(name, list(frames)))
    for kind, plant in RUNS.items():
        for rung, amount in enumerate(plant.ladder):
            draw = np.random.default_rng((seed, rung))
            planted = plant.put(list(frames), amount, draw)
            shot = _shot(f"{name}/{kind}{rung}", planted)
            yield _sample(kind, source, held, shot, check=plant.check, severity=rung, amount=amount)


def _sample(kind: str, source: str, held: bool, shot: Shot, **more) -> Sample:
    return Sample(kind, source, CLIP, held, (shot,), alone, **more)


def _shot(name: str, frames: list[NDArray]) -> Shot:
    return Shot(name, frames.__getitem__, len(frames))


def windows(frames: Sequence[NDArray], count: int) -> list[list[NDArray]]:
    """The same run framed several ways: whole, and parts of it, of which one is mirrored."""
    rows, columns = frames[0].shape[:2]
    high, wide = int(rows * 0.875) // 8 * 8, int(columns * 0.875) // 8 * 8
    corners = ((0, 0), (rows - high, columns - wide), (0, columns - wide))
    cuts = [list(frames)]
    for n, (y, x) in enumerate(corners[: count - 1]):
        part = [frame[y : y + high, x : x + wide] for frame in frames]
        cuts.append([np.ascontiguousarray(one[:, ::-1] if n == 0 else one) for one in part])
    return cuts
