"""The socket and its loop: one ROUTER, one thread, never blocked by work."""

from __future__ import annotations

import itertools
import os
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

import zmq
from secondunit_bridge import __version__, wire
from secondunit_bridge.connection import Connection
from secondunit_bridge.errors import ProtocolError, SecondUnitError, error_body
from secondunit_bridge.processes import process_started
from secondunit_bridge.wire import Message

from ..desk.disks import NotYet
from ..desk.people import Client, Later, Reply
from ..settings import Settings
from .door import Doorman

if TYPE_CHECKING:
    from ..desk.desk import Desk
    from .log import Log

USER = "host"  # PLAIN needs a user name; there is one kind of client
DOMAIN = b"secondunit"
TICK_MS = 1000  # the loop looks at leases and idle stages at least this often
HANDSHAKE_MS = 2000
HEARTBEAT_MS = 2000
TURNING_AWAY_S = 1.0  # a host looks for a daemon that starts every 20 ms


@dataclass
class _Waiting:
    """Somebody who waits for a late answer."""

    identity: bytes
    message: Message


@dataclass(frozen=True)
class _PutOff:
    """A message whose answer hangs on a disk that takes its time."""

    until: NotYet
    identity: bytes
    parts: list[bytes]


Opening: TypeAlias = "Callable[[Callable[[], None]], tuple[Desk, Log]]"
"""Opens the desk and the log when the socket listens; given how to wake the loop."""


