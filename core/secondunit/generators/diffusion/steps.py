"""Runs one call of a pipeline beside the caller: progress from its denoiser, stopped within a step.

Not every pipeline has a callback, but each calls its denoiser once a step or oftener, so that is
where progress is counted and a take is stopped. What stops it is no Exception: nothing between the
denoiser and here may swallow it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Any, TypeAlias

from secondunit_bridge.errors import Cancelled

from ...hookspecs import Preview, Progress, Watch

BEAT_S = 0.2  # between two looks at whether the caller still listens
# The step, how many there are, the denoiser, and what it was given: a picture of it or None.
Look: TypeAlias = Callable[[int, int, Any, tuple[Any, ...], dict[str, Any]], Preview | None]


class Stopped(BaseException):
    """Ends a call in the middle of a step."""


class Steps:
    """Hooks on a pipeline while a call runs: counts steps, and stops it when it must stop.

    ``says(word, body)`` is called at each new step, on the thread that runs the call: "step" with
    its number and how many there are, and "seen" with what ``look`` saw.
    """

    def __init__(
        self,
        pipeline: Any,
        denoisers: tuple[str, ...],
        must_stop: Callable[[], bool],
        says: Callable[[str, Any], None],
        look: Look | None = None,
    ) -> None:
        self._pipeline, self._denoisers = pipeline, denoisers
        self._must_stop, self._says, self._look = must_stop, says, look
        self._at: Any = None
        self._handles: list[Any] = []
        self.step = 0
        self.calls = 0  # of the denoiser

    def __enter__(self) -> Steps:
        """Every part asks whether to stop; a denoiser counts as well."""
        for name, part in _modules(self._pipeline).items():
            counts = name in self._denoisers
            hook = self._count if counts else self._ask
            self._handles.append(part.register_forward_pre_hook(hook, with_kwargs=True))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for handle in self._handles:
            handle.remove()

    def _ask(self, module: Any, given: Any, named: Any) -> None:
        if self._must_stop():
            raise Stopped

    def _count(self, module: Any, given: Any, named: Any) -> None:
        self._ask(module, given, named)
        self.calls += 1
        at = _timestep(given, named)
        if at is None or at != self._at:
            self._at, self.step = at, self.step + 1
            total = _total(self._pipeline)
            self._says("step", (self.step, total))
            seen = self._look(self.step, total, module, given, named) if self._look else None
            if seen is not None:
                self._says("seen", seen)


def _modules(pipeline: Any) -> dict[str, Any]:
    """The parts that run, and the halves of its picture coder: those are not called as a whole."""
    import torch

    parts = {n: p for n, p in pipeline.components.items() if isinstance(p, torch.nn.Module)}
    vae = parts.pop("vae", None)
    halves = {f"vae.{n}": getattr(vae, n, None) for n in ("encoder", "decoder")}
    return parts | {n: p for n, p in halves.items() if isinstance(p, torch.nn.Module)}


def _timestep(given: tuple[Any, ...], named: dict[str, Any]) -> float | None:
    """Which step this call is of: its timestep, the second argument of every denoiser.

    Where each token has its own, what is given from the start has 0 all along: the largest counts.
    """
    at = named.get("timestep", given[1] if len(given) > 1 else named.get("t"))
    return None if at is None else float(at.max() if hasattr(at, "max") else at)


def _total(pipeline: Any) -> int:
    told = getattr(pipeline, "_num_timesteps", 0) or len(pipeline.scheduler.timesteps)
    return max(1, int(told))


def running(
    pipeline: Any,
    denoisers: tuple[str, ...],
    work: Callable[[], Any],
    watch: Watch,
    look: Look | None = None,
) -> Iterator[Progress | Preview | Any]:
    """Progress while ``work`` calls the pipeline on a thread of its own; last, what it gave.

    The caller may leave at any time: the call is then stopped within a step, and waited for.
    Raises Cancelled when a person stopped the take, and whatever the pipeline raises.
    """
    said: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    stop = threading.Event()

    def must_stop() -> bool:
        try:
            watch.check()
        except Cancelled as cancelled:
            said.put(("raised", cancelled))
            return True
        return stop.is_set()

    def call() -> Any:
        with Steps(pipeline, denoisers, must_stop, lambda *word: said.put(word), look):
            return work()

    with ExitStack() as stack:
        denoise = stack.enter_context(ThreadPoolExecutor(1, "denoise"))
        stack.callback(stop.set)
        made = denoise.submit(call)  # keeps whatever is raised there for whoever asks
        made.add_done_callback(lambda done: said.put(("ended", None)))
        yield from _heard(said, watch)
        try:
            yield made.result()
        except Stopped:
            watch.check()
            raise Cancelled("the take was stopped") from None


def _heard(said: queue.SimpleQueue[tuple[str, Any]], watch: Watch) -> Iterator[Progress | Preview]:
    while True:
        try:
            word, body = said.get(timeout=BEAT_S)
        except queue.Empty:
            watch.check()
            continue
        if word == "step":
            step, total = body
            yield Progress(min(1.0, (step - 1) / total), f"step {step} of {total}")
        elif word == "seen":
            yield body
        elif word == "raised":
            raise body
        else:
            return
