"""How every benchmark measures: medians in one run, beside a yardstick of the same run."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any


def median_s(work: Callable[[], object], *, repeats: int, warm: int = 2) -> float:
    """Median wall seconds of one call, after ``warm`` calls that do not count."""
    for _ in range(warm):
        work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def of_process(pid: int) -> float:
    """CPU seconds of all threads of a process, so far. Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    libraries = {name: version(name) for name in ("pyzmq", "numpy", "SQLAlchemy")}
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        **libraries,
    }


def report(name: str, figures: dict[str, Any], limits: dict[str, float]) -> None:
    """Print the figures with their limits as a table and as one JSON line; exit 1 over a limit."""
    over = []
    print(f"{name}  ({machine()['cores']} cores, load {machine()['load']:.1f})")
    for key, value in figures.items():
        limit = limits.get(key)
        late = limit is not None and value > limit
        over += [key] if late else []
        shown = f"{value:,.3f}" if isinstance(value, float) else str(value)
        goal = "" if limit is None else f"   limit {limit:g}{'   OVER' if late else ''}"
        print(f"  {key:<44} {shown:>14}{goal}")
    print(json.dumps({"benchmark": name, "figures": figures, "machine": machine()}))
    sys.exit(1 if over else 0)
