"""A still of a version, as a picture that leaves the house: seen as in review, and marked inside.

It is made from the very frame that was approved: one that is another now is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import (
    CodecMissing,
    FramesMissing,
    MediaChanged,
    PathRefused,
    RecordMissing,
)
from secondunit_bridge.film import Media, Version
from secondunit_bridge.timing import FrameRange

from ..colour import Colour
from ..disk import write_whole
from ..media.open import open_footage
from ..media.widths import small
from .credentials import Marker
from .marks import HASH_LIST, Told, claimed

KINDS = (".png", ".jpg", ".jpeg")
REVIEW_SPACE = "Gamma 2.4 Encoded Rec.709"  # as in the review movie
_JPEG, _WIDEST = 95, 16384
_TOP = 255.0


def still(
    version: Version, told: Told, ocio: str, frame: int, out: Path, marker: Marker | None
) -> None:
    """Write frame ``frame`` of a version to ``out``, a PNG or JPEG of 8 bits, and mark it.

    ``ocio`` is the project's OpenColorIO configuration; without a ``marker`` nothing is signed.
    Raises PathRefused, FramesMissing, MediaChanged, RecordMissing, StoreError, DiskFull.
    """
    if out.suffix.lower() not in KINDS:
        raise PathRefused(f"{out.name} is no still", hint="End it with .png or .jpg.")
    pixels = _seen(version, frame, ocio)
    write_whole(out, _written(pixels, out.suffix.lower()), mode=0o644)
    if marker is not None:
        title = f"{version.name} {frame}"
        marker.embed(out, claimed(title, told))


def _seen(version: Version, frame: int, ocio: str) -> NDArray[np.uint8]:
    """The frame as people see it: uint8 RGB, review colours, as wide as a lens saw it."""
    frames = version.frames
    if frame not in frames:
        raise FramesMissing(
            f"{version.name} has no frame {frame}",
            hint=f"It has {frames.first} to {frames.last}.",
            data={"missing": [[frame, frame]]},
        )
    file = _as_approved(Path(version.path), f"exr/{version.name}.{frame:04}.exr")
    media = Media(FrameRange(frame, frame, frames.rate), path=str(file))
    colour = Colour(ocio)
    footage = open_footage(media, decide=colour.space_of)
    try:
        wide = small(footage.frame(frame), _WIDEST, footage.facts.pixel_aspect)
        shown = colour.convert(wide, footage.space, REVIEW_SPACE)
    finally:
        footage.close()
    return (np.clip(np.nan_to_num(shown), 0.0, 1.0) * _TOP + 0.5).astype(np.uint8)


def _as_approved(folder: Path, name: str) -> Path:
    """The frame's file, when it is the one that the hash list names."""
    try:
        listed: list[Mapping[str, str]] = json.loads((folder / HASH_LIST).read_bytes())["files"]
        wanted = next(one["sha256"] for one in listed if one["path"] == name)
        with open(folder / name, "rb") as file:
            found = file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError, LookupError, StopIteration) as error:
        raise RecordMissing(
            f"{name} or its hash cannot be read in {folder}", hint="Bring the folder back."
        ) from error
    if found != wanted:
        raise MediaChanged(
            f"{name} is not the frame that was approved",
            hint="See what else was changed: secondunit verify FOLDER.",
        )
    return folder / name


def _written(pixels: NDArray[np.uint8], suffix: str) -> bytes:
    import cv2

    kind = [] if suffix == ".png" else [cv2.IMWRITE_JPEG_QUALITY, _JPEG]
    good, data = cv2.imencode(suffix, np.ascontiguousarray(pixels[..., ::-1]), kind)
    if not good:
        raise CodecMissing(f"no {suffix} can be written here", hint="Reinstall opencv.")
    return data.tobytes()
