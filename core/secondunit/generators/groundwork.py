"""What is settled once for a take before a reference is put in: its place, the camera, the matte.

Frames are counted by index: 0 is the first delivered frame, in which places are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from secondunit_bridge.errors import NeedsModel
from secondunit_bridge.timing import FrameRange

from ..contract.matte import NOTHING
from ..hookspecs import Watch
from ..media.footage import Footage, Picture
from .fringe import HARD, Map, hard, is_hard
from .placing import Box, Matrix, around, enlargement, placed, seen_from
from .registration import Motion, register
from .steady import steadied

AGREE = 0.6  # share of features that agree on the camera in an easy shot; as much is full trust
_GAP = 2  # frames in a row whose place may be taken from those beside them
_LOOKS = 5  # frames that tell whether the matte has soft edges
_SPARE = 2.0  # pixels that a found place reaches beyond the matte


@dataclass(frozen=True)
class Placing:
    """What was asked: how the reference lies, where in the first frame (pixels), how edges go."""

    fit: str
    box: Box | None  # None: all that the matte shows of it
    follow: bool
    zone: int  # pixels outside the matte that may change
    edge: float  # further softening of the matte, sigma in pixels


@dataclass(frozen=True)
class Groundwork:
    """Three footages, and how they lie over each other in each frame."""

    plate: Footage
    matte: Footage
    reference: Footage
    zone: int
    softening: float  # sigma in pixels that the matte is softened by
    base: Matrix  # the reference's pixels to the first frame's
    warps: tuple[Matrix, ...]  # the first frame's pixels to each frame's
    trust: tuple[float, ...]  # in each warp, 0..1
    boxes: tuple[Box | None, ...]  # around the matte in each frame; None where it is empty

    @property
    def any_matte(self) -> bool:
        """Some frame has a matte."""
        return any(box is not None for box in self.boxes)

    def matrix(self, index: int) -> Matrix:
        """The reference's pixels to a frame's."""
        return np.asarray(self.warps[index] @ self.base, np.float64)

    def enlarged(self, index: int) -> float:
        """How many pixels one of the reference becomes, at most, in the middle of the matte."""
        box = self.boxes[index]
        if box is None:
            return 1.0
        return enlargement(self.matrix(index), (box[0] + box[2] / 2, box[1] + box[3] / 2))

    def sure(self, index: int) -> float:
        """How far the camera is known in a frame, 0..1."""
        return self.trust[index]

    def plate_at(self, index: int) -> Picture:
        """The plate: RGB, or RGBA with associated alpha as it is stored; finite."""
        picture = self.plate.frame(self.plate.frames.first + index)
        colour = np.nan_to_num(picture[..., :4], nan=0.0, posinf=65504.0, neginf=0.0)
        alpha = colour[..., 3:]
        if alpha.size:
            light = colour[..., :3]
            np.multiply(light, alpha, out=light, where=alpha > 0)
        return np.ascontiguousarray(colour, np.float32)

    def matte_at(self, index: int) -> Map:
        """``(row, column)``, 0..1."""
        return _matte(self.matte, index)

    def reference_number(self, index: int) -> int:
        """The frame of the reference that is shown: the only one is held."""
        frames = self.reference.frames
        return frames.first + (index if len(frames) > 1 else 0)


def groundwork(
    plate: Footage, matte: Footage, reference: Footage, count: int, asked: Placing, watch: Watch
) -> Groundwork:
    """Looks at the whole shot once. Raises NeedsModel where the camera cannot be followed."""
    boxes, softening = _looked(matte, count, asked.edge, watch)
    warps, trust = _camera(plate, matte, count, watch, follow=asked.follow)
    size = (reference.width, reference.height)
    box = asked.box or _place(boxes, warps, (plate.width, plate.height))
    return Groundwork(
        plate=plate, matte=matte, reference=reference, zone=asked.zone, softening=softening,
        base=placed(asked.fit, size, box), warps=warps, trust=trust, boxes=boxes,
    )  # fmt: skip


def matte_boxes(matte: Footage, indices: Iterable[int]) -> list[Box | None]:
    """The box around the matte in these frames, in pixels; None where it is empty."""
    return [_box(_matte(matte, index)) for index in indices]


def _matte(matte: Footage, index: int) -> Map:
    first = matte.frames.first
    picture = matte.frame(first + (index if len(matte.frames) > 1 else 0))[..., 0]
    soft = np.clip(np.nan_to_num(picture, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
    soft[soft < NOTHING] = 0.0
    return np.asarray(soft, np.float32)


def _box(soft: Map) -> Box | None:
    rows, columns = np.flatnonzero(soft.any(axis=1)), np.flatnonzero(soft.any(axis=0))
    if not len(rows):
        return None
    left, top = float(columns[0]), float(rows[0])
    return (left, top, float(columns[-1]) + 1 - left, float(rows[-1]) + 1 - top)


def _looked(
    matte: Footage, count: int, edge: float, watch: Watch
) -> tuple[tuple[Box | None, ...], float]:
    """The matte's box in each frame, and the softening that it needs in all of them alike."""
    held = len(matte.frames) == 1
    looks = set(np.linspace(0, count - 1, _LOOKS).round().astype(int).tolist())
    boxes: list[Box | None] = []
    soft = outline = 0
    for index in range(1 if held else count):
        watch.check()
        found = _matte(matte, index)
        boxes.append(_box(found))
        if index in looks:
            more = is_hard(found)
            soft, outline = soft + more[0], outline + more[1]
    sigma = float(np.hypot(HARD if hard(soft, outline) else 0.0, edge))
    return tuple(boxes * count if held else boxes), sigma


