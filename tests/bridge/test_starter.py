"""A host that finds no daemon starts one; however many try, there is one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from secondunit_bridge.connection import Connection, connection_file, process_started
from secondunit_bridge.errors import DaemonUnavailable, NotPermitted, SecondUnitError
from secondunit_bridge.unit import Unit

DAEMON = Path(__file__).with_name("fake_daemon.py")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")


def test_a_host_that_forgets_to_hang_up_ends_without_a_word(home: Path) -> None:
    forget = "from secondunit_bridge.unit import Unit; unit = Unit.connect(); unit.hello()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", forget],
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")


@pytest.fixture
def home(places: Path, monkeypatch) -> Iterator[Path]:
    """A home whose daemon is the stand-in; whatever was started is ended afterwards."""
    python = places / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{DAEMON}" "$@"\n')
    python.chmod(0o700)
    monkeypatch.setenv("SECONDUNIT_PYTHON", str(python))
    yield places
    for pid in starts(places):
        if process_started(pid):
            os.kill(pid, 9)
    end = time.monotonic() + 5
    while any(map(process_started, starts(places))) and time.monotonic() < end:
        time.sleep(0.01)


def starts(home: Path) -> list[int]:
    file = home / "starts"
    return [int(line.split()[0]) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_daemon_is_started_detached_and_what_was_done_is_said(home: Path) -> None:
    with Unit.connect(host="test") as unit:
        pid = unit.hello().pid
        assert unit.said == (
            f"Started the daemon (process {pid}); its log is {home / 'logs' / 'daemon.log'}.",
        )
    assert starts(home) == [pid]
    assert (home / "starts").read_text().endswith("-m secondunit daemon run\n")
    assert os.getsid(pid) == pid != os.getsid(0)
    assert (home / "logs" / "daemon.log").stat().st_mode & 0o777 == 0o600
    with Unit.connect(host="test") as again:
        assert again.said == ()
        assert again.hello().pid == pid


def test_none_is_started_when_that_was_not_asked(home: Path) -> None:
    with pytest.raises(DaemonUnavailable, match="no daemon runs"):
        Unit.connect(start=False)
    assert starts(home) == []


def test_hosts_that_start_at_once_end_with_one_daemon(home: Path) -> None:
    connect = (
        "import sys; from secondunit_bridge.unit import Unit; sys.stdin.readline()\n"
        "unit = Unit.connect(); print(unit.hello().pid, len(unit.said)); unit.close()"
    )
    hosts = [
        subprocess.Popen(
            [sys.executable, "-c", connect], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(5)
    ]
    for host in hosts:
        assert host.stdin
        host.stdin.write(b"go\n")
        host.stdin.flush()
    told = [host.communicate(timeout=30)[0].split() for host in hosts]
    assert len(starts(home)) == 1
    assert {int(pid) for pid, _ in told} == set(starts(home))
    assert sum(int(said) for _, said in told) == 1


def test_the_daemon_outlives_the_host_that_started_it(home: Path) -> None:
    connect = "from secondunit_bridge.unit import Unit; Unit.connect().close()"
    subprocess.run([sys.executable, "-W", "error", "-c", connect], check=True, timeout=30)
    assert Connection.live().pid == starts(home)[0]


def test_a_stale_file_of_a_killed_daemon_is_no_obstacle(home: Path) -> None:
    with Unit.connect() as unit:
        first = unit.hello().pid
    os.kill(first, 9)
    with Unit.connect() as unit:
        assert unit.hello().pid == starts(home)[-1] != first


def test_a_daemon_that_crashes_is_started_again_when_somebody_asks(home: Path) -> None:
    with Unit.connect() as unit:
        first = unit.hello().pid
        os.kill(first, 9)
        second = unit.hello().pid
        assert starts(home) == [first, second]
        assert len(unit.said) == 2


def test_a_daemon_that_was_stopped_stays_stopped(home: Path) -> None:
    with Unit.connect() as unit, Unit.connect() as other:
        pid = unit.hello().pid
        other.stop_daemon()
        end = time.monotonic() + 5
        while process_started(pid) and time.monotonic() < end:
            time.sleep(0.01)
        with pytest.raises(DaemonUnavailable, match="no daemon runs"):
            unit._ask("status", {}, timeout=0.5)
    assert starts(home) == [pid]


def test_a_daemon_that_cannot_start_says_why_in_its_own_words(home: Path) -> None:
    (home / "how").write_text("fail")
    began = time.monotonic()
    with pytest.raises(DaemonUnavailable, match=r"exit code 1\): ExtraMissing: pluggy") as failed:
        Unit.connect()
    assert time.monotonic() - began < 8
    assert "SECONDUNIT_PYTHON" in failed.value.hint
    assert failed.value.data["log"].endswith("daemon.log")


def test_a_home_that_cannot_be_made_is_said(home: Path, monkeypatch) -> None:
    (home / "file").touch()
    monkeypatch.setenv("SECONDUNIT_HOME", str(home / "file" / "home"))
    with pytest.raises(NotPermitted, match="cannot be written") as refused:
        Unit.connect()
    assert "SECONDUNIT_HOME" in refused.value.hint


def test_a_python_that_is_not_there_is_said(home: Path, monkeypatch) -> None:
    monkeypatch.setenv("SECONDUNIT_PYTHON", str(home / "nowhere"))
    with pytest.raises(DaemonUnavailable, match="cannot be started with") as missing:
        Unit.connect()
    assert "SECONDUNIT_PYTHON" in missing.value.hint


def test_a_host_whose_own_program_is_no_python_does_not_start_itself(home, monkeypatch) -> None:
    monkeypatch.delenv("SECONDUNIT_PYTHON")
    monkeypatch.setattr(sys, "executable", "/opt/Nuke16.0/Nuke16.0")
    with pytest.raises(DaemonUnavailable, match=r"Nuke16\.0 cannot start one") as none:
        Unit.connect()
    assert "secondunit daemon start" in none.value.hint


def test_waiting_for_another_host_s_start_ends_in_time(home: Path) -> None:
    import fcntl

    with open(connection_file().with_name("start.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        began = time.monotonic()
        with pytest.raises(SecondUnitError, match="another program is starting"):
            Unit.connect(timeout=0.3)
    assert time.monotonic() - began < 2
