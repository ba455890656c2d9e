"""Tells plug-ins what has become durable: each on a thread of its own, so that nobody waits."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from secondunit_bridge.film import Entry

from ..plugins import Answered, Plugins, said

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
    """One plug-in that listens. Its thread starts with the first entry."""

    def __init__(self, name: str, hear: Callable[[Entry], Answered[object]]) -> None:
        self._name, self._hear = name, hear
        self._waiting: queue.Queue[Entry | None] = queue.Queue(MOST)
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._at: tuple[int, float] | None = None  # the entry it is told now, and since when
        self._slow, self._deaf = 0, 0  # entries for which it was said to be slow, and to miss
        self._thread = threading.Thread(target=self._work, name=f"{name} listens", daemon=True)

    def tell(self, entry: Entry) -> None:
        if not self._thread.is_alive() and self._thread.ident is None:
            self._thread.start()
        try:
            self._waiting.put_nowait(entry)
        except queue.Full:
            if not self._deaf:
                self._say(f"is told nothing from entry {entry.number} on: {MOST:,} wait for it")
            self._deaf = entry.number
        else:
            self._deaf = 0

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
        with suppress(queue.Full):
            self._waiting.put_nowait(None)

    def join(self, seconds: float) -> None:
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _work(self) -> None:
        while (entry := self._waiting.get()) is not None:
            self._at = entry.number, time.monotonic()
            answer = self._hear(entry)
            self._at = None
            if answer.raised is not None:
                self._say(f"failed on entry {entry.number}: {said(answer.raised)}")

    def _say(self, what: str) -> None:
        self._said.put(f"the plug-in {self._name} {what}")
