"""What is known of a picture file, a sequence or a movie once it has been looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Optional

from secondunit_bridge.timing import FrameRange


@dataclass(frozen=True)
class Limits:
    """How much one look at a file may cost. Applied in a child process, never in this one.

    The picture limits are those of the delivery specification: 2,048 MB uncompressed, 64 channels
    in one layer stack of a plate (1,024 for many-pass files), 16,384 pixels a side.
    """

    memory_mb: int = 2048
    cpu_s: int = 60
    wall_s: float = 60.0
    picture_mb: int = 2048
    channels: int = 1024
    side: int = 16384


@dataclass(frozen=True)
class Facts:
    """A file or sequence, as it says of itself; ``remarks`` say what had to be assumed.

    ``frames`` are in the media's own numbering: file numbers of a sequence, 0 and up for a movie,
    0 to 0 for a still. ``space`` is the OpenColorIO name its own metadata amounts to, empty when
    it says nothing; ``guesses`` are spaces it may be in. ``timecode`` counts frames since
    midnight, of the first frame.
    """

    path: str
    kind: str  # still, sequence, movie
    frames: FrameRange
    width: int
    height: int
    channels: tuple[str, ...] = ("R", "G", "B")
    dtype: str = "float16"  # float16, float32, uint8, uint10, uint16 ...
    space: str = ""
    guesses: tuple[str, ...] = ()
    codec: str = ""
    variable: bool = False  # frames are not evenly spaced in time
    timecode: Optional[int] = None  # noqa: UP045 the wire codec reads Optional at run time
    drop: bool = False  # the timecode is drop-frame
    pixel_aspect: Fraction = Fraction(1)
    primaries: str = ""  # colour tags of a movie, by their ITU-T H.273 names
    transfer: str = ""
    matrix: str = ""
    range: str = ""  # limited, full
    missing: tuple[tuple[int, int], ...] = ()  # gaps of a sequence
    attributes: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
