"""How the light on one thing differs between two pictures of it, as a curve for each channel.

An exposure, a white balance, and what a camera's own tone curve made of them: medians of many
pixels, so that grain does not make them flicker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.levels import BRIGHTEST
from ..media.footage import Picture
from .consensus import FAINT
from .halves import Light, narrow, wide

Mask = NDArray[np.bool_]

_HALVES = np.clip(
    np.nan_to_num(np.arange(65536).astype(np.uint16).view(np.float16).astype(np.float32)),
    -BRIGHTEST, BRIGHTEST,
)  # fmt: skip
"""Every half float, by its bits."""

STEP = 4  # pixels averaged before ratios are taken: grain is not light
_PLENTY = 256  # rows or columns
_KNOTS = 7  # of the curve, at like shares of the pixels
_MANY = 16_000  # small pixels, of which medians are as good as of all
_LEAST = 60  # small pixels below which a curve is one factor; below a tenth of it, none
_REACH = 2.0  # stops a curve may change
_BLACK = 0.0005  # scene-linear; below it a curve goes on as it is there
_MOST = 4.0  # times; more is never made of a pixel's light


@dataclass(frozen=True)
class Curve:
    """Stops to add at stops of brightness, a row a channel: ``(3, knot)`` each."""

    at: NDArray[np.float32]
    add: NDArray[np.float32]

    def on(self, picture: Light) -> Picture:
        """The picture, scene-linear RGB, with the curve on it; a new one."""
        if not self.add.any():
            return wide(picture).copy()
        out = np.empty(picture.shape, np.float32)
        if picture.dtype == np.float16:
            for channel, factors in enumerate(self._factors()):
                np.take(
                    factors * _HALVES, picture[..., channel].view(np.uint16), out=out[..., channel]
                )
            return out
        halves = narrow(np.clip(wide(picture), -BRIGHTEST, BRIGHTEST)).view(np.uint16)
        for channel, factors in enumerate(self._factors()):
            np.multiply(picture[..., channel], factors[halves[..., channel]], out=out[..., channel])
        return out

    def _factors(self) -> NDArray[np.float32]:
        """``(3, 65536)``: what to multiply by, for each value as half float tells it.

        Stops are told of light with FAINT added, and so they are given back; held where there is
        next to no light, so that grain in the blacks is not blown up.
        """
        held = np.clip(_HALVES, _BLACK, BRIGHTEST)
        logs = np.log2(held + FAINT)
        added = [np.interp(logs, at, add) for at, add in zip(self.at, self.add, strict=True)]
        factors = (1 + FAINT / held) * np.exp2(np.array(added, np.float32)) - FAINT / held
        return np.clip(factors, 1 / _MOST, _MOST).astype(np.float32)


def smaller(picture: Light, seen: Mask) -> tuple[Picture, Mask]:
    """A picture small enough to compare light in, by area, and where all of a pixel is seen."""
    import cv2

    if min(seen.shape) > _PLENTY:  # every other pixel tells as much, at a quarter of the cost
        picture, seen = picture[::2, ::2], seen[::2, ::2]
        step = STEP // 2
    else:
        step = STEP
    rows, columns = seen.shape
    size = (max(1, columns // step), max(1, rows // step))
    weight = seen.astype(np.float32)
    share = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA)).reshape(size[::-1])
    part = wide(picture[..., :3]) * weight[..., None]
    summed = cv2.resize(part, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], 3)
    small = summed / np.maximum(share, 1e-6)[..., None]
    return np.asarray(small, np.float32), share > 0.99


def curve(ours: Light, theirs: Light, seen: Mask) -> Curve:
    """What to put on ``theirs`` so that it has the light of ``ours``, where both are ``seen``.

    Of pictures that are not ``smaller`` yet.
    """
    (mine, both), (other, _) = smaller(ours, seen), smaller(theirs, seen)
    return curve_of(mine, other, both)


def curve_of(ours: Picture, theirs: Picture, both: Mask) -> Curve:
    """The same of pictures that are small already."""
    mine, other = stops_of(ours), stops_of(theirs)
    at, add = np.zeros((3, _KNOTS), np.float32), np.zeros((3, _KNOTS), np.float32)
    for channel in range(3):
        logs, mine_logs = (one[..., channel][both] for one in (other, mine))
        few = slice(None, None, max(1, len(logs) // _MANY))
        logs = logs[few]
        ratio = mine_logs[few] - logs
        at[channel] = np.arange(_KNOTS) - 8.0
        if len(logs) < _LEAST // 10:
            continue
        if len(logs) >= _LEAST:
            edges = np.quantile(logs, np.linspace(0, 1, _KNOTS + 1))
            bins = np.clip(np.searchsorted(edges, logs, side="right") - 1, 0, _KNOTS - 1)
            at[channel], add[channel] = _knots(logs, ratio, bins)
        else:
            add[channel] = np.median(ratio)
    return Curve(at, np.clip(add, -_REACH, _REACH))


def _knots(
    logs: NDArray[np.float32], ratio: NDArray[np.float32], bins: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Medians by brightness, drawn towards the whole's where they say the same."""
    whole = np.median(ratio)
    at, add = np.zeros(_KNOTS, np.float32), np.zeros(_KNOTS, np.float32)
    for knot in range(_KNOTS):
        inside = bins == knot
        at[knot] = np.median(logs[inside]) if inside.any() else np.nan
        add[knot] = np.median(ratio[inside]) if inside.any() else whole
    known = np.isfinite(at)
    at[~known] = np.interp(np.flatnonzero(~known), np.flatnonzero(known), at[known])
    soft = np.convolve(np.pad(add, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    rising = np.maximum.accumulate(at + np.arange(_KNOTS, dtype=np.float32) * 1e-5)
    return rising.astype(np.float32), soft.astype(np.float32)


def stops_of(picture: Picture) -> Picture:
    """log2 of each channel, floored so that noise in the darks says nothing."""
    return np.log2(np.maximum(picture, 0) + FAINT).astype(np.float32)
