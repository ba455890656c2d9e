"""What is behind the matte of a camera that moves: other frames, laid over each one anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..media.footage import Picture
from .behind import Behind
from .boxes import Box
from .consensus import Agreed, agreed
from .grain import calmed, residual
from .halves import Half, wide
from .light import curve
from .parallax import Slide
from .registration import Matrix, Motion
from .relief import Relief, relief
from .settling import nudged, settled
from .shifts import corners, finer, grey, level_free
from .stock import Mask, Stock

CELL = 8  # pixels of the coarse masks
_LARGE = 3  # cells; a hole as large as that is refused at once, finer ones pixel by pixel
_DEPTH = 15  # frames in which each hidden cell should be seen
_MOST = 20  # frames laid over one
_USEFUL = 0.02  # share of the hidden cells that a frame must show to be laid over
_ELSEWHERE = 0.85  # of the surroundings of what is removed that such a frame shows
_PINS = 48  # frames of a short shot that may be drawn on; of a longer one every fourth
_STRIDE = 4
_NEAR = 0.02  # pixels; less is left as it is
_PLENTY = 200_000  # pixels of a box above which half of its columns and rows tell enough
_RIM = 0.5  # pixels
_DOUBLE = np.array([[2.0, 0, 0.5], [0, 2.0, 0.5], [0, 0, 1.0]])  # pixel centres of half to whole
_OFFSETS = (4, 6, 9, 13, 18, 24, 32, 48, 72, 108)  # frames away that grain is taken from


@dataclass(frozen=True)
class _Laid:
    """A source laid over a target's box."""

    index: int
    matrix: Matrix  # the box's pixels to the source's, for what lies in the main plane
    at: tuple[Picture, Picture]  # where each pixel of the box lies in the source: x and y
    picture: Picture
    seen: Mask


