"""The one place where the add-on's state hangs while it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from ..pump import Pump
from ..session import Session

if TYPE_CHECKING:
    from .live import LiveLook

SESSION: Optional[Session] = None
PUMP: Optional[Pump] = None
LIVE: Optional[LiveLook] = None  # while a view is drawn in a look


def _asleep() -> None:
    """Nothing to wake before the add-on is on."""


WAKE: Callable[[], None] = _asleep  # starts the timer again, should a fault have ended it


def session() -> Session:
    """The add-on at work. Only called while it is on."""
    assert SESSION is not None
    return SESSION


def pump() -> Pump:
    """Its beat. Scripts and tests call this until what they wait for is there."""
    assert PUMP is not None
    return PUMP
