"""Looking at a file that may be hostile: in a child process with limits on memory and time.

Run as a program, this module is that child.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
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
    with closing(Prober(limits)) as prober:
        return prober.probe(path, search=search)


def probe_all(
    paths: Sequence[str | Path], *, limits: Limits | None = None, search: Sequence[Path] = ()
) -> Iterator[Facts | SecondUnitError]:
    """Probe each path in order; one bad file costs only its own answer. As probe, with the error
    as a value."""
    with closing(Prober(limits)) as prober:
        for path in paths:
            try:
                yield prober.probe(path, search=search)
            except SecondUnitError as error:
                yield error


class Prober:
    """Probes files, one child for all of them: starting it costs more than most looks.

    The child starts with the first file, and again when a file took it along. Not for two threads
    at once.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._child: Child | None = None

    def probe(self, path: str | Path, *, search: Sequence[Path] = ()) -> Facts:
        """As the function ``probe``."""
        target, numbers = _target(str(path), search)
        if self._child is None or not self._child.alive:
            self._child = Child(_PROGRAM, self._limits)
        said = self._child.look(target)
        if isinstance(said, SecondUnitError):
            raise said
        facts = typed(Facts, said["facts"])
        return _as_sequence(facts, str(path), numbers) if numbers else facts

    def close(self) -> None:
        """End the child and wait for it; a later look starts another one."""
        if self._child is not None:
            self._child.close()
            self._child = None


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


def _as_sequence(facts: Facts, path: str, numbers: tuple[int, ...]) -> Facts:
    first, last = numbers[0], numbers[-1]
    span = FramePattern.parse(path).span
    if span:
        first, last = span
    missing = tuple((a, b) for a, b in gaps(numbers, first, last))
    frames = FrameRange(first, last, facts.frames.rate)
    return replace(facts, path=path, kind="sequence", frames=frames, missing=missing)


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
