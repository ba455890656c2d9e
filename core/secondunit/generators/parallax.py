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
from .tracks import GRID, LEAST, Points, moved, places

Mask = NDArray[np.bool_]
Matrix = NDArray[np.float64]
_ROUNDS = 6
_FIRST = 4  # nearest frames, in which things have not moved too far to be found
_MOVES = 4.0  # pixels between near and far, up to which motion is found without a guess
_SPREADS = (4.0, 12.0, 36.0)  # pixels that a point's depth reaches where none is nearer
_OFF = 0.4  # pixels beyond which a point counts little
_FLAT = 0.8  # pixels between the nearest and the farthest below which all is one plane
_STEP = 1.0  # pixels between depths that are tried
_MOST = 32  # depths
_WINDOW = 11  # pixels that must agree together
_TRUNCATED = 0.12  # tone; a larger difference is something else, not more of it
_PLAIN = 1e-3  # tone that another depth must gain by, where all look alike


@dataclass(frozen=True)
class Slide:
    """How one frame, laid over a target, is off it: by its own placing and for each depth.

    A point ``p`` of the target at depth ``d`` lies at ``at + (place @ p - at + d * by) / (1 - d *
    spread)``: what a pinhole camera makes of it, exactly.
    """

    place: Matrix
    by: NDArray[np.float64]
    spread: float
    at: NDArray[np.float64]

    def shifted(self, depth: float) -> Matrix:
        """The map of the target's pixels to the laid frame's, at one depth."""
        matrix = self.place.copy()
        matrix[:2, 2] += depth * self.by - self.at
        matrix[:2] /= 1 - depth * self.spread
        matrix[:2, 2] += self.at
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
        a, near = self.place, 1 - depth * np.float32(self.spread)
        u = a[0, 0] * x + a[0, 1] * y + a[0, 2] - self.at[0] + depth * self.by[0]
        v = a[1, 0] * x + a[1, 1] * y + a[1, 2] - self.at[1] + depth * self.by[1]
        u, v = u / near + self.at[0], v / near + self.at[1]
        return u.astype(np.float32), v.astype(np.float32)


def slides(
    target: Grey, open_: Mask, laid: Sequence[Grey], seen: Sequence[Mask], away: Sequence[int]
) -> tuple[list[Slide | None], tuple[float, float]] | None:
    """How frames laid over a target are off it, and between which depths things lie.

    All are ``level_free`` greys of one size, looked at where ``open_`` and ``seen``; ``away`` says
    how many frames each is from the target, on which side. Depths are counted in pixels of the
    frame that moves most. None for a frame of which too little is known; None alone where that is
    so of nearly all, or where everything lies in one plane.
    """
    at = places(target, open_)
    if len(at) < LEAST:
        return None
    near = sorted(range(len(laid)), key=lambda frame: abs(away[frame]))
    first, others = near[:_FIRST], near[_FIRST:]
    by = np.zeros((len(laid), *at.shape))
    weight = np.zeros(by.shape[:2])
    for frame in first:
        by[frame], weight[frame] = moved(target, open_, laid[frame], seen[frame], at)
    points = Points(at.astype(np.float64), by, weight)
    if (weight.sum(1) >= LEAST).sum() < 2:
        return None
    found, depth = _together(points, _first(points))
    if not any(found):
        return None
    for frame in others:
        # What lies far off has moved too far to be found again, but for where it is looked for.
        guess = going_on(found, away, away[frame])
        looked = None
        if guess is not None and _moves(guess, depth[points.weight.sum(0) > 0]):
            looked = guess.mapped(_dense(points, depth, target.shape))
        by[frame], weight[frame] = moved(target, open_, laid[frame], seen[frame], at, looked)
        found[frame] = _fitted(points, frame, depth, at.mean(0))
        depth = _depths(points, found)
    found, depth = _together(points, depth)
    return _between(points, found, depth)


def _between(
    points: Points, found: list[Slide | None], depth: NDArray[np.float64]
) -> tuple[list[Slide | None], tuple[float, float]] | None:
    known = points.weight.sum(0) > 1
    if np.count_nonzero(known) < LEAST or not any(found):
        return None
    near, far = np.percentile(depth[known], [1, 99])
    if far - near < _FLAT:
        return None
    room = 0.1 * (far - near) + _STEP
    return found, (float(near - room), float(far + room))


def _together(
    points: Points, depth: NDArray[np.float64]
) -> tuple[list[Slide | None], NDArray[np.float64]]:
    """The slides of all frames that are measured and the depths of all points, by turns."""
    middle = points.at.mean(0)
    found: list[Slide | None] = []
    for _ in range(_ROUNDS):
        found = [_fitted(points, frame, depth, middle) for frame in range(len(points.by))]
        largest = max((float(np.hypot(*one.by)) for one in found if one is not None), default=0.0)
        if largest < 1e-6:
            return [None] * len(points.by), depth
        found = [one and one.by_unit(largest) for one in found]
        depth = _depths(points, found)
    return found, depth


