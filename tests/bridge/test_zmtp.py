"""The standard-library DEALER against an ordinary pyzmq ROUTER, and against garbage."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from secondunit_bridge import wire
from secondunit_bridge.errors import (
    BridgeError,
    DaemonUnavailable,
    MessageTooBig,
    ProtocolError,
    SecondUnitError,
    TimedOut,
    TokenRefused,
)
from secondunit_bridge.framing import MAX_FRAME, Decoder, command, encoded, named
from secondunit_bridge.wire import Message
from secondunit_bridge.zmtp import Dealer, dial

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"PLAIN".ljust(20, b"\0") + bytes(32)
WELCOME, READY = command(b"WELCOME", b""), command(b"READY", b"")


def whole(data: bytes) -> list[tuple[bool, list[bytes]]]:
    decoder = Decoder()
    decoder.feed(data)
    return list(iter(decoder.next, None))


def ask(dealer: Dealer, message: Message, timeout: float = 5) -> Message:
    dealer.send(wire.pack(message))
    return wire.unpack(dealer.recv(timeout))


@contextmanager
def stranger(behave: Callable[[socket.socket], Any]) -> Iterator[str]:
    """A raw TCP server for one visitor; yields its endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            visitor, _ = server.accept()
            with visitor:
                visitor.settimeout(5)
                try:
                    behave(visitor)
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        thread.join(10)
        assert not thread.is_alive()


def send_for_ever(dealer: Dealer) -> None:
    for _ in range(40):
        dealer.send([bytes(4 << 20)])


def read_for_ever(dealer: Dealer) -> None:
    while True:
        wire.unpack(dealer.recv(1.0))


def let_in(visitor: socket.socket) -> None:
    """What a ROUTER does until the connection stands."""
    visitor.sendall(GREETING)
    visitor.recv(64, socket.MSG_WAITALL)
    visitor.recv(1000)
    visitor.sendall(WELCOME)
    visitor.recv(1000)
    visitor.sendall(READY)


@pytest.mark.parametrize("tcp", [False, True], ids=["ipc", "tcp"])
def test_it_speaks_with_an_ordinary_router(office, tcp: bool) -> None:
    connection = office.open(tcp=tcp)
    dealer = dial(connection.endpoint, connection.user, connection.token)
    reply = ask(dealer, Message("hello", "1", {"host": "test"}))
    dealer.close()
    assert reply.re == "1"
    assert reply.body["version"] == "0.1.0"


@pytest.mark.parametrize("tcp", [False, True], ids=["ipc", "tcp"])
def test_a_wrong_token_is_refused_at_once_with_a_next_step(office, tcp: bool) -> None:
    connection = office.open(tcp=tcp)
    began = time.monotonic()
    with pytest.raises(TokenRefused) as refused:
        dial(connection.endpoint, connection.user, "b" * 64)
    assert time.monotonic() - began < 1.5
    assert "secondunit daemon" in refused.value.hint
    dial(connection.endpoint, connection.user, connection.token).close()


def test_a_router_that_asks_for_no_token_is_not_trusted(short) -> None:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.bind(f"ipc://{short}/s")
        with pytest.raises(BridgeError):  # libzmq may hang up before it has said its mechanism
            dial(f"ipc://{short}/s", "host", "a" * 64)
    null = GREETING.replace(b"PLAIN", b"NULL\0")
    with (
        stranger(lambda visitor: (visitor.sendall(null), visitor.recv(100))) as endpoint,
        pytest.raises(ProtocolError, match="does not ask for a token"),
    ):
        dial(endpoint, "host", "t")


def test_nobody_at_the_address_is_said_at_once(short) -> None:
    for endpoint in (f"ipc://{short}/nobody", "tcp://127.0.0.1:1"):
        with pytest.raises(DaemonUnavailable, match="nobody answers") as missing:
            dial(endpoint, "host", "t")
        assert "secondunit daemon start" in missing.value.hint


@pytest.mark.parametrize(
    "endpoint",
    [
        *("tcp://192.168.0.1:5000", "tcp://localhost:5000", "tcp://0.0.0.0:5000", "tcp://*:5000"),
        *("tcp://127.0.0.1.example.org:5000", "tcp://127.0.0.1:0", "tcp://127.0.0.1:70000"),
        *("tcp://[::]:5000", "ipc://relative", "inproc://x", "http://127.0.0.1:80", "", "tcp://"),
        *("tcp://127.0.0.256:80", "tcp://127.0.0.1:\u0661", "tcp://127.1:80"),
    ],
)
def test_only_addresses_on_this_machine_are_dialled(endpoint: str) -> None:
    with pytest.raises(ProtocolError, match="not an address on this machine"):
        dial(endpoint, "host", "t")


