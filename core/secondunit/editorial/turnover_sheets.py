"""What goes to the assistant editor with a cut: an edit list for each track, and the count sheet.

The list is CMX3600 as most systems write it: eight letters of reel, ``M2`` for speed, comments for
what has no column. The count sheet has one row for each shot of ours, all of them in one table.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from secondunit_bridge.timing import can_drop, exact_rate, rate_name, to_timecode

from .cut import Cut, CutShot, Transition
from .insert import TRACK

_REEL = re.compile(r"[^A-Z0-9]+")
_REEL_LETTERS = 8  # CMX3600
COLUMNS = (
    "shot", "version", "class", "track", "record in", "record out", "frames", "seconds",
    "first frame", "last frame", "head handle", "tail handle", "speed", "media", "online", "guid",
)  # fmt: skip


@dataclass(frozen=True)
class Sheets:
    """File names and contents, and what a person should know of them."""

    files: dict[str, str]
    remarks: tuple[str, ...]


def sheets(cut: Cut, stem: str) -> Sheets:
    """The edit lists and the count sheet of a cut; ``stem`` begins their names."""
    files: dict[str, str] = {}
    remarks: list[str] = []
    tracks = sorted({(shot.layer, shot.track) for shot in cut.shots})
    for number, (layer, name) in enumerate(tracks, 1):
        short = name if name.startswith(TRACK) else f"V{number}"  # others count without ours
        text, said = edit_list(cut, layer, f"{stem}_{short}")
        files[f"{stem}_{short}.edl"] = text
        remarks += [f"{short} ({name}): {one}" if short != name else f"{name}: {one}"
                    for one in said]  # fmt: skip
    files[f"{stem}_count.csv"] = count_sheet(cut)
    return Sheets(files, tuple(remarks))


def count_sheet(cut: Cut) -> str:
    """Comma-separated, with a head: one row for each shot of ours, then one for the whole."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    ours = [shot for shot in cut.shots if shot.guid or shot.marks.get("version")]
    for shot in ours:
        table.writerow(_row(cut, shot))
    frames = sum(len(shot.record) for shot in ours)
    whole = f"{len(ours)} shots" if len(ours) != 1 else "1 shot"
    span = cut.timecode(cut.start), cut.timecode(cut.last + 1)
    rate = f"{rate_name(cut.rate)} fps"
    seconds = _seconds(frames, cut.rate)
    table.writerow([whole, "", "", "", *span, frames, seconds, *[""] * 5, rate, "", ""])
    return out.getvalue()


def _row(cut: Cut, shot: CutShot) -> list[object]:
    first, last = shot.source
    head, tail = shot.handles
    speed = "" if shot.speed is None else f"{float(shot.speed):g}"
    version = str(shot.marks.get("version") or "")
    name = str(shot.marks.get("shot") or re.sub(r"_v\d+$", "", version) or shot.name)
    return [
        name, version or "none circled", str(shot.marks.get("kind") or ""), shot.track,
        cut.timecode(shot.record.first), cut.timecode(shot.record.last + 1), len(shot.record),
        _seconds(len(shot.record), cut.rate), first, last, "" if head is None else head,
        "" if tail is None else tail, speed, shot.media or "", "yes" if shot.online else "no",
        shot.guid or "",
    ]  # fmt: skip


def edit_list(cut: Cut, layer: int, title: str) -> tuple[str, tuple[str, ...]]:
    """A track as CMX3600, and what the list cannot say of it."""
    drop = cut.drop and can_drop(cut.rate)
    lines = [f"TITLE: {title}", f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}", ""]
    said: list[str] = []
    reels: dict[str, str] = {}
    shots = sorted((s for s in cut.shots if s.layer == layer), key=lambda s: s.record.first)
    joins = {join.at: join for join in cut.transitions if shots and join.track == shots[0].track}
    for number, shot in enumerate(shots, 1):
        into, out_of = joins.get(shot.record.first), joins.get(shot.record.last + 1)
        event = _Event(cut, shot, into.in_offset if into else 0, out_of.in_offset if out_of else 0)
        before = shots[number - 2] if into and number > 1 else None
        lines += _written(number, event, into, before, reels)
        if exact_rate(shot.media_rate) != exact_rate(cut.rate):
            own = rate_name(shot.media_rate)
            said.append(f"the media of {shot.name} has {own} frames a second; the list counts its"
                        f" time at {rate_name(cut.rate)}")  # fmt: skip
        if shot.nested:
            said.append(
                f"{shot.name} lies in the nest {' > '.join(shot.nested)}; it is listed flat"
            )
        if shot.retime in ("curve", "unsupported"):
            said.append(f"{shot.name} has a speed curve, which a list cannot say")
    return "\n".join(lines) + "\n", tuple(said)


