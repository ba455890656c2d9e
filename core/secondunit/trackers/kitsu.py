"""Kitsu's side: what publishing a version asks of gazu, Kitsu's own Python client.

Nothing is sent anywhere but to the address that a person wrote down, and no call waits for ever:
gazu sets no limit of its own, so its session does (``kitsu_session.py``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from secondunit_bridge.errors import EngineFailed, EngineOffline, ExtraMissing, SettingWrong

FILE = "kitsu.toml"
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
            if urlsplit(host).scheme not in ("http", "https"):
                raise ValueError(f"{host!r:.80} is no address")
            statuses = {**STATUSES, **said.get("statuses", {})}
            kind = str(said.get("task_type", cls.task_type))
            return cls(host, kind, statuses, dict(said.get("projects", {})))
        except (KeyError, ValueError, TypeError) as error:
            raise SettingWrong(
                f"{path} cannot be used: {error}", hint='Write at least: host = "https://..."'
            ) from error


class Kitsu:
    """One session. Raises EngineOffline when the server does not answer, EngineFailed when it
    refuses; a person's name and password come from KITSU_EMAIL and KITSU_PASSWORD.

    Raises ExtraMissing where gazu is not installed.
    """

    def __init__(self, site: Site) -> None:
        if find_spec("gazu") is None:
            raise ExtraMissing(
                "gazu is missing, so nothing can be told to Kitsu",
                hint="pip install 'secondunit[kitsu]'",
            )
        self._site = site

    @cached_property
    def _client(self) -> Any:
        from .kitsu_session import session

        return session(self._site.host)

    def log_in(self, environ: Mapping[str, str] = os.environ) -> None:
        """Begin the session, and see that the site has every status we map to."""
        import gazu

        name, password = environ.get("KITSU_EMAIL", ""), environ.get("KITSU_PASSWORD", "")
        if not (name and password):
            raise SettingWrong(
                "nobody's account for Kitsu is here",
                hint="Set KITSU_EMAIL and KITSU_PASSWORD in the environment.",
            )
        with self._asking("log in"):
            gazu.log_in(name, password, client=self._client)
        missing = sorted(set(self._site.statuses.values()) - set(self._statuses))
        if missing:
            raise SettingWrong(
                f"Kitsu has no status {', '.join(missing)}",
                hint=f"Say in {FILE} what yours are called, under [statuses].",
            )

    def task(self, project: str, sequence: str, code: str, frames: tuple[int, int]) -> str:
        """The id of the shot's task, made with its sequence and shot where they are not there."""
        import gazu

        client, name = self._client, self._site.projects.get(project, project)
        with self._asking("find the task"):
            home = gazu.project.get_project_by_name(name, client=client)
            if home is None:
                raise EngineFailed(
                    f"Kitsu has no production {name!r:.80}",
                    hint=f"Make it there, or say in {FILE} under [projects] what it is called.",
                )
            first, last = frames
            parent = gazu.shot.new_sequence(home, sequence, client=client)
            shot = gazu.shot.new_shot(
                home, parent, code, last - first + 1, first, last, client=client
            )
            kind = gazu.task.new_task_type(self._site.task_type, "#2f4858", "Shot", client=client)
            status = self._statuses[self._site.statuses["pending_review"]]
            entity = {"id": shot["id"], "project_id": home["id"]}
            made = gazu.task.new_task(entity, kind, task_status=status, client=client)
        return str(made["id"])

    def publish(self, task: str, status: str, text: str, movie: Path, record: str) -> None:
        """A comment with the review movie; nothing when a preview of that record is there.

        What an earlier push left half done is gone on with, wherever it ended: neither its comment
        nor its preview is made again, and no movie is sent twice.
        """
        import gazu

        client = self._client
        with self._asking("publish the version"):
            there = gazu.files.get_all_preview_files_for_task({"id": task}, client=client)
        if any((one.get("data") or {}).get("su_record") == record for one in there):
            return
        said = next((one for one in self.comments(task) if one.get("text") == text), None)
        comment = str(said["id"]) if said else self.say(task, status, text)
        begun = {str(one["id"]) for one in (said or {}).get("previews") or ()}
        preview = next((one for one in there if str(one["id"]) in begun), None)
        with self._asking("upload the review movie"):
            if preview is None:
                preview = gazu.task.create_preview({"id": task}, {"id": comment}, client=client)
            if not preview.get("original_name"):  # the server's word that a file was uploaded
                gazu.task.upload_preview_file(preview, str(movie), client=client)
            told = {"data": {"su_record": record}}
            gazu.files.update_preview({"id": preview["id"]}, told, client=client)

    def say(self, task: str, status: str, text: str) -> str:
        """A comment that sets the task's status; its id."""
        import gazu

        set_to = self._statuses[self._site.statuses[status]]
        with self._asking("comment"):
            said = gazu.task.add_comment({"id": task}, set_to, text, client=self._client)
        return str(said["id"])

    def comments(self, task: str) -> list[dict[str, Any]]:
        """What was said at a task, newest first, with the status each set."""
        import gazu

        with self._asking("read the comments"):
            found = gazu.task.all_comments_for_task({"id": task}, client=self._client)
        return list(found) if isinstance(found, list) else []

    def ours(self, short_name: str) -> str:
        """Our word for a status of theirs; empty for one that we do not map."""
        named = (own for own in _HEARD if self._site.statuses.get(own) == short_name)
        return next(named, "")

    @cached_property
    def _statuses(self) -> dict[str, Any]:
        """The site's statuses by their short names."""
        import gazu

        with self._asking("read the statuses"):
            found = gazu.task.all_task_statuses(client=self._client)
        return {one["short_name"]: {"id": one["id"]} for one in found}

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """What gazu and its session raise, as errors of ours."""
        import requests
        from gazu.exception import GazuException

        try:
            yield
        except (requests.ConnectionError, requests.Timeout) as error:
            raise EngineOffline(
                f"Kitsu does not answer at {self._site.host}: {type(error).__name__}",
                hint="It is tried again by the next `secondunit tracker push`.",
            ) from error
        except (GazuException, requests.RequestException, KeyError, TypeError) as error:
            raise EngineFailed(
                f"Kitsu refused to {what}: {type(error).__name__} {str(error)[:160]}".rstrip(),
                hint="See whether the account may do that there.",
            ) from error
