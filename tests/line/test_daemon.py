"""The daemon over its real socket: who may come in, what it answers, what it survives."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import psutil
import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_home import own_home
from secondunit_bridge import errors
from secondunit_bridge.connection import Connection
from secondunit_bridge.film import Project, Shot, TakeState, Turnover, Work
from secondunit_bridge.places import slot_folder
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.unit import Unit
from secondunit_bridge.wire import Message, pack, unpack


@pytest.fixture
def unit(places: Path) -> Iterator[Unit]:
    with Unit.connect(host="test", timeout=20) as made:
        yield made
        stop(made, places)


@pytest.fixture(scope="module")
def lasting() -> Iterator[Unit]:
    """One daemon for every test that leaves it as it was."""
    with own_home() as home, Unit.connect(host="test", timeout=20) as made:
        yield made
        stop(made, home)


@pytest.fixture
def well(lasting: Unit) -> Iterator[Unit]:
    """That daemon, before a test and after it the same one."""
    pid = lasting.status()["pid"]
    yield lasting
    assert lasting.status()["pid"] == pid


def stop(unit: Unit, home: Path) -> None:
    """End the daemon and see that it and its stages are gone."""
    pid = unit.status()["pid"]
    unit.stop_daemon()
    deadline = time.monotonic() + 15
    while psutil.pid_exists(pid) or stages(home):
        assert time.monotonic() < deadline, "the daemon or a stage is left"
        time.sleep(0.05)


def stages(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            words, told = process.cmdline(), process.environ()
            if "secondunit.stage" in words and told.get("SECONDUNIT_HOME") == str(home):
                found.append(process)
    return found


class Dealer:
    """An ordinary pyzmq DEALER with PLAIN: not our client."""

    def __init__(self, token: str = "", *, plain: bool = True) -> None:
        known = Connection.live()
        self._context: zmq.Context[Any] = zmq.Context()
        self.socket = self._context.socket(zmq.DEALER)
        self.socket.linger = 0
        if plain:
            self.socket.plain_username = known.user.encode()
            self.socket.plain_password = (token or known.token).encode()
        self.monitor = self.socket.get_monitor_socket()
        self.socket.connect(known.endpoint)

    def ask(self, kind: str, body: Any = None) -> Message:
        asked = Message(kind, uuid.uuid4().hex, body)
        self.socket.send_multipart(pack(asked))
        while self.socket.poll(5000):
            answer = unpack(self.socket.recv_multipart())
            if answer.re == asked.id:
                return answer
        raise AssertionError(f"no answer to {kind}")

    def events(self, seconds: float) -> set[int]:
        from zmq.utils.monitor import recv_monitor_message

        seen, end = set(), time.monotonic() + seconds
        while time.monotonic() < end:
            if self.monitor.poll(50):
                seen.add(int(recv_monitor_message(self.monitor)["event"]))
        return seen

    def __enter__(self) -> Dealer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.socket.disable_monitor()
        self.monitor.close(linger=0)
        self.socket.close(linger=0)
        self._context.term()


def slate(code: str, *, frames: int = 4, width: int = 96, **given: Any) -> Turnover:
    span = FrameRange(0, frames - 1, Fraction(24))
    shot = Shot(given.pop("project", "default"), "TCC", code, f"guid-{code}", span, Handles(0, 0))
    return Turnover(shot, Work.insert, "slate", width=width, height=width * 9 // 16, **given)


def test_an_ordinary_pyzmq_dealer_can_ask_and_hears_events(well: Unit):
    with Dealer() as dealer:
        said = dealer.ask("hello", {"host": "studio tool", "pid": os.getpid(), "events": True})
        assert "slate" in said.body["generators"]
        (take,) = well.turn_over(slate("0010"))
        kinds = set()
        while "take" not in kinds:
            assert dealer.socket.poll(20_000), "no event came"
            event = unpack(dealer.socket.recv_multipart())
            if event.kind == "entry" and event.body["subject"] in (take, well.take(take).turnover):
                kinds.add(event.body["kind"])
        assert kinds >= {"turnover", "state", "take"}


def test_a_wrong_token_and_no_token_are_refused(well: Unit):
    with Dealer("0" * 64) as stranger:
        assert zmq.EVENT_HANDSHAKE_FAILED_AUTH in stranger.events(1)
    with Dealer(plain=False) as stranger:
        assert zmq.EVENT_HANDSHAKE_SUCCEEDED not in stranger.events(1)
    assert well.status()["pid"]


def test_another_user_of_the_machine_cannot_reach_the_daemon(well: Unit):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user to try")
    known = Connection.live()
    path = known.endpoint.removeprefix("ipc://")
    tries = f"""
import os, socket
os.setgid(65534); os.setuid(65534)
for what in ("read", "connect", "slots"):
    try:
        if what == "read":
            open({str(Path(path).with_name("connection.json"))!r}).read()
        elif what == "connect":
            socket.socket(socket.AF_UNIX).connect({path!r})
        else:
            os.listdir({str(slot_folder(0))!r})
        print(what, "REACHED")
    except OSError as error:
        print(what, type(error).__name__)