class Daemon:
    """One user's second unit on one machine. ``run`` until ``stop``."""

    def __init__(self, settings: Settings, open_desk: Opening) -> None:
        self._settings = settings
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._token = secrets.token_hex(32)
        Doorman(self._context, self._token)
        self._router = self._open_router()
        self._ear, self._bell = socket.socketpair()  # a stage's thread rings, the loop wakes
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._clients: dict[bytes, Client] = {}
        self._late: dict[str, list[_Waiting]] = {}
        self._put_off: list[_PutOff] = []
        self._serial = itertools.count(1)
        self._stopping = False
        self._connection = self._announce()
        try:
            self._desk, self._log = open_desk(self.wake)
        except SecondUnitError as error:
            self._turn_away(error)
            raise
        except BaseException:
            self._shut()
            raise

    def _turn_away(self, error: SecondUnitError) -> None:
        """The desk cannot be opened: tell those who have come why, and shut the door."""
        end = time.monotonic() + TURNING_AWAY_S
        while (left := end - time.monotonic()) > 0:
            if self._router.poll(int(left * 1000)):
                identity, *parts = self._router.recv_multipart()
                with suppress(SecondUnitError):
                    self._send(identity, wire.unpack(parts), error)
        self._shut()

    def _open_router(self) -> zmq.Socket[bytes]:
        router = self._context.socket(zmq.ROUTER)
        router.plain_server = True
        router.setsockopt(zmq.ZAP_DOMAIN, DOMAIN)
        router.setsockopt(zmq.MAXMSGSIZE, wire.MAX_HEAD)
        router.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_MS)
        router.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
        router.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3 * HEARTBEAT_MS)
        router.setsockopt(zmq.ROUTER_MANDATORY, 1)  # so that a client that is gone is noticed
        router.setsockopt(zmq.LINGER, 200)
        if self._settings.transport == "ipc":
            path = self._settings.runtime / "daemon.sock"
            path.unlink(missing_ok=True)
            router.bind(f"ipc://{path}")
            path.chmod(0o600)
        else:
            router.bind("tcp://127.0.0.1:*")
        return router

    def _announce(self) -> Connection:
        endpoint = self._router.getsockopt(zmq.LAST_ENDPOINT)
        assert isinstance(endpoint, bytes)
        connection = Connection(
            endpoint=endpoint.rstrip(b"\0").decode(),
            user=USER,
            token=self._token,
            pid=os.getpid(),
            started=process_started(os.getpid()) or "",
            protocol=wire.PROTOCOL.decode(),
            version=__version__,
        )
        connection.write(self.connection_file)
        return connection

    @property
    def connection_file(self) -> Path:
        """Where hosts find this daemon."""
        return self._settings.runtime / "connection.json"

    def wake(self) -> None:
        """Make the loop look around now. Safe from any thread."""
        try:
            self._bell.send(b"!")
        except (BlockingIOError, OSError):
            return  # the bell rings already, or the daemon is closing

    def stop(self) -> None:
        """Make ``run`` return. Safe from any thread and from a signal."""
        self._stopping = True
        self.wake()

    def run(self) -> None:
        """Answer until stopped."""
        poller = zmq.Poller()
        for door in (self._router, self._ear):
            poller.register(door, zmq.POLLIN)
        swept = time.monotonic()
        while not self._stopping:
            ready = dict(poller.poll(TICK_MS))
            if self._ear.fileno() in ready:
                self._ear.recv(4096)
            if self._router in ready:
                self._serve()
            self._ask_again()
            self._desk.tick()
            self._speak()
            if not ready:
                self._desk.rest()
            if time.monotonic() - swept > 1:
                swept = time.monotonic()
                self._forget_the_gone()

    def _forget_the_gone(self) -> None:
        """Clients whose process has ended are known no more; their slots come back."""
        here = {
            identity: client
            for identity, client in self._clients.items()
            if not client.pid or _runs(client)
        }
        self._clients = here
        self._desk.left(list(here.values()))

    def __enter__(self) -> Daemon:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._desk.close()
        self._shut()

    def _shut(self) -> None:
        self.connection_file.unlink(missing_ok=True)
        self._router.close()
        self._context.term()
        self._ear.close()
        self._bell.close()
        if self._settings.transport == "ipc":
            (self._settings.runtime / "daemon.sock").unlink(missing_ok=True)

    def _serve(self) -> None:
        """Answer what has arrived, a few at a time so that stages are heard in between."""
        for _ in range(32):
            try:
                identity, *parts = self._router.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._answer(identity, parts)

    def _ask_again(self) -> None:
        """Answer what hung on a disk that has answered by now, or is given up."""
        before, self._put_off = self._put_off, []
        for one in before:
            if one.until.ready:
                self._answer(one.identity, one.parts)
            else:
                self._put_off.append(one)

    def _answer(self, identity: bytes, parts: list[bytes]) -> None:
        message = Message("", "")
        try:
            message = wire.unpack(parts)
            answer = self._ask(self._client(identity, message), message)
        except NotYet as until:
            return self._put_off.append(_PutOff(until, identity, parts))
        except SecondUnitError as error:
            return self._send(identity, message, error)
        except Exception as error:  # noqa: BLE001 - border: a bad message must not stop the daemon
            self._log.fault(f"could not answer {message.kind!r:.60}")
            broken = ProtocolError(
                f"the daemon could not answer {message.kind!r}: {type(error).__name__}: {error}",
                hint="This is a fault of Second Unit; its log says more.",
            )
            return self._send(identity, message, broken)
        if isinstance(answer, Later):
            self._late.setdefault(answer.work, []).append(_Waiting(identity, message))
        else:
            self._send(identity, message, answer)

    def _ask(self, client: Client, message: Message) -> Reply | Later:
        if message.kind == "stop_daemon":
            self.stop()
            return Reply({})
        return self._desk.answer(client, message)

    def _client(self, identity: bytes, message: Message) -> Client:
        known = self._clients.get(identity, Client(identity))
        if message.kind == "hello" and isinstance(message.body, dict):
            body = message.body
            known = Client(
                identity,
                name=str(body.get("host", ""))[:64],
                pid=body["pid"] if type(body.get("pid")) is int else 0,
                started=str(body.get("started", "")),
                events=body.get("events") is True,
                session=str(body.get("session", ""))[:64],
            )
            self._clients[identity] = known
        return known

    def _send(self, identity: bytes, asked: Message, answer: Reply | SecondUnitError) -> None:
        if isinstance(answer, Reply):
            kind, body, parts = asked.kind, answer.body, answer.parts
        else:
            kind, body, parts = "error", error_body(answer), ()
        message = Message(kind, f"answer {next(self._serial)}", body, asked.id, parts)
        try:
            packed = wire.pack(message)
        except SecondUnitError as error:
            packed = wire.pack(Message("error", message.id, error_body(error), message.re))
        self._push(identity, packed)

    def _push(self, identity: bytes, packed: list[bytes]) -> None:
        try:
            self._router.send_multipart([identity, *packed], zmq.NOBLOCK)
        except zmq.Again:
            return  # a client that does not read loses events; it catches up with ``entries``
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            self._clients.pop(identity, None)

    def _speak(self) -> None:
        for work, answer in self._desk.late_answers():
            for waiting in self._late.pop(work, ()):
                self._send(waiting.identity, waiting.message, answer)
        for trouble in self._desk.troubles():
            self._log.warn(trouble)
        for entry in self._desk.told():
            self._log.entry(entry)
            self._tell(Message("entry", str(entry.number), entry))
        for aside in self._desk.asides():
            self._tell(Message(aside.kind, "", aside.body, parts=aside.parts))

    def _tell(self, news: Message) -> None:
        """Push it to every client that listens; it is packed once for all of them."""
        listeners = [client.identity for client in self._clients.values() if client.events]
        if not listeners:
            return
        try:
            packed = wire.pack(news)
        except SecondUnitError:
            return self._log.fault(f"could not tell of {news.kind} {news.id}")
        for identity in listeners:
            self._push(identity, packed)


def _runs(client: Client) -> bool:
    """The client's process is still the one that said hello."""
    began = process_started(client.pid)
    return began is not None and client.started in (began, "")
