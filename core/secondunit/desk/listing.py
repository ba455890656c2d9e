"""What there is: hello, status, projects, shots, takes, versions, entries."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from secondunit_bridge import __version__
from secondunit_bridge.errors import FieldError, PathRefused, UnknownId
from secondunit_bridge.film import Project, TakeState
from secondunit_bridge.places import slot_folder
from secondunit_bridge.timing import exact_rate
from secondunit_bridge.wire import PROTOCOL, Message, dumps, plain, typed

from ..jobs import Jobs
from ..ledger import Draft
from ..plugins import Plugins
from ..stage.crew import Crew
from .asks import LEGAL, SIDE, within, words_of
from .live import LiveRoom
from .memory import Sight
from .people import Book, Client, Reply

MAX_LISTED = 2_000  # rows in one answer; ask again with ``after``
MAX_PAGE = 7 << 20  # bytes of one answer, so that it fits a message


class Listing:
    """Reads, and the project's own entry."""

    def __init__(
        self, book: Book, jobs: Jobs, plugins: Plugins, crew: Crew, live: LiveRoom
    ) -> None:
        self._book, self._jobs, self._plugins, self._crew = book, jobs, plugins, crew
        self._live, self._sight = live, Sight()

    def hello(self, client: Client, message: Message) -> Reply:
        """What the daemon is and can do."""
        return Reply(
            {
                "version": __version__,
                "protocol": PROTOCOL.decode(),
                "pid": os.getpid(),
                "generators": sorted(self._plugins.generators),
                "checks": sorted(self._plugins.checks),
                "slots": str(slot_folder(0)),
                "refused": {name: why.message for name, why in self._plugins.refused.items()},
            }
        )

    def status(self, client: Client, message: Message) -> Reply:
        """How busy it is."""
        stages = self._crew.pids()
        return Reply(
            {
                "waiting": len(self._jobs),
                "shooting": [job.take for job in self._jobs.leased()],
                "stages": stages,
                "memory": self._sight.told(stages),
                "live": self._live.open,
                "pid": os.getpid(),
            }
        )

    def queue(self, client: Client, message: Message) -> Reply:
        """Every take that waits, as ``[take, turnover, client, priority]``: small and quick."""
        rows = [[job.take, job.turnover[:8], job.client, job.priority] for job in self._jobs]
        return Reply({"queue": rows})

    def project(self, client: Client, message: Message) -> Reply:
        """Register a project, or change it: the newest entry counts."""
        project = typed(Project, message.body)
        exact_rate(project.rate)
        within("Project.width", project.width, *SIDE)
        within("Project.height", project.height, *SIDE)
        if project.store and not Path(project.store).is_absolute():
            raise PathRefused(
                f"Project.store: {project.store} is not an absolute path on this machine",
                hint="Give the full path of the folder for its frames.",
            )
        if not LEGAL.fullmatch(project.name):
            raise FieldError(
                "Project.name: expected a name that can be a folder",
                hint="Use letters, digits, dot, dash and underscore, at most 64.",
            )
        if project not in self._book.views.projects():
            self._book.write(Draft("project", project.name, plain(project)))
        return Reply({"project": plain(project)})

    def projects(self, client: Client, message: Message) -> Reply:
        """Every project."""
        return Reply({"projects": plain(self._book.views.projects())})

    def shots(self, client: Client, message: Message) -> Reply:
        """Every shot that was ever turned over, by guid; after a guid when given."""
        after = words_of(message.body, "after")["after"]
        found = [shot for shot in self._book.views.shots() if shot.guid > after]
        return page_of("shots", plain(found))

    def take(self, client: Client, message: Message) -> Reply:
        """One take."""
        return Reply({"take": plain(self._book.views.take(words_of(message.body, "take")["take"]))})

    def takes(self, client: Client, message: Message) -> Reply:
        """Takes in the order they were asked, of one shot and in one state when given."""
        words, body = words_of(message.body, "shot", "after"), message.body or {}
        state = body.get("state")
        found = self._book.views.takes(
            shot=words["shot"],
            state=None if state is None else typed(TakeState, state, "state"),
            limit=_limit(body),
            after=words["after"],
        )
        return page_of("takes", plain(found))

    def versions(self, client: Client, message: Message) -> Reply:
        """Versions, each with its present state; after a version's name when given."""
        words = words_of(message.body, "shot", "after")
        found = list(self._book.views.versions(shot=words["shot"]))
        names = [version.name for version in found]
        if words["after"]:
            begin = _place(names, words["after"]) + 1
            found, names = found[begin:], names[begin:]
        page = page_of("versions", plain(found)).body
        listed = names[: len(page["versions"])]
        states = {name: self._book.views.version_state(name) for name in listed}
        return Reply({**page, "states": states})

    def entries(self, client: Client, message: Message) -> Reply:
        """Ledger entries after a number, to catch up; about one subject where it is named."""
        subject = words_of(message.body, "subject")["subject"]
        body = message.body if isinstance(message.body, dict) else {}
        after = body.get("after", 0)
        if type(after) is not int or after < 0:
            raise FieldError("after: expected an entry number")
        found = self._book.entries(after=after, subject=subject, limit=_limit(body))
        return page_of("entries", plain(found))


def page_of(name: str, rows: list[Any]) -> Reply:
    """As many rows as fit a message, at least one; ``more`` when some were left out."""
    room, fitting = MAX_PAGE, 0
    for row in rows:
        room -= len(dumps(row)) + 1
        if room < 0 and fitting:
            break
        fitting += 1
    return Reply({name: rows[:fitting], "more": fitting < len(rows)})


def _place(names: list[str], name: str) -> int:
    if name not in names:
        raise UnknownId(f"there is no version {name!r} here", hint="List them from the first.")
    return names.index(name)


def _limit(body: dict[str, Any]) -> int:
    limit = body.get("limit", 1000)
    if type(limit) is not int or not 1 <= limit <= MAX_LISTED:
        raise FieldError(f"limit: expected 1 to {MAX_LISTED}")
    return limit
