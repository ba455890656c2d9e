"""Publishing: circled takes become versions on disk, one after the other, while takes are shot."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import SecondUnitError, UnknownId, error_body, error_from
from secondunit_bridge.film import Project, Take, TakeState, Version, VersionClass, delivered
from secondunit_bridge.wire import plain, typed

from ..ledger import Draft
from ..stage.crew import Crew, Report
from ..stage.orders import PUBLISHING, Publish
from .drafts import finish_of
from .people import Book, Reply

if TYPE_CHECKING:
    from .rights import Rights

ProjectOf = Callable[[str], Project]


class Publishing:
    """A version is in the ledger only when its folder is complete under its final name."""

    def __init__(self, book: Book, crew: Crew, project_of: ProjectOf, rights: Rights) -> None:
        self._book, self._crew, self._project_of = book, crew, project_of
        self._rights = rights
        self._waiting: deque[Version] = deque()
        self._under_way: dict[str, Version] = {}  # by take
        self.answers: list[tuple[str, Reply | SecondUnitError]] = []

    def under_way(self, take: str) -> str:
        """Name of the version a take is being published as. Raises UnknownId."""
        if take not in self._under_way:
            raise UnknownId(
                f"take {take} is circled but is not being published",
                hint="Restart the daemon with `secondunit daemon stop`; it finishes what it began.",
            )
        return self._under_way[take].name

    def next_version(self, take: Take, by: str, kind: VersionClass) -> Version:
        """The version a take will become; its number is never given out again."""
        number = self._book.views.next_number(take.shot)
        version = self._numbered(take, number, by, kind)
        while self._book.views.is_promised(version.name):  # another project has such a shot too
            number += 1
            version = self._numbered(take, number, by, kind)
        return version

    def add(self, version: Version) -> None:
        """Queue a version to be written."""
        self._waiting.append(version)
        self._under_way[version.take] = version

    def take_up(self) -> None:
        """Finish what was circled when the last daemon ended."""
        for intent in self._book.views.circled_without_version():
            take = self._book.views.take(intent.take)
            self.add(self._numbered(take, intent.number, intent.by, intent.kind))

    def tick(self) -> None:
        """Give the publishing stage its next version."""
        if self._waiting and self._crew.free(PUBLISHING):
            version = self._waiting.popleft()
            self._crew.give(PUBLISHING, "publish", version.name, self._order(version))

    def hear(self, report: Report, lost: SecondUnitError) -> None:
        """Take in a report of the publishing stage; ``lost`` says what its death means."""
        word = report.body.get("say")
        if word == "published":
            self._crew.finished(PUBLISHING)
            self._written(typed(Version, report.body["version"]))
        elif word in ("failed", "died"):
            self._crew.finished(PUBLISHING)
            failed = error_from(report.body["error"]) if word == "failed" else lost
            self._failed(report.work, failed)

    def _numbered(self, take: Take, number: int, by: str, kind: VersionClass) -> Version:
        shot = self._book.views.turnover(take.turnover).shot
        store = Path(self._project_of(shot.project).store)
        return Version(
            name=f"{shot.name}_v{number:03}",
            shot=shot.guid,
            take=take.id,
            number=number,
            kind=kind,
            by=by,
            path=str(store / shot.sequence / shot.name / f"v{number:03}"),
            frames=delivered(shot),
            handles=shot.handles,
            record="",  # the stage fills it in
        )

    def _order(self, version: Version) -> Publish:
        views = self._book.views
        take = views.take(version.take)
        turnover = views.turnover(take.turnover)
        project = self._project_of(turnover.shot.project)
        taken: dict[str, Any] = dict(self._book.entries(kind="take", subject=take.id)[-1].body)
        return Publish(
            version=version,
            take=take,
            turnover=turnover,
            project=project,
            store=taken.get("store") or project.store,
            taken=taken,
            waivers=views.waivers(take.id),
            finish_of=finish_of(self._book, take),
            unmarked=self._rights.unmarked(project.name),
            consents=self._rights.consents(taken),
        )

    def _written(self, version: Version) -> None:
        final = version.kind is VersionClass.final
        state = {"state": "final" if final else "approved", "reason": f"circled by {version.by}"}
        state |= self._alone(version)

        def answer() -> None:
            self._under_way.pop(version.take, None)
            self.answers.append((version.name, Reply({"version": plain(version)})))

        self._book.owe(
            Draft("version", version.name, plain(version), by=version.by),
            Draft("version_state", version.name, state, by=version.by),
            then=answer,
            instead=lambda error: self._failed(version.name, error),
        )

    def _alone(self, version: Version) -> dict[str, str]:
        """Why its approver is the person who asked for it, where that is so."""
        said = self._book.entries(kind="circled", subject=version.take)[-1:]
        reason = str(said[0].body.get("alone", "")) if said else ""
        return {"alone": reason} if reason else {}

    def _failed(self, name: str, error: SecondUnitError) -> None:
        """The take may be circled again; the number stays used."""
        for take in [t for t, version in self._under_way.items() if version.name == name]:
            del self._under_way[take]
            again = {
                "state": TakeState.pending_review.value,
                "reason": f"could not be published: {error.message}",
                "error": error_body(error),
            }
            self._book.owe(Draft("state", take, again))
        self.answers.append((name, error))
