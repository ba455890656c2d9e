"""A host asks for the graphics device: it is free within two seconds, or told who is shooting."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import psutil
import pytest
from secondunit_bridge.errors import Locked
from secondunit_bridge.film import Shot, TakeState, Turnover, Work
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.unit import Unit

KEEPER = '''
"""A generator that keeps a model on the device; its brief says how it gives it back."""
import time
import numpy as np
from pathlib import Path
from secondunit.hookspecs import Developed, GeneratorAbout, hookimpl
from secondunit_bridge.film import Work

class Keeper:
    about = GeneratorAbout("keeper", "1", "Keeps three gigabytes.", (Work.insert,))
    kept, manner = 0, ""

    def plan(self, plan, elements):
        return plan

    def run(self, plan, elements, seed, watch):
        self.kept, self.manner = 3_000_000_000, plan.turnover.brief
        for frame in plan.frames:
            for _ in range(4 if self.manner == "slowly" else 0):
                watch.check()
                time.sleep(0.05)
            yield Developed(frame, np.full((plan.height, plan.width, 3), 0.5, np.float32))

    def release(self):
        time.sleep(60 if self.manner == "never lets go" else 0)
        freed, self.kept = self.kept, 0
        return freed

@hookimpl
def secondunit_generators():
    return [Keeper()]
'''


@pytest.fixture
def unit(places: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Unit]:
    (tmp_path / "keeper_unit.py").write_text(KEEPER)
    info = tmp_path / "keeper_unit-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: keeper-unit\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[secondunit]\nkeeper = keeper_unit\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("SECONDUNIT_PLUGINS", "keeper")
    with Unit.connect(host="test", timeout=20) as made:
        yield made
        pid = made.status()["pid"]
        made.stop_daemon()
        deadline = time.monotonic() + 15
        while psutil.pid_exists(pid):  # it still writes into the folder that is removed next
            assert time.monotonic() < deadline, "the daemon is left"
            time.sleep(0.05)


def shoot(unit: Unit, brief: str = "") -> str:
    frames = FrameRange(0, 1, Fraction(24))
    shot = Shot("default", "SQ", uuid.uuid4().hex[:6], uuid.uuid4().hex, frames)
    ask = Turnover(shot, Work.insert, "keeper", brief=brief, width=64, height=36)
    return unit.turn_over(ask)[0]


def wait_for(unit: Unit, take: str, state: TakeState) -> None:
    deadline = time.monotonic() + 30
    while unit.take(take).state is not state:
        assert time.monotonic() < deadline, f"{take} is {unit.take(take).state}"
        time.sleep(0.02)


def ended(unit: Unit, take: str) -> None:
    unit.wait([take], timeout=30)
    deadline = time.monotonic() + 5
    while unit.status()["shooting"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_nothing_is_on_the_device_before_anything_was_shot(unit: Unit):
    assert unit.release_device() == 0


def test_what_a_take_left_on_the_device_is_given_back_at_once_and_comes_back(unit: Unit):
    for _ in range(2):
        ended(unit, shoot(unit))
        started = time.monotonic()
        assert unit.release_device() == 3_000_000_000
        assert time.monotonic() - started < 2
        assert unit.release_device() == 0


def test_while_a_take_is_shot_it_is_refused_and_says_which(unit: Unit):
    take = shoot(unit, "slowly")
    wait_for(unit, take, TakeState.shooting)
    with pytest.raises(Locked, match=take):
        unit.release_device()
    ended(unit, take)
    assert unit.release_device() == 3_000_000_000


def test_a_generator_that_never_lets_go_is_ended_and_the_queue_goes_on(unit: Unit):
    ended(unit, shoot(unit, "never lets go"))
    before, started = unit.status()["stages"], time.monotonic()
    assert unit.release_device() == 0
    assert time.monotonic() - started < 5
    ended(unit, shoot(unit))
    assert unit.status()["stages"] != before
