"""Kitsu's side: the few calls of its HTTP interface that publishing a version needs.

Paths and bodies are those of Kitsu's own Python client. Nothing is sent anywhere but to the address
that a person wrote down.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import EngineFailed, EngineOffline, SettingWrong

FILE = "kitsu.toml"
ANSWER_S, UPLOAD_S = 30.0, 900.0
_CHUNK = 1 << 20
# Our states, and Kitsu's short names out of the box; a site says otherwise in kitsu.toml.
STATUSES = {
    "pending_review": "wfa",
    "approved": "approved",
    "final": "done",
    "recalled": "retake",
    "changes_requested": "retake",
}
# What others' words mean to us, where two of ours have one name there: nobody recalls by a retake.
_HEARD = ("changes_requested", "approved", "final", "pending_review", "recalled")


@dataclass(frozen=True)
class Site:
    """A Kitsu server as ``kitsu.toml`` of the home says it."""

    host: str  # with /api where the server has that
    task_type: str = "Generation"
    statuses: Mapping[str, str] = field(default_factory=lambda: STATUSES, hash=False)
    projects: Mapping[str, str] = field(default_factory=dict, hash=False)  # ours -> theirs

    @classmethod
    def of(cls, home: Path) -> Site | None:
        """The site; None when nobody wrote one down. Raises SettingWrong."""
        import tomllib

        path = home / FILE
        if not path.is_file():
            return None
        try:
            said = tomllib.loads(path.read_text(encoding="utf-8"))
            host = str(said["host"]).rstrip("/")
            if urllib.parse.urlsplit(host).scheme not in ("http", "https"):
                raise ValueError(f"{host!r:.80} is no address")
            statuses = {**STATUSES, **said.get("statuses", {})}
            kind = str(said.get("task_type", cls.task_type))
            return cls(host, kind, statuses, dict(said.get("projects", {})))
        except (KeyError, ValueError, TypeError) as error:
            raise SettingWrong(
                f"{path} cannot be used: {error}", hint='Write at least: host = "https://..."'
            ) from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to the address that was written down and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Kitsu:
    """One session. Raises EngineOffline when the server does not answer, EngineFailed when it
    refuses; a person's name and password come from KITSU_EMAIL and KITSU_PASSWORD.
    """

    def __init__(self, site: Site) -> None:
        self._site, self._token = site, ""
        self._opener = urllib.request.build_opener(_NoRedirect)

    def log_in(self, environ: Mapping[str, str] = os.environ) -> None:
        """Begin the session, and see that the site has every status we map to."""
        words = {
            "email": environ.get("KITSU_EMAIL", ""),
            "password": environ.get("KITSU_PASSWORD", ""),
        }
        if not all(words.values()):
            raise SettingWrong(
                "nobody's account for Kitsu is here",
                hint="Set KITSU_EMAIL and KITSU_PASSWORD in the environment.",
            )
        self._token = str(self._ask("POST", "auth/login", words)["access_token"])
        there = {one["short_name"] for one in self._ask("GET", "data/task-status")}
        missing = sorted(set(self._site.statuses.values()) - there)
        if missing:
            raise SettingWrong(
                f"Kitsu has no status {', '.join(missing)}",
                hint=f"Say in {FILE} what yours are called, under [statuses].",
            )

    def task(self, project: str, sequence: str, code: str, frames: tuple[int, int]) -> str:
        """The id of the shot's task, made with its sequence and shot where they are not there."""
        home = self._project(self._site.projects.get(project, project))
        place = f"data/projects/{home}"
        parent = self._named(f"{place}/sequences", sequence, {})
        first, last = frames
        about = {"sequence_id": parent, "nb_frames": last - first + 1,
                 "data": {"frame_in": first, "frame_out": last}}  # fmt: skip
        shot = self._named(f"{place}/shots", code, about, parent=parent)
        kind = self._task_type()
        query = urllib.parse.urlencode({"entity_id": shot, "task_type_id": kind})
        found = self._ask("GET", f"data/tasks?{query}")
        made = found[0] if found else self._ask("POST", "data/tasks", {
            "name": "main", "project_id": home, "entity_id": shot, "task_type_id": kind,
            "task_status_id": self._status("pending_review"), "assignees": [],
        })  # fmt: skip
        return str(made["id"])

    def publish(self, task: str, status: str, text: str, movie: Path, record: str) -> None:
        """A comment with the review movie; nothing when a preview of that record is there."""
        there = self._ask("GET", f"data/preview-files?task_id={task}")
        if any((one.get("data") or {}).get("su_record") == record for one in there):
            return
        comment = self.say(task, status, text)
        place = f"actions/tasks/{task}/comments/{comment}/add-preview"
        preview = str(self._ask("POST", place, {})["id"])
        self._upload(f"pictures/preview-files/{preview}", movie)
        self._ask("PUT", f"data/preview-files/{preview}", {"data": {"su_record": record}})

    def say(self, task: str, status: str, text: str) -> str:
        """A comment that sets the task's status; its id."""
        body = {"task_status_id": self._status(status), "comment": text, "checklist": []}
        return str(self._ask("POST", f"actions/tasks/{task}/comment", body)["id"])

    def comments(self, task: str) -> list[dict[str, Any]]:
        """What was said at a task, newest first, with the status each set."""
        found = self._ask("GET", f"data/tasks/{task}/comments")
        return list(found) if isinstance(found, list) else []

    def ours(self, short_name: str) -> str:
        """Our word for a status of theirs; empty for one that we do not map."""
        named = (own for own in _HEARD if self._site.statuses.get(own) == short_name)
        return next(named, "")

    def _project(self, name: str) -> str:
        found = self._ask("GET", f"data/projects?{urllib.parse.urlencode({'name': name})}")
        if not found:
            raise EngineFailed(
                f"Kitsu has no production {name!r:.80}",
                hint=f"Make it there, or say in {FILE} under [projects] what it is called.",
            )
        return str(found[0]["id"])

    def _named(self, place: str, name: str, about: dict[str, Any], parent: str = "") -> str:
        for one in self._ask("GET", place):
            if one["name"] == name and (not parent or one.get("parent_id") == parent):
                return str(one["id"])
        return str(self._ask("POST", place, {"name": name, **about})["id"])

    def _task_type(self) -> str:
        name = self._site.task_type
        found = self._ask("GET", f"data/task-types?{urllib.parse.urlencode({'name': name})}")
        body = {"name": name, "for_entity": "Shot", "color": "#2f4858"}
        made = found[0] if found else self._ask("POST", "data/task-types", body)
        return str(made["id"])

    def _status(self, ours: str) -> str:
        short = self._site.statuses[ours]
        there = self._ask("GET", "data/task-status")
        return str(next(one["id"] for one in there if one["short_name"] == short))

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data is not None else {}
        return self._send(method, path, data, headers, ANSWER_S)

    def _upload(self, path: str, file: Path) -> None:
        mark = os.urandom(12).hex()
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{mark}--\r\n".encode()
        size = len(head) + file.stat().st_size + len(tail)
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}",
                   "Content-Length": str(size)}  # fmt: skip
        self._send("POST", path, _parts(head, file, tail), headers, UPLOAD_S)

    def _send(self, method: str, path: str, data: Any, headers: dict[str, str], wait: float) -> Any:
        if self._token:
            headers = {**headers, "Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(
            f"{self._site.host}/{path}", data=data, headers=headers, method=method
        )
        try:
            with self._opener.open(request, timeout=wait) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise EngineFailed(
                f"Kitsu refused {method} {path.partition('?')[0]}: {error.code}",
                hint="See whether the account may do that there.",
                data={"status": error.code},
            ) from error
        except (urllib.error.URLError, TimeoutError, ConnectionError, ValueError) as error:
            raise EngineOffline(
                f"Kitsu does not answer at {self._site.host}: {error}",
                hint="It is tried again by the next `secondunit tracker push`.",
            ) from error


def _parts(head: bytes, file: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with open(file, "rb") as opened:
        while data := opened.read(_CHUNK):
            yield data
    yield tail
