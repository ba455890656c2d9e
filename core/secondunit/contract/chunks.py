"""How many frames a generator is asked for, and how long shots are shot in runs and joined.

Generators take counts of ``k n + r``. What is delivered is always exactly what was requested:
frames beyond the end are shot on a held last frame and dropped, runs overlap and are mixed there.
Generators are run as if at the shot's own rate: a frame in is a frame out, nothing is retimed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from secondunit_bridge.errors import BrokenFrames, OverLimits
from secondunit_bridge.timing import FrameRange

from ..hookspecs import Developed, Exactly, Preview, Progress, Run
from ..media.footage import Picture

Words: TypeAlias = Generator[Progress | Preview | Exactly | Developed, None, None]
Shoots: TypeAlias = Callable[[Run, Mapping[int, Picture]], Words]
"""Shoots one run, shown the frames at its start that the run before made already."""


def asked_for(count: int, rule: tuple[int, int]) -> int:
    """The smallest ``k n + r`` (n >= 0, at least 1) that is ``count`` frames or more."""
    k, least = _rule(rule)
    return least if count <= least else least + -(-(count - least) // k) * k


def largest(most: int, rule: tuple[int, int]) -> int:
    """The largest ``k n + r`` within ``most``. Raises OverLimits when there is none."""
    k, least = _rule(rule)
    if most < least:
        raise OverLimits(
            f"a generator of {k}n + {rule[1] % k} frames cannot shoot {most}",
            hint="Report this to the generator's author: its limits contradict each other.",
        )
    return most - (most - least) % k


def runs(
    frames: FrameRange,
    rule: tuple[int, int] = (1, 0),
    *,
    most: int | None = None,
    overlap: int | None = None,
) -> tuple[Run, ...]:
    """The runs that cover every frame, handles included, none longer than ``most``.

    As few as possible, and as short and even as the rule allows: no frame is made that is not
    needed. Two runs share at least ``overlap`` frames (by default ``2 k + 1``, for k > 1), but not
    more than half of the longest. Of several runs none has a held frame. Raises OverLimits when
    the rule and ``most`` allow no run at all.
    """
    count, k = len(frames), _rule(rule)[0]
    longest = count if most is None else largest(most, rule)
    if count <= longest:
        return (Run(frames.first, frames.last, asked_for(count, rule)),)
    shared = (2 * k + 1 if k > 1 else 0) if overlap is None else overlap
    shared = min(max(0, shared), longest // 2)
    number = 1 + -(-(count - longest) // (longest - shared))
    lengths, spare = _lengths(count + (number - 1) * shared, number, rule)
    made, first, mixed = [], frames.first, 0
    for at, length in enumerate(lengths):
        made.append(Run(first, first + length - 1, length, mixed))
        if at < number - 1:  # the frames that the rule makes too many lie in the overlaps
            joins = number - 1
            mixed = shared + spare * (at + 1) // joins - spare * at // joins
            first += length - mixed
    return tuple(made)


def _rule(rule: tuple[int, int]) -> tuple[int, int]:
    """``k``, and the smallest count of the rule."""
    k = max(1, rule[0])
    return k, rule[1] % k or k


def _lengths(needed: int, number: int, rule: tuple[int, int]) -> tuple[list[int], int]:
    """So many counts of the rule, as even as can be, and by how little (< k) they exceed."""
    k = _rule(rule)[0]
    each = asked_for(-(-needed // number), rule)
    spare = number * each - needed
    shorter = spare // k
    return [each - k * (at >= number - shorter) for at in range(number)], spare - shorter * k


def stitch(planned: Iterable[Run], shoot: Shoots) -> Words:
    """Every frame of the plan once and in order, each run shot by ``shoot`` when it is due.

    ``shoot`` gives all frames of its run in order; held ones are dropped here. Where runs overlap
    the one before fades into the next; only those frames are kept in memory, each until the next
    run has given it too. Progress is of the whole; a frame's confidence is the lower of the two.
    """
    kept: dict[int, Developed] = {}
    due = list(planned)
    for index, run in enumerate(due):
        own = run.last - (due[index + 1].mixed if index + 1 < len(due) else 0)
        made = {number: frame.pixels for number, frame in kept.items()}
        with closing(shoot(run, made)) as words:
            for said in words:
                if isinstance(said, Progress):
                    yield _of_whole(said, index, len(due))
                elif isinstance(said, Exactly) or (
                    isinstance(said, Preview) and said.frame <= run.last
                ):
                    yield said
                elif isinstance(said, Developed) and said.frame <= run.last:
                    made.pop(said.frame, None)
                    frame = _mixed(kept.pop(said.frame, None), said, run)
                    if frame.frame <= own:
                        yield frame
                    else:
                        kept[frame.frame] = _own(frame)


def _of_whole(said: Progress, index: int, number: int) -> Progress:
    if number == 1:
        return said
    return Progress((index + said.done) / number, f"run {index + 1} of {number}: {said.says}")


def _mixed(before: Developed | None, after: Developed, run: Run) -> Developed:
    if before is None:
        return after
    if before.pixels.shape != after.pixels.shape:
        raise BrokenFrames(
            f"the generator gave frame {after.frame} in the shape {before.pixels.shape} in one run "
            f"and {after.pixels.shape} in the next",
            hint="Use another generator, and tell this one's author.",
            data={"frame": after.frame},
        )
    weight = np.float32((after.frame - run.first + 1) / (run.mixed + 1))
    both = (before, after)
    opaque = [one.opacity for one in both if one.opacity is not None]
    if len(opaque) == 2:
        opaque[1] = np.asarray(opaque[0] * (1 - weight) + opaque[1] * weight, np.float32)
    return Developed(
        after.frame,
        _faded(before.pixels, after.pixels, weight),
        min((one.confidence for one in both if one.confidence is not None), default=None),
        min((one.coverage for one in both if one.coverage is not None), default=None),
        opaque[-1] if opaque else None,
    )


def _own(frame: Developed) -> Developed:
    """The frame with buffers of its own: the generator may use its own again."""
    opaque = None if frame.opacity is None else frame.opacity.copy()
    return replace(frame, pixels=frame.pixels.copy(), opacity=opaque)


def _faded(before: Picture, after: Picture, weight: np.float32) -> Picture:
    """From one picture to the other, weight 0..1, in their own codes; alpha weighs the colours.

    ``before`` may be written into.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # what is no number is counted later
        if before.shape[2] != 4 or np.array_equal(before[..., 3], after[..., 3]):
            before *= 1 - weight
            before += after * weight
            return before
        a, b = before[..., 3:] * (1 - weight), after[..., 3:] * weight
        mixed = before * a + after * b
        mixed[..., 3:] = a + b
        np.divide(mixed[..., :3], a + b, out=mixed[..., :3], where=a + b > 0)
        return mixed
