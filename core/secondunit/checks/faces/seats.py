"""Who is who: which of the people that were found in a shot is meant by each name on its card.

By the region on the card first, then by whom they look like, and at last by being the only one
left. Where that does not settle it, nobody is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...editorial.cards import CastMember
from .approved import Actor
from .face import inside
from .looking import Looking, Track, middle

Known = Callable[[CastMember], "Actor | None"]


def seats(looking: Looking, actor: Known) -> list[Track | None]:
    """For each of the cast of the card, in its order, the person who is meant; None where open."""
    tracks = [track for track in looking.tracks() if _steady(track, looking)]
    seats: list[Track | None] = [None] * len(looking.cast)
    free = list(tracks)
    for at, member in enumerate(looking.cast):
        if member.region is not None:
            seats[at] = _placed(looking, member, free)
            _take(free, seats[at])
    open_ = [n for n, member in enumerate(looking.cast) if member.region is None]
    for _, at, track in _alike(looking, open_, free, actor):
        if seats[at] is None and track in free:
            seats[at] = track
            free.remove(track)
    left = [n for n in open_ if seats[n] is None]
    if len(left) == 1 and len(free) == 1 and _meant(looking, looking.cast[left[0]], free[0]):
        seats[left[0]] = free[0]
    return seats


def _placed(looking: Looking, member: CastMember, tracks: Sequence[Track]) -> Track | None:
    """The person whose face is in the region of the card most often, then largest."""
    when = looking.when(member)

    def weight(track: Track) -> tuple[int, float]:
        assert member.region is not None
        there = [f for f in track.faces if f.frame in when and inside(f, member.region)]
        return len(there), max((face.wide for face in there), default=0.0)

    best = max(tracks, key=weight, default=None)
    return best if best is not None and weight(best)[0] else None


def _alike(
    looking: Looking, open_: Sequence[int], tracks: Sequence[Track], actor: Known
) -> list[tuple[float, int, Track]]:
    """Pairs of a name and a person who look alike, the likest first."""
    found = []
    for at in open_:
        known = actor(looking.cast[at])
        for track in tracks if known and known.faces else ():
            assert known is not None
            far = middle(known.distance(face) for face in track.large or track.faces)
            if far <= known.limit:
                found.append((far / known.limit, at, track))
    return sorted(found, key=lambda one: one[0])


def _meant(looking: Looking, member: CastMember, track: Track) -> bool:
    """The only one left is there when the card says that this name is."""
    return bool(track.frames & looking.when(member))


def _steady(track: Track, looking: Looking) -> bool:
    """Not a thing that was once taken for a face: it was found twice, where there was time to."""
    return len(track.faces) > 1 or len(looking.found) < 4


def _take(free: list[Track], track: Track | None) -> None:
    if track is not None:
        free.remove(track)
