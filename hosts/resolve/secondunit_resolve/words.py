"""What is said to an editor, and the names that Second Unit uses in a Resolve project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Tuple

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.saying import sentence

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
    what = sentence(error.message)
    lines = (what, error.hint) if error.hint else (what,)
    return Said(lines, {"code": error.code, **error.data}, wrong=True)
