"""What holds for the whole shot: its exposure, its scale, and of each object its tones and colours.

Measured on a few frames of the shot before the first is drawn, so that nothing jumps from frame to
frame; an object that none of them shows is measured where it first appears.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .frame import FAR, Passes, Plane
from .tones import Values, luminance, shown, stops

MOST = 1000  # objects whose tones are measured, the largest first; others share theirs
LEAST = 24  # pixels an object must show before its tones are measured on it
_KEPT = 4096  # values kept of an object in one frame
_LIT = 0.33  # scene-linear, once exposed: where the median of a shot's lit surfaces lies
_FLAT = 0.55  # stops from dark to light: with less an object is one tone
_SHADE = 0.85  # stops: how much darker a tone is that no frame has shown
_COOL = np.array((0.93, 0.97, 1.10), np.float32)  # of shadows
_WARM = np.array((1.04, 1.00, 0.94), np.float32)  # of lights
_SKY = -1


@dataclass(frozen=True)
class Tones:
    """Of one object: ``limits`` in stops between its bands, ``colours`` of the bands as codes."""

    limits: NDArray[np.float32]  # (bands - 1,)
    colours: NDArray[np.float32]  # (bands, 3), 0..1, dark to light
    albedo: NDArray[np.float32]  # (3,): mean


@dataclass
class Anchors:
    """Of one shot. ``known`` grows by objects that appear later; nothing else ever changes."""

    exposure: float
    reach: float  # metres: the distance at which things mostly are
    air: NDArray[np.float32]  # (3,) scene-linear: the colour of the distance
    bands: int
    colour: float
    known: dict[int, Tones] = field(default_factory=dict)
    rest: Tones | None = None  # of objects beyond MOST: a field of grass, or ids that are none

    def tones(
        self, ids: Sequence[int], passes: Passes, logs: Sequence[Plane]
    ) -> tuple[list[Tones], NDArray[np.intp]]:
        """The tones there are in a frame, and which of them each of these objects has.

        Objects not met before are measured on this frame.
        """
        new = {one for one in ids if one not in self.known}
        if new and len(self.known) < MOST:
            for one, values in gather([(passes, logs)], new, MOST - len(self.known)).items():
                self.known[one] = self._of(values)
        if self.rest is None and not all(one in self.known for one in ids):
            self.rest = self._of(_pooled(passes, logs))
        own = [one for one in ids if one in self.known]
        row = {one: index for index, one in enumerate(own)}
        found = [self.known[one] for one in own] + ([] if self.rest is None else [self.rest])
        return found, np.array([row.get(one, len(own)) for one in ids], np.intp)

    def learn(self, frames: Sequence[tuple[Passes, Sequence[Plane]]]) -> None:
        """Every object of these frames with enough pixels. ``logs`` are of the smoothed light."""
        for one, values in gather(frames, None, MOST).items():
            if len(values) >= LEAST:
                self.known[one] = self._of(values)

    def _of(self, values: Values) -> Tones:
        """``values`` are ``(pixel, 7)``: stops of the light, its RGB, the albedo's RGB."""
        level = values[:, 0]
        limits = _limits(level, self.bands)
        band = (level[:, None] > limits[None]).sum(axis=1)
        colours = np.full((self.bands, 3), np.nan, np.float32)
        for index in range(self.bands):
            inside = values[band == index, 1:4]
            if len(inside) >= max(4, 0.01 * len(values)):
                colours[index] = inside.mean(axis=0)
        return Tones(limits, self._painted(_filled(colours)), values[:, 4:7].mean(axis=0))

    def _painted(self, colours: Values) -> Values:
        codes = shown(colours[None], self.exposure)[0]
        grey = luminance(codes[None])[0][:, None]
        codes = grey + (codes - grey) * np.float32(1.3 * self.colour)
        share = np.linspace(0, 1, self.bands) if self.bands > 1 else np.full(1, 0.5)
        t = share.astype(np.float32)[:, None]
        made: Values = np.clip(codes * (_COOL * (1 - t) + _WARM * t), 0, 1)
        return made


def measured(
    frames: Sequence[tuple[Passes, Sequence[Plane]]],
    *,
    bands: int,
    exposure: float,
    colour: float,
    light: float = 0.0,
) -> Anchors:
    """The anchors of a shot by some of its frames; ``exposure`` in stops on top of its own.

    ``light`` is what is shown as a middle tone, scene-linear, where several shots share it; 0 is
    the shot's own.
    """
    lit, far, sky = [], [], []
    for passes, _ in frames:
        there = passes.near > 0
        lit.append(luminance(passes.light)[there])
        far.append(1 / passes.near[there])
        sky.append(passes.light[~there])
    seen, distance = np.concatenate(lit), np.concatenate(far)
    seen = seen[seen > 1e-4]
    middle = float(np.median(seen)) if seen.size else _LIT
    bright = float(np.quantile(seen, 0.9)) if seen.size else _LIT
    gain = float(np.clip(_LIT / (light or 0.5 * middle + 0.5 * bright * 0.55), 2**-8, 2**8))
    reach = float(np.median(distance)) if distance.size else 8.0
    made = Anchors(gain * 2**exposure, min(reach, FAR), _air(sky, bright), bands, colour)
    made.learn(frames)
    return made


