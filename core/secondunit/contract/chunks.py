"""How many frames a generator is asked for, and how long shots are shot in chunks and joined.

Generators take counts of ``k n + r``. What is delivered is always exactly what was requested:
frames beyond the end are shot on a held last frame and dropped, chunks overlap and are mixed there.
Generators are run as if at the shot's own rate: a frame in is a frame out, nothing is retimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from secondunit_bridge.errors import BrokenFrames, OverLimits
from secondunit_bridge.timing import FrameRange

from ..media.footage import Picture


@dataclass(frozen=True)
class Chunk:
    """One run of a generator.

    ``first`` to ``last`` are frames of the shot; ``asked`` is how many the generator makes, at
    least as many: the rest are held frames at the end. ``mixed`` frames at the start are mixed with
    the chunk before.
    """

    first: int
    last: int
    asked: int
    mixed: int = 0

    @property
    def sources(self) -> tuple[int, ...]:
        """The shot's frame to show the generator for each frame it makes; the last one held."""
        numbers = range(self.first, self.first + self.asked)
        return tuple(min(number, self.last) for number in numbers)

    @property
    def held(self) -> int:
        """Frames made beyond the end, and dropped."""
        return self.asked - (self.last - self.first + 1)


def asked_for(count: int, rule: tuple[int, int]) -> int:
    """The smallest ``k n + r`` (n >= 0, at least 1) that is ``count`` frames or more."""
    k, rest = max(1, rule[0]), rule[1] % max(1, rule[0])
    least = rest or k
    return least if count <= least else least + -(-(count - least) // k) * k


def largest(most: int, rule: tuple[int, int]) -> int:
    """The largest ``k n + r`` within ``most``. Raises OverLimits when there is none."""
    k, rest = max(1, rule[0]), rule[1] % max(1, rule[0])
    least = rest or k
    if most < least:
        raise OverLimits(
            f"a generator of {k}n + {rest} frames cannot shoot {most}",
            hint="Report this to the generator's author: its limits contradict each other.",
        )
    return most - (most - least) % k


def chunks(
    frames: FrameRange,
    rule: tuple[int, int] = (1, 0),
    *,
    most: int | None = None,
    overlap: int | None = None,
) -> tuple[Chunk, ...]:
    """The runs that cover every frame, handles included, none longer than ``most``.

    Two runs share at least ``overlap`` frames (by default ``2 k + 1``, for k > 1), as far as
    ``most`` allows. Runs are spread evenly, so that of several none needs a held frame. Raises
    OverLimits when the rule and ``most`` allow no run at all.
    """
    count = len(frames)
    longest = count if most is None else largest(most, rule)
    if most is None or count <= longest:
        return (Chunk(frames.first, frames.last, asked_for(count, rule)),)
    shared = (2 * rule[0] + 1 if rule[0] > 1 else 0) if overlap is None else overlap
    shared = min(shared, longest - 1)
    runs = 1 + -(-(count - longest) // (longest - shared))
    starts = [at * (count - longest) // (runs - 1) for at in range(runs)]
    return tuple(
        Chunk(
            frames.first + start,
            frames.first + start + longest - 1,
            longest,
            min(shared, starts[at - 1] + longest - start) if at else 0,
        )
        for at, start in enumerate(starts)
    )


def stitch(
    planned: Iterable[Chunk], shoot: Callable[[Chunk], Iterable[Picture]]
) -> Iterator[tuple[int, Picture]]:
    """Every frame of the shot once and in order, each run shot by ``shoot`` when it is due.

    Where runs overlap the last ``mixed`` frames of the one before fade into the next; only those
    are kept in memory. Raises BrokenFrames when a run does not give the frames it was asked for.
    """
    kept: dict[int, Picture] = {}
    runs = list(planned)
    for index, run in enumerate(runs):
        fade_out = runs[index + 1].mixed if index + 1 < len(runs) else 0
        end = run.last - fade_out  # from here on the next run has its say
        begin = runs[index - 1].last - run.mixed + 1 if index else run.first
        for number, picture in _run(run, shoot):
            if number < begin:
                continue
            if number in kept:
                weight = np.float32((number - begin + 1) / (run.mixed + 1))
                before = kept.pop(number)
                picture = before * (1 - weight) + picture * weight
            if number > end:
                kept[number] = picture.copy()
            else:
                yield number, picture


def _run(run: Chunk, shoot: Callable[[Chunk], Iterable[Picture]]) -> Iterator[tuple[int, Picture]]:
    given, size = 0, None
    for given, picture in enumerate(shoot(run), start=1):
        number = run.first + given - 1
        if given > run.asked:
            raise _broken(f"gave more than the {run.asked} frames it was asked for", number)
        if size is not None and picture.shape != size:
            raise _broken(f"changed the shape of its frames from {size} to {picture.shape}", number)
        size = picture.shape
        if number <= run.last:
            yield number, picture
    if given < run.asked:
        raise _broken(f"ended after {given} of {run.asked} frames", run.first + given)


def _broken(what: str, frame: int) -> BrokenFrames:
    return BrokenFrames(
        f"the generator {what}",
        hint="Use another generator, and tell this one's author.",
        data={"frame": frame},
    )
