"""Is there a slate at the head or tail of what plays, where a picture should be?

A slate is a flat page with writing on it that a hard cut ends: most of the picture is one code, and
there are many small things on it. A title is one too where it is cut that short, so a person looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from secondunit_bridge.film import Finding, Outcome

from ..hookspecs import AnyCheck, CheckAbout, Exam, Scope, Viewing, hookimpl
from ..media.sight import Plane, Sight
from .answers import finding, named, no_picture, spans

WIDTH = 480  # columns
PAGE = 0.4  # share of the picture within a code of its commonest: photographs stay below .2
NEAR = 1.5  # codes
LETTERS = 14  # small things that stand out; plain fields, bars and black have fewer
STANDS_OUT = 40.0  # codes
SMALL, TINY = 0.01, 3e-5  # shares of the picture between which a thing may be a letter


class Slate:
    """Counts frames at either end that are a page with writing on it."""

    about = CheckAbout(
        name="delivery.slate",
        version="1",
        sentence="No slate plays at the head or tail of a shot.",
        scope=Scope.shot,
        unit="frames",
        look=1.0,
        stop=None,
        source="a page of one code with writing; the slates this product writes, and flat cards",
        department="Delivery",
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return _Pages(self.about, exam)


@dataclass
class _Pages:
    about: CheckAbout
    exam: Exam
    pages: list[bool] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def see(self, sight: Sight) -> None:
        """The next frame."""
        self.numbers.append(sight.number)
        self.pages.append(is_page(sight.small_luma(WIDTH)))

    def told(self) -> Sequence[Finding]:
        """One finding: the frames at either end that are slates, or none."""
        about, first = self.about, no_picture(self.about, self.exam)
        if first:
            return [first]
        head = next((n for n, page in enumerate(self.pages) if not page), len(self.pages))
        tail = next((n for n, page in enumerate(self.pages[::-1]) if not page), len(self.pages))
        if head == len(self.pages) or head + tail == 0:
            says = "No slate plays: what is seen at head and tail is a picture."
            if self.pages and head == len(self.pages):
                says = "The whole shot is a page with writing: a title or a card, not a slate."
            return [finding(about, Outcome.clear, says, value=0, limit=about.limit)]
        at = [*self.numbers[:head], *self.numbers[len(self.numbers) - tail :]]
        runs = spans(at)
        where = "head" if head >= tail else "tail"
        says = (
            f"A slate or a card plays at the {where}, {named(runs)}, where a picture is expected. "
            "Trim it off, or say that it is meant."
        )
        return [finding(about, Outcome.look, says, value=len(at), limit=about.limit, frames=runs)]


def is_page(luma: Plane) -> bool:
    """Most of the picture is one code, and many small things stand out on it."""
    import cv2

    codes = np.clip(luma, 0, 255)
    counts = np.bincount(codes.astype(np.uint8).ravel(), minlength=256)
    commonest = int(counts.argmax()) + 0.5
    if (np.abs(codes - commonest) <= NEAR).mean() < PAGE:
        return False
    out = (np.abs(codes - commonest) > STANDS_OUT).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(out, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA] / codes.size
    return int(np.count_nonzero((areas > TINY) & (areas < SMALL))) >= LETTERS


@hookimpl
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``delivery.slate``."""
    return [Slate()]
