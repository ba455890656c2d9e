"""One daemon at a time for one home: a lock that the system lets go when the daemon dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from secondunit_bridge.errors import Locked


@contextmanager
def only_one(runtime: Path) -> Iterator[None]:
    """Hold the runtime folder's lock. Raises Locked when another daemon holds it."""
    handle = os.open(runtime / "daemon.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(handle)
    except OSError:
        os.close(handle)
        raise Locked(
            "a daemon runs already for this home",
            hint="`secondunit daemon status` shows it; `secondunit daemon stop` ends it.",
        ) from None
    try:
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
