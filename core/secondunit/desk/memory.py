"""What memory is free, as it was last seen: looking takes a while, and the desk never waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ..models.machine import Machine

OLD_S = 10.0  # what was seen longer ago is not told any more

Rows = list[dict[str, Any]]


class Sight:
    """Looks in a thread of its own, and only when somebody asked. ``look`` takes the stages."""

    def __init__(self, look: Callable[[dict[str, int]], Rows] | None = None) -> None:
        self._look = look or Machine().told
        self._seen: tuple[float, Rows] | None = None
        self._thread: threading.Thread | None = None

    def told(self, stages: dict[str, int]) -> Rows | None:
        """Each memory as JSON, at most ``OLD_S`` old; None until it was looked: ask again soon."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(
                target=self._see, args=(dict(stages),), name="memory", daemon=True
            )
            self._thread.start()
        seen = self._seen
        return seen[1] if seen and time.monotonic() - seen[0] <= OLD_S else None

    def _see(self, stages: dict[str, int]) -> None:
        rows = self._look(stages)
        self._seen = (time.monotonic(), rows)
