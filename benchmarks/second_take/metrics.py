"""What a benchmark of detectors reports: AUROC, recall at a rate of false alarms, bounds, boxes.

A score is a number, larger for more suspicious, or None where the check abstained. Abstaining
counts as the least suspicious there is: an error that was not looked at was missed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Score = float | None
Box = tuple[float, float, float, float]  # x, y, width, height

LEAST_CLEAN = 300  # clean pairs below which no rate of false alarms is printed
TOO_FEW = "n too small"
_ABSTAINED = -math.inf


def auroc(planted: Sequence[Score], clean: Sequence[Score]) -> float | None:
    """The chance that an error scores above a clean one; ties count half. None without both."""
    if not planted or not clean:
        return None
    errors, rest = [_told(s) for s in planted], [_told(s) for s in clean]
    over = sum((one > other) + 0.5 * (one == other) for one in errors for other in rest)
    return over / (len(errors) * len(rest))


def threshold(clean: Sequence[Score], share: float) -> float:
    """The lowest score that at most this share of the clean ones lies above or on."""
    ordered = sorted((_told(s) for s in clean), reverse=True)
    allowed = int(share * len(ordered) + 1e-9)
    if allowed >= len(ordered):
        return -math.inf
    return math.nextafter(ordered[allowed], math.inf)


def recall_at(planted: Sequence[Score], clean: Sequence[Score], share: float) -> float | None:
    """The share of errors at or above the threshold that this share of the clean ones reaches."""
    if not planted or not clean:
        return None
    limit = threshold(clean, share)
    return sum(_told(s) >= limit and s is not None for s in planted) / len(planted)


def abstained(scores: Sequence[Score]) -> float | None:
    """The share that was not checked."""
    return sum(s is None for s in scores) / len(scores) if scores else None


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The interval in which the true share lies with 95 per cent."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def at_most(hits: int, of: int) -> float:
    """The upper bound of a rate with 95 per cent; 3/n where nothing was seen."""
    return min(1.0, 3 / of) if of and not hits else wilson(hits, of)[1]


def false_rate(flags: int, of: int, per: float) -> str:
    """False alarms per so many, in words, with its upper bound; no figure from too few."""
    if of < LEAST_CLEAN:
        return f"{TOO_FEW} ({of})"
    return f"{per * flags / of:.2g} (at most {per * at_most(min(flags, of), of):.2g}, n {of:,})"


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    common = _common(one, other)
    return common / (one[2] * one[3] + other[2] * other[3] - common) if common else 0.0


def hits(found: Box, truth: Box, share: float = 0.1) -> bool:
    """The two overlap by more than a share of the smaller one."""
    return _common(found, truth) > share * min(found[2] * found[3], truth[2] * truth[3])


def place(found: Sequence[Box], truth: Sequence[Box]) -> int | None:
    """Which of the ranked boxes, from 1, is the first that shows one of the true places."""
    return next(
        (n for n, box in enumerate(found, 1) if any(hits(box, other) for other in truth)), None
    )


def _common(one: Box, other: Box) -> float:
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)


def _told(score: Score) -> float:
    return _ABSTAINED if score is None else score
