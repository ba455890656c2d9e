"""What is free is looked at beside the desk, when somebody asks, and never told when it is old."""

from __future__ import annotations

import threading
import time

from secondunit.desk import memory
from secondunit.desk.memory import Sight

ROW = {"name": "computer", "used": 1, "all": 2, "ours": None, "device": False}


def until(told):
    end = time.monotonic() + 20
    while told() is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    return told()


def test_a_slow_look_holds_nobody_up_and_is_told_when_it_is_done():
    go, stages = threading.Event(), {"shooting": 7}
    seen = []

    def look(asked):
        seen.append(asked)
        go.wait(20)
        return [ROW]

    sight = Sight(look)
    began = time.monotonic()
    assert sight.told(stages) is None
    assert sight.told(stages) is None
    assert time.monotonic() - began < 10
    assert seen == [stages], "one look at a time"
    go.set()
    assert until(lambda: sight.told(stages)) == [ROW]


def test_what_was_seen_long_ago_is_looked_at_again_before_it_is_told(monkeypatch):
    sight = Sight(lambda _: [ROW])
    until(lambda: sight.told({}))
    monkeypatch.setattr(memory, "OLD_S", -1.0)
    assert sight.told({}) is None
