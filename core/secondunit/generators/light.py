"""How the light on one thing differs between two pictures of it, and the factors that undo it.

Two steps. A curve for each channel, from all matched pixels: an exposure, a white balance, and
what a camera's own tone curve made of them. Then a slow field over the picture: shading, bounce
and haze that came or went. Both are medians of many pixels, so grain does not make them flicker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from .consensus import FAINT

Mask = NDArray[np.bool_]

_STEP = 4  # pixels averaged before ratios are taken: grain is not light
_KNOTS = 7  # of the curve, at like shares of the pixels
_LEAST = 60  # small pixels below which a curve is one factor; below a tenth of it, none
_REACH = 2.0  # stops a curve may change
_FIELD = 0.4  # stops the field may change
_WIDE = 5  # small pixels: how slowly the field changes
_FAITH = 0.05  # weight of "no change" in the field, against 1 where all around is seen
_STRANGE = 0.25  # stops from the curve beyond which a pixel shows something else


@dataclass(frozen=True)
class Curve:
    """Stops to add at stops of brightness, a row a channel: ``(3, knot)`` each."""

    at: NDArray[np.float32]
    add: NDArray[np.float32]

    def on(self, picture: Picture) -> Picture:
        """The picture, scene-linear RGB, with the curve on it; a new one."""
        if not self.add.any():
            return picture.copy()
        out = np.empty_like(picture)
        for channel in range(3):
            values = picture[..., channel]
            logs = np.log2(np.maximum(values, 0) + FAINT)
            out[..., channel] = values * np.exp2(
                np.interp(logs, self.at[channel], self.add[channel])
            )
        return out


@dataclass(frozen=True)
class Light:
    """What makes one picture's light another's: a curve, then a field of stops."""

    curve: Curve
    field: Picture  # (row, column, 3) stops, of the full picture

    def on(self, picture: Picture) -> Picture:
        """The picture, scene-linear RGB, in the other's light; a new one."""
        return np.asarray(self.curve.on(picture) * np.exp2(self.field), np.float32)


def smaller(picture: Picture, seen: Mask) -> tuple[Picture, Mask]:
    """A picture small enough to compare light in, by area, and where all of a pixel is seen."""
    import cv2

    rows, columns = seen.shape
    size = (max(1, columns // _STEP), max(1, rows // _STEP))
    weight = seen.astype(np.float32)
    share = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA)).reshape(size[::-1])
    part = picture[..., :3].astype(np.float32) * weight[..., None]
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], 3)
    over = np.maximum(share, 1e-6)[..., None]
    return np.asarray(small / over, np.float32), share > 0.99


def curve(ours: Picture, theirs: Picture, seen: Mask) -> Curve:
    """What to put on ``theirs`` so that it has the light of ``ours``, where both are ``seen``.

    Of pictures that are not ``smaller`` yet.
    """
    (mine, both), (other, _) = smaller(ours, seen), smaller(theirs, seen)
    return curve_of(mine, other, both)


def curve_of(ours: Picture, theirs: Picture, both: Mask) -> Curve:
    """The same of pictures that are small already."""
    mine, other = _stops(ours), _stops(theirs)
    at, add = np.zeros((3, _KNOTS), np.float32), np.zeros((3, _KNOTS), np.float32)
    for channel in range(3):
        logs = other[..., channel][both]
        ratio = mine[..., channel][both] - logs
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


def light(ours: Picture, theirs: Picture, seen: Mask, known: Curve | None = None) -> Light:
    """The same with a field; pictures of one size, ``(row, column, 3)`` scene-linear.

    ``known`` is a curve found in more of the picture than is given here.
    """
    import cv2

    found = curve(ours, theirs, seen) if known is None else known
    (mine, both), (other, _) = smaller(ours, seen), smaller(found.on(theirs), seen)
    mine, other = _stops(mine), _stops(other)
    off = np.clip(mine - other, -_FIELD, _FIELD)
    strange = np.abs(off.mean(-1)) > _STRANGE
    weight = (both & ~strange).astype(np.float32)[..., None]
    total = _blur(off * weight)
    share = _blur(np.repeat(weight, 3, axis=2))
    rows, columns = ours.shape[:2]
    field = np.asarray(total / (share + _FAITH), np.float32)
    return Light(found, np.asarray(cv2.resize(field, (columns, rows)), np.float32))


def _blur(picture: Picture) -> Picture:
    import cv2

    return np.asarray(
        cv2.GaussianBlur(picture, (0, 0), _WIDE, borderType=cv2.BORDER_CONSTANT), np.float32
    ).reshape(picture.shape)


def _stops(picture: Picture) -> Picture:
    return np.log2(np.maximum(picture, 0) + FAINT).astype(np.float32)
