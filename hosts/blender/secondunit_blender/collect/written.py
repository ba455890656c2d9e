"""Whether an EXR that Blender wrote is whole: it says nothing when the disk is full.

Read by hand, since Blender can open no multilayer file: header, table of chunks, and the place of
each chunk, after the file layout of OpenEXR 2.0 (one part, scan lines).
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, Dict

_MAGIC = 20000630
_ODD = 0x200 | 0x800 | 0x1000  # tiles, deep data, several parts: never asked for
_LINES = {0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256}  # in a chunk


def is_whole(path: Path) -> bool:
    """Every chunk of the picture is there to its last byte. False for what is no such EXR."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _whole(file, size)
    except (OSError, struct.error, KeyError, ValueError):
        return False


def _whole(file: BinaryIO, size: int) -> bool:
    magic, version = struct.unpack("<ii", file.read(8))
    if magic != _MAGIC or version & _ODD:
        return False
    header = _header(file)
    _, top, _, bottom = struct.unpack("<4i", header["dataWindow"])
    lines = _LINES[header["compression"][0]]
    count = -(-(bottom - top + 1) // lines)
    table = file.tell() + 8 * count
    offsets = struct.unpack(f"<{count}Q", file.read(8 * count))
    for place, offset in enumerate(offsets):
        if offset < table:
            return False
        file.seek(offset)
        line, length = struct.unpack("<ii", file.read(8))
        if line != top + place * lines or offset + 8 + length > size:
            return False
    return True


def _header(file: BinaryIO) -> Dict[str, bytes]:
    found = {}
    while name := _text(file):
        _text(file)  # the type
        (length,) = struct.unpack("<i", file.read(4))
        found[name] = file.read(length)
    return found


def _text(file: BinaryIO) -> str:
    letters = bytearray()
    while (letter := file.read(1)) != b"\0":
        if not letter or len(letters) > 255:
            raise ValueError("the header does not end")
        letters += letter
    return letters.decode("utf-8", "replace")
