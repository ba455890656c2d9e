"""Where an insert may go: the record range asked for and the shots that play beside it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from secondunit_bridge.errors import NoPlace
from secondunit_bridge.timing import FrameRange, from_timecode

from .cut import Cut, CutShot
from .layers import holes, shot_at


@dataclass(frozen=True)
class Place:
    """A record range for an insert, and the shots seen just before and just after it."""

    record: FrameRange
    before: CutShot | None
    after: CutShot | None


def place(cut: Cut, *, at: str = "", after: str = "", frames: int) -> Place:
    """The place that starts at a record timecode, or just after a clip (its name or guid).

    Raises NoPlace when it is not inside the cut, or the clip is not there or not the only one of
    its name; TimecodeWrong and DropFrameMismatch for a timecode the cut does not count in.
    """
    if bool(at) == bool(after):
        raise NoPlace(
            "the insert needs one place, " + ("not two" if at else "and none is given"),
            hint=f"Give a timecode or the clip it comes after. {_whole(cut)}",
        )
    if frames < 1:
        raise NoPlace(f"an insert of {frames} frames is none", hint="Give one frame or more.")
    first = from_timecode(at, cut.rate, drop=cut.drop) if at else _after(cut, after)
    last = first + frames - 1
    if first < cut.start or first > cut.last:
        where = at or f"the frame after {after!r}"
        raise NoPlace(f"{where} is not in the cut", hint=_whole(cut), data=_data(cut))
    if last > cut.last:
        raise NoPlace(
            f"{frames} frames from {cut.timecode(first)} on go beyond the end of the cut",
            hint=f"There is room for {cut.last - first + 1} frames. {_whole(cut)}",
            data=_data(cut),
        )
    record = FrameRange(first, last, cut.rate)
    return Place(record, shot_at(cut, first - 1), shot_at(cut, last + 1))


def _after(cut: Cut, name: str) -> int:
    found = [shot for shot in cut.shots if name in (shot.guid, shot.name)]
    if len(found) == 1:
        return found[0].record.last + 1
    if found:
        listed = "; ".join(_where(cut, shot) for shot in found[:8])
        raise NoPlace(
            f"{len(found)} clips are called {name!r}",
            hint=f"Give a timecode instead. They play at: {listed}",
            data={"clips": [_where(cut, shot) for shot in found]},
        )
    names = list(dict.fromkeys(shot.name for shot in cut.shots))
    near = difflib.get_close_matches(name, names, n=4, cutoff=0.5) or names[:8]
    raise NoPlace(
        f"no clip is called {name!r}",
        hint="Clips of the cut: " + (", ".join(near) or "none"),
        data={"clips": names[:50]},
    )


def _where(cut: Cut, shot: CutShot) -> str:
    times = cut.timecode(shot.record.first), cut.timecode(shot.record.last)
    return f"{shot.track} {times[0]} to {times[1]}"


def _whole(cut: Cut) -> str:
    if not cut.length:
        return "The cut is empty."
    return f"The cut runs from {cut.timecode(cut.start)} to {cut.timecode(cut.last)}."


def _data(cut: Cut) -> dict[str, object]:
    return {
        "cut": [cut.start, cut.last],
        "holes": [[hole.first, hole.last] for hole in holes(cut)[:50]],
    }
