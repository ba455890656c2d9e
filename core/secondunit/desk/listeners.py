"""Tells plug-ins what has become durable: each on a thread of its own, so that nobody waits."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable

from secondunit_bridge.film import Entry

from ..plugins import Answered, Plugins, said

MOMENT_S = 0.05  # entries are gathered for so long before a listener is woken
MOST = 10_000  # entries that wait for one listener; one that is slower is told no more of them
SLOW_S = 30.0  # a listener that takes so long for an entry is named in the log
PARTING_S = 2.0  # what is still to be told when the daemon ends is told for so long


class Listeners:
    """Used from the daemon's loop. Entries are told in order; a plug-in catches up by itself."""

    def __init__(self, plugins: Plugins) -> None:
        self._ears = [_Ear(name, hear) for name, hear in plugins.listeners()]

    def tell(self, entry: Entry) -> None:
        """An entry is durable. Returns at once."""
        for ear in self._ears:
            ear.tell(entry)

    def troubles(self) -> list[str]:
        """What went wrong since the last call, in sentences for the log."""
        return [trouble for ear in self._ears for trouble in ear.troubles()]

    def close(self) -> None:
        """Tell what waits, for two seconds at most for all of them."""
        end = time.monotonic() + PARTING_S
        for ear in self._ears:
            ear.close()
        for ear in self._ears:
            ear.join(max(0.0, end - time.monotonic()))


class _Ear:
    """One plug-in that listens. Its thread starts with the first entry.

    It is woken once for all entries of a moment: waking a thread for each of them would cost the
    loop more than answering the ask.
    """

    def __init__(self, name: str, hear: Callable[[Entry], Answered[object]]) -> None:
        self._name, self._hear = name, hear
        self._waiting: deque[Entry] = deque()
        self._called, self._over = threading.Event(), threading.Event()
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._at: tuple[int, float] | None = None  # the entry it is told now, and since when
        self._slow, self._deaf = 0, 0  # entries for which it was said to be slow, and to miss
        self._thread: threading.Thread | None = None

    def tell(self, entry: Entry) -> None:
        if len(self._waiting) >= MOST:
            if not self._deaf:
                self._say(f"is told nothing from entry {entry.number} on: {MOST:,} wait for it")
            self._deaf = entry.number
            return
        self._deaf = 0
        self._waiting.append(entry)
        if self._thread is None:
            name = f"{self._name} listens"
            self._thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._thread.start()
        if not self._called.is_set():
            self._called.set()

    def troubles(self) -> list[str]:
        at = self._at
        if at and at[0] != self._slow and time.monotonic() - at[1] > SLOW_S:
            self._slow = at[0]
            self._say(f"has been busy with entry {at[0]} for {SLOW_S:.0f} s: others wait for it")
        found = []
        while not self._said.empty():
            found.append(self._said.get())
        return found

    def close(self) -> None:
        self._over.set()
        self._called.set()

    def join(self, seconds: float) -> None:
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self) -> None:
        while not self._over.is_set():
            self._called.wait()
            self._over.wait(MOMENT_S)
            self._called.clear()  # before what waits is taken: what comes now calls again
            while self._waiting:
                self._hear_of(self._waiting.popleft())

    def _hear_of(self, entry: Entry) -> None:
        self._at = entry.number, time.monotonic()
        answer = self._hear(entry)
        self._at = None
        if answer.raised is not None:
            self._say(f"failed on entry {entry.number}: {said(answer.raised)}")

    def _say(self, what: str) -> None:
        self._said.put(f"the plug-in {self._name} {what}")
