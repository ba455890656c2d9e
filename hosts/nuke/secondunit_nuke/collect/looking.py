"""What a node's inputs are, before anything is written: ranges, sizes, and what stands against it.

Nothing in the script changes here. Every refusal names what is, and what to do.
"""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, List, Optional, Tuple

from secondunit_bridge.errors import (
    FramesMissing,
    MatteMissing,
    NotPermitted,
    OverLimits,
    PathRefused,
    TurnoverRejected,
)
from secondunit_bridge.timing import exact_rate

from ..node import INPUTS, Wish
from ..spaces import plain_name, working
from .cryptomattes import Cryptomatte, chosen

if TYPE_CHECKING:
    from ..host import Nuke

_NUMBER = re.compile(r"%0?\d*d|#+")
_THROUGH = ("Dot", "NoOp")


@dataclass(frozen=True)
class Files:
    """Files that can be handed over as they lie: a Read that changes nothing but colour."""

    pattern: str  # with %04d
    knob: str  # of the colour space; empty: raw
    space: str
    offset: int  # the file's number less the script's frame


@dataclass(frozen=True)
class Looked:
    """All that was found."""

    cut: Tuple[int, int]  # the script's frames, handles not included
    head: int  # handles that the plate has
    tail: int
    rate: Fraction
    width: int
    height: int
    aspect: float
    working: str
    plate: Optional[Files]  # None: it must be written out
    matte: Optional[Files]
    crypto: Optional[Cryptomatte]  # that the matte is taken from by names
    frame_bytes: int  # uncompressed, of all that must be written for one frame
    matted: bool  # a matte is connected, or named
    drawn: Optional[Tuple[int, int]]  # the matte's bounds on the frame shown; None: the picture
    said: Tuple[str, ...] = ()

    @property
    def frames(self) -> Tuple[int, int]:
        """With handles."""
        return self.cut[0] - self.head, self.cut[1] + self.tail

    @property
    def count(self) -> int:
        """How many frames are handed over."""
        return self.frames[1] - self.frames[0] + 1

    @property
    def bytes(self) -> int:
        """Room that is needed for what must be written, uncompressed."""
        return self.count * self.frame_bytes


def look(nuke: Nuke, node: Any, asked: Wish, cut: Optional[Tuple[int, int]] = None) -> Looked:
    """What the node would hand over; ``cut`` instead of what its range says.

    Raises TurnoverRejected and its leaves, NotPermitted.
    """
    _script_ready(nuke)
    plate = _input(node, "plate")
    if plate is None:
        raise TurnoverRejected("no plate is connected", hint="Connect the plate input.")
    matte = matte_input(node, asked)
    if asked.work == "plate" and matte is None:
        raise MatteMissing(
            "no matte is connected: nothing says what may change",
            hint="Connect a Roto to the matte input; 1 is where the picture may change. Or name"
            " objects of a Cryptomatte.",
        )
    root = nuke.root()
    wanted, (head, tail) = _range(plate, asked, cut, root)
    space = working(root)
    frames = (wanted[0] - head, wanted[1] + tail)
    size = plate.format()
    crypto = chosen(matte, asked) if asked.cryptomatte else None
    files = unchanged(plate, frames, space)
    matte_files = unchanged(matte, frames, space) if matte is not None else None
    if matte is not None and crypto is None:
        _channel_there(matte, asked.matte_channel or "rgba.alpha")
    found = Looked(
        wanted, head, tail, exact_rate(float(root["fps"].value())),
        int(size.width()), int(size.height()), float(size.pixelAspect()), space,
        files, matte_files, crypto,
        _plate_bytes(plate, files) + _matte_bytes(matte, matte_files, crypto),
        matte is not None, _drawn(matte, size),
        tuple(_said(plate, size, asked, head, tail)),
    )  # fmt: skip
    _sizes_agree(node, found)
    return found


def _channel_there(matte: Any, channel: str) -> None:
    there = [str(one) for one in matte.channels()]
    if not there or channel in there or f"rgba.{channel}" in there:  # none: Nuke cannot say
        return
    near = difflib.get_close_matches(channel, there, n=5, cutoff=0.4) or there[:8]
    raise MatteMissing(
        f"{matte.name()} has no channel {channel}: nothing says what may change",
        hint=f"Set the node's matte channel to one it has: {', '.join(near)}.",
        data={"channels": there},
    )


