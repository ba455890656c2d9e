"""How things before and behind the main plane move against it, and where they lie behind a matte.

Frames laid over each other by their main plane still differ by parallax: each by its own amount,
all along one depth. Those amounts are measured where the target shows them. Behind the matte every
depth is tried, and the one at which the other frames agree with each other is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .shifts import Grey

Mask = NDArray[np.bool_]
Matrix = NDArray[np.float64]
Flow = NDArray[np.float32]
"""``(row, column, 2)``: pixels to add, x then y."""

_GRID = 6  # pixels between the points that motion is measured at
_LEAST = 40  # points below which nothing is said
_SHARP = 2e-5  # least eigenvalue of the gradients at a point that is measured
_FAR = 40.0  # pixels; more is a mistake
_ROUNDS = 6
_ASTRAY = 0.6  # pixels between the way there and back; more is not the same thing
_OFF = 0.4  # pixels beyond which a point counts little
_FLAT = 0.8  # pixels between the nearest and the farthest below which all is one plane
_STEP = 1.0  # pixels between depths that are tried
_MOST = 32  # depths
_WINDOW = 7  # pixels that must agree together
_TRUNCATED = 0.12  # tone; a larger difference is something else, not more of it
_PLAIN = 1e-3  # tone that another depth must gain by, where all look alike


@dataclass(frozen=True)
class Slide:
    """How one frame, laid over a target, is off it: by its own placing and for each depth.

    A point ``p`` of the target at depth ``d`` lies at ``place @ p + d * (by + spread * (p - at))``.
    """

    place: Matrix
    by: NDArray[np.float64]
    spread: float
    at: NDArray[np.float64]

    def shifted(self, depth: float) -> Matrix:
        """The map of the target's pixels to the laid frame's, at one depth."""
        matrix = self.place.copy()
        grown = depth * self.spread
        matrix[0, 0] += grown
        matrix[1, 1] += grown
        matrix[:2, 2] += depth * self.by - grown * self.at
        return matrix

    def by_unit(self, unit: float) -> Slide:
        """The same with depths counted in a unit ``unit`` times as large."""
        return Slide(self.place, self.by / unit, self.spread / unit, self.at)

    def scaled(self, factor: float) -> Slide:
        """The same for pictures that are larger by a factor; depths stay as they are."""
        to = np.diag([factor, factor, 1.0])
        to[:2, 2] = (factor - 1) / 2
        place = to @ self.place @ np.linalg.inv(to)
        at = self.at * factor + (factor - 1) / 2
        return Slide(place, self.by * factor, self.spread, at)

    def mapped(self, depth: Grey) -> tuple[Grey, Grey]:
        """Where each pixel of the target lies in the laid frame: x and y."""
        rows, columns = depth.shape
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
        a, grown = self.place, depth * np.float32(self.spread)
        u = a[0, 0] * x + a[0, 1] * y + a[0, 2] + depth * self.by[0] + grown * (x - self.at[0])
        v = a[1, 0] * x + a[1, 1] * y + a[1, 2] + depth * self.by[1] + grown * (y - self.at[1])
        return u.astype(np.float32), v.astype(np.float32)


@dataclass(frozen=True)
class _Points:
    """Motion at points of the target: ``at`` ``(point, 2)``; ``by`` ``(frame, point, 2)``, with
    ``weight`` ``(frame, point)`` of 0 where it is not known."""

    at: NDArray[np.float64]
    by: NDArray[np.float64]
    weight: NDArray[np.float64]


def slides(
    target: Grey, open_: Mask, laid: Sequence[Grey], seen: Sequence[Mask]
) -> tuple[list[Slide | None], tuple[float, float]] | None:
    """How frames laid over a target are off it, and between which depths things lie.

    All are ``level_free`` greys of one size, looked at where ``open_`` and ``seen``. Depths are
    counted in pixels of the frame that moves most. None for a frame of which too little is known;
    None alone where that is so of nearly all, or where everything lies in one plane.
    """
    points = _measured(target, open_, laid, seen)
    if points is None or (points.weight.sum(1) >= _LEAST).sum() < 2:
        return None
    depth = _first(points)
    middle = points.at.mean(0)
    found: list[Slide | None] = []
    for _ in range(_ROUNDS):
        found = [_fitted(points, frame, depth, middle) for frame in range(len(laid))]
        largest = max(float(np.hypot(*one.by)) for one in found if one is not None)
        if largest < 1e-6:
            return None
        found = [one and one.by_unit(largest) for one in found]
        depth = _depths(points, found)
    known = points.weight.sum(0) > 1
    if np.count_nonzero(known) < _LEAST:
        return None
    near, far = np.percentile(depth[known], [1, 99])
    if far - near < _FLAT:
        return None
    room = 0.1 * (far - near) + _STEP
    return found, (float(near - room), float(far + room))


def slide(target: Grey, open_: Mask, laid: Grey, seen: Mask, depth: Grey) -> Slide | None:
    """How one more frame is off the target, whose depths are known. None: too little is."""
    points = _measured(target, open_, [laid], [seen])
    if points is None:
        return None
    x, y = points.at.T.astype(int)
    return _fitted(points, 0, depth[y, x].astype(np.float64), points.at.mean(0))


def _measured(
    target: Grey, open_: Mask, laid: Sequence[Grey], seen: Sequence[Mask]
) -> _Points | None:
    import cv2

    corner = np.asarray(cv2.cornerMinEigenVal(target, 9, ksize=3))
    places = np.zeros(open_.shape, bool)
    places[_GRID // 2 :: _GRID, _GRID // 2 :: _GRID] = True
    y, x = np.nonzero(places & _inner(open_) & (corner > _SHARP))
    if len(x) < _LEAST:
        return None
    at = np.stack([x, y], -1)
    both = [
        _moved(target, open_, other, clear, at) for other, clear in zip(laid, seen, strict=True)
    ]
    by, good = (np.array(part, np.float64) for part in zip(*both, strict=True))
    return _Points(at.astype(np.float64), by, good)


def _moved(
    target: Grey, open_: Mask, other: Grey, clear: Mask, at: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far points moved from one picture to another, and 1 where that way leads back too."""
    x, y = at.T
    moved = _flow(target, other, open_ & clear)[y, x].astype(np.float64)
    back = _flow(other, target, open_ & clear)
    there = np.round(at + moved).astype(int)
    rows, columns = target.shape
    inside = ((there >= 0) & (there < (columns, rows))).all(1)
    u, v = np.where(inside[:, None], there, 0).T
    astray = np.hypot(*(moved + back[v, u]).T)
    far = np.hypot(*moved.T)
    good = inside & _inner(clear)[v, u] & (astray < _ASTRAY) & (far < _FAR)
    return moved, good.astype(np.float64)


