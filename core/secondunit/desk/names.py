"""Who works on a production, as the ledger knows: those who asked for shots, and who circled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from secondunit_bridge.film import Entry

from .people import Book


class Names:
    """Names by production. The ledger is read on from where it stopped, when somebody asks."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._read = {"turnover": 0, "version": 0}
        self._project_of: dict[str, str] = {}  # of a shot, by its GUID
        self._names: dict[str, set[str]] = {}

    def of(self, project: str) -> Iterator[str]:
        """The names of a production. Nothing is read before the first is wanted."""
        for entry in self._new("turnover"):
            body: dict[str, Any] = dict(entry.body)
            turnover, shot = body["turnover"], body["turnover"]["shot"]
            self._project_of[shot["guid"]] = shot["project"]
            self._add(shot["project"], str(turnover["artist"]))
        for entry in self._new("version"):
            self._add(self._project_of.get(str(entry.body["shot"]), ""), entry.by)
        yield from self._names.get(project, ())

    def _new(self, kind: str) -> Iterator[Entry]:
        for entry in self._book.every(kind, self._read[kind]):
            self._read[kind] = entry.number
            yield entry

    def _add(self, project: str, name: str) -> None:
        self._names.setdefault(project, set()).add(name)
