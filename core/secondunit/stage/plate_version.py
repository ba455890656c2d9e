"""What a version of a plate has beside its frames: the matte, the plate of record, the receipt."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge import __version__
from secondunit_bridge.errors import FramesMissing, MediaDamaged
from secondunit_bridge.film import Role, Turnover, delivered
from secondunit_bridge.timing import to_timecode

from ..colour import Colour
from ..contract.geometry import displayed
from ..contract.receipt import FrameReceipt, Receipt, beyond, broken_at, clipped, read_mask
from ..media.delivery import Attributes
from ..media.footage import Picture
from ..media.plates import PlateFrame, read_plate, write_plate
from ..vault import Vault
from .orders import Publish
from .receipt_page import receipt_page, write_page

SHOWN = "sRGB Encoded Rec.709 (sRGB)"  # what a PNG is taken to be
_LIBRARIES = ("numpy", "opencv-python-headless", "OpenImageIO", "opencolorio")


def receipt_of(order: Publish) -> dict[str, Any] | None:
    """What the take's entry says of its plate; None when the take is not of a plate."""
    told = order.taken.get("receipt")
    return told if isinstance(told, dict) else None


def write_frame(order: Publish, vault: Vault, number: int, path: Path, said: Attributes) -> None:
    """One delivered frame with every channel and window it was kept with.

    Raises FramesMissing, MediaDamaged when the vault has lost or changed it, DiskFull.
    """
    media = order.take.media
    assert media is not None  # only takes with frames can be circled
    wanted = media.digests[number - media.frames.first]
    frame = read_plate(_kept(vault, wanted, number))
    if frame.digest() != wanted:
        raise MediaDamaged(
            f"frame {number} in the vault is not the one that was shot",
            hint="Restore the project's store from its backup, or turn the shot over again.",
            data={"frame": number, "digest": wanted},
        )
    write_plate(path, frame, said)


def write_receipt(
    order: Publish, told: dict[str, Any], vault: Vault, folder: Path, result: Callable[[int], str]
) -> list[Path]:
    """The receipt and what it can be measured again from; the files that were written.

    ``result`` names a frame's file in the version's folder.
    """
    name = order.version.name
    mattes = _copied(told["masks"], vault, folder / "qc" / "matte", f"{name}_matte")
    plates = _copied(told["conformed"], vault, folder / "plate", f"{name}_plate")
    frames = tuple(FrameReceipt(**entry) for entry in told["frames"])
    relative = {n: path.relative_to(folder).as_posix() for n, path in plates.items()}
    receipt = Receipt(
        plate_space=told["space"],
        result_space=told["space"],
        frames=frames,
        channels_passed=tuple(told["channels"]),
        clipped=_clipped(frames, str(told["generator"].get("codes", {}).get("name", ""))),
        ocio=dict(told["ocio"]),
        versions={"secondunit": __version__, **{one: version(one) for one in _LIBRARIES}},
        edge_zone=told["edge_zone"],
        matte_source=told["matte"],
        generator=dict(told["generator"]),
        plate_files={int(n): file for n, file in told["plate_files"].items()} | relative,
        result_files={frame.frame: result(frame.frame) for frame in frames},
        matte_files={n: path.relative_to(folder).as_posix() for n, path in mattes.items()},
    )
    page = _page(order, receipt, folder)
    return [receipt.write(folder), page, *mattes.values(), *plates.values()]


def frame_words(turnover: Turnover, number: int) -> str:
    """A frame as people call it: its number, timecode, and the plate's own number if another."""
    shot, place = turnover.shot, number - delivered(turnover.shot).first
    first = max(0, shot.cut.first - shot.handles.head)
    words = [str(number), to_timecode(first + place, shot.cut.rate, drop=shot.drop)]
    plate = next((e.media.frames for e in turnover.elements if e.role is Role.plate), None)
    if plate is not None and plate.first + place != number:
        words.append(f"plate frame {plate.first + place}")
    return "  ·  ".join(words)


def _clipped(frames: tuple[FrameReceipt, ...], codes: str) -> dict[str, Any]:
    """What did not come back: of what was generated, and of what the generator could be shown."""
    return {
        "pixels": sum(frame.clipped_pixels for frame in frames),
        "nan_pixels": sum(frame.nan_pixels for frame in frames),
        "replaced_pixels": sum(frame.replaced_pixels for frame in frames),
        "above_pixels": sum(frame.above_pixels for frame in frames),
        "below_pixels": sum(frame.below_pixels for frame in frames),
        **beyond(frames).facts,
        "codes": codes,
        "sentence": clipped(frames, codes),
    }


def _page(order: Publish, receipt: Receipt, folder: Path) -> Path:
    """First, middle and last frame, as a review movie would show them."""
    colour, said = Colour(order.project.ocio), receipt.plain()

    def light(frame: PlateFrame) -> Picture:
        rgb = [frame.colour.index(name) for name in "RGB"]
        seen = displayed(frame.half()[..., rgb].astype(np.float32), frame.windows)
        return colour.convert(np.ascontiguousarray(seen), receipt.plate_space, SHOWN)

    def shown(number: int) -> tuple[Picture, Picture, NDArray[np.bool_]]:
        plate = read_plate(folder / receipt.plate_files[number])
        result = read_plate(folder / receipt.result_files[number])
        protected = read_mask(folder / receipt.matte_files[number])[1]
        broken = displayed(broken_at(plate, result, protected), result.windows)
        return light(plate), light(result), broken

    numbers = [one.frame for one in receipt.frames]
    chosen = sorted({numbers[0], numbers[len(numbers) // 2], numbers[-1]})
    words = {number: frame_words(order.turnover, number) for number in chosen}
    squeezed = read_plate(folder / receipt.result_files[chosen[0]]).pixel_aspect
    page = receipt_page(order.version.name, said, words, shown, squeezed)
    return write_page(folder / "qc" / "receipt.png", page)


def _copied(digests: dict[str, str], vault: Vault, folder: Path, name: str) -> dict[int, Path]:
    copied: dict[int, Path] = {}
    if digests:
        folder.mkdir(parents=True)
    for number, digest in sorted((int(number), digest) for number, digest in digests.items()):
        copied[number] = folder / f"{name}.{number:04}.exr"
        shutil.copyfile(_kept(vault, digest, number), copied[number])
    return copied


def _kept(vault: Vault, digest: str, number: int) -> Path:
    if not vault.holds(digest):
        raise FramesMissing(
            f"frame {number} is no longer in the vault",
            hint="Restore the project's store from its backup, or shoot the take again.",
            data={"missing": [[number, number]]},
        )
    return vault.path(digest)
