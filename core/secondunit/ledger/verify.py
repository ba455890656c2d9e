"""Goes through a whole ledger and says what does not hold, first things first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from secondunit_bridge.errors import LedgerBroken, UnknownId

from .chain import Problem, Row, breaks

if TYPE_CHECKING:
    from .store import Store

_ENOUGH = 20  # problems told; after that the file is simply broken


class _Read:
    """The entries of a store, and how far reading them got."""

    def __init__(self, store: Store) -> None:
        self.last = 0
        self._store = store

    def __iter__(self) -> Iterator[Row]:
        for row in self._store.stream("all"):
            self.last = row[0]
            yield row


def entries_hold(store: Store) -> tuple[Problem, ...]:
    """Breaks of the chain, guards that are missing, and pages of the file that cannot be read."""
    from . import tables

    rows, problems = _Read(store), []
    try:
        for problem in islice(breaks(rows), _ENOUGH):
            problems.append(problem)
        if damage := store.damage():
            problems.append(Problem(0, f"the file is damaged: {damage}"))
    except LedgerBroken as error:
        problems.append(Problem(rows.last + 1, f"entry {rows.last + 1}: {error.message}"))
    problems.extend(
        Problem(0, f"the guard {name!r} is gone: entries can be changed without being refused")
        for name in sorted(set(tables.GUARDS) - store.guards())
    )
    return tuple(problems)


def views_agree(store: Store) -> tuple[Problem, ...]:
    """Tables that say something else than a replay of the entries."""
    from . import tables
    from .store import Store as Opened
    from .views import rebuild

    again = Opened(None)
    try:
        again.create(tables.views)
        with again.writing():
            rebuild(again, store)
        replayed, found = again.dump(tables.views), store.dump(tables.views)
    except (KeyError, TypeError, LedgerBroken, UnknownId) as error:
        return (Problem(0, f"the entries cannot be replayed: {error}"),)
    finally:
        again.close()
    return tuple(
        Problem(0, f"the list of {name}s says something else than the entries: rebuild the views")
        for name in replayed
        if replayed[name] != found.get(name)
    )
