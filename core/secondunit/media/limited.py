"""A child process with limits on memory and time that looks at files which may be hostile.

A picture library that crashes, hangs or asks for a huge buffer takes the child with it, never the
caller. The child is a module run as a program: paths come in on its standard input, one JSON line
each, and one line of facts or error goes out for each (``serve``).
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
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
from secondunit_bridge.wire import plain, typed

from .facts import Limits

_SIGXCPU = 24  # what ends a process that used up its processor time (Linux, macOS)
_START_S = 30.0  # for the child's interpreter to start, on a machine under load

# Each thread of a library reserves address space, which is what is limited.
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENIMAGEIO_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


class Child:
    """One limited process that looks at files, one after the other.

    ``program`` is the module that is run; its ``main`` calls ``serve``.
    """

    def __init__(self, program: str, limits: Limits) -> None:
        self._limits, self._started = limits, False
        self._process = subprocess.Popen(
            [sys.executable, "-m", program, json.dumps(plain(limits))],
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

    def look(self, path: Path) -> dict[str, Any] | SecondUnitError:
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
            answer: dict[str, Any] = json.loads(line)
            return error_from(answer["error"]) if "error" in answer else answer
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


def serve(answer: Callable[[Path, Limits], dict[str, Any]]) -> None:
    """The child: answer each path on standard input with one line, until there are no more.

    ``answer`` gives JSON values, and raises SecondUnitError for what cannot be read.
    """
    limits = typed(Limits, json.loads(sys.argv[1]))
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    _limit(limits)
    out.write(b"{}\n")
    out.flush()
    for line in sys.stdin:
        _renew(limits)
        said = _answered(answer, Path(json.loads(line)), limits)
        out.write(json.dumps(said).encode() + b"\n")
        out.flush()


def _answered(
    answer: Callable[[Path, Limits], dict[str, Any]], path: Path, limits: Limits
) -> dict[str, Any]:
    try:
        return answer(path, limits)
    except SecondUnitError as error:
        return {"error": error_body(error)}
    except MemoryError:
        return {"error": error_body(OverLimits(f"{path.name} needs more memory than allowed"))}


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
