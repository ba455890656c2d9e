"""What a turnover may be expected to take, from what was shot here so far."""

from __future__ import annotations

from typing import Any

from secondunit_bridge.film import Project, Turnover
from secondunit_bridge.wire import typed

from ..packet.pace import Pace, Predicted, Size
from .people import Book


class Paces:
    """The ledger is read on from where it stopped, when somebody asks."""

    def __init__(self, book: Book) -> None:
        self._book, self._pace = book, Pace()
        self._read = {"turnover": 0, "take": 0}
        self._sizes: dict[str, Size] = {}  # by take

    def expected(self, asked: Turnover, project: Project) -> Predicted | None:
        """Seconds for one take; None before the first one of its generator."""
        self._catch_up({one.name: one for one in self._book.views.projects()})
        return self._pace.expected(Size.of(asked, project))

    def _catch_up(self, projects: dict[str, Project]) -> None:
        for entry in self._book.every("turnover", self._read["turnover"]):
            body: dict[str, Any] = dict(entry.body)
            turnover = typed(Turnover, body["turnover"])
            size = Size.of(turnover, projects.get(turnover.shot.project))
            self._sizes |= {take["id"]: size for take in body["takes"]}
            self._read["turnover"] = entry.number
        for entry in self._book.every("take", self._read["take"]):
            taken: dict[str, Any] = dict(entry.body)
            known = self._sizes.get(entry.subject)
            if known is not None:
                self._pace.add(known, float((taken.get("cost") or {}).get("seconds", 0.0)))
            self._read["take"] = entry.number
