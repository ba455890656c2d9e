"""The letters of the pages: Fira Sans, embedded; it has Latin with accents, Greek and Cyrillic.

Without it the pages are set in Helvetica, which every reader has and which lacks most of these.
Letters of other scripts become ``?`` on paper; packet.json has the words as they were said.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "fontpkg_fira_sans"
_FILES = {"normal": "FiraSans-Regular", "bold": "FiraSans-SemiBold", "italic": "FiraSans-Italic"}
_LOST = "?"


@dataclass(frozen=True)
class Faces:
    """Names of the faces as reportlab knows them, and the letters they all have."""

    normal: str
    bold: str
    italic: str
    letters: frozenset[int] | None  # code points; None: those of Windows' code page 1252


@cache
def faces() -> Faces:
    """The faces, registered. The embedded ones where their package is installed."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    place = _folder()
    if place is None:
        return Faces("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", None)
    letters: set[int] | None = None
    for name in _FILES.values():
        font = TTFont(name, str(place / f"{name}.ttf"))
        pdfmetrics.registerFont(font)
        known = set(font.face.charToGlyph)
        letters = known if letters is None else letters & known
    return Faces(**_FILES, letters=frozenset(letters or ()))


def shown(text: str) -> str:
    """Text in the letters that the faces have; others lose their marks, or become ``?``."""
    has = faces().letters
    return "".join(one if _has(one, has) else _nearest(one, has) for one in text)


def _nearest(letter: str, has: frozenset[int] | None) -> str:
    """``ﬁ`` as ``fi``, a letter without the mark that the face lacks; ``?`` for another script."""
    parts = unicodedata.normalize("NFKD", letter)
    kept = "".join(one for one in parts if _has(one, has))
    return kept or ("" if unicodedata.combining(letter) else _LOST)


def _has(letter: str, has: frozenset[int] | None) -> bool:
    if letter in "\n\t ":
        return True
    if has is not None:
        return ord(letter) in has
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _folder() -> Path | None:
    found = find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    place = Path(found.submodule_search_locations[0]) / "files"
    whole = all((place / f"{name}.ttf").is_file() for name in _FILES.values())
    return place if whole else None
