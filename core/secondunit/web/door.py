"""The page's door: one browser on this machine, let in by a link that works once, then a cookie.

It listens on the loopback only; requests must name this very address, so that no other site's
name can lead here; what is written must come from the page itself, in small pieces of JSON.
"""

from __future__ import annotations

import hmac
import json
import queue
import secrets
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from secondunit_bridge.errors import SecondUnitError, UnknownId, error_body

LOOPBACK = "127.0.0.1"
EVENTS = "/events"
LET_GO = ""  # the last message to who has left too many unread: hang up, they ask again
MOST = 16 << 20  # bytes of one request: answers to a whole cut
PATIENCE_S = 30.0
HEARTBEAT_S = 10.0
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Answer:
    """What is sent back: bytes, of which kind, and headers beside the door's own."""

    data: bytes
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any) -> Answer:
        """A value as JSON."""
        return cls(json.dumps(value, ensure_ascii=False, default=str).encode())


Show = Callable[[str, dict[str, str]], Answer | None]
"""``(path, query)``: what lies there; None when nothing does. Raises SecondUnitError."""
Write = Callable[[str, Any], Answer | None]
"""``(path, JSON)``: what was done; None when nothing is taken there. Raises SecondUnitError."""
Listen = Callable[[], "AbstractContextManager[queue.Queue[str]]"]
"""A queue of messages of the event stream, for as long as a page listens."""


class Door(ThreadingHTTPServer):
    """The page at ``link``, until ``shutdown``. Each request has a thread of its own."""

    daemon_threads = True

    def __init__(self, show: Show, write: Write, listen: Listen, port: int = 0) -> None:
        super().__init__((LOOPBACK, port), Caller)
        self.show, self.write, self.listen = show, write, listen
        self.token, self.session = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.address = f"{LOOPBACK}:{self.server_address[1]}"
        self.cookie = f"secondunit_{self.server_address[1]}"  # browsers keep one jar for all ports
        self.closing = threading.Event()
        self._turn = threading.Lock()

    @property
    def link(self) -> str:
        """Where a person finds it. It works once."""
        return f"http://{self.address}/?token={self.token}"

    def spend(self, token: str) -> bool:
        """The token is the right one, and nobody has used it."""
        with self._turn:
            right = bool(self.token) and hmac.compare_digest(token.encode(), self.token.encode())
            self.token = "" if right else self.token
        return right

    def server_close(self) -> None:
        """Let those who listen go."""
        self.closing.set()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hung up is no news; a fault of ours is."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Caller(BaseHTTPRequestHandler):
    """One connection."""

    server: Door
    timeout = PATIENCE_S
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "SecondUnit", ""

    def do_GET(self) -> None:
        """The page and what is on it; with the right token first the cookie."""
        asked = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if not self._here():
            self._say(HTTPStatus.FORBIDDEN, "This address is not served here.")
        elif asked.path == "/" and self.server.spend(query.get("token", "")):
            cookie = (
                f"{self.server.cookie}={self.server.session}; Path=/; HttpOnly; SameSite=Strict"
            )
            self._send(HTTPStatus.SEE_OTHER, b"", {"Location": "/", "Set-Cookie": cookie})
        elif not self._known():
            self._say(HTTPStatus.FORBIDDEN, "This link has been used. Run secondunit review again.")
        elif asked.path == EVENTS:
            self._events()
        else:
            self._answer(lambda: self.server.show(asked.path, query))

    def do_POST(self) -> None:
        """What a person decided."""
        size = self.headers.get("Content-Length", "")
        own = self.headers.get("Origin") == f"http://{self.server.address}"
        if not (self._here() and own and self._known()):
            self._say(HTTPStatus.FORBIDDEN, "Answers are taken from the page itself only.")
        elif self.headers.get_content_type() != "application/json":
            self._say(HTTPStatus.NOT_FOUND, "Only answers are taken.")
        elif not size.isdecimal() or int(size) > MOST:
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That is too much for an answer.")
        else:
            try:
                said = json.loads(self.rfile.read(int(size)))
            except (ValueError, RecursionError):
                self._say(HTTPStatus.BAD_REQUEST, "That is no JSON.")
            else:
                self._answer(lambda: self.server.write(self.path, said))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a terminal is for people."""

    def _answer(self, ask: Callable[[], Answer | None]) -> None:
        try:
            found = ask()
        except SecondUnitError as error:
            gone = isinstance(error, UnknownId) and self.command == "GET"
            status = HTTPStatus.NOT_FOUND if gone else HTTPStatus.CONFLICT
            found = Answer.of({"error": error_body(error)})
        else:
            status = HTTPStatus.OK
        if found is None:
            self._say(HTTPStatus.NOT_FOUND, "There is nothing here.")
        else:
            self._send(status, found.data, {"Content-Type": found.kind, **found.headers})

    def _events(self) -> None:
        """The stream of events, until the browser or we hang up."""
        self.close_connection = True
        with self.server.listen() as news:  # first: who then asks for all that is misses nothing
            self.send_response(HTTPStatus.OK)
            for name, value in {**_HEADERS, "Content-Type": "text/event-stream"}.items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            self._pass_on("retry: 1000\n\n")
            waited = 0.0
            while not self.server.closing.is_set():
                try:
                    text = news.get(timeout=0.5)
                    if text == LET_GO:
                        return
                    self._pass_on(text)
                    waited = 0.0
                except queue.Empty:
                    waited += 0.5
                    if waited >= HEARTBEAT_S:
                        self._pass_on(": here\n\n")
                        waited = 0.0

    def _pass_on(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()

    def _here(self) -> bool:
        return self.headers.get("Host") == self.server.address

    def _known(self) -> bool:
        try:
            sent = SimpleCookie(self.headers.get("Cookie", "")).get(self.server.cookie)
        except CookieError:
            return False
        return sent is not None and hmac.compare_digest(
            sent.value.encode(), self.server.session.encode()
        )

    def _say(self, status: HTTPStatus, sentence: str) -> None:
        self.close_connection = True  # a body that was not read must not become the next request
        self._send(status, sentence.encode(), {"Content-Type": "text/plain; charset=utf-8"})

    def _send(self, status: HTTPStatus, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, **headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