"""
    told = subprocess.run([sys.executable, "-c", tries], capture_output=True, text=True, timeout=20)
    assert told.stdout.split("\n")[:3] == [
        "read PermissionError",
        "connect PermissionError",
        "slots PermissionError",
    ]
    assert oct(os.stat(path).st_mode & 0o777) == "0o600"
    assert oct(Path(path).parent.stat().st_mode & 0o777) == "0o700"


NOT_UNDERSTOOD = [
    ([b"SU/9", b"{}"], "E_VERSION"),
    ([b"HTTP/1.1"], "E_PROTO"),
    ([b"SU/1"], "E_PROTO"),
    ([b"SU/1", b"{"], "E_PROTO"),
    ([b"SU/1", b"[1]"], "E_FIELD"),
    ([b"SU/1", b'{"kind":"hello"}'], "E_FIELD"),
    ([b"SU/1", b'{"kind":"dance","id":"1"}'], "E_VERB"),
    ([b"SU/1", b'{"kind":"turn_over","id":"1","body":{"shot":1}}'], "E_FIELD"),
    ([b"SU/1", b'{"kind":"status","id":"1"}'] + [b""] * 40, "E_TOO_BIG"),
    ([b"SU/1", b'{"kind":"status","id":"1"}', b"x" * (5 << 20)], "E_TOO_BIG"),
    ([b"SU/1", b"[" * 100_000], "E_PROTO"),
]


def test_what_cannot_be_understood_is_answered_with_its_code(well: Unit):
    with Dealer() as dealer:
        for parts, code in NOT_UNDERSTOOD:
            dealer.socket.send_multipart(parts)
            assert dealer.socket.poll(5000)
            answer = unpack(dealer.socket.recv_multipart())
            assert (answer.kind, answer.body["code"]) == ("error", code), parts[:2]
            assert answer.body["message"]
            assert "Traceback" not in json.dumps(answer.body)


def test_a_message_beyond_every_limit_is_dropped_and_the_daemon_goes_on(well: Unit):
    with Dealer() as dealer:
        dealer.socket.send_multipart([b"SU/1", b"x" * (9 << 20)])
        assert not dealer.socket.poll(1000)
    assert well.status()["pid"]


def test_garbage_never_ends_the_daemon(well: Unit):
    """One daemon for all examples: what one example breaks, the next would find."""
    pid = well.status()["pid"]
    words = st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
        max_leaves=8,
    )
    kinds = st.sampled_from(["hello", "turn_over", "cancel", "takes", "entries", "lease", "waive"])
    heads = st.builds(
        lambda k, b: json.dumps({"kind": k, "id": "x", "body": b}).encode(), kinds, words
    )
    part = st.binary(max_size=64) | heads

    with Dealer() as dealer:

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(part, max_size=4), st.booleans())
        def throw(parts, proper):
            dealer.socket.send_multipart([b"SU/1", *parts] if proper else parts or [b""])
            assert dealer.socket.poll(5000)
            while dealer.socket.poll(0):
                dealer.socket.recv_multipart()

        throw()
    assert well.status()["pid"] == pid


def test_slots_of_a_client_that_was_killed_come_back(well: Unit):
    code = (
        "import os, signal; from secondunit_bridge.unit import Unit\n"
        "u = Unit.connect(host='doomed'); s = u.lease(8 << 20); print(s.lease.path, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    path = told.stdout.strip()
    assert Path(path).exists()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        slot = well.lease(8 << 20)
        well.release(slot)
        if slot.lease.path == path:
            return
        time.sleep(0.3)
    raise AssertionError("the slot was never given to anybody else")


def test_a_frame_goes_through_a_slot_and_comes_back(well: Unit):
    from secondunit_bridge.slots import Frame

    frame, pixels = Frame((36, 64, 4)), bytes(range(256)) * 72
    slot = well.lease(frame.nbytes)
    slot.write(frame, pixels)
    well.rehearse(slot)
    assert bytes(slot.read()) == pixels
    well.release(slot)
    with pytest.raises(errors.SlotLost):
        slot.read()


def wait_for(unit: Unit, take: str, state: TakeState, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while unit.take(take).state is not state:
        assert time.monotonic() < deadline, f"{take} is {unit.take(take).state}, not {state}"
        time.sleep(0.02)


def test_a_stage_that_hangs_is_ended_and_the_take_shot_again(
    places: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SECONDUNIT_STAGE_SILENCE_S", "3")
    with Unit.connect(host="test", timeout=20) as unit:
        (take,) = unit.turn_over(slate("0010", frames=60, width=640))
        wait_for(unit, take, TakeState.shooting)
        time.sleep(1)
        (stage,) = stages(places)
        stage.send_signal(signal.SIGSTOP)
        wait_for(unit, take, TakeState.pending_review)
        assert unit.take(take).cost.attempts == 2
        stop(unit, places)


def test_a_take_that_kills_its_stage_every_time_is_given_up_and_the_next_is_shot(
    unit: Unit, places: Path
):
    doomed, other = (
        *unit.turn_over(slate("0010", frames=400, width=640)),
        *unit.turn_over(slate("0020")),
    )
    for _ in range(3):
        wait_for(unit, doomed, TakeState.shooting)
        while unit.status()["shooting"] == [doomed] and not stages(places):
            time.sleep(0.02)
        for stage in stages(places):
            stage.kill()
        deadline = time.monotonic() + 5
        while unit.take(doomed).state is TakeState.shooting and time.monotonic() < deadline:
            time.sleep(0.02)
            if stages(places):
                break
    wait_for(unit, doomed, TakeState.failed)
    wait_for(unit, other, TakeState.pending_review)
    told = unit.entries(0, subject=doomed)
    assert told == tuple(e for e in unit.entries(0) if e.subject == doomed)
    last = [e for e in told if e.kind == "state"][-1]
    assert last.body["error"]["code"] == "E_WORKER_DIED"
    assert last.body["error"]["hint"]


def test_a_full_disk_fails_the_take_with_a_next_step_and_loses_nothing(well: Unit, small_disk):
    well.project(Project("small", Fraction(24), 96, 54, store=str(small_disk.folder / "store")))
    stopper = small_disk.fill(leave=20_000)
    (take,) = well.turn_over(slate("0010", frames=40, project="small"))
    wait_for(well, take, TakeState.failed)
    error = [e for e in well.entries(0) if e.subject == take][-1].body["error"]
    assert error["code"] == "E_DISK"
    assert error["hint"]
    stopper.unlink()
    well.retry(take)
    wait_for(well, take, TakeState.pending_review)
    stopper = small_disk.fill(leave=20_000)
    with pytest.raises(errors.DiskFull):
        well.circle(take, "Kim")
    visible = [p for p in (small_disk.folder / "store").glob("TCC/*/v*")]
    assert visible == []
    stopper.unlink()
    version = well.circle(take, "Kim")
    assert (Path(version.path) / "record.json").exists()


def test_a_second_daemon_for_the_same_home_says_that_one_runs(well: Unit):
    told = subprocess.run(
        [sys.executable, "-m", "secondunit", "daemon", "run", "--json"],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert told.returncode == 1
    assert json.loads(told.stdout)["error"]["code"] == "E_LOCKED"
    assert well.status()["pid"]


def test_a_daemon_over_tcp_listens_on_loopback_only(places: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECONDUNIT_TRANSPORT", "tcp")
    with Unit.connect(host="test", timeout=20) as unit:
        daemon = psutil.Process(unit.status()["pid"])
        listening = {c.laddr.ip for c in daemon.net_connections() if c.status == "LISTEN"}
        assert listening == {"127.0.0.1"}
        (take,) = unit.turn_over(slate("0010"))
        assert unit.wait((take,), timeout=30)[0].state is TakeState.pending_review
        stop(unit, places)


def test_the_log_tells_what_happened_but_never_the_brief(well: Unit):
    (take,) = well.turn_over(slate("0030", brief="the SECRET twist of the finale"))
    well.wait((take,), timeout=30)
    logs = Path(os.environ["SECONDUNIT_HOME"]) / "logs"
    log = (logs / "daemon.jsonl").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert any(line.get("subject") == take and line["kind"] == "take" for line in lines)
    everything = "".join(p.read_text() for p in logs.iterdir())
    assert "SECRET" not in everything


STUCK = """
from dataclasses import replace
from secondunit.generators.slate import Slate
from secondunit.hookspecs import hookimpl

class Stuck(Slate):
    about = replace(Slate.about, name="stuck")

    def run(self, plan, elements, seed, watch):
        while True:
            pass
        yield

@hookimpl
def secondunit_generators():
    return [Stuck()]
"""


def test_a_generator_that_gets_nowhere_is_ended_and_the_queue_goes_on(
    places: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "stuck_unit.py").write_text(STUCK)
    info = tmp_path / "stuck_unit-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stuck-unit\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[secondunit]\nstuck = stuck_unit\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("SECONDUNIT_PLUGINS", "stuck")
    monkeypatch.setenv("SECONDUNIT_STAGE_STALL_S", "5")
    monkeypatch.setenv("SECONDUNIT_MAX_ATTEMPTS", "1")
    with Unit.connect(host="test", timeout=20) as unit:
        shot = slate("0010").shot
        (stuck,) = unit.turn_over(Turnover(shot, Work.insert, "stuck", width=96, height=54))
        (after,) = unit.turn_over(slate("0020"))
        wait_for(unit, stuck, TakeState.failed)
        wait_for(unit, after, TakeState.pending_review)
        stop(unit, places)
