"""The doorman: tells the daemon's socket which clients may come in."""

from __future__ import annotations

import hmac

import zmq


class Doorman:
    """Answers ZAP (RFC 27): the token opens, everything else is refused with 400."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], token: str) -> None:
        self._token = token.encode()
        self.socket = context.socket(zmq.REP)
        self.socket.bind("inproc://zeromq.zap.01")

    def answer(self) -> None:
        """Judge one client that knocks."""
        version, request, _domain, _address, _identity, mechanism, *given = (
            self.socket.recv_multipart()
        )
        welcome = (
            mechanism == b"PLAIN" and len(given) == 2 and hmac.compare_digest(given[1], self._token)
        )
        verdict = [b"200", b"OK", b"host"] if welcome else [b"400", b"the token is wrong", b""]
        self.socket.send_multipart([version, request, *verdict, b""])
