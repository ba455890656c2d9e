"""Devices that are nothing but budgets: each allocation is checked; memory can run out at will.

For tests of the pool and of whatever runs on it, on a machine without an accelerator.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from .ladder import Step
from .placing import GIGABYTE
from .tiers import Key, Kit, Part, Room, Tier


class OverBudget(AssertionError):
    """More was put on a tier than it holds: whoever asked counts wrongly."""


class RanOut(MemoryError):
    """The device ran out in the middle of something, as real ones do for no reason one can see."""


@dataclass(frozen=True)
class SimulatedPipeline:
    """What stands for a pipeline: the parts it was built from, and the steps in force."""

    kit: str
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    device: SimulatedDevice

    @contextmanager
    def running(self, activation: int) -> Iterator[None]:
        """A run that takes so many bytes beside the weights. Raises RanOut, OverBudget."""
        with self.device.taking(activation, f"a run of {self.kit}"):
            for part in self.parts:
                self.device.touch(part, streamed=part.denoiser and Step.group_offload in self.steps)
            yield


class SimulatedDevice:
    """Implements ``Device`` with two tiers, or with one when ``host`` is 0.

    ``fails`` is asked before each allocation and says whether memory runs out there. ``pause`` is
    called in the middle of every effect, so that threads meet. ``clock`` tells simulated seconds:
    one for a gigabyte from disk, a tenth from the host, or what ``dear`` says for a part's sha.
    """

    memory_errors: tuple[type[BaseException], ...] = (RanOut,)

    def __init__(
        self,
        device: int,
        host: int = 0,
        *,
        name: str = "simulated",
        fails: Callable[[], bool] = lambda: False,
        pause: Callable[[], None] = lambda: None,
        dear: Mapping[str, float] | None = None,
    ) -> None:
        self.name = name
        self._room = Room(device, host)
        self._fails, self._pause, self._dear = fails, pause, dear or {}
        self._now = 0.0
        self._lock = threading.Lock()
        self._there: dict[tuple[Key, Tier], int] = {}
        self._running = 0
        self._high = 0
        self.loads: list[Part] = []  # from disk, in order
        self.drops: list[tuple[Key, Tier]] = []
        self.settled = 0
        self.highest = {Tier.device: 0, Tier.host: 0}

    def clock(self) -> float:
        """Simulated seconds since it was made."""
        return self._now

    def room(self) -> Room:
        """The budgets."""
        return self._room

    def load(self, kit: Kit, part: Part, tier: Tier) -> None:
        """Raises OverBudget, RanOut."""
        self._put(part.key, part.nbytes, tier)
        self._now += self._dear.get(part.key.sha, 1.0) * part.nbytes / GIGABYTE
        self.loads.append(part)

    def raise_up(self, key: Key) -> None:
        """Raises OverBudget, RanOut; KeyError when the host has no copy."""
        self._put(key, self._there[key, Tier.host], Tier.device)
        self._now += 0.1 * self._there[key, Tier.host] / GIGABYTE

    def drop(self, key: Key, tier: Tier) -> None:
        """Raises KeyError when it is not there: the pool counts wrongly."""
        with self._lock:
            del self._there[key, tier]
            self.drops.append((key, tier))
        self._pause()

    @contextmanager
    def assembled(
        self, kit: Kit, parts: Sequence[Part], taken: tuple[Step, ...]
    ) -> Iterator[SimulatedPipeline]:
        """A pipeline whose parts are where they must be. Raises OverBudget when one is not."""
        pipeline = SimulatedPipeline(kit.name, tuple(parts), taken, self)
        for part in parts:
            self.touch(part, streamed=part.denoiser and Step.group_offload in taken)
        yield pipeline

    def begin(self) -> None:
        """Watch from now on."""
        with self._lock:
            self._high = self._running

    def peak(self) -> int:
        """The most that runs took since."""
        with self._lock:
            return self._high

    def settle(self) -> None:
        """Count it."""
        self.settled += 1

    def touch(self, part: Part, *, streamed: bool) -> None:
        """A run reads a part. Raises OverBudget when it is not where it must be."""
        with self._lock:
            where = Tier.host if streamed else Tier.device
            if (part.key, where) not in self._there:
                raise OverBudget(f"{part.name} is used on the {where.value} and is not there")

    @contextmanager
    def taking(self, nbytes: int, what: str) -> Iterator[None]:
        """Bytes taken beside the weights, for a while. Raises OverBudget, RanOut."""
        if self._fails():
            raise RanOut(f"{what}: out of memory")
        with self._lock:
            self._running += nbytes
            self._high = max(self._high, self._running)
            self._check(what)
        try:
            self._pause()
            yield
        finally:
            with self._lock:
                self._running -= nbytes

    def lies(self, tier: Tier) -> dict[Key, int]:
        """What is on a tier, and its bytes."""
        with self._lock:
            return {key: size for (key, where), size in self._there.items() if where is tier}

    def _put(self, key: Key, nbytes: int, tier: Tier) -> None:
        if self._fails():
            raise RanOut(f"{key.sha[:8]}: out of memory")
        with self._lock:
            if (key, tier) in self._there:
                raise OverBudget(f"{key.sha[:8]} is put on the {tier.value} twice")
            self._there[key, tier] = nbytes
            self._check(key.sha[:8])
        self._pause()

    def _check(self, what: str) -> None:
        for tier, room in ((Tier.device, self._room.device), (Tier.host, self._room.host)):
            taken = sum(size for (_, where), size in self._there.items() if where is tier)
            taken += self._running if tier is Tier.device else 0
            self.highest[tier] = max(self.highest[tier], taken)
            if taken > room:
                raise OverBudget(f"{what}: {taken} of {room} bytes on the {tier.value}")
