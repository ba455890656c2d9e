"""The connection file, the folders it lies in, and whether its daemon still lives."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from secondunit_bridge import places as where
from secondunit_bridge.connection import Connection, connection_file, process_started
from secondunit_bridge.errors import DaemonUnavailable, NotPermitted

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and owners are POSIX")
root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can give a file away"
)


def ours() -> Connection:
    started = process_started(os.getpid())
    assert started
    return Connection(
        "ipc:///x/daemon.sock", "host", "f" * 64, os.getpid(), started, "SU/1", "0.1.0"
    )


def test_what_is_written_is_read_and_only_its_owner_can_read_it(places) -> None:
    ours().write(connection_file())
    assert Connection.read() == Connection.live() == ours()
    assert not ours().stale()
    if sys.platform != "win32":
        assert stat.S_IMODE(connection_file().stat().st_mode) == 0o600
        assert stat.S_IMODE(connection_file().parent.stat().st_mode) == 0o700
    assert [p.name for p in connection_file().parent.iterdir()] == ["connection.json"]


def test_a_newer_file_replaces_the_old_one_and_a_killed_writer_s_draft(places) -> None:
    file = connection_file()
    (file.parent / f".connection.json.{os.getpid()}").write_text("half")
    ours().write(file)
    replace(ours(), token="e" * 64).write(file)
    assert Connection.read().token == "e" * 64
    assert [p.name for p in file.parent.iterdir()] == ["connection.json"]


def test_the_token_is_never_printed() -> None:
    assert "f" * 8 not in repr(ours())


def test_no_file_means_no_daemon_and_says_how_to_start_one(places) -> None:
    with pytest.raises(DaemonUnavailable, match="no daemon runs") as none:
        Connection.read()
    assert "secondunit daemon start" in none.value.hint


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"pid": "x"}', "\0" * 100, "{" * 100_000, '{"endpoint": 5}']
)
def test_a_file_that_cannot_be_understood_says_so(places, text: str) -> None:
    connection_file().write_text(text)
    connection_file().chmod(0o600)
    with pytest.raises(DaemonUnavailable, match="cannot be understood") as broken:
        Connection.read()
    assert "Remove it" in broken.value.hint


def test_fields_of_a_newer_daemon_are_ignored(places) -> None:
    ours().write(connection_file())
    text = connection_file().read_text().replace("{", '{"colour": "red", ', 1)
    connection_file().write_text(text)
    assert Connection.read() == ours()


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_file_that_others_can_read_is_refused(places, mode: int) -> None:
    ours().write(connection_file())
    connection_file().chmod(mode)
    with pytest.raises(NotPermitted, match="other users can read") as shared:
        Connection.read()
    assert "start it again" in shared.value.hint


@root
def test_a_file_of_another_user_is_refused(places) -> None:
    ours().write(connection_file())
    os.chown(connection_file(), 12345, 12345)
    with pytest.raises(NotPermitted, match="another user"):
        Connection.read()


@posix
def test_a_link_is_not_followed(places) -> None:
    target = places / "elsewhere"
    ours().write(target)
    connection_file().symlink_to(target)
    with pytest.raises(NotPermitted):
        Connection.read()


def test_a_daemon_that_ended_is_found_out(places) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = process_started(child.pid)
    assert started
    left = replace(ours(), pid=child.pid, started=started)
    left.write(connection_file())
    assert Connection.live() == left
    child.kill()
    if sys.platform == "linux":
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, still in the table
        assert left.stale()
    child.communicate()
    assert left.stale()
    with pytest.raises(DaemonUnavailable, match="has ended") as ended:
        Connection.live()
    assert ended.value.data["stale"] is True
    assert Connection.read() == left


def test_another_process_with_the_same_number_is_not_taken_for_the_daemon(places) -> None:
    assert replace(ours(), started="12345.deadbeef").stale()
    assert replace(ours(), started="").stale()
    assert not ours().stale()


def test_two_processes_started_one_after_the_other_are_told_apart() -> None:
    one = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process_started(one.pid) == process_started(one.pid)
    assert process_started(one.pid) != process_started(os.getpid())
    one.communicate()
    assert [process_started(pid) for pid in (0, -1, 1 << 40)] == [None] * 3


@posix
def test_a_process_whose_name_holds_brackets_is_read_right(tmp_path: Path) -> None:
    odd = tmp_path / "a) R (b"
    odd.symlink_to("/bin/sleep")
    child = subprocess.Popen([odd, "30"])
    try:
        assert process_started(child.pid)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()


def test_the_same_home_gives_the_same_place_and_another_home_another(places, monkeypatch) -> None:
    first = where.runtime()
    assert where.runtime() == first
    assert first.parent.name == "secondunit"
    monkeypatch.setenv("SECONDUNIT_HOME", f"{places}/../home")
    assert where.runtime() == first
    monkeypatch.setenv("SECONDUNIT_HOME", str(places / "other"))
    assert where.runtime() != first


def test_home_is_what_was_set_else_the_platform_s_folder(monkeypatch) -> None:
    assert where.home({"SECONDUNIT_HOME": "some/where"}) == Path.cwd() / "some/where"
    assert where.home({"SECONDUNIT_HOME": "~/su"}) == Path.home() / "su"
    assert where.home({}).is_absolute()
    assert where.home({}).name == "secondunit"
    if sys.platform == "linux":
        assert where.home({"XDG_DATA_HOME": "/data"}) == Path("/data/secondunit")
        assert where.home({"XDG_DATA_HOME": "relative"}) == Path.home() / ".local/share/secondunit"


@posix
def test_a_socket_path_stays_short_however_long_the_runtime_folder_is(tmp_path, monkeypatch):
    deep = tmp_path / ("d" * 100)
    deep.mkdir(mode=0o700)
    found = where.runtime({"SECONDUNIT_HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(deep)})
    try:
        assert len(os.fsencode(str(found / "daemon.sock"))) < where.MAX_SOCKET_PATH
        assert str(os.geteuid()) in found.name
    finally:
        found.rmdir()


@posix
def test_a_runtime_folder_that_others_can_enter_is_refused(places) -> None:
    folder = where.runtime()
    folder.chmod(0o755)
    with pytest.raises(NotPermitted, match="other users can look") as open_:
        where.runtime()
    assert f"chmod 700 {folder}" in open_.value.hint


@posix
def test_a_runtime_folder_that_is_a_link_is_refused(places, tmp_path) -> None:
    folder = where.runtime()
    folder.rmdir()
    tmp_path.chmod(0o700)
    folder.symlink_to(tmp_path)
    with pytest.raises(NotPermitted):
        where.runtime()


@root
def test_a_runtime_folder_of_another_user_is_refused(places) -> None:
    os.chown(where.runtime(), 12345, 12345)
    with pytest.raises(NotPermitted, match="not a folder of this user"):
        where.runtime()


def test_slots_lie_in_shared_memory_only_when_it_has_room(places) -> None:
    beyond = where.slot_folder(1 << 60)
    assert beyond == where.runtime() / "slots"
    near = where.slot_folder(1)
    if near != beyond:
        assert near.is_relative_to("/dev/shm")
        near.rmdir()
