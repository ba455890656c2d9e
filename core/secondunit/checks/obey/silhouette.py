"""Are the scene's objects drawn where the scene has them, and in their size?"""

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
    looked_at,
    measured,
    mostly,
    things,
)

LEAST = 0.90  # IoU; a crate of a tenth of the width that is drawn .5 % of it to one side has .90


class Silhouette(AgainstScene):
    """Intersection over union of each object's silhouette and where its outline is found."""

    about = described(
        "obey.silhouette",
        "Objects are drawn where the scene has them, in their size.",
        unit="IoU",
        look=LEAST,
        source="measured on the three looks of a rendered quay, and on objects that were moved and"
        " enlarged in them",
        department="Layout",
    )

    def judged(self, frames: Sequence[Frame]) -> Sequence[Finding]:
        """A finding for each object that is elsewhere, or one that is clear."""
        found, every = things(frames), [frame.number for frame in frames]
        told = [
            about_thing(self.about, bad, every, _sentence(worst), worst, worst.iou, LEAST)
            for seen in found.values()
            if (bad := mostly(seen, _off)) and (worst := min(bad, key=lambda one: one.iou))
        ]
        if told:
            return sorted(told, key=lambda one: one.value or 0.0)[:MOST_TOLD]
        there = [one for seen in found.values() for one in measured(seen) if not _off(one)]
        count = len({one.thing for one in there})
        sentence = (
            f"{count} objects are drawn where the scene has them: of their outlines"
            f" {_usual(there):.0%} is found, {_by_chance(there):.0%} would be by chance"
            f" ({looked_at(frames)})."
        )
        value = min((one.iou for one in there), default=None)
        return [finding(self.about, Outcome.clear, sentence, value=value, limit=LEAST)]


def _off(one: Seen) -> bool:
    return not one.gone and one.iou < LEAST


def _usual(seen: Sequence[Seen]) -> float:
    return sum(one.share for one in seen) / max(1, len(seen))


def _by_chance(seen: Sequence[Seen]) -> float:
    return sum(one.chance for one in seen) / max(1, len(seen))


def _sentence(one: Seen) -> str:
    who = called(one.thing)
    if one.place is None:
        return (
            f"{who} is not found where the scene has it: {one.share:.0%} of its outline is there,"
            f" {one.chance:.0%} would be by chance"
        )
    parts = [_shifted(one.place.x, one.place.y, one.width), _sized(one.place.size)]
    return f"{who} is drawn {' and '.join(filter(None, parts))} where the scene has it".replace(
        "larger where the scene has it", "larger than the scene has it"
    ).replace("smaller where the scene has it", "smaller than the scene has it")


def _shifted(x: float, y: float, width: int) -> str:
    """In words, with ``of`` at its end: ``4 % of the picture's width to the left of``."""
    ways = [
        (abs(x) / width, "to the left of" if x < 0 else "to the right of"),
        (abs(y) / width, "above" if y < 0 else "below"),
    ]
    far = [(share, where) for share, where in ways if share >= 0.002]
    words = [f"{share * 100:.2g} % of the picture's width {where}" for share, where in far]
    return " and ".join(words)


def _sized(size: float) -> str:
    if abs(size - 1) < 0.01:
        return ""
    return f"{abs(size - 1):.0%} {'larger' if size > 1 else 'smaller'}"
