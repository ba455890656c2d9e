"""What the panels show, made ready whenever something changed: drawing only reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Optional, Sequence, Tuple

from secondunit_bridge.film import Outcome, Take, TakeState, Version
from secondunit_bridge.saying import STATES, UNDER_WAY, Said, findings_said, sentence

from .collect.shots import SceneShot
from .words import folded

LINE = 46  # characters that fit a sidebar of the usual width
MOST_TAKES = 12  # of a shot; older ones are listed by `secondunit takes`


@dataclass(frozen=True)
class Lines:
    """A sentence in lines that fit, with an icon before the first."""

    icon: str
    lines: Tuple[str, ...]
    wrong: bool = False

    @classmethod
    def of(cls, text: str, icon: str, *, wrong: bool = False) -> Lines:
        """The text, folded."""
        return cls(icon, folded(text, LINE), wrong)


@dataclass(frozen=True)
class FindingRow:
    """One finding of a take that a person should see. ``open`` ones keep it from being circled."""

    id: str
    outcome: str
    text: Lines
    open: bool


@dataclass(frozen=True)
class TakeRow:
    """One take of a shot."""

    id: str
    label: str
    state: TakeState
    said: str
    icon: str
    seed: int
    done: Optional[float]  # 0..1 while it is shot
    poster: str  # path of a picture, or empty
    findings: Tuple[FindingRow, ...]
    placed: bool
    version: str  # name of the version it was published as
    remarks: Tuple[Lines, ...] = ()

    @property
    def can_circle(self) -> bool:
        """It was shot, and nothing keeps it from being chosen."""
        return self.state is TakeState.pending_review


@dataclass(frozen=True)
class ShotRow:
    """One shot of the scene."""

    guid: str
    code: str
    marker: str
    camera: str
    span: str  # "1-48 (48)"
    status: str
    icon: str
    done: Optional[float]
    busy: bool
    problems: Tuple[Lines, ...]
    takes: Tuple[TakeRow, ...]
    look: bool  # its take plays in the edit, not the grey


@dataclass(frozen=True)
class Board:
    """Everything the panels show."""

    daemon: Lines = Lines("SORTTIME", ("Looking for the daemon",))
    connected: bool = False
    generators: Tuple[str, ...] = ()
    shots: Tuple[ShotRow, ...] = ()
    problems: Tuple[Lines, ...] = ()
    said: Tuple[Lines, ...] = ()
    busy: str = ""
    done: Optional[float] = None
    edit: str = ""  # the scene that holds the edit
    look: bool = False
    recut: Tuple[Lines, ...] = ()  # what became of each shot in a cut that was read
    copied: bool = False  # perhaps a copy of another file, with that one's shots
    serial: int = 0  # rises with every change

    def shot(self, code_or_guid: str) -> Optional[ShotRow]:
        """A shot by its code or GUID."""
        wanted = code_or_guid.strip()
        return next((s for s in self.shots if wanted and wanted in (s.code, s.guid)), None)


@dataclass(frozen=True)
class Going:
    """What is under way for a shot in this Blender, before the daemon has its turnover."""

    says: str
    done: Optional[float] = None
    failed: Optional[Said] = None


ICONS = {
    TakeState.waiting: "SORTTIME",
    TakeState.shooting: "RENDER_ANIMATION",
    TakeState.checking: "VIEWZOOM",
    TakeState.pending_review: "HIDE_OFF",
    TakeState.blocked: "ERROR",
    TakeState.junk: "TRASH",
    TakeState.cancelled: "CANCEL",
    TakeState.failed: "CANCEL",
    TakeState.circled: "CHECKMARK",
    TakeState.rejected: "X",
    TakeState.suspended: "PAUSE",
}
_OUTCOME_ICONS = {Outcome.look: "HIDE_OFF", Outcome.stop: "ERROR", Outcome.not_checked: "QUESTION"}


def shot_row(
    shot: SceneShot,
    takes: Sequence[Take],
    versions: Sequence[Version],
    *,
    going: Optional[Going],
    progress: Dict[str, Tuple[float, str]],
    posters: Dict[str, str],
    placed: str,
    look: bool,
) -> ShotRow:
    """A shot with its takes, the newest first. ``placed`` is the take that is in the edit."""
    named = {version.take: version.name for version in versions}
    rows = tuple(
        _take_row(take, named.get(take.id, ""), progress, posters, placed == take.id)
        for take in sorted(takes, key=lambda take: -take.number)[:MOST_TAKES]
    )
    status, icon, done, busy = _status(rows, going)
    frames = shot.frames
    problems = [Lines.of(text, "INFO") for text in shot.problems]
    if going and going.failed:
        problems.insert(0, Lines.of(going.failed.line, "ERROR", wrong=True))
    return ShotRow(
        shot.guid, shot.code, shot.marker, shot.camera,
        f"{frames.first}-{frames.last} ({len(frames)})",
        status, icon, done, busy, tuple(problems), rows, look,
    )  # fmt: skip


def _status(
    takes: Sequence[TakeRow], going: Optional[Going]
) -> Tuple[str, str, Optional[float], bool]:
    if going and not going.failed:
        return going.says, "RENDER_ANIMATION", going.done, True
    active = [take for take in takes if take.state in UNDER_WAY]
    if active:
        one = next((take for take in active if take.done is not None), active[-1])
        return one.said, one.icon, one.done, True
    if going and going.failed:
        return "did not work", "ERROR", None, False
    circled = next((take for take in takes if take.state is TakeState.circled), None)
    if circled:
        return f"circled, {circled.version or circled.label}", "CHECKMARK", None, False
    if takes:
        return takes[0].said, takes[0].icon, None, False
    return "grey", "MESH_CUBE", None, False


def _take_row(
    take: Take,
    version: str,
    progress: Dict[str, Tuple[float, str]],
    posters: Dict[str, str],
    placed: bool,
) -> TakeRow:
    under_way = take.state in UNDER_WAY
    done, says = progress.get(take.id, (None, "")) if under_way else (None, "")
    said = STATES[take.state] + (f": {says}" if says else "")
    findings = _finding_rows(take)
    remarks = dict.fromkeys(take.remarks) if take.state is TakeState.failed else ()
    return TakeRow(
        take.id, f"Take {take.number}", take.state, said, ICONS[take.state], take.seed, done,
        posters.get(take.id, ""), findings, placed, version,
        tuple(Lines.of(sentence(text), "ERROR", wrong=True) for text in remarks),
    )  # fmt: skip


def _finding_rows(take: Take) -> Tuple[FindingRow, ...]:
    """What a person should see."""
    return tuple(
        FindingRow(one.id, one.outcome.value, Lines.of(text, _OUTCOME_ICONS[one.outcome]), open_now)
        for one, text, open_now in findings_said(take)
    )
