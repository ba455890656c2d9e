"""The ledger itself: record entries, read them back, verify them, rebuild the views."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import LedgerBroken, StoreError
from secondunit_bridge.film import Entry
from secondunit_bridge.wire import dumps

from ..disk import closed
from .asked import Views
from .chain import GENESIS, Draft, Problem, seal, unsealed
from .checkpoint import Signer, compared, last_saved, saved

CHECKPOINT_EVERY = 1000  # entries between signed checkpoints; one costs a signature and an fsync


class Ledger:
    """The record of one home, in one SQLite file. Used from one thread.

    ``durability`` "full" makes every ``record`` wait for the disk; "off" survives a killed process
    but not a power cut. A checkpoint is signed into ``ledger.checkpoint`` next to the file every
    CHECKPOINT_EVERY entries, at ``settle`` and at ``close``, with the key in ``keys`` (default:
    the folder ``keys`` next to the file). ``reading`` opens it for looking only, also while a
    daemon writes it, and makes no file. Raises LedgerBroken for a file that is no ledger,
    NotPermitted, DiskFull, StoreError when there is nothing to read.
    """

    def __init__(
        self,
        path: Path,
        *,
        durability: str = "full",
        keys: Path | None = None,
        reading: bool = False,
    ) -> None:
        from .store import Store  # loads SQLAlchemy, which is too slow for importing this module
        from .views import apply

        if durability not in ("full", "off"):
            raise ValueError(f"durability is full or off, not {durability!r}")
        self._path, self._reading, self._apply = path, reading, apply
        self._signer = Signer(keys or path.parent / "keys")
        self._unsigned = 0  # entries of this session that no checkpoint covers
        self._store = Store(path, durability=durability, reading=reading)
        self.views = Views(self._store)
        try:
            self._set_up()
        except StoreError:
            self._store.close()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def record(self, draft: Draft) -> Entry:
        """Write one entry and what follows from it; when this returns, it is durable.

        Raises DiskFull, NotPermitted, LedgerBroken; UnknownId for a take or version that is not
        there; StoreError for an ask or take id that is there already. Then nothing was written.
        """
        return self.record_all((draft,))[0]

    def record_all(self, drafts: Iterable[Draft]) -> tuple[Entry, ...]:
        """Write entries in one commit: all of them, or none. Raises as ``record``."""
        drafts = tuple(drafts)
        if not drafts:
            return ()
        self._may_write()
        if self._unsigned >= CHECKPOINT_EVERY:  # before the commit: a refusal here must mean none
            self._sign()
        with self._store.writing():
            number, before = self.head()
            entries = []
            for draft in drafts:
                number += 1
                entries.append(self._write(draft, number, before))
                before = entries[-1].seal
        self._unsigned += len(entries)
        return tuple(entries)

    def entries(
        self, after: int = 0, kind: str = "", subject: str = "", limit: int = 1000
    ) -> tuple[Entry, ...]:
        """Entries with a number above ``after``, in order; of one kind, about one subject."""
        wanted: dict[str, Any] = {"after": after, "limit": limit}
        if kind:
            wanted["kind"] = kind
        if subject:
            wanted["subject"] = subject
        rows = self._store.rows(f"entries {bool(kind):d}{bool(subject):d}", **wanted)
        return tuple(
            Entry(number, kind_, subject_, at, by, unsealed(body), sealed)
            for number, kind_, subject_, at, by, body, sealed in rows
        )

    def every(self, kind: str = "", subject: str = "", after: int = 0) -> Iterator[Entry]:
        """Every entry of a kind or about a subject, in order, read page by page."""
        while page := self.entries(after=after, kind=kind, subject=subject):
            yield from page
            after = page[-1].number

    def head(self) -> tuple[int, str]:
        """Number and seal of the last entry; 0 and GENESIS when there is none."""
        found = self._store.one("head")
        return (found[0], found[1]) if found else (0, GENESIS)

    def seal_at(self, number: int) -> str:
        """The seal of an entry, GENESIS for 0, "" when there is no such entry."""
        found = self._store.one("seal", number=number)
        return str(found[0]) if found else "" if number else GENESIS

    def holds(self, number: int) -> bool:
        """An entry is what was sealed, and the next one follows from it: two seals, and no more."""
        before = self.seal_at(number - 1)
        for one in self.entries(after=number - 1, limit=2):
            body = dumps(one.body).decode()
            if seal(before, one.number, one.kind, one.subject, one.at, one.by, body) != one.seal:
                return False
            before = one.seal
        return True

    def verify(self) -> tuple[Problem, ...]:
        """What does not hold, first broken entry first; nothing when all is well.

        Walks the chain, compares with the last signed checkpoint next to the file, and replays the
        views. Takes about 60 us an entry.
        """
        from .verify import entries_hold, views_agree

        text = last_saved(self._path)  # before the entries: those may grow, it must not be ahead
        with self._store.still():
            problems = entries_hold(self._store)
            if text:
                problems += compared(text, self._signer.verifier, self)
            problems = problems or views_agree(self._store)
        if problems and self._store.overtaken():
            return (Problem(0, "a daemon began to write while this was read: verify once more"),)
        return problems

    def rebuild_views(self) -> None:
        """Empty the views and replay every entry, in one commit."""
        from . import tables
        from .views import rebuild

        self._may_write()
        with self._store.writing():
            rebuild(self._store, self._store)
            self._store.run("forget about", name_="views")
            self._store.run("say about", name="views", value=tables.VIEWS)

    def settle(self) -> None:
        """Sign a checkpoint over what is new, and tidy the write-ahead file.

        For idle moments: otherwise some commit has to wait for both. Raises DiskFull, NotPermitted
        when the checkpoint cannot be written; the entries are safe all the same.
        """
        if self._unsigned:
            self._sign()
        self._store.settle()

    def close(self) -> None:
        """Sign a checkpoint when there is something new, and close. May be called twice.

        Raises DiskFull, NotPermitted when the checkpoint cannot be written; it is closed then too.
        """
        try:
            if self._unsigned:
                self._sign()
        finally:
            self._unsigned = 0
            self._store.close()

    def _set_up(self) -> None:
        from . import tables

        there = self._store.names()
        if "entry" not in there and (there or self._reading):
            raise LedgerBroken(
                f"{self._path} is not a ledger of Second Unit", hint="Choose another file."
            )
        if not self._reading:
            self._store.create(tables.ledger)
            self._store.guard()
        about = dict(self._store.rows("abouts"))
        if about.get("format", tables.FORMAT) > tables.FORMAT:
            raise LedgerBroken(
                f"{self._path} was written by a newer Second Unit", hint="Update Second Unit here."
            )
        if self._reading:
            return
        if "format" not in about:
            self._store.run("say about", name="format", value=tables.FORMAT)
        if about.get("views") != tables.VIEWS or not set(tables.views.tables) <= there:
            self._make_views()

    def _make_views(self) -> None:
        from . import tables

        self._store.run("forget about", name_="views")  # cut off here, the next opening goes on
        self._store.drop(tables.views)
        self._store.create(tables.views)
        self.rebuild_views()

    def _write(self, draft: Draft, number: int, before: str) -> Entry:
        body, at = dumps(draft.body).decode(), time.time()
        sealed = seal(before, number, draft.kind, draft.subject, at, draft.by, body)
        self._store.run(
            "add entry",
            number=number,
            kind=draft.kind,
            subject=draft.subject,
            at=at,
            by=draft.by,
            body=body,
            seal=sealed,
        )
        self._apply(self._store, number, draft.kind, draft.subject, draft.body)
        return Entry(number, draft.kind, draft.subject, at, draft.by, draft.body, sealed)

    def _may_write(self) -> None:
        if self._reading:
            raise closed(self._path, "it was opened for reading")

    def _sign(self) -> None:
        saved(self._path, self._signer.checkpoint(self.head()))
        self._unsigned = 0
