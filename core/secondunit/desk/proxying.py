"""Proxies of large takes, ordered as soon as they are shot from a process that nobody waits for."""

from __future__ import annotations

from collections import deque
from typing import Any

from secondunit_bridge.film import Take, TakeState
from secondunit_bridge.wire import typed

from ..settings import Settings
from ..stage.crew import Crew, Report
from ..stage.orders import PROXIES, MakeProxies
from ..stage.proxies import wanted
from .people import Book
from .publishing import ProjectOf

MOST = 1000  # takes that wait; what is not made now is made when somebody looks at it


class Proxying:
    """Nothing is written down: what is lost with the daemon is made when it is looked at."""

    def __init__(self, book: Book, crew: Crew, project_of: ProjectOf, settings: Settings) -> None:
        self._book, self._crew, self._project_of = book, crew, project_of
        self._wanted = settings.proxies != "none"
        self._waiting: deque[tuple[Take, str]] = deque(maxlen=MOST)

    def add(self, body: dict[str, Any]) -> None:
        """A take as its stage says it was shot; one that nobody will watch needs none."""
        take = typed(Take, body)
        if self._wanted and take.state is not TakeState.junk and wanted(take.media):
            self._waiting.append((take, str(body["store"])))

    def tick(self) -> None:
        """Give the next take to the process, when it has nothing to do."""
        if not self._waiting or not self._crew.free(PROXIES):
            return
        take, store = self._waiting.popleft()
        assert take.media is not None  # else it was not added
        turnover = self._book.views.turnover(take.turnover)
        config = self._project_of(turnover.shot.project).ocio
        order = MakeProxies(take.id, take.media, store, config)
        self._crew.give(PROXIES, "proxies", take.id, order)

    def hear(self, report: Report) -> None:
        """However it ended, the next may come."""
        if report.body.get("say") in ("proxies", "failed", "died"):
            self._crew.finished(PROXIES)
