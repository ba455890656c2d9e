"""Which takes were made from a picture from outside, known again by the bytes of its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from secondunit_bridge.film import Turnover

from ..packet.uses import digest_of, outside, references
from .register import REFERENCE, Ran


@dataclass(frozen=True)
class Shot:
    """A take that was shot: of which turnover, when, and where it is told of."""

    turnover: Turnover
    at: float
    guid: str
    name: str
    take: int
    version: str
    id: str = ""  # of the take


class Referred:
    """Reads each file once, until it changes. One thread at a time."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], str] = {}

    def told(self, takes: Iterable[Shot], *, read: bool) -> Iterator[Ran]:
        """The references of takes. Files are opened only to ``read`` them, which is worth it when
        the register has rows on pictures."""
        for one in takes:
            digest = partial(self._digest, at=one.at) if read else _unread
            known = references(one.turnover, {}, digest)
            for (index, element), found in zip(outside(one.turnover), known, strict=True):
                files = (found.file,) if found.file else ()
                yield Ran(one.guid, one.name, one.take, one.version, found.name, files,
                          kind=REFERENCE, seen=f"/handed/{one.id}/{index}.jpg",
                          frames=len(element.media.frames))  # fmt: skip

    def _digest(self, path: Path, *, at: float) -> str:
        """sha256 of the file; empty when it is gone, or was written after the take was shot."""
        try:
            seen = path.stat()
        except OSError:
            return ""
        if seen.st_mtime > at:
            return ""
        key = (str(path), seen.st_size, seen.st_mtime_ns)
        if key not in self._known:
            self._known[key] = digest_of(path)
        return self._known[key]


def _unread(_: Path) -> str:
    return ""
