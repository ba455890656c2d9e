"""Marks a version that is being written: lists its frames' hashes, and signs list and movie."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import MediaChanged

from ..packet.credentials import Marker, available
from ..packet.marks import HASH_LIST, Frame, Told, listed, marked, told_of
from ..packet.signing import signer_of
from ..settings import Settings
from .orders import Publish

ABSENT = "c2pa was not installed on the machine that published it"


def marks(
    order: Publish, folder: Path, frames: Sequence[Frame], review: Path
) -> tuple[dict[str, Any], list[Path]]:
    """What the record says of its marks, and the files beside the frames that make them up.

    The list is always written: an approval is bound to it. Without the library, or where a person
    switched marking off, nothing is signed and the record says why. Raises StoreError, DiskFull,
    MediaChanged.
    """
    beside = listed(folder, order.version.name, frames)
    why = order.unmarked or ("" if available() else ABSENT)
    stamps: dict[str, str] = {}
    if not why:
        settings = Settings.load()
        marker = Marker(settings.home / "keys", signer_of(settings))
        beside += marked(marker, folder, review, _told(order))
        still_whole(marker, review, order)
        stamps = _stamps(settings.timestamp_authority, marker)
    digest = sha256((folder / HASH_LIST).read_bytes()).hexdigest()
    said = {"state": "off" if why else "on", "reason": why, "hashlist_sha256": digest}
    return said | stamps, beside


def still_whole(marker: Marker, review: Path, order: Publish) -> None:
    """Nothing it was made from was damaged since the take was shot, when the gate was asked of it.

    Raises MediaChanged: a version whose own credential cannot be trusted is none.
    """
    verdict, then = marker.read(review), order.taken.get("generation", {}).get("credentials", {})
    if verdict.word == "invalid" and "Invalid" not in then.values():
        said = verdict.failures[0].removeprefix("ingredient ").partition(":")[0]
        raise MediaChanged(
            f"{said}, which the take was made from, is not as it was signed any more",
            hint="Bring that file back from where it came, or shoot the take again.",
        )


def _stamps(address: str, marker: Marker) -> dict[str, str]:
    """Whose word on the time the signatures carry; that it was asked for and did not come."""
    if not address:
        return {}
    return {"timestamps": address if marker.stamped else f"{address} did not answer"}


def _told(order: Publish) -> Told:
    taken = order.taken
    return told_of(order.version.name, order.turnover, order.take.id, taken, order.consents)