class Coarse:
    """Small masks of what is hidden in each frame, for counting what is seen where."""

    def __init__(self, stock: Stock, motion: Motion, zone: int) -> None:
        self._around = 2 * -(-zone // CELL) + 1
        self._motion, self._size = motion, (stock.rows, stock.columns)
        self._columns, self._rows = -(-stock.columns // CELL), -(-stock.rows // CELL)
        self.indexes = [index for index in range(stock.total) if index in motion]
        self._packed = {index: np.packbits(_cells(stock.unsafe(index))) for index in self.indexes}
        stride = 1 if stock.count <= _PINS else _STRIDE
        last = stock.count
        self.pins = [i for i in self.indexes if i >= last or i % stride == 0]

    def hidden(self, index: int) -> Mask:
        """Cells of a frame in which something is hidden."""
        size = self._rows * self._columns
        bits = np.unpackbits(self._packed[index], count=size)
        return bits.reshape(self._rows, self._columns) > 0

    def seen(self, target: int, source: int) -> Mask:
        """Cells of the target that the source shows wholly."""
        import cv2

        scale = np.diag([CELL, CELL, 1.0])
        scale[:2, 2] = CELL / 2 - 0.5
        matrix = np.linalg.inv(scale) @ self._motion.warp(target, source) @ scale
        hidden = self.hidden(source).astype(np.uint8) * 255
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (self._columns, self._rows)
        over = cv2.warpPerspective(
            hidden, matrix, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,)
        )
        return np.asarray(over < 8)

    def sources(self, target: int) -> tuple[list[int], NDArray[np.int16]]:
        """Frames to lay over a target, and in how many each cell is then seen.

        Nearest first, but before all others those in which what is removed stands elsewhere: its
        shadow then falls elsewhere too.
        """
        import cv2

        wanted = self.hidden(target)
        near = np.ones((self._around, self._around), np.uint8)
        around = cv2.dilate(wanted.astype(np.uint8), near) > 0
        depth = np.zeros(wanted.shape, np.int16)
        chosen: list[int] = []
        least = max(1.0, _USEFUL * np.count_nonzero(wanted))
        pins = sorted(
            (pin for pin in self.pins if pin != target), key=lambda p: (abs(p - target), p)
        )
        views = {pin: self.seen(target, pin) for pin in pins}
        elsewhere = [pin for pin in pins if _share(views[pin], around) > _ELSEWHERE]
        for source in [*elsewhere, *(pin for pin in pins if pin not in elsewhere)]:
            seen = views[source]
            if np.count_nonzero(seen & wanted & (depth < _DEPTH)) < least and (
                not (seen & wanted & (depth == 0)).any()
            ):
                continue
            depth += seen
            chosen.append(source)
            if len(chosen) >= _MOST or (depth[wanted] >= _DEPTH).all():
                break
        return chosen, depth

    def coverage(self, target: int) -> tuple[float, Mask | None]:
        """Share of the hidden cells that some frame shows, and the hole when it is no wire.

        The hole is of the full picture, ``(row, column)``.
        """
        import cv2

        _, depth = self.sources(target)
        hidden = self.hidden(target)
        hole = hidden & (depth == 0)
        share = 1.0 - int(np.count_nonzero(hole)) / max(1, int(np.count_nonzero(hidden)))
        two = np.ones((_LARGE, _LARGE), np.uint8)
        if not cv2.morphologyEx(hole.astype(np.uint8), cv2.MORPH_OPEN, two).any():
            return share, None
        full = np.repeat(np.repeat(hole, CELL, 0), CELL, 1)
        return share, full[: self._size[0], : self._size[1]]

    def grainy(self, target: int) -> Iterator[int]:
        """Frames at fixed distances: as the target moves on, so does what its grain is taken of."""
        wanted = self.hidden(target)
        missing = wanted.copy()
        for offset in _OFFSETS:
            for source in (target - offset, target + offset):
                if source not in self._packed or not missing.any():
                    continue
                seen = self.seen(target, source) & missing
                if np.count_nonzero(seen) >= max(1.0, _USEFUL * np.count_nonzero(wanted)):
                    missing &= ~seen
                    yield source


class Travelling:
    """Frames of a moving camera, each laid over the target by its homography, then finer."""

    locked = False

    def __init__(self, stock: Stock, motion: Motion, coarse: Coarse, grain: float) -> None:
        self._stock, self._motion, self._coarse = stock, motion, coarse
        self._part = grain
        self.remark = f"The camera moves: {len(motion.poses)} of {stock.total} frames registered."

    def behind(self, index: int, box: Box) -> Behind:
        """What the other frames show behind the matte of this one."""
        stock = self._stock
        kept = stock.take(index)
        target = wide(box.cut(kept.pixels))
        open_ = box.cut(kept.seen)
        flat = _flat(target)
        sources, _ = self._coarse.sources(index)
        laid = [self._lay(index, source, box, target, open_, flat) for source in sources]
        if not laid:
            nothing = np.zeros(box.shape, np.uint8)
            return Behind(box, np.zeros_like(target), None, nothing, nothing.astype(np.float32))
        away = [one.index - index for one in laid]
        found = relief(
            target, open_, [one.picture for one in laid], [one.seen for one in laid], away
        )
        if found is not None:
            pairs = zip(laid, found.slides, strict=True)
            laid = [self._slid(one, way, found, box, target, open_) for one, way in pairs if way]
        stack = np.stack([one.picture for one in laid])
        base = agreed(stack, np.stack([one.seen for one in laid]))
        depth = None if found is None else found.depth
        picture = settled(target, open_, base.picture, base.count > 0, depth)
        base = replace(base, picture=picture)
        grain = self._grain(index, box, base, found) if self._part else None
        return Behind(box, base.picture, grain, base.count, base.spread)

    def _lay(
        self, index: int, source: int, box: Box, target: Picture, open_: Mask, flat: Picture
    ) -> _Laid:
        kept = self._stock.take(source)
        matrix = self._motion.warp(index, source) @ _moved(box)
        at = _mapped(matrix, box.shape)
        picture, seen = _over(kept.pixels, kept.seen, at)
        better = finer(flat, _flat(picture), _half(open_ & seen, box))
        if box.pixels > _PLENTY:
            better = _DOUBLE @ better @ np.linalg.inv(_DOUBLE)
        if np.abs((corners(box.shape) @ better.T - corners(box.shape))[:, :2]).max() > _NEAR:
            matrix = matrix @ better
            at = _mapped(matrix, box.shape)
            picture, seen = _over(kept.pixels, kept.seen, at)
        picture = curve(target, picture, open_ & seen).on(picture)
        return _Laid(source, matrix, at, picture, seen)

    def _slid(
        self, laid: _Laid, way: Slide, over: Relief, box: Box, target: Picture, open_: Mask
    ) -> _Laid:
        """The same source, laid over the target's depths."""
        kept = self._stock.take(laid.index)
        at = _at(laid.matrix, *way.mapped(over.depth))
        picture, seen = _over(kept.pixels, kept.seen, at)
        picture = curve(target, picture, open_ & seen).on(picture)
        return _Laid(laid.index, laid.matrix, at, picture, seen)

    def _grain(self, index: int, box: Box, behind: Agreed, over: Relief | None) -> Picture:
        """Real grain, sampled without blur: what a frame has beyond the base at that very point."""
        base, known = behind.picture, behind.count > 0
        grain = np.zeros_like(base)
        missing = known.copy()
        flat = _flat(base)
        for source in self._coarse.grainy(index):
            laid = self._lay(index, source, box, base, known, flat)
            if over is not None:
                way = over.slide(base, known, laid.picture, laid.seen, source - index)
                if way is None:
                    continue
                laid = self._slid(laid, way, over, box, base, known)
            fine, believed = _beyond(self._stock.take(source).pixels, laid, base, known)
            taken = believed & missing
            grain[taken] = fine[taken]
            missing &= ~taken
            if not missing.any():
                break
        return grain * np.float32(self._part)


def _beyond(pixels: Half, laid: _Laid, base: Picture, known: Mask) -> tuple[Picture, Mask]:
    """What a source has beyond the base at its own pixels, and where that is believed."""
    import cv2

    x, y = laid.at
    on = (np.round(x), np.round(y))
    near = _nearest(pixels, x, y)
    back: Matrix = np.linalg.inv(laid.matrix).astype(np.float64)
    (u, v), (s, t) = _at(back, *on), _at(back, x, y)  # of the main plane: near enough for half a
    rows, columns = base.shape[:2]  # pixel at any depth
    row, column = np.mgrid[0:rows, 0:columns].astype(np.float32)
    seen = cv2.remap(
        base, u - s + column, v - t + row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    there = np.asarray(seen, np.float32)
    lit = curve(near, there, laid.seen & known).on(there)
    both = laid.seen & known
    fine, believed = residual(near, nudged(lit, near, both), both)
    return calmed(fine, base, believed), believed


def _nearest(pixels: Half, x: Picture, y: Picture) -> Picture:
    """The very pixels nearest to those places; the rim's own beyond it."""
    rows, columns = pixels.shape[:2]
    right = np.clip(np.round(x), 0, columns - 1).astype(np.intp)
    down = np.clip(np.round(y), 0, rows - 1).astype(np.intp)
    return wide(pixels[down, right])


def _moved(box: Box) -> Matrix:
    """Pixels of the box to pixels of the picture."""
    return np.array([[1.0, 0, box.left], [0, 1.0, box.top], [0, 0, 1.0]])


def _flat(picture: Picture) -> Picture:
    """What is compared for a finer placement: half the size where there is plenty."""
    import cv2

    if picture.shape[0] * picture.shape[1] > _PLENTY:
        size = (picture.shape[1] // 2, picture.shape[0] // 2)
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    return level_free(grey(picture))


def _half(mask: Mask, box: Box) -> Mask:
    """A mask as large as ``_flat``'s pictures."""
    if box.pixels <= _PLENTY:
        return mask
    rows, columns = (2 * (size // 2) for size in box.shape)
    even = mask[:rows, :columns]
    return np.asarray(even[::2, ::2] & even[1::2, ::2] & even[::2, 1::2] & even[1::2, 1::2])


def _at(matrix: Matrix, x: Picture, y: Picture) -> tuple[Picture, Picture]:
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    u = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / depth
    v = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / depth
    return u.astype(np.float32), v.astype(np.float32)


def _mapped(matrix: Matrix, shape: tuple[int, int]) -> tuple[Picture, Picture]:
    """Where each pixel of the box lies in the source: x and y."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float64)
    return _at(matrix, x, y)


def _over(
    pixels: NDArray[np.float16], seen: Mask, at: tuple[Picture, Picture]
) -> tuple[Picture, Mask]:
    """The source seen from the box, and where it shows background."""
    import cv2

    rows, columns = pixels.shape[:2]
    x, y = at
    shape = x.shape
    left, right = int(max(0, np.floor(x.min()) - 3)), int(min(columns, np.ceil(x.max()) + 4))
    top, bottom = int(max(0, np.floor(y.min()) - 3)), int(min(rows, np.ceil(y.max()) + 4))
    if right - left < 2 or bottom - top < 2:
        return np.zeros((*shape, 3), np.float32), np.zeros(shape, bool)
    part = wide(pixels[top:bottom, left:right])
    hidden = (~seen[top:bottom, left:right]).astype(np.uint8) * 255
    x, y = x - left, y - top
    picture = cv2.remap(part, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    over = cv2.remap(hidden, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # Up to the outer rim of its last pixels: else the target's own rim is seen in no frame.
    inside = (x >= -_RIM) & (x <= part.shape[1] - 1 + _RIM)
    inside &= (y >= -_RIM) & (y <= part.shape[0] - 1 + _RIM)
    return np.asarray(picture, np.float32), np.asarray((over == 0) & inside)


def _share(seen: Mask, of: Mask) -> float:
    return float(np.count_nonzero(seen & of)) / max(1, int(np.count_nonzero(of)))


def _cells(mask: Mask) -> Mask:
    rows, columns = (-size % CELL for size in mask.shape)
    padded = np.pad(mask, ((0, rows), (0, columns)))
    return np.asarray(
        padded.reshape(padded.shape[0] // CELL, CELL, padded.shape[1] // CELL, CELL).any((1, 3))
    )
