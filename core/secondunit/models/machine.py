"""What memory is taken while takes are shot: of the computer, and of its graphics devices.

Devices are asked through ``nvidia-smi``, which comes with their driver: this process loads no model
library and must not open the device itself.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from dataclasses import asdict
from typing import Any

from secondunit_bridge.memory import Memory

from .hostmemory import all_bytes, free_bytes, process_bytes

PROGRAM = "nvidia-smi"
DEVICES = ("--query-gpu=index,name,memory.used,memory.total", "--format=csv,noheader,nounits")
SHARES = ("--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits")
FRESH_S = 2.0  # for how long an answer is given again
_PATIENCE_S = 5.0


class Machine:
    """Memories as they were at most ``FRESH_S`` ago. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at, self._told = float("-inf"), list[dict[str, Any]]()

    def told(self, stages: dict[str, int]) -> list[dict[str, Any]]:
        """Devices first, then the computer, as JSON. ``stages`` are process ids by name."""
        with self._lock:
            if time.monotonic() - self._at >= FRESH_S:
                pids = set(stages.values())
                found = [*devices(_said(DEVICES), _said(SHARES), pids), computer(pids)]
                self._told = [asdict(one) for one in found if one.all]
                self._at = time.monotonic()
            return self._told


def computer(pids: set[int]) -> Memory:
    """The computer's own memory. ``all`` is 0 where the system does not say."""
    held = [size for pid in pids if (size := process_bytes(pid)) is not None]
    built_in = all_bytes()
    used = max(0, built_in - free_bytes())
    return Memory("computer", used, built_in, sum(held) if len(held) == len(pids) else None)


def devices(said: str, shares: str, pids: set[int]) -> list[Memory]:
    """Graphics devices as the driver's program tells them, in MiB, one a line; a line that cannot
    be read is left out. Of several devices nobody says which one a process holds its share of.
    """
    rows = [row for row in map(_device, said.splitlines()) if row]
    ours: int | None = 0
    for line in shares.splitlines():
        pid, _, mib = (part.strip() for part in line.partition(","))
        if pid.isdecimal() and int(pid) in pids:
            ours = ours + (int(mib) << 20) if mib.isdecimal() and ours is not None else None
    alone = ours if len(rows) == 1 else None
    return [Memory(name, used, of_all, alone, device=True) for name, used, of_all in rows]


def _device(line: str) -> tuple[str, int, int] | None:
    _, _, rest = line.partition(",")
    parts = [part.strip() for part in rest.rsplit(",", 2)]
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        return None
    return parts[0], int(parts[1]) << 20, int(parts[2]) << 20


def _said(words: tuple[str, ...]) -> str:
    """What the program prints; nothing where there is none, or it fails."""
    program = shutil.which(PROGRAM)
    if program is None:
        return ""
    try:
        ran = subprocess.run(
            [program, *words], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout if ran.returncode == 0 else ""
