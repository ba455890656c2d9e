"""Talks HTTP with the ComfyUI server on this machine: short, bounded, nowhere else.

No proxy of the environment is used, no redirect followed, no answer read beyond its limit, and a
person who stops the take does not wait for the server.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode
from uuid import uuid4

from secondunit_bridge.errors import EngineFailed, EngineOffline

from ...settings import own_address

JSON_MOST = 64 << 20  # bytes; a queue holds every waiting prompt whole
ANSWER_S = 30.0  # a server that samples on the processor answers late
TURN_S = 0.1  # between two looks whether a person has stopped the take
CHUNK = 1 << 18
START = "See that the ComfyUI server runs at the address in the setting comfyui."

Check = Callable[[], None]
Ask: TypeAlias = tuple[str, str, bytes | None, dict[str, str]]  # method, path, body, headers


@dataclass
class _Answer:
    """What came of one request, filled in by its thread."""

    status: int = 0
    where: str = ""  # a redirect's target
    body: bytes = b""
    problem: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)


class Server:
    """One server. ``check`` is called while an answer is waited for, and may raise."""

    def __init__(self, address: str, check: Check = lambda: None) -> None:
        self.address, self._check = address, check
        self.host, self.port = own_address(address)

    def patient(self, check: Check) -> Server:
        """The same server, asked for somebody else."""
        return Server(self.address, check)

    def told(self, path: str, *, within_s: float = ANSWER_S) -> Any:
        """JSON of a GET. Raises EngineOffline, EngineFailed, and what ``check`` raises."""
        return _json(self._good("GET", path, within_s=within_s), path)

    def post(
        self, path: str, body: Any, *, within_s: float = ANSWER_S, bad: int = 200
    ) -> tuple[int, Any]:
        """Status and JSON of a POST; ``bad`` is a status that is no error here. Raises as told."""
        sent = json.dumps(body).encode()
        kind = {"Content-Type": "application/json"}
        status, text = self._ask("POST", path, sent, kind, JSON_MOST, within_s)
        if status not in (200, bad):
            raise _refused(path, status)
        return status, _json(text, path) if text.strip() else None

    def view(self, name: str, folder: str, kind: str, most: int) -> bytes:
        """A file the server made, at most so many bytes. Raises as told."""
        words = urlencode({"filename": name, "subfolder": folder, "type": kind})
        return self._good("GET", f"/view?{words}", most=most)

    def upload(self, name: str, folder: str, png: bytes) -> str:
        """Put a picture among the server's inputs; returns the name nodes load it by.

        Raises EngineFailed when it was put elsewhere, and as told.
        """
        mark = uuid4().hex
        fields = {"type": "input", "subfolder": folder, "overwrite": "true"}
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        about = f'form-data; name="image"; filename="{name}"'
        head = f"--{mark}\r\nContent-Disposition: {about}\r\nContent-Type: image/png\r\n\r\n"
        body = b"".join((*parts, head.encode(), png, f"\r\n--{mark}--\r\n".encode()))
        kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        status, text = self._ask("POST", "/upload/image", body, kind, JSON_MOST, ANSWER_S)
        if status != 200:
            raise _refused("/upload/image", status)
        said = _json(text, "/upload/image")
        wanted = {"name": name, "subfolder": folder, "type": "input"}
        if not isinstance(said, dict) or {key: said.get(key) for key in wanted} != wanted:
            raise EngineFailed(
                "the ComfyUI server put a picture elsewhere than it was asked to",
                hint="Is something else than ComfyUI at that address?",
                data={"asked": wanted},
            )
        return f"{folder}/{name}"

    def _good(
        self, method: str, path: str, *, most: int = JSON_MOST, within_s: float = ANSWER_S
    ) -> bytes:
        status, text = self._ask(method, path, None, {}, most, within_s)
        if status != 200:
            raise _refused(path, status)
        return text

    def _ask(
        self, method: str, path: str, body: bytes | None, head: dict[str, str], most: int,
        within_s: float,
    ) -> tuple[int, bytes]:  # fmt: skip
        """One request on a thread of its own, so that a silent server holds nobody up."""
        line = HTTPConnection(self.host, self.port, timeout=within_s)
        answer, end = _Answer(), time.monotonic() + within_s

        def work() -> None:
            try:
                _exchange(line, answer, (method, path, body, head), most, end)
            except (OSError, HTTPException, ValueError) as error:
                answer.problem = error
            finally:
                line.close()
                answer.done.set()

        threading.Thread(target=work, name="comfyui", daemon=True).start()
        try:
            while not answer.done.wait(TURN_S):
                self._check()
                if time.monotonic() > end:
                    raise _silent(self, f"nothing came within {within_s:g} seconds")
        finally:
            _hang_up(line)
        if answer.problem is not None:
            raise _silent(self, str(answer.problem)) from answer.problem
        return self._sound(answer, path, most)

    def _sound(self, answer: _Answer, path: str, most: int) -> tuple[int, bytes]:
        if 300 <= answer.status < 400:
            raise EngineFailed(
                f"the ComfyUI server sends us elsewhere ({answer.where!r:.80}); nothing follows",
                hint="Say the server's own address in the setting comfyui.",
                data={"path": path.partition("?")[0]},
            )
        if len(answer.body) > most:
            raise EngineFailed(
                f"the ComfyUI server's answer to {path.partition('?')[0]} is larger than"
                f" {most:,} bytes",
                hint="It is no picture of the size that was asked for.",
                data={"path": path.partition("?")[0], "most": most},
            )
        return answer.status, answer.body


def _exchange(line: HTTPConnection, answer: _Answer, ask: Ask, most: int, end: float) -> None:
    method, path, body, head = ask
    line.request(method, path, body, {"Connection": "close", **head})
    said = line.getresponse()
    answer.status, answer.where = said.status, said.getheader("Location") or ""
    read = bytearray()
    while len(read) <= most:
        if time.monotonic() > end:
            raise TimeoutError("its answer takes too long")
        chunk = said.read1(CHUNK)
        if not chunk:
            break
        read += chunk
    if said.length and len(read) <= most:  # a part of an answer must not be taken for all of it
        raise ConnectionError("it broke off in the middle of an answer")
    answer.body = bytes(read)


def _hang_up(line: HTTPConnection) -> None:
    """End what the thread still waits for."""
    sock = line.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(2)


def _json(text: bytes, path: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EngineFailed(
            f"what answers at {path.partition('?')[0]} does not speak as ComfyUI does",
            hint="Is something else than ComfyUI at the address in the setting comfyui?",
        ) from error


def _refused(path: str, status: int) -> EngineFailed:
    return EngineFailed(
        f"the ComfyUI server refused {path.partition('?')[0]} with status {status}",
        hint="Its own log says why.",
        data={"path": path.partition("?")[0], "status": status},
    )


def _silent(server: Server, why: str) -> EngineOffline:
    return EngineOffline(
        f"the ComfyUI server at {server.address} does not answer: {why:.200}",
        hint=START,
        data={"address": server.address},
    )


def named(path: str) -> str:
    """A word as part of a path."""
    return quote(path, safe="")
