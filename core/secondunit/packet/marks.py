"""What marks a version: a signed list of its frames' hashes, an MHL, and a signed review movie.

One signature over the list stands for all frames: an EXR cannot carry a credential (C2PA has no
place for one in it), and a sidecar for each would be hundreds of loose files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import file_digest, sha256, sha512
from pathlib import Path
from typing import Any

from secondunit_bridge.film import Role, Turnover, Work

from . import mhl
from .canonical import canonical, digest_of_text
from .credentials import (
    MIME,
    Claim,
    Ingredient,
    Marker,
    created,
    edited,
    opened,
    placed,
)
from .generation import RELATIONS, named, source_type

HASH_LIST = "hashlist.json"
SCHEMA = "org.secondunit.hashlist/1"
_CHUNK = 1 << 20
_READERS = 4
_LARGEST = 1 << 30  # bytes of an input that is read once more to be named in a credential


@dataclass(frozen=True)
class Frame:
    """One frame's file: its path in the version's folder, and its hashes."""

    file: str
    size: int
    sha256: str
    c4: str


@dataclass(frozen=True)
class Told:
    """What the credentials of a version say. Nothing here is a secret."""

    version: str
    turnover: Turnover
    take: str
    record_sha256: str
    prompt_sha256: str
    models: Sequence[Mapping[str, Any]] = ()
    consents: Sequence[str] = ()


def hashed(folder: Path, path: Path) -> Frame:
    """A file read once, for both of its hashes, and flushed to the disk. Raises OSError."""
    first, second, size = sha256(), sha512(), 0
    with open(path, "rb") as file:
        while data := file.read(_CHUNK):
            first.update(data)
            second.update(data)
            size += len(data)
        os.fsync(file.fileno())
    return Frame(
        path.relative_to(folder).as_posix(), size, first.hexdigest(), mhl.c4(second.digest())
    )


def hash_list(version: str, frames: Sequence[Frame]) -> bytes:
    """The list as canonical JSON: its sha256 is what an approval is bound to."""
    files = [{"path": one.file, "size": one.size, "sha256": one.sha256} for one in frames]
    return canonical({"schema": SCHEMA, "version": version, "alg": "sha256", "files": files})


def listed(folder: Path, version: str, frames: Sequence[Frame]) -> list[Path]:
    """Write the list and the MHL of a version's frames; the files that were written."""
    path = folder / HASH_LIST
    path.write_bytes(hash_list(version, frames))
    names = [mhl.Hashed(one.file, one.size, one.c4) for one in frames]
    return [path, *mhl.write(folder, version, names)]


def untouched(folder: Path, marks: Mapping[str, Any], since: float) -> bool:
    """The approved bytes are there: the list by its digest, the frames by their sizes.

    A frame that was written after ``since`` (seconds since the epoch), when the version was
    complete, is read whole: also one whose time of change was put back, where the system notes
    that itself. `secondunit verify` reads every frame.
    """
    try:
        data = (folder / HASH_LIST).read_bytes()
        if sha256(data).hexdigest() != marks.get("hashlist_sha256"):
            return False
        files: Sequence[Mapping[str, Any]] = json.loads(data)["files"]
        seen = [(one, (folder / one["path"]).stat()) for one in files]
        if any(stat.st_size != one["size"] for one, stat in seen):
            return False
        later = [one for one, stat in seen if max(stat.st_mtime, stat.st_ctime) > since]
        with ThreadPoolExecutor(_READERS) as readers:
            found = readers.map(lambda one: _digest(folder / one["path"]), later)
            return all(was["sha256"] == now for was, now in zip(later, found, strict=True))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()


def marked(marker: Marker, folder: Path, review: Path, told: Told) -> list[Path]:
    """Sign the list beside it and the movie inside it; the files that were added.

    Raises StoreError, NotPermitted, DiskFull.
    """
    marker.embed(review, claimed(review.name, told))
    return [marker.beside(folder / HASH_LIST, claimed(f"{told.version} {HASH_LIST}", told))]


def claimed(title: str, told: Told) -> Claim:
    """What a credential says of a picture of a version: a movie, a still, the list of frames."""
    sources = tuple(_ingredients(told.turnover))
    return Claim(title, tuple(_actions(told, sources)), _facts(told), sources)


def told_of(
    version: str,
    turnover: Turnover,
    take: str,
    taken: Mapping[str, Any],
    consents: Sequence[str],
) -> Told:
    """What the credentials of a version say, from the entry of its take."""
    return Told(
        version=version,
        turnover=turnover,
        take=take,
        record_sha256=taken.get("generation", {}).get("sha256", ""),
        prompt_sha256=digest_of_text(turnover.brief),
        models=taken.get("models", ()),
        consents=consents,
    )


def _facts(told: Told) -> dict[str, Any]:
    return {
        "schema": "org.secondunit.generation/1",
        "id": told.take,
        "record_sha256": told.record_sha256,
        "prompt_sha256": told.prompt_sha256,
        "shot": told.turnover.shot.name,
        "version": told.version,
        "task": told.turnover.work.value,
        "generator": told.turnover.generator,
        "models": [
            {"name": one["name"], "sha256": [digest for _, digest in one["files"]]}
            for one in told.models
        ],
        "consents": list(told.consents),
    }


def _actions(told: Told, sources: Sequence[Ingredient]) -> list[dict[str, Any]]:
    kind = source_type(told.turnover, weights=bool(told.models))
    parents = [one.label for one in sources if one.relation == "parentOf"]
    others = [one.label for one in sources if one.relation == "componentOf"]
    if told.turnover.work is Work.plate and parents:
        what = "Changed inside the matte; outside it every pixel is the plate's"
        return [opened(parents[0]), *map(placed, others), edited(kind, what)]
    return [created(kind), *map(placed, others)]


def _ingredients(turnover: Turnover) -> list[Ingredient]:
    """The plate and the references that a credential can name: a sequence by its first frame."""
    found: dict[str, Ingredient] = {}
    for element in turnover.elements:
        relation = RELATIONS.get(element.role)
        path = _one_file(element.media.path, element.media.frames.first)
        plate = element.role is Role.plate
        if relation and path is not None and not (plate and "plate" in found):
            label = "plate" if plate else f"reference{len(found)}"
            found[label] = Ingredient(path, relation, label, named(element, turnover)[1])
    return list(found.values())


def _one_file(path: str, first: int) -> Path | None:
    """A file that is there, of a kind a credential can name; None for others."""
    try:
        named = Path(path % first) if "%" in path else Path(path)
        fits = named.suffix.lower() in MIME and named.stat().st_size <= _LARGEST
    except (TypeError, ValueError, OSError):
        return None
    return named if fits else None
