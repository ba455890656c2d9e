"""Is anything of the scene not in the take at all?"""

from __future__ import annotations

from collections.abc import Sequence

from secondunit_bridge.film import Finding, Outcome, Work

from ...hookspecs import CheckAbout, Exam, Scope
from ..answers import finding
from .reading import Readings, Seen
from .silhouette import NEEDS
from .telling import (
    MOST_TOLD,
    about_thing,
    called,
    left_out,
    looked_at,
    measured,
    mostly,
    things,
    unread,
)


class Missing:
    """Objects without an outline in the take, whose place looks like its surroundings."""

    about = CheckAbout(
        name="obey.missing",
        version="1",
        sentence="Every object that the render shows is in the take.",
        scope=Scope.shot,
        unit="share of the outline found",
        look=None,
        stop=None,
        source="measured on the three looks of a rendered quay, and on objects that were painted"
        " out of them; the limit is what chance finds of that outline",
        department="Props",
        works=(Work.previs,),
        needs=NEEDS,
    )

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """A finding for each object that is missing, or one that is clear."""
        frames, why = self._readings.read(exam)
        nothing = unread(self.about, frames, why)
        if nothing is not None:
            return [nothing]
        found, every = things(frames), [frame.number for frame in frames]
        told = []
        for seen in found.values():
            bad = mostly(seen, lambda one: one.gone)
            if bad:
                worst = min(bad, key=lambda one: one.share)
                told.append(
                    about_thing(
                        self.about, bad, every, _sentence(worst), worst, worst.share, worst.chance
                    )
                )
        rest = list(left_out(self.about, found))
        if told:
            return [*told[:MOST_TOLD], *rest]
        there = sum(1 for seen in found.values() if measured(seen))
        sentence = f"All {there} objects that were looked for are there ({looked_at(frames)})."
        return [finding(self.about, Outcome.clear, sentence), *rest]


def _sentence(one: Seen) -> str:
    return (
        f"{called(one.thing)} is not in the take: no outline of it is found, and where it should be"
        " the picture looks like its surroundings"
    )
