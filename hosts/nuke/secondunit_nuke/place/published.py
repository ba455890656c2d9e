"""A published version as it lies on disk: all that placing it needs, without a daemon."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, Tuple

from secondunit_bridge.errors import FramesMissing, MediaChanged, MediaDamaged, MediaOffline
from secondunit_bridge.film import Media, Role, Shot, Version, Work
from secondunit_bridge.wire import typed

from ..collect.looking import runs

RECORD = "record.json"
_MATTES = "qc/matte"  # in a version's folder
_FOLDER = re.compile(r"v(\d{3,})")
_NUMBERED = re.compile(r"\d+(?=\.exr$)")


@dataclass(frozen=True)
class Published:
    """A version's own word."""

    version: Version
    media: Media  # of its take: size and colour space
    pattern: str  # of its EXR files, forward slashes
    project: str
    begins: int  # the script's frame of its first one, as it was turned over
    work: Work
    matte: str = ""  # of its own matte's, where that was taken from a Cryptomatte by names


def published(folder: str) -> Published:
    """The version that lies in a folder.

    Raises MediaOffline when there is none, MediaDamaged for a record that cannot be read,
    FramesMissing when frames are gone.
    """
    place = Path(folder)
    try:
        data = (place / RECORD).read_bytes()
    except OSError:
        raise MediaOffline(
            f"{place} holds no version",
            hint="Mount the disk that the project's store is on, or circle the take again.",
            data={"path": str(place)},
        ) from None
    try:
        said: Dict[str, Any] = json.loads(data)
        digest = hashlib.sha256(data).hexdigest()
        version = typed(Version, {**said["version"], "record": digest})
        media = typed(Media, said["take"]["media"])
        shot = typed(Shot, said["turnover"]["shot"])
        work = Work(said["turnover"]["work"])
        named = any(_by_names(one) for one in said["turnover"]["elements"])
    except (ValueError, KeyError, TypeError):
        raise MediaDamaged(
            f"{place / RECORD} cannot be read", hint="Restore the store from its backup."
        ) from None
    matte = _pattern(place / _MATTES, version) if named else ""
    pattern = _pattern(place / "exr", version)
    begins = shot.cut.first - shot.handles.head
    version = replace(version, path=place.as_posix())
    return Published(version, media, pattern, shot.project, begins, work, matte)


def checked(one: Published, record: str) -> Published:
    """The same when its record is the one the ledger knows. Raises MediaChanged."""
    if record and one.version.record != record:
        raise MediaChanged(
            f"the record of {one.version.name} is not the one that was published",
            hint="Run `secondunit verify` on its folder; restore it from its backup.",
            data={"path": one.version.path},
        )
    return one


def siblings(folder: str) -> Tuple[Tuple[int, str], ...]:
    """Every version of the same shot on disk: number and folder, oldest first."""
    above = Path(folder).parent
    there = above.iterdir() if above.is_dir() else ()
    found = ((_FOLDER.fullmatch(one.name), one) for one in there if (one / RECORD).is_file())
    return tuple(sorted((int(m[1]), one.as_posix()) for m, one in found if m))


def _by_names(element: Dict[str, Any]) -> bool:
    """It is a matte that no one channel of the comp holds."""
    return element["role"] == Role.matte.value and str(element["name"]).startswith("cryptomatte")


def _pattern(place: Path, version: Version) -> str:
    there = {
        int(number[0]): file
        for file in place.glob("*.exr")
        if (number := _NUMBERED.search(file.name))
    }
    missing = [n for n in version.frames if n not in there]
    if missing:
        raise FramesMissing(
            f"{len(missing)} of {len(version.frames)} frames of {version.name} are not on disk,"
            f" the first is {missing[0]}",
            hint="Restore the store from its backup, or circle the take again.",
            data={"missing": runs(missing)},
        )
    file = there[version.frames.first]
    digits = len(_NUMBERED.findall(file.name)[0])
    name = _NUMBERED.sub(f"%0{digits}d", file.name)
    return (file.parent / name).as_posix()
