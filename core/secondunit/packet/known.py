"""What the ledger knows of takes beyond themselves: who looked how long, and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import merge

from secondunit_bridge.errors import UnknownId
from secondunit_bridge.film import Entry

from ..ledger import Ledger
from .cost import Known, Rates, looked_s
from .judging import ANSWERS, answers, judged
from .pace import predictions

_SHOT = ("turnover", "take")


def known(book: Ledger, rates: Rates) -> Known:
    """Read from the whole ledger, once: a prediction rests on all that was shot before."""
    projects = {one.name: one for one in book.views.projects()}

    def assumed(take: str) -> float:
        try:
            return looked_s(book.views.take(take), rates)
        except UnknownId:  # the answer is to a finding of a cut, and of no take
            return 0.0

    said = answers(_of(book, ANSWERS))
    return Known(
        judged=judged(said, assumed, rates.pause_minutes * 60),
        expected=predictions(_of(book, _SHOT), projects),
    )


def _of(book: Ledger, kinds: tuple[str, ...]) -> Iterable[Entry]:
    """Entries of some kinds, in the order of the ledger."""
    return merge(*map(book.every, kinds), key=lambda entry: entry.number)
