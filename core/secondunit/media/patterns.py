"""Names of numbered files: every common way to write a sequence, and what of it is on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from secondunit_bridge.errors import MediaOffline, NotPermitted, TurnoverRejected

STILL_SUFFIXES = frozenset(
    (".exr", ".dpx", ".png", ".tif", ".tiff", ".jpg", ".jpeg", ".tga", ".hdr", ".cin")
)
_PRINTF = re.compile(r"%(?:0?(\d+))?d")
_BRACKETS = re.compile(r"\[(-?\d+)-(-?\d+)\]")
_SPAN = re.compile(r"(-?\d+)-(-?\d+)([#@]+)")  # name.1001-1100#.exr
_MARKS = re.compile(r"#+|@+")
# The last number before the extension; not the one of a version such as shot_v002.png.
_NUMBER = re.compile(r"^(.*?)(?<![0-9vV])(-?\d+)(\.[^.]+)$")


@dataclass(frozen=True)
class FramePattern:
    """Files that differ by their number only.

    ``digits`` is the least number of digits (numbers are padded with zeros); ``span`` is the range
    written in the pattern itself, when there is one.
    """

    folder: Path
    prefix: str
    suffix: str
    digits: int = 1
    span: tuple[int, int] | None = None

    @classmethod
    def parse(cls, text: str | os.PathLike[str]) -> FramePattern:
        """A pattern from ``%04d``, ``####``, ``@@@``, ``[1001-1100]`` or ``1001-1100#``.

        The name of one numbered file stands for its sequence, and a folder for the one sequence
        in it. Only the file name may hold the number. Raises TurnoverRejected when the text has
        no number or more than one, MediaOffline for a folder without a sequence.
        """
        path = Path(os.path.abspath(text))
        if os.path.isdir(path):
            return _of_folder(path)
        for expression, read in _FORMS:
            found = list(expression.finditer(path.name))
            if len(found) > 1:
                raise TurnoverRejected(
                    f"{path.name} holds more than one frame number",
                    hint="Write the frame number once, for example plate.%04d.exr.",
                )
            if found:
                before, after = path.name[: found[0].start()], path.name[found[0].end() :]
                digits, span = read(found[0])
                return cls(path.parent, before, after, digits, span)
        return _of_file(path)

    @property
    def name(self) -> str:
        """The pattern as most programs write it: ``plate.%04d.exr``."""
        return f"{self.prefix}%0{self.digits}d{self.suffix}"

    def path(self, number: int) -> Path:
        """The file of a frame, whether it exists or not."""
        return self.folder / f"{self.prefix}{number:0{self.digits}d}{self.suffix}"

    def numbers(self) -> tuple[int, ...]:
        """The frames on disk, sorted; only those in ``span`` when the pattern has one.

        Raises MediaOffline when the folder is not there, NotPermitted when it may not be read.
        """
        first, last = self.span or (None, None)
        found = (self._number(name) for name in names_in(self.folder))
        return tuple(
            sorted(
                n
                for n in found
                if n is not None and (first is None or last is None or first <= n <= last)
            )
        )

    def missing(self, first: int, last: int) -> list[list[int]]:
        """Frames of ``first..last`` that are not on disk, as inclusive ``[first, last]`` pairs."""
        return gaps(self.numbers(), first, last)

    def _number(self, name: str) -> int | None:
        if not (name.startswith(self.prefix) and name.endswith(self.suffix)):
            return None
        text = name[len(self.prefix) : len(name) - len(self.suffix)]
        if not re.fullmatch(r"-?\d+", text):
            return None
        number = int(text)
        return number if f"{number:0{self.digits}d}" == text else None


def is_pattern(text: str) -> bool:
    """The file name holds a place for a frame number (``%04d``, ``####``, ``[1-9]`` ...)."""
    name = Path(text).name
    return any(expression.search(name) for expression, _ in _FORMS)


def gaps(have: Iterable[int], first: int, last: int) -> list[list[int]]:
    """Numbers of ``first..last`` not in ``have``, as inclusive ``[first, last]`` pairs.

    Costs as much as there are numbers in ``have``, however long the range.
    """
    holes, at = [], first
    for number in sorted({n for n in have if first <= n <= last}):
        if number > at:
            holes.append([at, number - 1])
        at = number + 1
    if at <= last:
        holes.append([at, last])
    return holes


def names_in(folder: Path) -> list[str]:
    """Names of the files in a folder. Raises MediaOffline, NotPermitted."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.is_dir()]
    except PermissionError:
        raise NotPermitted(
            f"this user may not read the folder {folder}", hint="Ask for access to it."
        ) from None
    except OSError:
        raise MediaOffline(
            f"the folder {folder} is not there",
            hint="Mount the volume, or relink the media.",
            data={"path": str(folder)},
        ) from None


def _printf(match: re.Match[str]) -> tuple[int, tuple[int, int] | None]:
    return int(match[1] or 1), None


def _brackets(match: re.Match[str]) -> tuple[int, tuple[int, int] | None]:
    return len(match[1]), (int(match[1]), int(match[2]))


def _span(match: re.Match[str]) -> tuple[int, tuple[int, int] | None]:
    # A lone mark after a range stands for as many digits as the range is written with.
    return max(len(match[3]), len(match[1])), (int(match[1]), int(match[2]))


def _marks(match: re.Match[str]) -> tuple[int, tuple[int, int] | None]:
    return len(match[0]), None


_FORMS = ((_PRINTF, _printf), (_BRACKETS, _brackets), (_SPAN, _span), (_MARKS, _marks))


def _of_file(path: Path) -> FramePattern:
    match = _NUMBER.match(path.name)
    if not match:
        raise TurnoverRejected(
            f"{path.name} has no frame number",
            hint="Write the number as %04d or ####, for example plate.%04d.exr.",
        )
    text = match[2]
    # 0001 is padded to four; 1001 may be padded to four or less: any width up to it reads it.
    digits = len(text) if text.lstrip("-").startswith("0") else _digits_beside(path, match)
    return FramePattern(path.parent, match[1], match[3], digits)


def _digits_beside(path: Path, match: re.Match[str]) -> int:
    """Padding of a sequence known by a file without leading zeros: its neighbours tell."""
    longest = FramePattern(path.parent, match[1], match[3], len(match[2]))
    unpadded = FramePattern(path.parent, match[1], match[3], 1)
    if not os.path.isdir(path.parent):
        return longest.digits
    return longest.digits if len(longest.numbers()) >= len(unpadded.numbers()) else 1


def _of_folder(folder: Path) -> FramePattern:
    found: dict[tuple[str, str], str] = {}
    for name in sorted(names_in(folder)):
        match = _NUMBER.match(name)
        if match and not name.startswith(".") and Path(name).suffix.lower() in STILL_SUFFIXES:
            found.setdefault((match[1], match[3]), name)
    if len(found) == 1:
        return _of_file(folder / next(iter(found.values())))
    if not found:
        raise MediaOffline(
            f"there is no sequence in the folder {folder}",
            hint="Name the files, for example plate.%04d.exr.",
            data={"path": str(folder)},
        )
    listed = ", ".join(f"{prefix}#{suffix}" for prefix, suffix in list(found)[:8])
    raise TurnoverRejected(
        f"there are {len(found)} sequences in the folder {folder}", hint=f"Name one of: {listed}"
    )
