"""A viewport's frames through the daemon and back in toon, at the pace that an artist's hand gives.

Run: python benchmarks/live.py [--seconds 10 --rate 30 --width 640 --height 360]
A camera trucks past twenty balls on a floor; its pictures are made before the clock runs, so that
only the way and the look are measured. Frames are offered at a steady rate, as a viewport redraws.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time

import numpy as np
import psutil
from timed import report

LIMITS = {"between pictures, median, ms": 100.0}
VIEWS = 48


def view(at: float, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """RGBA of 8 bits and metres, seen from ``at`` metres along the path."""
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    rays = np.dstack(
        [(across - width / 2) / width * 1.6, (height / 2 - down) / width * 1.6,
         np.ones((height, width), np.float32)],
    )  # fmt: skip
    eye = np.array((at, 1.5, 0.0), np.float32)
    with np.errstate(divide="ignore"):
        depth = np.where(rays[..., 1] < -0.02, -eye[1] / rays[..., 1], 0).astype(np.float32)
    depth[depth > 60] = 0
    light = np.where(depth > 0, 0.45, 0.75).astype(np.float32)
    tint = np.full((height, width, 3), 0.9, np.float32)
    chance = np.random.default_rng(4)
    square = (rays * rays).sum(-1)
    for _ in range(20):
        centre = chance.uniform((-6, 0.3, 4), (10, 2.0, 14)).astype(np.float32) - eye
        radius, colour = chance.uniform(0.3, 1.0), chance.uniform(0.3, 1.0, 3)
        along = rays @ centre
        under = along**2 - square * (centre @ centre - radius**2)
        hit = (along - np.sqrt(np.maximum(under, 0))) / square
        on = (under > 0) & (hit > 0.1) & ((depth == 0) | (hit < depth))
        turned = (rays[on] * hit[on][:, None] - centre) / radius
        depth[on], tint[on] = hit[on], colour
        light[on] = np.clip(turned @ np.array((-0.5, 0.7, -0.5)), 0.12, 1)
    shown = np.full((height, width, 4), 255, np.uint8)
    shown[..., :3] = np.clip(tint * light[..., None], 0, 1) * 255
    return shown, depth


def moved(seconds: float, rate: float, width: int, height: int) -> dict[str, float]:
    from secondunit_bridge.unit import Unit

    path = np.concatenate([np.linspace(0, 3, VIEWS // 2), np.linspace(3, 0, VIEWS // 2)])
    views = [view(float(at), width, height) for at in path]
    with Unit.connect(host="benchmark", timeout=30) as unit:
        with unit.live("toon", width, height) as live:
            while live.newest() is None:  # until its process is there and warm
                live.offer(*views[0], 0)
                time.sleep(0.05)
            status = unit.status()
            parts = {
                "daemon": status["pid"],
                "stage": status["stages"]["live"],
                "host": os.getpid(),
            }
            watched = {name: psutil.Process(pid) for name, pid in parts.items()}
            before = {name: cpu(one) for name, one in watched.items()}
            began, counts = time.monotonic(), live.counts
            seen, arrived, latencies, offers = 0, [], [], []
            for number in range(1, int(seconds * rate) + 1):
                while (now := time.monotonic()) < began + number / rate:
                    newest = live.newest()
                    if newest is not None and newest.number > seen:
                        seen = newest.number
                        arrived.append(now)
                        latencies.append(newest.seconds)
                    time.sleep(0.002)
                start = time.thread_time()
                live.offer(*views[number % VIEWS], number)
                offers.append(time.thread_time() - start)
            after = live.counts
            spent = time.monotonic() - began
            cores = {name: (cpu(one) - before[name]) / spent for name, one in watched.items()}
        unit.stop_daemon()
    styled = after.styled - counts.styled
    return {
        "pictures a second": styled / spent,
        "offered a second": (after.offered - counts.offered) / spent,
        "dropped": after.dropped - counts.dropped,
        "between pictures, median, ms": statistics.median(np.diff(arrived)) * 1e3,
        "latency, median, ms": statistics.median(latencies) * 1e3,
        "latency, worst, ms": max(latencies) * 1e3,
        "offer, CPU of the host's thread, median, ms": statistics.median(offers) * 1e3,
        **{f"{name}, share of a core": share for name, share in cores.items()},
        "stage, CPU for a picture, ms": cores["stage"] * spent / max(styled, 1) * 1e3,
        "daemon, CPU for a picture, ms": cores["daemon"] * spent / max(styled, 1) * 1e3,
    }


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("--seconds", type=float, default=10)
    told.add_argument("--rate", type=float, default=30)
    told.add_argument("--width", type=int, default=640)
    told.add_argument("--height", type=int, default=360)
    asked = told.parse_args()
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        os.environ |= {"SECONDUNIT_HOME": folder + "/home", "XDG_RUNTIME_DIR": folder}
        figures = moved(asked.seconds, asked.rate, asked.width, asked.height)
    report("live", figures, LIMITS)


if __name__ == "__main__":
    main()
