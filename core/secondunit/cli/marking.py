"""``check --markers``: the open findings as markers of a new cut, the editor's own left alone.

Findings that are folded into their cause have no marker of their own: the cause says how many.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..continuity.reported import Shown
    from ..editorial.marking import Mark
    from .check import Looked


def write_markers(looked: Looked, out: Path) -> int:
    """Write the new cut; how many markers of ours it has. Raises as ``editorial.save``."""
    from ..editorial import save
    from ..editorial.marking import marked

    marks = [_mark(one) for one in looked.shown if one.finding.open and not one.because]
    save(marked(looked.cut, marks), out.resolve())
    return len(marks)


def _mark(one: Shown) -> Mark:
    from ..editorial.marking import Mark

    finding, answer = one.finding, one.standing
    said = {
        "check": finding.check,
        "outcome": finding.outcome.value,
        "shots": list(finding.shots),
        "answer": answer.plain() if answer else None,
    }
    more = len(one.cause.explains) if one.cause else 0
    also = f"The cause of {more} more finding{'' if more == 1 else 's'}." if more else ""
    note = "\n".join(filter(None, (answer.sentence if answer else "", also, finding.id)))
    record = one.place.record(finding)
    return Mark(finding.id, one.sentence, finding.department, record, note, said)
