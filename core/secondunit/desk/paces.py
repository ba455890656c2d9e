"""What a turnover may be expected to take, from what was shot here so far."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from secondunit_bridge.errors import SettingWrong
from secondunit_bridge.film import Project, Turnover
from secondunit_bridge.wire import plain, typed

from ..packet.cost import Rates
from ..packet.pace import Pace, Predicted, Size
from .people import Book


class Paces:
    """The ledger is read on from where it stopped, when somebody asks."""

    def __init__(self, book: Book, home: Path) -> None:
        self._book, self._pace, self._home = book, Pace(), home
        self._read = {"turnover": 0, "take": 0}
        self._sizes: dict[str, Size] = {}  # by take

    def expected(self, asked: Turnover, project: Project) -> Predicted | None:
        """Seconds for one take; None before the first one of its generator."""
        self._catch_up({one.name: one for one in self._book.views.projects()})
        return self._pace.expected(Size.of(asked, project))

    def told(self, asked: Turnover, project: Project) -> dict[str, Any]:
        """As a plan tells it: ``predicted`` of one take, and ``cost`` of all that are asked for.

        Rates are those of the home; where nobody wrote any they are examples, and that is said.
        """
        found = self.expected(asked, project)
        if found is None:
            return {"predicted": None, "cost": None}
        try:
            rates = Rates.at(self._home)
        except SettingWrong:  # the command that shows costs says what is wrong with the card
            return {"predicted": plain(found), "cost": None}
        told = rates or Rates()
        amount = told.machine(found.seconds * asked.takes, found.device)
        cost = {"amount": round(amount, 4), "currency": told.currency, "example": rates is None}
        return {"predicted": plain(found), "cost": cost}

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
                cost = taken.get("cost") or {}
                seconds, device = float(cost.get("seconds", 0.0)), str(cost.get("device", ""))
                self._pace.add(known, seconds, device)
            self._read["take"] = entry.number
