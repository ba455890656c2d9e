"""What plays beside our shots in a cut and in its re-cut: a join that is another one is told.

A shot may be just as it was while its neighbour is not: what was found at that cut point counts no
more, and somebody has to look at it again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from .cut import Cut, CutShot
from .following import same_source

Sides = tuple[tuple[str, str], ...]


class Seen:
    """Which shot of a cut is on top at a record frame."""

    def __init__(self, cut: Cut) -> None:
        self._shots = sorted(cut.shots, key=lambda shot: shot.record.first)
        self._firsts = [shot.record.first for shot in self._shots]
        self._longest = max((len(shot.record) for shot in self._shots), default=0)

    def at(self, frame: int) -> CutShot | None:
        """None where nothing shows."""
        end = bisect_right(self._firsts, frame)
        begin = bisect_right(self._firsts, frame - self._longest)
        over = [shot for shot in self._shots[begin:end] if frame <= shot.record.last]
        return max(over, key=lambda shot: (shot.layer, shot.level), default=None)


def turned(was: Seen, now: Seen, old: CutShot, uses: Sequence[CutShot]) -> Sides:
    """The sides of a shot, ``before`` or ``after``, that another picture is on, in a sentence."""
    if not uses:
        return ()
    first = min(uses, key=lambda use: use.record.first).record.first
    last = max(uses, key=lambda use: use.record.last).record.last
    return tuple(_told(was, now, (
        ("before", old.record.first - 1, first - 1), ("after", old.record.last + 1, last + 1),
    )))  # fmt: skip


def _told(
    was: Seen, now: Seen, places: Sequence[tuple[str, int, int]]
) -> Iterator[tuple[str, str]]:
    for side, old_frame, new_frame in places:
        before, after = was.at(old_frame), now.at(new_frame)
        if after is None:
            if before is not None:
                yield side, f"{before.name} does not play {side} it any more"
        elif before is None:
            yield side, f"{after.name} plays {side} it now"
        elif not same_source(before, after):
            yield side, f"{after.name} plays {side} it, not {before.name}"
        elif _shown(before, old_frame) != _shown(after, new_frame):
            ends = "ends" if side == "before" else "begins"
            yield side, f"{after.name} {side} it {ends} on another frame"


def _shown(shot: CutShot, frame: int) -> int:
    """The media frame that is shown at a record frame; of unknown speed the first of its source."""
    frames = shot.frames
    return frames[frame - shot.record.first] if frames else shot.source[0]
