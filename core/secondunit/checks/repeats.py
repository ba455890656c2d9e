"""Does the picture stand still where it should move? Repeated and frozen frames.

A repeated frame is told from slow motion by what is around it: its difference from the frame before
is next to nothing while the frames around it differ. Exact repeats are told by digest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.film import Finding, Outcome
from secondunit_bridge.timing import FrameRange

from ..hookspecs import AnyCheck, CheckAbout, Codes, Exam, Scope, Viewing, hookimpl
from ..media.sight import Sight
from .answers import finding, named, not_checked, spans

Steps: TypeAlias = NDArray[np.float64]

WIDTH = 480  # columns that are compared
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


class DuplicateFrames:
    """Finds frames that repeat the one before while the picture around them moves."""

    about = CheckAbout(
        name="dup.frame",
        version="1",
        sentence="No frame repeats the one before it while the picture around it moves.",
        scope=Scope.shot,
        unit="frames",
        look=1.0,
        stop=1.0,
        source="measured: repeats differ by 0 to 2 codes, moving frames by 14 to 26",
        department="VFX",
        codes=Codes(netflix="Freeze Frame"),
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return _Steps(self.about, exam, self._told)

    def _told(self, runs: list[Run], count: int) -> list[Finding]:
        repeats = [run for run in runs if run.moves_around]
        number = _count(runs)
        if len(runs) > 2 and OFTEN * (count - 1) <= number < count - 1:
            says = (
                f"{number} of {count} frames repeat the one before, throughout: animated on twos, "
                "or made from a slower source?"
            )
            return [_found(self.about, Outcome.look, says, runs)]
        groups = (
            (Outcome.stop, True, "exact repeat of the frame before while the picture moves"),
            (Outcome.look, False, "next to no change from the frame before, moves around it"),
        )
        found = []
        for outcome, exact, words in groups:
            group = [run for run in repeats if run.exact is exact]
            if group:
                says = f"{named(_spans(group)).capitalize()}: {words}."
                found.append(_found(self.about, outcome, says, group))
        says = f"No frame of {count} repeats the one before it."
        return found or [finding(self.about, Outcome.clear, says, value=0, limit=1)]


class Freeze:
    """Finds pictures that stand still for longer than a repeat."""

    about = CheckAbout(
        name="freeze",
        version="1",
        sentence="The picture does not stand still for half a second or more.",
        scope=Scope.shot,
        unit="frames",
        look=1.0,
        stop=None,
        source="measured: repeats differ by 0 to 2 codes; half a second is a held frame",
        department="VFX",
        codes=Codes(netflix="Freeze Frame"),
    )

    def watch(self, exam: Exam) -> Viewing:
        """Begin with a take."""
        return _Steps(self.about, exam, self._told)

    def _told(self, runs: list[Run], count: int) -> list[Finding]:
        if runs and _count(runs) == count - 1:
            says = "The picture does not move at all. Is it meant to be a still?"
            return [_found(self.about, Outcome.look, says, runs)]
        often = len(runs) > 2 and _count(runs) >= OFTEN * (count - 1)  # a cadence, said elsewhere
        held = [run for run in runs if not run.moves_around and not often]
        if held:
            says = f"{named(_spans(held)).capitalize()}: stands still. Is the hold meant?"
            return [_found(self.about, Outcome.look, says, held)]
        says = f"The picture moves throughout its {count} frames."
        return [finding(self.about, Outcome.clear, says, value=0, limit=1)]


Told: TypeAlias = Callable[[list[Run], int], list[Finding]]


class _Steps:
    """How much each frame differs from the last, for both checks."""

    def __init__(self, about: CheckAbout, exam: Exam, told: Told) -> None:
        self._about, self._exam, self._told = about, exam, told
        self._steps: list[float] = []

    def see(self, sight: Sight) -> None:
        before = sight.before
        if before is not None:
            self._steps.append(sight.once("repeats", lambda: _step(before, sight)))

    def told(self) -> Sequence[Finding]:
        frames, steps = self._exam.take.frames, np.array(self._steps)
        if len(frames) < 3:
            says = "Too few frames to tell still from moving."
            return [not_checked(self._about, "too short", says)]
        same = _same_digests(self._exam.digests, len(frames)) | (steps == 0)
        return self._told(_runs(frames, steps, same), len(frames))


def _count(runs: list[Run]) -> int:
    return sum(run.last - run.first + 1 for run in runs)


def _found(about: CheckAbout, outcome: Outcome, sentence: str, runs: list[Run]) -> Finding:
    return finding(about, outcome, sentence, value=_count(runs), limit=1, frames=_spans(runs))


def _step(before: Sight, now: Sight) -> float:
    """The change of the busiest tile, share of display white; exactly 0 for exact repeats."""
    change = np.abs(now.small_luma(WIDTH) - before.small_luma(WIDTH))
    return _busiest(change / np.float32(255))


def _spans(runs: list[Run]) -> tuple[tuple[int, int], ...]:
    return spans(number for run in runs for number in range(run.first, run.last + 1))


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
def secondunit_checks() -> Sequence[AnyCheck]:
    """Adds ``dup.frame`` and ``freeze``."""
    return [DuplicateFrames(), Freeze()]
