"""Drafts, which are there to choose by: told from finishes, and never delivered as final."""

from __future__ import annotations

from secondunit_bridge.errors import Locked
from secondunit_bridge.film import Take, Turnover

from ..hookspecs import DRAFT, QUALITY
from .people import Book


def is_draft(turnover: Turnover) -> bool:
    """Its takes are drafts."""
    return turnover.options.get(QUALITY) == DRAFT


def finish_of(book: Book, take: Take) -> str:
    """The draft that a take is the finish of; empty when it is none."""
    for entry in book.entries(kind="turnover", subject=take.turnover):
        taken = entry.body["takes"]
        if isinstance(taken, list) and take.id in [one["id"] for one in taken]:
            return str(entry.body.get("finish_of", ""))
    return ""


def check_final(book: Book, take: Take) -> None:
    """Raises Locked for a draft: it is never delivered as final."""
    if is_draft(book.views.turnover(take.turnover)):
        raise Locked(
            f"take {take.id} is a draft, smaller and rougher than what it stands for: it can be"
            " previs or temp, not final",
            hint=f"Shoot it at full quality with `secondunit finish {take.id} --by NAME`, and"
            " circle that take.",
        )
