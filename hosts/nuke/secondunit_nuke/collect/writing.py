"""Writes an input to scene-linear EXR through a Write that is gone again when it is done."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Tuple

from secondunit_bridge.errors import (
    Cancelled,
    DiskFull,
    FramesMissing,
    SecondUnitError,
    TurnoverRejected,
)

from .looking import Looked

if TYPE_CHECKING:
    from ..host import Nuke

SPARE = 1 << 28  # bytes left free on the disk whatever is written
ZIP, UNPACKED = "Zip (1 scanline)", "none"  # compression, as a Write calls it
_HALF = "16 bit half"


def room(folder: Path, looked: Looked) -> None:
    """Raises DiskFull when what must be written would not fit."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    if looked.bytes and free < looked.bytes + SPARE:
        raise DiskFull(
            f"{looked.bytes / 1e9:.1f} GB may be needed for the plate and {free / 1e9:.1f} GB are"
            f" free at {there}",
            hint="Make room, or hand over fewer frames.",
        )


def next_folder(place: Path) -> Path:
    """A folder that was never used, so that what was handed over once stays as it is."""
    taken = [int(one.name[1:]) for one in place.glob("p*") if one.name[1:].isdigit()]
    return place / f"p{max(taken, default=0) + 1:03}"


def write_plate(
    nuke: Nuke, source: Any, folder: Path, frames: Tuple[int, int], *, packing: str = ZIP
) -> str:
    """Every channel of an input in the working space, data window and frame numbers as they are.

    The pattern of the files. ``packing`` as Nuke calls it. Raises as ``_rendered``.
    """
    pattern = f"{folder.as_posix()}/plate.%04d.exr"
    return _rendered(nuke, source, pattern, "all", frames, packing)


def write_matte(
    nuke: Nuke, source: Any, channel: str, folder: Path, frames: Tuple[int, int]
) -> str:
    """One channel of an input, as the alpha of files that hold nothing else."""
    pattern = f"{folder.as_posix()}/matte.%04d.exr"
    with nuke.no_undo(), source.parent():
        only = nuke.make("Copy", "SecondUnitMatte", (source, source), from0=channel)
        try:
            only["to0"].setValue("rgba.alpha")
            return _rendered(nuke, only, pattern, "alpha", frames, ZIP)
        finally:
            nuke.delete(only)


def _rendered(
    nuke: Nuke,
    source: Any,
    pattern: str,
    channels: str,
    frames: Tuple[int, int],
    packing: str,
) -> str:
    """Raises Cancelled, DiskFull, FramesMissing, TurnoverRejected; half-written files are gone."""
    kept = nuke.selected()
    with nuke.no_undo(), source.parent():
        write = nuke.make("Write", "SecondUnitWrite", (source,))
        try:
            write["file"].setValue(escaped(pattern))
            write["file_type"].setValue("exr")  # the knobs below appear with it
            write["channels"].setValue(channels)
            write["datatype"].setValue(_HALF)
            write["compression"].setValue(packing)
            write["raw"].setValue(True)
            write["create_directories"].setValue(True)
            nuke.render(write, *frames)
        except RuntimeError as error:
            _remove(Path(pattern))
            raise _ours(error) from error
        finally:
            nuke.delete(write)
            for node in kept:
                node.setSelected(True)
    return pattern


def escaped(path: str) -> str:
    """A path as a file knob takes it: forward slashes, and no TCL in it."""
    path = path.replace("\\", "/")
    return path.replace("[", "\\[").replace("]", "\\]").replace("$", "\\$")


def _ours(error: RuntimeError) -> SecondUnitError:
    text = str(error)
    low = text.lower()
    if "cancel" in low or "abort" in low:
        return Cancelled("writing the plate was stopped", hint="Turn over again when you want.")
    if "no space" in low or "disk full" in low:
        return DiskFull("the disk is full", hint="Make room, then turn over again.")
    if "no such file" in low or "missing" in low:
        return FramesMissing(
            f"the plate cannot be rendered: {text}", hint="Put the missing frames back."
        )
    return TurnoverRejected(
        f"Nuke cannot render the plate: {text}", hint="Look at the node that Nuke names."
    )


def _remove(pattern: Path) -> None:
    for file in pattern.parent.glob(f"{pattern.name.split('%')[0]}*.exr*"):
        file.unlink()
    folder = pattern.parent
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