def _place(boxes: tuple[Box | None, ...], warps: tuple[Matrix, ...], size: tuple[int, int]) -> Box:
    """All that the matte ever shows, as it lies in the first frame."""
    back = [
        seen_from(np.asarray(np.linalg.inv(warp), np.float64), box)
        for box, warp in zip(boxes, warps, strict=True)
        if box is not None
    ]
    if not back:
        return (0.0, 0.0, float(size[0]), float(size[1]))
    x, y, w, h = around(back)
    return (x - _SPARE, y - _SPARE, w + 2 * _SPARE, h + 2 * _SPARE)


class _Part:
    """The first frames of a footage, as footage."""

    def __init__(self, footage: Footage, count: int) -> None:
        whole = footage.frames
        self.frames = FrameRange(whole.first, whole.first + count - 1, whole.rate)
        self.width, self.height = footage.width, footage.height
        self.channels, self.space = footage.channels, footage.space
        self._footage = footage

    def frame(self, number: int) -> Picture:
        """One frame."""
        return self._footage.frame(number)


def _camera(
    plate: Footage, matte: Footage, count: int, watch: Watch, *, follow: bool
) -> tuple[tuple[Matrix, ...], tuple[float, ...]]:
    """From the first frame to each, and how sure that is."""
    if not follow or count == 1:
        return (np.eye(3),) * count, (1.0,) * count
    motion = register(_Part(plate, count), matte, watch)
    first = plate.frames.first
    if motion.static:
        return (np.eye(3),) * count, (1.0,) * count
    known = [index for index in range(count) if first + index in motion]
    _refuse_gaps(known, count)
    found = [motion.warp(first, first + index) for index in known]
    warps = tuple(_between(index, known, found) for index in range(count))
    warps = steadied(plate, matte, warps, watch)
    return warps, tuple(_trust(motion, first + index) for index in range(count))


def _refuse_gaps(known: list[int], count: int) -> None:
    """Raises NeedsModel where the camera is lost for longer than can be filled."""
    ends = [-1, *known, count]
    lost = [(a + 1, b - 1) for a, b in pairwise(ends) if b - a - 1 > 0]
    bad = [g for g in lost if g[1] - g[0] + 1 > _GAP or g[1] == count - 1 or g[0] == 0]
    if not bad:
        return
    spans = ", ".join(f"{1001 + a} to {1001 + b}" for a, b in bad[:4])
    raise NeedsModel(
        f"the camera cannot be followed in frames {spans}: too little outside the matte stays the "
        "same",
        hint="If the camera is locked, or the reference is far out of focus, use follow=off. "
        "Otherwise leave more of the set outside the matte, or track the shot by hand.",
        data={"frames": [[1001 + a, 1001 + b] for a, b in bad]},
    )


def _between(index: int, known: list[int], warps: list[Matrix]) -> Matrix:
    """The warp of a frame; of one that is not known, in proportion between those beside it."""
    place = int(np.searchsorted(known, index))
    if place < len(known) and known[place] == index:
        return warps[place]
    before, after = known[place - 1], known[place]
    share = (index - before) / (after - before)
    return np.asarray(warps[place - 1] * (1 - share) + warps[place] * share, np.float64)


def _trust(motion: Motion, number: int) -> float:
    if number not in motion:
        return 0.5
    return min(1.0, motion.sure[number] / AGREE)
