"""How frames of the record look into an item, through trims, nesting and retimes, exactly.

A reversed item is seen forward by frames that count down, so that reverse shows the frames of the
same span, backwards, at any depth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from secondunit_bridge.timing import FrameRange


@dataclass(frozen=True)
class View:
    """How frames look into an item: at ``offset + pace * n`` for ``low <= n < high``.

    Frame ``n`` is the record's frame ``origin + turn * n``; ``turn`` is -1 inside a reversal.
    ``speed`` is the product of all retimes above, signed.
    """

    low: Fraction
    high: Fraction
    offset: Fraction
    pace: Fraction = Fraction(1)
    origin: int = 0
    turn: int = 1
    speed: Fraction = Fraction(1)
    nested: tuple[str, ...] = ()
    level: tuple[int, ...] = ()

    @property
    def first(self) -> int:
        """First whole frame of the view."""
        return math.ceil(self.low)

    @property
    def last(self) -> int:
        """Last whole frame of the view; below ``first`` when nothing shows."""
        return math.ceil(self.high) - 1

    def record(self, rate: Fraction) -> FrameRange:
        """The record frames of the view. It must not be empty."""
        ends = (self.origin + self.turn * self.first, self.origin + self.turn * self.last)
        return FrameRange(min(ends), max(ends), rate)

    def part(self, start: Fraction, length: Fraction) -> View:
        """The view of something that lies at ``start`` inside the item and lasts ``length``."""
        low, high = self.low, self.high
        if self.pace:
            low = max(low, (start - self.offset) / self.pace)
            high = min(high, (start + length - self.offset) / self.pace)
        elif not start <= self.offset < start + length:
            high = low
        return replace(self, low=low, high=high, offset=self.offset - start)

    def through(self, speed: Fraction, start: Fraction, length: Fraction) -> View:
        """The view past an item's own retime and trim, into what it holds.

        ``length`` is the item's on the timeline.
        """
        view = self._mirrored(length) if speed < 0 else self
        return replace(
            view,
            offset=start + abs(speed) * view.offset,
            pace=abs(speed) * view.pace,
            speed=view.speed * speed,
        )

    def _mirrored(self, length: Fraction) -> View:
        """The view of an item that plays backwards, as a forward view of turned frames.

        What is ``n`` frames from its start shows what is ``n`` from its end. Where the view's
        steps are no whole frames of the item, the steps themselves are shown in reverse, so that
        no frame outside the span shows.
        """
        around = self.first + self.last
        if self.pace == 0:
            offset = max(length - 1 - math.floor(self.offset), Fraction(0))
        elif all(n.denominator == 1 for n in (self.pace, self.offset, length)):
            offset = length - 1 - self.offset - self.pace * around
        else:
            first = math.ceil(-self.offset / self.pace)
            last = math.ceil((length - self.offset) / self.pace) - 1
            offset = self.offset + self.pace * (first + last - around)
        return replace(
            self,
            low=Fraction(self.first),
            high=Fraction(self.last + 1),
            offset=offset,
            turn=-self.turn,
            origin=self.origin + self.turn * around,
        )
