"""Are the values ones a delivery may hold? NaN, clipped, negative, all black."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome

from ..contract.levels import BRIGHTEST
from ..hookspecs import AnyCheck, CheckAbout, Codes, Exam, Scope, Viewing, hookimpl
from ..media.footage import Picture
from ..media.sight import Sight
from .answers import finding, named, spans

BLACK = 2.0**-12  # scene-linear; code 8 of 255 at gamma 2.4, where a monitor shows nothing
BLACK_CODE = 8.5 / 255  # the same of display codes
NEGATIVE_SHARE = 0.001  # of a frame; noise below zero in a few shadow pixels is no fault

_NAN, _CLIPPED, _NEGATIVE = "nan_pixels", "clipped_pixels", "negative_pixels"


class RangeNaN:
    """Counts what was replaced on the way to half float, and looks for frames without light."""

    about = CheckAbout(
        name="range",
        version="1",
        sentence="No NaN, nothing clipped or below black, no black frames.",
        scope=Scope.frame,
        unit="pixels",
        look=1.0,
        stop=1.0,
        source="OpenEXR half float, +-65504; EBU R 103 for excursions below black",
        department="Delivery",
        codes=Codes(netflix="Frame Error - Black Frame", ebu="0051B"),
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take.

        What the core counted while it wrote the frames is believed; what it did not count is
        counted here.
        """
        return _Counting(self.about, exam)


class _Counting:
    def __init__(self, about: CheckAbout, exam: Exam) -> None:
        self._exam, self.about = exam, about
        kinds = (_NAN, _CLIPPED, _NEGATIVE)
        self._counted = {kind: dict(exam.measured.get(kind, {})) for kind in kinds}
        self._lacking = [kind for kind in kinds if kind not in exam.measured]
        self._black: list[int] = []

    def see(self, sight: Sight) -> None:
        codes = sight.codes  # of a display: as good for all that is counted, and at hand
        picture = sight.light if codes is None else codes
        for kind, count in _counts(picture, self._lacking).items():
            self._counted[kind][sight.number] = count
        if _is_black(picture, BLACK if codes is None else BLACK_CODE):
            self._black.append(sight.number)

    def told(self) -> Sequence[Finding]:
        """A finding for each thing that is wrong, or one that is clear."""
        take, counted = self._exam.take, self._counted
        pixels = max(1, take.width * take.height)
        found = [
            *self._values(counted[_NAN], Outcome.stop, 1, "are not numbers (NaN)"),
            *self._values(counted[_CLIPPED], Outcome.look, 1, "are brighter than half float holds"),
            *self._values(
                counted[_NEGATIVE], Outcome.look, NEGATIVE_SHARE * pixels, "are below black"
            ),
            *self._blacks(self._black, len(take.frames)),
        ]
        sentence = f"All values of {len(take.frames)} frames are ones a delivery may hold."
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

    def _blacks(self, black: list[int], count: int) -> list[Finding]:
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


def _is_black(picture: Picture, most: float) -> bool:
    colours = picture[..., :3]
    sparse = colours[::8, ::8]
    if np.nanmax(sparse, initial=0.0) > most:
        return False
    return bool(np.nanmax(colours, initial=0.0) <= most)


@hookimpl
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``range``."""
    return [RangeNaN()]
