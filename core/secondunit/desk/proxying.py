"""Proxies of large takes, ordered as soon as they are shot from a process that nobody waits for."""

from __future__ import annotations

from collections import deque
from typing import Any

from secondunit_bridge.film import Media, TakeState
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
        self._waiting: deque[dict[str, Any]] = deque(maxlen=MOST)

    def add(self, body: dict[str, Any]) -> None:
        """A take as its entry has it; one that nobody will watch needs none."""
        watched = body["state"] != TakeState.junk.value
        if self._wanted and watched and body["media"] and wanted(typed(Media, body["media"])):
            self._waiting.append(body)

    def tick(self) -> None:
        """Give the next take to the process, when it has nothing to do."""
        if not self._waiting or not self._crew.free(PROXIES):
            return
        body = self._waiting.popleft()
        turnover = self._book.views.turnover(body["turnover"])
        config = self._project_of(turnover.shot.project).ocio
        order = MakeProxies(body["id"], typed(Media, body["media"]), body["store"], config)
        self._crew.give(PROXIES, "proxies", order.take, order)

    def hear(self, report: Report) -> None:
        """However it ended, the next may come."""
        if report.body.get("say") in ("proxies", "failed", "died"):
            self._crew.finished(PROXIES)
