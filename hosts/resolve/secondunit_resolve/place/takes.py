"""Takes go into the take selector of our placeholder: nothing ripples, no clip is replaced."""

from __future__ import annotations

from typing import Any, Optional

from ..port import Port
from ..refusals import HostRefused
from .files import Frames


def add_take(port: Port, item: Any, media: Any, frames: Frames, length: int) -> int:
    """Put frames into the selector of a clip of ours; the place they have in it, from 1.

    Frames that are in it already stay where they are. Raises HostRefused when the selector does not
    hold them afterwards, or the clip moved; then what was added is taken out again.
    """
    known = place_of(port, item, media)
    if known is not None:
        return known
    before, where = _takes(port, item), _lies(port, item)
    playing = port.may(item, "GetSelectedTakeIndex", wanted=int) or 0
    for end in (length - 1, length):  # nobody says whether the end is played; the length tells
        port.may(item, "AddTake", media, frames.head, frames.head + end, wanted=bool)
        added = place_of(port, item, media)
        if added is None:
            raise HostRefused(
                f"Resolve did not take {frames.name} into the take selector",
                hint="Open the clip's take selector once by hand, close it, then run this again.",
            )
        if _lies(port, item) == where:
            return added
        port.may(item, "DeleteTakeByIndex", added, wanted=bool)
        if playing:
            port.may(item, "SelectTakeByIndex", playing, wanted=bool)
    left = _lies(port, item) == where
    raise HostRefused(
        f"the clip would move with {frames.name} in it; it was left as it is"
        if left
        else f"the clip moved as {frames.name} came into its take selector",
        hint="Turn off Ripple Takes in the take selector, then run this again."
        if left
        else "Undo in Resolve until it lies where it lay, and turn off Ripple Takes in the take"
        " selector.",
        data={"before": list(where), "takes": before},
    )


def select(port: Port, item: Any, index: int) -> None:
    """Have a take of the selector play. Raises HostRefused when another one still does."""
    port.may(item, "SelectTakeByIndex", index, wanted=bool)
    now = port.may(item, "GetSelectedTakeIndex", wanted=int)
    if now != index:
        raise HostRefused(
            f"Resolve plays take {now or '?'} of the selector and not {index}",
            hint="Choose it in the clip's take selector by hand.",
        )


def place_of(port: Port, item: Any, media: Any) -> Optional[int]:
    """Where the selector of a clip holds a clip of the media pool; None when it does not."""
    wanted = _id(port, media)
    for index in range(1, _takes(port, item) + 1):
        told = port.may(item, "GetTakeByIndex", index, wanted=dict) or {}
        if _id(port, told.get("mediaPoolItem")) == wanted:
            return index
    return None


def _takes(port: Port, item: Any) -> int:
    return int(port.may(item, "GetTakesCount", wanted=int) or 0)


def _lies(port: Port, item: Any) -> tuple[int, int]:
    first = port.whole(item, "GetStart")
    return int(first), port.whole(item, "GetDuration")


def _id(port: Port, media: Any) -> str:
    return port.may(media, "GetMediaId", wanted=str) or "" if media is not None else ""
