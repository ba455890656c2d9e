"""A client that turns shots over and circles takes until it is killed; run by the kill test.

What the daemon acknowledged is written to a file, one JSON line each, flushed to disk before the
next ask: the test holds the daemon to every line.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import uuid
from fractions import Fraction

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Shot, TakeState, Turnover, Work
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.unit import Unit


def main(acknowledged: str, seed: int) -> None:
    chance = random.Random(seed)
    with open(acknowledged, "a", encoding="utf-8") as file:

        def keep(kind: str, value: str) -> None:
            file.write(json.dumps([kind, value]) + "\n")
            file.flush()
            os.fsync(file.fileno())

        while True:
            try:
                work(chance, keep)
            except SecondUnitError:
                time.sleep(0.05)  # the daemon was just killed; connect again


def work(chance: random.Random, keep) -> None:
    with Unit.connect(host="killed", timeout=20) as unit:
        while True:
            code = f"{chance.randrange(10**9):09}"
            shot = Shot(
                "default", "KILL", code, uuid.uuid4().hex,
                FrameRange(0, chance.randrange(0, 4), Fraction(24)), Handles(1, 1),
            )  # fmt: skip
            ask = Turnover(
                shot, Work.insert, "slate", width=96, height=64, takes=chance.randrange(1, 3)
            )
            for take in unit.turn_over(ask):
                keep("take", take)
            ready = unit.takes(state=TakeState.pending_review, limit=50)
            if ready and chance.random() < 0.5:
                take = chance.choice(ready)
                keep("version", unit.circle(take.id, "Kim").name)
            time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
