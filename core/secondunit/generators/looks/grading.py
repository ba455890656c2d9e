"""A grade for a whole shot: the film's own, or that of a still, measured once and then held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...media.footage import Picture
from .tones import Values, encoded, luminance

_STOPS = np.linspace(0.02, 0.98, 13)  # shares of the picture whose brightness is compared
_ZONES = np.array((0.0, 0.22, 0.5, 0.8, 1.0), np.float32)  # codes: black, shadow, middle, light
_STEEP = 2.2  # no tone is stretched more than so much, or pressed by more than its inverse
_FILM = np.array(  # of each zone: how much its red, green and blue differ from grey, in codes
    ((-0.006, -0.002, 0.010), (-0.014, 0.001, 0.018), (0.004, 0.001, -0.004),
     (0.014, 0.006, -0.018), (0.006, 0.002, -0.012)),
    np.float32,
)  # fmt: skip


@dataclass(frozen=True)
class Grade:
    """``curve`` is 256 codes for codes 0..1; ``cast`` what is added in each zone, ``(5, 3)``;
    ``vivid`` how much farther from grey colours lie, in each zone."""

    curve: NDArray[np.float32]
    cast: NDArray[np.float32]
    vivid: NDArray[np.float32]

    def on(self, codes: Picture, colour: float) -> Picture:
        """``(row, column, 3)`` float32 codes, graded; ``colour`` scales the distance from grey."""
        grey = luminance(codes)
        table = (np.clip(grey, 0, 1) * np.float32(255)).astype(np.int32)
        toned = self.curve[table]
        part = np.clip(grey, 0, 1) * np.float32(255) - table
        toned += (self.curve[np.minimum(table + 1, 255)] - toned) * part
        fine = np.linspace(0, 1, 256)
        cast = np.stack([np.interp(fine, _ZONES, self.cast[:, k]) for k in range(3)], axis=1)
        vivid = np.interp(fine, _ZONES, self.vivid) * colour
        made = codes - grey[..., None]
        made *= vivid.astype(np.float32)[table][..., None]
        made += toned[..., None]
        made += cast.astype(np.float32)[table]
        return made


def film() -> Grade:
    """A print's: some contrast, cool shadows, warm lights."""
    x = np.linspace(0, 1, 256, dtype=np.float32)
    curve = x + np.float32(0.55) * x * (1 - x) * (x - np.float32(0.42))
    return Grade(curve, _FILM, np.full(5, 1.06, np.float32))


def of_still(still: Picture, shot: Sequence[Picture], share: float) -> Grade:
    """That of a still, as far as ``share`` says; the rest is the film's own.

    ``still`` is ``(row, column, 3)`` scene-linear, ``shot`` are frames of the shot in codes.
    """
    ours = np.concatenate([one[::4, ::4].reshape(-1, 3) for one in shot])
    step = max(1, max(still.shape[:2]) // 400)
    theirs = encoded(np.ascontiguousarray(still[::step, ::step, :3])).reshape(-1, 3)
    own = film()
    curve = _matched(_grey(ours), _grey(theirs))
    cast, vivid = _colours(ours, curve, theirs)
    return Grade(
        own.curve + (curve - own.curve) * np.float32(share),
        own.cast + (cast - own.cast) * np.float32(share),
        own.vivid + (vivid - own.vivid) * np.float32(share),
    )


def _matched(ours: Values, theirs: Values) -> NDArray[np.float32]:
    """The curve that gives our tones their spread, never too steep and never falling."""
    x = np.concatenate([[0.0], np.quantile(ours, _STOPS), [1.0]])
    y = np.concatenate([[0.0], np.quantile(theirs, _STOPS), [1.0]])
    x = np.maximum.accumulate(x + np.arange(len(x)) * 1e-4)
    fine = np.linspace(0, 1, 256)
    slope = np.clip(np.gradient(np.interp(fine, x, y), fine), 1 / _STEEP**2, _STEEP)
    curve = np.cumsum(slope) / 255
    middle = np.interp(np.median(ours), fine, curve)
    curve += np.clip(np.median(theirs) - middle, -0.15, 0.15)
    made: NDArray[np.float32] = np.clip(curve, 0, 1).astype(np.float32)
    return made


def _colours(
    ours: Values, curve: NDArray[np.float32], theirs: Values
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What each zone lacks of their colour, and how far from grey it should lie."""
    cast, vivid = np.zeros((5, 3), np.float32), np.ones(5, np.float32)
    grey, their_grey = _grey(ours), _grey(theirs)
    toned = np.interp(grey, np.linspace(0, 1, 256), curve)
    for zone, middle in enumerate(_ZONES):
        a = ours[np.abs(toned - middle) < 0.16]
        b = theirs[np.abs(their_grey - middle) < 0.16]
        if len(a) < 50 or len(b) < 50:
            continue
        of_a, of_b = a - _grey(a)[:, None], b - _grey(b)[:, None]
        cast[zone] = np.clip(of_b.mean(axis=0) - of_a.mean(axis=0), -0.09, 0.09)
        vivid[zone] = np.clip((of_b.std() + 0.02) / (of_a.std() + 0.02), 0.6, 1.4)
    return cast, vivid


def _grey(values: Values) -> Values:
    made: Any = values @ np.array((0.2126, 0.7152, 0.0722), np.float32)
    return np.asarray(made, np.float32)
