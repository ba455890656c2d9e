"""What the queue view is told of memory: as the driver says it, and of the computer's own."""

from __future__ import annotations

import os

import pytest
from secondunit.models.machine import computer, devices

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
