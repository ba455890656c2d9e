"""The matte contract: what may change, what is protected, and the merge that keeps it.

A matte is 1.0 where the picture may change. ``protect`` is everything outside the matte grown by
the edge zone; there the delivered frame holds the plate's own bits in every channel, whatever a
generator gave. ``merge`` is the very last step before a frame is kept: nothing runs after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import BrokenFrames, MatteMissing, TurnoverRejected

from ..media import cryptomatte
from ..media.footage import Footage, Picture
from ..media.frames import HALF_MAX

Half: TypeAlias = NDArray[np.float16]
Mask: TypeAlias = NDArray[np.bool_]
Soft: TypeAlias = NDArray[np.float32]
"""``(row, column)`` float32, 0..1, 1.0 where the picture may change."""

FULL = 0.95  # share of the picture above which a matte is remarked on: it hardly protects
BEYOND = 1.01  # above it a value is no rounding of 1: the matte is written in another range
NOTHING = 1 / 1024  # below it a matte is 0: less than any 10-bit code, so noise of its own filter
MASKS = ("matte", "mask", "alpha")  # names a single matte channel goes by in a file of many


def protect(soft: Soft, edge_zone: int) -> Mask:
    """``(row, column)``: True where nothing may change, outside the matte grown by so many pixels.

    Grown by distance, so that a zone of 8 reaches 8 pixels in every direction. Raises
    TurnoverRejected for a negative zone.
    """
    if edge_zone < 0:
        raise TurnoverRejected(
            f"the edge zone is {edge_zone} pixels", hint="It must be 0 or more: 0 is the matte."
        )
    outside = ~(soft > 0)  # NaN is outside
    if not edge_zone or outside.all():
        return outside
    import cv2

    near = _around(~outside, edge_zone + 1)
    zone = np.ascontiguousarray(outside[near]).view(np.uint8)
    far = cv2.distanceTransform(zone, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    outside[near] = far > edge_zone + 1e-3  # distances are float32 roots of whole numbers
    return outside


def _around(mask: Mask, margin: int) -> tuple[slice, slice]:
    """Rows and columns of the box that holds the mask, which is not empty, and a margin."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )


