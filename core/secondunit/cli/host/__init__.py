"""``host``: put Second Unit into the software where the work happens, take it out, look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def group() -> typer.Typer:
    """The ``host`` commands."""
    from . import commands  # ``packing`` is used without the ``core`` extra

    return commands.group()
