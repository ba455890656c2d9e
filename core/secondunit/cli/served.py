"""One page, served to one browser on this machine: a link that works once, then a cookie.

Nobody else gets in: it listens on the loopback only, the link carries a token that is spent by the
first who follows it, requests must name this very address (so no other site's name can lead here),
and what is written must come from the page itself.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from secondunit_bridge.errors import SecondUnitError, error_body

LOOPBACK = "127.0.0.1"
ANSWERS, CARDS, AGAIN = "/answers", "/cards", "/again"
MOST = 16 << 20  # bytes of one request
PATIENCE_S = 30.0
_COOKIE = "secondunit_review"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

Page = Callable[[], tuple[str, str]]
"""The page as it is now, and its policy."""
Take = Callable[[Any], dict[str, Any]]
"""Takes what the page sent; what is answered. Raises SecondUnitError."""


class Served(ThreadingHTTPServer):
    """The page at ``link``, until ``shutdown``. One request is worked on at a time."""

    daemon_threads = True

    def __init__(self, page: Page, takes: Mapping[str, Take], port: int = 0) -> None:
        super().__init__((LOOPBACK, port), Caller)
        self.page, self.takes, self.turn = page, takes, threading.Lock()
        self.token, self.session = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.address = f"{LOOPBACK}:{self.server_address[1]}"

    @property
    def link(self) -> str:
        """Where a person finds it. It works once."""
        return f"http://{self.address}/?token={self.token}"

    def spend(self, token: str) -> bool:
        """The token is the right one, and nobody has used it."""
        with self.turn:
            right = bool(self.token) and hmac.compare_digest(token.encode(), self.token.encode())
            self.token = "" if right else self.token
        return right


class Caller(BaseHTTPRequestHandler):
    """One request."""

    server: Served
    timeout = PATIENCE_S
    server_version, sys_version = "SecondUnit", ""

    def do_GET(self) -> None:
        """The page; with the right token first the cookie."""
        asked = urlsplit(self.path)
        if not self._here():
            self._say(HTTPStatus.FORBIDDEN, "This address is not served here.")
        elif (token := parse_qs(asked.query).get("token")) and self.server.spend(token[0]):
            cookie = f"{_COOKIE}={self.server.session}; Path=/; HttpOnly; SameSite=Strict"
            self._answer(HTTPStatus.SEE_OTHER, "", {"Location": "/", "Set-Cookie": cookie})
        elif not self._known():
            self._say(HTTPStatus.FORBIDDEN, "This link has been used. Run secondunit review again.")
        elif asked.path != "/":
            self._say(HTTPStatus.NOT_FOUND, "There is only the page itself.")
        else:
            self._show()

    def do_POST(self) -> None:
        """Answers and cards from the page."""
        size = self.headers.get("Content-Length", "")
        own = self.headers.get("Origin") == f"http://{self.server.address}"
        if not (self._here() and own and self._known()):
            self._say(HTTPStatus.FORBIDDEN, "Only the page itself may write.")
        elif (
            self.path not in self.server.takes
            or self.headers.get_content_type() != "application/json"
        ):
            self._say(HTTPStatus.NOT_FOUND, "Only what the page sends is taken.")
        elif not size.isdecimal() or int(size) > MOST:
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That is too much.")
        else:
            self._take(self.rfile.read(int(size)))

    def _show(self) -> None:
        try:
            with self.server.turn:
                page, policy = self.server.page()
        except SecondUnitError as error:  # a sheet that somebody broke meanwhile
            self._say(HTTPStatus.CONFLICT, f"{error.message}. {error.hint}")
            return
        policy = f"{policy}; frame-ancestors 'none'"
        kind = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
        self._answer(HTTPStatus.OK, page, kind)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a terminal is for people."""

    def _take(self, data: bytes) -> None:
        try:
            with self.server.turn:
                said = self.server.takes[self.path](json.loads(data))
        except ValueError:
            self._say(HTTPStatus.BAD_REQUEST, "That is no JSON.")
        except SecondUnitError as error:
            body = {"error": error_body(error)}
            self._json(HTTPStatus.CONFLICT, body)
        else:
            self._json(HTTPStatus.OK, said)

    def _here(self) -> bool:
        return self.headers.get("Host") == self.server.address

    def _known(self) -> bool:
        try:
            sent = SimpleCookie(self.headers.get("Cookie", "")).get(_COOKIE)
        except CookieError:
            return False
        return sent is not None and hmac.compare_digest(
            sent.value.encode(), self.server.session.encode()
        )

    def _json(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        text = json.dumps(body, ensure_ascii=False, default=str)
        self._answer(status, text, {"Content-Type": "application/json"})

    def _say(self, status: HTTPStatus, sentence: str) -> None:
        self.close_connection = True  # a body that was not read must not become the next request
        self._answer(status, sentence, {"Content-Type": "text/plain; charset=utf-8"})

    def _answer(self, status: HTTPStatus, text: str, headers: dict[str, str]) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in {**_HEADERS, **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