def weights(generated: Picture, soft: Soft, protected: Mask) -> Soft:
    """How much of the generated picture each pixel takes: its own alpha, else the soft matte.

    0..1; exactly 0 in ``protected`` and where the alpha is no number.
    """
    given = generated[..., 3] if generated.shape[2] == 4 else soft
    alpha = np.clip(np.nan_to_num(given, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
    return np.where(protected, np.float32(0), alpha.astype(np.float32, copy=False))


def merge(
    plate: Half,
    channels: Sequence[str],
    generated: Picture,
    soft: Soft,
    protected: Mask,
    opacity: Soft | None = None,
) -> Half:
    """The plate with the generated picture where it may change; the last step of a plate.

    plate
        ``(row, column, channel)`` half, ``channels`` its names; associated alpha, as EXR has it.
    generated
        ``(row, column, channel)`` float32 RGB or RGBA, unpremultiplied, in the plate's colour
        space; its alpha says where its pixels are meant and is no colour.
    opacity
        ``(row, column)`` float32, 0..1, of that picture; None: what was generated is opaque.

    Where the weight is 0 every channel keeps the plate's bits: NaN payloads, infinities and
    negative zeros too. Elsewhere ``R G B`` are ``generated * a + plate * (1 - a)`` within +-65504,
    NaN as 0, and ``A`` is ``opacity * a + A * (1 - a)``. All other channels are the plate's
    everywhere. Raises BrokenFrames for shapes that do not fit, TurnoverRejected without R, G, B.
    """
    _fits(plate, channels, generated, soft, protected)
    merged, over = plate.copy(), _opaque(opacity, soft)
    alpha = weights(generated, soft, protected)
    changes = alpha > 0
    if not changes.any():
        return merged
    near = _around(changes, 0)
    changes, part, ahead_of = changes[near], merged[near], generated[near]
    a = alpha[near][changes]
    for at, name in enumerate(channels):
        if name not in ("R", "G", "B", "A"):
            continue
        picture = over[near] if name == "A" else ahead_of[..., "RGB".index(name)]
        ahead, behind = (_finite(of[changes].astype(np.float32)) for of in (picture, part[..., at]))
        blend = np.where(a >= 1, ahead, ahead * a + behind * (1 - a))
        part[..., at][changes] = np.clip(blend, -HALF_MAX, HALF_MAX)
    return merged


def _opaque(opacity: Soft | None, soft: Soft) -> Soft:
    """Between 0 and 1; no number is opaque. Raises BrokenFrames when it is not over the matte."""
    if opacity is None:
        return np.ones_like(soft)
    if opacity.shape != soft.shape:
        raise BrokenFrames(
            f"the opacity {opacity.shape} does not lie over the matte {soft.shape}",
            hint="It must have the plate's rows and columns.",
        )
    return np.clip(np.nan_to_num(opacity, nan=1.0), 0.0, 1.0).astype(np.float32, copy=False)


def _finite(values: NDArray[np.float32]) -> NDArray[np.float32]:
    clean = np.nan_to_num(values, nan=0.0, posinf=HALF_MAX, neginf=-HALF_MAX)
    return np.clip(clean, -HALF_MAX, HALF_MAX)


def _fits(
    plate: Half, channels: Sequence[str], generated: Picture, soft: Soft, protected: Mask
) -> None:
    lacking = [name for name in "RGB" if name not in channels]
    if lacking:
        raise TurnoverRejected(
            f"the plate has no channel {', '.join(lacking)}",
            hint=f"A plate needs R, G and B; it has: {', '.join(channels)}",
        )
    size = plate.shape[:2]
    pixels = generated.ndim == 3 and generated.shape[2] in (3, 4) and generated.shape[:2] == size
    masks = soft.shape == size and protected.shape == size
    if plate.dtype != np.float16 or plate.shape != (*size, len(channels)) or not (pixels and masks):
        raise BrokenFrames(
            f"plate {plate.dtype} {plate.shape}, generated {generated.shape}, matte {soft.shape} "
            f"and protection {protected.shape} do not lie over each other",
            hint="All must have the plate's rows and columns; the picture RGB or RGBA.",
        )


@dataclass(frozen=True)
class Coverage:
    """How much of each frame a matte lets change, 0..1, by frame number.

    ``free`` is the same with the edge zone of ``zone`` pixels; empty where that is not known.
    """

    shares: dict[int, float] = field(default_factory=dict)
    free: dict[int, float] = field(default_factory=dict)
    zone: int = 0

    @property
    def mean(self) -> float:
        """Over all frames looked at."""
        return float(np.mean(list(self.shares.values()))) if self.shares else 0.0

    @property
    def empty(self) -> tuple[int, ...]:
        """Frames in which nothing may change; they are delivered as the plate is."""
        return tuple(number for number, share in self.shares.items() if share == 0)

    @property
    def remarks(self) -> tuple[str, ...]:
        """W_MATTE_FULL, and frames without a matte, as sentences."""
        free = self.free or self.shares
        full = [number for number, share in free.items() if share > FULL]
        said = []
        if full:
            most = max(self.shares[number] for number in full)
            grown = f", {max(free.values()):.0%} with its edge zone of {self.zone} pixels,"
            said.append(
                f"W_MATTE_FULL: the matte covers {most:.0%}{grown if self.zone else ''} of the "
                f"picture in {listed(full)}; hardly anything is protected there"
            )
        if self.empty:
            said.append(f"the matte is empty in {listed(self.empty)}; the plate stays as it is")
        return tuple(said)


def listed(numbers: Sequence[int]) -> str:
    """Frames in words: ``frame 1001``, ``3 frames from 1001 to 1009``."""
    if len(numbers) == 1:
        return f"frame {numbers[0]}"
    return f"{len(numbers)} frames from {min(numbers)} to {max(numbers)}"


class MatteSource:
    """Where a matte comes from, as one soft picture a frame. A matte of one frame is held.

    Make one with ``alpha``, ``channel``, ``separate`` or ``cryptomatte``; ``says`` tells which, and
    ``needs`` the channels it is made of. Numbers are the footage's own.
    """

    def __init__(
        self,
        footage: Footage,
        says: str,
        pick: Callable[[Picture, Sequence[str]], Soft],
        needs: tuple[str, ...],
    ) -> None:
        self._footage, self._pick = footage, pick
        self.says, self.needs = says, needs
        self._there = tuple(footage.channels)
        self._highest, self._inverted = 0.0, set[int]()

    @classmethod
    def alpha(cls, footage: Footage) -> MatteSource:
        """The alpha channel: 1.0 where the picture may change. Raises MatteMissing."""
        return cls.channel(footage, "A")

    @classmethod
    def channel(cls, footage: Footage, name: str) -> MatteSource:
        """One channel by name. Raises MatteMissing, naming the channels there are."""
        if name not in footage.channels:
            raise _missing(
                f"the matte has no channel {name!r}",
                hint=f"It has: {', '.join(footage.channels)}",
                channels=list(footage.channels),
            )
        return cls(footage, f"channel {name}", partial(_plane, name), (name,))

    @classmethod
    def separate(cls, footage: Footage) -> MatteSource:
        """A sequence or movie of its own: its one channel, or the picture when it is grey.

        A picture of colours is no matte unless it has an alpha that is not full: MatteMissing,
        asking which channel.
        """
        names = footage.channels
        named = [name for name in names if name.rpartition(".")[2].lower() in MASKS]
        if len(names) == 1 or len(named) == 1:
            return cls.channel(footage, names[0] if len(names) == 1 else named[0])
        picture = footage.frame(footage.frames.first)
        at = {name: index for index, name in enumerate(names)}
        if "A" in at and not (picture[..., at["A"]] >= 1).all():
            return cls.channel(footage, "A")
        rgb = [picture[..., at[name]] for name in "RGB" if name in at]
        if len(rgb) == 3 and max(float(np.abs(rgb[0] - one).max()) for one in rgb) < 0.02:
            return cls.channel(footage, "R")
        raise _missing(
            "the matte is a picture of colours: it does not say which channel is meant",
            hint=f"Name one of its channels: {', '.join(names)}",
            channels=list(names),
        )

    @classmethod
    def cryptomatte(
        cls,
        footage: Footage,
        names: Iterable[str],
        layers: Sequence[cryptomatte.Layer],
        *,
        layer: str = "",
    ) -> MatteSource:
        """The objects of these names (``*`` and ``?`` allowed) of a Cryptomatte layer.

        ``layers`` are ``media.cryptomatte.layers`` of the file; ``layer`` chooses one by name, else
        the first that knows the names. Raises MatteMissing with names near to the one asked.
        """
        wanted = tuple(names)
        chosen, ids = cryptomatte.select(layers, wanted, layer=layer)
        channels = tuple(footage.channels)
        at = sorted({index for pair in chosen.pairs(channels) for index in pair})
        says = f"Cryptomatte {chosen.name}: {', '.join(wanted)}"

        def covered(picture: Picture, names: Sequence[str]) -> Soft:
            return chosen.coverage(picture, names, ids)

        return cls(footage, says, covered, tuple(channels[index] for index in at))

    def of(self, footage: Footage) -> MatteSource:
        """The same matte from footage that has what it ``needs``, and may have no more."""
        made = MatteSource(footage, self.says, self._pick, self.needs)
        made._there = self._there
        return made

    def soft(self, number: int) -> Soft:
        """The matte of one frame: ``(row, column)`` float32, 0..1; NaN is 0. The caller's own.

        Raises what reading raises.
        """
        frames = self._footage.frames
        picture = self._footage.frame(frames.first if len(frames) == 1 else number)
        values: NDArray[Any] = np.nan_to_num(
            self._pick(picture, self._footage.channels), nan=0.0, posinf=1.0, neginf=0.0
        )
        self._highest = max(self._highest, float(values.max(initial=0.0)))
        clipped: Soft = np.clip(values, 0.0, 1.0).astype(np.float32)
        clipped[clipped < NOTHING] = 0
        if _looks_inverted(clipped):
            self._inverted.add(number)
        return clipped

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is odd about the frames that were given, as sentences: the range, black and white
        exchanged."""
        said = []
        if self._highest > BEYOND:
            said.append(
                f"the matte ({self.says}) holds values up to {self._highest:.4g}: everything above "
                "1 is taken as 1"
            )
        if self._inverted:
            said.append(
                f"the matte lets the whole rim of the picture change in "
                f"{listed(sorted(self._inverted))}, and not its middle: is it inverted? "
                "1.0 is where the picture may change"
            )
        return tuple(said)

    def check_covers(self, numbers: Iterable[int]) -> None:
        """See that something may change in one of these frames at least. Raises MatteMissing.

        An empty matte is never taken to mean the whole frame. Reads no more than it must.
        """
        looked = 0
        for number in numbers:
            if self.soft(number).any():
                return
            looked += 1
        raise self._empty(looked)

    def _empty(self, looked: int) -> MatteMissing:
        over = "its only frame" if looked == 1 else f"all {looked} frames"
        return _missing(
            f"the matte ({self.says}) is empty in {over}",
            hint=f"1.0 is where the picture may change. Channels: {', '.join(self._there)}.",
            channels=list(self._there),
            coverage=0.0,
        )


def _plane(name: str, picture: Picture, names: Sequence[str]) -> Soft:
    return picture[..., list(names).index(name)]


def _looks_inverted(soft: Soft) -> bool:
    """All of the rim may change and something within may not: most mattes are islands."""
    rim = (soft[0], soft[-1], soft[:, 0], soft[:, -1])
    return all(bool((edge > 0).all()) for edge in rim) and not bool((soft > 0).all())


def _missing(message: str, *, hint: str, **data: object) -> MatteMissing:
    return MatteMissing(message, hint=hint, data=data)
