"""A client's end of one WebSocket (RFC 6455), as far as listening needs it."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress

MAX_MESSAGE = 16 << 20  # bytes; a preview is some 100 kB
MAX_HEAD = 16 << 10
CONNECT_S = 2.0
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Broken(Exception):
    """The other side is gone, or does not keep to the protocol."""


class Socket:
    """An open connection. Raises Broken when it cannot be opened."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self._held = bytearray()
        self._message, self._kind = bytearray(), 0
        try:
            self._line = socket.create_connection((host, port), CONNECT_S)
        except OSError as error:
            raise Broken(str(error)) from error
        try:
            self._greet(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", path)
        except (OSError, Broken) as error:
            self._line.close()
            raise Broken(str(error)) from error

    def say(self, text: str) -> None:
        """Send one message of text. Raises Broken."""
        self._send(TEXT, text.encode())

    def heard(self, within_s: float) -> Iterator[tuple[bool, bytes]]:
        """Every whole message that comes within that time: whether it is text, and its bytes.

        Returns after the first ones, so that nothing waits. Raises Broken.
        """
        end = time.monotonic() + within_s
        while True:
            found = list(self._messages())
            yield from found
            left = end - time.monotonic()
            if found or left <= 0:
                return
            self._line.settimeout(left)
            try:
                chunk = self._line.recv(1 << 16)
            except TimeoutError:
                return
            except OSError as error:
                raise Broken(str(error)) from error
            if not chunk:
                raise Broken("the server closed the connection")
            self._held += chunk

    def close(self) -> None:
        """Say goodbye and hang up; never raises."""
        with suppress(Broken):
            self._send(CLOSE, struct.pack(">H", 1000))
        with suppress(OSError):
            self._line.close()

    def _greet(self, host: str, path: str) -> None:
        key = base64.b64encode(os.urandom(16))
        lines = (
            f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key.decode()}", "Sec-WebSocket-Version: 13",
        )  # fmt: skip
        self._line.sendall("\r\n".join((*lines, "", "")).encode())
        while b"\r\n\r\n" not in self._held:
            chunk = self._line.recv(4096)
            if not chunk or len(self._held) > MAX_HEAD:
                raise Broken("the server does not speak WebSocket")
            self._held += chunk
        head, _, rest = bytes(self._held).partition(b"\r\n\r\n")
        self._held = bytearray(rest)
        wanted = base64.b64encode(hashlib.sha1(key + _MAGIC).digest()).lower()
        fields = dict(
            line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line
        )
        told = fields.get(b"sec-websocket-accept", b"").strip()
        if not head.startswith(b"HTTP/1.1 101") or told != wanted:
            raise Broken("the server does not speak WebSocket")

    def _messages(self) -> Iterator[tuple[bool, bytes]]:
        """Whole messages among the bytes that are held."""
        while (frame := self._frame()) is not None:
            last, kind, data = frame
            if kind == PING:
                self._send(PONG, data)
            elif kind == CLOSE:
                raise Broken("the server closed the connection")
            elif kind in (TEXT, BINARY, CONTINUED):
                if kind != CONTINUED:
                    self._kind, self._message = kind, bytearray()
                self._message += data
                if len(self._message) > MAX_MESSAGE:
                    raise Broken("a message without end")
                if last:
                    yield self._kind == TEXT, bytes(self._message)

    def _frame(self) -> tuple[bool, int, bytes] | None:
        """The next frame, taken from what is held; None when it is not all there."""
        held = self._held
        if len(held) < 2:
            return None
        size, at = held[1] & 0x7F, 2
        if held[1] & 0x80 or held[0] & 0x70:  # servers do not mask, and nothing was agreed on
            raise Broken("a frame that is none")
        if size >= 126:
            wide = 2 if size == 126 else 8
            if len(held) < 2 + wide:
                return None
            size, at = int.from_bytes(held[2 : 2 + wide], "big"), 2 + wide
        if size > (125 if held[0] & 0x08 else MAX_MESSAGE):
            raise Broken("a message without end")
        if len(held) < at + size:
            return None
        frame = bool(held[0] & 0x80), held[0] & 0x0F, bytes(held[at : at + size])
        del held[: at + size]
        return frame

    def _send(self, kind: int, data: bytes) -> None:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
        self._line.settimeout(CONNECT_S)
        try:
            self._line.sendall(bytes([0x80 | kind]) + _length(len(data)) + mask + masked)
        except OSError as error:
            raise Broken(str(error)) from error


def _length(size: int) -> bytes:
    """How long a masked frame's data are, as its head says it (RFC 6455, 5.2)."""
    if size < 126:
        return bytes([0x80 | size])
    wide, word = (">H", 126) if size < 1 << 16 else (">Q", 127)
    return bytes([0x80 | word]) + struct.pack(wide, size)
