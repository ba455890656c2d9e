"""The page of a changed picture lock: what became of each shot, before anything is made.

No network, no scripts, no pictures: it is there at once, and opens no media.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from secondunit_bridge.saying import counted

from ...editorial import Cut, CutShot
from ...editorial.recut import FIRST, Change, Item, Recut
from .filled import filled

MOST = 300  # rows of clips of others; the console and --json have all
# How a class is seen: work to do, an approval that lapses, nothing to do.
_WORK = (Change.source_swapped, Change.extended_beyond, Change.retimed, Change.omitted)
_CALM = (Change.same, Change.moved)
_APPROVALS = {
    Change.same: "stays", Change.moved: "stays", Change.omitted: "parked until the shot is back",
    Change.split: "stays where all of it is shown, else stale",
    Change.duplicated: "stays where all of it is shown, else stale",
    Change.added: "none yet",
}  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """A stretch of a lane: where it begins and how long it is, in percent of the lane."""

    left: float
    width: float
    kind: str
    says: str


@dataclass(frozen=True)
class Row:
    """One shot: what became of it, where it was and is, and its frames as a lane."""

    name: str
    change: str
    kind: str  # work, lapse or calm
    was: str
    now: str
    note: str
    approval: str
    frames: tuple[Bar, ...] = ()
    ends: tuple[str, str] = ("", "")  # numbers of the lane's first and last frame


@dataclass(frozen=True)
class Lock:
    """Everything on the page, top to bottom."""

    title: str
    line: str
    make: int
    facts: tuple[tuple[str, str], ...]
    lanes: tuple[tuple[str, tuple[Bar, ...]], ...]
    ours: tuple[Row, ...]
    others: tuple[Row, ...]
    left_out: int


def write_lock(cuts: tuple[Cut, Cut], found: Recut, words: dict[str, str], path: Path) -> None:
    """Write the page, UTF-8, every text escaped. ``words`` are classes as people read them.

    Raises OSError when it cannot be written.
    """
    page = filled("lock.html", {"counted": counted}, lock=lock_of(cuts, found, words))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def lock_of(cuts: tuple[Cut, Cut], found: Recut, words: dict[str, str]) -> Lock:
    """What the page says of a comparison."""
    ours = [item for item in found.items if item.guid]
    others = [item for item in found.items if not item.guid]
    changed = [item for item in others if item.change not in _CALM]
    rows = [_row(cuts, item, words) for item in ours]
    rows.sort(key=lambda row: ("work", "lapse", "calm").index(row.kind))
    facts = (
        ("shots of ours", str(len(ours))),
        ("of them to be seen to", str(sum(item.change not in _CALM for item in ours))),
        ("frames to make", str(found.generate_frames)),
        ("clips of others", str(len(others))),
        ("of them changed", str(len(changed))),
    )
    return Lock(
        found.new, f"Compared with {found.old}." if found.old != found.new else "",
        found.generate_frames, facts, tuple(_lanes(cuts, found)), tuple(rows),
        tuple(_row(cuts, item, words) for item in changed[:MOST]), max(0, len(changed) - MOST),
    )  # fmt: skip


def _row(cuts: tuple[Cut, Cut], item: Item, words: dict[str, str]) -> Row:
    old, new = cuts
    bars, ends = _frames(item) if item.guid else ((), ("", ""))
    approval = _APPROVALS.get(item.change, "stale") if item.guid else ""
    return Row(
        item.name, words.get(item.change.value, item.change.value), _kind(item),
        _span(old, item.old) if item.old else "", ", ".join(_span(new, use) for use in item.new),
        item.remarks, approval, bars, ends,
    )  # fmt: skip


def _kind(item: Item) -> str:
    if item.change in _WORK or (item.guid and item.missing):
        return "work"
    return "calm" if item.change in _CALM else "lapse"


def _span(cut: Cut, shot: CutShot) -> str:
    return f"{cut.timecode(shot.record.first)} - {cut.timecode(shot.record.last)}"


def _frames(item: Item) -> tuple[tuple[Bar, ...], tuple[str, str]]:
    """The frames of a version and those it lacks, side by side: kept, in the handles, to make."""
    there = item.old.available if item.old else None
    last = FIRST + there[1] - there[0] if there else FIRST
    spans = [*item.keep, *item.missing, *([(FIRST, last)] if there else [])]
    if not spans:
        return (), ("", "")
    low, high = min(a for a, _ in spans), max(b for _, b in spans)
    every = [("there", (FIRST, last))] if there else []
    every += [("keep", span) for span in item.keep] + [("make", span) for span in item.missing]
    bars = tuple(
        Bar(_share(a - low, high - low + 1), _share(b - a + 1, high - low + 1), kind,
            f"{_WORDS[kind]}: {a} to {b}")
        for kind, (a, b) in every
    )  # fmt: skip
    return bars, (str(low), str(high))


_WORDS = {"there": "delivered, not shown now", "keep": "kept as they are", "make": "to be made"}


def _lanes(cuts: tuple[Cut, Cut], found: Recut) -> Iterator[tuple[str, tuple[Bar, ...]]]:
    """Both cuts: ours above, the clips of others below."""
    first = min(cut.start for cut in cuts)
    long = max(cut.last for cut in cuts) - first + 1
    for word, shots in (
        ("was", [(item, item.old) for item in found.items if item.old]),
        ("is", [(item, use) for item in found.items for use in item.new]),
    ):
        for whose, mine in (("ours", True), ("others", False)):
            chosen = [(item, shot) for item, shot in shots if bool(item.guid) is mine]
            yield f"{word}, {whose}", tuple(_bars(chosen, first, long, mine=mine))


def _bars(
    shots: Sequence[tuple[Item, CutShot]], first: int, long: int, *, mine: bool
) -> Iterator[Bar]:
    for item, shot in shots:
        kind = _kind(item) if mine or item.change not in _CALM else "quiet"
        yield Bar(_share(shot.record.first - first, long), _share(len(shot.record), long),
                  kind if mine else f"theirs {kind}", item.name)  # fmt: skip


def _share(part: int, whole: int) -> float:
    return round(100 * part / max(1, whole), 4)
