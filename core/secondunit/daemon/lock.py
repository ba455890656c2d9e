"""One daemon at a time for one home: a lock that the system lets go when the daemon dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from secondunit_bridge.errors import Locked
from secondunit_bridge.locks import locked


@contextmanager
def only_one(runtime: Path) -> Iterator[None]:
    """Hold the runtime folder's lock. Raises Locked when another daemon holds it."""
    handle = os.open(runtime / "daemon.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not locked(handle):
            raise Locked(
                "a daemon runs already for this home",
                hint="`secondunit daemon status` shows it; `secondunit daemon stop` ends it.",
            )
        yield
    finally:
        os.close(handle)
