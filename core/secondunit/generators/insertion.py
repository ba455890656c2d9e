"""Puts the reference into one frame after another: seen, matched, grained, and laid behind."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.levels import luminance
from ..hookspecs import Watch
from ..media.footage import Picture
from .emulsion import Field
from .fringe import Map, foreground, reach, softened, wrapped
from .groundwork import Groundwork
from .matching import Match, Samples, match, tone
from .octaves import measured, missing
from .placing import Box, Lens, Seen

_LOOKS = 3  # frames that colour and grain are measured in
_SAMPLES = 40_000  # pixels of each, for colour


@dataclass(frozen=True)
class Looks:
    """How the reference is made to sit: shares 0..1 of match, light wrap and grain; blur in
    pixels."""

    match: float
    wrap: float
    grain: float
    blur: float


@dataclass(frozen=True)
class Put:
    """A finished frame: RGB and where it is meant, the share of its matte that the reference
    covers, and how opaque it is (None for a plate without alpha)."""

    pixels: Picture
    covered: float
    opacity: Map | None = None


@dataclass(frozen=True)
class _Piece:
    """The part of a frame that is worked on. The plate is RGB, or RGBA with associated alpha."""

    left: int
    top: int
    plate: Picture
    matte: Map  # as given
    soft: Map  # softened
    seen: Seen

    @property
    def within(self) -> tuple[slice, slice]:
        """Its rows and columns of the frame."""
        rows, columns = self.soft.shape
        return slice(self.top, self.top + rows), slice(self.left, self.left + columns)


class Insertion:
    """One take: the same colour match and the same kind of grain in every frame."""

    def __init__(self, at: Groundwork, looks: Looks, seed: int, watch: Watch) -> None:
        self._at, self._looks = at, looks
        self._lens: tuple[int, Lens] | None = None
        self._match, self._grain = Match(), None
        looked = self._looked(watch)
        if looked:
            self._match = self._matched(looked)
            watch.check()
            self._grain = self._grained(looked, seed)

    def frame(self, index: int) -> Put:
        """The plate with the reference in it; where alpha is 0 it is the plate itself."""
        plate = self._at.plate_at(index)
        pixels = np.zeros((*plate.shape[:2], 4), np.float32)
        pixels[..., :3] = plate[..., :3]
        opacity = plate[..., 3].copy() if plate.shape[2] == 4 else None
        piece = self._piece(index, plate)
        if piece is None:
            return Put(pixels, 1.0, opacity)
        put_in = self._match.on(piece.seen.colour)
        if self._grain is not None:
            put_in = self._grain.on(put_in, index, self._looks.grain)
        made, meant = _laid(piece, put_in, self._looks.wrap, self._at.zone)
        part = piece.within
        pixels[part][..., :3], pixels[part][..., 3] = made[..., :3], meant
        if opacity is not None:
            opacity[part] = made[..., 3]
        asked = float(piece.matte.sum())
        covered = float((piece.matte * piece.seen.cover).sum()) / max(asked, 1e-6)
        return Put(pixels, covered, opacity)

    def _piece(self, index: int, plate: Picture) -> _Piece | None:
        box = self._at.boxes[index]
        if box is None:
            return None
        left, top, right, bottom = _grown(box, self._at, plate.shape)
        matte = self._at.matte_at(index)[top:bottom, left:right]
        soft = softened(np.ascontiguousarray(matte), self._at.softening, self._at.zone)
        lens = self._lens_at(self._at.reference_number(index))
        seen = lens.through(self._at.matrix(index), left, top, right - left, bottom - top)
        return _Piece(left, top, plate[top:bottom, left:right], matte, soft, seen)

    def _lens_at(self, number: int) -> Lens:
        if self._lens is None or self._lens[0] != number:
            self._lens = (number, Lens(self._at.reference.frame(number), self._looks.blur))
        return self._lens[1]

    def _looked(self, watch: Watch) -> list[tuple[Picture, Map, _Piece]]:
        """A few whole frames of the plate, where they are free of the matte, and their pieces."""
        full = [index for index, box in enumerate(self._at.boxes) if box is not None]
        if not full:
            return []
        places = np.unique(np.linspace(0, len(full) - 1, _LOOKS).round().astype(int))
        looked: list[tuple[Picture, Map, _Piece]] = []
        for place in places:
            watch.check()
            plate = self._at.plate_at(full[place])
            piece = self._piece(full[place], plate)
            if piece is None:
                continue
            free = np.ones(plate.shape[:2], np.float32)
            free[piece.within] = ~(reach(piece.soft > 0, 4.0) > 0)
            looked.append((plate[..., :3], free, piece))
        return looked

    def _matched(self, looked: list[tuple[Picture, Map, _Piece]]) -> Match:
        plates = [_some(plate, free > 0) for plate, free, _ in looked]
        seen = [_some(p.seen.colour, p.soft * p.seen.cover > 0.9) for _, _, p in looked]
        return match(tone(seen), tone(plates), self._looks.match)

    def _grained(self, looked: list[tuple[Picture, Map, _Piece]], seed: int) -> Field | None:
        if self._looks.grain <= 0:
            return None
        _, _, piece = looked[0]
        colour = self._match.on(piece.seen.colour.copy())
        where = piece.soft * piece.seen.cover > 0.9
        if not where.any():
            return None
        middle = np.maximum(np.median(colour[where], axis=0), 1e-4).astype(np.float32)
        light = float(luminance(middle))
        plate = measured([one for one, _, _ in looked], [free for _, free, _ in looked], light)
        if plate is None:
            return None
        own = measured([colour], [np.asarray(where, np.float32)], light)
        lacking = missing(plate, own, middle)
        return None if lacking is None else Field(lacking, seed)


def _grown(box: Box, at: Groundwork, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The box with its edge zone and what edges are judged by: left, top, right, bottom."""
    margin = at.zone + math.ceil(3 * at.softening) + 8
    left, top = max(0, int(box[0]) - margin), max(0, int(box[1]) - margin)
    right = min(shape[1], math.ceil(box[0] + box[2]) + margin)
    bottom = min(shape[0], math.ceil(box[1] + box[3]) + margin)
    return left, top, right, bottom


def _laid(piece: _Piece, put_in: Picture, wrap: float, zone: int) -> tuple[Picture, Map]:
    """The piece with the reference laid behind its foreground, and where that is meant.

    Light wraps round as much of the foreground as there is: none where the plate is transparent.
    """
    soft, cover = piece.soft[..., None], piece.seen.cover[..., None]
    before = foreground(piece.plate, piece.soft)
    made = before.colour * (1.0 - soft)
    made[..., :3] += put_in * soft
    made[..., 3:] += soft  # the reference is opaque
    made -= piece.plate
    made *= cover
    made += piece.plate
    drawn = piece.soft * piece.seen.cover
    meant = np.asarray(drawn > 0, np.float32)
    if wrap > 0 and zone > 1:
        meant = reach(drawn > 0, zone)
        light = wrapped(before.near[..., :3], put_in, drawn, wrap, zone)
        if piece.plate.shape[2] == 4:
            light *= np.clip(before.colour[..., 3:], 0.0, 1.0)
        made[..., :3] += light
    return np.where(meant[..., None] > 0, made, piece.plate), meant


def _some(picture: Picture, where: NDArray[np.bool_]) -> Samples:
    """Some of the pixels, spread evenly."""
    found = picture[where]
    return np.asarray(found[:: max(1, len(found) // _SAMPLES)], np.float32)
