"""What is behind the matte of a camera that does not move: one picture for the whole shot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from .behind import Behind
from .boxes import Box
from .consensus import Agreed, agreed
from .grain import residual
from .grain import step as played
from .halves import narrow, wide
from .light import Curve, curve_of, smaller
from .noise import noise, strength
from .stock import Mask, Stock

_STEP = 4  # pixels of the survey's cells
_ROOM = 1 << 29  # bytes of frames that are compared at once, and of grain
_SAMPLES = (9, 15)  # frames compared, at least and at most
_DEPTH = 9  # frames in which each pixel should be seen
_LOOKED = 160  # frames that samples are chosen from, unless some pixel is only seen in others
_AROUND = 16  # pixels around what grain is taken for, so that its coarse part can be told
_LENGTHS = (10, 6, 4, 3, 2)  # of runs of frames that grain is taken from, the longest that do
_WORTH = 0.01  # of the cells; shorter runs must show as much more
_RUNS = 3  # such runs, for what is hidden in the first


class Survey:
    """In which frames each cell of the picture is seen, read once from all mattes."""

    def __init__(self, stock: Stock, targets: Sequence[int], also: Sequence[int]) -> None:
        wanted, self.targets = set(targets), targets
        self.numbers = [*range(stock.count), *also]
        self.union = np.zeros((stock.rows, stock.columns), bool)
        self.seen_once = np.zeros_like(self.union)
        self.covered: dict[int, int] = {}
        packed = []
        for index in self.numbers:
            unsafe = stock.unsafe(index)
            if index in wanted:
                hidden = stock.hidden(index)
                self.covered[index] = int(np.count_nonzero(hidden))
                self.union |= hidden
            self.seen_once |= ~unsafe
            packed.append(np.packbits(_cells(unsafe)))
        self._packed = packed
        self._shape = _cells(self.union).shape

    def seen(self, place: int) -> Mask:
        """The cells of the frame at that place in ``numbers`` that show background all over."""
        size = self._shape[0] * self._shape[1]
        unsafe: Mask = np.unpackbits(self._packed[place], count=size).reshape(self._shape) > 0
        return ~unsafe

    @property
    def wanted(self) -> Mask:
        """Cells that are hidden in some target."""
        return _cells(self.union)


class Locked:
    """Frames of a locked camera, laid over each other as they are."""

    locked = True

    def __init__(self, stock: Stock, survey: Survey, box: Box, grain: float) -> None:
        self._stock, self._box, self._part = stock, box, grain
        self._curves: dict[int, Curve] = {}
        samples = _samples(survey, _fitting(box))
        self._whole = self._compared(samples)
        self._base = self._sampled(samples)
        self._grain = self._bank(survey) if grain else np.zeros((0,))
        self.remark = f"The camera is locked: {len(samples)} of {stock.total} frames compared."

    def behind(self, index: int, box: Box) -> Behind:
        """The same picture for every frame; the grain moves on."""
        base, grain, part = self._base, None, box.within(self._box)
        if len(self._grain):
            chosen = self._grain[played(index, len(self._grain))]
            grain = wide(part.cut(chosen)) * np.float32(self._part)
        count, spread = part.cut(base.count), part.cut(base.spread)
        return Behind(box, part.cut(base.picture), grain, count, spread, self._whole)

    def _compared(self, samples: Sequence[int]) -> Picture:
        """What the samples agree on in the whole picture, small, in the light of the clearest."""
        taken = map(self._stock.take, samples)
        views = [smaller(kept.pixels, kept.seen) for kept in taken]
        ours, ours_seen = max(views, key=lambda view: int(np.count_nonzero(view[1])))
        stack = [curve_of(ours, view, ours_seen & seen).on(view) for view, seen in views]
        return agreed(np.stack(stack), np.stack([seen for _, seen in views])).picture

    def _lit(self, index: int, box: Box) -> tuple[Picture, Mask]:
        """The box of a frame in the background's light, and what is background in it."""
        kept = self._stock.take(index)
        return self._light(index).on(box.cut(kept.pixels)), box.cut(kept.seen)

    def _light(self, index: int) -> Curve:
        """What puts a frame into the background's light."""
        if index not in self._curves:
            kept = self._stock.take(index)
            ours, seen = smaller(kept.pixels, kept.seen)
            self._curves[index] = curve_of(self._whole, ours, seen & self._whole.any(-1))
        return self._curves[index]

    def _sampled(self, samples: Sequence[int]) -> Agreed:
        stack = np.empty((len(samples), *self._box.shape, 3), np.float16)
        clear = np.empty(stack.shape[:3], bool)
        for place, index in enumerate(samples):
            pixels, clear[place] = self._lit(index, self._box)
            stack[place] = narrow(pixels)
        return agreed(stack, clear)

    def _bank(self, survey: Survey) -> NDArray[np.float16]:
        """Grain of as many frames as are played: for each pixel of a run in which it is seen."""
        runs = _runs(survey, _fitting(self._box))
        count = min((len(run) for run in runs), default=0)
        bank = np.zeros((count, *self._box.shape, 3), np.float16)
        missing = np.ones(self._box.shape, bool)
        needed = self._box.cut(survey.union)
        part: Box | None = Box(0, 0, *self._box.shape)
        here = noise(self._stock, survey.targets)
        for run in runs:
            if part is None:
                break
            inner = part.grown(_AROUND, *self._box.shape)
            outer = inner.moved(self._box.top, self._box.left)
            believed, taken = inner.cut(missing).copy(), []
            strong = np.float16(strength(here, noise(self._stock, run[:count])))
            for index in run[:count]:
                pixels, seen = self._lit(index, outer)
                fine, sure = residual(pixels, inner.cut(self._base.picture), seen)
                believed &= sure
                taken.append(narrow(fine))
            for place, kept in enumerate(taken):
                np.copyto(inner.cut(bank[place]), strong * kept, where=believed[..., None])
            inner.cut(missing)[believed] = False
            part = Box.around(missing & needed)
        return bank


