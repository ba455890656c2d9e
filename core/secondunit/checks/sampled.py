"""A figure read off every so many frames; their median is what a shot is judged by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from secondunit_bridge.film import Finding, Outcome

from ..hookspecs import CheckAbout, Exam
from ..media.sight import Sight
from .answers import finding, named, no_picture, not_checked, spans


@dataclass
class Sampled:
    """Looks at one frame in ``every``, at none with a side shorter than ``least`` pixels.

    ``read`` gives the figure, in the check's own unit. ``clear`` and ``found`` are sentences with a
    place for ``{value}``, ``found`` with one for ``{frames}`` too: those at or over the limit.
    """

    about: CheckAbout
    exam: Exam
    read: Callable[[Sight], float]
    every: int
    least: int
    clear: str
    found: str
    _read: dict[int, float] = field(default_factory=dict)
    _count: int = 0

    def see(self, sight: Sight) -> None:
        """The next frame."""
        self._count += 1
        if (self._count - 1) % self.every == 0 and min(sight.luma.shape) >= self.least:
            self._read[sight.number] = self.read(sight)

    def told(self) -> Sequence[Finding]:
        """Clear or look, by the median; not checked for a placeholder or too small a picture."""
        about, limit = self.about, self.about.look or 0.0
        slate = no_picture(about, self.exam)
        if slate:
            return [slate]
        if not self._read:
            says = f"The picture is smaller than {self.least} pixels, too small to tell."
            return [not_checked(about, "too small", says)]
        value = float(np.median(list(self._read.values())))
        if value < limit:
            says = self.clear.format(value=value)
            return [finding(about, Outcome.clear, says, value=value, limit=limit)]
        frames = spans(number for number, one in self._read.items() if one >= limit)
        says = self.found.format(value=value, frames=named(frames))
        return [finding(about, Outcome.look, says, value=value, limit=limit, frames=frames)]
