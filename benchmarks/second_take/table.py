"""The figures of a run: one row for each class and severity, and what a person lives with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .looking import Looked
from .metrics import (
    LEAST_CLEAN,
    abstained,
    auroc,
    false_rate,
    overlap,
    place,
    recall_at,
    threshold,
)
from .samples import CLIP, SAME, UNSETTLED
from .targets import AUROC, FLAGGED, FLAGS_ALLOWED, RECALL, SERIOUS_FOUND, TARGETS

FALSE_SHARE = 0.02
OF_LIGHT = ("exposure", "white balance")  # of which a camera that is still settling has its own


@dataclass(frozen=True)
class Row:
    """One class at one severity."""

    kind: str
    severity: int
    amount: float
    n: int
    auroc: float | None
    recall: float | None  # at two false alarms in a hundred clean pairs
    flagged: float  # at the limits as they ship
    abstained: float
    top1: float | None = None  # of those flagged, whose first place is right
    top3: float | None = None
    iou: float | None = None
    goal: str = ""
    met: bool | None = None


def rows(looked: Sequence[Looked]) -> list[Row]:
    """Every class and severity, by name; clean samples of the like context are the negatives."""
    groups: dict[tuple[str, int], list[Looked]] = defaultdict(list)
    for one in looked:
        if not one.sample.clean:
            groups[(one.sample.kind, one.sample.severity)].append(one)
    return [_row(kind, severity, ones, looked) for (kind, severity), ones in sorted(groups.items())]


def negatives(ones: Sequence[Looked], looked: Sequence[Looked]) -> list[float | None]:
    """What the check of these said of clean samples of the contexts these are in."""
    contexts, check = {one.sample.context for one in ones}, ones[0].sample.check
    if SAME in contexts and ones[0].sample.kind not in OF_LIGHT:
        contexts.add(UNSETTLED)
    return [
        one.scores.get(check)
        for one in looked
        if one.sample.clean and one.sample.context in contexts
    ]


def _row(kind: str, severity: int, ones: list[Looked], looked: Sequence[Looked]) -> Row:
    clean, scores = negatives(ones, looked), [one.score for one in ones]
    figures = {
        AUROC: auroc(scores, clean),
        RECALL: recall_at(scores, clean, FALSE_SHARE),
        FLAGGED: sum(one.found for one in ones) / len(ones),
    }
    target, goal, met = TARGETS.get(kind), "", None
    if target is not None and severity >= target.at:
        reached = figures[target.figure]
        goal = f"{target.figure} {target.least:.2f}"
        met = reached is not None and round(reached, 3) >= target.least
    return Row(
        kind, severity, abs(ones[0].sample.amount), len(ones), figures[AUROC], figures[RECALL],
        figures[FLAGGED] or 0.0, abstained(scores) or 0.0, *_places(ones), goal, met,
    )  # fmt: skip


def _places(ones: Sequence[Looked]) -> tuple[float | None, float | None, float | None]:
    """Top 1, top 3 and the mean of the best overlaps, of those that were flagged."""
    told = [one for one in ones if one.sample.truth and one.found]
    if not told:
        return None, None, None
    boxes = [(one.boxes.get(one.sample.check, ()), one.sample.truth) for one in told]
    ranks = [place(found, truth) for found, truth in boxes]
    best = [max((overlap(f, t) for f in found[:3] for t in truth), default=0.0)
            for found, truth in boxes]  # fmt: skip
    return (
        sum(rank == 1 for rank in ranks) / len(ranks),
        sum(rank is not None and rank <= 3 for rank in ranks) / len(ranks),
        float(np.mean(best)),
    )


def together(looked: Sequence[Looked]) -> dict[str, Any]:
    """All classes: what a person finds, and what a person lives with, at the limits as they ship,
    and with all limits moved by one factor until there are few enough false flags."""
    pairs = [one for one in looked if one.sample.clean and one.sample.context != CLIP]
    runs = [one for one in looked if one.sample.clean and one.sample.context == CLIP]
    serious = [one for one in looked if one.sample.serious]
    flags = sum(sum(one.flags.values()) for one in pairs)
    frames = sum(one.frames for one in runs)
    factor = _factor(pairs)
    found = sum(one.found for one in serious)
    kept = sum((one.score or 0) >= max(factor, 1.0) for one in serious)
    few = len(pairs) < LEAST_CLEAN
    return {
        "obvious and gross errors": len(serious),
        "found at the limits as they ship": round(found / len(serious), 3) if serious else None,
        "false flags per 100 clean cuts": false_rate(flags, len(pairs), 100),
        "limits moved by, for 5 in 100": None if few else round(max(factor, 1.0), 3),
        "found there": None if few or not serious else round(kept / len(serious), 3),
        "goal": f">= {SERIOUS_FOUND} at <= {FLAGS_ALLOWED:g}",
        "false flags per 1,000 clean frames": false_rate(
            sum(sum(one.flags.values()) for one in runs), frames, 1000
        ),
        "CPU seconds a pair": _mean([one.seconds for one in pairs]),
    }


def _factor(pairs: Sequence[Looked]) -> float:
    """The factor on all limits from which at most five in a hundred clean pairs are flagged."""
    worst = [max((s for s in one.scores.values() if s is not None), default=0.0) for one in pairs]
    return threshold(worst, FLAGS_ALLOWED / 100) if worst else 0.0


def false_alarms(looked: Sequence[Looked]) -> list[dict[str, Any]]:
    """Which check was wrong about which kind of clean sample, most often first."""
    count: dict[tuple[str, str], int] = defaultdict(int)
    of: dict[str, int] = defaultdict(int)
    for one in looked:
        if one.sample.clean:
            of[one.sample.kind] += 1
            for check, flags in one.flags.items():
                count[(check, one.sample.kind)] += flags > 0
    wrong = [
        {"check": check, "clean": kind, "flagged": number, "of": of[kind]}
        for (check, kind), number in count.items()
        if number
    ]
    return sorted(wrong, key=lambda one: -one["flagged"])


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 2) if values else None
