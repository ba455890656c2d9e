"""The files of one shot's media as they lie on disk: what each says of itself, and is it whole.

No picture is decoded but the first and last rows of each file, in a child process with limits.
Run as a program, this module is that child.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import MediaDamaged, SecondUnitError, SetupError
from secondunit_bridge.wire import plain, typed

from .facts import Facts, Limits
from .limited import Child, serve
from .patterns import FramePattern, is_pattern, names_in
from .probe import look
from .reading import offline
from .stills import Box, facts_of, is_still, opened, unreadable, windows_of
from .tags import of_still

_PROGRAM = "secondunit.media.filed"
_SCANNED = ("openexr", "tiff", "dpx")  # rows of these can be read without the rest
_COLOUR = ("R", "G", "B")
# How a whole file of the format ends: W3C PNG (third edition) 5.6, ITU-T T.81 B.1.1.3.
_ENDS = {"png": b"IEND\xae\x42\x60\x82", "jpeg": b"\xff\xd9"}
_TAIL = 64  # bytes after the end that cameras and programs are known to leave


@dataclass(frozen=True)
class Filing:
    """One file. ``facts`` is None when it cannot be read, and ``wrong`` says why.

    ``data`` and ``display`` are the windows of a still, ``(x, y, width, height)``; ``tagged`` is
    the space its chromaticities amount to; ``timecode_bits`` is its packed timecode (ST 12-1).
    """

    number: int
    path: str
    size: int  # bytes
    facts: Facts | None = None
    wrong: str = ""
    data: Box | None = None
    display: Box | None = None
    compression: str = ""
    tagged: str = ""
    timecode_bits: int | None = None
    rate: Fraction | None = None  # as the file says; None when it does not


@dataclass(frozen=True)
class Filed:
    """All files of one media. ``strays`` are names beside them that are frames twice, or copies."""

    kind: str  # still, sequence, movie
    files: tuple[Filing, ...]
    strays: tuple[str, ...] = ()

    @property
    def read(self) -> tuple[Filing, ...]:
        """Those that can be read."""
        return tuple(one for one in self.files if one.facts is not None)


class Clerk:
    """Looks at files, one child for all of them. Each movie is looked at once."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._movies: dict[tuple[str, int, int], Filing] = {}
        self._child: Child | None = None

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.close()

    def file(self, path: str) -> Filed:
        """The files of a media path: a pattern, a still or a movie.

        Raises MediaOffline when there is none, NotPermitted for the folder, SetupError.
        """
        if is_pattern(path):
            pattern = FramePattern.parse(path)
            files = [self._look(n, pattern.path(n)) for n in pattern.numbers()]
            if not files:
                raise offline(pattern.path(1))
            return Filed("sequence", tuple(files), strays(pattern))
        return self._single(Path(path))

    def _single(self, path: Path) -> Filed:
        try:
            facts = path.stat()
        except OSError:
            raise offline(path) from None
        key = (str(path), facts.st_size, facts.st_mtime_ns)
        if key not in self._movies:
            self._movies[key] = self._look(0, path)
        one = self._movies[key]
        return Filed(one.facts.kind if one.facts else "still", (one,))

    def _look(self, number: int, path: Path) -> Filing:
        size = path.stat().st_size
        if not size:
            return Filing(number, str(path), 0, wrong="it is empty")
        if self._child is None or not self._child.alive:
            self._child = Child(_PROGRAM, self._limits)
        said = self._child.look(path)
        if isinstance(said, SetupError):
            raise said
        if isinstance(said, SecondUnitError):
            return Filing(number, str(path), size, wrong=_short(said.message, path.name))
        return typed(Filing, {**said, "number": number, "path": str(path), "size": size})


@contextmanager
def clerk() -> Iterator[Clerk]:
    """A clerk whose child is ended."""
    one = Clerk()
    try:
        yield one
    finally:
        one.close()


