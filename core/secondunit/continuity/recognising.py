"""Tells cheaply whether a shot may come back to a framing that was seen before.

A few hundred points of one frame are kept for each end of a shot, by content. This only proposes:
the pair is matched in full before any pixels are compared.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from secondunit_bridge.errors import SecondUnitError

from ..editorial import CutShot
from ..media.setup import Sketch
from .playing import Playback
from .remembered import Memory

FIRST, LAST = 0, -1
FACTS = "alike"
VERSION = "1"  # of how sketches are drawn and compared


@dataclass
class Recogniser:
    """Sketches of the ends of shots, drawn once and remembered."""

    playback: Playback
    memory: Memory
    _sketches: dict[str, Sketch] = field(default_factory=dict)
    _known: dict[str, bool] = field(default_factory=dict)

    @contextmanager
    def at_work(self) -> Iterator[Recogniser]:
        """With what was recognised before; what is recognised now is kept at the end."""
        self._known = self.memory.facts(FACTS)
        try:
            yield self
        finally:
            self.memory.keep_facts(FACTS, self._known)

    def alike(self, earlier: CutShot, later: CutShot) -> bool:
        """The later shot may begin in the framing in which the earlier one ends."""
        before, after = self._name(earlier, LAST), self._name(later, FIRST)
        key = f"{before}{after}"
        if key not in self._known:
            ours, theirs = self._sketch(later, FIRST, after), self._sketch(earlier, LAST, before)
            self._known[key] = ours.like(theirs)
        return self._known[key]

    def _sketch(self, shot: CutShot, end: int, name: str) -> Sketch:
        if name not in self._sketches:
            kept = _unpacked(self.memory.blob(name))
            if kept is None:
                kept = self._drawn(shot, end)
                self.memory.keep_blob(name, _packed(kept))
            self._sketches[name] = kept
        return self._sketches[name]

    def _drawn(self, shot: CutShot, end: int) -> Sketch:
        try:
            with self.playback.one_frame(shot, shot.frames[end]) as sight:
                return Sketch.of(sight)
        except SecondUnitError:
            return Sketch.empty()  # what is wrong with it is said when the shot is examined

    def _name(self, shot: CutShot, end: int) -> str:
        """One end of a shot by content."""
        said = (VERSION, self.memory.digest(shot.media or ""), shot.numbering, shot.frames[end])
        return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _packed(drawn: Sketch) -> bytes:
    file = io.BytesIO()
    np.savez(file, places=drawn.places, marks=drawn.marks, high=np.float64(drawn.high))
    return file.getvalue()


def _unpacked(data: bytes | None) -> Sketch | None:
    """None when there is none, or it cannot be read."""
    if data is None:
        return None
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            return Sketch(kept["places"], kept["marks"], float(kept["high"]))
    except (OSError, ValueError, KeyError, EOFError):
        return None
