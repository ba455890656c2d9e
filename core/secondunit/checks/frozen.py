"""Does the picture stand still where it should move? Repeated and frozen frames.

A repeated frame is told from slow motion by what is around it: its difference from the frame before
is next to nothing while the frames around it differ. Exact repeats are told by digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome

from ..contract.levels import luminance, proxy
from ..hookspecs import Check, CheckAbout, Exam, Scope, hookimpl
from ..media.footage import Footage, Picture
from .answers import finding, named, not_checked, spans

TILES = (32, 18)  # means over tiles, the largest counts: something small that moves is motion
SHARE = 0.15  # of the motion around it, below which a frame is a repeat (a re-encoded repeat: .1)
AROUND = 6  # frames to each side that say how much moves
FLOOR = 0.5 / 255  # of display white: below half an 8-bit code nothing moves
OFTEN = 0.3  # share of repeats from which it is a cadence (on twos, a slower source), not an error


@dataclass(frozen=True)
class Run:
    """Frames that repeat the one before the first of them."""

    first: int
    last: int
    exact: bool
    moves_around: bool


class Frozen:
    """Finds duplicate frames, freezes and takes that do not move at all."""

    about = CheckAbout(
        name="frozen",
        version="1",
        sentence="No frame repeats the one before it while the picture around it moves.",
        scope=Scope.shot,
        unit="frames",
        look=1.0,
        stop=1.0,
        source="measured: repeats differ by 0 to 2 codes, moving frames by 14 to 26",
        department="VFX",
    )

    def examine(self, exam: Exam) -> Sequence[Finding]:
        """Findings for exact repeats, near ones and stillness; or one that is clear."""
        numbers = list(exam.take.frames)
        if len(numbers) < 3:
            return [
                not_checked(self.about, "too short", "Too few frames to tell still from moving.")
            ]
        steps = _steps(exam.take)
        same = _same_digests(exam.digests, len(numbers)) | (steps == 0)
        runs = _runs(numbers, steps, same)
        if not runs:
            sentence = f"No frame of {len(numbers)} repeats the one before it."
            return [finding(self.about, Outcome.clear, sentence, value=0, limit=1)]
        return self._said(runs, len(numbers))

    def _said(self, runs: list[Run], count: int) -> list[Finding]:
        repeats = sum(run.last - run.first + 1 for run in runs)
        if repeats == count - 1:
            sentence = "The picture does not move at all. Is it meant to be a still?"
            return [self._found(Outcome.look, sentence, runs)]
        if len(runs) > 2 and repeats >= OFTEN * (count - 1):
            sentence = (
                f"{repeats} of {count} frames repeat the one before, throughout: animated on twos, "
                "or made from a slower source?"
            )
            return [self._found(Outcome.look, sentence, runs)]
        groups = (
            (Outcome.stop, True, True, "exact repeat of the frame before while the picture moves"),
            (Outcome.look, False, True, "next to no change from the frame before, moves around it"),
            (Outcome.look, None, False, "stands still. Is the hold meant?"),
        )
        found = []
        for outcome, exact, moves, words in groups:
            group = [r for r in runs if r.moves_around is moves and exact in (None, r.exact)]
            if group:
                place = named(_spans(group))
                found.append(self._found(outcome, f"{place.capitalize()}: {words}.", group))
        return found

    def _found(self, outcome: Outcome, sentence: str, runs: list[Run]) -> Finding:
        repeats = sum(run.last - run.first + 1 for run in runs)
        return finding(self.about, outcome, sentence, value=repeats, limit=1, frames=_spans(runs))


def _spans(runs: list[Run]) -> tuple[tuple[int, int], ...]:
    return spans(number for run in runs for number in range(run.first, run.last + 1))


def _steps(take: Footage) -> NDArray[np.float64]:
    """How much each frame differs from the last: share of display white, busiest tile's mean."""
    steps, last = [], None
    for number in take.frames:
        seen = _seen(take.frame(number))
        if last is not None:
            steps.append(_busiest(np.abs(seen - last)))
        last = seen
    return np.array(steps)


def _seen(picture: Picture) -> NDArray[np.float32]:
    """Luminance as an eye sees it: gamma 2.4, display white 1.0, ``(row, column)``."""
    return np.asarray(np.power(np.minimum(luminance(proxy(picture, 480)), 4.0), 1 / 2.4))


def _busiest(difference: NDArray[np.float32]) -> float:
    import cv2

    rows, columns = difference.shape
    size = (min(TILES[0], columns), min(TILES[1], rows))
    return float(cv2.resize(difference, size, interpolation=cv2.INTER_AREA).max())


def _same_digests(digests: tuple[str, ...], count: int) -> NDArray[np.bool_]:
    if len(digests) != count:
        return np.zeros(count - 1, bool)
    return np.array([a == b for a, b in pairwise(digests)])


def _runs(numbers: list[int], steps: NDArray[np.float64], same: NDArray[np.bool_]) -> list[Run]:
    """Runs of repeats. ``steps[i]`` lies between frame ``numbers[i]`` and the next."""
    still = same.copy()
    around = np.array([_motion(steps, same, index) for index in range(len(steps))])
    still |= (around > FLOOR) & (steps < SHARE * around)
    runs: list[Run] = []
    index = 0
    while index < len(still):
        if not still[index]:
            index += 1
            continue
        end = index
        while end + 1 < len(still) and still[end + 1]:
            end += 1
        exact = bool(same[index : end + 1].all())
        moves = bool(_motion(steps, still, index, end) > FLOOR)
        runs.append(Run(numbers[index + 1], numbers[end + 1], exact, moves))
        index = end + 1
    return runs


def _motion(
    steps: NDArray[np.float64], still: NDArray[np.bool_], first: int, last: int | None = None
) -> float:
    """The median step around a run, of steps that are none of the still ones."""
    last = first if last is None else last
    near = [*range(max(0, first - AROUND), first),
            *range(last + 1, min(len(steps), last + 1 + AROUND))]  # fmt: skip
    moving = [steps[i] for i in near if not still[i]]
    return float(np.median(moving)) if moving else 0.0


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``frozen``."""
    return [Frozen()]
