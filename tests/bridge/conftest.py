"""An ordinary pyzmq ROUTER that asks for a token: the daemon's end of the wire."""

from __future__ import annotations

import os
import queue
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from secondunit_bridge import wire
from secondunit_bridge.connection import Connection, process_started
from secondunit_bridge.errors import SecondUnitError, UnknownVerb, error_body
from secondunit_bridge.wire import Message
from zmq.auth.thread import ThreadAuthenticator

HELLO = {"version": "0.1.0", "protocol": "SU/1", "pid": os.getpid(), "generators": ["slate"]}
Answer = Callable[[Message], Any]


class Office:
    """Answers verbs from a table, in a thread. ``open`` and ``shut`` it as often as you like."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.token, self.endpoint = folder, "a" * 64, ""
        self.file = folder / "connection.json"
        self.asked: list[Message] = []
        self.answers: dict[str, Answer] = {"hello": lambda m: HELLO}
        self._outbox: queue.SimpleQueue[list[bytes]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def open(self, *, tcp: bool = False, beat_ms: int = 0) -> Connection:
        ready = threading.Event()
        self._stop.clear()
        self._thread = threading.Thread(target=self._serve, args=(ready, tcp, beat_ms))
        self._thread.start()
        assert ready.wait(5)
        return self.announce()

    def announce(self) -> Connection:
        started = process_started(os.getpid()) or ""
        found = Connection(self.endpoint, "host", self.token, os.getpid(), started, "SU/1", "0.1.0")
        found.write(self.file)
        return found

    def shut(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()
        self._thread = None

    def push(self, *messages: Message) -> None:
        """Send to everybody who has said hello."""
        for message in messages:
            self._outbox.put(wire.pack(message))

    def push_raw(self, *parts: bytes) -> None:
        self._outbox.put(list(parts))

    def kinds(self) -> list[str]:
        return [message.kind for message in self.asked if message.kind != "hello"]

    def _serve(self, ready: threading.Event, tcp: bool, beat_ms: int) -> None:
        with zmq.Context() as context:
            guard = ThreadAuthenticator(context)
            guard.start()
            guard.configure_plain(domain="su", passwords={"host": self.token})
            router = context.socket(zmq.ROUTER)
            router.zap_domain, router.plain_server, router.linger = b"su", True, 0
            router.sndhwm = router.rcvhwm = 0
            if beat_ms:
                router.heartbeat_ivl, router.heartbeat_timeout = beat_ms, beat_ms * 2
            if tcp:
                self.endpoint = f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}"
            else:
                self.endpoint = f"ipc://{self.folder}/s"
                router.bind(self.endpoint)
            ready.set()
            self._loop(router)
            router.close()
            guard.stop()

    def _loop(self, router: zmq.Socket[bytes]) -> None:
        known: set[bytes] = set()
        while not self._stop.is_set():
            while not self._outbox.empty():
                parts = self._outbox.get()
                for identity in known:
                    router.send_multipart([identity, *parts])
            if router.poll(5):
                identity, *parts = router.recv_multipart()
                known.add(identity)
                message = wire.unpack(parts)
                self.asked.append(message)
                reply = self._reply(message)
                if reply is not None:
                    router.send_multipart([identity, *wire.pack(reply)])

    def _reply(self, message: Message) -> Message | None:
        try:
            if message.kind not in self.answers:
                raise UnknownVerb(f"there is no verb {message.kind!r}", hint="Ask another.")
            body = self.answers[message.kind](message)
        except SecondUnitError as error:
            return Message("error", "e", error_body(error), message.id)
        return None if body is None else Message(message.kind, "r", body, message.id)


@pytest.fixture
def mute() -> Iterator[str]:
    """The endpoint of a peer that lets everybody in and never says another word."""
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"PLAIN".ljust(20, b"\0") + bytes(32)
    visitors: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                visitor, _ = server.accept()
            except OSError:
                return
            visitors.append(visitor)
            visitor.sendall(greeting)
            visitor.recv(64, socket.MSG_WAITALL)
            visitor.recv(1000)
            visitor.sendall(b"\x04\x08\x07WELCOME")
            visitor.recv(1000)
            visitor.sendall(b"\x04\x06\x05READY")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def short() -> Iterator[Path]:
    """A private folder whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        yield Path(folder)


@pytest.fixture
def office(short: Path) -> Iterator[Office]:
    made = Office(short)
    yield made
    made.shut()
