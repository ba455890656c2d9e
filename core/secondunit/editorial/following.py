"""Finds the shots of a cut again in its re-cut: by GUID, then by source and overlapping frames."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .cut import CutShot

NEAREST = 2  # shots before and after of one name and length that a slipped one may be
_VERSION = re.compile(r"_v\d+(?=[._]|$)")  # of a delivered file name
# What tells the media of one shot of ours apart: version, take or slate, and the frame's number.
_OURS = re.compile(r"_(?:v\d+|t\d{3,}|slate)(?=[._]|$)|\.(?:\[\d+-\d+\]|\d+|%\d*d)(?=\.\w+$)")


@dataclass(frozen=True)
class Followed:
    """A shot of the old cut, and where it is used in the new one, in the order of that."""

    old: CutShot
    new: tuple[CutShot, ...]

    @property
    def newer(self) -> str:
        """The version that is used now, when it is another one of the same shot."""
        before, now = _version(self.old), {_version(use) for use in self.new} - {""}
        return ", ".join(sorted(now - {before})) if before else ""


@dataclass(frozen=True)
class Following:
    """Every shot of the old cut, in its order, and the shots that only the new one has."""

    shots: tuple[Followed, ...]
    added: tuple[CutShot, ...]


def followed(old: Sequence[CutShot], new: Sequence[CutShot]) -> Following:
    """Each new shot is a use of one old shot at most.

    First every old shot gets the one new shot that is most like it: of its GUID or name, then of
    its frames. What is left over joins the shot whose frames it shows, as a further use. A clip
    that has other media, but the name and the place of one that is gone, is that one with its
    source swapped.
    """
    taken = _Taken(set(range(len(old))), set(range(len(new))), defaultdict(list))
    likely = sorted(_candidates(old, new), key=_by_score, reverse=True)
    taken.one_to_one(pair for pair in likely if pair[0].known)
    taken.one_to_one(pair for pair in likely if pair[0].overlap)
    taken.further(pair for pair in likely if pair[0].guid or pair[0].overlap)
    taken.one_to_one(
        (Likeness(guid=False, name=True), index, at)
        for index, shot in enumerate(old)
        for at in sorted(taken.free) if _in_its_place(shot, new[at])
    )  # fmt: skip
    shots = tuple(
        Followed(shot, tuple(new[at] for at in sorted(taken.uses[index])))
        for index, shot in enumerate(old)
    )
    return Following(shots, tuple(new[at] for at in sorted(taken.free)))


@dataclass(frozen=True, order=True)
class Likeness:
    """How much a new shot is like an old one; the first that differs decides."""

    guid: bool
    name: bool
    overlap: int = 0  # frames that both show
    length: bool = False  # both are as long
    near: int = 0  # frames of the record between them, below zero

    @property
    def known(self) -> bool:
        """It is the shot, by what it is called; of one name, by what it shows as well."""
        return self.guid or (self.name and (self.overlap > 0 or self.length))


_Candidate = tuple[Likeness, int, int]


@dataclass
class _Taken:
    """Old shots that wait for a new one, new ones that are free, and what was found."""

    waiting: set[int]
    free: set[int]
    uses: dict[int, list[int]]

    def one_to_one(self, likely: Iterable[_Candidate]) -> None:
        for _, index, at in likely:
            if index in self.waiting and at in self.free:
                self.waiting.discard(index)
                self.free.discard(at)
                self.uses[index].append(at)

    def further(self, likely: Iterable[_Candidate]) -> None:
        for _, index, at in likely:
            if index not in self.waiting and at in self.free:
                self.free.discard(at)
                self.uses[index].append(at)


def same_source(one: CutShot, other: CutShot) -> bool:
    """Both play one media, or two versions or takes of one shot; the folder does not count."""
    if one.media == other.media:
        return True
    if one.media is None or other.media is None:
        return one.guid is not None and one.guid == other.guid
    if one.guid is not None and one.guid == other.guid:
        return _shot_in(one.media) == _shot_in(other.media)
    return family(one.media) == family(other.media)


def _candidates(old: Sequence[CutShot], new: Sequence[CutShot]) -> Iterator[_Candidate]:
    """Every pair that may be one shot: of one GUID, of frames in common, or of one name."""
    by_guid: dict[str, list[int]] = defaultdict(list)
    by_source: dict[str, _Source] = defaultdict(_Source)
    for at, shot in enumerate(new):
        by_guid[shot.guid or ""].append(at)
        by_source[_key(shot)].add(shot, at)
    for source in by_source.values():
        source.sort()
    for index, shot in enumerate(old):
        mine = by_guid.get(shot.guid) if shot.guid else None
        for at in mine or sorted(by_source[_key(shot)].near(shot)):
            yield _likeness(shot, new[at]), index, at


class _Source:
    """The new shots of one media: those that show some of a run of frames are found fast."""

    def __init__(self) -> None:
        self._starts: list[tuple[int, int, int]] = []  # first and last frame, place
        self._named: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
        self._longest = 0

    def add(self, shot: CutShot, at: int) -> None:
        first, last = shot.source
        self._starts.append((first, last, at))
        self._longest = max(self._longest, last - first + 1)
        self._named[shot.name, len(shot.record)].append((shot.record.first, at))

    def sort(self) -> None:
        self._starts.sort()
        for places in self._named.values():
            places.sort()

    def near(self, shot: CutShot) -> set[int]:
        """Those that show a frame that ``shot`` shows; and of its name and length the nearest."""
        first, last = shot.source
        begin = bisect_left(self._starts, (first - self._longest,))
        end = bisect_left(self._starts, (last + 1,))
        found = {at for _, ends, at in self._starts[begin:end] if ends >= first}
        places = self._named.get((shot.name, len(shot.record)), [])
        here = bisect_left(places, (shot.record.first,))
        return found | {at for _, at in places[max(0, here - NEAREST) : here + NEAREST]}


def _likeness(old: CutShot, new: CutShot) -> Likeness:
    return Likeness(
        guid=bool(old.guid) and old.guid == new.guid,
        name=old.name == new.name,
        overlap=_overlap(old, new),
        length=len(old.record) == len(new.record) and old.track == new.track,
        near=-abs(old.record.first - new.record.first),
    )


def _by_score(candidate: _Candidate) -> tuple[Likeness, int, int]:
    likeness, index, at = candidate
    return likeness, -index, -at


def _overlap(one: CutShot, other: CutShot) -> int:
    """Frames between the lowest and the highest that both show."""
    first = max(one.source[0], other.source[0])
    last = min(one.source[1], other.source[1])
    return max(0, last - first + 1)


def _in_its_place(old: CutShot, new: CutShot) -> bool:
    """It has the name and the place of one that is gone, and other media."""
    return (
        old.guid is None
        and old.name == new.name
        and old.track == new.track
        and old.record == new.record
        and not same_source(old, new)
    )


def _key(shot: CutShot) -> str:
    return family(shot.media) if shot.media else f"name:{shot.name}"


def family(media: str) -> str:
    """A media's file name without its version."""
    return _VERSION.sub("", media.replace("\\", "/").rpartition("/")[2])


def _shot_in(media: str) -> str:
    """The name of a shot of ours in a file name, whichever version or take of it that is."""
    return _OURS.sub("", media.replace("\\", "/").rpartition("/")[2])


def _version(shot: CutShot) -> str:
    """The version of ours that a shot plays, by its mark or its file name."""
    said = shot.marks.get("version")
    if isinstance(said, str) and said:
        return said
    return ""
