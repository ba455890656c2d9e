"""The daemon's door is answered while the desk behind it is still being opened."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from secondunit.daemon import Daemon
from secondunit.settings import Settings
from secondunit_bridge import wire
from secondunit_bridge.connection import Connection
from secondunit_bridge.errors import DiskFull, TokenRefused, error_from
from secondunit_bridge.wire import Message
from secondunit_bridge.zmtp import dial


@pytest.fixture
def opening(tmp_path: Path):
    """A daemon whose desk opens when told to, and cannot: the disk is full by then."""
    go, ended = threading.Event(), []

    def open_desk(wake: Callable[[], None]):
        assert go.wait(20)
        raise DiskFull("no room for the ledger", hint="Make room.")

    def run() -> None:
        with pytest.raises(DiskFull):
            Daemon(settings, open_desk)
        ended.append(True)

    (tmp_path / "run").mkdir()
    settings = Settings(home=tmp_path, runtime=tmp_path / "run")
    thread = threading.Thread(target=run)
    thread.start()
    yield tmp_path / "run" / "connection.json", go
    go.set()
    thread.join(10)
    assert ended == [True]


def announced(file: Path) -> Connection:
    end = time.monotonic() + 10
    while not file.exists():
        assert time.monotonic() < end
        time.sleep(0.005)
    return Connection.read(file)


def test_who_knocks_while_the_desk_is_being_opened_is_let_in_and_hears_how_it_went(opening):
    file, go = opening
    found = announced(file)
    dealer = dial(found.endpoint, found.user, found.token)  # the desk is not open yet
    dealer.send(wire.pack(Message("hello", "1", {"host": "test"})))
    go.set()
    told = wire.unpack(dealer.recv(10))
    dealer.close()
    assert (told.kind, told.re) == ("error", "1")
    assert isinstance(error_from(told.body), DiskFull)


def test_a_wrong_token_is_refused_before_the_desk_is_open(opening):
    file, _ = opening
    found = announced(file)
    with pytest.raises(TokenRefused):
        dial(found.endpoint, found.user, "f" * 64)
