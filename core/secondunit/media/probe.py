"""Looking at a file that may be hostile: in a child process with limits on memory and time.

Run as a program, this module is that child.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import OverLimits, SecondUnitError
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.wire import plain, typed

from .facts import Facts, Limits
from .limited import Child, serve
from .patterns import FramePattern, gaps, is_pattern
from .reading import first_bytes, offline

_PROGRAM = "secondunit.media.probe"


def probe(path: str | Path, *, limits: Limits | None = None, search: Sequence[Path] = ()) -> Facts:
    """Facts of a picture, a sequence (by pattern, folder or one file in brackets) or a movie.

    One picture is decoded to its end, so facts mean that it can be read: of a movie the first and
    last frame and every packet's time stamp; of a sequence the first file. Blocks.

    Raises MediaOffline (with candidates from ``search``), MediaDamaged (also when reading it
    crashed the child), OverLimits (size, memory or time), NotPermitted, CodecMissing,
    TurnoverRejected (a pattern without a number).
    """
    answer = next(probe_all([path], limits=limits, search=search))
    if isinstance(answer, SecondUnitError):
        raise answer
    return answer


def probe_all(
    paths: Sequence[str | Path], *, limits: Limits | None = None, search: Sequence[Path] = ()
) -> Iterator[Facts | SecondUnitError]:
    """Probe each path in order; one bad file costs only its own answer. As probe, with the error
    as a value."""
    allowed = limits or Limits()
    child: Child | None = None
    try:
        for path in paths:
            try:
                target, numbers = _target(str(path), search)
            except SecondUnitError as error:
                yield error
                continue
            if child is None or not child.alive:
                child = Child(_PROGRAM, allowed)
            said = child.look(target)
            answer = said if isinstance(said, SecondUnitError) else typed(Facts, said["facts"])
            yield _as_sequence(answer, str(path), numbers) if numbers else answer
    finally:
        if child is not None:
            child.close()


def _target(path: str, search: Sequence[Path]) -> tuple[Path, tuple[int, ...]]:
    """The file to open, and the numbers on disk when the path stands for a sequence."""
    if not is_pattern(path) and not os.path.isdir(path):
        first_bytes(Path(path), search=search)
        return Path(path), ()
    pattern = FramePattern.parse(path)
    numbers = pattern.numbers() if os.path.isdir(pattern.folder) else ()
    if not numbers:
        raise offline(pattern.path(pattern.span[0] if pattern.span else 1), search)
    return pattern.path(numbers[0]), numbers


def _as_sequence(
    answer: Facts | SecondUnitError, path: str, numbers: tuple[int, ...]
) -> Facts | SecondUnitError:
    if isinstance(answer, SecondUnitError):
        return answer
    first, last = numbers[0], numbers[-1]
    span = FramePattern.parse(path).span
    if span:
        first, last = span
    missing = tuple((a, b) for a, b in gaps(numbers, first, last))
    frames = FrameRange(first, last, answer.frames.rate)
    return replace(answer, path=path, kind="sequence", frames=frames, missing=missing)


def look(path: Path, limits: Limits) -> Facts:
    """Facts of one picture or movie after decoding some of it, in this very process.

    Only for files that are trusted, or in a process that may be lost. Raises as probe.
    """
    from .movies import Movie
    from .stills import is_still, read_still

    if is_still(path):
        return read_still(path, limits=limits).facts
    with Movie(path, threads=1) as movie:
        facts = movie.facts
        if max(facts.width, facts.height) > limits.side:
            raise OverLimits(
                f"{path.name} is {facts.width}x{facts.height}",
                hint=f"The limit is {limits.side} pixels a side.",
            )
        movie.decoded(0)
        movie.decoded(len(movie) - 1)
        return facts


def _answer(path: Path, limits: Limits) -> dict[str, Any]:
    return {"facts": plain(look(path, limits))}


if __name__ == "__main__":
    serve(_answer)
