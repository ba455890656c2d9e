"""What starting costs: the bridge's import, the daemon's start, its memory, what it loads.

Run: python benchmarks/startup.py
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from secondunit_bridge.connection import Connection
from secondunit_bridge.errors import SecondUnitError
from timed import report

HEAVY = {"torch", "cv2", "opentimelineio", "diffusers", "av", "OpenImageIO", "PyOpenColorIO"}


def cpu_of(code: str, repeats: int = 15) -> float:
    """Median CPU seconds of a fresh Python that runs ``code``."""
    spent = []
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(spent)


def started() -> tuple[float, psutil.Process, Connection]:
    """Seconds from starting the program until it listens; the process; how to reach it."""
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "secondunit", "daemon", "run"])
    while True:
        try:
            found = Connection.live()
        except SecondUnitError:
            time.sleep(0.005)
            continue
        return time.perf_counter() - start, psutil.Process(child.pid), found


def stopped(process: psutil.Process) -> None:
    process.terminate()
    process.wait(10)


def loaded(process: psutil.Process) -> set[str]:
    """Heavy libraries among the files the process has mapped."""
    maps = {Path(m.path).parts for m in process.memory_maps()}
    return {name for name in HEAVY if any(name in parts for parts in maps)}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        os.environ |= {"SECONDUNIT_HOME": folder + "/home", "XDG_RUNTIME_DIR": folder}
        bare, bridge = cpu_of("pass"), cpu_of("import secondunit_bridge.unit")
        listening = []
        for _ in range(5):
            seconds, process, _ = started()
            listening.append(seconds)
            time.sleep(1.5)
            memory, heavy = process.memory_info().rss, loaded(process)
            stopped(process)
    figures = {
        "bridge import above bare Python, CPU ms": (bridge - bare) * 1e3,
        "daemon listening after, ms": statistics.median(listening) * 1e3,
        "idle daemon, MB": memory / 1e6,
        "heavy libraries in the daemon": len(heavy),
    }
    print(json.dumps(sorted(heavy)))
    limits = {
        "bridge import above bare Python, CPU ms": 40.0,
        "daemon listening after, ms": 500.0,
        "idle daemon, MB": 120.0,
        "heavy libraries in the daemon": 0,
    }
    report("startup", figures, limits)


if __name__ == "__main__":
    main()
