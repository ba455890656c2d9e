"""The stage processes there are: started when needed, watched, cancelled, killed, sent home."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from secondunit_bridge.errors import TakeFailed, error_body

from ..settings import Settings
from .process import StageProcess

KEPT_BYTES = 2_000_000  # of a stage's log; one older is kept
AGAIN_S = 2.0  # between tries to start a process where the system refuses one


@dataclass(frozen=True)
class Report:
    """What a stage said, and which work it was about ("" when none)."""

    stage: str
    work: str
    body: dict[str, Any]


@dataclass
class _Post:
    """One place in the crew: a process or none, and what it is doing."""

    process: StageProcess | None = None
    work: str = ""
    cancelled_at: float | None = None
    idle_since: float = 0.0
    moved_at: float = 0.0  # when the work was given or was last heard to go on
    not_before: float = 0.0  # a process that could not be started is tried again then


class Crew:
    """Used from the daemon's loop only; stages talk through a queue and ``wake``."""

    def __init__(self, settings: Settings, wake: Callable[[], None]) -> None:
        self._settings = settings
        self._wake = wake
        self._said: queue.SimpleQueue[tuple[StageProcess, dict[str, Any]]] = queue.SimpleQueue()
        self._posts: dict[str, _Post] = {}
        self._unborn: list[Report] = []  # of stages that could not be started

    def free(self, stage: str) -> bool:
        """The stage has nothing to do."""
        post = self._post(stage)
        return not post.work and time.monotonic() >= post.not_before

    def doing(self, stage: str) -> str:
        """The take or version a stage works on, "" when free."""
        return self._post(stage).work

    def pids(self) -> dict[str, int]:
        """Process ids of the stages that run."""
        return {name: p.process.pid for name, p in self._posts.items() if p.process}

    def give(self, stage: str, do: str, work: str, body: Any) -> None:
        """Give a free stage something to do; starts its process when it has none."""
        post = self._post(stage)
        post.work, post.cancelled_at, post.moved_at = work, None, time.monotonic()
        try:
            post.process = post.process or self._new(stage)
        except OSError as error:
            post.not_before = time.monotonic() + AGAIN_S  # the queue must not fail in one moment
            self._unborn.append(Report(stage, work, {"say": "failed", "error": _no_stage(error)}))
            self._wake()
        else:
            post.process.tell(do, body)

    def cancel(self, work: str) -> bool:
        """Ask the stage that does this work to stop; after a grace it is killed."""
        for post in self._posts.values():
            if post.work == work and post.process:
                post.process.tell("cancel", {"work": work})
                post.cancelled_at = post.cancelled_at or time.monotonic()
                return True
        return False

    def finished(self, stage: str) -> None:
        """The stage's work has an outcome; it is free."""
        post = self._post(stage)
        post.work, post.cancelled_at, post.idle_since = "", None, time.monotonic()

    def reports(self) -> list[Report]:
        """What was said since the last call."""
        said, self._unborn = self._unborn, []
        while not self._said.empty():
            process, body = self._said.get()
            post = self._post(process.name)
            if post.process is not process:
                continue  # the last words of one that was replaced
            said.append(Report(process.name, post.work, body))
            if body.get("say") != "alive":
                post.moved_at = time.monotonic()
            if body.get("say") == "died":
                post.process = None
        return said

    def tick(self) -> None:
        """Kill what hangs or will not stop, and send home what has been idle for long."""
        now = time.monotonic()
        for post in self._posts.values():
            if post.process is None:
                continue
            if self._lost(post, post.process, now):
                post.process.kill()
            elif not post.work and now - post.idle_since > self._settings.stage_idle_s:
                process, post.process = post.process, None
                process.close()

    def _lost(self, post: _Post, process: StageProcess, now: float) -> bool:
        """It will not stop, says nothing, or is alive and gets nowhere."""
        told = self._settings
        refuses = post.cancelled_at is not None and now - post.cancelled_at > told.cancel_grace_s
        silent = now - process.last_heard > told.stage_silence_s
        stalled = now - post.moved_at > told.stage_stall_s
        return bool(post.work) and (refuses or silent or stalled)

    def close(self) -> None:
        """Send everybody home. Nothing is left running."""
        for post in self._posts.values():
            if post.process:
                post.process.close()
                post.process = None

    def _new(self, stage: str) -> StageProcess:
        log = self._settings.home / "logs" / f"{stage}.log"
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if log.exists() and log.stat().st_size > KEPT_BYTES:
            log.replace(log.with_suffix(".1.log"))
        return StageProcess(stage, log, self._hear)

    def _post(self, stage: str) -> _Post:
        return self._posts.setdefault(stage, _Post())

    def _hear(self, process: StageProcess, body: dict[str, Any]) -> None:
        self._said.put((process, body))
        self._wake()


def _no_stage(error: OSError) -> dict[str, Any]:
    return error_body(
        TakeFailed(
            f"no stage process could be started: {error.strerror or error}",
            hint="Free some memory and disk space, then try again; see `secondunit doctor`.",
        )
    )
