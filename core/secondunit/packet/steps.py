"""How far a packet is, said by those who build it while they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """What is being done: ``reading`` the cut and the ledger, ``pictures``, ``files``, ``pages``
    of the full copy or, with ``public``, of the one for everybody. ``done`` is 0..1 of the whole;
    ``page`` the one that was set last."""

    what: str
    done: float
    page: int = 0
    public: bool = False


Heard = Callable[[Step], object]
Setting = Callable[[float, int], object]
"""Hears how much of a document is set, 0..1, and the number of its last page."""

# Shares of the whole, by the clock of a packet of 100 shots: pages take most of it.
READING, PICTURES, FILES = Step("reading", 0.0), Step("pictures", 0.08), Step("files", 0.2)
_FULL, _PUBLIC, _END = 0.25, 0.62, 0.98


def unheard(_: object, __: object = None) -> None:
    """Nobody asks how far it is."""


def setting(hear: Heard, *, public: bool) -> Setting:
    """What hears the pages of one of the two copies."""
    first, last = (_PUBLIC, _END) if public else (_FULL, _PUBLIC)
    return lambda share, page: hear(Step("pages", first + (last - first) * share, page, public))
