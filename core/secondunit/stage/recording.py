"""Writes the generation record of a take beside its frames, and the brief as a private blob."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secondunit_bridge import places
from secondunit_bridge.film import Take, Turnover

from ..disk import private_folder, write_whole
from ..packet.canonical import canonical, digest_of_text, identity
from ..packet.credentials import EMBEDS, Marker, available
from ..packet.generation import Made, generation, private_words
from ..packet.people import People
from ..packet.uses import digest_of, outside
from .orders import Shoot

RECORDS, PRIVATE = "records", "private"  # folders of the vault
_LARGEST = 1 << 30  # bytes of an input whose credential is looked at
_WORDS = {"trusted": "Trusted", "unknown": "Valid", "invalid": "Invalid", "none": "none"}


def recorded(order: Shoot, take: Take, more: Mapping[str, Any]) -> dict[str, Any]:
    """What the take's entry says of its record: ``sha256``, ``inputs`` with their credentials.

    The record is on the disk when this returns. Raises DiskFull, NotPermitted.
    """
    keys, vault = places.home() / "keys", Path(order.store) / "vault"
    turnover, seen = order.turnover, _credentials(order.turnover, keys)
    share, files = _share(more), _files(order.turnover)
    made = Made(
        used=more.get("used", {}),
        models=more.get("models", ()),
        exactly=more.get("exactly"),
        software=more.get("software"),
        credentials=seen,
        files=files,
        pixel_share=share,
        egress=tuple(more.get("egress", ())),
    )
    record = generation(turnover, take, made, People(keys).code(turnover.artist))
    folder = private_folder(vault / RECORDS)
    write_whole(folder / f"{take.id}.json", canonical(record))
    for words in private_words(turnover):
        write_whole(private_folder(vault / PRIVATE) / digest_of_text(words), words.encode())
    told: dict[str, Any] = {"sha256": identity(record), "at": record["created"]}
    told |= {"credentials": seen, "files": files}
    return {"generation": {**told, "ai_pixel_share": share, "egress": list(made.egress)}}


def _share(more: Mapping[str, Any]) -> float:
    """The part of the picture that a model made, as a mean of all frames; 0 without a model."""
    frames = more.get("receipt", {}).get("frames", [])
    if not frames or not more.get("models"):
        return 1.0 if more.get("models") else 0.0
    return round(sum(float(one["share"]) for one in frames) / len(frames), 6)


def _files(turnover: Turnover) -> dict[str, str]:
    """sha256 of each reference's file by path, as it was when the take was made from it."""
    paths = {element.media.path for _, element in outside(turnover)} - {""}
    found = {path: digest_of(Path(path)) for path in sorted(paths)}
    return {path: digest for path, digest in found.items() if digest}


def _credentials(turnover: Turnover, keys: Path) -> dict[str, str]:
    """What the credential of each input file says, by path; only of kinds that can carry one."""
    paths = {element.media.path for element in turnover.elements if "%" not in element.media.path}
    if not available():
        return {}
    marker, told = Marker(keys), {}
    for path in sorted(path for path in paths if path):
        file = Path(path)
        if file.suffix.lower() in EMBEDS and file.stat().st_size <= _LARGEST:
            word = marker.read(file).word
            if word != "none":
                told[path] = _WORDS[word]
    return told
