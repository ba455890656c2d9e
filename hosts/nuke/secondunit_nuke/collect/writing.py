"""Writes an input to scene-linear EXR through a Write that is gone again when it is done."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Sequence, Tuple

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
_HALF, _FLOAT = "16 bit half", "32 bit float"
_KEPT = ("channels", "channels2", "channels3", "channels4")  # layers that a Remove node names


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


class Writing(Protocol):
    """Puts inputs where the daemon can read them; each answers with the pattern of its files."""

    def plate(self, source: Any, frames: Tuple[int, int], name: str = "plate") -> str:
        """Every channel of an input in the working space, frame numbers as they are."""

    def matte(self, source: Any, channel: str, frames: Tuple[int, int]) -> str:
        """One channel of an input, as the alpha of files that hold nothing else."""

    def cryptomatte(self, source: Any, layers: Sequence[str], frames: Tuple[int, int]) -> str:
        """The ranked layers of a Cryptomatte with the metadata that names its objects."""


class Unwritten:
    """Names that nothing is written under: what a plan is asked with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def plate(self, source: Any, frames: Tuple[int, int], name: str = "plate") -> str:
        """As ``Writing``."""
        return f"{self._folder.as_posix()}/{name}.%04d.exr"

    def matte(self, source: Any, channel: str, frames: Tuple[int, int]) -> str:
        """As ``Writing``."""
        return self.plate(source, frames, "matte")

    def cryptomatte(self, source: Any, layers: Sequence[str], frames: Tuple[int, int]) -> str:
        """As ``Writing``."""
        return self.plate(source, frames, "cryptomatte")


class Writer:
    """Renders inputs into a folder. Blocks; raises as ``rendered``."""

    def __init__(self, nuke: Nuke, folder: Path, packing: str = ZIP) -> None:
        self._nuke, self._folder, self._packing = nuke, folder, packing

    def plate(self, source: Any, frames: Tuple[int, int], name: str = "plate") -> str:
        """As ``Writing``; data window and overscan are kept."""
        folder = self._folder if name == "plate" else self._folder / name
        return rendered(self._nuke, source, f"{folder.as_posix()}/plate.%04d.exr", frames,
                        Written(packing=self._packing))  # fmt: skip

    def matte(self, source: Any, channel: str, frames: Tuple[int, int]) -> str:
        """As ``Writing``."""
        nuke, pattern = self._nuke, f"{self._folder.as_posix()}/matte.%04d.exr"
        with nuke.no_undo(), source.parent():
            only = nuke.make("Copy", "SecondUnitMatte", (source, source), from0=channel)
            try:
                only["to0"].setValue("rgba.alpha")
                return rendered(nuke, only, pattern, frames, Written("alpha"))
            finally:
                nuke.delete(only)

    def cryptomatte(self, source: Any, layers: Sequence[str], frames: Tuple[int, int]) -> str:
        """As ``Writing``.

        An object's id is the bits of a 32-bit float: as half it would be another's or none's.
        """
        nuke, pattern = self._nuke, f"{self._folder.as_posix()}/cryptomatte.%04d.exr"
        how = Written(depth=_FLOAT, metadata="all metadata")
        if len(layers) > len(_KEPT):  # more than a Remove can name: every channel is written
            return rendered(nuke, source, pattern, frames, how)
        with nuke.no_undo(), source.parent():
            only = nuke.make("Remove", "SecondUnitCryptomatte", (source,), operation="keep")
            try:
                for knob, layer in zip(_KEPT, layers):
                    only[knob].setValue(layer)
                return rendered(nuke, only, pattern, frames, how)
            finally:
                nuke.delete(only)

    def discard(self) -> None:
        """Take away all that was written; the folder was this writer's alone."""
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(frozen=True)
class Written:
    """What a Write is set to, as it calls it."""

    channels: str = "all"
    depth: str = _HALF
    packing: str = ZIP
    metadata: str = ""  # empty: Nuke's own choice


def rendered(nuke: Nuke, source: Any, pattern: str, frames: Tuple[int, int], how: Written) -> str:
    """Run a Write over an input; the pattern of its files.

    Raises Cancelled, DiskFull, FramesMissing, TurnoverRejected; half-written files are gone.
    """
    kept = nuke.selected()
    with nuke.no_undo(), source.parent():
        write = nuke.make("Write", "SecondUnitWrite", (source,))
        try:
            write["file"].setValue(escaped(pattern))
            write["file_type"].setValue("exr")  # the knobs below appear with it
            write["channels"].setValue(how.channels)
            write["datatype"].setValue(how.depth)
            write["compression"].setValue(how.packing)
            if how.metadata:
                write["metadata"].setValue(how.metadata)
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
