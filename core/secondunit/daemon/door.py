"""The doorman: tells the daemon's socket which clients may come in."""

from __future__ import annotations

import hmac
import threading

import zmq


class Doorman:
    """Answers ZAP (RFC 27): the token opens, everything else is refused with 400.

    He stands in a thread of his own until the context ends: whoever knocks is let in while the desk
    is still being opened, which takes seconds on a machine that renders, and then waits inside.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], token: str) -> None:
        self._token = token.encode()
        door = context.socket(zmq.REP)
        door.bind("inproc://zeromq.zap.01")
        stand = threading.Thread(
            target=self._stand, args=(door,), name="secondunit doorman", daemon=True
        )
        stand.start()

    def _stand(self, door: zmq.Socket[bytes]) -> None:
        with door:
            while True:
                try:
                    asked = door.recv_multipart()
                    door.send_multipart(self._verdict(*asked))
                except zmq.ContextTerminated:
                    return

    def _verdict(
        self, version: bytes, request: bytes, _domain: bytes, _address: bytes, _identity: bytes,
        mechanism: bytes, *given: bytes,
    ) -> list[bytes]:  # fmt: skip
        welcome = (
            mechanism == b"PLAIN" and len(given) == 2 and hmac.compare_digest(given[1], self._token)
        )
        verdict = [b"200", b"OK", b"host"] if welcome else [b"400", b"the token is wrong", b""]
        return [version, request, *verdict, b""]
