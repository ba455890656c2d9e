"""Are the values ones a delivery may hold? NaN, clipped, negative, all black."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome

from ..contract.levels import BRIGHTEST
from ..hookspecs import Check, CheckAbout, Exam, Scope, hookimpl
from ..media.footage import Picture
from .answers import finding, named, spans

BLACK = 2.0**-12  # scene-linear; code 8 of 255 at gamma 2.4, where a monitor shows nothing
NEGATIVE_SHARE = 0.001  # of a frame; noise below zero in a few shadow pixels is no fault

_NAN, _CLIPPED, _NEGATIVE = "nan_pixels", "clipped_pixels", "negative_pixels"


class RangeNaN:
    """Counts what was replaced on the way to half float, and looks for frames without light."""

    about = CheckAbout(
        name="range_nan",
        version="1",
        sentence="No NaN, nothing clipped or below black, no black frames.",
        scope=Scope.frame,
        unit="pixels",
        look=1.0,
        stop=1.0,
        source="OpenEXR half float, +-65504; EBU R 103 for excursions below black",
        department="Delivery",
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """A finding for each thing that is wrong, or one that is clear.

        What the core counted while it wrote the frames is believed; what it did not count is
        counted here.
        """
        counted = {kind: dict(exam.measured.get(kind, {})) for kind in (_NAN, _CLIPPED, _NEGATIVE)}
        lacking = [kind for kind in counted if kind not in exam.measured]
        black = []
        for number in exam.take.frames:
            picture = exam.take.frame(number)
            for kind, count in _counts(picture, lacking).items():
                counted[kind][number] = count
            if _is_black(picture):
                black.append(number)
        pixels = max(1, exam.take.width * exam.take.height)
        found = [
            *self._values(counted[_NAN], Outcome.stop, 1, "are not numbers (NaN)"),
            *self._values(counted[_CLIPPED], Outcome.look, 1, "are brighter than half float holds"),
            *self._values(
                counted[_NEGATIVE], Outcome.look, NEGATIVE_SHARE * pixels, "are below black"
            ),
            *self._black(black, len(exam.take.frames)),
        ]
        sentence = f"All values of {len(exam.take.frames)} frames are ones a delivery may hold."
        return found or [finding(self.about, Outcome.clear, sentence, value=0, limit=1)]

    def _values(
        self, counted: dict[int, int], outcome: Outcome, limit: float, what: str
    ) -> list[Finding]:
        limit = max(1, round(limit))
        bad = {number: count for number, count in counted.items() if count >= limit}
        if not bad:
            return []
        runs, most = spans(bad), max(bad.values())
        sentence = f"Up to {most:,} pixels a frame {what}, in {named(runs)}."
        return [finding(self.about, outcome, sentence, value=most, limit=limit, frames=runs)]

    def _black(self, black: list[int], count: int) -> list[Finding]:
        if not black:
            return []
        runs = spans(black)
        every = len(black) == count
        sentence = "Every frame is black." if every else f"All black: {named(runs)}."
        return [
            finding(
                self.about,
                Outcome.look,
                sentence,
                value=len(black),
                limit=1,
                frames=runs,
                unit="frames",
            )
        ]


def _counts(picture: Picture, kinds: list[str]) -> dict[str, int]:
    """Pixels of which a channel is NaN, beyond half float, or below zero."""
    low, high = float(np.min(picture)), float(np.max(picture))  # NaN comes through both
    if not kinds or (low >= 0 and high <= BRIGHTEST):
        return dict.fromkeys(kinds, 0)
    counts = {}
    for kind in kinds:
        bad = np.zeros(picture.shape[:2], bool)
        for channel in range(picture.shape[2] if kind != _NEGATIVE else min(3, picture.shape[2])):
            bad |= _BAD[kind](picture[..., channel])
        counts[kind] = int(np.count_nonzero(bad))
    return counts


_BAD: dict[str, Callable[[NDArray[np.float32]], NDArray[np.bool_]]] = {
    _NAN: np.isnan,
    _CLIPPED: lambda values: np.abs(values) > BRIGHTEST,
    _NEGATIVE: lambda values: values < 0,
}


def _is_black(picture: Picture) -> bool:
    colours = picture[..., :3]
    sparse = colours[::8, ::8]
    if np.nanmax(sparse, initial=0.0) > BLACK:
        return False
    return bool(np.nanmax(colours, initial=0.0) <= BLACK)


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``range_nan``."""
    return [RangeNaN()]
