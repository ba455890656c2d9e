"""What left the machine is a fact of the record: heard in the stage, asked by the gate, told."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from paper_cut import gathered, wish
from secondunit.packet.build import story_of
from secondunit.packet.sections_people import security
from secondunit.packet.sections_rights import tools
from secondunit.packet.uses import taken_use
from secondunit.rights import Policy, evaluate
from secondunit.stage.egress import outside

LISTENER = """
import socket, sys
from secondunit.stage.egress import Watchman
watchman = Watchman()
watchman.stand()
with socket.socket() as here, socket.socket() as there:
    here.bind(("127.0.0.1", 0))
    here.listen()
    there.connect(here.getsockname())
socket.getaddrinfo("localhost", 80)
print(watchman.seen())
sys.audit("socket.connect", None, ("203.0.113.7", 443))  # as Python tells, and nothing is sent
sys.audit("socket.getaddrinfo", "hub.example", 443, 0, 0, 0)
print(watchman.seen())
print(watchman.seen())
"""


def test_a_connection_beyond_this_machine_is_heard_and_one_within_is_not():
    said = subprocess.run([sys.executable, "-c", LISTENER], capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert said.stdout.splitlines() == ["()", "('203.0.113.7:443', 'hub.example:443')", "()"]


@pytest.mark.parametrize(
    ("host", "beyond"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", False),
     ("192.168.1.4", True), ("fe80::1%eth0", True), ("kitsu.studio", True)],
)  # fmt: skip
def test_this_machine_s_own_addresses_are_not_beyond_it(host: str, beyond: bool):
    assert outside(host) is beyond


@pytest.mark.parametrize("kind", ["previs", "temp", "final"])
def test_a_take_that_connected_is_stopped_by_the_gate_whatever_it_is_for(tmp_path: Path, kind: str):
    found = gathered(tmp_path, 3, 1)
    (one,) = found.made
    told = {**one.taken["generation"], "egress": ["203.0.113.7:443"]}
    for taken, rules in ((one.taken, []), ({**one.taken, "generation": told}, ["R12"])):
        use = taken_use(one.turnover, taken, kind, found.register, (), "Kim")
        said = evaluate(use, found.register, Policy(), date(2026, 11, 22))
        assert [each.rule for each in said if each.rule == "R12" and each.stops] == rules


def test_the_packet_tells_what_is_on_record_and_no_more(tmp_path: Path):
    found = gathered(tmp_path, 3, 2)
    story = story_of(found, wish(tmp_path), ())
    assert dict(security(story).facts)["Network, as recorded"].endswith(
        "by the 2 takes in this cut."
    )
    first, second = found.made
    reached = {**first.generation, "daemon": {**first.generation["daemon"], "egress": "hub:443"}}
    found = replace(found, made=(replace(first, generation=reached), second))
    story = story_of(found, wish(tmp_path), ())
    told = dict(security(story).facts)["Network, as recorded"]
    assert told == "1 of 2 takes connected beyond this machine: hub:443."
    assert [row[-1] for row in tools(story).tables[0].rows] == ["hub:443", "no"]
