"""What the daemon adds to a generator: a slate of one second or more, called directly and through.

Run: python benchmarks/overhead.py
Both ways make the same frames safe, keep them in a vault and run every check; the difference is
the daemon: socket, ledger, stage process, progress, previews, events.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import uuid
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from secondunit.plugins import Plugins
from secondunit.stage.orders import Shoot
from secondunit.stage.shoot import shoot
from secondunit_bridge.film import Project, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.unit import Unit
from secondunit_bridge.wire import dumps, plain
from timed import report

TRIPS = 5


class Never:
    def check(self) -> None:
        return


def ask(seed: int) -> Turnover:
    shot = Shot("default", "BENCH", f"{seed:06}", uuid.uuid4().hex, FrameRange(0, 47, Fraction(24)))
    return Turnover(shot, Work.insert, "slate", width=960, height=540, seed=seed)


def directly(store: Path, plugins: Plugins, seed: int) -> float:
    turnover = ask(seed)
    digest = sha256(dumps(plain(turnover))).hexdigest()
    project = Project("default", Fraction(24), 1920, 1080, store=str(store))
    order = Shoot("x.1", digest, 1, seed, 1, turnover, project, str(store))
    start = time.perf_counter()
    shoot(order, plugins, Never(), lambda word, **body: None)
    return time.perf_counter() - start


def through(unit: Unit, seed: int) -> float:
    turnover = ask(seed)
    start = time.perf_counter()
    takes = unit.turn_over(turnover)
    ended = False
    while not ended:
        for event in unit.events():
            entry = event.entry
            ended |= bool(entry and entry.kind == "take" and entry.subject == takes[0])
        time.sleep(0.01)  # looking more often takes time from the take itself
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        os.environ |= {"SECONDUNIT_HOME": folder + "/home", "XDG_RUNTIME_DIR": folder}
        plugins, alone, daemon = Plugins(), [], []
        with Unit.connect(host="benchmark") as unit:
            directly(Path(folder) / "warm", plugins, 0)
            through(unit, 1)  # the stage starts and loads its libraries
            for trip in range(TRIPS):  # alternated: both see the same minutes
                alone.append(directly(Path(folder) / "alone", plugins, 100 + trip))
                daemon.append(through(unit, 200 + trip))
            unit.stop_daemon()
    direct, whole = statistics.median(alone), statistics.median(daemon)
    figures = {
        "generator, contract, vault, checks, s": direct,
        "the same through the daemon, s": whole,
        "overhead, %": 100 * (whole / direct - 1),
    }
    report("overhead", figures, {"overhead, %": 2.0})


if __name__ == "__main__":
    main()
