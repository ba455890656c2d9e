"""The cut as an editor means it: a hole that opened beside a shot of ours is wanted of that shot.

In Resolve a clip ends where its media do, so a place that grew shows as a hole. An insert filled
its place when it was put there; what is open beside it now is what is missing.
"""

from __future__ import annotations

from dataclasses import replace

from .reading import Clip, Reading

MOST = 240  # frames; a longer hole is a place for another shot


def wished(reading: Reading) -> Reading:
    """The reading with our clips grown over the holes beside them; the export is not used then."""
    grown = {id(clip): _grown(reading, clip) for clip in reading.clips if clip.mark}
    if all(grown[id(clip)] == clip for clip in reading.clips if clip.mark):
        return reading
    clips = tuple(grown.get(id(clip), clip) for clip in reading.clips)
    return replace(reading, clips=clips, document=None)


def _grown(reading: Reading, clip: Clip) -> Clip:
    if clip.retime != "none":
        return clip
    others = [one for one in reading.clips if one is not clip and one.enabled]
    if any(one.first <= clip.first and one.last >= clip.last for one in others):
        return clip  # it lies over a clip: nothing opens beside it
    before = max((one.last + 1 for one in others if one.last < clip.first), default=clip.first)
    after = min((one.first - 1 for one in others if one.first > clip.last), default=clip.last)
    head = clip.first - before if clip.first - before <= MOST else 0
    tail = after - clip.last if after - clip.last <= MOST else 0
    if any(one.first < clip.first <= one.last for one in others):
        head = 0
    if any(one.first <= clip.last < one.last for one in others):
        tail = 0
    return replace(clip, first=clip.first - head, last=clip.last + tail, left=clip.left - head)
