"""A small server that answers as Kitsu does when a version is published; it keeps all of it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

STATUSES = ("todo", "wip", "wfa", "retake", "approved", "done", "rejected")


class KitsuServer:
    """``rows`` by kind; ``refuse`` is a status that every answer has while it is set.

    ``breaks`` are words of paths: the next call to each is done, or not, and refused once. As Kitsu
    does, a preview takes one file and refuses another (its original_name says that it has one).
    """

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {
            "projects": [{"id": "p1", "name": "film"}], "sequences": [], "shots": [],
            "task-types": [], "tasks": [], "preview-files": [], "comments": [],
            "task-status": [{"id": f"s-{name}", "short_name": name} for name in STATUSES],
        }  # fmt: skip
        self.movies: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.refuse = 0
        self.breaks: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.host = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        parts = path.strip("/").split("/")
        if parts == ["auth", "login"]:
            return {"access_token": "T"} if body["password"] == "right" else None
        if parts[-2:] == ["shots", "all"]:
            parts = parts[:-1]
        if parts[0] == "actions" and parts[-1] == "comment":
            return self._said(parts[2], body)
        if parts[-1] == "add-preview":
            made = self._add("preview-files", {"task_id": parts[2], "data": {}})
            said = next(one for one in self.rows["comments"] if one["id"] == parts[4])
            said.setdefault("previews", []).append({"id": made["id"]})
            return made
        if method == "PUT":
            row = next(one for one in self.rows[parts[1]] if one["id"] == parts[2])
            return row.update(body) or row
        if parts[-1] == "comments":
            return [one for one in self.rows["comments"] if one["task_id"] == parts[2]][::-1]
        kind = parts[-1]
        if method == "POST":
            parent = {"parent_id": body["sequence_id"]} if "sequence_id" in body else {}
            within = {"project_id": parts[2]} if parts[1] == "projects" else {}
            return self._add(kind, {**body, **parent, **within})
        rows = self.rows[kind]
        return [row for row in rows if all(row.get(name) == one for name, one in query.items())]

    def upload(self, preview: str, data: bytes) -> tuple[int, Any]:
        """A preview's file: once."""
        row = next(one for one in self.rows["preview-files"] if one["id"] == preview)
        if row.get("original_name"):
            return 400, {"message": "reupload not allowed"}
        row["original_name"], self.movies[preview] = "movie", data
        return 200, row

    def say(self, task: str, status: str, text: str, by: str) -> None:
        """Somebody else comments."""
        said = self._said(task, {"task_status_id": f"s-{status}", "comment": text})
        said["person"] = {"first_name": by, "last_name": ""}

    def _said(self, task: str, body: Any) -> dict[str, Any]:
        short = body["task_status_id"].removeprefix("s-")
        return self._add("comments", {"task_id": task, "text": body["comment"],
                                      "task_status": {"short_name": short}})  # fmt: skip

    def _add(self, kind: str, row: dict[str, Any]) -> dict[str, Any]:
        made = {**row, "id": f"{kind}-{len(self.rows[kind]) + 1}"}
        self.rows[kind].append(made)
        return made


def _handler(kitsu: KitsuServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            where = urlsplit(self.path)
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kitsu.asked.append(f"{self.command} {where.path}")
            signed = self.headers.get("Authorization") == "Bearer T" or "auth" in where.path
            if kitsu.refuse or not signed:
                return self._say(kitsu.refuse or 401, {"message": "no"})
            broken = next((word for word in kitsu.breaks if word in where.path), "")
            if broken:
                kitsu.breaks.remove(broken)
                return self._say(400, {"message": "no"})
            if where.path.startswith("/pictures/"):
                return self._say(*kitsu.upload(where.path.rsplit("/", 1)[1], data))
            query = {name: values[0] for name, values in parse_qs(where.query).items()}
            body = json.loads(data) if data else None
            told = kitsu.answer(self.command, where.path, query, body)
            return self._say(400 if told is None else 200, told)

        do_GET = do_POST = do_PUT = _do

        def _say(self, code: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
