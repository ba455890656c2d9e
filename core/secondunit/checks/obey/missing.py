"""Is anything of the scene not in the take at all?"""

from __future__ import annotations

from collections.abc import Sequence

from secondunit_bridge.film import Finding, Outcome

from ..answers import finding
from .against import AgainstScene, described
from .reading import Frame, Seen
from .telling import (
    MOST_TOLD,
    about_thing,
    called,
    left_out,
    looked_at,
    measured,
    mostly,
    things,
)


class Missing(AgainstScene):
    """Objects without an outline in the take, whose place looks like its surroundings."""

    about = described(
        "obey.missing",
        "Every object that the render shows is in the take.",
        unit="share of the outline found",
        look=None,
        source="measured on the three looks of a rendered quay, and on objects that were painted"
        " out of them; the limit is what chance finds of that outline",
        department="Props",
    )

    def judged(self, frames: Sequence[Frame]) -> Sequence[Finding]:
        """A finding for each object that is missing, or one that is clear."""
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
