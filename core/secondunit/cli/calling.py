"""Reaching the daemon from a command: connect, say what was done for it, hang up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .say import Say

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit


@contextmanager
def calling(say: Say, *, start: bool = True) -> Iterator[Unit]:
    """The daemon of this home, started when none runs (unless ``start`` is off).

    Raises DaemonUnavailable, TokenRefused, ProtocolTooNew.
    """
    from secondunit_bridge.unit import Unit

    unit = Unit.connect(host="cli", start=start)
    try:
        for said in unit.said:
            say.aside(said)
        yield unit
    finally:
        unit.close()
