"""Colour: spaces by name through OpenColorIO, and the code spaces that generators see."""

from __future__ import annotations

from .codes import CODE_SPACES, CodeSpace, Range, code_space
from .config import PINNED, STANDARD, Colour, Tagged, wanted

__all__ = [
    "CODE_SPACES",
    "PINNED",
    "STANDARD",
    "CodeSpace",
    "Colour",
    "Range",
    "Tagged",
    "code_space",
    "wanted",
]
