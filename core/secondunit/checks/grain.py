"""How strong and how coarse the grain of a picture is, read off its flattest parts.

A surface of second order is taken out of each block, so that what is left is grain of any size
below the block's; its octaves then say how coarse it is. What is left of a block may be texture:
but texture is there in the next frame too, and grain is not, so that the lesser of a block's own
residual and of its change from the frame before is grain. (The classic 3 x 3 residual of Immerkaer,
CVIU 64 (1996) 300, reads grain that is softer than a pixel three times too weak.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..media.sight import Plane, Sight

BLOCK = 16  # pixels of the frame's own size
FLATTEST = 0.2  # share of the blocks that is read
LOW, HIGH = 16.0, 235.0  # mean codes of blocks that are read: beyond, grain is clipped
_LEAST = 24  # blocks
_CLEAN = 1.0  # code; below it there is no grain to speak of, whatever the blocks say
_ALIKE = 1.8  # times; grain alone, brighter and darker, spreads its blocks by 1.1 to 1.5


@dataclass(frozen=True)
class Grain:
    """Grain of a frame in display codes: its strength, and each octave's, finest first."""

    sigma: float
    octaves: tuple[float, float, float]

    @property
    def coarseness(self) -> float:
        """Where between the octaves the grain lies: 0 is a pixel, 1 is two, 2 is four and more."""
        powers = np.square(self.octaves)
        return float(powers @ np.arange(3) / max(float(powers.sum()), 1e-9))


def grain(sight: Sight) -> Grain | None:
    """The grain of a frame at its own size; None when too little of it is flat or stands still."""
    before = sight.before
    return sight.once("grain", lambda: grain_of(sight.luma, before.luma if before else None))


def grain_of(luma: Plane, before: Plane | None = None) -> Grain | None:
    """The same of display codes ``(row, column)``, 0..255, and those of the frame before."""
    blocks = _blocks(luma)
    means = blocks.mean(1)
    read = (means > LOW) & (means < HIGH)
    if np.count_nonzero(read) < _LEAST:
        return None
    blocks, surfaces = blocks[read], _surfaces()
    parts = blocks @ surfaces
    slopes = np.abs(parts[:, 1:3]).sum(1) + np.abs(parts[:, 3:]).sum(1)
    flat = np.argsort(slopes, kind="stable")[: max(_LEAST, int(FLATTEST * len(blocks)))]
    left = blocks[flat] - parts[flat] @ surfaces.T
    if before is not None and before.shape == luma.shape:
        change = (blocks[flat] - _blocks(before)[read][flat]) / np.float32(np.sqrt(2))
        change -= (change @ surfaces) @ surfaces.T
        still = change.std(1) < left.std(1)
        left[still] = change[still]
    spread = left.std(1) * np.sqrt(BLOCK**2 / (BLOCK**2 - surfaces.shape[1]))
    few, half, many = np.percentile(spread, (25, 50, 75))
    if many > _CLEAN and many > _ALIKE * few:
        return None  # the blocks do not agree: what is left of them is texture
    octaves = [float(np.median(one.std(1))) for one in _octaves(left)]
    return Grain(float(half), (octaves[0], octaves[1], octaves[2]))


def _blocks(luma: Plane) -> NDArray[np.float32]:
    rows, columns = (side // BLOCK for side in luma.shape)
    cut = luma[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return np.ascontiguousarray(cut.transpose(0, 2, 1, 3).reshape(rows * columns, BLOCK**2))


def _surfaces() -> NDArray[np.float32]:
    """Orthonormal polynomials of second order over a block: 1, x, y, x2, xy, y2, in columns."""
    line = np.linspace(-1, 1, BLOCK)
    y, x = (side.ravel() for side in np.meshgrid(line, line, indexing="ij"))
    shapes = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    return np.asarray(np.linalg.qr(shapes)[0], np.float32)


def _octaves(left: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """What averaging over 2 x 2, then 4 x 4 takes away, and what it leaves."""
    blocks = left.reshape(-1, BLOCK, BLOCK)
    twos = _averaged(blocks, 2)
    fours = _averaged(twos, 2)
    bands = [blocks - _grown(twos), twos - _grown(fours), fours]
    return [band.reshape(len(blocks), -1) for band in bands]


def _averaged(blocks: NDArray[np.float32], by: int) -> NDArray[np.float32]:
    count, rows, columns = blocks.shape
    cut = blocks.reshape(count, rows // by, by, columns // by, by)
    return np.asarray(cut.mean((2, 4)), np.float32)


def _grown(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.repeat(np.repeat(blocks, 2, axis=1), 2, axis=2)
