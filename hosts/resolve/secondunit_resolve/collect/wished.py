"""The cut as an editor means it: a hole that opened beside a shot of ours is wanted of that shot.

In Resolve a clip ends where its media do, so a place that grew shows as a hole. An insert filled
its place when it was put there; what is open beside it now is what is missing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import List

from .reading import Clip, Reading

MOST = 240  # frames; a longer hole is a place for another shot


def wished(reading: Reading) -> Reading:
    """The reading with our clips grown over the holes beside them; the export is not used then."""
    seen = _Seen(reading)
    clips = tuple(_grown(seen, clip) if clip.mark else clip for clip in reading.clips)
    return reading if clips == reading.clips else replace(reading, clips=clips, document=None)


class _Seen:
    """The clips that are seen, so that those about a place are found without going through all."""

    def __init__(self, reading: Reading) -> None:
        shown = {track.index for track in reading.tracks if track.enabled}
        clips = [clip for clip in reading.clips if clip.enabled and clip.track in shown]
        self._clips = sorted(clips, key=lambda clip: clip.first)
        self._firsts = [clip.first for clip in self._clips]
        self._lasts = sorted(clip.last for clip in clips)
        self._longest = max((clip.last - clip.first for clip in clips), default=0)

    def about(self, clip: Clip) -> List[Clip]:
        """Others that play at some frame of a clip."""
        begin = bisect_left(self._firsts, clip.first - self._longest)
        end = bisect_right(self._firsts, clip.last)
        return [one for one in self._clips[begin:end] if one is not clip and one.last >= clip.first]

    def free_before(self, clip: Clip) -> int:
        """Frames before a clip in which nothing ends."""
        at = bisect_left(self._lasts, clip.first)
        return clip.first - self._lasts[at - 1] - 1 if at else 0

    def free_behind(self, clip: Clip) -> int:
        """Frames behind a clip in which nothing begins."""
        at = bisect_right(self._firsts, clip.last)
        return self._firsts[at] - clip.last - 1 if at < len(self._firsts) else 0


def _grown(seen: _Seen, clip: Clip) -> Clip:
    if clip.retime != "none":
        return clip
    about = seen.about(clip)
    if any(one.first <= clip.first and one.last >= clip.last for one in about):
        return clip  # it lies over a clip: nothing opens beside it
    head, tail = seen.free_before(clip), seen.free_behind(clip)
    if head > MOST or any(one.first < clip.first for one in about):
        head = 0
    if tail > MOST or any(one.last > clip.last for one in about):
        tail = 0
    return replace(clip, first=clip.first - head, last=clip.last + tail, left=clip.left - head)
