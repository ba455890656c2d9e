"""What is on top: which shots of a cut a viewer sees, and where there is nothing to see."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from secondunit_bridge.timing import FrameRange

from .cut import Cut, CutShot

_Spans = list[tuple[int, int]]


def visible(cut: Cut) -> tuple[tuple[FrameRange, ...], ...]:
    """For each of ``cut.shots``, the record ranges where nothing above covers it.

    Pictures are taken as opaque: the cut does not say which titles have an alpha.
    """
    seen: dict[int, tuple[FrameRange, ...]] = {}
    covered: _Spans = []
    numbered = sorted(enumerate(cut.shots), key=lambda pair: _height(pair[1]), reverse=True)
    for _, group in groupby(numbered, key=lambda pair: _height(pair[1])):
        level = list(group)
        for number, shot in level:
            free = _without((shot.record.first, shot.record.last), covered)
            seen[number] = tuple(FrameRange(a, b, cut.rate) for a, b in free)
        spans = [(shot.record.first, shot.record.last) for _, shot in level]
        covered = _merged([*covered, *spans])
    return tuple(seen[number] for number in range(len(cut.shots)))


def holes(cut: Cut) -> tuple[FrameRange, ...]:
    """Record ranges in which no shot shows, in order, up to the end of the picture tracks."""
    if not cut.picture:
        return ()
    shown = [(s.record.first, s.record.last) for s in cut.shots]
    shown += [(c.first, c.last) for c in cut.covers]
    free = _without((cut.start, cut.start + cut.picture - 1), _merged(shown))
    return tuple(FrameRange(a, b, cut.rate) for a, b in free)


def shot_at(cut: Cut, frame: int) -> CutShot | None:
    """The shot a viewer sees at a record frame, None where nothing shows."""
    there = [shot for shot in cut.shots if frame in shot.record]
    return max(there, key=_height, default=None)


def _height(shot: CutShot) -> tuple[int, tuple[int, ...]]:
    return shot.layer, shot.level


def _merged(spans: Iterable[tuple[int, int]]) -> _Spans:
    merged: _Spans = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged


def _without(span: tuple[int, int], covered: _Spans) -> _Spans:
    free, at = [], span[0]
    for first, last in covered:
        if last < at or first > span[1]:
            continue
        if first > at:
            free.append((at, first - 1))
        at = max(at, last + 1)
    if at <= span[1]:
        free.append((at, span[1]))
    return free
