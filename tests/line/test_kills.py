"""kill -9 of daemon, stage and client at random: nothing promised is lost or half done."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from secondunit.ledger import Ledger
from secondunit_bridge.film import TakeState
from secondunit_bridge.places import runtime, slot_folder
from secondunit_bridge.unit import Unit

SHARES = {"daemon": 0.42, "client": 0.42, "stage": 0.16}  # of the kills
WORKED = 20  # kills; after so many the line is left alone until a client holds one version more
PATIENCE_S = 60  # for a victim, or for that version, on a busy machine
CLIENT = Path(__file__).with_name("kill_client.py")
OVER = {
    TakeState.pending_review, TakeState.blocked, TakeState.junk, TakeState.circled,
    TakeState.failed, TakeState.cancelled,
}  # fmt: skip


def ours(home: Path) -> list[psutil.Process]:
    """Every process of this test's home, found by its environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("SECONDUNIT_HOME") == str(home) and process.pid != os.getpid():
                found.append(process)
    return found


def victim(kind: str, home: Path) -> psutil.Process | None:
    words = {"daemon": "daemon", "stage": "secondunit.stage", "client": CLIENT.name}
    for process in ours(home):
        with contextlib.suppress(psutil.Error):
            if any(words[kind] in word for word in process.cmdline()):
                return process
    return None


def promised(acknowledged: Path, kind: str) -> set[str]:
    """The takes or versions that a client was told of; a last line cut off by a kill is none."""
    lines = acknowledged.read_text().splitlines()
    told = [json.loads(line) for line in lines if line.endswith("]")]
    return {value for word, value in told if word == kind}


class Clients:
    """One client at a time; the next begins where the last was killed."""

    def __init__(self, acknowledged: Path, chance: random.Random) -> None:
        self.acknowledged, self.chance = acknowledged, chance
        self.process: subprocess.Popen[bytes] | None = None

    def keep_one(self) -> None:
        if self.process is None or self.process.poll() is not None:
            seed = str(self.chance.randrange(10**6))
            self.process = subprocess.Popen(
                [sys.executable, str(CLIENT), str(self.acknowledged), seed]
            )

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def until(clients: Clients, there) -> bool:
    """Keep a client at work until that is so, or patience ends."""
    most = time.monotonic() + PATIENCE_S
    while time.monotonic() < most:
        clients.keep_one()
        if there():
            return True
        time.sleep(0.02)
    return False


def kill_rounds(
    home: Path, acknowledged: Path, chance: random.Random, count: int
) -> dict[str, int]:
    """Kill as the deck says; now and then let a version be promised first, or none would be lost.

    On a busy machine a stage lives for moments and nothing is published between two kills: so
    each victim is waited for.
    """
    deck = [kind for kind, share in SHARES.items() for _ in range(round(share * count))]
    chance.shuffle(deck)
    killed = {"daemon": 0, "stage": 0, "client": 0}
    clients = Clients(acknowledged, chance)
    try:
        for index, kind in enumerate(deck):
            clients.keep_one()
            time.sleep(chance.uniform(0.05, 0.5))
            if index % WORKED == WORKED - 1:
                had = len(promised(acknowledged, "version"))
                until(clients, lambda: len(promised(acknowledged, "version")) > had)  # noqa: B023 - asked at once
            if not until(clients, lambda: victim(kind, home)):  # noqa: B023 - asked at once
                continue
            process = victim(kind, home)
            if process is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
                    killed[kind] += 1
    finally:
        clients.end()
    return killed


def settle(unit: Unit, takes: set[str]) -> dict[str, TakeState]:
    """Wait until every take has an outcome."""
    deadline = time.monotonic() + 120
    states: dict[str, TakeState] = {}
    while time.monotonic() < deadline:
        states = {take: unit.take(take).state for take in takes}
        if all(state in OVER for state in states.values()):
            return states
        time.sleep(0.5)
    return states


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("count", [31, pytest.param(200, marks=pytest.mark.long)])
def test_kills_at_random_lose_nothing_and_leave_nothing_behind(
    places: Path, tmp_path: Path, count: int
):
    acknowledged = tmp_path / "acknowledged.jsonl"
    acknowledged.touch()
    killed = kill_rounds(places, acknowledged, random.Random(7), count)
    assert sum(killed.values()) > 0.95 * count - 1, killed
    assert killed["stage"] > 0.1 * count, killed
    takes, versions = promised(acknowledged, "take"), promised(acknowledged, "version")
    assert len(takes) > 0.15 * count
    assert len(versions) > count // 55
    with Unit.connect(host="judge", timeout=30) as unit:
        states = settle(unit, takes)
        assert set(states.values()) <= OVER, "an acknowledged take never came to an end"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            published = unit.versions()
            circled = unit.takes(state=TakeState.circled, limit=2000)
            if len(published) >= len(circled):
                break
            time.sleep(0.5)
        assert versions <= {version.name for version in published}
        for version in published:
            check_whole(Path(version.path), version.record)
        known = {Path(version.path) for version in published}
        unit.stop_daemon()
    store = places / "projects" / "default"
    visible = {folder for folder in store.glob("KILL/*/*") if not folder.name.startswith(".")}
    assert visible == known, "a version is visible that the ledger does not know"
    wait_gone(places)
    assert ours(places) == [], "an orphan process is left"
    left = [p.name for p in runtime().rglob("*") if p.suffix == ".sock"]
    left += [p.name for p in slot_folder(0).glob("slot-*")]
    assert left == [], "a socket or slot file is left"
    ledger = Ledger(places / "ledger.sqlite")
    assert ledger.verify() == ()
    ledger.close()


def check_whole(folder: Path, record: str) -> None:
    from hashlib import sha256

    data = (folder / "record.json").read_bytes()
    assert sha256(data).hexdigest() == record
    for frame in json.loads(data)["frames"]:
        assert sha256((folder / frame["file"]).read_bytes()).hexdigest() == frame["sha256"]


def wait_gone(home: Path) -> None:
    deadline = time.monotonic() + 10
    while ours(home) and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.mark.parametrize("kind", ["daemon", "stage"])
def test_a_turnover_survives_one_kill_in_mid_take(places: Path, kind: str, tmp_path: Path):
    from fractions import Fraction

    from secondunit_bridge.film import Shot, Turnover, Work
    from secondunit_bridge.timing import FrameRange, Handles

    shot = Shot("default", "ONE", "0010", "guid-1", FrameRange(0, 47, Fraction(24)), Handles(8, 8))
    ask = Turnover(shot, Work.insert, "slate", width=640, height=360)
    with Unit.connect(host="test", timeout=20) as unit:
        (take,) = unit.turn_over(ask)
        while unit.take(take).state is not TakeState.shooting:
            time.sleep(0.02)
        process = victim(kind, places)
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
    with Unit.connect(host="test", timeout=20) as unit:
        (done,) = unit.wait((take,), timeout=60)
        assert done.state is TakeState.pending_review
        assert done.media is not None
        assert len(done.media.digests) == 64
        unit.stop_daemon()
    wait_gone(places)
    assert ours(places) == []
