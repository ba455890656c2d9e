"""The playhead: put to a record frame, and read back. five pages of Resolve have one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.timing import from_timecode

from ..collect.reading import Reading
from ..port import Port
from ..refusals import HostRefused

_PAGES = ("cut", "edit", "color", "fairlight", "deliver")


def go_to(port: Port, reading: Reading, frame: int) -> None:
    """Put the playhead to a record frame; turns to the edit page where the one in front has none.

    Raises HostRefused when it is somewhere else afterwards.
    """
    if port.page() not in _PAGES:
        port.open_page("edit")
    wanted = reading.timecode(frame)
    port.may(reading.timeline, "SetCurrentTimecode", wanted, wanted=bool)
    here = port.may(reading.timeline, "GetCurrentTimecode", wanted=str) or ""
    if _frame(here, reading) != frame:
        raise HostRefused(
            f"the playhead did not go to {wanted}" + (f"; it is at {here}" if here else ""),
            hint="Stop playback and turn to the edit page, then run this again.",
            data={"wanted": wanted, "here": here},
        )


@contextmanager
def kept(port: Port, reading: Reading) -> Iterator[None]:
    """Puts the playhead and the page back where they were, also after an error."""
    page = port.page()
    try:
        yield
    finally:
        go_to(port, reading, reading.playhead)
        if page and port.page() != page:
            port.open_page(page)


def _frame(timecode: str, reading: Reading) -> int:
    try:
        return from_timecode(timecode, reading.rate)
    except SecondUnitError:
        return -1
