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
from typing import Any

from secondunit_bridge.errors import Cancelled

from ...hookspecs import Progress, Watch

BEAT_S = 0.2  # between two looks at whether the caller still listens


class Stopped(BaseException):
    """Ends a call in the middle of a step."""


class Steps:
    """Hooks on a pipeline while a call runs: counts steps, and stops it when it must stop.

    ``says(done, total)`` is called at each new step, on the thread that runs the call.
    """

    def __init__(
        self,
        pipeline: Any,
        denoisers: tuple[str, ...],
        must_stop: Callable[[], bool],
        says: Callable[[int, int], None],
    ) -> None:
        self._pipeline, self._denoisers = pipeline, denoisers
        self._must_stop, self._says = must_stop, says
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
            self._says(self.step, _total(self._pipeline))


def _modules(pipeline: Any) -> dict[str, Any]:
    """The parts that run, and the halves of its picture coder: those are not called as a whole."""
    import torch

    parts = {n: p for n, p in pipeline.components.items() if isinstance(p, torch.nn.Module)}
    vae = parts.pop("vae", None)
    halves = {f"vae.{n}": getattr(vae, n, None) for n in ("encoder", "decoder")}
    return parts | {n: p for n, p in halves.items() if isinstance(p, torch.nn.Module)}


def _timestep(given: tuple[Any, ...], named: dict[str, Any]) -> float | None:
    """Which step this call is of: its timestep, the second argument of every denoiser."""
    at = named.get("timestep", given[1] if len(given) > 1 else named.get("t"))
    return None if at is None else float(at.flatten()[0] if hasattr(at, "flatten") else at)


def _total(pipeline: Any) -> int:
    told = getattr(pipeline, "_num_timesteps", 0) or len(pipeline.scheduler.timesteps)
    return max(1, int(told))


def running(
    pipeline: Any, denoisers: tuple[str, ...], work: Callable[[], Any], watch: Watch
) -> Iterator[Progress | Any]:
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
        with Steps(pipeline, denoisers, must_stop, lambda *at: said.put(("step", at))):
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


def _heard(said: queue.SimpleQueue[tuple[str, Any]], watch: Watch) -> Iterator[Progress]:
    while True:
        try:
            word, body = said.get(timeout=BEAT_S)
        except queue.Empty:
            watch.check()
            continue
        if word == "step":
            step, total = body
            yield Progress(min(1.0, (step - 1) / total), f"step {step} of {total}")
        elif word == "raised":
            raise body
        else:
            return
