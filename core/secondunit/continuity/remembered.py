"""What earlier sweeps found, by content, in a folder of small files that may be thrown away."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Finding, Seen
from secondunit_bridge.wire import plain, typed

from .. import disk

SEEN = "seen"  # folder of what findings were about, by their ids
_PIECE = 1 << 20  # bytes hashed at a time


class Memory:
    """Findings by key, and digests of media. ``folder`` None remembers nothing.

    A file that cannot be read or written is as if it had not been there.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._digests: dict[str, str] = {}

    def recall(self, key: str) -> list[Finding] | None:
        """What was found under this key, or None."""
        if self._folder is None:
            return None
        try:
            said = json.loads((self._folder / f"{key}.json").read_text(encoding="utf-8"))
            return [typed(Finding, one) for one in said]
        except (OSError, ValueError, SecondUnitError):
            return None

    def keep(self, key: str, found: Sequence[Finding]) -> None:
        """Remember what was found. A full disk loses the memory, never the finding."""
        if self._folder is None:
            return
        try:
            disk.private_folder(self._folder)
            data = json.dumps([plain(one) for one in found]).encode()
            disk.write_whole(self._folder / f"{key}.json", data)
        except (OSError, SecondUnitError):
            return

    def digest(self, media: str) -> str:
        """What names a media's content: a movie's bytes; of a sequence its files' names and times.

        A movie is read once for as long as its size and time stay as they are.
        """
        if media not in self._digests:
            self._digests[media] = self._digest(Path(media))
        return self._digests[media]

    def _digest(self, path: Path) -> str:
        try:
            facts = path.stat()
        except OSError:
            return _listing(path)
        stamp = hashlib.sha256(
            f"{path.absolute()}|{facts.st_size}|{facts.st_mtime_ns}".encode()
        ).hexdigest()
        kept = self._folder / f"{stamp}.media" if self._folder else None
        try:
            if kept is not None and kept.is_file():
                return kept.read_text(encoding="utf-8")
            digest = _of_bytes(path)
            if kept is not None:
                disk.private_folder(kept.parent)
                disk.write_whole(kept, digest.encode())
        except (OSError, SecondUnitError):
            return stamp
        return digest


def _of_bytes(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _listing(pattern: Path) -> str:
    """The files beside a pattern that begin as it does: names, sizes and times."""
    stem = pattern.name.partition("%")[0].partition("#")[0]
    try:
        files = sorted(
            (one.name, facts.st_size, facts.st_mtime_ns)
            for one in os.scandir(pattern.parent)
            if one.name.startswith(stem) and (facts := one.stat())
        )
    except OSError:
        files = []
    return hashlib.sha256(json.dumps([str(pattern), files]).encode()).hexdigest()


def keep_seen(folder: Path, found: Mapping[str, Seen]) -> None:
    """Remember what findings were about, so that they can be answered by their id alone."""
    for name, seen in found.items():
        path, data = folder / SEEN / f"{name}.json", json.dumps(plain(seen)).encode()
        try:
            if path.is_file() and path.read_bytes() == data:
                continue
            disk.private_folder(path.parent)
            disk.write_whole(path, data)
        except (OSError, SecondUnitError):
            return


def recall_seen(folder: Path, name: str) -> Seen | None:
    """What a finding of a cut was about; None when no sweep here found it."""
    try:
        return typed(Seen, json.loads((folder / SEEN / f"{name}.json").read_bytes()))
    except (OSError, ValueError, SecondUnitError):
        return None
