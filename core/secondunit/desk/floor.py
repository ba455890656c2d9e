"""The floor: hands waiting takes to the stage and writes down what comes of them."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import (
    SecondUnitError,
    StageDied,
    StoreError,
    error_body,
    error_from,
)
from secondunit_bridge.film import Project, Take, TakeState, Turnover
from secondunit_bridge.wire import typed

from ..jobs import Job, Jobs
from ..ledger import Draft
from ..settings import Settings
from ..stage.crew import Crew, Report
from ..stage.orders import PROXIES, PUBLISHING, SHOOTING, Shoot
from ..vault import Vault
from .device import RELEASE
from .disks import NotYet
from .junk import why_junk
from .people import Book, Reply
from .proxying import Proxying
from .publishing import Publishing
from .replay_line import ReplayLine
from .trusting import Trusting

if TYPE_CHECKING:
    from .models import Models
    from .rights import Rights
SAID = (
    "receipt",
    "exactly",
    "models",
    "software",
    "generation",
)  # what a stage says beside the take


@dataclass(frozen=True)
class Aside:
    """Something losable for everybody who listens: progress or a preview."""

    kind: str
    body: dict[str, Any]
    parts: tuple[bytes, ...] = ()


class Floor:
    """Runs from the daemon's loop: ``tick`` gives work out, ``hear`` takes reports in."""

    def __init__(
        self,
        book: Book,
        jobs: Jobs,
        crew: Crew,
        settings: Settings,
        models: Models,
        rights: Rights,
    ) -> None:
        self._book, self._jobs, self._crew, self._settings = book, jobs, crew, settings
        self._models = models
        self._own_stores = str(settings.home / "projects")  # of projects that name none
        self.publishing = Publishing(book, crew, self.project, rights)
        self.replays = ReplayLine(book, crew)
        self._proxying = Proxying(book, crew, self.project, settings)
        self._trusting = Trusting(book)
        self._lost: dict[str, int] = {}  # take -> attempts lost so far
        self._stopped: set[str] = set()  # takes whose stage is still to stop
        self._stores: dict[str, tuple[str, ...]] = {}  # -> some of the frames kept in it
        self._elsewhere: dict[str, Callable[[Report], None]] = {PROXIES: self._proxying.hear}
        self._asides: list[Aside] = []
        self._answers: list[tuple[str, Reply | SecondUnitError]] = []  # work -> its late answer

    def project(self, name: str) -> Project:
        """A project with its store filled in. Raises UnknownId."""
        project = self._book.project(name)
        if project.store:
            return project
        return replace(project, store=os.path.join(self._own_stores, project.name))

    def stop(self, take: str) -> None:
        """Stop a take that is being shot. Its end is in the ledger: what it still says is void."""
        self._stopped.add(take)
        self._crew.cancel(take)

    def is_stopped(self, take: str) -> bool:
        """The take was stopped, and its stage has still to say so."""
        return take in self._stopped and not self._jobs.waits(take)

    def forgive(self, take: str) -> None:
        """A person asks again: lost attempts no longer count."""
        self._lost.pop(take, None)

    def sweep(self) -> None:
        """Remove what killed stages left half-written in the stores, beside everything else: the
        disk of a store may hang."""
        projects = self._book.views.projects()
        stores = [Path(self.project(project.name).store) for project in projects]
        threading.Thread(target=_swept, args=(stores,), name="sweeps", daemon=True).start()

    def take_up(self) -> None:
        """Go on where the last daemon stopped: queue what waits, finish what was circled."""
        for left in self._book.views.unfinished():
            job = Job(left.take, left.turnover, left.client, left.priority)
            if left.state is TakeState.suspended:
                self._jobs.rest(job)
                continue
            if left.state is not TakeState.waiting:
                self._book.write(take_state(job.take, TakeState.waiting, "the daemon restarted"))
            self._lost[job.take] = left.attempts
            self._jobs.add(job)
        self.publishing.take_up()

    def tick(self) -> None:
        """Give free stages something to do."""
        self._crew.tick()
        if not self._book.pay():
            return  # nothing new is begun that could not be written down
        if self._crew.free(SHOOTING) and not self.replays.start():
            job = self._jobs.next(SHOOTING)
            if job:
                self._start(job)
        self.publishing.tick()
        self._proxying.tick()

    def hear(self) -> None:
        """Take in what the stages have said since the last call."""
        for report in self._crew.reports():
            if report.stage in self._elsewhere:
                self._elsewhere[report.stage](report)
            elif report.stage == PUBLISHING:
                self.publishing.hear(report, _lost(report))
            else:
                self._hear(report)

    def pass_on(self, stage: str, hear: Callable[[Report], None]) -> None:
        """What this stage says is for somebody else."""
        self._elsewhere[stage] = hear

    def asides(self) -> list[Aside]:
        """Progress and previews since the last call."""
        said, self._asides = self._asides, []
        return said

    def answers(self) -> list[tuple[str, Reply | SecondUnitError]]:
        """Late answers since the last call, by the work they answer."""
        rooms = (self.publishing, self.replays)
        said = self._answers + [answer for room in rooms for answer in room.answers]
        self._answers, self.publishing.answers, self.replays.answers = [], [], []
        return said

    def _hear(self, report: Report) -> None:
        said, work = report.body, report.work
        word = said.get("say")
        if word == "progress":
            body = {"take": work, "done": said["done"], "says": said.get("says", "")}
            self._asides.append(Aside("progress", body))
        elif word == "preview":
            picture = base64.b64decode(said["jpeg"])
            body = {"take": work, "frame": said["frame"]}
            self._asides.append(Aside("preview", body, (picture,)))
        elif word == "checking" and work not in self._stopped:
            self._book.owe(take_state(work, TakeState.checking, "its frames are in the vault"))
        elif word == "rehearsed":
            self._crew.finished(report.stage)
            self._answers.append((work, Reply({})))
        elif word == "released":
            self._crew.finished(report.stage)
            self._answers.append((work, Reply({"freed": said["freed"]})))
        elif word == "replayed":
            self._crew.finished(report.stage)
            self.replays.done(work, said["told"])
        elif word in ("take", "failed", "died"):
            self._ended(report)

    def _start(self, job: Job) -> None:
        take = self._book.views.take(job.take)
        turnover = self._book.views.turnover(job.turnover)
        try:
            against = self._models.against(turnover)  # it may have waited for long
        except NotYet:  # the disk of its weights is asked again at the next turn
            self._jobs.back(job.take)
            return
        if against:
            return self._fail(job.take, against[0])
        attempt = self._lost.get(job.take, 0) + 1
        order = self.order(take, turnover, attempt)
        self._book.owe(take_state(job.take, TakeState.shooting, f"attempt {attempt}"))
        self._crew.give(SHOOTING, "shoot", job.take, order)

    def order(self, take: Take, turnover: Turnover, attempt: int = 1) -> Shoot:
        """All that a stage is told of a take to shoot. Raises ModelMissing, UnknownId."""
        project = self.project(turnover.shot.project)
        return Shoot(
            take=take.id,
            digest=take.turnover,
            number=take.number,
            seed=take.seed,
            attempt=attempt,
            turnover=turnover,
            project=project,
            store=project.store,
            kept=self._kept(project.store),
            models=self._models.needed(turnover),
        )

    def _kept(self, store: str) -> tuple[str, ...]:
        """Some frames that were kept there; once there are any it is not asked again."""
        known = self._stores.get(store) or self._book.views.kept_in(store)
        self._stores[store] = known
        return known

    def _ended(self, report: Report) -> None:
        work, said = report.work, report.body
        self._crew.finished(report.stage)
        lease = self._jobs.lease(work)
        if work in self._stopped:
            self._stopped.discard(work)
            self._jobs.done(work)
        elif said["say"] == "take":
            self._done(work)
            body = {**self._sorted(said["take"]), "used": said["used"], "store": said["store"]}
            body |= {name: said[name] for name in SAID if name in said}
            self._book.owe(
                Draft("take", work, body),
                then=partial(self._proxying.add, body),
                instead=partial(self._fail, work),
            )
        else:
            error = error_from(said["error"]) if said["say"] == "failed" else _lost(report)
            if said["say"] == "died" and work.startswith(RELEASE):
                self._answers.append((work, Reply({"freed": 0, "ended": True})))
            elif lease is None and work:  # a rehearsal
                self._answers.append((work, error))
            elif lease and said["say"] == "died":
                self._lose_attempt(lease.job, error)
            elif lease:
                self._fail(work, error)

    def _sorted(self, shot: dict[str, Any]) -> dict[str, Any]:
        """A take as it is written down: a draft that nobody needs to watch is junk at once."""
        shot = self._trusting.heard(shot)
        take = typed(Take, shot)
        turnover = self._book.views.turnover(take.turnover)
        frames = len(take.media.frames) if take.media else 0
        why = why_junk(turnover, take.findings, frames)
        return {**shot, "state": TakeState.junk.value, "junk_reason": why} if why else shot

    def _done(self, take: str) -> None:
        self._jobs.done(take)
        self._lost.pop(take, None)

    def _fail(self, take: str, error: SecondUnitError) -> None:
        self._done(take)
        body = {"state": "failed", "reason": error.message, "error": error_body(error)}
        self._book.owe(Draft("state", take, body))

    def _lose_attempt(self, job: Job, error: SecondUnitError) -> None:
        lost = self._lost[job.take] = self._lost.get(job.take, 0) + 1
        body = {"number": lost, "error": error_body(error)}
        self._book.owe(Draft("attempt", job.take, body))
        if lost >= self._settings.max_attempts:
            self._fail(job.take, error)
        else:
            self._jobs.back(job.take)


def _swept(stores: list[Path]) -> None:
    """A store that is offline or that cannot be written now is left."""
    for store in stores:
        with suppress(StoreError, OSError):
            if store.is_dir():
                Vault(store / "vault").sweep()


def take_state(take: str, state: TakeState, reason: str, *, by: str = "") -> Draft:
    """The ledger entry for a take's change of state."""
    return Draft("state", take, {"state": state.value, "reason": reason}, by=by)


def _lost(report: Report) -> StageDied:
    return StageDied(
        f"the {report.stage} process was lost while it worked on {report.work or 'nothing'}",
        hint="It starts again by itself. When it is lost again and again, `secondunit doctor`"
        " says where its log is.",
        data={"status": report.body.get("status"), "stage": report.stage},
    )
