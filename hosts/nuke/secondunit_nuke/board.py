"""What the panel shows, made ready whenever something changed: widgets only read it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Mapping, Optional, Sequence, Tuple

from secondunit_bridge.estimating import HERE, money_said, needs_said, remarks_said
from secondunit_bridge.film import Take, TakeState, Version
from secondunit_bridge.saying import STATES, UNDER_WAY, Said, counted, findings_said, sentence

from .collect.looking import Looked
from .place.cutting import lacking
from .state import State

MOST_TAKES = 24  # of a node; older ones are listed by `secondunit takes`
_LOOKING = Said("Looking for the daemon.")
_THERE = (TakeState.pending_review, TakeState.blocked, TakeState.circled)
_LOST = (TakeState.failed, TakeState.cancelled, TakeState.rejected, TakeState.junk)


@dataclass(frozen=True)
class FindingRow:
    """One finding of a take that a person should see. ``open`` ones keep it from being circled."""

    id: str
    outcome: str
    text: str
    open: bool


@dataclass(frozen=True)
class TakeRow:
    """One take of a node."""

    id: str
    title: str
    state: TakeState
    said: str
    now: str  # what is being done to it, in the generator's words
    done: Optional[float]  # 0..1 while it is shot
    seed: int
    picture: str  # path of a JPEG, or empty
    findings: Tuple[FindingRow, ...]
    remarks: Tuple[str, ...]
    version: str  # name of the version it was published as
    placed: bool = False
    draft: bool = False  # there to choose by
    finished: bool = False  # a draft whose finish was asked for

    @property
    def can_circle(self) -> bool:
        """It was shot, and nothing keeps it from being chosen."""
        return self.state is TakeState.pending_review

    @property
    def can_finish(self) -> bool:
        """A draft that was chosen, or can be, and was not shot at full quality yet."""
        chosen = self.state in (TakeState.circled, TakeState.pending_review)
        return self.draft and not self.finished and chosen

    @property
    def under_way(self) -> bool:
        """It can be stopped."""
        return self.state in UNDER_WAY


@dataclass(frozen=True)
class NodeRow:
    """One Second Unit node of the script."""

    name: str  # full name in the script
    guid: str
    title: str
    placed: str
    lacks: str  # what the cut lacks, as a sentence; empty when nothing
    missing: int
    view: str
    takes: Tuple[TakeRow, ...]
    problem: str = ""
    generator: str = ""
    asked: str = ""  # where all that is missing was asked for: what is waited for


@dataclass(frozen=True)
class Board:
    """Everything the panel shows."""

    daemon: Said = _LOOKING
    connected: bool = False
    generators: Tuple[str, ...] = ()
    nodes: Tuple[NodeRow, ...] = ()
    said: Tuple[Said, ...] = ()
    estimates: Tuple[Tuple[str, Tuple[str, ...]], ...] = ()  # by node
    serial: int = 0

    def node(self, name: str) -> Optional[NodeRow]:
        """A node by its full name."""
        return next((one for one in self.nodes if one.name == name), None)


def node_row(
    name: str,
    now: State,
    view: str,
    takes: Sequence[Take],
    versions: Sequence[Version],
    progress: Mapping[str, Tuple[float, str]],
    pictures: Mapping[str, str],
) -> NodeRow:
    """A node with its takes, the newest first."""
    named = {version.take: version.name for version in versions}
    there = {piece.take for piece in now.pieces}
    lost = ("", *(take.id for take in takes if take.state in _LOST))
    newest = sorted(takes, key=lambda take: (take.shot != now.guid, -take.number))
    rows = tuple(
        replace(
            _take_row(take, now, named.get(take.id, ""), progress, pictures),
            placed=take.id in there,
            finished=now.finish_of(take.id) not in lost,
        )
        for take in newest[:MOST_TAKES]
    )
    lacks = lacking(now)
    missing = lacks.count if lacks is not None else 0
    title = f"{now.sequence} {now.code}".strip() or "not turned over yet"
    words = lacks.sentence if lacks is not None and missing else ""
    asked = _asked(now, lacks.missing, takes) if lacks is not None else ""
    return NodeRow(name, now.guid, title, now.standing, words, missing, view, rows, asked=asked)


def _asked(now: State, missing: Sequence[Tuple[int, int]], takes: Sequence[Take]) -> str:
    """What is waited for; empty while frames are missing that nobody asked for."""
    extends = {one.guid: one.show for one in now.asked if one.guid != now.guid}
    shot = {extends[take.shot] for take in takes if take.shot in extends and take.state in _THERE}
    shooting = {extends[t.shot] for t in takes if t.shot in extends and t.state in UNDER_WAY}
    if not missing or not set(missing) <= shot | shooting:
        return ""
    return "They are being shot." if set(missing) & shooting else "Circle the take that has them."


def _take_row(
    take: Take,
    now: State,
    version: str,
    progress: Mapping[str, Tuple[float, str]],
    pictures: Mapping[str, str],
) -> TakeRow:
    under_way = take.state in UNDER_WAY
    done, says = progress.get(take.id, (None, "")) if under_way else (None, "")
    told = (*([take.junk_reason] if take.junk_reason else []), *take.remarks)
    remarks = tuple(dict.fromkeys(sentence(text) for text in told))
    return TakeRow(
        take.id, _title(take, now), take.state, STATES[take.state], says, done,
        take.seed, pictures.get(take.id, ""), _findings(take), remarks, version,
        draft=take.id in now.drafts,
    )  # fmt: skip


def _title(take: Take, now: State) -> str:
    """Its number, and after two blanks what it is besides a take of the shot."""
    more = []
    asked = now.asked_for(take.shot)
    if take.shot != now.guid and asked is not None:
        more.append(f"extends {asked.show[0]}-{asked.show[1]}")
    draft = now.draft_of(take.id)
    if draft:
        more.append(f"finish of take {draft.rpartition('.')[2]}")
    elif take.id in now.drafts:
        more.append("draft")
    return "  ".join((f"Take {take.number}", *more))


def _findings(take: Take) -> Tuple[FindingRow, ...]:
    """What a person should see, what keeps the take from being circled first."""
    rows = [FindingRow(one.id, one.outcome.value, text, open_now)
            for one, text, open_now in findings_said(take)]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (not row.open, row.outcome)))


def estimate(looked: Looked, plan: Mapping[str, object]) -> Tuple[str, ...]:
    """What a turnover will take, in lines: ``plan`` is the daemon's answer, or empty."""
    size = (looked.width, looked.height)
    handles = f", handles of {looked.head} and {looked.tail}" if looked.head or looked.tail else ""
    first = f"{counted(looked.count, 'frame')} of {size[0]} x {size[1]}{handles}"
    lines = [f"{first}{needs_said(plan)}."]
    if looked.drawn is not None:
        lines.append(f"On this frame the matte lies within {looked.drawn[0]} x {looked.drawn[1]}.")
    wide, high = plan.get("width"), plan.get("height")
    if isinstance(wide, int) and isinstance(high, int) and (wide, high) != size:
        lines.append(f"Shot at {wide} x {high}, cropped back.")
    lines.append(f"{_written(looked)}. {HERE}")
    return (*lines, *filter(None, [money_said(plan)]), *remarks_said(plan), *looked.said)


def _written(looked: Looked) -> str:
    """What Nuke must render first."""
    if not looked.bytes:
        return f"{'Plate and matte are' if looked.matte else 'The plate is'} read in place"
    what = [name for name, there in (("plate", looked.plate), ("matte", looked.matte))
            if there is None and (name == "plate" or looked.matted)]  # fmt: skip
    return f"Nuke renders the {' and the '.join(what)} first, up to {looked.bytes / 1e6:.0f} MB"
