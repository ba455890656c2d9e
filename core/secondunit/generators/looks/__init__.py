"""Previs from a render's passes, without a model: toon, pencil board, graded still. A plug-in."""

from __future__ import annotations

from collections.abc import Sequence

from ...hookspecs import Generator, hookimpl
from .generator import Looks

__all__ = ["Looks", "secondunit_generators"]


@hookimpl
def secondunit_generators() -> Sequence[Generator]:
    """The looks."""
    return [Looks()]
