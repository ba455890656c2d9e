"""How a check answers: findings in the shape every host can show."""

from __future__ import annotations

from collections.abc import Iterable

from secondunit_bridge.film import Finding, Outcome, Region

from ..hookspecs import CheckAbout, Exam

PLACEHOLDER = "the take is a placeholder"

Spans = tuple[tuple[int, int], ...]


def finding(
    about: CheckAbout,
    outcome: Outcome,
    sentence: str,
    *,
    value: float | None = None,
    limit: float | None = None,
    frames: Spans = (),
    unit: str = "",
    region: Region | None = None,
) -> Finding:
    """One measured fact. The id is left empty: the core names it."""
    return Finding(
        id="",
        check=about.name,
        outcome=outcome,
        sentence=sentence,
        value=None if value is None else round(float(value), 4),
        unit=unit or about.unit,
        limit=limit,
        frames=frames,
        region=region,
        department=about.department,
    )


def not_checked(
    about: CheckAbout,
    reason: str,
    sentence: str,
    *,
    value: float | None = None,
    frames: Spans = (),
) -> Finding:
    """It could not be measured, and why. ``reason`` is short and one of few."""
    return Finding(
        id="",
        check=about.name,
        outcome=Outcome.not_checked,
        sentence=sentence,
        value=None if value is None else round(float(value), 4),
        unit=about.unit,
        reason=reason,
        frames=frames,
        department=about.department,
    )


def no_picture(about: CheckAbout, exam: Exam) -> Finding | None:
    """Not checked, when the take is a slate or the like; None when there is a picture."""
    if not exam.placeholder:
        return None
    says = "The take is a placeholder: there is no picture to look at yet."
    return not_checked(about, PLACEHOLDER, says)


def spans(numbers: Iterable[int]) -> Spans:
    """Frame numbers as ``(first, last)`` runs."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple(runs)


def named(runs: Spans, most: int = 4) -> str:
    """Runs in words: ``frame 1010``, ``frames 1010-1012 and 1020``."""
    words = [f"{first}" if first == last else f"{first}-{last}" for first, last in runs[:most]]
    if len(runs) > most:
        words.append(f"{len(runs) - most} more places")
    text = ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]
    one = len(runs) == 1 and runs[0][0] == runs[0][1]
    return f"frame {text}" if one else f"frames {text}"
