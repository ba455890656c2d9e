"""Looks for faces in a few frames of a shot, once for every check that wants to know of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...editorial.cards import CastMember
from ...exam import TAKE, Exam
from ...media.sight import Sight
from .face import Face, FaceModel, apart, faces_of

EVEN = 5  # frames over the whole shot
WITHIN = 3  # and in each stretch that a card says somebody is seen in
BESIDE = 1  # and in what lies before and after it
MOST = 16  # frames of one shot
SMALL = 64.0  # pixels of the frame: a narrower face is too small to tell whose it is
ALIKE = 0.8  # of a model's limit: two faces of one shot that are nearer are one person


@dataclass
class Track:
    """One person in a shot, as far as it can be followed: a face for each frame it was found in."""

    faces: list[Face] = field(default_factory=list)

    @property
    def frames(self) -> set[int]:
        """The frames it was found in."""
        return {face.frame for face in self.faces}

    @property
    def large(self) -> list[Face]:
        """Its faces that are large enough to tell whose they are."""
        return [face for face in self.faces if face.wide >= SMALL]


class Looking:
    """The frames of a shot that are looked at, and what was found in each."""

    def __init__(self, exam: Exam, model: FaceModel) -> None:
        self.model, self._exam = model, exam
        self.cast = card.cast if (card := exam.side(TAKE).card) else ()
        self.wanted = self._wanted()
        self.found: dict[int, list[Face]] = {}

    def see(self, sight: Sight) -> None:
        """A frame of the shot: looked at when it is one of those wanted."""
        if sight.number in self.wanted and sight.number not in self.found:
            self.found[sight.number] = faces_of(sight, self.model)

    def when(self, member: CastMember) -> set[int]:
        """Frames of the take in which the card says somebody is seen."""
        shown = self._exam.side(TAKE).shown
        first = self._exam.take.frames.first
        numbers = set(self._exam.take.frames)
        if member.frames is None:
            return numbers
        return {n for n in numbers if _in((shown[n - first] if shown else n), member.frames)}

    def tracks(self) -> list[Track]:
        """The people of the shot: faces of different frames that are alike."""
        tracks: list[Track] = []
        for number in sorted(self.found):
            free = list(tracks)
            for face in self.found[number]:
                far = [self._far(track, face) for track in free]
                if not far or min(far) > 1:
                    tracks.append(Track([face]))
                else:
                    free.pop(far.index(min(far))).faces.append(face)
        return tracks

    def _far(self, track: Track, face: Face) -> float:
        """How unlike a face is to a track: up to 1 it belongs to it."""
        like = min(apart(known.embedding, face.embedding) for known in track.faces)
        return like / (ALIKE * self.model.limit)

    def _wanted(self) -> set[int]:
        numbers = list(self._exam.take.frames)
        wanted = set(spread(numbers, EVEN))
        for member in self.cast:
            if member.frames is None:
                continue
            within = sorted(self.when(member))
            wanted |= set(spread(within, WITHIN))
            if within:
                before = [n for n in numbers if n < within[0]]
                after = [n for n in numbers if n > within[-1]]
                wanted |= {*spread(before, BESIDE), *spread(after, BESIDE)}
        return set(spread(sorted(wanted), MOST))


def looking(exam: Exam, model: FaceModel) -> Looking:
    """What is looked at in this take, made once for all checks."""
    return exam.once(("faces", model.name), lambda: Looking(exam, model))


def spread(numbers: Sequence[int], count: int) -> list[int]:
    """So many of the numbers, as evenly as they lie; none at the very ends."""
    if len(numbers) <= count:
        return list(numbers)
    return [numbers[int((at + 0.5) * len(numbers) / count)] for at in range(count)]


def middle(values: Iterable[float]) -> float:
    """The median."""
    return float(np.median(list(values)))


def _in(number: int, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(first <= number <= last for first, last in ranges)