def _air(sky: Sequence[Values], bright: float) -> NDArray[np.float32]:
    """The sky's mean colour; where none is seen a pale blue as bright as the lit surfaces."""
    seen = np.concatenate(sky)
    if len(seen) < LEAST:
        return np.array((0.62, 0.70, 0.82), np.float32) * np.float32(0.7 * bright)
    made: NDArray[np.float32] = seen.mean(axis=0).astype(np.float32)
    return made


def gather(
    frames: Sequence[tuple[Passes, Sequence[Plane]]], only: set[int] | None, most: int
) -> dict[int, Values]:
    """Of the ``most`` largest objects of each frame ``(pixel, 7)`` float32: stops of its light,
    light and albedo, RGB."""
    found: dict[int, list[Values]] = {}
    for passes, logs in frames:
        ids = passes.ids.ravel()
        order = np.argsort(ids, kind="stable")
        labels, starts, counts = np.unique(ids[order], return_index=True, return_counts=True)
        level = level_of(logs).ravel()
        chosen = np.argsort(-counts, kind="stable")
        if only is not None:
            chosen = chosen[np.isin(labels[chosen], list(only))]
        for index in chosen[:most].tolist():
            part = order[starts[index] : starts[index] + counts[index]]
            some = part[:: max(1, len(part) // _KEPT)]
            found.setdefault(int(labels[index]), []).append(_values(passes, level, some))
    return {label: np.concatenate(values) for label, values in found.items()}


def _pooled(passes: Passes, logs: Sequence[Plane]) -> Values:
    """As ``gather``, of some pixels of the whole frame."""
    some = np.arange(0, passes.near.size, max(1, passes.near.size // _KEPT))
    return _values(passes, level_of(logs).ravel(), some)


def _values(passes: Passes, level: Values, some: NDArray[np.intp]) -> Values:
    light = passes.light.reshape(-1, 3)[some]
    albedo = light if passes.albedo is None else passes.albedo.reshape(-1, 3)[some]
    return np.column_stack([level[some], light, albedo]).astype(np.float32)


def level_of(logs: Sequence[Plane]) -> Plane:
    """One plane of stops for three: what decides on bands."""
    made: Plane = np.float32(0.3) * logs[0] + np.float32(0.55) * logs[1]
    made += np.float32(0.15) * logs[2]
    return made


def logs_of(passes: Passes) -> list[Plane]:
    """Three planes in stops: the light that falls on things, as far as their albedo is known."""
    falls = passes.light
    if passes.albedo is not None:
        falls = passes.light / (passes.albedo + np.float32(0.03))
    return [stops(np.ascontiguousarray(falls[..., axis])) for axis in range(3)]


def _limits(level: Values, bands: int) -> Values:
    if bands < 2:
        return np.zeros(0, np.float32)
    low, high = np.quantile(level, (0.04, 0.96))
    if high - low < _FLAT:  # all of it in one band, the others above and below
        below, above = low - 0.5, high + 0.5
        ends = [below - 0.5 * n for n in range(max(0, bands - 3), -1, -1)]
        return np.array([*ends, above][: bands - 1], np.float32)
    split = _between(level, low, high)
    rest = split + (high - split) * np.linspace(0, 1, bands)[1:-1] * 1.15
    return np.concatenate([[split], rest]).astype(np.float32)


def _between(level: Values, low: float, high: float) -> float:
    """Where light and shadow part: the split that leaves least variance on its two sides."""
    counts, borders = np.histogram(np.clip(level, low, high), bins=32, range=(low, high))
    middles = (borders[1:] + borders[:-1]) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    mass = np.cumsum(counts * middles)
    mean_below = mass[:-1] / np.maximum(below, 1)
    mean_above = (mass[-1] - mass[:-1]) / np.maximum(above, 1)
    apart = below * above * (mean_above - mean_below) ** 2
    best = np.flatnonzero(apart >= 0.98 * apart.max())
    return float(borders[1 + int(best[len(best) // 2])])


def _filled(colours: Values) -> Values:
    """Bands that were never seen, from the nearest that was, darker or lighter."""
    seen = np.flatnonzero(np.isfinite(colours[:, 0]))
    if not len(seen):
        return np.full(colours.shape, 0.18, np.float32)
    made = colours.copy()
    for index in range(len(colours)):
        if np.isfinite(colours[index, 0]):
            continue
        nearest = int(seen[np.argmin(np.abs(seen - index))])
        stops_off = _SHADE if index < nearest else _SHADE / 3
        made[index] = colours[nearest] * np.float32(2.0 ** ((index - nearest) * stops_off))
    return made
