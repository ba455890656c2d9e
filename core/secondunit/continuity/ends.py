"""One end of a shot in small: what it takes to hold it against each shot in which it is seen again.

A small picture, what of it stands still, points by which it can be laid over another one, its
palette, and what costumes are dyed with. It is read once and kept by content, so that the
forty-eighth comparison costs next to nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import Cancelled, SecondUnitError

from ..checks.overlay import SHADOW, WIDTH, Mask, moving, without
from ..checks.tones import lined, ordered
from ..checks.wardrobe import Dye, cloth
from ..editorial import CutShot
from ..editorial.cards import read_card
from ..media.footage import Picture
from ..media.setup import Sketch
from ..media.sight import Shows, Sight, fitted
from .playing import AROUND, Playback
from .remembered import Memory

COLUMNS = 256
VERSION = "2"  # of what is read of an end
_BRIGHT = 4.0  # times display white; light beyond it is kept as that
_GAMMA = 2.4
_PLACES = 256  # of a palette


class Which(Enum):
    """The end of a shot that is meant."""

    first = "first"
    last = "last"


@dataclass(frozen=True)
class End:
    """What is kept of one end of a shot.

    ``codes`` is ``(row, column, RGB)`` 0..255; ``still`` where nothing moves and no shadow of what
    moves falls; ``palette`` as ``lined``; ``worn`` by the costume's name.
    """

    codes: NDArray[np.uint8]
    still: Mask
    sketch: Sketch
    palette: Picture
    worn: Mapping[str, Dye] = field(default_factory=dict)

    @property
    def light(self) -> Picture:
        """``(row, column, 3)`` scene-linear."""
        return _BRIGHT * (self.codes.astype(np.float32) / np.float32(255)) ** np.float32(_GAMMA)

    @classmethod
    def of(cls, light: Picture, still: Mask, sketch: Sketch, worn: Mapping[str, Dye]) -> End:
        """Of a picture in light, scene-linear, as wide as is kept."""
        shown = np.clip(light / _BRIGHT, 0, 1) ** np.float32(1 / _GAMMA)
        return cls((shown * 255 + 0.5).astype(np.uint8), still, sketch,
                   lined(ordered(light[::2, ::2]), _PLACES), worn)  # fmt: skip

    def packed(self) -> bytes:
        """As bytes."""
        file = io.BytesIO()
        parts: dict[str, Any] = {
            "codes": self.codes,
            "still": self.still,
            "palette": self.palette,
            "places": self.sketch.places,
            "marks": self.sketch.marks,
            "high": np.float64(self.sketch.high),
            "names": np.array(list(self.worn), str),
        }
        for number, dye in enumerate(self.worn.values()):
            parts |= {f"pixels{number}": dye.pixels, f"colours{number}": dye.colours,
                      f"of{number}": np.int64(dye.of)}  # fmt: skip
        np.savez_compressed(file, **parts)
        return file.getvalue()

    @classmethod
    def unpacked(cls, data: bytes | None) -> End | None:
        """None when there is none, or it cannot be read."""
        if data is None:
            return None
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as kept:
                worn = {
                    str(name): Dye(kept[f"pixels{n}"], kept[f"colours{n}"], int(kept[f"of{n}"]))
                    for n, name in enumerate(kept["names"])
                }
                sketch = Sketch(kept["places"], kept["marks"], float(kept["high"]))
                return cls(kept["codes"], kept["still"], sketch, kept["palette"], worn)
        except (OSError, ValueError, KeyError, EOFError):
            return None


@dataclass
class Ends:
    """Ends of shots, read when they are asked for first, and remembered."""

    playback: Playback
    memory: Memory
    _read: dict[str, End | None] = field(default_factory=dict)

    def end(self, shot: CutShot, which: Which) -> End | None:
        """None where the shot cannot be seen: why is said when it is examined."""
        name = self.name(shot, which)
        if name not in self._read:
            kept = End.unpacked(self.memory.blob(name))
            if kept is None:
                kept = self._seen(shot, which)
                if kept is not None:
                    self.memory.keep_blob(name, kept.packed())
            self._read[name] = kept
        return self._read[name]

    def name(self, shot: CutShot, which: Which) -> str:
        """An end by content: the pictures, the colour they are seen in, and what is worn where."""
        play = self.playback
        said = [VERSION, self.memory.digest(shot.media or ""), shot.numbering, _part(shot, which),
                str(shot.media_rate), shot.space, which.value, play.colour.digest,
                asdict(play.project), play.space, _worn(shot)]  # fmt: skip
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:32]

    def _seen(self, shot: CutShot, which: Which) -> End | None:
        try:
            with self.playback.part(shot, _part(shot, which)) as (played, side):
                last = which is Which.last
                number = played.frames.last if last else played.frames.first
                shows = side.shows or Shows(played)
                sight = Sight(shows, number)
                moves, _ = moving(shows, played, sight, -1 if last else 1)
                return _end(sight, without(moves, SHADOW), shot)
        except Cancelled:
            raise
        except SecondUnitError:
            return None


def _end(sight: Sight, still: Picture, shot: CutShot) -> End:
    light = fitted(sight.small_light(WIDTH), COLUMNS)
    stands = fitted(still, COLUMNS) > 0.99
    cloths = {name: cloth(sight, region) for name, region in _worn(shot).items()}
    worn = {name: Dye.of_cloth(one) for name, one in cloths.items() if one is not None}
    return End.of(light, np.asarray(stands), Sketch.of(sight), worn)


def _worn(shot: CutShot) -> dict[str, tuple[float, float, float, float]]:
    card = read_card(shot.marks)[0]
    return {one.name: one.region for one in card.wardrobe} if card else {}


def _part(shot: CutShot, which: Which) -> tuple[int, ...]:
    return shot.frames[:AROUND] if which is Which.first else shot.frames[-AROUND:]
