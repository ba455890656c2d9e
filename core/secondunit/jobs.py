"""The queue: takes that wait, in fair order between clients, and the leases of those being shot.

It lives in memory and is rebuilt from the ledger at start: the ledger is the only state.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """One take to shoot. Inside the daemon only; artists wait for takes."""

    take: str
    turnover: str
    client: str = ""
    priority: int = 0  # higher is shot sooner


@dataclass
class _Line:
    """One client's waiting takes, best first. Cancelled ones stay until they come up."""

    heap: list[tuple[int, int, str]]
    served: int = 0  # tick of the last time this client got its turn


@dataclass(frozen=True)
class Lease:
    """A take that a stage holds for one attempt."""

    job: Job
    stage: str


class Jobs:
    """Highest priority first; among equals the client served longest ago; then in order."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._waiting: dict[str, Job] = {}
        self._suspended: dict[str, Job] = {}
        self._leases: dict[str, Lease] = {}
        self._order = itertools.count(1)
        self._early = itertools.count(-1, -1)
        self._tick = itertools.count(1)

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self._waiting.values()))

    def add(self, job: Job) -> None:
        """Put a take at the end of its client's line."""
        self._enter(job, next(self._order))

    def back(self, take: str) -> Job | None:
        """A lease is over without an outcome: the take is next in its client's line again."""
        lease = self._leases.pop(take, None)
        if lease:
            self._enter(lease.job, next(self._early))
        return lease.job if lease else None

    def next(self, stage: str) -> Job | None:
        """Lease the take whose turn it is to a stage; None when nothing waits."""
        best: tuple[int, int, int, str] | None = None
        for client, line in self._lines.items():
            self._drop_cancelled(line)
            if line.heap:
                urgency, order, _ = line.heap[0]
                key = (urgency, line.served, order, client)
                best = key if best is None or key < best else best
        if best is None:
            return None
        line = self._lines[best[3]]
        line.served = next(self._tick)
        job = self._waiting.pop(heapq.heappop(line.heap)[2])
        if not line.heap and len(self._lines) > 64:  # clients come and go; do not remember all
            del self._lines[best[3]]
        self._leases[job.take] = Lease(job, stage)
        return job

    def done(self, take: str) -> None:
        """The take has an outcome; its lease is over."""
        self._leases.pop(take, None)

    def leased(self, stage: str = "") -> tuple[Job, ...]:
        """Takes a stage holds (or all stages)."""
        return tuple(x.job for x in self._leases.values() if stage in ("", x.stage))

    def lease(self, take: str) -> Lease | None:
        """The lease of a take that is being shot."""
        return self._leases.get(take)

    def find(self, *, take: str = "", turnover: str = "", client: str = "") -> tuple[Job, ...]:
        """Takes that wait, rest or are being shot, by take, by turnover or by client."""
        if take:
            lease = self._leases.get(take)
            found = self._waiting.get(take) or self._suspended.get(take)
            return (found,) if found else (lease.job,) if lease else ()
        return tuple(
            job
            for job in self._all()
            if (turnover and job.turnover == turnover) or (client and job.client == client)
        )

    def waits(self, take: str) -> bool:
        """The take is in line."""
        return take in self._waiting

    def drop(self, take: str) -> bool:
        """Take a waiting or resting take out of the line. False when a stage has it already."""
        gone = self._waiting.pop(take, None) or self._suspended.pop(take, None)
        return gone is not None

    def suspend(self, take: str) -> bool:
        """Let a waiting take rest until it is resumed."""
        job = self._waiting.pop(take, None)
        if job:
            self._suspended[take] = job
        return job is not None

    def rest(self, job: Job) -> None:
        """Enter a take that is suspended already (at start, from the ledger)."""
        self._suspended[job.take] = job

    def resume(self, take: str) -> bool:
        """Put a resting take back into its line."""
        job = self._suspended.pop(take, None)
        if job:
            self.add(job)
        return job is not None

    def _all(self) -> Iterable[Job]:
        leased = (lease.job for lease in self._leases.values())
        return itertools.chain(self._waiting.values(), self._suspended.values(), leased)

    def _enter(self, job: Job, order: int) -> None:
        self._waiting[job.take] = job
        line = self._lines.setdefault(job.client, _Line([]))
        heapq.heappush(line.heap, (-job.priority, order, job.take))

    def _drop_cancelled(self, line: _Line) -> None:
        while line.heap and line.heap[0][2] not in self._waiting:
            heapq.heappop(line.heap)
