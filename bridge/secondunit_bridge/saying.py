"""How things are said to an artist: where a take stands, what went wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Tuple

from .errors import SecondUnitError, StoreError
from .film import Finding, Outcome, Take, TakeState

STATES: Dict[TakeState, str] = {
    TakeState.waiting: "in line",
    TakeState.shooting: "being shot",
    TakeState.checking: "being checked",
    TakeState.pending_review: "to review",
    TakeState.blocked: "has findings",
    TakeState.junk: "junk",
    TakeState.cancelled: "stopped",
    TakeState.failed: "failed",
    TakeState.circled: "circled",
    TakeState.rejected: "put aside",
    TakeState.suspended: "rests",
}
OUTCOMES: Dict[Outcome, str] = {
    Outcome.clear: "Clear",
    Outcome.look: "Look",
    Outcome.stop: "Stop",
    Outcome.not_checked: "Not checked",
}
UNDER_WAY = (TakeState.waiting, TakeState.shooting, TakeState.checking)


@dataclass(frozen=True)
class Said:
    """A sentence for a person: what is, and what to do. ``wrong`` is a failure, not news."""

    what: str
    hint: str = ""
    wrong: bool = False
    code: str = ""

    @property
    def line(self) -> str:
        """Both in one line."""
        return f"{self.what} {self.hint}".strip()


def told(error: SecondUnitError) -> Said:
    """An error as it is said."""
    return Said(sentence(error.message), error.hint, wrong=True, code=error.code)


def findings_said(take: Take) -> Tuple[Tuple[Finding, str, bool], ...]:
    """What of a take a person should see: each finding in words, and whether it is still open.

    An open one keeps the take from being circled. What is said of several that are closed, such as
    checks that lack the same thing, is said once.
    """
    rows = [
        (one, finding_said(one), one.open and take.state is TakeState.blocked)
        for one in take.findings if one.outcome is not Outcome.clear
    ]  # fmt: skip
    once = {text: one for one, text, is_open in reversed(rows) if not is_open}
    return tuple(row for row in rows if row[2] or once[row[1]] is row[0])


def finding_said(one: Finding) -> str:
    """A finding in words, with its frames."""
    text = f"{OUTCOMES[one.outcome]}: {sentence(one.sentence)}"
    if one.frames:
        first, last = one.frames[0]
        text += f" Frames {first} to {last}." if last > first else f" Frame {first}."
    return text


def from_system(error: OSError) -> SecondUnitError:
    """What the system said about a file, as one of ours."""
    name = f"{error.filename}: " if error.filename else ""
    return StoreError(
        f"{name}{(error.strerror or str(error)).lower()}",
        hint="Check that the folder is there, that you may write in it and that its disk has room.",
    )


def sentence(text: str) -> str:
    """With a capital first letter and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def counted(count: int, noun: str) -> str:
    """``1 frame``, ``12 frames``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
