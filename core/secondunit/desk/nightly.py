"""The look at rights that the daemon takes by itself, once a day, in moments without work.

What it finds is an entry of kind ``sweep``: everybody who listens hears of it, and it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from ..ledger import Draft
from ..rights.sweep import SOON_DAYS, WithdrawnUse, withdrawn_uses
from .people import Book

if TYPE_CHECKING:
    from .rights import Rights

AT_A_TIME = 50  # versions looked at in one moment: the daemon must answer meanwhile
SUBJECT = "rights"


class Nightly:
    """``rest`` is called whenever the daemon has nothing to do."""

    def __init__(self, book: Book, rights: Rights, today: Callable[[], date] = date.today) -> None:
        self._book, self._rights, self._today = book, rights, today
        self._day: date | None = None  # of the look that is done or under way
        self._looking: Iterator[WithdrawnUse | None] | None = None
        self._found: list[WithdrawnUse] = []

    def rest(self) -> None:
        """Begin the look of a new day, go on with it, or write down what it found."""
        today = self._today()
        if self._day != today:
            self._day, self._found = today, []
            self._looking = withdrawn_uses(
                self._rights.register, self._book.views, self._book.entries
            )
        if self._looking is None:
            return
        part = list(islice(self._looking, AT_A_TIME))
        self._found += [one for one in part if one is not None]
        if len(part) < AT_A_TIME:
            self._looking = None
            self._write(today)

    def _write(self, today: date) -> None:
        """The same as the last time is not written again; nothing at all is, once it was not so."""
        lapses = [
            {"what": one.what, "id": one.id, "on": one.on}
            for one in self._rights.register.lapses(today, SOON_DAYS)
        ]
        used = [{"version": one.version, "asset": one.asset} for one in self._found]
        body = {"lapses": lapses, "withdrawn": used}
        before = self._book.entries(kind="sweep", subject=SUBJECT)[-1:]
        if lapses or used or before:
            self._book.write_once(Draft("sweep", SUBJECT, body))
