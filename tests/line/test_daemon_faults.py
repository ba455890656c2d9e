"""What a daemon does when it cannot start, and with messages no client of ours would send."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import zmq
from secondunit_bridge import errors
from secondunit_bridge.connection import Connection
from secondunit_bridge.places import runtime
from secondunit_bridge.unit import Unit
from secondunit_bridge.wire import Message, pack, unpack


@pytest.fixture
def unit(places: Path) -> Iterator[Unit]:
    with Unit.connect(host="test", timeout=20) as made:
        yield made
        daemon = psutil.Process(made.status()["pid"])
        made.stop_daemon()
        psutil.wait_procs([daemon], timeout=15)


class Dealer:
    """An ordinary pyzmq DEALER."""

    def __init__(self) -> None:
        known = Connection.live()
        self._context: zmq.Context[Any] = zmq.Context()
        self.socket = self._context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.plain_username = known.user.encode()
        self.socket.plain_password = known.token.encode()
        self.socket.connect(known.endpoint)

    def ask(self, kind: str, body: Any = None) -> Message:
        asked = Message(kind, uuid.uuid4().hex, body)
        self.socket.send_multipart(pack(asked))
        while self.socket.poll(5000):
            answer = unpack(self.socket.recv_multipart())
            if answer.re == asked.id:
                return answer
        raise AssertionError(f"no answer to {kind}")

    def heard(self, kind: str, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self.socket.poll(int(left * 1000)):
                body = unpack(self.socket.recv_multipart()).body
                if isinstance(body, dict) and body.get("kind") == kind:
                    return True
        return False

    def __enter__(self) -> Dealer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.socket.close(linger=0)
        self._context.term()


def test_a_ledger_that_cannot_be_opened_is_named_to_the_host_that_asks(places: Path):
    (places / "ledger.sqlite").write_bytes(b"not a database at all " * 400)
    with pytest.raises(errors.LedgerBroken) as caught:
        Unit.connect(timeout=20)
    assert caught.value.hint
    deadline = time.monotonic() + 10
    left = {"connection.json", "daemon.sock"}
    while left & {path.name for path in runtime().iterdir()}:
        assert time.monotonic() < deadline, "a daemon that gave up left its door standing"
        time.sleep(0.05)


def test_a_log_that_cannot_be_written_is_named_to_the_host_that_asks(places: Path):
    (places / "logs/daemon.jsonl").mkdir(parents=True)
    with pytest.raises(errors.StoreError, match=r"daemon\.jsonl"):
        Unit.connect(timeout=20)


def test_a_full_home_is_named_to_the_host_that_asks(
    small_disk, places: Path, monkeypatch: pytest.MonkeyPatch
):
    home = small_disk.folder / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("SECONDUNIT_HOME", str(home))
    small_disk.fill()
    with pytest.raises(errors.SecondUnitError, match=r"no room left"):
        Unit.connect(timeout=20)


def test_a_wrong_setting_is_named_to_the_host_that_asks(places: Path):
    (places / "settings.toml").write_text("transport = 5\n")
    with pytest.raises(errors.DaemonUnavailable, match=r"transport cannot be 5.*ipc or tcp"):
        Unit.connect(timeout=20)


@pytest.mark.parametrize(
    "head",
    [
        rb'{"kind":"status","id":"\ud800"}',
        rb'{"kind":"\udc80","id":"1"}',
        rb'{"kind":"turn_over","id":"1","body":{"shot":"\udfff"}}',
    ],
)
def test_half_a_character_never_ends_the_daemon(unit: Unit, head: bytes):
    pid = unit.status()["pid"]
    with Dealer() as dealer:
        dealer.socket.send_multipart([b"SU/1", head])
        assert dealer.socket.poll(5000)
        assert unpack(dealer.socket.recv_multipart()).body["code"] == "E_PROTO"
    assert unit.status()["pid"] == pid


def test_a_client_that_tells_its_process_but_not_its_start_goes_on_hearing_events(unit: Unit):
    with Dealer() as dealer:
        dealer.ask("hello", {"host": "studio tool", "pid": os.getpid(), "events": True})
        time.sleep(2.5)  # clients whose process has ended are forgotten every second
        project = {"name": "new", "rate": "24", "width": 96, "height": 64}
        with Dealer() as other:
            other.ask("project", project)
        assert dealer.heard("project", 3)


def test_leases_are_kept_when_a_client_connects_again(unit: Unit):
    who = {"host": "nuke", "pid": os.getpid(), "session": "one and the same"}
    with Dealer() as first, Dealer() as again, Dealer() as stranger:
        first.ask("hello", who)
        lease = first.ask("lease", {"nbytes": 4 << 20}).body["lease"]
        stranger.ask("hello", {**who, "session": "another"})
        assert stranger.ask("release", lease).body["code"] == "E_SLOT"
        again.ask("hello", who)
        assert again.ask("release", lease).kind == "release"
