"""What a cut shows of each of our shots, in words that two cuts can be compared by.

An approval was given for what a cut showed. The same frames at another place are still approved,
so are two uses of them; other frames, another length, speed or source are not.
"""

from __future__ import annotations

from collections.abc import Iterable

from secondunit_bridge.recutting import Recutting

from .cut import CutShot
from .following import family
from .recut import Change, Item, Recut, numbered, spans_of

# Where several items are about one shot: what matters most is told of it.
_ORDER = (Change.source_swapped, Change.retimed, Change.slipped, Change.extended_beyond,
          Change.extended_in_handles, Change.trimmed, Change.split, Change.duplicated, Change.moved,
          Change.same, Change.added, Change.omitted)  # fmt: skip


def followed_shots(recut: Recut) -> tuple[Recutting, ...]:
    """What the daemon is told of every shot of ours that is in one of the cuts, each once."""
    items: dict[str, list[Item]] = {}
    for item in recut.items:
        if item.guid:
            items.setdefault(item.guid, []).append(item)
    return tuple(_recutting(guid, found) for guid, found in items.items())


def _recutting(guid: str, items: list[Item]) -> Recutting:
    changes = {item.change for item in items}
    olds = [(item.old, item.old) for item in items if item.old]
    news = [(item.old or use, use) for item in items for use in item.new]
    return Recutting(
        shot=guid,
        change=min(changes, key=_ORDER.index).value,
        was=_shown(olds),
        now=_shown(news),
        version=_version([use for _, use in news] or [old for _, old in olds]),
        keep=_joined(span for item in items for span in item.keep),
        missing=_joined(span for item in items for span in item.missing),
    )


def _shown(uses: list[tuple[CutShot, CutShot]]) -> str:
    """``1009-1048 of SQ_0010``, and its speed where it has one. Each use beside the clip that says
    how many frames were delivered."""
    said: dict[str, set[int]] = {}
    for base, use in uses:
        frames = use.frames or range(use.source[0], use.source[1] + 1)
        said.setdefault(_manner(base, use), set()).update(numbered(base, frames))
    parts = []
    for manner, numbers in sorted(said.items()):
        spans = ",".join(f"{a}-{b}" if a != b else f"{a}" for a, b in spans_of(sorted(numbers)))
        parts.append(f"{spans} {manner}".strip())
    return "; ".join(parts)


def _manner(base: CutShot, use: CutShot) -> str:
    """Of which source it plays, and how fast where that is not its own speed."""
    source = use.media or base.media
    words = [f"of {family(source).partition('.')[0]}"] if source else []
    if use.retime != "none":
        words.append(use.retime if use.speed is None else f"{use.retime} {float(use.speed):g}")
        if use.speed is None or len(set(use.frames)) != len(use.frames):
            words.append(f"for {len(use.record)}")  # frames of the record: they do not follow
    return " ".join(words)


def _joined(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return spans_of(sorted({n for first, last in spans for n in range(first, last + 1)}))


def _version(uses: list[CutShot]) -> str:
    """The version that is played, by its mark; empty where uses disagree or do not say."""
    said = {str(use.marks.get("version") or "") for use in uses}
    return said.pop() if len(said) == 1 else ""
