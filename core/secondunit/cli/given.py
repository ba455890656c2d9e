"""The answers in this home's ledger, read beside whatever daemon writes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .verify import LEDGER

if TYPE_CHECKING:
    from ..continuity.answered import Given

_PAGE = 1000


def given_answers(home: Path) -> list[Given]:
    """Every answer to findings of cuts, in order. Raises LedgerBroken, NotPermitted."""
    if not (home / LEDGER).is_file():
        return []
    from ..continuity.answered import ANSWER, answers
    from ..ledger import Ledger

    found: list[Given] = []
    with Ledger(home / LEDGER, reading=True) as ledger:
        after = 0
        while entries := ledger.entries(after=after, kind=ANSWER, limit=_PAGE):
            found += answers(entries)
            after = entries[-1].number
    return found
