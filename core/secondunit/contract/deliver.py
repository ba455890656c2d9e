"""Runs a generator so that nothing it does can damage a delivery.

Each frame is checked before anything else sees it, made half float at once (the generator may
write over its own buffer afterwards), and counted: values that a delivery may not hold are
replaced here and nowhere else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import BrokenFrames, TurnoverRejected

from ..hookspecs import Developed, Elements, Exactly, Generator, Plan, Preview, Progress, Watch
from ..media.footage import Picture
from .chunks import Words

if TYPE_CHECKING:
    from ..media.frames import Counted

Half: TypeAlias = NDArray[np.float16]

MAX_WORDS = 100_000  # Progress and Preview between two frames; beyond it a generator is lost
MAX_SAYS = 200  # characters of a progress line
MAX_FACTS = 1 << 18  # characters of what a take says about how it was made


@dataclass(frozen=True)
class Delivered:
    """One frame that may be kept.

    pixels
        ``(row, column, channel)`` half float, RGB or RGBA with *associated* (premultiplied)
        alpha as OpenEXR wants it, scene-linear working space, within +-65504, never NaN, origin
        top left, read-only.
    counted
        what had to be replaced: NaN, clipped and, kept as they are, negative values.
    confidence
        the generator's own, 0..1, or None.
    """

    frame: int
    pixels: Half
    channels: tuple[str, ...]
    counted: Counted
    confidence: float | None


def deliver(
    generator: Generator,
    plan: Plan,
    elements: Elements,
    seed: int,
    watch: Watch,
    *,
    convert: Callable[[Picture], Picture] | None = None,
) -> Iterator[Progress | Preview | Exactly | Delivered]:
    """Every frame of ``plan.frames`` once and in order, with progress in between; or it raises.

    ``convert`` takes the generator's code space to the working space (RGB only; None when the
    generator works in the working space itself). Raises BrokenFrames naming the frame and what was
    wrong, TurnoverRejected when the plan has refusals, Cancelled, and whatever the generator
    raises. The generator is always closed, also when the caller stops early.
    """
    for said in developed(generator, plan, elements, seed, watch):
        yield _delivered(said, convert) if isinstance(said, Developed) else said


def developed(
    generator: Generator, plan: Plan, elements: Elements, seed: int, watch: Watch
) -> Words:
    """``deliver`` before anything is made of the frames: of the right number, size and kind.

    A frame's pixels are the generator's own buffer: use them before asking for the next one.
    Raises as deliver.
    """
    if plan.refusals:
        raise TurnoverRejected(
            " ".join(plan.refusals), hint="Change the turnover and turn it over again."
        )
    running: Any = generator.run(plan, elements, seed, watch)
    if not hasattr(running, "__next__"):
        raise _broken(f"run gave {type(running).__name__}, not an iterator of frames")
    try:
        yield from _checked(running, plan, watch)
    finally:
        close = getattr(running, "close", None)
        if callable(close):
            close()


def _checked(
    running: Iterator[object], plan: Plan, watch: Watch
) -> Iterator[Progress | Preview | Exactly | Developed]:
    due, words, channels = plan.frames.first, 0, 0
    for said in running:
        watch.check()
        if isinstance(said, Developed):
            _check_frame(said, due, plan, channels)
            channels = said.pixels.shape[2]
            yield said
            due, words = due + 1, 0
            continue
        words += 1
        if words > MAX_WORDS:
            raise _broken(f"gave no frame {due} after {MAX_WORDS:,} words of progress")
        heard = _heard(said, plan)
        if heard is not None:
            yield heard
    if due <= plan.frames.last:
        raise _broken(
            f"ended after {due - plan.frames.first} of {len(plan.frames)} frames; "
            f"frame {due} is missing",
            frame=due,
        )


def _check_opacity(opacity: object, due: int, wanted: tuple[int, int]) -> None:
    """Raises BrokenFrames for an opacity that is no picture of one float32 channel."""
    if opacity is None:
        return
    picture = isinstance(opacity, np.ndarray) and opacity.dtype == np.float32
    if not picture or np.asarray(opacity).shape != wanted:
        raise _broken(f"gave frame {due} an opacity that is not float32, rows x columns", frame=due)


def _check_frame(said: Developed, due: int, plan: Plan, channels: int) -> None:
    """Raises BrokenFrames, naming the frame and what is wrong with it."""
    frame, pixels = said.frame, said.pixels
    if due > plan.frames.last:
        raise _broken(f"gave more than the {len(plan.frames)} frames that were asked", frame=frame)
    if isinstance(frame, bool) or not isinstance(frame, (int, np.integer)) or frame != due:
        raise _broken(f"gave frame {frame!r:.40} where frame {due} was due", frame=due)
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.float32:
        kind = pixels.dtype if isinstance(pixels, np.ndarray) else type(pixels).__name__
        raise _broken(f"gave frame {due} as {kind}, not as float32", frame=due)
    wanted = (plan.height, plan.width)
    if pixels.ndim != 3 or pixels.shape[:2] != wanted or pixels.shape[2] not in (3, 4):
        raise _broken(
            f"gave frame {due} in the shape {pixels.shape}, not {plan.height} rows, "
            f"{plan.width} columns, RGB or RGBA",
            frame=due,
        )
    _check_opacity(said.opacity, due, wanted)
    if channels and pixels.shape[2] != channels:
        raise _broken(
            f"gave frame {due} with {pixels.shape[2]} channels after frames with {channels}",
            frame=due,
        )


def _delivered(said: Developed, convert: Callable[[Picture], Picture] | None) -> Delivered:
    from ..media.frames import to_half

    pixels = said.pixels
    if convert is not None or pixels.shape[2] == 4:
        pixels = pixels.copy()
    if convert is not None:
        pixels[..., :3] = convert(np.ascontiguousarray(pixels[..., :3]))
    if pixels.shape[2] == 4:
        with np.errstate(invalid="ignore", over="ignore"):  # counted as NaN or clipped just below
            pixels[..., :3] *= pixels[..., 3:]
    half, counted = to_half(pixels)
    half.flags.writeable = False
    channels = ("R", "G", "B", "A")[: half.shape[2]]
    return Delivered(int(said.frame), half, channels, counted, share(said.confidence))


def _heard(said: object, plan: Plan) -> Progress | Preview | Exactly | None:
    """A word of progress, a preview or facts, made safe; None for what is not what it should be."""
    if isinstance(said, Exactly):
        return _plain(said)
    if isinstance(said, Progress):
        return Progress(share(said.done) or 0.0, str(said.says)[:MAX_SAYS])
    if not isinstance(said, Preview):
        raise _broken(f"said {type(said).__name__}, which is no frame, preview or progress")
    pixels = said.pixels
    fits = (
        isinstance(pixels, np.ndarray)
        and pixels.ndim == 3
        and pixels.shape[2] in (3, 4)
        and 0 < pixels.shape[0] <= plan.height
        and 0 < pixels.shape[1] <= plan.width
        and pixels.dtype == np.float32
        and said.frame in plan.frames
    )
    # Previews are losable; a bad one is lost.
    if not fits:
        return None
    return Preview(said.frame, np.nan_to_num(pixels, nan=0.0), str(said.says)[:MAX_SAYS])


def _plain(said: Exactly) -> Exactly | None:
    """Facts that can be written down: JSON, not too much of it. Others are lost."""
    try:
        text = json.dumps(said.facts, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    return Exactly(json.loads(text)) if len(text) <= MAX_FACTS else None


def share(value: object) -> float | None:
    """What a generator says of itself, as 0..1, or None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)):
        return None
    return min(1.0, max(0.0, float(value))) if math.isfinite(value) else None


def _broken(what: str, *, frame: int | None = None) -> BrokenFrames:
    return BrokenFrames(
        f"the generator {what}",
        hint="Use another generator, and tell this one's author.",
        data={} if frame is None else {"frame": frame},
    )