def _inner(mask: Mask) -> Mask:
    import cv2

    return np.asarray(cv2.erode(mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0)


def _flow(ours: Grey, theirs: Grey, both: Mask) -> Flow:
    """Dense motion; what is not seen in both is made the same in both, and stands still."""
    import cv2

    other = np.where(both, theirs, ours)
    eight = [np.clip(128 + 320 * one, 0, 255).astype(np.uint8) for one in (ours, other)]
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    start = np.zeros((*ours.shape, 2), np.float32)
    return np.asarray(finder.calc(eight[0], eight[1], start), np.float32)


def _first(points: _Points) -> NDArray[np.float64]:
    """A first idea of the depths: motion along its main direction, in the frame with most of it."""
    sizes = [
        np.percentile(np.hypot(*by[good > 0].T), 90) if good.sum() >= _LEAST else 0.0
        for by, good in zip(points.by, points.weight, strict=True)
    ]
    frame = int(np.argmax(sizes))
    by, good = points.by[frame], points.weight[frame]
    off = (by - np.median(by[good > 0], axis=0)) * good[:, None]
    direction = np.linalg.svd(off, full_matrices=False)[2][0]
    return np.asarray(off @ direction, np.float64)


def _fitted(
    points: _Points, frame: int, depth: NDArray[np.float64], middle: NDArray[np.float64]
) -> Slide | None:
    """A frame's own placing and its motion for each depth, by what most points say."""
    good = points.weight[frame] > 0
    if np.count_nonzero(good) < _LEAST:
        return None
    off, far, by = points.at[good] - middle, depth[good], points.by[frame][good]
    one, none = np.ones(len(far)), np.zeros(len(far))
    scale = max(float(off.std()), 1.0)
    x, y = off.T / scale
    across = np.stack([one, x, y, none, none, none, far, none, far * x], 1)
    down = np.stack([none, none, none, one, x, y, none, far, far * y], 1)
    weight, solved = one, np.zeros(9)
    for _ in range(4):
        root = np.sqrt(np.concatenate([weight, weight]))[:, None]
        rows = np.concatenate([across, down]) * root
        # A point's depth says little of a zoom along it: that is held back.
        held = np.zeros((1, 9))
        held[0, 8] = np.sqrt(len(far)) * max(float(np.abs(far).mean()), 0.1)
        wanted = np.concatenate([by[:, :1] * root[: len(far)], by[:, 1:] * root[: len(far)]])
        solved = np.linalg.lstsq(
            np.concatenate([rows, held]), np.concatenate([wanted, [[0.0]]]), rcond=1e-9
        )[0][:, 0]
        astray = np.hypot(by[:, 0] - across @ solved, by[:, 1] - down @ solved)
        weight = 1 / (1 + (astray / _OFF) ** 2) ** 2
    place = np.eye(3)
    place[:2, :2] += np.array([solved[1:3], solved[4:6]]) / scale
    place[:2, 2] = solved[[0, 3]] - (place[:2, :2] - np.eye(2)) @ middle
    return Slide(place, solved[6:8], float(solved[8] / scale), middle)


def _depths(points: _Points, found: Sequence[Slide | None]) -> NDArray[np.float64]:
    """The depth of each point, by all frames that see it."""
    top = bottom = np.zeros(len(points.at))
    for slide, by, good in zip(found, points.by, points.weight, strict=True):
        if slide is None:
            continue
        ones = np.concatenate([points.at, np.ones((len(points.at), 1))], 1)
        off = points.at + by - (ones @ slide.place.T)[:, :2]
        along = slide.by + slide.spread * (points.at - slide.at)
        top = top + good * (off * along).sum(1)
        bottom = bottom + good * (along * along).sum(1)
    return np.asarray(top / (bottom + 0.05), np.float64)


def depths(
    target: Grey, open_: Mask, laid: Sequence[Grey], seen: Sequence[Mask],
    found: Sequence[Slide], between: tuple[float, float],
) -> Grey:  # fmt: skip
    """The depth of each pixel at which the frames, and the target where it is open, agree best.

    Greys are tones 0..1 with little grain, one size.
    """
    near, far = between
    tried = np.linspace(near, far, int(np.clip((far - near) / _STEP + 2, 3, _MOST)))
    costs = np.stack([_cost(target, open_, laid, seen, found, float(d)) for d in tried])
    plain = int(np.argmin(np.abs(tried)))
    costs[plain] -= _PLAIN
    best = costs.argmin(0)
    inner = np.clip(best, 1, len(tried) - 2)[None]
    low, mid, high = (np.take_along_axis(costs, inner + side, 0)[0] for side in (-1, 0, 1))
    bend = low - 2 * mid + high
    part = np.where((bend > 1e-9) & (inner[0] == best), 0.5 * (low - high) / (bend + 1e-12), 0.0)
    depth = tried[best] + np.clip(part, -0.5, 0.5) * (tried[1] - tried[0])
    return _median(depth.astype(np.float32))


def _cost(
    target: Grey, open_: Mask, laid: Sequence[Grey], seen: Sequence[Mask],
    found: Sequence[Slide], depth: float,
) -> Grey:  # fmt: skip
    """How far the frames are apart at one depth: mean absolute difference from what most say."""
    import cv2

    size = (target.shape[1], target.shape[0])
    over, clear = [target], [open_.astype(np.float32)]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for one, good, slide in zip(laid, seen, found, strict=True):
        matrix = slide.shifted(depth)[:2]
        over.append(np.asarray(cv2.warpAffine(one, matrix, size, flags=flags)))
        shown = cv2.warpAffine(good.astype(np.float32), matrix, size, flags=flags)
        clear.append((np.asarray(shown) > 0.99).astype(np.float32))
    tones, weights = np.stack(over), np.stack(clear)
    number = weights.sum(0)
    mean = (tones * weights).sum(0) / np.maximum(number, 1)
    for _ in range(2):
        trusted = weights * (np.abs(tones - mean) < _TRUNCATED)
        mean = (tones * trusted).sum(0) / np.maximum(trusted.sum(0), 1e-6)
    apart = (np.minimum(np.abs(tones - mean), _TRUNCATED) * weights).sum(0)
    window = (_WINDOW, _WINDOW)
    total, share = cv2.blur(apart, window), cv2.blur(np.maximum(number - 1, 0), window)
    return np.asarray(
        np.where(share > 0.5, total / np.maximum(share, 1e-6), _TRUNCATED), np.float32
    )


def _median(depth: Grey) -> Grey:
    import cv2

    return np.asarray(cv2.medianBlur(cv2.medianBlur(depth, 5), 5), np.float32)