def test_a_long_message_crosses_whole_in_both_directions(office) -> None:
    office.answers["echo"] = lambda m: m.body
    connection = office.open()
    dealer = dial(connection.endpoint, connection.user, connection.token)
    text = "x" * 6_000_000
    assert ask(dealer, Message("echo", "1", text)).body == text
    assert ask(dealer, Message("echo", "2", "y" * 255)).body == "y" * 255
    dealer.close()


def test_many_small_messages_arrive_all_in_order_and_fast(office) -> None:
    office.answers["echo"] = lambda m: m.body
    connection = office.open()
    dealer = dial(connection.endpoint, connection.user, connection.token)
    count, began = 5000, time.perf_counter()
    for number in range(count):
        dealer.send(wire.pack(Message("echo", str(number), number)))
    got = [wire.unpack(dealer.recv(10)).body for _ in range(count)]
    dealer.close()
    assert got == list(range(count))
    assert time.perf_counter() - began < 20


def test_a_message_beyond_the_limit_is_not_sent(office) -> None:
    connection = office.open()
    dealer = dial(connection.endpoint, connection.user, connection.token)
    for parts in ([bytes(MAX_FRAME + 1)], [b""] * 17, []):
        with pytest.raises(MessageTooBig):
            dealer.send(parts)
    assert ask(dealer, Message("hello", "1")).re == "1"  # the connection is still good
    dealer.close()


def test_a_frame_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    def boast(visitor: socket.socket) -> None:
        let_in(visitor)
        visitor.sendall(struct.pack(">BQ", 2, 1 << 62))

    with stranger(boast) as endpoint:
        dealer = dial(endpoint, "host", "t")
        with pytest.raises(MessageTooBig):
            dealer.recv(2)
        dealer.close()


def test_a_message_beyond_the_limits_is_refused_while_it_arrives() -> None:
    part, last = b"\x01\x01x", b"\x00\x01x"
    assert whole(part * 15 + last) == [(False, [b"x"] * 16)]
    with pytest.raises(MessageTooBig):
        whole(part * 17)
    big = struct.pack(">BQ", 3, MAX_FRAME) + bytes(MAX_FRAME)
    decoder = Decoder()
    for _ in range(8):
        decoder.feed(big)
        assert decoder.next() is None
    decoder.feed(big)
    with pytest.raises(MessageTooBig):
        decoder.next()


@pytest.mark.parametrize("flags", [8, 0x80, 5, 7])
def test_flags_that_no_frame_has_are_refused(flags: int) -> None:
    with pytest.raises(ProtocolError, match="does not speak ZMTP"):
        whole(bytes((flags,)))


def test_waiting_ends_in_time_and_a_half_message_is_kept_for_the_next_call() -> None:
    more = threading.Event()

    def slow(visitor: socket.socket) -> None:
        let_in(visitor)
        data = encoded([b"first", b"x" * 300])
        visitor.sendall(data[:100])
        more.wait(5)
        visitor.sendall(data[100:])
        visitor.recv(1)

    with stranger(slow) as endpoint:
        dealer = dial(endpoint, "host", "t")
        began = time.monotonic()
        with pytest.raises(TimedOut):
            dealer.recv(0.1)
        assert time.monotonic() - began < 1
        more.set()
        assert dealer.recv(2) == [b"first", b"x" * 300]
        dealer.close()


def test_a_peer_that_stops_in_the_handshake_does_not_hold_us() -> None:
    def stall(visitor: socket.socket) -> None:
        visitor.sendall(GREETING)
        visitor.recv(64, socket.MSG_WAITALL)
        while visitor.recv(1000):  # hears everything, says nothing more
            pass

    with stranger(stall) as endpoint:
        began = time.monotonic()
        with pytest.raises(TimedOut, match="handshake"):
            dial(endpoint, "host", "t", timeout=0.3)
        assert time.monotonic() - began < 1


def test_a_peer_that_drips_bytes_does_not_stretch_the_time_limit() -> None:
    def drip(visitor: socket.socket) -> None:
        for byte in GREETING:
            visitor.sendall(bytes((byte,)))
            time.sleep(0.05)

    with stranger(drip) as endpoint:
        began = time.monotonic()
        with pytest.raises(TimedOut):
            dial(endpoint, "host", "t", timeout=0.4)
        assert time.monotonic() - began < 1.5