def _range(
    plate: Any, asked: Wish, cut: Optional[Tuple[int, int]], root: Any
) -> Tuple[Tuple[int, int], Tuple[int, int]]:
    """The frames that are wanted, and the handles that the plate has. Raises FramesMissing."""
    whole = (int(plate.frameRange().first()), int(plate.frameRange().last()))
    wanted = cut or _span(asked, whole, root)
    missing = [n for n in (wanted[0], wanted[1]) if not whole[0] <= n <= whole[1]]
    if missing:
        raise FramesMissing(
            f"the plate has frames {whole[0]} to {whole[1]}, not {missing[0]}",
            hint="Choose a range that the plate has.",
            data={"there": list(whole), "asked": list(wanted)},
        )
    return wanted, (min(asked.head, wanted[0] - whole[0]), min(asked.tail, whole[1] - wanted[1]))


def matte_input(node: Any, asked: Wish) -> Any:
    """Where the matte comes from; names of a Cryptomatte may be the plate's own. None for none."""
    source = _input(node, "matte")
    return _input(node, "plate") if source is None and asked.cryptomatte else source


def unchanged(node: Any, frames: Tuple[int, int], space: str) -> Optional[Files]:
    """The files behind an input when nothing is done to them on the way; None otherwise.

    Raises FramesMissing when the files of some frames are not there.
    """
    while node is not None and (str(node.Class()) in _THROUGH or _is_off(node)):
        node = node.input(0)
    if node is None or str(node.Class()) != "Read" or node.knob("file").hasExpression():
        return None
    path, off = str(node["file"].value()), node.knob("disable")
    if (off is not None and off.value()) or not _whole(path):
        return None
    if not path.lower().endswith(".exr") or not _NUMBER.search(path) or _is_code(path):
        return None
    mode, frame = str(node["frame_mode"].value()), str(node["frame"].value()).strip()
    offset = 0
    if frame:
        if not re.fullmatch(r"[+-]?\d+", frame) or mode == "expression":
            return None
        offset = int(node["first"].value()) - int(frame) if mode == "start at" else int(frame)
    if node["premultiplied"].value() or node["auto_alpha"].value():
        return None
    if not _shown_as_files(node, frames, offset):
        return None
    _files_there(str(node.name()), path, frames, offset)
    raw = bool(node["raw"].value())
    knob = "" if raw else str(node["colorspace"].value())
    return Files(_pattern(path), knob, space if raw else plain_name(knob), offset)


def _script_ready(nuke: Nuke) -> None:
    path = nuke.script()
    if not path:
        raise PathRefused(
            "the script was never saved",
            hint="Save it first: plates and versions are kept beside it.",
        )
    folder = Path(path).parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotPermitted(
            f"this user may not write in {folder}",
            hint="Save the script where you may write: plates and versions are kept beside it.",
        )
    views = nuke.views()
    if len(views) > 1:
        raise TurnoverRejected(
            f"the script has {len(views)} views: {', '.join(views)}",
            hint="Where only one is real, delete the other in the project settings. Else shoot each"
            " eye in a script of one view, and join them: docs/nuke.md says how.",
            data={"views": list(views)},
        )
    if nuke.root()["proxy"].value():
        raise TurnoverRejected(
            "proxy mode is on: the plate would be handed over small",
            hint="Turn it off in the viewer (Ctrl+P), then try again.",
        )


def _span(asked: Wish, whole: Tuple[int, int], root: Any) -> Tuple[int, int]:
    if asked.span == "custom":
        if asked.last < asked.first:
            raise TurnoverRejected(
                f"the range ends ({asked.last}) before it starts ({asked.first})",
                hint="Set first and last of the node.",
            )
        return asked.first, asked.last
    if asked.span == "script":
        return int(root["first_frame"].value()), int(root["last_frame"].value())
    return whole


