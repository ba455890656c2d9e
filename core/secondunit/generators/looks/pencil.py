"""Pencil: paper, graphite strokes that lie on the surfaces of the set, and drawn outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...media.footage import Picture
from .anchors import Anchors
from .frame import Passes, Plane
from .history import Settling
from .lines import Pen, ink
from .strokes import LONG, SIDE, sheet
from .surface import Surface
from .tones import Values, eased, encoded, light_of, linear_of, luminance, shown
from .toon import enlarged

_PAPER = np.array((0.955, 0.94, 0.905), np.float32)  # codes
_GRAPHITE = np.array((0.16, 0.155, 0.17), np.float32)
_PLANES = ((1, 2), (0, 2), (0, 1))  # axes that are across and down for a normal along x, y, z
_FULL = 1920.0  # pixels: strokes are meant at this width, and are as much shorter in a smaller one
_SHORT = 0.5  # of their length: with less they are dots
_SMALL = 1280  # pixels: a picture less wide is drawn at twice its size
_SOFT = 0.22  # of darkness: how soft a stroke's edge is
_STRETCH = 2.0  # a stroke is shown at most so much narrower than it is long, on slanting surfaces
_LEAST = 0.03  # share of a plane from which on it is drawn
_SHADE = 0.55  # how much a dark colour counts against a dark light


@dataclass(frozen=True)
class Pencil:
    """The look. ``grain`` is the paper's, ``tint`` the share of colour under the strokes."""

    pen: Pen
    seed: int
    hatch: float = 1.0
    grain: float = 1.0
    tint: float = 0.0

    def draw(
        self,
        passes: Passes,
        small: Passes,
        logs: Sequence[Plane],
        anchors: Anchors,
        settling: Settling,
        surface: Surface | None,
    ) -> tuple[Picture, Plane]:
        """``(row, column, 3)`` float32 scene-linear Rec.709, 0..1, and 1 everywhere: it is paper.

        Without a ``surface`` the strokes lie on the paper.
        """
        light = np.dstack([enlarged(light_of(one), small.ids, passes.ids) for one in logs])
        dark = self._darkness(passes, light, anchors)
        strokes, height = self._strokes(dark, passes, surface)
        strokes *= 0.38 + 0.5 * dark
        tooth = paper(dark.shape, self.seed)
        lines = ink(passes, self.pen, 1 + 0.35 * (height - np.float32(0.5)))
        lines *= np.clip(0.92 - 0.25 * np.abs(tooth), 0, 1)
        cover: Plane = 1 - (1 - strokes) * (1 - 0.36 * dark * dark) * (1 - 0.94 * lines)
        cover = settling.settled(cover, passes)
        ground = np.broadcast_to(_PAPER, (*dark.shape, 3))
        if self.tint > 0:
            ground = ground + (self._wash(passes, light, anchors) - ground) * np.float32(self.tint)
        codes = ground * (1 - np.float32(0.018 * self.grain) * tooth)[..., None]
        codes = codes + (_GRAPHITE - codes) * cover[..., None]
        return linear_of(codes), np.ones(dark.shape, np.float32)

    def _strokes(self, dark: Plane, passes: Passes, surface: Surface | None) -> tuple[Plane, Plane]:
        """How much of each pixel strokes cover, and the sheet's mean there.

        A small picture is drawn at twice its size, since strokes of whole pixels would be rain.
        """
        width = passes.size[0]
        finer = 2 if width < _SMALL else 1
        long = LONG * float(np.clip(finer * width / _FULL, _SHORT, 1))
        laid = sheet(0, long, round(self.hatch, 2))
        cover, height = np.zeros_like(dark), np.zeros_like(dark)
        for part in range(finer * finer):
            down, across = divmod(part, finer)
            if surface is None:
                large = (finer * dark.shape[0], finer * dark.shape[1])
                here = flat(large, self.seed, laid)[down::finer, across::finer]
            else:
                here = hatched(surface.part(across, down, finer), passes, self.seed, laid)
            cover += eased(dark - here, -_SOFT / 4, _SOFT)
            height += here
        share = np.float32(1 / (finer * finer))
        return cover * share, height * share

    def _darkness(self, passes: Passes, light: Picture, anchors: Anchors) -> Plane:
        """How much graphite: 0 in the light, to 0.94. The sky is left nearly white."""
        lum = luminance(light)
        if passes.albedo is not None:
            own = luminance(passes.albedo)
            lum = lum * np.asarray((own + np.float32(0.03)) ** _SHADE, np.float32) * np.float32(0.6)
        tone = shown(lum, anchors.exposure)
        dark: Plane = 1 - eased(tone, 0.06, 0.86)
        dark[passes.near <= 0] *= np.float32(0.35)
        return dark * np.float32(0.94)

    def _wash(self, passes: Passes, light: Picture, anchors: Anchors) -> Picture:
        """Colour as if laid on with a brush: pale, without shadows' black."""
        shade = passes.albedo if passes.albedo is not None else light * np.float32(anchors.exposure)
        pale: Picture = np.float32(0.35) + np.float32(0.65) * encoded(shade)
        return pale * _PAPER