def test_a_ping_is_answered_with_its_context_and_ours_brings_a_sign_of_life() -> None:
    heard: list[bytes] = []

    def beat(visitor: socket.socket) -> None:
        let_in(visitor)
        visitor.sendall(command(b"PING", struct.pack(">H", 10) + b"context"))
        heard.append(visitor.recv(1000))
        heard.append(visitor.recv(1000))
        visitor.sendall(command(b"PONG", b""))
        visitor.sendall(command(b"SOMETHING-NEW", b"x") + encoded([b"after"]))
        visitor.recv(1)

    with stranger(beat) as endpoint:
        dealer = dial(endpoint, "host", "t")
        with pytest.raises(TimedOut):
            dealer.recv(0.2)
        before = dealer.heard
        dealer.ping()
        assert dealer.recv(2) == [b"after"]
        assert dealer.heard > before
        dealer.close()
    assert heard[0] == command(b"PONG", b"context")
    assert heard[1].startswith(b"\x04\x07\x04PING")


def test_the_router_s_own_heartbeat_keeps_an_idle_connection_up(office) -> None:
    connection = office.open(beat_ms=100)
    dealer = dial(connection.endpoint, connection.user, connection.token)
    with pytest.raises(TimedOut):
        dealer.recv(1.0)  # ten beats; libzmq hangs up after two without a PONG
    assert ask(dealer, Message("hello", "1")).re == "1"
    dealer.close()


def test_the_end_of_the_other_side_is_said(office) -> None:
    connection = office.open()
    dealer = dial(connection.endpoint, connection.user, connection.token)
    office.shut()
    with pytest.raises(DaemonUnavailable, match="closed"):
        dealer.recv(2)
    dealer.close()
    with pytest.raises(DaemonUnavailable):
        dealer.send([b"x"])


def test_a_peer_that_never_reads_does_not_block_the_sender() -> None:
    done = threading.Event()

    def deaf(visitor: socket.socket) -> None:
        let_in(visitor)
        done.wait(10)

    with stranger(deaf) as endpoint:
        dealer = dial(endpoint, "host", "t")
        began = time.monotonic()
        with pytest.raises(DaemonUnavailable, match="stopped reading"):
            send_for_ever(dealer)
        assert time.monotonic() - began < 5
        done.set()
        dealer.close()


def test_libzmq_s_slip_in_the_word_error_is_understood() -> None:
    assert named(b"^RROR\x03400") == (b"ERROR", b"\x03400")
    assert named(b"\x05ERROR\x03400") == (b"ERROR", b"\x03400")
    assert named(b"\x04PINGxy") == (b"PING", b"xy")
    assert named(b"") == (b"", b"")


@given(st.lists(st.lists(st.binary(max_size=600), min_size=1, max_size=5), max_size=5), st.data())
@settings(max_examples=100, deadline=None)
def test_messages_survive_however_the_stream_is_cut(messages, data) -> None:
    stream = b"".join(map(encoded, messages))
    decoder, got = Decoder(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        decoder.feed(stream[:size])
        stream = stream[size:]
        got += [parts for _, parts in iter(decoder.next, None)]
    assert got == messages


@given(st.binary(max_size=3000))
@settings(max_examples=300, deadline=None)
def test_garbage_makes_messages_or_an_error_of_ours(data: bytes) -> None:
    try:
        for is_command, parts in whole(data):
            if is_command:
                named(parts[0])
            else:
                wire.unpack(parts)
    except SecondUnitError:
        return


@given(st.binary(max_size=200), st.sampled_from([b"", GREETING, GREETING + WELCOME]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_garbage_in_the_handshake_raises_an_error_of_ours(data: bytes, before: bytes) -> None:
    def babble(visitor: socket.socket) -> None:
        visitor.sendall(before + data)
        visitor.shutdown(socket.SHUT_WR)
        while visitor.recv(1000):
            pass

    with stranger(babble) as endpoint, pytest.raises(BridgeError):
        dial(endpoint, "host", "t", timeout=1.0).recv(1.0)


@given(st.binary(min_size=1, max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_garbage_after_the_handshake_raises_an_error_of_ours(data: bytes) -> None:
    def babble(visitor: socket.socket) -> None:
        let_in(visitor)
        visitor.sendall(data)
        visitor.shutdown(socket.SHUT_WR)
        while visitor.recv(1000):
            pass

    with stranger(babble) as endpoint:
        dealer = dial(endpoint, "host", "t", timeout=1.0)
        with pytest.raises(SecondUnitError):
            read_for_ever(dealer)
        dealer.close()
