"""What a background render says on its standard output, read while it runs and never waited for."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

MARK = "secondunit-passes "  # begins each line of ours; Blender prints its own between


def told(kind: str, **facts: Any) -> str:
    """One line of what the background render says."""
    return MARK + json.dumps({"kind": kind, **facts})


@dataclass(frozen=True)
class Failure:
    """Why no more frames come: what is, what to do, and a code that stays."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True)
class PassesProgress:
    """How far a render is. ``state`` is waiting, rendering, done, stopped or failed.

    ``done`` are numbers of frames as files count them, of ``count``. ``files`` says of each pass
    (guide, depth, normal, ids ...) its pattern and channels, once all is done.
    """

    state: str = "waiting"
    done: Tuple[int, ...] = ()
    count: int = 0
    steps: Tuple[int, int] = (0, 0)  # renders done and to do: a frame may take a picture and data
    seconds: float = 0.0  # spent rendering
    said: Tuple[str, ...] = ()
    failure: Optional[Failure] = None
    files: Optional[Dict[str, Any]] = None
    facts: Optional[Dict[str, Any]] = None  # engine, version, colour space, size

    @property
    def ended(self) -> bool:
        """Nothing more will come."""
        return self.state in ("done", "stopped", "failed")

    @property
    def share(self) -> float:
        """How much is done, 0..1."""
        return self.steps[0] / self.steps[1] if self.steps[1] else 0.0


class ProgressReader:
    """Reads the log of a background render from where it left off. ``poll`` never blocks."""

    def __init__(self, log: str) -> None:
        self._log, self._at, self._rest = Path(log), 0, b""
        self._last: Tuple[str, ...] = ()  # what Blender itself said last, for when it dies
        self.progress = PassesProgress()

    def poll(self, returncode: Optional[int] = None) -> PassesProgress:
        """What is known now. ``returncode`` is the process's, None while it runs."""
        try:
            with self._log.open("rb") as file:
                file.seek(self._at)
                fresh = file.read()
        except FileNotFoundError:
            fresh = b""
        self._at += len(fresh)
        self.feed(fresh)
        if returncode is not None and not self.progress.ended:
            self.progress = replace(self.progress, state="failed", failure=self._died(returncode))
        return self.progress

    def feed(self, fresh: bytes) -> PassesProgress:
        """Take in what came through a pipe."""
        *lines, self._rest = (self._rest + fresh).split(b"\n")
        for line in lines:
            text = line.decode("utf-8", "replace").strip()
            if text.startswith(MARK):
                self._take(json.loads(text[len(MARK) :]))
            elif text:
                self._last = (*self._last[-4:], text)
        return self.progress

    def _take(self, fact: Dict[str, Any]) -> None:
        kind, now = fact.pop("kind"), self.progress
        if kind == "started":
            count = fact.pop("count")
            steps = (0, count * fact.pop("runs"))
            now = replace(now, state="rendering", count=count, steps=steps, facts=fact)
        elif kind in ("part", "frame"):
            done = (*now.done, fact["number"]) if kind == "frame" else now.done
            steps = (now.steps[0] + 1, now.steps[1])
            now = replace(now, done=done, steps=steps, seconds=now.seconds + fact["seconds"])
        elif kind == "said":
            now = replace(now, said=(*now.said, fact["sentence"]))
        elif kind == "failed":
            now = replace(now, state="failed", failure=Failure(**fact))
        elif kind == "stopped":
            now = replace(now, state="stopped")
        elif kind == "done":
            now = replace(now, state="done", files=fact["files"])
        self.progress = now

    def _died(self, returncode: int) -> Failure:
        if self.progress.state == "waiting":
            return Failure(
                "E_RENDER_BACKEND",
                "Blender ended in the background before it rendered anything",
                "It said: " + (" / ".join(self._last) or "nothing") + ". Without a screen or a"
                " graphics card Workbench and EEVEE may not start: render with Cycles.",
            )
        return Failure(
            "E_RENDER",
            f"Blender ended in the background after {len(self.progress.done)} of"
            f" {self.progress.count} frames (exit code {returncode})",
            "Render again: a smaller size if memory ran out. It said: " + " / ".join(self._last),
        )
