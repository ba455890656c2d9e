"""Where an insert's window lies in its source, and how it moves: geometry only.

Windows are in source pixels from top left, as real numbers: a slow move is made of fractions of a
pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from secondunit_bridge.film import Region

RAMP = 0.15  # share of a move in which it gets up to speed, and again in which it comes to rest


@dataclass(frozen=True)
class Window:
    """A piece of the source, of the delivery's proportions."""

    x: float
    y: float
    w: float
    h: float

    def scaled(self, factor: float) -> Window:
        """As large as this many times, about its own middle."""
        w, h = self.w * factor, self.h * factor
        return Window(self.x + (self.w - w) / 2, self.y + (self.h - h) / 2, w, h)

    def moved(self, x: float, y: float) -> Window:
        """Shifted, in pixels."""
        return Window(self.x + x, self.y + y, self.w, self.h)

    def inside(self, width: int, height: int) -> Window:
        """Made no larger than the picture, and moved so that it lies in it."""
        fits = min(1.0, width / self.w, height / self.h)
        box = self.scaled(fits)
        x = min(max(box.x, 0.0), width - box.w)
        y = min(max(box.y, 0.0), height - box.h)
        return Window(x, y, box.w, box.h)


@dataclass(frozen=True)
class Path:
    """A move from one window to another, eased at both ends."""

    start: Window
    end: Window

    @property
    def tightest(self) -> Window:
        """The smaller of the two ends: where the picture is enlarged most."""
        return min(self.start, self.end, key=lambda window: window.w)

    def at(self, share: float) -> Window:
        """The window when this share (0..1) of the time has gone.

        Size changes by equal factors in equal times, which an eye sees as even; the middle goes
        along so that one point of the picture stands still.
        """
        gone = ease(share)
        a, b = self.start, self.end
        w = a.w * (b.w / a.w) ** gone
        part = (w - a.w) / (b.w - a.w) if abs(b.w - a.w) > 1e-9 else gone
        h = a.h * w / a.w
        x = a.x + a.w / 2 + (b.x + b.w / 2 - a.x - a.w / 2) * part
        y = a.y + a.h / 2 + (b.y + b.h / 2 - a.y - a.h / 2) * part
        return Window(x - w / 2, y - h / 2, w, h)


def ease(share: float) -> float:
    """0..1 to 0..1: up to speed over a cosine, then even, then to rest; no jerk anywhere."""
    share = min(1.0, max(0.0, share))
    if share > 0.5:
        return 1.0 - ease(1.0 - share)
    if share < RAMP:
        gone = share / 2 - RAMP / (2 * math.pi) * math.sin(math.pi * share / RAMP)
    else:
        gone = share - RAMP / 2
    return gone / (1.0 - RAMP)


def around(region: Region, width: int, height: int, aspect: float) -> Window:
    """The smallest window of this aspect that holds the region, as far as the picture goes."""
    x, y, w, h = region[0] * width, region[1] * height, region[2] * width, region[3] * height
    wide = max(w, h * aspect)
    box = Window(x + w / 2 - wide / 2, y + h / 2 - wide / aspect / 2, wide, wide / aspect)
    return box.inside(width, height)


def path(move: str, tight: Window, amount: float, size: tuple[int, int], seed: int) -> Path:
    """The move on a tight window: ``push_in``, ``pull_out``, ``pan``, ``drift`` or ``hold``.

    ``amount`` is the share of the window by which the picture grows, or that a pan travels. The
    whole move stays in the picture; where a wider window does not fit, the tight one gets tighter.
    """
    width, height = size
    way = 1.0 if seed % 2 == 0 else -1.0
    if move == "hold" or amount <= 0:
        return Path(tight, tight)
    if move in ("push_in", "pull_out"):
        wide = tight.scaled(1 + amount).inside(width, height)
        tight = tight.scaled(min(1.0, wide.w / (1 + amount) / tight.w))
        return Path(wide, tight) if move == "push_in" else Path(tight, wide)
    fits = 1.0 / (1 + amount)
    tight = tight.scaled(min(1.0, fits * width / tight.w, fits * height / tight.h))
    across, down = way * amount * tight.w / 2, 0.0
    if move == "drift":
        across, down = across / 2, amount * tight.h / 4
    ends = [tight.moved(-across, -down), tight.moved(across, down)]
    shift = _shift_inside(ends, width, height)
    start, end = (window.moved(*shift) for window in ends)
    return Path(start, end.scaled(1 - amount / 4) if move == "drift" else end)


def _shift_inside(ends: list[Window], width: int, height: int) -> tuple[float, float]:
    """By how much to move all windows so that each lies in the picture."""
    left, right = min(w.x for w in ends), max(w.x + w.w for w in ends)
    top, bottom = min(w.y for w in ends), max(w.y + w.h for w in ends)
    across = max(0.0, -left) - max(0.0, right - width)
    down = max(0.0, -top) - max(0.0, bottom - height)
    return across, down
