"""Writes a circled take as a version: EXR frames, review movie, findings and record.

The folder appears under its name only when everything in it is complete and on disk.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from secondunit_bridge.errors import Locked, MediaDamaged
from secondunit_bridge.film import Media, Version
from secondunit_bridge.wire import dumps, plain

from ..colour import Colour
from ..hookspecs import Watch
from ..media.delivery import Attributes, write_exr
from ..media.footage import Picture
from ..media.frames import digest
from ..media.review import write_review
from ..media.slates import BurnIn, SlateText
from ..packet.marks import hashed
from ..vault import Vault
from .frames import KeptFootage
from .marking import marks
from .orders import Publish
from .plate_version import receipt_of, write_frame, write_receipt
from .record import record_of

Say = Callable[..., None]
WRITERS = 2
REVIEW_SPACE = "Gamma 2.4 Encoded Rec.709"  # what review players and edit rooms expect of a MOV


def publish(order: Publish, watch: Watch, say: Say) -> Version:
    """The version with its record's digest. The same order twice finds the folder there.

    Raises DiskFull, NotPermitted, FramesMissing, MediaDamaged, CodecMissing, Locked.
    """
    final = Path(order.version.path)
    if final.exists():
        return _adopted(order, final)
    assert order.take.media is not None  # only takes with frames can be circled
    vault, into = (Vault(Path(store) / "vault") for store in (order.store, order.project.store))
    vault.take_up(order.take.media.digests)
    into.take_up()
    footage, told = KeptFootage(order.take.media, vault), receipt_of(order)

    def fill(folder: Path) -> None:
        frames = _write_frames(order, vault, folder, watch, say)
        review = _write_review(order, footage, folder, watch)
        marked, beside = marks(order, folder, [one.pop("hashed") for one in frames], review)
        qc = folder / "qc" / "findings.json"
        qc.parent.mkdir()
        qc.write_bytes(dumps(plain(order.take.findings)))
        files = [*frames, *(_file(folder, path) for path in (review, qc, *beside))]
        if told is not None:
            written = write_receipt(order, told, vault, folder, partial(_exr, order))
            files += [_file(folder, path) for path in written]
        (folder / "record.json").write_bytes(dumps(record_of(order, files, marked)))

    into.publish(final, fill)
    return _with_record(order.version, final)


def _adopted(order: Publish, final: Path) -> Version:
    """The folder of a daemon that ended before it could say so; only if it is this take's."""
    import json

    try:
        made_of = json.loads((final / "record.json").read_bytes())["take"]["id"]
    except (OSError, ValueError, LookupError, TypeError):
        made_of = "not one of this ledger"
    if made_of != order.take.id:
        raise Locked(
            f"{final} holds another take already ({made_of})",
            hint="Move that folder away, or circle again: the next number is free.",
        )
    return _with_record(order.version, final)


def _with_record(version: Version, final: Path) -> Version:
    digest = sha256((final / "record.json").read_bytes()).hexdigest()
    return dataclasses.replace(version, record=digest)


def _exr(order: Publish, number: int) -> str:
    return f"exr/{order.version.name}.{number:04}.exr"


def _write_frames(
    order: Publish, vault: Vault, folder: Path, watch: Watch, say: Say
) -> list[dict[str, Any]]:
    (folder / "exr").mkdir()
    media, plate = order.take.media, receipt_of(order) is not None
    assert media is not None
    footage = KeptFootage(media, vault)

    def write(number: int) -> dict[str, Any]:
        watch.check()
        path, pixels = folder / _exr(order, number), media.digests[number - media.frames.first]
        if plate:
            write_frame(order, vault, number, path, attributes(order, number))
        else:
            _write_frame(path, footage, media, order, number)
        one = hashed(folder, path)
        said = {"file": one.file, "sha256": one.sha256, "frame": number, "pixels": pixels}
        return {**said, "hashed": one}

    with ThreadPoolExecutor(WRITERS) as writers:
        written = []
        for done, entry in enumerate(writers.map(write, media.frames), start=1):
            written.append(entry)
            say("progress", done=done / len(media.frames), says=f"writing frame {entry['frame']}")
    return written


def _write_frame(
    path: Path, footage: KeptFootage, media: Media, order: Publish, number: int
) -> None:
    half, pixels = footage.half(number), media.digests[number - media.frames.first]
    if digest(half, media.channels) != pixels:
        raise MediaDamaged(
            f"frame {number} in the vault is not the one that was shot",
            hint="Restore the project's store from its backup, or turn the shot over again.",
            data={"frame": number, "digest": pixels},
        )
    write_exr(path, half, media.channels, attributes(order, number))


def attributes(order: Publish, number: int) -> Attributes:
    """What one delivered frame says of itself: time, reel, colour, and where it comes from."""
    shot, media = order.turnover.shot, order.take.media
    assert media is not None
    place = number - media.frames.first
    return Attributes(
        space=media.space,
        rate=shot.cut.rate,
        timecode=first_timecode(order) + place,
        drop=shot.drop,
        reel=shot.name,
        notes={
            "version": order.version.name,
            "shot": shot.guid,
            "take": order.take.id,
            "turnover": order.take.turnover,
            "pixels": media.digests[place],
        },
    )


def first_timecode(order: Publish) -> int:
    """Record timecode of the first delivered frame, as frames: the head handle comes before it."""
    shot = order.turnover.shot
    return max(0, shot.cut.first - shot.handles.head)


def _write_review(order: Publish, footage: KeptFootage, folder: Path, watch: Watch) -> Path:
    path = folder / "review" / f"{order.version.name}.mov"
    path.parent.mkdir()
    colour = Colour(order.project.ocio)

    def pictures() -> Iterator[tuple[int, Picture]]:
        for number in footage.frames:
            watch.check()
            rgb = footage.frame(number)[..., :3]
            yield number, colour.convert(rgb, footage.space, REVIEW_SPACE)

    shot, version = order.turnover.shot, order.version
    status = version.kind.value
    write_review(
        path,
        pictures(),
        burn_in=BurnIn(shot=shot.name, version=f"v{version.number:03}", status=status),
        slate=_slate(order, status),
        rate=shot.cut.rate,
        timecode=first_timecode(order),
        drop=shot.drop,
        pixel_aspect=footage.pixel_aspect(),
    )
    return path


def _slate(order: Publish, status: str) -> SlateText:
    shot, version, take = order.turnover.shot, order.version, order.take
    handles = f"{shot.handles.head} + {shot.handles.tail}"
    fields = (
        ("Take", f"{take.number}   ({take.id})"),
        ("Frames", f"{version.frames.first} - {version.frames.last}   handles {handles}"),
        ("Generator", order.turnover.generator),
        ("Review", REVIEW_SPACE),
        ("EXR", f"{take.media.space if take.media else order.project.space}, half float"),
    )
    return SlateText(
        shot=shot.name,
        version=f"v{version.number:03}",
        project=shot.project,
        status=status,
        fields=fields,
        note="",  # a brief is confidential, and this movie leaves the house signed: nobody's name
    )


def _file(folder: Path, path: Path) -> dict[str, Any]:
    with open(path, "rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return {"file": path.relative_to(folder).as_posix(), "sha256": digest}