def strays(pattern: FramePattern) -> tuple[str, ...]:
    """Names beside a sequence that hold one of its frames again, or a part of one.

    The same number with other padding, copies that a desktop made, what a transfer left behind.
    """
    numbers, found = set(pattern.numbers()), []
    prefix, suffix = re.escape(pattern.prefix), re.escape(pattern.suffix)
    again = re.compile(rf"{prefix}(-?\d+)( \(\d+\)| copy( \d+)?|_copy|~\d*)?{suffix}")
    part = re.compile(rf"\.?{prefix}-?\d+{suffix}\.?[~_-]?(part|tmp|temp|partial|crdownload)?.*")
    for name in names_in(pattern.folder):
        match = again.fullmatch(name)
        if match is not None:
            own = pattern.path(int(match[1])).name == name
            if not own and int(match[1]) in numbers:
                found.append(name)
        elif part.fullmatch(name):
            found.append(name)
    return tuple(sorted(found))


def _short(message: str, name: str) -> str:
    words = message.removeprefix(f"{name} is ").removeprefix(f"{name} ")
    return words if words == message or not message.startswith(f"{name} is ") else f"it is {words}"


def _answer(path: Path, limits: Limits) -> dict[str, Any]:
    """What the child says of one file. Raises what opening raises, MediaDamaged for what ends."""
    if not is_still(path):
        facts = look(path, limits)
        return {"facts": plain(facts), "rate": str(facts.frames.rate)}
    with opened(path, limits) as (source, parts):
        kind, first = source.format_name(), parts[0]
        facts, windows = facts_of(path, kind, parts), windows_of(parts)
        given = first.getattribute("chromaticities")
        packed = first.getattribute("smpte:TimeCode")
        pair = first.getattribute("FramesPerSecond")
        tagged = of_still(kind, {}, given).space if isinstance(given, tuple) else ""
        said = {
            "facts": {**plain(facts), "dtype": _colour_type(first, facts)},
            "data": windows.data,
            "display": windows.display,
            "compression": first.get_string_attribute("compression"),
            "tagged": tagged,
            "timecode_bits": int(packed[0]) if isinstance(packed, tuple) and packed else None,
            "rate": str(facts.frames.rate) if isinstance(pair, tuple) else None,
        }
        _check_whole(path, source, kind, parts)
    return said


def _colour_type(part: Any, facts: Facts) -> str:
    """The type of what is seen, where other channels have another."""
    kinds = list(part.channelformats) or [part.format] * part.nchannels
    seen = [str(k) for k, n in zip(kinds, part.channelnames, strict=True) if n in _COLOUR]
    names = {"half": "float16", "float": "float32"}
    return names.get(seen[0], facts.dtype) if seen else facts.dtype


def _check_whole(path: Path, source: Any, kind: str, parts: list[Any]) -> None:
    """Raises MediaDamaged when the file ends before its picture does."""
    if kind in _ENDS:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL - len(_ENDS[kind])))
            if _ENDS[kind] not in file.read():
                raise MediaDamaged(f"{path.name} is cut short", hint="Copy the file again.")
    if kind not in _SCANNED:
        return
    for index, part in enumerate(parts):
        for row in {part.y, part.y + part.height - 1}:
            if not _readable(source, index, part, row):
                raise unreadable(path, source.geterror())


def _readable(source: Any, index: int, part: Any, row: int) -> bool:
    import OpenImageIO as oiio

    if not part.tile_width:
        read = source.read_scanlines(index, 0, row, row + 1, 0, 0, part.nchannels, oiio.UNKNOWN)
        return read is not None
    low = part.y + (row - part.y) // part.tile_height * part.tile_height
    high = min(low + part.tile_height, part.y + part.height)
    wide = (part.x, part.x + part.width)
    read = source.read_tiles(index, 0, *wide, low, high, 0, 1, 0, part.nchannels, oiio.UNKNOWN)
    return read is not None


if __name__ == "__main__":
    serve(_answer)
