"""The bytes of ZMTP 3.1 (RFC 37): frames, messages and commands, without a socket."""

from __future__ import annotations

import struct
from typing import List, Optional, Sequence, Tuple

from .errors import MessageTooBig, ProtocolError
from .wire import MAX_HEAD, MAX_PART, MAX_PARTS

MAX_FRAME = MAX_HEAD
MAX_MESSAGE = MAX_HEAD + MAX_PART * (MAX_PARTS - 1)  # bytes of all parts together
MAX_COMMAND = 4096  # bytes; a handshake's metadata has about 60

MORE, LONG, COMMAND = 1, 2, 4  # flags of a frame


class Decoder:
    """Bytes of a stream to whole messages and commands, however they were cut up."""

    def __init__(self) -> None:
        self._bytes, self._at = bytearray(), 0
        self._parts: List[bytes] = []
        self._held = 0  # bytes in _parts

    def feed(self, data: bytes) -> None:
        """Take in what arrived."""
        if self._at:
            del self._bytes[: self._at]
            self._at = 0
        self._bytes += data

    def next(self) -> Optional[Tuple[bool, List[bytes]]]:
        """The next ``(is a command, parts)``, or None when more bytes must arrive first.

        Raises ProtocolError for bytes that are no frame, MessageTooBig beyond the limits.
        """
        while True:
            frame = self._frame()
            if frame is None:
                return None
            flags, body = frame
            if flags & COMMAND:
                return True, [body]
            self._parts.append(body)
            self._held += len(body)
            if len(self._parts) > MAX_PARTS or self._held > MAX_MESSAGE:
                raise MessageTooBig("the other side sent a message beyond the limits")
            if not flags & MORE:
                parts, self._parts, self._held = self._parts, [], 0
                return False, parts

    def _frame(self) -> Optional[Tuple[int, bytes]]:
        data, at = self._bytes, self._at
        there = len(data) - at
        if there < 2:
            if there:
                check_flags(data[at])
            return None
        flags = data[at]
        check_flags(flags)
        if flags & LONG:
            if there < 9:
                return None
            size, start = int.from_bytes(data[at + 1 : at + 9], "big"), at + 9
        else:
            size, start = data[at + 1], at + 2
        if size > (MAX_COMMAND if flags & COMMAND else MAX_FRAME):
            raise MessageTooBig(f"the other side sent a frame of {size} bytes")
        end = start + size
        if end > len(data):
            return None
        self._at = end
        return flags, bytes(data[start:end])


def encoded(parts: Sequence[bytes]) -> bytes:
    """A message as the bytes that go over the socket. Raises MessageTooBig."""
    if not parts or len(parts) > MAX_PARTS or sum(map(len, parts)) > MAX_MESSAGE:
        raise MessageTooBig("a message beyond the limits", hint="Pixels travel in slots or files.")
    last, out = len(parts) - 1, []
    for index, part in enumerate(parts):
        more = MORE if index < last else 0
        if len(part) > MAX_FRAME:
            raise MessageTooBig(f"part {index} of a message has {len(part)} bytes")
        out.append(_head(more, len(part)))
        out.append(part)
    return b"".join(out)


def _head(flags: int, size: int) -> bytes:
    if size > 255:
        return struct.pack(">BQ", flags | LONG, size)
    return bytes((flags, size))


def command(name: bytes, body: bytes) -> bytes:
    """A command as the bytes that go over the socket."""
    whole = bytes((len(name),)) + name + body
    return _head(COMMAND, len(whole)) + whole


def named(command: bytes) -> Tuple[bytes, bytes]:
    """A command's name and body; ``ERROR`` also as libzmq 4.3 garbles it."""
    at = command[:6].find(b"RROR")  # it sends ^RROR, a slip of the pen for \5ERROR
    if at >= 0:
        return b"ERROR", command[at + 4 :]
    size = command[0] if command else 0
    return command[1 : 1 + size], command[1 + size :]


def check_flags(flags: int) -> None:
    """Raises ProtocolError for flags that no frame can have."""
    if flags > 7 or (flags & COMMAND and flags & MORE):
        raise ProtocolError("the other side does not speak ZMTP", hint="Is it another program?")
