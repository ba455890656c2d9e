"""Runs a generator on a plate so that the delivery is the plate, but for what the matte lets go.

Each frame goes: checked for number, size and kind; to the plate's colour space; merged under the
matte; measured against the plate. Nothing a generator gives can reach a protected pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from secondunit_bridge.errors import TurnoverRejected

from ..colour.codes import Range
from ..hookspecs import Developed, Elements, Exactly, Generator, Plan, Preview, Progress, Watch
from ..media.footage import Picture
from ..media.frames import HALF_MAX
from ..media.plates import PlateFrame
from .deliver import developed, share
from .geometry import holding, stored
from .matte import Half, Mask, Soft, merge, protect, weights
from .receipt import FrameReceipt, measure_frames
from .seam import EVERY, Light, seam
from .zone import protection


@dataclass(frozen=True)
class Plated:
    """One delivered frame of a plate.

    ``soft`` and ``protected`` lie over the data window of ``pixels``, as the receipt's masks do.
    """

    frame: int
    pixels: PlateFrame
    soft: Soft
    protected: Mask
    receipt: FrameReceipt
    confidence: float | None
    coverage: float | None = None  # share of the matte whose background was found, 0..1
    seam: float | None = None  # display codes by which the matte's edge shows; some frames


@dataclass(frozen=True)
class Under:
    """What a plate is shot under: its frames and mattes by the plan's frame numbers.

    plate
        the whole stored frame, in its own colour space.
    matte
        ``(row, column)`` float32 over the display window, 1.0 where it may change.
    decode
        ``(row, column, 3)`` from the generator's code space to the plate's space; None when they
        are the same.
    ranged
        what of unpremultiplied ``(row, column, 3)`` float32 in the plate's space the code space
        cannot hold; None where it holds everything.
    light
        from the plate's space to scene-linear light; without it seams are not measured.
    """

    plate: Callable[[int], PlateFrame]
    matte: Callable[[int], Soft]
    edge_zone: int = 0
    decode: Callable[[Picture], Picture] | None = None
    ranged: Callable[[Picture], Range] | None = None
    light: Light | None = None


def deliver_plate(
    generator: Generator, plan: Plan, elements: Elements, seed: int, watch: Watch, under: Under
) -> Iterator[Progress | Preview | Exactly | Plated]:
    """Every frame of ``plan.frames`` once and in order, with progress in between; or it raises.

    Raises BrokenFrames when the generator gives another number, size or kind of frames,
    TurnoverRejected when plate, matte and plan are not of one size, and what reading raises.
    """
    for said in developed(generator, plan, elements, seed, watch):
        yield _plated(said, under) if isinstance(said, Developed) else said


def _plated(said: Developed, under: Under) -> Plated:
    plate, soft = under.plate(said.frame), under.matte(said.frame)
    _check_size(plate, soft, said)
    free = protect(soft, under.edge_zone)
    generated = said.pixels
    if under.decode is not None:
        generated = generated.copy()
        generated[..., :3] = under.decode(np.ascontiguousarray(generated[..., :3]))
    taken = weights(generated, soft, free) > 0
    nan, clipped = _counted(generated, taken)
    whole = holding(plate, taken)
    windows = whole.windows
    laid, before = stored(soft, windows), whole.half()
    if np.count_nonzero(laid) == np.count_nonzero(soft):
        protected = stored(free, windows, outside=True)
    else:  # some of the matte lies where nothing is stored: by what is kept of it, as it is checked
        protected = protection(laid, windows, under.edge_zone)
    opacity = None if said.opacity is None else stored(said.opacity, windows)
    half = merge(before, whole.colour, stored(generated, windows), laid, protected, opacity)
    result = whole.with_colour(half)
    receipt = measure_frames(plate, result, protected, laid, frame=said.frame)
    receipt = replace(receipt, nan_pixels=nan, clipped_pixels=clipped)
    if under.ranged is not None:
        receipt = _held(receipt, before[stored(taken, windows)], under.ranged)
    told = share(said.confidence), share(said.coverage)
    edge = None
    if under.light is not None and said.frame % EVERY == 1 % EVERY:  # the first, 1001, always
        edge = seam(whole, result, protected, laid, under.light)
    return Plated(said.frame, result, laid, protected, receipt, *told, edge)


def _check_size(plate: PlateFrame, soft: Soft, said: Developed) -> None:
    _, _, width, height = plate.windows.display
    wrong = {
        "matte": soft.shape,
        "plan": said.pixels.shape[:2],
    }
    for what, shape in wrong.items():
        if shape != (height, width):
            raise TurnoverRejected(
                f"frame {said.frame}: the {what} is {shape[1]}x{shape[0]}, "
                f"the plate is {width}x{height}",
                hint="Render the matte in the plate's own size; a plate is never scaled.",
                data={"frame": said.frame},
            )


def _held(
    receipt: FrameReceipt, replaced: Half, ranged: Callable[[Picture], Range]
) -> FrameReceipt:
    """The receipt with what the codes could not hold of ``(pixel, channel)`` of the plate."""
    if not len(replaced):
        return receipt
    light = replaced[None, :, :3].astype(np.float32)
    if replaced.shape[1] == 4:
        alpha = replaced[None, :, 3:].astype(np.float32)
        np.divide(light, alpha, out=light, where=alpha > 0)
    found = ranged(light)
    return replace(
        receipt,
        replaced_pixels=found.pixels,
        above_pixels=round(found.above * found.pixels),
        below_pixels=round(found.below * found.pixels),
        lowest=found.minimum,
        highest=found.maximum,
    )


def _counted(generated: Picture, taken: Mask) -> tuple[int, int]:
    """Pixels that are used though they are no number, or lie beyond half float."""
    used = generated[taken][:, :3]
    nan = np.isnan(used)
    beyond = np.abs(used) > HALF_MAX
    return int(nan.any(axis=-1).sum()), int(beyond.any(axis=-1).sum())
