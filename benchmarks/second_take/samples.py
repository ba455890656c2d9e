"""A sample: something to look at, what is planted in it if anything, and who should find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from secondunit.hookspecs import Exam

from .metrics import Box
from .shots import Shot

SAME, OTHER, CLIP = "same set-up", "other angle", "run of frames"
# Nothing is planted, but the camera itself exposes otherwise: no negative for an error of exposure.
UNSETTLED = "same set-up, the camera still settling"
RENDERED, LIVE = "rendered", "live"


@dataclass(frozen=True)
class Sample:
    """``kind`` is the class of the planted error, or of the clean pair it is.

    ``shots`` are one shot, or the earlier and the later of two; ``exam`` makes of them what a sweep
    would. ``truth`` are the true places of the error in the later shot's picture.
    """

    kind: str
    source: str
    context: str
    held: bool  # kept for the final figure
    shots: tuple[Shot, ...]
    exam: Callable[..., Exam]
    check: str = ""  # that must find it; "" for a clean sample
    severity: int = 0
    amount: float = 0.0
    truth: tuple[Box, ...] = ()

    @property
    def name(self) -> str:
        """What it is and of which shots: how a reading is found again."""
        what = (self.kind, self.source, self.severity, f"{self.amount:g}")
        return "|".join(map(str, (*what, *(shot.name for shot in self.shots))))

    @property
    def clean(self) -> bool:
        """Nothing is planted: whatever is flagged is a false alarm."""
        return not self.check

    @property
    def serious(self) -> bool:
        """An obvious or gross error."""
        return not self.clean and self.severity >= 2
