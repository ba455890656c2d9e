"""Checks that have cried wolf too often on a show are hushed for its takes, as they are for cuts.

What is hushed stays listed, with the rate, and keeps no take from being circled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from secondunit_bridge.film import Answer, Entry, Finding, TakeState, Waiver
from secondunit_bridge.wire import plain, typed

from .people import Book

_PAGE = 1000  # entries read at a time
WAIVER, ANSWER = "waiver", "answer"


class Trusting:
    """Reads the answers as they are given, each once."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._read: dict[str, int] = {}  # kind of entry -> number of the last that was read
        self._takes: dict[str, dict[str, Answer]] = {}  # project -> finding of a take -> last said
        self._cuts: dict[str, Waiver] = {}  # finding of a cut -> last said
        self._projects: dict[str, str] = {}  # shot -> project

    def heard(self, shot: dict[str, Any]) -> dict[str, Any]:
        """A take as a stage tells it, with the findings of quiet checks hushed; one that nothing
        else blocks waits for review."""
        from ..continuity.trust import hushed

        self._catch_up()
        earned = self._earned(self._project(str(shot["shot"])))
        if not any(one.quiet for one in earned.values()):
            return shot
        findings = tuple(hushed(typed(tuple[Finding, ...], shot["findings"], "findings"), earned))
        blocked = any(one.open for one in findings)
        waits = shot["state"] == TakeState.blocked.value and not blocked
        state = TakeState.pending_review.value if waits else shot["state"]
        return {**shot, "findings": plain(findings), "state": state}

    def _earned(self, project: str) -> dict[str, Any]:
        from ..continuity.trust import of_answers, of_cuts, trust

        cuts = of_cuts(self._cuts.values())
        return trust([*cuts, *of_answers(self._takes.get(project, {}))])

    def _catch_up(self) -> None:
        """Take in what was answered since; the last answer to a finding counts."""
        for entry in self._new(WAIVER):
            take = self._book.views.take(str(entry.body["take"]))
            said = Answer(entry.body["answer"])
            self._takes.setdefault(self._project(take.shot), {})[entry.subject] = said
        for entry in self._new(ANSWER):
            self._cuts[entry.subject] = typed(Waiver, entry.body)

    def _new(self, kind: str) -> Iterator[Entry]:
        after = self._read.get(kind, 0)
        while entries := self._book.entries(after=after, kind=kind, limit=_PAGE):
            yield from entries
            after = self._read[kind] = entries[-1].number

    def _project(self, shot: str) -> str:
        if shot not in self._projects:
            self._projects = {one.guid: one.project for one in self._book.views.shots()}
        return self._projects.get(shot, "")
