"""Submit -> acknowledged, with and without durability; and 10,000 waiting takes.

Run: python benchmarks/submit.py
The best of five short runs: on shared cores a whole run falls into a fast or a slow mode of the
scheduler. The yardstick is ``status``, the smallest question, over the same socket. The daemon's
own processor time for a submit is the figure that other work on the machine disturbs least.
"""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import time
import uuid
from dataclasses import dataclass
from fractions import Fraction

from secondunit_bridge.film import Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.unit import Unit
from timed import of_process, report

RUNS, ASKS, QUEUED = 5, 200, 10_000


def ask(code: str, takes: int = 1) -> Turnover:
    shot = Shot("default", "BENCH", code, uuid.uuid4().hex, FrameRange(0, 9, Fraction(24)))
    return Turnover(shot, Work.insert, "slate", width=64, height=64, takes=takes)


def times(work, count: int) -> list[float]:
    spent = []
    for _ in range(count):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return spent


@dataclass(frozen=True)
class Submits:
    """Seconds: medians of the best run, the 99th percentile of all, the daemon's own time."""

    ping: float
    submit: float
    slowest: float
    daemon: float


def submits(durability: str) -> Submits:
    """The smallest question and a submit, again and again."""
    os.environ["SECONDUNIT_DURABILITY"] = durability
    codes = iter(range(10**6))
    pings, medians, all_times, used = [], [], [], []
    with Unit.connect(host="benchmark") as unit:
        hold_stage(unit)
        daemon = unit.status()["pid"]
        for _ in range(RUNS):
            pings.append(statistics.median(times(unit.status, ASKS)))
            asks = iter([ask(f"{durability}{next(codes):06}") for _ in range(ASKS)])
            before = of_process(daemon)
            spent = times(lambda asks=asks: unit.turn_over(next(asks)), ASKS)
            used.append((of_process(daemon) - before) / ASKS)
            medians.append(statistics.median(spent))
            all_times += spent
        unit.stop_daemon()
    slowest = sorted(all_times)[int(len(all_times) * 0.99)]
    return Submits(min(pings), min(medians), slowest, statistics.median(used))


def long_take() -> Turnover:
    shot = Shot("default", "BENCH", "long", uuid.uuid4().hex, FrameRange(0, 9999, Fraction(24)))
    return Turnover(shot, Work.insert, "slate", width=1920, height=1080)


def hold_stage(unit: Unit) -> None:
    """Give the stage a take and stop its process: asking is measured alone, not beside shooting."""
    (held,) = unit.turn_over(long_take())
    while unit.take(held).state.value == "waiting":
        time.sleep(0.05)
    os.kill(unit.status()["stages"]["stage"], signal.SIGSTOP)


def queued() -> tuple[float, float]:
    """Seconds to list 10,000 waiting takes, and to cancel one of them."""
    os.environ["SECONDUNIT_DURABILITY"] = "off"
    with Unit.connect(host="benchmark") as unit:
        hold_stage(unit)
        last = ""
        for index in range(QUEUED // 50):
            last = unit.turn_over(ask(f"q{index:06}", takes=50))[-1]
        assert len(unit.queue()) >= QUEUED
        listing = min(times(unit.queue, 5))
        (cancelling,) = times(lambda: unit.cancel(take=last, by="benchmark"), 1)
        unit.cancel(client="benchmark")
        unit.stop_daemon()
    return listing, cancelling


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        os.environ |= {
            "XDG_RUNTIME_DIR": folder,
            "SECONDUNIT_MAX_WAITING": "100000",
            "SECONDUNIT_STAGE_SILENCE_S": "3600",
        }
        os.environ["SECONDUNIT_HOME"] = folder + "/fast"
        loose = submits("off")
        os.environ["SECONDUNIT_HOME"] = folder + "/full"
        durable = submits("full")
        os.environ["SECONDUNIT_HOME"] = folder + "/queue"
        listing, cancelling = queued()
    figures = {
        "smallest question, us": loose.ping * 1e6,
        "submit, not durable, us": loose.submit * 1e6,
        "the daemon's processor time in it, us": loose.daemon * 1e6,
        "submit / smallest question": loose.submit / loose.ping,
        "submit, durable, ms": durable.submit * 1e3,
        "submit, durable, 99th percentile, ms": durable.slowest * 1e3,
        "list 10,000 waiting takes, ms": listing * 1e3,
        "cancel one of 10,000, ms": cancelling * 1e3,
    }
    limits = {
        "submit, not durable, us": 150.0,
        "submit, durable, ms": 10.0,
        "list 10,000 waiting takes, ms": 50.0,
        "cancel one of 10,000, ms": 50.0,
    }
    report("submit", figures, limits)


if __name__ == "__main__":
    main()