def _plate_bytes(plate: Any, files: Optional[Files]) -> int:
    """Of one frame that must be written: every channel, as half, over the data window."""
    return 0 if files is not None else _area(plate) * 2 * len(plate.channels())


def _matte_bytes(matte: Any, files: Optional[Files], crypto: Optional[Cryptomatte]) -> int:
    if matte is None or files is not None:
        return 0
    return _area(matte) * (4 * 4 * len(crypto.layers) if crypto is not None else 2)


def _drawn(matte: Any, size: Any) -> Optional[Tuple[int, int]]:
    """Columns and rows of a matte's data window, as Nuke knows them without a render.

    Of the frame that is shown: a matte that moves lies elsewhere on others.
    """
    if matte is None:
        return None
    box = matte.bbox()
    bounds = min(int(box.w()), int(size.width())), min(int(box.h()), int(size.height()))
    return bounds if bounds[0] * bounds[1] < size.width() * size.height() else None


def _area(source: Any) -> int:
    """Pixels of an input: its format, or its data window on the frame shown if that is larger."""
    box, size = source.bbox(), source.format()
    return max(int(box.w()) * int(box.h()), int(size.width()) * int(size.height()))


def _sizes_agree(node: Any, found: Looked) -> None:
    source = _input(node, "matte")
    if source is None:
        return
    size = source.format()
    if (int(size.width()), int(size.height())) != (found.width, found.height):
        raise OverLimits(
            f"the matte is {size.width()} x {size.height()} and the plate"
            f" {found.width} x {found.height}",
            hint="Reformat the matte to the plate; a plate is never scaled.",
        )


def _said(plate: Any, size: Any, asked: Wish, head: int, tail: int) -> List[str]:
    said = []
    if float(size.pixelAspect()) != 1.0:
        said.append(f"Pixels are {size.pixelAspect():g} wide; they are kept as they are.")
    box = plate.bbox()
    inside = box.x() >= 0 and box.y() >= 0
    inside = inside and box.x() + box.w() <= size.width() and box.y() + box.h() <= size.height()
    if not inside:
        said.append("The plate has overscan, which is kept and not changed.")
    if head < asked.head or tail < asked.tail:
        said.append(f"The plate has room for handles of {head} and {tail} only.")
    return said


def _shown_as_files(read: Any, frames: Tuple[int, int], offset: int) -> bool:
    """No frame is a held, looped or black one: a matte of one frame is held for a whole shot."""
    first, last = int(read["first"].value()), int(read["last"].value())
    return first <= frames[0] + offset and frames[1] + offset <= last


def _files_there(name: str, path: str, frames: Tuple[int, int], offset: int) -> None:
    missing = [
        n for n in range(frames[0], frames[1] + 1) if not Path(_of(path, n + offset)).is_file()
    ]
    if missing:
        raise FramesMissing(
            f"{len(missing)} of {frames[1] - frames[0] + 1} frames of {name} are not on disk,"
            f" the first is {missing[0]}",
            hint="Put them back, or choose a range that is there.",
            data={"missing": runs(missing)},
        )


def runs(numbers: List[int]) -> List[List[int]]:
    """Numbers in order as ``[first, last]`` pairs."""
    out: List[List[int]] = []
    for number in numbers:
        if out and number == out[-1][1] + 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return out


def _of(path: str, number: int) -> str:
    path = re.sub(r"%0?(\d*)d", lambda m: f"{number:0{m[1] or 1}d}", path)
    return re.sub(r"#+", lambda m: f"{number:0{len(m[0])}d}", path)


def _pattern(path: str) -> str:
    return re.sub(r"#+", lambda m: f"%0{len(m[0])}d", path)


def _whole(path: str) -> bool:
    """It says by itself where the files lie; else only Nuke knows."""
    return PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()


def _is_code(path: str) -> bool:
    """TCL, or a file for each view."""
    return bool(re.search(r"[\[$]|%[vV]", path))


def _is_off(node: Any) -> bool:
    knob = node.knob("disable")
    return str(node.Class()) != "Read" and knob is not None and bool(knob.value())


def _input(node: Any, name: str) -> Any:
    return node.input(INPUTS.index(name))
