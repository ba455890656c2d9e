"""Did the take come with the frames that were asked for, handles included?"""

from __future__ import annotations

from collections.abc import Sequence

from secondunit_bridge.film import Finding, Outcome

from ..hookspecs import Check, CheckAbout, Codes, Exam, Scope, hookimpl
from .answers import finding


class FrameCount:
    """Counts frames; a take that is a frame short does not fit its hole."""

    about = CheckAbout(
        name="frame_count",
        version="1",
        sentence="The take has every frame that was asked for, and no more.",
        scope=Scope.shot,
        unit="frames",
        look=None,
        stop=1.0,
        source="a delivery is frame-exact or it is wrong",
        department="Delivery",
        codes=Codes(ebu="0081X"),
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding: how many frames too many or too few."""
        asked, got = exam.asked, exam.take.frames
        held = len(exam.digests) if exam.digests else len(got)
        if (got.first, got.last, held) == (asked.first, asked.last, len(asked)):
            sentence = f"All {len(asked)} frames are there, {asked.first} to {asked.last}."
            return [finding(self.about, Outcome.clear, sentence, value=0, limit=self.about.stop)]
        lacking = [n for n in asked if n not in got]
        sentence = (
            f"{len(asked)} frames were asked for, {asked.first} to {asked.last}; "
            f"the take has {held}, {got.first} to {got.last}."
        )
        return [
            finding(
                self.about,
                Outcome.stop,
                sentence,
                value=max(1, abs(held - len(asked)), len(lacking)),
                limit=self.about.stop,
                frames=((lacking[0], lacking[-1]),) if lacking else ((got.first, got.last),),
            )
        ]


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``frame_count``."""
    return [FrameCount()]