def _cells(mask: Mask) -> Mask:
    """Cells of which any pixel is true."""
    rows, columns = (-size % _STEP for size in mask.shape)
    padded = np.pad(mask, ((0, rows), (0, columns)))
    cells = padded.reshape(padded.shape[0] // _STEP, _STEP, padded.shape[1] // _STEP, _STEP)
    return np.asarray(cells.any((1, 3)))


def _fitting(box: Box) -> int:
    """How many frames of a box fit in the room there is."""
    return max(1, _ROOM // (box.pixels * 6))


def _samples(survey: Survey, fitting: int) -> list[int]:
    """Frames that show every cell several times where that can be, spread over the shot."""
    most = min(max(fitting, _SAMPLES[0]), _SAMPLES[1], len(survey.numbers))
    wanted = survey.wanted
    spread = np.linspace(0, len(survey.numbers) - 1, min(_LOOKED, len(survey.numbers)))
    places = [int(place) for place in np.unique(spread.round())]
    seen = {place: survey.seen(place)[wanted] for place in places}
    never = ~np.any(list(seen.values()), axis=0)
    for place in range(len(survey.numbers)):
        if never.any() and place not in seen:
            shown = survey.seen(place)[wanted]
            if (shown & never).any():
                seen[place] = shown
                never &= ~shown
    depth = np.zeros(np.count_nonzero(wanted), np.int16)
    chosen: list[int] = []
    while len(chosen) < most and seen:
        worth = np.where(depth < _DEPTH, 1.0 / (1 + depth) ** 2, 0.0).astype(np.float32) + 1e-4
        away = {place: min([abs(place - c) for c in chosen], default=1) for place in seen}
        best = max(
            seen, key=lambda p: float(worth @ seen[p]) * (1 - 0.5 ** (1 + away[p] / 8)) + 1e-9 * -p
        )
        depth += seen.pop(best)
        chosen.append(best)
    return sorted(survey.numbers[place] for place in chosen)


def _runs(survey: Survey, fitting: int) -> list[list[int]]:
    """Runs of consecutive frames that between them show what is hidden, the best first.

    As long as can be: what is hidden for a moment in the middle of a short shot is only shown by
    short ones, and grain that is missing stands still.
    """
    wanted, best, least = survey.wanted, [], 1.0
    for length in _LENGTHS:
        if length > min(max(2, fitting), len(survey.numbers)):
            continue
        runs, missing = _runs_of(survey, length, wanted)
        if missing < least - _WORTH:
            best, least = runs, missing
    return best


def _runs_of(survey: Survey, length: int, wanted: Mask) -> tuple[list[list[int]], float]:
    """Runs of one length, and the share of the wanted cells that they leave."""
    missing = np.ones(np.count_nonzero(wanted), bool)
    stride = max(1, length // 2, len(survey.numbers) // _LOOKED)
    found: dict[int, NDArray[np.bool_]] = {}
    for start in range(0, len(survey.numbers) - length + 1, stride):
        shown = np.all([survey.seen(p)[wanted] for p in range(start, start + length)], axis=0)
        found[start] = shown
    runs: list[list[int]] = []
    while found and missing.any() and len(runs) < _RUNS:
        best = max(found, key=lambda start: (int((found[start] & missing).sum()), -start))
        shown = found.pop(best)
        if not (shown & missing).any():
            break
        missing &= ~shown
        runs.append([survey.numbers[place] for place in range(best, best + length)])
    return runs, float(missing.mean()) if len(missing) else 0.0
