"""Our bins: ``Second Unit/<sequence>/<shot>``, and ``_junk`` beside the shots for what is rejected.

Media are imported into the bin that is current, whatever one asks for: it is set before and put
back after.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator, Optional, Sequence

from secondunit_bridge.errors import MediaOffline

from ..port import Port
from ..refusals import HostRefused
from ..words import BIN
from .files import Frames


def bin_of(port: Port, names: Sequence[str]) -> Any:
    """The bin at a path below ours, made where it is missing. The current bin stays as it was.

    Raises HostRefused.
    """
    pool = port.pool()
    with _current_kept(port, pool):
        folder = port.thing(pool, "GetRootFolder")
        for name in (BIN, *names):
            folder = _child(port, folder, name) or _made(port, pool, folder, name)
    return folder


def imported(port: Port, folder: Any, frames: Frames) -> Any:
    """Numbered frames as one clip in a bin; the clip that is there already when there is one.

    Raises HostRefused when Resolve took none or not all of them, MediaOffline.
    """
    there = _clip_of(port, folder, frames)
    if there is not None:
        return there
    missing = []
    for path in frames.paths():
        missing += [] if path.is_file() else [path]
        port.pace.step()  # each may be a question to a disk of the network
    if missing:
        raise MediaOffline(
            f"{len(missing)} of {len(frames)} frames are not there, the first is {missing[0].name}",
            hint="Is the disk of the store connected?",
            data={"path": str(missing[0].parent)},
        )
    pool = port.pool()
    with _current_kept(port, pool):
        port.ask(pool, "SetCurrentFolder", folder, wanted=bool)
        asked = {"FilePath": frames.pattern, "StartIndex": frames.first, "EndIndex": frames.last}
        port.listed(pool, "ImportMedia", [asked])
    made = _clip_of(port, folder, frames)
    if made is None:
        raise HostRefused(
            f"Resolve did not import {frames.name}",
            hint="Is this kind of file allowed in your edition, and can Resolve read the folder?",
            data={"path": frames.pattern},
        )
    count = port.may(made, "GetClipProperty", "Frames", wanted=(str, int))
    if count is not None and str(count).isdigit() and int(count) != len(frames):
        raise HostRefused(
            f"Resolve imported {count} of {len(frames)} frames of {frames.name}",
            hint="Take the clip out of the bin and run this again.",
            data={"path": frames.pattern},
        )
    return made


def _clip_of(port: Port, folder: Any, frames: Frames) -> Optional[Any]:
    """The clip of a bin that plays these frames."""
    first = str(frames.path(frames.first))
    for clip in port.listed(folder, "GetClipList"):
        path = port.may(clip, "GetClipProperty", "File Path", wanted=str) or ""
        if path in (first, frames.pattern) or path.startswith(f"{frames.stem}["):
            return clip
    return None


def _child(port: Port, folder: Any, name: str) -> Optional[Any]:
    for child in port.listed(folder, "GetSubFolderList"):
        if port.may(child, "GetName", wanted=str) == name:
            return child
    return None


def _made(port: Port, pool: Any, folder: Any, name: str) -> Any:
    port.may(pool, "AddSubFolder", folder, name, wanted=object)
    found = _child(port, folder, name)
    if found is None:
        raise HostRefused(
            f"Resolve did not make the bin {name}",
            hint="Is the media pool locked by somebody else? Unlock it, then run this again.",
        )
    return found


@contextmanager
def _current_kept(port: Port, pool: Any) -> Iterator[None]:
    before = port.may(pool, "GetCurrentFolder", wanted=object)
    try:
        yield
    finally:
        if before is not None:
            port.may(pool, "SetCurrentFolder", before, wanted=bool)
