"""Where the items of a track lie, asked of few of them.

Items of a track never overlap. So where the first and the last of a run lie as far apart as those
between them are long, no gap is in it, and where each of them lies is known.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any, Dict, List, Sequence

from ..port import Port

PROBED = 16  # in a run without gaps every so manieth is asked all the same


class _Starts:
    """First record frames of items, each asked once."""

    def __init__(self, port: Port, items: Sequence[Any]) -> None:
        self._port, self._items = port, items
        self._known: Dict[int, int] = {}

    def __call__(self, at: int) -> int:
        if at not in self._known:
            self._known[at] = self._port.whole(self._items[at], "GetStart")
        return self._known[at]


def starts(port: Port, items: Sequence[Any], lengths: Sequence[int]) -> List[int]:
    """The first record frame of each item, in the order of the list. Raises HostRefused, HostLacks.

    ``lengths`` are record frames. That a list comes in record order is nowhere promised: what does
    not fit that order is found by probes, and then every item is asked.
    """
    start = _Starts(port, items)
    before = [0, *accumulate(lengths)]  # frames of all the items before one
    found = [0] * len(items)
    runs = [(0, len(items) - 1)] if items else []
    while runs:
        first, last = runs.pop()
        gaps = start(last) - start(first) - before[last] + before[first]
        base = start(first) - before[first]
        if gaps < 0 or (not gaps and not _fits(start, before, base, range(first, last, PROBED))):
            return [start(at) for at in range(len(items))]
        if gaps and last - first > 1:
            middle = (first + last) // 2
            runs += [(first, middle), (middle, last)]
            continue
        for at in range(first, last + 1):
            found[at] = start(at) if gaps else base + before[at]
    return found


def _fits(start: _Starts, before: Sequence[int], base: int, probes: range) -> bool:
    return all(start(at) == base + before[at] for at in probes)
