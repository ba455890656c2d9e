"""A lock on an open file that the system lets go when its process dies."""

from __future__ import annotations

import sys


def locked(handle: int) -> bool:
    """Lock it for this process alone, until it is closed; False when another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
