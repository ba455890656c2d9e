"""How much of the computer's memory there is and how much is free, as the system says."""

from __future__ import annotations

import os
from pathlib import Path

_GROUP = Path("/sys/fs/cgroup")
UNKNOWN = 8 << 30  # bytes to go by where the system says nothing


def free_bytes() -> int:
    """Bytes a process may still take without pushing others out; the smallest of what limits it."""
    return max(0, min(free for free in (_system(), _group()) if free is not None))


def all_bytes() -> int:
    """Bytes of memory that processes here may use in all; 0 where the system does not say."""
    try:
        built_in = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        most = (_GROUP / "memory.max").read_text(encoding="ascii").strip()
        return built_in if most == "max" else min(built_in, int(most))
    except (AttributeError, ValueError):
        return 0
    except OSError:
        return built_in


def process_bytes(pid: int) -> int | None:
    """Bytes that a process holds in memory; None where the system does not say."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError, IndexError):
        return None


def _system() -> int:
    """Linux says it exactly; elsewhere half of what is built in, as a cautious guess."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):
        return UNKNOWN


def _group() -> int | None:
    """What a container's limit leaves; None without one."""
    try:
        most = (_GROUP / "memory.max").read_text(encoding="ascii").strip()
        used = (_GROUP / "memory.current").read_text(encoding="ascii").strip()
        return None if most == "max" else int(most) - int(used)
    except (OSError, ValueError):
        return None
