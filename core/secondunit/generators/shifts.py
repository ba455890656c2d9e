"""Measures small shifts between two pictures of one thing, block by block.

Lucas and Kanade's normal equations on soft, level-free pictures; good to
hundredths of a pixel for shifts of up to two. Larger ones
are found by features first (``registration``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.levels import BRIGHTEST, luminance
from ..media.footage import Picture

Grey = NDArray[np.float32]
"""``(row, column)`` float32, 0..1, display-like tone: what gradients are taken of."""

SOFT = 1.5  # pixels; below it grain and codec would feed the gradients
_LEVEL = 12.0  # pixels; slower changes of light are no shift
_BLOCK = 24  # pixels
_BLOCKS = 10  # with texture, for a finer placement
_FARTHEST = 6.0  # pixels that a finer placement may move a corner
_LEAST_SLOPE = 4e-6  # mean squared gradient of a block that says where it is; grain has less


def grey(picture: Picture) -> Grey:
    """Luminance as an eye sees it, in 0..1 of the picture's own 99th percentile; NaN becomes 0."""
    light = luminance(np.nan_to_num(picture[..., :3], nan=0.0, posinf=BRIGHTEST, neginf=0.0))
    white = max(float(np.percentile(light[::4, ::4], 99)), 1e-6)
    return np.asarray(np.clip(light / white, 0.0, 1.5) ** (1 / 2.4), np.float32)


@dataclass(frozen=True)
class Shifts:
    """Where blocks of one picture lie in another: ``at`` and ``by`` are ``(block, 2)`` x, y."""

    at: NDArray[np.float64]  # pixel of a block's centre
    by: NDArray[np.float64]  # pixels to add to get to the same thing in the other picture
    weight: NDArray[np.float64]  # how well a block says so

    def __len__(self) -> int:
        return len(self.at)

    def affine(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points ``(n, 2)`` of one picture lie in the other, by the map that most follow."""
        return np.asarray(_homogeneous(points) @ self.matrix().T[:, :2], np.float64)

    def matrix(self) -> NDArray[np.float64]:
        """The 3 x 3 affine map from one picture to the other that most blocks follow.

        Least squares, weighted anew five times against those that do not (Geman and McClure).
        """
        mean, spread = self.at.mean(0), max(float(self.at.std()), 1.0)
        from_here = _homogeneous((self.at - mean) / spread)
        weight = self.weight
        solved: NDArray[np.floating] = np.zeros((3, 2))
        for _ in range(6):
            root = np.sqrt(weight)[:, None]
            solved = np.linalg.lstsq(from_here * root, self.by * root, rcond=1e-6)[0]
            off = ((self.by - from_here @ solved) ** 2).sum(1)
            scale = max(float(np.median(off)), 0.05**2)
            weight = self.weight / (1 + off / (4 * scale)) ** 2
        matrix = np.eye(3)
        matrix[:2, :2] += solved[:2].T / spread
        matrix[:2, 2] = solved[2] - solved[:2].T @ mean / spread
        return matrix


def level_free(picture: Grey) -> Grey:
    """Without grain and without slow changes of light."""
    import cv2

    soft = cv2.GaussianBlur(picture, (0, 0), SOFT)
    return np.asarray(soft - cv2.blur(soft, (int(2 * _LEVEL) | 1,) * 2), np.float32)


def shifts(ours: Grey, theirs: Grey, seen: NDArray[np.bool_]) -> Shifts:
    """How blocks of ``ours`` lie in ``theirs``, both ``level_free``, where both are ``seen``."""
    import cv2

    both = np.float32(0.5) * (ours + theirs)
    across = np.asarray(cv2.Sobel(both, cv2.CV_32F, 1, 0, scale=0.125), np.float32)
    down = np.asarray(cv2.Sobel(both, cv2.CV_32F, 0, 1, scale=0.125), np.float32)
    weight = seen.astype(np.float32)
    rows, columns = (max(1, size // _BLOCK) for size in ours.shape)

    def mean(values: Grey) -> NDArray[np.float64]:
        small = cv2.resize(values * weight, (columns, rows), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float64)

    change = ours - theirs
    xx, xy, yy = mean(across * across), mean(across * down), mean(down * down)
    xt, yt = mean(across * change), mean(down * change)
    share = np.asarray(cv2.resize(weight, (columns, rows), interpolation=cv2.INTER_AREA))
    least = 0.5 * (xx + yy - np.sqrt((xx - yy) ** 2 + 4 * xy * xy))
    good = (least > _LEAST_SLOPE) & (share > 0.7)
    found = xx * yy - xy * xy
    with np.errstate(divide="ignore", invalid="ignore"):
        by = np.stack([(yy * xt - xy * yt) / found, (xx * yt - xy * xt) / found], -1)
    v, u = np.mgrid[0:rows, 0:columns] + 0.5
    at = np.stack([u * ours.shape[1] / columns, v * ours.shape[0] / rows], -1) - 0.5
    good &= np.isfinite(by).all(-1) & (np.abs(by).max(-1) < 2 * _LEVEL)
    return Shifts(at[good], by[good], np.sqrt(least[good]))


def _homogeneous(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([points, np.ones((len(points), 1))], axis=1)


def finer(ours: Grey, theirs: Grey, seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What takes a picture's pixels to the same things in one laid over it, nearly the same; 3 x 3.

    Both ``level_free``, looked at where ``seen``. The identity where there is too little to go by,
    or where it would move too far.
    """
    import cv2

    whole, over, clear = np.eye(3), theirs, seen
    for _ in range(2):
        found = shifts(ours, over, clear)
        if len(found) < _BLOCKS:
            break
        whole = whole @ found.matrix()
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (theirs.shape[1], theirs.shape[0])
        over = np.asarray(cv2.warpAffine(theirs, whole[:2], size, flags=flags), np.float32)
        kept = cv2.warpAffine(seen.astype(np.uint8) * 255, whole[:2], size, flags=flags)
        clear = seen & (np.asarray(kept) == 255)
    ends = corners(ours.shape)
    if np.abs((ends @ whole.T - ends)[:, :2]).max() > _FARTHEST:
        return np.eye(3)
    return whole


def corners(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """A picture's corners as ``(x, y, 1)``, a row each."""
    rows, columns = shape[:2]
    return np.array([[0, 0, 1], [columns, 0, 1], [0, rows, 1], [columns, rows, 1]], float)
