"""Where the media of a cut are: the names cuts use for files, resolved against folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from secondunit_bridge.errors import SecondUnitError

from ..media.patterns import STILL_SUFFIXES, FramePattern, is_pattern

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_DRIVE = re.compile(r"/?[A-Za-z]:[\\/]")
# Percent codes, but for %04d: that is a place for a frame number.
_CODES = re.compile(r"(?:%(?!0\d*d)[0-9A-Fa-f]{2})+")
_NUMBERED = re.compile(r"^(.*?)(?<![0-9vV])(\d+)(\.[^.]+)$")
_MOST_FILES = 50_000  # of a search by name; beyond it the search folder is too wide
_DEEPEST = 8


@dataclass(frozen=True)
class Found:
    """A file or sequence a cut names. ``path`` is what the cut says when it is not ``online``.

    ``span`` is the first and last file number of a sequence on disk.
    """

    path: str | None
    online: bool
    reason: str = ""
    span: tuple[int, int] | None = None


class MediaSearch:
    """Looks for media where the cut says, then by name in the cut's folder and the given roots."""

    def __init__(self, folder: Path | None, roots: Sequence[str | os.PathLike[str]] = ()) -> None:
        given = [folder] if folder else []
        self._roots = [*given, *(Path(root).absolute() for root in roots)]
        self._names: dict[str, list[str]] | None = None

    def find(self, url: str, *, sequence: bool = False) -> Found:
        """The media a cut calls ``url``: a path, a ``file:`` URL, a pattern, from any system.

        Never raises for what is not there: then the media is offline and ``reason`` says why.
        """
        if not url:
            return Found(None, False, "the cut names no file")
        text, reason = local_path(url)
        if reason:
            return Found(text, False, reason)
        pattern = is_pattern(text)
        for place in self._places(text):
            found = _look(place, sequence=sequence or pattern)
            if found:
                return found
        return self._by_name(text, sequence=sequence or pattern)

    def _places(self, text: str) -> Iterator[str]:
        spellings = dict.fromkeys((text, _decoded(text), text.replace("\\", "/")))
        for spelling in spellings:
            if os.path.isabs(spelling):
                yield spelling
            elif not _DRIVE.match(spelling):
                yield from (os.path.join(root, spelling) for root in self._roots)

    def _by_name(self, text: str, *, sequence: bool) -> Found:
        parts = _decoded(text).replace("\\", "/").split("/")
        wanted = parts[-1]
        if sequence:
            folders = {os.path.dirname(p) for p in self._like(wanted)}
            places = [os.path.join(folder, wanted) for folder in sorted(folders)]
        else:
            places = self._index().get(wanted, [])
        best = _closest(places, parts)
        if len(best) > 1:
            listed = ", ".join(best[:4])
            return Found(text, False, f"{len(best)} files are called {wanted}: {listed}")
        found = _look(best[0], sequence=sequence) if best else None
        return found or Found(text, False, "there is no such file there or in the search folders")

    def _like(self, wanted: str) -> Iterator[str]:
        try:
            pattern = FramePattern.parse(wanted)
        except SecondUnitError:
            return
        head, tail = pattern.prefix, pattern.suffix
        for name, paths in self._index().items():
            if name.startswith(head) and name.endswith(tail):
                yield from paths

    def _index(self) -> dict[str, list[str]]:
        if self._names is None:
            self._names = {}
            for count, path in enumerate(_walk(self._roots)):
                if count >= _MOST_FILES:
                    break
                paths = self._names.setdefault(os.path.basename(path), [])
                if path not in paths:
                    paths.append(path)
        return self._names


def local_path(url: str) -> tuple[str, str]:
    """The path a cut's name for a file stands for, and why it is refused (empty when it is not).

    ``file:`` URLs lose their percent codes; network shares and web addresses are refused.
    """
    if "\0" in url or len(url) > 4096:
        return url[:200].replace("\0", "?"), "that is no path"
    text = url
    if url[:5].lower() == "file:":
        text = _decoded(url[5:])
        if text.startswith("//"):
            host, _, rest = text[2:].partition("/")
            if host.lower() not in ("", "localhost") and not _DRIVE.match(host + "/"):
                return text, "it lies on a network share, which is not opened"
            text = host + "/" + rest if _DRIVE.match(host + "/") else "/" + rest
        text = text[1:] if _DRIVE.match(text) and text.startswith("/") else text
        text = re.sub(r"^/{3,}", "/", text)
    else:
        scheme = _SCHEME.match(url)
        if scheme:
            return url, f"{scheme[1].lower()} addresses are not opened"
    if re.match(r"(\\\\|//)[^/\\]", text):
        return text, "it lies on a network share, which is not opened"
    return text, ""


def sequence_name(name: str) -> str | None:
    """``plate.%04d.exr`` for ``plate.1001.exr``, a file of a numbered sequence; else None."""
    match = _NUMBERED.match(name.replace("\\", "/").rpartition("/")[2])
    if not match or match[3].lower() not in STILL_SUFFIXES:
        return None
    folder = name[: len(name) - len(match[0])]
    return f"{folder}{match[1]}%0{len(match[2])}d{match[3]}"


def file_number(name: str) -> int | None:
    """The frame number in the name of one numbered file, None when it has none."""
    match = _NUMBERED.match(name.replace("\\", "/").rpartition("/")[2])
    return int(match[2]) if match else None


def is_still(name: str) -> bool:
    """The name is that of a picture file, not of a movie."""
    return os.path.splitext(name)[1].lower() in STILL_SUFFIXES


def _decoded(text: str) -> str:
    return _CODES.sub(lambda run: unquote(run[0]), text)


def _look(place: str, *, sequence: bool) -> Found | None:
    if not sequence:
        return Found(os.path.normpath(place), True) if os.path.isfile(place) else None
    if not os.path.isdir(os.path.dirname(place)):
        return None
    try:
        pattern = FramePattern.parse(place)
        numbers = pattern.numbers()
    except SecondUnitError:
        return None
    if not numbers:
        return None
    return Found(str(pattern.folder / pattern.name), True, span=(numbers[0], numbers[-1]))


def _closest(places: Sequence[str], parts: Sequence[str]) -> list[str]:
    """The places whose last folders agree with the most of the name's own."""

    def agreeing(place: str) -> int:
        own = place.replace("\\", "/").split("/")
        pairs = zip(reversed(own), reversed(parts), strict=False)
        return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(own), len(parts)))

    most = max(map(agreeing, places), default=0)
    return [place for place in places if agreeing(place) == most]


def _walk(roots: Sequence[Path]) -> Iterator[str]:
    for root in roots:
        top = str(root).rstrip(os.sep).count(os.sep)
        for folder, folders, files in os.walk(root):
            if folder.count(os.sep) - top >= _DEEPEST:
                folders.clear()
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            yield from (os.path.join(folder, name) for name in sorted(files))
