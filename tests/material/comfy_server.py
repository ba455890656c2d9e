"""A server that behaves as ComfyUI's does at the ports, written from what its API is known to do.

Endpoints, the order of WebSocket messages, binary preview headers, the line with prompts of others,
validation and errors are as published for the releases of 2024 to 2026; the pictures are made here.
What a client does that the real one would not expect is written into ``faults``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

from comfy_nodes import INFO, Interrupted, NodeBroke, made_by, problem_of

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
ROUTES = ("/system_stats", "/queue", "/prompt", "/interrupt", "/view", "/upload/image", "/ws")


class Comfy:
    """One server with its line. Knobs are plain attributes; a test sets them and puts them back."""

    def __init__(self, port: int = 0) -> None:
        self.lock = threading.RLock()
        self.pending: list[list[Any]] = []
        self.running: list[Any] | None = None
        self.history: dict[str, Any] = {}
        self.files: dict[tuple[str, str, str], bytes] = {}
        self.sockets: dict[str, Line] = {}
        self.faults: list[str] = []
        self.calls: list[tuple[str, str, Any]] = []
        self.number, self.interrupted = 0, False
        self.restore()
        self._alive = True
        self._http = _Http(self, port)
        self.port = self._http.server_address[1]
        for work in (self._http.serve_forever, self._work):
            threading.Thread(target=work, daemon=True).start()

    def restore(self) -> None:
        """Every knob as it is at a server that means well."""
        self.step_s = 0.0
        self.gate: threading.Event | None = None  # samplers wait for it
        self.targeted = self.takes_ids = True  # releases since September 2025, and August 2025
        self.change: Callable[[list[bytes]], list[bytes]] = list  # of the output's PNGs
        self.name: Callable[[dict[str, str]], dict[str, str]] = dict  # of an output's file
        self.redirect = self.lie = ""
        self.huge, self.forgets, self.half_valid = 0, False, False
        self.info = json.loads(json.dumps(INFO))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def die(self) -> None:
        """As a killed process: nobody listens, every connection is cut."""
        self._alive = False
        self._http.shutdown()
        self._http.server_close()
        self._http.cut()

    def put(self, prompt: dict[str, Any], client: str = "somebody else", id: str = "") -> str:
        """A prompt in the line, as of the page of another person."""
        with self.lock:
            self.number += 1
            name = id or str(uuid4())
            outputs = [
                n for n, one in prompt.items() if self.info[one["class_type"]]["output_node"]
            ]
            row = [self.number, name, prompt, {"client_id": client}, outputs]
            self.pending.append(row)
            return name

    def ours(self) -> list[str]:
        """Ids of the prompts in the line that are not somebody else's."""
        with self.lock:
            rows = [*([self.running] if self.running else []), *self.pending]
            return [row[1] for row in rows if row[3]["client_id"] != "somebody else"]

    def tell(self, kind: str, data: dict[str, Any], client: str | None) -> None:
        """A message to one client, or to all."""
        text = json.dumps({"type": kind, "data": data}).encode()
        self._send(1, text, client)

    def show(self, picture: bytes, prompt: str, node: str, client: str) -> None:
        """A preview as the client has asked for it: with metadata, or plain."""
        line = self.sockets.get(client)
        if line is not None and line.flags.get("supports_preview_metadata"):
            about = {"node_id": node, "prompt_id": prompt, "image_type": "image/jpeg"}
            text = json.dumps(about).encode()
            self._send(2, struct.pack(">II", 4, len(text)) + text + picture, client)
        else:
            self._send(2, struct.pack(">II", 1, 1) + picture, client)

    def _send(self, kind: int, data: bytes, client: str | None) -> None:
        for name, line in list(self.sockets.items()):
            if client in (None, name):
                line.send(kind, data)

    def _work(self) -> None:
        while self._alive:
            with self.lock:
                self.pending.sort(key=lambda row: row[0])
                self.running = self.pending.pop(0) if self.pending else None
                self.interrupted = False
            if self.running is None:
                time.sleep(0.01)
                continue
            self._run(self.running)

    def _run(self, row: list[Any]) -> None:
        _, name, _, extra, outputs = row
        client, told = extra["client_id"], []

        def say(kind: str, broadcast: bool = False, **data: Any) -> None:
            data = {"prompt_id": name, "timestamp": int(time.time() * 1000), **data}
            told.append([kind, data])
            self.tell(kind, data, None if broadcast else client)

        say("execution_start")
        say("execution_cached", nodes=[])
        made: dict[str, Any] = {}
        try:
            for output in outputs:
                made[output] = made_by(self, row, output)
                self.tell("executed", {"node": output, "output": made[output], "prompt_id": name},
                          client)  # fmt: skip
            say("execution_success")
        except Interrupted as stop:
            say("execution_interrupted", True, node_id=stop.node, executed=[])
        except NodeBroke as broke:
            say("execution_error", node_id=broke.node, node_type=broke.kind, executed=[],
                exception_message=broke.message, exception_type=broke.exception,
                traceback=[], current_inputs={}, current_outputs=[])  # fmt: skip
        good = told[-1][0] == "execution_success"
        status = {"status_str": "success" if good else "error", "completed": good, "messages": told}
        with self.lock:
            if self._alive and not self.forgets:
                self.history[name] = {"prompt": row, "outputs": made, "status": status, "meta": {}}
            self.running = None
        self.tell("executing", {"node": None, "prompt_id": name}, client)

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """What a call of JSON is answered with."""
        if method == "GET" and path == "/system_stats":
            system = {"os": "posix", "comfyui_version": "0.9.1", "python_version": "3.12",
                      "pytorch_version": "2.9.0", "argv": ["main.py"]}  # fmt: skip
            return 200, {"system": system, "devices": [{"name": "cpu", "type": "cpu"}]}
        if method == "GET" and path.startswith("/object_info/"):
            kind = unquote(path.rpartition("/")[2])
            return 200, {kind: self.info[kind]} if kind in self.info else {}
        if method == "GET" and path.startswith("/history/"):
            name = path.rpartition("/")[2]
            return 200, {name: self.history[name]} if name in self.history else {}
        if method == "GET" and path == "/queue":
            with self.lock:
                running = [self.running] if self.running else []
                return 200, {"queue_running": running, "queue_pending": list(self.pending)}
        if method == "POST" and path == "/prompt":
            return self._prompted(body)
        if method == "POST" and path == "/queue":
            if set(body) != {"delete"}:
                self.faults.append(f"the line was told {body}")
            with self.lock:
                self.pending = [row for row in self.pending if row[1] not in body["delete"]]
            return 200, None
        if method == "POST" and path == "/interrupt":
            with self.lock:
                named = (body or {}).get("prompt_id") if self.targeted else None
                if self.running and named in (None, self.running[1]):
                    self.interrupted = True
            return 200, None
        self.faults.append(f"{method} {path} is no call of ComfyUI's")
        return 404, None

    def _prompted(self, body: Any) -> tuple[int, Any]:
        if "prompt" not in body:
            return 400, {"error": {"type": "no_prompt", "message": "No prompt provided"}}
        error, errors = problem_of(self, body["prompt"])
        if error and not self.half_valid:
            return 400, {"error": error, "node_errors": errors}
        given = body.get("prompt_id", "") if self.takes_ids else ""
        name = self.put(body["prompt"], body.get("client_id", ""), str(given))
        return 200, {"prompt_id": name, "number": self.number, "node_errors": errors}

    def uploaded(self, fields: dict[str, Any]) -> tuple[int, Any]:
        """A picture among the inputs."""
        file, name = fields["image"]
        folder = fields.get("subfolder", "")
        if ".." in folder or "/" in name or not name or fields.get("type", "input") != "input":
            self.faults.append(f"an upload to {folder}/{name}")
            return 400, None
        self.files["input", folder, name] = file
        return 200, {"name": name, "subfolder": folder, "type": "input"}

    def seen(self, words: dict[str, list[str]]) -> tuple[int, bytes]:
        """A file, as /view gives it."""
        name, folder, kind = (words.get(k, [""])[0] for k in ("filename", "subfolder", "type"))
        if name.startswith("/") or ".." in name or ".." in folder:
            self.faults.append(f"somebody looks for {folder}/{name}")
            return 400, b""
        found = self.files.get((kind or "output", folder, name))
        return (200, found) if found is not None else (404, b"")


