"""What the checks that hold a take against its scene have in common: outlines, read once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from secondunit_bridge.film import Finding, Role, Work

from ...hookspecs import CheckAbout, Exam, Scope
from .reading import Frame, Readings
from .telling import unread

NEEDS = (Role.guide, Role.ids, Role.depth)


class AgainstScene(ABC):
    """A check of a previs take's outlines against those of the scene it was made from."""

    about: CheckAbout

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """What ``judged`` finds, or why nothing could be measured."""
        frames, why = self._readings.read(exam)
        nothing = unread(self.about, frames, why)
        return self.judged(frames) if nothing is None else [nothing]

    @abstractmethod
    def judged(self, frames: Sequence[Frame]) -> Sequence[Finding]:
        """A finding for each thing that is wrong, or one that is clear."""


def described(
    name: str, sentence: str, *, unit: str, source: str, department: str, look: float | None
) -> CheckAbout:
    """What such a check says of itself; none of them can stop a take."""
    return CheckAbout(
        name=name, version="1", sentence=sentence, scope=Scope.shot, unit=unit, look=look,
        stop=None, source=source, department=department, works=(Work.previs,), needs=NEEDS,
    )  # fmt: skip
