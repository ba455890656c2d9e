"""Compares a cut with its re-cut: what became of each shot, what is kept and what is missing.

No media are opened: offline cuts compare as well. The first class that holds names a shot, in the
order of ``Change``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby

from .beside import Seen, Sides, turned
from .cut import Cut, CutShot
from .following import Followed, followed, same_source

FIRST = 1001  # number of a delivered version's first frame: the first of its head handle
HANDLES = 8  # frames; with fewer left an editor is warned

Spans = tuple[tuple[int, int], ...]


class Change(Enum):
    """What became of a shot. Table of the lock change; where several hold, the first is meant."""

    source_swapped = "source_swapped"  # other media in its place
    omitted = "omitted"  # it is in the cut no more
    retimed = "retimed"  # another speed, another direction, another curve
    split = "split"  # it is in several pieces
    duplicated = "duplicated"  # the same frames are used several times
    same = "same"
    moved = "moved"  # the same frames, at another place of the record
    slipped = "slipped"  # as long as before, but of other frames
    extended_beyond = "extended_beyond"  # it shows frames that were never made
    extended_in_handles = "extended_in_handles"  # it shows frames of the handles
    trimmed = "trimmed"
    added = "added"  # it was not in the old cut


@dataclass(frozen=True)
class Item:
    """One shot of the old cut, or one that is new.

    ``keep`` and ``missing`` are frames that the new cut shows: those that are there, byte for byte
    as they are, and those that must be made. Of a shot with a GUID they are numbers of the
    delivered version, of other clips of their media. ``handles`` are frames left before and after,
    None where the cut does not say how much there is. ``beside`` says of a shot of ours on which
    side another picture plays than before.
    """

    name: str
    guid: str | None
    change: Change
    old: CutShot | None
    new: tuple[CutShot, ...] = ()
    keep: Spans = ()
    missing: Spans = ()
    handles: tuple[int | None, int | None] = (None, None)
    note: str = ""
    beside: Sides = ()

    @property
    def remarks(self) -> str:
        """The note, and the cut points that are to be looked at again."""
        looks = [f"look at the cut point: {sentence}" for _, sentence in self.beside]
        return "; ".join([self.note] * bool(self.note) + looks)


@dataclass(frozen=True)
class Recut:
    """The comparison of two cuts."""

    old: str
    new: str
    items: tuple[Item, ...]

    @property
    def generate_frames(self) -> int:
        """Frames of our own shots that must be made."""
        return sum(
            last - first + 1
            for item in self.items if item.guid is not None
            for first, last in item.missing
        )  # fmt: skip


def compare(old: Cut, new: Cut) -> Recut:
    """What became of every shot of ``old`` in ``new``, in the order of the old cut; then what is
    new, in the order of the new one."""
    follow = followed(old.shots, new.shots)
    items = [_item(one) for one in follow.shots]
    was, now = Seen(old), Seen(new)
    items = [
        replace(item, beside=turned(was, now, item.old, item.new)) if item.guid and item.old
        else item for item in items
    ]  # fmt: skip
    items += [_added(shot) for shot in follow.added]
    return Recut(old.name, new.name, tuple(items))


def recut_json(recut: Recut) -> dict[str, object]:
    """What ``secondunit recut OLD NEW --json`` prints."""
    return {
        "old": recut.old,
        "new": recut.new,
        "items": [
            {
                "guid": item.guid,
                "name": item.name,
                "class": item.change.value,
                "keep": [list(span) for span in item.keep],
                "missing": [list(span) for span in item.missing],
                "handles": list(item.handles),
                "note": item.note,
                "beside": dict(item.beside),
            }
            for item in recut.items
        ],
        "generate_frames": recut.generate_frames,
    }


def _item(one: Followed) -> Item:
    old, uses = one.old, one.new
    name = uses[0].name if len(uses) == 1 else old.name
    change = _change(one)
    if change is Change.source_swapped:
        every = spans_of(numbered(old, old.frames))
        return Item(name, old.guid, change, old, uses, missing=every if old.guid else (),
                    note=f"another source: {_source(uses[0])} for {_source(old)}")  # fmt: skip
    if change is Change.omitted:
        return Item(name, old.guid, change, old, note="its files are kept")
    shown = sorted({number for use in uses for number in use.frames})
    there = _delivered(old)
    keep = [n for n in shown if there is None or there[0] <= n <= there[1]]
    missing = sorted(set(shown) - set(keep))
    handles = _left(there, shown)
    return Item(
        name, old.guid, change, old, uses, spans_of(numbered(old, keep)),
        spans_of(numbered(old, missing)), handles, _note(one, change, handles, missing),
    )  # fmt: skip


def _added(shot: CutShot) -> Item:
    ours = "a new shot: give it a code between its neighbours'" if shot.guid else ""
    return Item(shot.name, shot.guid, Change.added, None, (shot,), note=ours)


def _change(one: Followed) -> Change:
    old, uses = one.old, one.new
    if any(not same_source(old, use) for use in uses):
        return Change.source_swapped
    if not uses:
        return Change.omitted
    if any(_repaced(old, use) for use in uses):
        return Change.retimed
    if len(uses) > 1:
        return Change.split if _apart(uses) else Change.duplicated
    return _changed(old, uses[0])


def _changed(old: CutShot, new: CutShot) -> Change:
    """One clip, of one source, at one speed."""
    if _content(old) == _content(new):
        return Change.same if old.record.first == new.record.first else Change.moved
    if len(old.record) == len(new.record):
        return Change.slipped
    before, after, there = set(old.frames), set(new.frames), _delivered(old)
    if there and any(not there[0] <= number <= there[1] for number in after):
        return Change.extended_beyond
    return Change.trimmed if after <= before else Change.extended_in_handles


def _repaced(old: CutShot, new: CutShot) -> bool:
    """It plays at another speed, or in a cut of another rate that shows its frames otherwise."""
    if _pace(old) != _pace(new):
        return True
    if old.media_rate * new.record.rate == new.media_rate * old.record.rate:
        return False
    before, now = old.frames, new.frames
    return any(a - before[0] != b - now[0] for a, b in zip(before, now, strict=False))


def _pace(shot: CutShot) -> tuple[object, ...]:
    """What tells one speed change from another. Curves are compared by what they show."""
    if shot.retime in ("none", "constant", "reverse", "freeze"):
        return shot.retime, shot.speed
    return shot.retime, shot.source, len(shot.record)


def _content(shot: CutShot) -> tuple[object, ...]:
    return shot.frames or shot.source, len(shot.record)


def _apart(uses: Sequence[CutShot]) -> bool:
    """No frame is shown by two of them."""
    every = [number for use in uses for number in set(use.frames)]
    return len(every) == len(set(every))


def _delivered(shot: CutShot) -> tuple[int, int] | None:
    """The frames that there are: as the cut says, else of a shot of ours those it showed."""
    if shot.available is not None:
        return shot.available
    return shot.source if shot.guid else None


def _left(there: tuple[int, int] | None, shown: Sequence[int]) -> tuple[int | None, int | None]:
    if there is None or not shown:
        return None, None
    return max(0, shown[0] - there[0]), max(0, there[1] - shown[-1])


def numbered(shot: CutShot, numbers: Iterable[int]) -> list[int]:
    """Frames of a version of ours by its own numbers; of other media by theirs."""
    there = _delivered(shot)
    if shot.guid is None or there is None:
        return sorted(set(numbers))
    return sorted({number - there[0] + FIRST for number in numbers})


def spans_of(numbers: Sequence[int]) -> Spans:
    """Runs of numbers that follow each other: first and last of each."""
    runs = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    ends = [[number for _, number in run] for _, run in runs]
    return tuple((run[0], run[-1]) for run in ends)


def _source(shot: CutShot) -> str:
    return (shot.media or shot.name).replace("\\", "/").rpartition("/")[2]


def _note(
    one: Followed, change: Change, handles: tuple[int | None, int | None], missing: Sequence[int]
) -> str:
    said = []
    if missing and one.old.guid:
        said.append(f"{_frames(len(missing))} to make")
    elif missing:
        said.append(f"the media has {_frames(len(missing))} too few")
    if change not in (Change.same, Change.moved) and one.old.guid:
        few = [f"{left} at the {end}" for end, left in zip(("head", "tail"), handles, strict=True)
               if left is not None and left < HANDLES]  # fmt: skip
        if few:
            said.append(f"handles left: {', '.join(few)}")
    if one.newer:
        said.append(f"another version: {one.newer}")
    if len(one.new) > 1:
        said.append(f"used {len(one.new)} times")
    return "; ".join(said)


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"
