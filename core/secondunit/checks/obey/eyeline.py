"""Where people look, as the scene knows it: written down, not measured in the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from secondunit_bridge.film import Finding, Outcome, Work

from ...hookspecs import CheckAbout, Exam, Scope
from ..answers import finding, not_checked
from .against import NEEDS

UNKNOWN = "no look is known"
_INTO_LENS = 2.0  # degrees within which a look goes into the lens


class Eyeline:
    """Degrees between each person's look and the lens, from the scene's own points."""

    about = CheckAbout(
        name="obey.eyeline",
        version="1",
        sentence="What is known of each person's eyeline from the scene.",
        scope=Scope.shot,
        unit="degree",
        look=None,
        stop=None,
        source="eyes, targets and camera of the scene; the picture is not read",
        department="Script",
        works=(Work.previs,),
        needs=NEEDS,
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """One finding for each person whose look is known; one that says so when nobody's is."""
        lines = exam.scene.eyelines if exam.scene is not None else {}
        told = [
            self._said(name, there)
            for name, degrees in sorted(lines.items())
            if (there := {n: angle for n, angle in degrees.items() if n in exam.take.frames})
        ]
        sentence = "The scene does not say where anybody looks: no eyeline is known."
        return told or [not_checked(self.about, UNKNOWN, sentence)]

    def _said(self, name: str, degrees: Mapping[int, float]) -> Finding:
        numbers = sorted(degrees)
        middle = numbers[len(numbers) // 2]
        angle = degrees[middle]
        sentence = (
            f"In the scene {name} looks {_words(angle)} at frame {middle}, between"
            f" {min(degrees.values()):.0f} and {max(degrees.values()):.0f} degrees over the take."
            " A fact of the scene: the picture was not read for it."
        )
        span = ((numbers[0], numbers[-1]),)
        return finding(self.about, Outcome.clear, sentence, value=angle, frames=span)


def _words(angle: float) -> str:
    if abs(angle) < _INTO_LENS:
        return "into the lens"
    return f"{abs(angle):.0f} degrees to the {'right' if angle > 0 else 'left'} of the lens"
