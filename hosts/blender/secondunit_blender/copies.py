"""Copies of the .blend that background Blenders render from, and those a killed Blender left.

A copy is removed when the last shot that is rendered from it ends. A Blender that was killed cannot
do that: its copies go when this file is opened the next time, or the next shot is ordered.
"""

from __future__ import annotations

import os
import re
import socket
import time
from contextlib import suppress
from pathlib import Path

from .collect.metering import kept_beside
from .place.grey import PASSES
from .productions import folder_beside

_OLD_S = 2 * 24 * 3600.0  # from a machine whose processes cannot be asked for: surely forgotten
_NAME = re.compile(r"file_(?P<host>[A-Za-z0-9-]*)_(?P<pid>\d+)_[0-9a-f]+\.blend")


def fresh_copy(blend: str) -> Path:
    """Where the next copy of a file goes; its name says which Blender it belongs to."""
    name = f"file_{_host()}_{os.getpid()}_{time.time_ns():x}.blend"
    return folder_beside(blend) / PASSES / name


def clear_copies(blend: str) -> int:
    """Remove the copies of Blenders that no longer run; how many. Never raises."""
    count = 0
    with suppress(OSError):  # nothing was ever rendered there, or the disk is gone
        for path in (folder_beside(blend) / PASSES).glob("file_*.blend"):
            if _forgotten(path):
                path.unlink()
                kept_beside(str(path)).unlink(missing_ok=True)
                count += 1
    return count


def _forgotten(path: Path) -> bool:
    made = _NAME.fullmatch(path.name)
    if made and made["host"] == _host() and os.name == "posix":
        return not _runs(int(made["pid"]))
    return time.time() - path.stat().st_mtime > _OLD_S


def _runs(pid: int) -> bool:
    """Only for POSIX: on Windows signal 0 is not harmless."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's process
        return True
    return True


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())