@dataclass(frozen=True)
class _Event:
    """A clip as a list counts it: a transition begins ``early`` frames before the cut point, and
    the clip that it leaves ends ``short`` frames before."""

    cut: Cut
    shot: CutShot
    early: int
    short: int

    @property
    def record(self) -> tuple[str, str]:
        """In, and out, which is not played."""
        span = self.shot.record
        return (self.cut.timecode(span.first - self.early),
                self.cut.timecode(span.last + 1 - self.short))  # fmt: skip

    @property
    def source(self) -> tuple[str, str]:
        """In and out of the media, its time counted at the list's one rate."""
        shot, rate = self.shot, self.cut.rate
        pace = Fraction(1) if shot.speed is None else abs(shot.speed)
        long = max(1, -(-(len(shot.record) * pace) // 1))
        before, after = (int(frames * pace) for frames in (self.early, self.short))
        if shot.retime == "reverse":  # it plays from the end of its span
            before, after = after, before
            end = self._counted(shot.source[1] + 1)
            return (to_timecode(max(0, end - int(long) + before), rate),
                    to_timecode(end + after, rate))  # fmt: skip
        first = self._counted(shot.source[0])
        return (to_timecode(max(0, first - before), rate),
                to_timecode(first + int(long) - after, rate))  # fmt: skip

    def _counted(self, frame: int) -> int:
        """A frame of the media as one of the list."""
        if exact_rate(self.shot.media_rate) == exact_rate(self.cut.rate):
            return frame
        return int(frame * self.cut.rate / self.shot.media_rate)


def _written(
    number: int, event: _Event, join: Transition | None, before: CutShot | None,
    reels: dict[str, str],
) -> Iterator[str]:  # fmt: skip
    shot, reel = event.shot, _reel(event.shot, reels)
    source, record = event.source, event.record
    if join is not None and before is not None:
        left = _Event(event.cut, before, 0, join.in_offset).source[1]
        yield _line(number, _reel(before, reels), "C", (left, left), (record[0], record[0]))
        long = join.in_offset + join.out_offset
        yield _line(number, reel, f"D    {long:03}", source, record)
        yield f"* FROM CLIP NAME: {before.name}"
        yield f"* TO CLIP NAME: {shot.name}"
    else:
        yield _line(number, reel, "C", source, record)
        yield f"* FROM CLIP NAME: {shot.name}"
    if shot.speed is not None and shot.speed != 1:
        fps = float(shot.speed * event.cut.rate)
        yield f"M2   {reel:<8}   {fps:0{6 if fps < 0 else 5}.1f}                {source[0]}"
    if shot.media:
        yield f"* SOURCE FILE: {shot.media.replace(chr(92), '/').rpartition('/')[2]}"
    if shot.guid:
        yield f"* SECOND UNIT: {shot.marks.get('version') or shot.name} {shot.guid}"
    yield ""


def _line(number: int, reel: str, kind: str, source: Sequence[str], record: Sequence[str]) -> str:
    return f"{number:03}  {reel:<8} V     {kind:<8} {' '.join((*source, *record))}"


def _reel(shot: CutShot, reels: dict[str, str]) -> str:
    """Eight letters that name the media, the same for the same media and no other."""
    key = shot.media or shot.name
    if key not in reels:
        stem = re.sub(r"\.[^./]*$", "", key.replace("\\", "/").rpartition("/")[2])
        stem = re.sub(r"[._]?%0\d+d$", "", stem)
        name = _REEL.sub("", stem.upper())[:_REEL_LETTERS] or "AX"
        number = 1
        while name in reels.values():
            number += 1
            name = f"{name[: _REEL_LETTERS - len(str(number))]}{number}"
        reels[key] = name
    return reels[key]


def _seconds(frames: int, rate: Fraction) -> str:
    return f"{float(frames / rate):.2f}"
