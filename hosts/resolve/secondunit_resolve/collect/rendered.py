"""What a rendered QuickTime or MP4 file holds, by its own index: Resolve's word is no witness."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Iterator, Tuple

from secondunit_bridge.errors import MediaOffline

_INSIDE = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_MOST = 1 << 20  # boxes that are looked at; a sound file has some hundred


@dataclass(frozen=True)
class Rendered:
    """Frames and size of its first picture track, and how many tracks there are of each kind."""

    frames: int = 0
    size: Tuple[int, int] = (0, 0)
    pictures: int = 0
    sounds: int = 0


def rendered(path: Path) -> Rendered:
    """Of a file that is whole. Raises MediaOffline when it is not there or cannot be read yet."""
    try:
        with open(path, "rb") as file:
            file.seek(0, 2)
            end = file.tell()
            kinds = list(_tracks(file, end))
    except (OSError, struct.error, ValueError) as error:
        raise MediaOffline(
            f"{path.name} cannot be read", hint="Is it rendered to its end, and the disk there?",
            data={"path": str(path)},
        ) from error  # fmt: skip
    if not kinds:
        raise MediaOffline(
            f"{path.name} has no index: it was not rendered to its end",
            hint="Render it once more.", data={"path": str(path)},
        )  # fmt: skip
    seen = [one for one in kinds if one[0] == b"vide"]
    frames, size = (seen[0][1], seen[0][2]) if seen else (0, (0, 0))
    return Rendered(frames, size, len(seen), sum(one[0] == b"soun" for one in kinds))


def _tracks(file: BinaryIO, end: int) -> Iterator[Tuple[bytes, int, Tuple[int, int]]]:
    """Of each track its kind, samples and size in pixels."""
    kind, samples, size, open_ = b"", 0, (0, 0), False
    for name, at, length in _boxes(file, 0, end):
        if name == b"trak":
            if open_:
                yield kind, samples, size
            kind, samples, size, open_ = b"", 0, (0, 0), True
        elif name == b"hdlr" and open_ and not kind:
            file.seek(at + 8)
            kind = file.read(4)
        elif name == b"stts" and open_:
            samples = _samples(file, at, length)
        elif name == b"tkhd" and open_:
            file.seek(at + length - 8)
            wide, high = struct.unpack(">II", file.read(8))
            size = wide >> 16, high >> 16
    if open_:
        yield kind, samples, size


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[Tuple[bytes, int, int]]:
    """Each box: its name, where its content begins, and how long that is. Parents come first."""
    at, seen = start, 0
    while at + 8 <= end and seen < _MOST:
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        head = 8
        if length == 1:
            length, head = struct.unpack(">Q", file.read(8))[0], 16
        length = length or end - at  # 0: to the end of the file
        if length < head or at + length > end:
            raise ValueError("a box that ends nowhere")
        yield name, at + head, length - head
        at += head if name in _INSIDE else length
        seen += 1


def _samples(file: BinaryIO, at: int, length: int) -> int:
    file.seek(at + 4)
    (rows,) = struct.unpack(">I", file.read(4))
    if rows * 8 > length:
        raise ValueError("a table that is longer than its box")
    return sum(struct.unpack(f">{2 * rows}I", file.read(8 * rows))[::2])
