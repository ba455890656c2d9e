"""What the queue view is told: memory as the driver says it, and how long takes will need."""

from __future__ import annotations

import os
from fractions import Fraction

import pytest
from secondunit.web.machine import computer, devices
from secondunit.web.pace import Size, expected, paces
from secondunit_bridge.film import Project, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange, Handles

RATE = Fraction(24)
ONE = "0, NVIDIA H100 80GB HBM3, 12034, 81559\n"
TWO = ONE + "1, NVIDIA L4, 100, 23034\n"


def test_a_device_is_told_with_what_our_stages_hold_of_it() -> None:
    (one,) = devices(ONE, "4711, 9000\n99, 3000\n", {4711})
    assert (one.name, one.device) == ("NVIDIA H100 80GB HBM3", True)
    assert (one.used >> 20, one.all >> 20, (one.ours or 0) >> 20) == (12034, 81559, 9000)
    assert devices(ONE, "99, 3000\n", {4711})[0].ours == 0


@pytest.mark.parametrize("said", ["", "No devices were found\n", "0, Thing, [N/A], [N/A]\n"])
def test_what_the_driver_does_not_say_is_left_out(said: str) -> None:
    assert devices(said, "", {1}) == []


def test_of_several_devices_or_hidden_shares_nobody_claims_which_is_ours() -> None:
    assert [one.ours for one in devices(TWO, "4711, 9000\n", {4711})] == [None, None]
    assert devices(ONE, "4711, [N/A]\n", {4711})[0].ours is None


def test_the_computers_own_memory_holds_what_this_process_holds() -> None:
    mine = computer({os.getpid()})
    assert 0 < (mine.ours or 0) < mine.all
    assert 0 < mine.used <= mine.all
    assert computer({2**22 + 1}).ours is None  # a process that is gone


def asked(frames: int, generator: str = "slate", **more: int) -> Turnover:
    cut = FrameRange(0, frames - 1, RATE)
    shot = Shot("p", "S", "0010", "g", cut, Handles(0, 0))
    return Turnover(shot, Work.insert, generator, **more)


def test_twice_the_frames_or_pixels_take_twice_as_long_and_odd_takes_do_not_count() -> None:
    project = Project("p", RATE, 1000, 1000)
    done = [(Size.of(asked(10), project), seconds) for seconds in (5.0, 5.2, 90.0, 4.9, 5.1)]
    known = paces(done)
    assert expected(Size.of(asked(20), project), known) == pytest.approx(10.2)
    large = asked(10, width=2000, height=1000)
    assert expected(Size.of(large, project), known) == pytest.approx(10.2)
    assert expected(Size.of(asked(10, "never"), project), known) is None
    assert paces([(Size.of(asked(10), None), 0.0)]) == {}


def test_a_generator_that_got_quicker_is_judged_by_its_latest_takes() -> None:
    size = Size("slate", 10.0)
    known = paces([(size, 100.0)] * 30 + [(size, 10.0)] * 12)
    assert expected(size, known) == 10.0