def going_on(found: Sequence[Slide | None], away: Sequence[int], to: int) -> Slide | None:
    """How a frame that is ``to`` frames away slides, if the camera goes on as the nearest says."""
    side = [
        (abs(to - off), place)
        for place, (one, off) in enumerate(zip(found, away, strict=True))
        if one is not None and off * to > 0
    ]
    if not side:
        return None
    place = min(side)[1]
    one, times = found[place], to / away[place]
    return one and Slide(np.eye(3), one.by * times, one.spread * times, one.at)


def _moves(guess: Slide, depth: NDArray[np.floating]) -> bool:
    """Whether things at those depths move so far against each other that they must be looked for.

    Else they are found without a guess, which would only confirm itself where all is plain.
    """
    if not depth.size:
        return False
    near, far = np.percentile(depth, [2, 98])
    return bool((far - near) * np.hypot(*guess.by) > _MOVES)


def _dense(points: Points, depth: NDArray[np.float64], shape: tuple[int, ...]) -> Grey:
    """The points' depths, spread to every pixel."""
    import cv2

    known = points.weight.sum(0) > 0
    x, y = points.at[known].T.astype(int)
    total, share = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    total[y, x], share[y, x] = depth[known], 1
    small, few = np.float32(1e-9) * total, np.float32(1e-9) * share
    for reach in _SPREADS:
        part = np.float32(1e-3 ** (reach / GRID))
        small += part * np.asarray(cv2.GaussianBlur(total, (0, 0), reach))
        few += part * np.asarray(cv2.GaussianBlur(share, (0, 0), reach))
    return np.asarray(small / np.maximum(few, 1e-30), np.float32)


def slide(
    target: Grey, open_: Mask, laid: Grey, seen: Mask, depth: Grey, guess: Slide | None
) -> Slide | None:
    """How one more frame is off the target, whose depths are known. None: too little is."""
    at = places(target, open_)
    if len(at) < LEAST:
        return None
    looked = guess.mapped(depth) if guess is not None and _moves(guess, depth[::9, ::9]) else None
    by, good = moved(target, open_, laid, seen, at, looked)
    points = Points(at.astype(np.float64), by[None], good[None])
    x, y = at.T
    return _fitted(points, 0, depth[y, x].astype(np.float64), points.at.mean(0))


def _first(points: Points) -> NDArray[np.float64]:
    """A first idea of the depths: motion along its main direction, in the frame with most of it."""
    sizes = [
        np.percentile(np.hypot(*by[good > 0].T), 90) if good.sum() >= LEAST else 0.0
        for by, good in zip(points.by, points.weight, strict=True)
    ]
    frame = int(np.argmax(sizes))
    by, good = points.by[frame], points.weight[frame]
    off = (by - np.median(by[good > 0], axis=0)) * good[:, None]
    direction = np.linalg.svd(off, full_matrices=False)[2][0]
    return np.asarray(off @ direction, np.float64)


def _fitted(
    points: Points, frame: int, depth: NDArray[np.float64], middle: NDArray[np.float64]
) -> Slide | None:
    """A frame's own placing and its motion for each depth, by what most points say."""
    good = points.weight[frame] > 0
    if np.count_nonzero(good) < LEAST:
        return None
    off, far, by = points.at[good] - middle, depth[good], points.by[frame][good]
    one, none = np.ones(len(far)), np.zeros(len(far))
    scale = max(float(off.std()), 1.0)
    x, y = off.T / scale
    u, v = (off + by).T / scale  # a zoom is of where the points have gone
    across = np.stack([one, x, y, none, none, none, far, none, far * u], 1)
    down = np.stack([none, none, none, one, x, y, none, far, far * v], 1)
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


def _depths(points: Points, found: Sequence[Slide | None]) -> NDArray[np.float64]:
    """The depth of each point, by all frames that see it."""
    top = bottom = np.zeros(len(points.at))
    for slide, by, good in zip(found, points.by, points.weight, strict=True):
        if slide is None:
            continue
        ones = np.concatenate([points.at, np.ones((len(points.at), 1))], 1)
        off = points.at + by - (ones @ slide.place.T)[:, :2]
        along = slide.by + slide.spread * (points.at + by - slide.at)
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
    return _smooth(depth.astype(np.float32))


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


def _smooth(depth: Grey) -> Grey:
    """Without strays, and even within each thing; edges between things stay."""
    import cv2

    clean = cv2.medianBlur(cv2.medianBlur(depth, 5), 5)
    return np.asarray(cv2.bilateralFilter(clean, 0, 1.5 * _STEP, 4.0), np.float32)
