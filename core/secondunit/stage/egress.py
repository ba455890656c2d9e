"""What of a stage left this machine: every connection that its Python opens, as Python tells.

An audit hook hears it, which nothing in the process can take off again. Code of other languages
that opens sockets by itself is not heard, and no packet of the network is looked at.
"""

from __future__ import annotations

import sys
from ipaddress import ip_address
from socket import gethostname
from threading import Lock
from typing import Any

_SENDING = ("socket.connect", "socket.sendto", "socket.sendmsg")
_ASKING = "socket.getaddrinfo"  # a name is looked up: that leaves the machine too
MOST = 20  # addresses of one take that are written down
HEARD = "connections and name look-ups of the stage's own Python"


class Watchman:
    """One for the process. ``stand`` once, then ``seen`` at the end of each take."""

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}
        self._lock = Lock()

    def stand(self) -> None:
        """Begin to listen, until the process ends."""
        sys.addaudithook(self._hear)

    def seen(self) -> tuple[str, ...]:
        """Where to it went, beyond this machine, since the last call: ``HOST:PORT``, in order."""
        with self._lock:
            found, self._seen = tuple(self._seen), {}
        return found[:MOST]

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _SENDING and len(args) > 1:
            self._note(args[1])
        elif event == _ASKING and len(args) > 1:
            self._note(args[:2])

    def _note(self, address: object) -> None:
        if not isinstance(address, tuple) or len(address) < 2:
            return  # a socket file, or a pipe: both ends are on this machine
        host, port = _text(address[0]), _text(address[1])
        if outside(host):
            with self._lock:
                self._seen[f"{host}:{port}" if port else host] = None


def outside(host: str) -> bool:
    """An address or a name that is not this machine's own."""
    if host in ("", "localhost", gethostname()):
        return False
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return True
    return not (found.is_loopback or found.is_unspecified)


def _text(part: object) -> str:
    if isinstance(part, bytes | bytearray):
        return bytes(part).decode("ascii", "replace")
    return "" if part is None else str(part)
