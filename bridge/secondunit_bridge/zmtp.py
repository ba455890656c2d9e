"""A ZeroMQ DEALER in the standard library: ZMTP 3.1 (RFC 37), PLAIN (RFC 24), this machine only.

It speaks with any libzmq ROUTER. One thread may receive while another sends. Nothing blocks longer
than it is told to; what arrived in part is kept for the next call.
"""

from __future__ import annotations

import selectors
import socket
import struct
import threading
import time
from collections import deque
from typing import Any, Deque, List, Optional, Sequence, Tuple

from .errors import BridgeError, DaemonUnavailable, ProtocolError, TimedOut, TokenRefused
from .framing import COMMAND, LONG, MAX_COMMAND, Decoder, check_flags, command, encoded, named

HANDSHAKE_S = 2.0
MAX_QUEUED = 64 << 20  # bytes that wait to be sent; the other side has stopped reading

_GREETING = 64
_TTL_DS = 60  # tenths of a second that our PING gives us to live (RFC 37, 2.8)
_READ = 1 << 16


class Dealer:
    """One connection to a ROUTER, greeted and let in. Made by ``dial``."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.heard = time.monotonic()  # when the last byte arrived
        self._decoder = Decoder()
        self._arrived: Deque[List[bytes]] = deque()
        self._outgoing = bytearray()
        self._sending = threading.Lock()
        self._closed = False
        self._waiting, self._events = selectors.DefaultSelector(), selectors.EVENT_READ
        self._waiting.register(connected, self._events)

    def send(self, parts: Sequence[bytes]) -> bool:
        """Send, or queue what the socket does not take now; True when nothing is left over.

        Never blocks. Raises DaemonUnavailable when the connection has ended or the other side has
        not read for too long.
        """
        return self._put(encoded(parts))

    def ping(self) -> None:
        """Ask for a sign of life, and promise one. Raises DaemonUnavailable."""
        self._put(command(b"PING", struct.pack(">H", _TTL_DS)))

    @property
    def unsent(self) -> bool:
        """Bytes are left over that the socket has not taken yet."""
        return bool(self._outgoing)

    def flush(self) -> bool:
        """Send what is left over; True when nothing is left. Raises DaemonUnavailable."""
        return self._put(b"")

    def recv(self, timeout: float) -> List[bytes]:
        """The next message. Raises TimedOut, DaemonUnavailable, ProtocolError, MessageTooBig.

        After TimedOut the next call goes on where this one stopped, in mid-message too.
        """
        end = time.monotonic() + timeout
        while not self._arrived:
            left = end - time.monotonic()
            if left < 0 or not self._ready(left):
                raise TimedOut(f"no message arrived in {timeout:g} s")
            self.pump()
        return self._arrived.popleft()

    def pump(self) -> None:
        """Read what is there without blocking; answer PINGs; messages go to ``arrived``."""
        try:
            data = self.socket.recv(_READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            raise _ended(error) from error
        if not data:
            raise _ended(None)
        self.heard = time.monotonic()
        self._decoder.feed(data)
        while True:
            found = self._decoder.next()
            if found is None:
                return
            is_command, parts = found
            if is_command:
                self._obey(parts[0])
            else:
                self._arrived.append(parts)

    def arrived(self) -> Optional[List[bytes]]:
        """The next message that has been read, or None."""
        return self._arrived.popleft() if self._arrived else None

    def close(self) -> None:
        """End the connection."""
        with self._sending:
            self._closed = True
            self._waiting.close()
            self.socket.close()

    def _ready(self, timeout: float) -> bool:
        """Wait until bytes are there to read; send meanwhile what is left over."""
        events = selectors.EVENT_READ
        if self._outgoing and not self.flush():
            events |= selectors.EVENT_WRITE
        if events != self._events:
            self._events = events
            self._waiting.modify(self.socket, events)
        return bool(self._waiting.select(timeout))

    def _obey(self, told: bytes) -> None:
        name, body = named(told)
        if name == b"PING":
            self._put(command(b"PONG", body[2:18]))
        elif name == b"ERROR":
            raise _refused(body)
        # PONG has done its work by arriving; unknown commands are for newer peers (RFC 37)

    def _put(self, data: bytes) -> bool:
        with self._sending:
            if self._closed:
                raise _ended(None)
            if len(self._outgoing) + len(data) > MAX_QUEUED:
                raise DaemonUnavailable("the daemon has stopped reading", hint="Restart it.")
            self._outgoing += data
            try:
                while self._outgoing:
                    del self._outgoing[: self.socket.send(self._outgoing)]
            except (BlockingIOError, InterruptedError):
                return False
            except OSError as error:
                raise _ended(error) from error
            return True


def dial(endpoint: str, user: str, token: str, *, timeout: float = HANDSHAKE_S) -> Dealer:
    """Connect to a ROUTER at an ipc or loopback tcp endpoint, and show the token.

    Blocks for ``timeout`` seconds at most, handshake included. Raises DaemonUnavailable when nobody
    answers, TokenRefused, ProtocolError when the other side is no ROUTER that asks for a token,
    TimedOut when it does not finish the handshake.
    """
    end = time.monotonic() + timeout
    connected = _connected(endpoint, timeout)
    dealer = Dealer(connected)
    try:
        _shake(_Line(connected, end), user.encode(), token.encode())
        connected.setblocking(False)
    except OSError as error:
        dealer.close()
        if isinstance(error, socket.timeout):
            raise TimedOut(
                f"the daemon did not finish the handshake in {timeout:g} s",
                hint="It may be busy or stuck: see `secondunit doctor`.",
            ) from error
        raise _ended(error) from error
    except BridgeError:
        dealer.close()
        raise
    return dealer


def _connected(endpoint: str, timeout: float) -> socket.socket:
    family, address = _address(endpoint)
    connected = socket.socket(family, socket.SOCK_STREAM)
    try:
        connected.settimeout(timeout)
        connected.connect(address)
        if family != getattr(socket, "AF_UNIX", None):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if connected.getsockname() == connected.getpeername():
                raise ConnectionRefusedError("a socket met itself")  # both ends took one free port
    except OSError as error:
        connected.close()
        raise DaemonUnavailable(
            f"nobody answers at {endpoint}: {error.strerror or error}",
            hint="Start it with: secondunit daemon start",
            data={"endpoint": endpoint},
        ) from error
    return connected


def _address(endpoint: str) -> Tuple[int, Any]:
    """Socket family and address. Raises ProtocolError for all but addresses on this machine."""
    scheme, _, rest = endpoint.partition("://")
    if scheme == "ipc" and rest.startswith("/") and hasattr(socket, "AF_UNIX"):
        return socket.AF_UNIX, rest
    host, _, port = rest.rpartition(":")
    if scheme == "tcp" and port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16:
        if host == "[::1]":
            return socket.AF_INET6, ("::1", int(port))
        numbers = host.split(".")
        if numbers[0] == "127" and len(numbers) == 4 and all(map(_is_octet, numbers)):
            return socket.AF_INET, (host, int(port))
    raise ProtocolError(
        f"{endpoint!r} is not an address on this machine",
        hint="Second Unit talks over ipc and 127.0.0.1 only.",
    )


def _is_octet(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < 256


class _Line:
    """A blocking socket with one deadline for all of the handshake."""

    def __init__(self, connected: socket.socket, end: float) -> None:
        self._socket, self._end = connected, end

    def say(self, data: bytes) -> None:
        self._limit()
        self._socket.sendall(data)

    def hear(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            self._limit()
            more = self._socket.recv(count - len(data))
            if not more:
                raise _ended(None)
            data += more
        return data

    def command(self) -> Tuple[bytes, bytes]:
        flags = self.hear(1)[0]
        check_flags(flags)
        size = int.from_bytes(self.hear(8 if flags & LONG else 1), "big")
        if not flags & COMMAND or size > MAX_COMMAND:
            raise ProtocolError("the other side broke off the handshake")
        return named(self.hear(size))

    def _limit(self) -> None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise socket.timeout("the handshake took too long")
        self._socket.settimeout(left)


def _shake(line: _Line, user: bytes, token: bytes) -> None:
    if len(user) > 255 or len(token) > 255:
        raise ProtocolError("user or token is longer than 255 bytes")
    version, mechanism = b"\x03\x01", b"PLAIN".ljust(20, b"\0")
    line.say(b"\xff" + bytes(8) + b"\x7f" + version + mechanism + bytes(32))
    theirs = line.hear(11)
    if theirs[0] != 0xFF or theirs[9] & 1 == 0 or theirs[10] < 3:
        raise ProtocolError("the other side does not speak ZMTP 3", hint="Is it another program?")
    theirs += line.hear(_GREETING - 11)
    if theirs[12:32] != mechanism:
        raise ProtocolError(
            "the other side does not ask for a token, so it is not this user's daemon",
            hint="Stop it and start the daemon again.",
        )
    hello = bytes((len(user),)) + user + bytes((len(token),)) + token
    line.say(command(b"HELLO", hello))
    _expect(line, b"WELCOME")
    line.say(command(b"INITIATE", b"\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"))
    _expect(line, b"READY")


def _expect(line: _Line, wanted: bytes) -> None:
    name, body = line.command()
    if name == b"ERROR":
        raise _refused(body)
    if name != wanted:
        raise ProtocolError(f"the other side broke off the handshake with {name[:20]!r}")


def _refused(body: bytes) -> BridgeError:
    reason = body[1 : 1 + body[0]] if body else b""
    if reason.startswith(b"400"):  # RFC 27: authentication failure
        return TokenRefused(
            "the daemon does not know this token",
            hint="The connection file is not of the daemon that runs now. Connect again, or"
            " restart the daemon: secondunit daemon stop, then start.",
        )
    said = reason.decode("ascii", "replace") or "no reason given"
    return DaemonUnavailable(f"the daemon refused the connection: {said}")


def _ended(error: Optional[BaseException]) -> DaemonUnavailable:
    why = f": {error}" if error else ""
    return DaemonUnavailable(f"the daemon closed the connection{why}", hint="It may have ended.")
