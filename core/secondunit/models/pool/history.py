"""What runs really took beside their weights, learned run by run and kept over restarts.

One small JSON file, replaced as a whole. A damaged one is started anew: it holds nothing but
experience. Nothing in it says what was shot: models are digests, sizes are numbers.
"""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from secondunit_bridge.errors import StoreError

from ...disk import private_folder, write_whole
from .ladder import Step, activation
from .tiers import Appetite, Picture

FORM = "secondunit.memory/1"
MARGIN = 1.05  # over the largest peak seen: allocators round, kernels choose other workspaces
AFTER_SHORT = 1.25  # over what was promised when the device ran out: it took more than that
MOST_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Run:
    """What is compared with what: the same model, size, frames and steps down."""

    model: str
    width: int
    height: int
    frames: int
    steps: tuple[Step, ...] = ()

    def word(self) -> str:
        """As one line of the file."""
        steps = ",".join(step.value for step in self.steps)
        return f"{self.model} {self.width} {self.height} {self.frames} {steps}"

    @classmethod
    def read(cls, word: str) -> Run:
        """Raises ValueError when it is none."""
        model, width, height, frames, steps = word.split(" ")
        taken = tuple(Step(step) for step in steps.split(",") if step)
        return cls(model, int(width), int(height), int(frames), taken)


class History:
    """Largest peaks by run. Safe from any thread; a disk that refuses costs the memory only."""

    def __init__(self, file: Path | None = None) -> None:
        self._file, self._lock = file, threading.Lock()
        self._peaks: dict[Run, int] = _read(file) if file else {}

    def __len__(self) -> int:
        return len(self._peaks)

    def peak(self, run: Run) -> int | None:
        """The largest number of bytes seen for just this run."""
        with self._lock:
            return self._peaks.get(run)

    def expected(self, run: Run, appetite: Appetite) -> int:
        """Bytes to promise: what was seen, else what the card says, set right by the nearest."""
        with self._lock:
            if run in self._peaks:
                return int(self._peaks[run] * MARGIN)
            alike = [
                seen for seen in self._peaks if (seen.model, seen.steps) == (run.model, run.steps)
            ]
            card = _by_card(run, appetite)
            if not alike:
                return card
            nearest = min(alike, key=lambda seen: abs(_pixel_frames(seen) - _pixel_frames(run)))
            said = _by_card(nearest, appetite)
            if said <= 0:
                share = _pixel_frames(run) / max(1, _pixel_frames(nearest))
                return int(self._peaks[nearest] * max(1.0, share) * MARGIN)
            return int(card * self._peaks[nearest] / said * MARGIN)

    def learn(self, run: Run, peak: int) -> None:
        """A run took so many bytes; the largest counts."""
        with self._lock:
            if peak <= self._peaks.get(run, 0):
                return
            self._peaks.pop(run, None)
            self._peaks[run] = peak
            while len(self._peaks) > MOST_ROWS:
                del self._peaks[next(iter(self._peaks))]
            self._write()

    def ran_out(self, run: Run, promised: int) -> None:
        """The device ran out though so many bytes were promised: ask for more next time."""
        self.learn(run, int(promised * AFTER_SHORT) + 1)

    def _write(self) -> None:
        if self._file is None:
            return
        rows = {run.word(): peak for run, peak in self._peaks.items()}
        data = json.dumps({"form": FORM, "bytes": rows}, indent=0).encode()
        with suppress(StoreError):  # it is experience, not state: the take goes on without
            private_folder(self._file.parent)
            write_whole(self._file, data)


def _read(file: Path) -> dict[Run, int]:
    """What the file says; nothing when it is not there or is damaged anywhere."""
    try:
        said = json.loads(file.read_bytes())
        if said["form"] != FORM:
            return {}
        rows = {Run.read(word): peak for word, peak in said["bytes"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    sound = all(type(peak) is int and 0 < peak < 1 << 50 for peak in rows.values())
    return rows if sound else {}


def _by_card(run: Run, appetite: Appetite) -> int:
    picture = Picture(run.width, run.height, run.frames)
    whole = appetite.fixed + appetite.per_pixel_frame * picture.pixel_frames
    return activation(int(whole), run.steps)


def _pixel_frames(run: Run) -> int:
    return run.width * run.height * run.frames
