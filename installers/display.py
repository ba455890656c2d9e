"""Shows the steps of a long job: a moving line on a terminal, plain lines anywhere else."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

_BAR = 18  # columns of the bar
_QUIET_S = 15.0  # where lines cannot move, say that it goes on at most this often


def spoken(seconds: float) -> str:
    """A duration as people say it: ``4.2 s``, ``1 min 05 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02} s"


class Steps:
    """Numbered steps, each with what is being done, how far it is and how long it took.

    ``begin`` a step, ``tick`` as often as there is news, ``end`` it. On a terminal the step's line
    moves; elsewhere (a log, CI) each step gives one line, and a long one a line now and then.
    """

    def __init__(self, count: int, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._count = count
        self._number = 0
        self._says = ""
        self._started = self._said = 0.0
        self._moves = self._out.isatty()
        self._full, self._empty = ("━", "─") if _can_draw(self._out) else ("=", "-")

    def begin(self, says: str) -> None:
        """Start the next step; ``says`` is a few words in the present."""
        self._number += 1
        self._says = says
        self._started = self._said = time.monotonic()
        self.tick()

    def tick(self, detail: str = "", share: float | None = None) -> None:
        """News of the step: what exactly is being done, and which share (0..1) is done."""
        now = time.monotonic()
        if self._moves:
            bar = "" if share is None else self._bar(share) + " "
            self._write(f"{bar}{detail}", now - self._started)
        elif now - self._said > _QUIET_S:
            self._said = now
            self._write(detail, now - self._started)

    def end(self, detail: str = "") -> None:
        """The step is done; its line stays."""
        self._write(detail, time.monotonic() - self._started)
        self._close()

    def fail(self, detail: str = "failed") -> None:
        """The step did not work; its line stays."""
        self.end(detail)

    def _bar(self, share: float) -> str:
        done = round(_BAR * min(max(share, 0.0), 1.0))
        return self._full * done + self._empty * (_BAR - done)

    def _write(self, detail: str, seconds: float) -> None:
        head = f"  {self._number} of {self._count}  {self._says:<26} "
        tail = f"  {spoken(seconds)}"
        if not self._moves:
            self._out.write(f"{head}{detail}{tail}".rstrip() + "\n")
        else:
            room = max(shutil.get_terminal_size().columns - len(head) - len(tail) - 1, 0)
            self._out.write(f"\r\x1b[2K{head}{detail[:room]}{tail}")
        self._out.flush()

    def _close(self) -> None:
        if self._moves:
            self._out.write("\n")
            self._out.flush()


def _can_draw(out: TextIO) -> bool:
    try:
        "━─".encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
