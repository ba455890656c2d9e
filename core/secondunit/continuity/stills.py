"""Pictures of what was found: the frames a finding is about, small, as a screen shows them.

They are kept beside the memory of sweeps, by content: the next sweep reads no frame for them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Finding, Region, Seen

from .. import disk
from ..editorial import CutShot
from .places import Place
from .playing import Playback

WIDE = 960  # columns of a still
SMALL = 96  # columns in which the worst frame of a stretch is looked for
QUALITY = 86  # of JPEG
LOOK = (8, 6)  # columns and rows of a fingerprint
_LAYOUT = 2  # counts up when the same frame would be drawn otherwise

Display: TypeAlias = NDArray[np.uint8]
"""``(row, column, RGB)`` uint8 0..255, sRGB display codes, origin top left."""


@dataclass(frozen=True)
class Stills:
    """Stills of shots in a folder. What cannot be read or written is not shown, and never stops."""

    folder: Path
    playback: Playback
    digest: Callable[[str], str]

    def make(self, places: Iterable[Place]) -> None:
        """Make every still that is not there yet, each shot opened once."""
        wanted: dict[str, tuple[CutShot, set[int]]] = {}
        for shot, number in (one for place in places for one in _frames(place)):
            if not self.path(shot, number).is_file():
                wanted.setdefault(self._key(shot), (shot, set()))[1].add(number)
        for shot, numbers in wanted.values():
            with suppress(SecondUnitError):  # the finding stands; it is shown without a picture
                for number, picture in self.playback.screen(shot, sorted(numbers), WIDE):
                    self._keep(self.path(shot, number), _jpeg(picture))

    def settled(self, place: Place) -> Place:
        """The place at the frame that differs most from the one before, of a stretch that pulses.

        Which one it is is kept like a still, so that the next sweep reads nothing for it.
        """
        if not place.stretch:
            return place
        shot, name = place.shots[0], "|".join(map(str, place.stretch))
        kept = self.path(shot, name).with_suffix(".worst")
        try:
            number = int(kept.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            number = self._worst(shot, place.stretch) or place.frames[0]
            self._keep(kept, str(number).encode())
        at = place.stretch.index(number) if number in place.stretch else 0
        return replace(place, frames=(number,), before=place.stretch[at - 1]) if at else place

    def _worst(self, shot: CutShot, stretch: Sequence[int]) -> int | None:
        """The frame that differs most from the one before; None when they cannot be read."""
        try:
            seen = [small for _, small in self.playback.screen(shot, stretch, SMALL)]
        except SecondUnitError:
            return None
        steps = [float(np.abs(b.astype(np.int16) - a).mean()) for a, b in pairwise(seen)]
        return stretch[1 + int(np.argmax(steps))] if steps else None

    def _keep(self, path: Path, data: bytes) -> None:
        with suppress(SecondUnitError):
            disk.private_folder(self.folder)
            disk.write_whole(path, data)

    def path(self, shot: CutShot, number: int | str) -> Path:
        """Where the still of a frame is, or would be."""
        name = hashlib.sha256(f"{self._key(shot)}|{number}".encode()).hexdigest()[:40]
        return self.folder / f"{name}.jpg"

    def of(self, place: Place) -> tuple[Path, ...]:
        """The stills of a place that are there: left and right of a pair; before and the frame."""
        paths = (self.path(*one) for one in _frames(place))
        return tuple(path for path in paths if path.is_file())

    def look(self, shot: CutShot, number: int, region: Region | None) -> str:
        """How the region of a frame looks, as 48 colours in hexadecimal; empty without a still."""
        import cv2

        try:
            data = np.frombuffer(self.path(shot, number).read_bytes(), np.uint8)
        except OSError:
            return ""
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
        if picture is None:
            return ""
        rows, columns = picture.shape[:2]
        x, y, wide, high = region or (0.0, 0.0, 1.0, 1.0)
        left, top = int(x * (columns - 1)), int(y * (rows - 1))
        right = max(left + 1, round((x + wide) * columns))
        low = max(top + 1, round((y + high) * rows))
        small = cv2.resize(picture[top:low, left:right], LOOK, interpolation=cv2.INTER_AREA)
        return bytes(small).hex()

    def _key(self, shot: CutShot) -> str:
        play = self.playback
        said = [_LAYOUT, WIDE, self.digest(shot.media or ""), shot.numbering, str(shot.media_rate),
                shot.space, play.space, play.colour.digest, play.project.movie_space]  # fmt: skip
        return json.dumps(said)


def with_looks(seen: Seen, place: Place, finding: Finding, stills: Stills) -> Seen:
    """What was seen, with how each of its pictures looks."""
    shots = tuple(
        replace(one, content=stills.look(shot, number, finding.region))
        for one, shot, number in zip(seen.shots, place.shots, place.frames, strict=True)
    )
    return replace(seen, shots=shots)


def _frames(place: Place) -> list[tuple[CutShot, int]]:
    """Every frame of a place that is shown, left before right."""
    earlier = [] if place.before is None else [(place.shots[0], place.before)]
    return earlier + list(zip(place.shots, place.frames, strict=True))


def _jpeg(picture: Display) -> bytes:
    import cv2

    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return bytes(data)