class Line:
    """The server's end of a WebSocket."""

    def __init__(self, server: Comfy, handler: BaseHTTPRequestHandler) -> None:
        self._server, self._handler, self.flags = server, handler, dict[str, Any]()
        self._lock = threading.Lock()

    def send(self, kind: int, data: bytes) -> None:
        size = len(data)
        long = struct.pack(">BH", 126, size) if size < 65536 else struct.pack(">BQ", 127, size)
        with self._lock, suppress(OSError, ValueError):
            self._handler.wfile.write(bytes([0x80 | kind]))
            self._handler.wfile.write((bytes([size]) if size < 126 else long) + data)
            self._handler.wfile.flush()

    def listen(self) -> None:
        """Until the client goes. Its frames must be masked, and its first word are its flags."""
        read = self._handler.rfile.read
        with suppress(OSError, ValueError):
            while len(head := read(2)) == 2:
                size = head[1] & 0x7F
                if size == 126:
                    size = int.from_bytes(read(2), "big")
                if not head[1] & 0x80:
                    self._server.faults.append("a frame without a mask")
                mask = read(4)
                data = bytes(b ^ mask[i % 4] for i, b in enumerate(read(size)))
                if head[0] & 0x0F == 8:
                    return
                if head[0] & 0x0F == 1 and json.loads(data)["type"] == "feature_flags":
                    self.flags = json.loads(data)["data"]


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, comfy: Comfy, port: int) -> None:
        self.comfy, self._open = comfy, list[Any]()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, address: Any) -> None:
        self._open.append(request)
        super().process_request(request, address)

    def cut(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.shutdown(2)

    def handle_error(self, request: Any, address: Any) -> None:
        """Clients that hang up in the middle are no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"

    def log_message(self, *words: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        comfy, parts = self.server.comfy, urlsplit(self.path)
        if "Origin" in self.headers:
            comfy.faults.append("a browser's header")
        if parts.path == "/ws":
            self._socket(parse_qs(parts.query)["clientId"][0])
        elif parts.path == "/view":
            comfy.calls.append(("GET", "/view", parse_qs(parts.query)))
            self._view(parse_qs(parts.query))
        else:
            self._json(*comfy.answer("GET", parts.path, None))

    def do_POST(self) -> None:
        comfy, body = self.server.comfy, self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.headers["Content-Type"]
        if self.path == "/upload/image":
            self._json(*comfy.uploaded(_fields(kind, body)))
            return
        told = json.loads(body) if body else {}
        comfy.calls.append(("POST", self.path, told))
        self._json(*comfy.answer("POST", self.path, told))

    def _view(self, words: dict[str, list[str]]) -> None:
        comfy = self.server.comfy
        if comfy.redirect:
            self.send_response(302)
            self.send_header("Location", comfy.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        status, data = comfy.seen(words)
        self.send_response(status)
        self.send_header("Content-Type", "image/png")
        if comfy.huge:
            self.send_header("Connection", "close")
            self.end_headers()
            with suppress(OSError):
                for _ in range(comfy.huge >> 20):
                    self.wfile.write(b"\0" * (1 << 20))
            self.close_connection = True
            return
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _json(self, status: int, body: Any) -> None:
        comfy = self.server.comfy
        data = b"" if body is None else json.dumps(body).encode()
        data = comfy.lie.encode() if comfy.lie else data
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _socket(self, client: str) -> None:
        key = self.headers["Sec-WebSocket-Key"].encode()
        told = base64.b64encode(hashlib.sha1(key + _MAGIC).digest()).decode()
        self.send_response(101)
        for name, word in (("Upgrade", "websocket"), ("Connection", "upgrade"),
                           ("Sec-WebSocket-Accept", told)):  # fmt: skip
            self.send_header(name, word)
        self.end_headers()
        comfy = self.server.comfy
        line = comfy.sockets[client] = Line(comfy, self)
        state = {"exec_info": {"queue_remaining": len(comfy.pending)}}
        comfy.tell("status", {"status": state, "sid": client}, client)
        try:
            line.listen()
        finally:
            comfy.sockets.pop(client, None)
            self.close_connection = True


def _fields(kind: str, body: bytes) -> dict[str, Any]:
    """The parts of a form: words, and of a file its bytes and name."""
    mark = b"--" + kind.partition("boundary=")[2].encode()
    found: dict[str, Any] = {}
    for part in body.split(mark)[1:-1]:
        head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        data = data.removesuffix(b"\r\n")
        words = dict(re.findall(r'(\w+)="([^"]*)"', head.decode()))
        found[words["name"]] = (data, words["filename"]) if "filename" in words else data.decode()
    return found


@contextmanager
def comfy() -> Iterator[Comfy]:
    """A server of a test module's own."""
    server = Comfy()
    try:
        yield server
    finally:
        server.die()
