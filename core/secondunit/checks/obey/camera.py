"""Is the take seen through the scene's camera?"""

from __future__ import annotations

from collections.abc import Sequence

from secondunit_bridge.film import Finding, Outcome

from ..answers import finding, named
from .against import AgainstScene, described
from .reading import Frame
from .telling import looked_at, over

LOOK = 0.5  # % of the width, over the whole picture; the takes of looks reach .15 %


class CameraDrift(AgainstScene):
    """How far the take's picture as a whole is from the scene's, after all outlines."""

    about = described(
        "obey.camera",
        "The take is seen through the scene's camera.",
        unit="% of the width",
        look=LOOK,
        source="measured on the three looks of a rendered quay, and on those that were shifted,"
        " enlarged and turned: found again within .1 %",
        department="Camera",
    )

    def judged(self, frames: Sequence[Frame]) -> Sequence[Finding]:
        """One finding: the drift where it is largest."""
        read = [frame for frame in frames if not frame.why_not]
        worst = max(read, key=_drifted)
        value = _drifted(worst)
        if value < LOOK:
            sentence = (
                f"The camera keeps to the scene's: {value:.2f} % of the width off at most"
                f" ({looked_at(read)})."
            )
            return [finding(self.about, Outcome.clear, sentence, value=value, limit=LOOK)]
        bad = [frame.number for frame in read if _drifted(frame) >= LOOK]
        runs = over(bad, [frame.number for frame in frames])
        sentence = f"The take's picture is {_words(worst)} against the scene's camera"
        return [
            finding(
                self.about, Outcome.look, f"{sentence} ({named(runs)}).", value=value, limit=LOOK,
                frames=runs,
            )
        ]  # fmt: skip


def _drifted(frame: Frame) -> float:
    """Percent of the width."""
    return 100 * frame.drift.distance(frame.width, frame.height) / frame.width


def _words(frame: Frame) -> str:
    drift, percent = frame.drift, 100 / frame.width
    words = []
    for far, ways in ((drift.x, ("left", "right")), (drift.y, ("up", "down"))):
        if abs(far) * percent >= 0.1:
            words.append(f"{abs(far) * percent:.1f} % of its width to the {ways[far > 0]}")
    words = [word.replace("to the up", "up").replace("to the down", "down") for word in words]
    if abs(drift.size - 1) >= 0.003:
        words.append(f"{abs(drift.size - 1):.1%} {'larger' if drift.size > 1 else 'smaller'}")
    if abs(drift.turn) >= 0.1:
        words.append(f"turned by {abs(drift.turn):.1f} degrees")
    return ", ".join(words) or "off"
