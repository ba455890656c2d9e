"""What is said to an editor, and the names that Second Unit uses in a Resolve project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Tuple

from secondunit_bridge.errors import SecondUnitError

TRACK = "SU_INSERT"
BIN = "Second Unit"
JUNK = "_junk"
MARKER = "Cyan"
# Clip colours: those of Resolve's sixteen that the state of a shot is shown by.
QUEUED, WARNS, APPROVED, JUNKED, STALE = "Orange", "Yellow", "Green", "Pink", "Purple"


@dataclass(frozen=True)
class Said:
    """What a command did: sentences for a person, and facts for programs."""

    lines: Tuple[str, ...]
    facts: Dict[str, Any]
    wrong: bool = False

    @property
    def text(self) -> str:
        """All of it, a line each."""
        return "\n".join(self.lines)


def told(error: SecondUnitError) -> Said:
    """An error as it is said: what is, then what to do."""
    what = _sentence(error.message)
    lines = (what, error.hint) if error.hint else (what,)
    return Said(lines, {"code": error.code, **error.data}, wrong=True)


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def count(number: int, what: str) -> str:
    """``1 frame``, ``2 frames``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