def hatched(surface: Surface, passes: Passes, seed: int, laid: Plane) -> Plane:
    """``(row, column)`` float32, 0..1: the sheet of strokes wrapped around the set.

    Of three planes those count that the surface faces; of two sizes of the sheet, which differ by
    two, the nearer counts more, so that strokes keep their size on the screen.
    """
    facing = np.maximum(np.abs(surface.normals) - np.float32(0.35), 0)
    facing *= facing
    facing *= facing
    total = facing.sum(axis=2)
    total += np.float32(1e-9)
    made = np.ones(passes.near.size, np.float32)
    for axis, plane in enumerate(_PLANES):
        share = (facing[..., axis] / total).ravel()
        at = np.flatnonzero((share > _LEAST) & (passes.near.ravel() > 0))
        if len(at):
            wrapped = _sampled(surface, at, plane, seed + axis, laid) / _weight(share[at])
            made[at] = np.minimum(made[at], wrapped)
    return made.reshape(passes.near.shape)


def _sampled(
    surface: Surface, at: NDArray[np.intp], plane: tuple[int, int], seed: int, laid: Plane
) -> Values:
    """The sheet at the places of one plane, mixed of its two nearest sizes."""
    (ux, vx), (uy, vy) = _of(surface.across, at, plane), _of(surface.down, at, plane)
    area = np.sqrt(np.abs(ux * vy - vx * uy))
    longest = np.sqrt(ux * ux + vx * vx + uy * uy + vy * vy)
    pixel = np.maximum(area, longest / np.float32(2 * _STRETCH))
    level = np.log2(np.maximum(pixel, np.float32(1e-6)))
    whole = np.floor(level)
    mix = level - whole
    scale = np.exp2(-whole)
    x, y = _of(surface.points, at, plane)
    x *= scale
    y *= scale
    first = _looked_up(x, y, seed, laid)
    second = _looked_up(x * np.float32(0.5), y * np.float32(0.5), seed, laid)
    made: Values = np.minimum(first / _weight(1 - mix), second / _weight(mix))
    return made


def _of(
    field: NDArray[np.float32], at: NDArray[np.intp], plane: tuple[int, int]
) -> tuple[Values, Values]:
    flat = field.reshape(-1)
    first = at * 3
    return flat[first + plane[0]], flat[first + plane[1]]


def _weight(share: Values) -> Values:
    """By how much a sheet that counts so much is laid on sooner: its last strokes go first, and two
    halves together are as dark as one whole."""
    root = np.sqrt(np.maximum(share, np.float32(1e-3)))
    made: Values = root * np.sqrt(root)  # three quarters as a power
    return made


def _looked_up(x: Values, y: Values, seed: int, laid: Plane) -> Values:
    """The sheet at places in its own pixels, beyond its sides as well."""
    import cv2

    count = len(x)
    wide = 1024  # remap takes pictures, not lists
    rows = -(-count // wide)
    where = np.zeros((rows * wide, 2), np.float32)
    for axis, (place, off) in enumerate(((x, 37 * seed % SIDE), (y, 91 * seed % SIDE))):
        place = place + np.float32(off)
        where[:count, axis] = place - np.floor(place * np.float32(1 / SIDE)) * np.float32(SIDE)
    nothing: Any = None  # the second half of a map that has both in one
    made: Any = cv2.remap(
        laid, where.reshape(rows, wide, 2), nothing, cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )  # fmt: skip
    return np.asarray(made, np.float32).ravel()[:count]


def flat(shape: tuple[int, ...], seed: int, laid: Plane) -> Plane:
    """The sheet laid on the picture itself."""
    down = (np.arange(shape[0]) + 91 * seed) % SIDE
    across = (np.arange(shape[1]) + 37 * seed) % SIDE
    return np.asarray(laid[down][:, across])


def paper(shape: tuple[int, ...], seed: int) -> Plane:
    """The paper's tooth, around 0 by about 1; it stays on the screen, as paper does."""
    import cv2

    rng = np.random.default_rng([seed, 7])
    noise = rng.standard_normal(shape, dtype=np.float32)
    fine: Any = cv2.GaussianBlur(noise, (0, 0), 0.8)
    coarse: Any = cv2.GaussianBlur(noise, (0, 0), 3.0)
    made: Plane = np.asarray(fine * np.float32(2.2) + coarse * np.float32(5.0), np.float32)
    return made * np.float32(0.7)
