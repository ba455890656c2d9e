"""The placeholder that stands in the timeline until a take does: a slate, drawn without libraries.

One picture, the same for every frame, as a numbered sequence with handles, so that the take that
follows lies frame for frame where the slate lay.
"""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

from secondunit_bridge.film import FIRST_DELIVERED, Shot, delivered
from secondunit_bridge.timing import rate_name, to_timecode

from ..pacing import Pace
from .files import SLATE, Frames

WIDE = 960
_GROUND, _INK, _DIM, _BAR, _LINE = range(5)
_PALETTE = bytes((24, 24, 26, 232, 230, 224, 138, 136, 130, 232, 137, 32, 58, 58, 62))
# 5 x 7 letters, a row of bits for each line, drawn for this slate.
_LETTERS: Dict[str, Tuple[int, ...]] = {
    "A": (14, 17, 17, 31, 17, 17, 17), "B": (30, 17, 17, 30, 17, 17, 30),
    "C": (14, 17, 16, 16, 16, 17, 14), "D": (30, 17, 17, 17, 17, 17, 30),
    "E": (31, 16, 16, 30, 16, 16, 31), "F": (31, 16, 16, 30, 16, 16, 16),
    "G": (14, 17, 16, 23, 17, 17, 15), "H": (17, 17, 17, 31, 17, 17, 17),
    "I": (14, 4, 4, 4, 4, 4, 14), "J": (7, 2, 2, 2, 2, 18, 12),
    "K": (17, 18, 20, 24, 20, 18, 17), "L": (16, 16, 16, 16, 16, 16, 31),
    "M": (17, 27, 21, 21, 17, 17, 17), "N": (17, 25, 21, 19, 17, 17, 17),
    "O": (14, 17, 17, 17, 17, 17, 14), "P": (30, 17, 17, 30, 16, 16, 16),
    "Q": (14, 17, 17, 17, 21, 18, 13), "R": (30, 17, 17, 30, 20, 18, 17),
    "S": (15, 16, 16, 14, 1, 1, 30), "T": (31, 4, 4, 4, 4, 4, 4),
    "U": (17, 17, 17, 17, 17, 17, 14), "V": (17, 17, 17, 17, 17, 10, 4),
    "W": (17, 17, 17, 21, 21, 27, 17), "X": (17, 17, 10, 4, 10, 17, 17),
    "Y": (17, 17, 10, 4, 4, 4, 4), "Z": (31, 1, 2, 4, 8, 16, 31),
    "0": (14, 17, 19, 21, 25, 17, 14), "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 6, 8, 16, 31), "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2), "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14), "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14), "9": (14, 17, 17, 15, 1, 2, 12),
    ":": (0, 4, 4, 0, 4, 4, 0), ";": (0, 4, 4, 0, 4, 4, 8), ".": (0, 0, 0, 0, 0, 12, 12),
    "-": (0, 0, 0, 14, 0, 0, 0), "_": (0, 0, 0, 0, 0, 0, 31), "/": (1, 1, 2, 4, 8, 16, 16),
    "+": (0, 4, 4, 31, 4, 4, 0), ",": (0, 0, 0, 0, 12, 4, 8), "'": (4, 4, 8, 0, 0, 0, 0),
}  # fmt: skip


def slate(shot: Shot, brief: str, folder: Path, pace: Optional[Pace] = None) -> Frames:
    """Write the slate of a shot under ``folder``. Raises OSError when the disk refuses."""
    pace = pace or Pace()
    name = f"{shot.name}{SLATE}"
    place, count = folder / name, len(delivered(shot))
    place.mkdir(parents=True, exist_ok=True)
    frames = Frames(name, str(place / f"{name}."), ".png", FIRST_DELIVERED,
                    FIRST_DELIVERED + count - 1, shot.handles.head)  # fmt: skip
    first, *rest = frames.paths()
    first.write_bytes(picture(shot, brief))
    for path in rest:
        path.unlink(missing_ok=True)
        try:
            os.link(first, path)
        except (OSError, NotImplementedError):  # another disk, or one that knows no links
            shutil.copyfile(first, path)
        pace.step()
    return frames


def picture(shot: Shot, brief: str) -> bytes:
    """The slate as a PNG of 960 x 540, 8-bit palette, display colours."""
    cut, rate = shot.cut, shot.cut.rate
    span = " - ".join(to_timecode(f, rate, drop=shot.drop) for f in (cut.first, cut.last))
    rows = [bytearray([_GROUND]) * WIDE for _ in range(540)]
    _box(rows, 0, 0, WIDE, 14, _BAR)
    _box(rows, 64, 214, WIDE - 64, 216, _LINE)
    _box(rows, 64, 430, WIDE - 64, 432, _LINE)
    _write(rows, 64, 64, "SECOND UNIT", 3, _DIM)
    _write(rows, WIDE - 64 - 4 * 6 * 4 + 4, 60, "TEMP", 4, _BAR)
    size = max(4, min(12, (WIDE - 128) // (6 * max(1, len(shot.name)))))
    _write(rows, 64, 118, shot.name, size, _INK)
    seconds = float(len(cut) / rate)
    _write(rows, 64, 246, f"{len(cut)} FRAMES   {seconds:.1f} S   {rate_name(rate)} FPS", 4, _INK)
    _write(rows, 64, 304, span, 4, _INK)
    handles = f"HANDLES {shot.handles.head} + {shot.handles.tail}"
    _write(rows, 64, 366, handles, 3, _DIM)
    for number, line in enumerate(_folded(brief, 46)[:2]):
        _write(rows, 64, 458 + 34 * number, line, 3, _DIM)
    return _png(rows)


def _write(rows: List[bytearray], x: int, y: int, text: str, size: int, ink: int) -> None:
    for letter in text.upper():
        for down, bits in enumerate(_LETTERS.get(letter, (0,) * 7)):
            for across in range(5):
                if bits >> (4 - across) & 1:
                    left, top = x + across * size, y + down * size
                    _box(rows, left, top, left + size, top + size, ink)
        x += 6 * size


def _box(rows: List[bytearray], x0: int, y0: int, x1: int, y1: int, ink: int) -> None:
    x0, x1 = max(0, x0), min(WIDE, x1)
    if x1 <= x0:
        return
    for row in rows[max(0, y0) : y1]:
        row[x0:x1] = bytes([ink]) * (x1 - x0)


def _folded(text: str, width: int) -> Sequence[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return [line for line in lines if line]


def _png(rows: Sequence[bytearray]) -> bytes:
    head = struct.pack(">IIBBBBB", WIDE, len(rows), 8, 3, 0, 0, 0)
    raw = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 6)
    parts = ((b"IHDR", head), (b"PLTE", _PALETTE), (b"IDAT", raw), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
