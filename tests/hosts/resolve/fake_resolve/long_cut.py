"""A long cut in a fake Resolve, and what calls cost: for measuring how Resolve is held up."""

from __future__ import annotations

from .state import Item, Media, World

CALL_S = 0.0002  # of a call from a script's own process
# An export and a list of a track are one call each, however long the cut.
EXPORT_S, LISTED_S = 0.00002, 0.000005  # for each clip


def long_timeline(world: World, clips: int, shift: int = 0) -> None:
    """So many clips of 40 reels on one track; with ``shift`` some are trimmed and slipped."""
    media = [Media(f"reel{n}", f"/rushes/reel{n}.mov", 100_000, start=86400) for n in range(40)]
    items, at = [], 86400
    for number in range(clips):
        length = 24 + number % 37 - (shift if number % 50 == 7 else 0)
        left = number * 48 + (shift if number % 90 == 11 else 0)
        items.append(Item(f"clip {number}", at, length, media[number % 40], left))
        at += length + (3 if number % 100 == 0 else 0)
    world.timeline.tracks["video"][0].items = items


class Costly:
    """A clock that goes on by what each call costs, and by what is paused: the same every time."""

    def __init__(self, world: World, *, call_s: float = CALL_S) -> None:
        self._world, self._call_s = world, call_s
        self._clips = sum(len(track.items) for track in world.timeline.tracks["video"])
        self.pauses, self._paused_s = 0, 0.0

    def now(self) -> float:
        """Seconds."""
        calls = self._world.calls
        whole = {"Timeline.Export": EXPORT_S, "Timeline.GetItemListInTrack": LISTED_S}
        more = sum(calls.count(name) * cost * self._clips for name, cost in whole.items())
        return len(calls) * self._call_s + more + self._paused_s

    def pause(self) -> None:
        """Resolve's turn."""
        self.pauses += 1
        self._paused_s += 0.005
