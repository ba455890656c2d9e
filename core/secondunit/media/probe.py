"""Looking at a file that may be hostile: in a child process with limits on memory and time.

A picture library that crashes, hangs or asks for a huge buffer takes the child with it, never the
caller. Run as a program, this module is that child: paths come in on its standard input, one JSON
line each, and one line of facts or error goes out for each.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from secondunit_bridge.errors import (
    MediaDamaged,
    OverLimits,
    SecondUnitError,
    SetupError,
    error_body,
    error_from,
)
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.wire import plain, typed

from .facts import Facts, Limits
from .patterns import FramePattern, gaps, is_pattern
from .reading import first_bytes, offline

_SIGXCPU = 24  # what ends a process that used up its processor time (Linux, macOS)
_START_S = 30.0  # for the child's interpreter to start, on a machine under load

# Each thread of a library reserves address space, which is what is limited.
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENIMAGEIO_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


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
    child: _Child | None = None
    try:
        for path in paths:
            try:
                target, numbers = _target(str(path), search)
            except SecondUnitError as error:
                yield error
                continue
            if child is None or not child.alive:
                child = _Child(allowed)
            answer = child.look(target)
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


class _Child:
    """One limited process that looks at files, one after the other."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._started = limits, False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "secondunit.media.probe", json.dumps(plain(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what libraries print about bad files
            env={**os.environ, **_ONE_THREAD},
        )
        self._answers: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def alive(self) -> bool:
        """It can be asked again."""
        return self._process.poll() is None

    def look(self, path: Path) -> Facts | SecondUnitError:
        """What the child says of the file, or what became of the child. Blocks up to the limits."""
        if not self._started and not self._answer(_START_S):
            self.close()
            return SetupError(
                "the process that looks at media files did not start",
                hint="Run `secondunit doctor`; the core extra may not be installed completely.",
            )
        self._started = True
        with suppress(OSError):  # it died before it was asked: the empty answer below says so
            self._say(path)
        started = time.monotonic()
        line = self._answer(self._limits.wall_s)
        took = time.monotonic() - started
        if line:
            return _decoded(line)
        self.close()
        return self._lost(path, took)

    def close(self) -> None:
        """End the child and wait for it."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close(pipe)

    def _say(self, path: Path) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(str(path)).encode() + b"\n")
        self._process.stdin.flush()

    def _answer(self, seconds: float) -> bytes:
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            return b""

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                self._answers.put(line)
        except ValueError:
            return  # closed while waiting
        self._answers.put(b"")

    def _lost(self, path: Path, took: float) -> SecondUnitError:
        code = self._process.returncode
        if took >= self._limits.wall_s or code == -_SIGXCPU:
            return OverLimits(
                f"looking at {path.name} took more than {took:.0f} s and was stopped",
                hint="The file may be damaged; if it is only long, raise the limit.",
                data={"path": str(path)},
            )
        return MediaDamaged(
            f"{path.name} is damaged: the library that reads it failed on it",
            hint="Copy or render the file again.",
            data={"path": str(path), "exit": code},
        )


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        return  # what was still to be sent has nobody to read it


def _decoded(line: bytes) -> Facts | SecondUnitError:
    answer = json.loads(line)
    if "error" in answer:
        return error_from(answer["error"])
    return typed(Facts, answer["facts"])


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


def _limit(limits: Limits) -> None:
    """Bind this process to its memory; processor time is renewed for each file."""
    if sys.platform == "win32":
        return  # no such limits there; the caller's wall clock and the picture limits remain
    import resource

    size = limits.memory_mb << 20
    with suppress(ValueError, OSError):  # macOS refuses limits below what is mapped already
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _renew(limits: Limits) -> None:
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + limits.cpu_s + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))


def _answered(path: Path, limits: Limits) -> dict[str, Any]:
    try:
        return {"facts": plain(look(path, limits))}
    except SecondUnitError as error:
        return {"error": error_body(error)}
    except MemoryError:
        return {"error": error_body(OverLimits(f"{path.name} needs more memory than allowed"))}


def main() -> None:
    """The child: answer each path on standard input with one line, until there are no more."""
    limits = typed(Limits, json.loads(sys.argv[1]))
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    _limit(limits)
    out.write(b"{}\n")
    out.flush()
    for line in sys.stdin:
        _renew(limits)
        out.write(json.dumps(_answered(Path(json.loads(line)), limits)).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    main()
