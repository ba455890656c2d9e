"""Does the picture stand still where it should move? Repeated and frozen frames.

A repeated frame is told from slow motion by what is around it: its difference from the frame before
is next to nothing while the frames around it differ. Exact repeats are told by digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome
from secondunit_bridge.timing import FrameRange

from ..contract.levels import luminance, proxy
from ..hookspecs import Check, CheckAbout, Exam, Scope, hookimpl
from ..media.footage import Footage, Picture
from .answers import finding, named, not_checked, spans

Steps: TypeAlias = NDArray[np.float64]

TILES = (32, 18)  # means over tiles, the largest counts: something small that moves is motion
CODE = 1.0 / 255  # of display white: one 8-bit code
# Measured: repeats that were encoded again differ by 0 to 2 codes in the busiest tile, moving
# frames by 14 to 26; the noise of a locked-off picture is below 4.
STILL = 4 * CODE
SHARE = 0.15  # of the motion around it, below which a frame is a near repeat
AROUND = 4  # frames to each side that say how much moves; both sides must
NEAR = 3  # frames; a longer run of near repeats cannot be told from an actor who stands still
HELD_S = 0.5  # seconds from which a picture that stands still is worth a question
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
        runs = _runs(exam.take.frames, steps, same)
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


def _steps(take: Footage) -> Steps:
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


def _runs(take: FrameRange, steps: Steps, same: NDArray[np.bool_]) -> list[Run]:
    """Repeats and holds. ``steps[i]`` lies between the take's frame ``i`` and the next."""
    runs: list[Run] = []
    for first, last in spans(np.flatnonzero(same | (steps < STILL)).tolist()):
        runs += _judged(take, steps, same, first, last)
    return runs


def _judged(
    take: FrameRange, steps: Steps, same: NDArray[np.bool_], first: int, last: int
) -> list[Run]:
    """What a run of small steps is: a near or exact repeat, a hold, or nothing worth saying."""
    sides = [steps[max(0, first - AROUND) : first], steps[last + 1 : last + 1 + AROUND]]
    moving = [float(np.median(side)) for side in sides if len(side)]
    around = min(moving, default=0.0)
    exact = [run for run in spans(np.flatnonzero(same).tolist()) if first <= run[0] <= last]
    if exact and around > CODE:
        return [_run(take, *run, exact=True, moves=True) for run in exact]
    short = last - first < NEAR and len(moving) == 2
    if short and around > STILL and float(steps[first : last + 1].max()) < SHARE * around:
        return [_run(take, first, last, exact=False, moves=True)]
    held = [run for run in exact if run[1] - run[0] + 1 >= min(HELD_S * take.rate, len(steps))]
    return [_run(take, *run, exact=True, moves=False) for run in held]


def _run(take: FrameRange, first: int, last: int, *, exact: bool, moves: bool) -> Run:
    return Run(take.first + first + 1, take.first + last + 1, exact, moves)


@hookimpl
def secondunit_checks() -> Sequence[Check]:
    """Adds ``frozen``."""
    return [Frozen()]
