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

MOST_FACTS = 50_000
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
        self._write(f"{key}.json", json.dumps([plain(one) for one in found]).encode())

    def facts(self, name: str) -> dict[str, bool]:
        """Small facts that were kept under one name."""
        if self._folder is None:
            return {}
        try:
            said = json.loads((self._folder / f"{name}.facts").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(key): bool(value) for key, value in said.items()}

    def keep_facts(self, name: str, facts: Mapping[str, bool]) -> None:
        """Keep them all under one name, the newest ``MOST_FACTS``."""
        newest = dict(list(facts.items())[-MOST_FACTS:])
        self._write(f"{name}.facts", json.dumps(newest).encode())

    def blob(self, key: str) -> bytes | None:
        """Bytes that were kept under a key."""
        try:
            return (self._folder / f"{key}.blob").read_bytes() if self._folder else None
        except OSError:
            return None

    def keep_blob(self, key: str, data: bytes) -> None:
        """Keep bytes."""
        self._write(f"{key}.blob", data)

    def _write(self, name: str, data: bytes) -> None:
        if self._folder is None:
            return
        try:
            disk.private_folder(self._folder)
            disk.write_whole(self._folder / name, data)
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
        except OSError:
            return stamp
        if kept is not None:
            self._write(kept.name, digest.encode())
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
