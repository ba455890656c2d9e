"""*Bring in takes*: what has been shot goes into bins and take selectors; nothing else moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import CutIn, Project, Shot, Take, TakeState, Version
from secondunit_bridge.saying import UNDER_WAY, counted
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.unit import Unit

from ..collect.places import shut
from ..collect.reading import Clip, Reading
from ..place.bins import bin_of, imported
from ..place.files import Frames, of_take, of_version
from ..place.marks import mark_item, shown
from ..place.takes import add_take, select
from ..port import Port
from ..words import APPROVED, JUNK, JUNKED, QUEUED, STALE, TRACK, WARNS, Said, told
from .bench import Bench
from .inserting import mark_of_shot
from .keeping import keep_cut

_SHOWN = (TakeState.pending_review, TakeState.blocked, TakeState.circled)
_PUT_ASIDE = (TakeState.junk, TakeState.rejected)


@dataclass(frozen=True)
class Known:
    """What the daemon has of one of our clips."""

    clip: Clip
    shot: Shot
    project: Project
    takes: Tuple[Take, ...]
    versions: Tuple[Version, ...]
    states: Dict[str, str]  # of the versions


def bring_takes(bench: Bench) -> Said:
    """Takes that are shot into the selectors of our clips, junk into ``_junk`` with its reason.

    A circled version plays at once; of others the best is chosen where the slate still plays, and
    what an editor has chosen stays. A shot that cannot be brought in is told, and holds up no
    other.
    """
    reading = bench.reading()
    lines: List[str] = []
    facts: Dict[str, Any] = {}
    wrong = False
    with bench.unit() as unit:
        for known in known_clips(unit, reading):
            try:
                came = bring(bench, unit, reading, known)
            except SecondUnitError as error:
                wrong = True
                came = told(error)
                lines.append(f"{known.shot.name} was not brought in whole:")
            lines.append(came.text)
            facts[known.shot.guid] = came.facts
    lines += shut(reading) if lines else ()
    if not lines:
        lines = [f"There is no shot of Second Unit in {reading.name}."]
    lines += keep_cut(bench)
    return Said(tuple(lines), facts, wrong)


def known_clips(unit: Unit, reading: Reading) -> Sequence[Known]:
    """Our clips of which the daemon knows the shot."""
    shots = {shot.guid: shot for shot in unit.shots()}
    projects = {project.name: project for project in unit.projects()}
    found = []
    for clip in reading.clips:
        shot = shots.get(str(clip.mark.get("guid", "")))
        if shot is not None and shot.project in projects:
            takes, versions = unit.takes(shot=shot.guid), unit.versions(shot.guid)
            states = unit.version_states(shot.guid)
            found.append(Known(clip, shot, projects[shot.project], takes, versions, states))
    return found


def bring(bench: Bench, unit: Unit, reading: Reading, known: Known) -> Said:
    """What was shot of one clip into its selector; its version plays when it is a new one."""
    port, clip, shot = bench.port, known.clip, known.shot
    length = clip.last - clip.first + 1
    folder = bin_of(port, (shot.sequence, shot.code))
    before = port.may(clip.item, "GetSelectedTakeIndex", wanted=int) or 0
    places: Dict[str, int] = {}
    for take in known.takes:
        if take.state in _SHOWN and take.media is not None:
            frames = of_take(take, shot, known.project, port.pace)
            media = imported(port, folder, frames)
            places[take.id] = add_take(port, clip.item, media, _seen(frames, clip, shot), length)
    junk = [take for take in known.takes if take.state in _PUT_ASIDE and take.media is not None]
    reasons = [(take, _why(unit, take)) for take in junk]
    silent = [(take, why) for take, why in reasons if not _put_aside(port, known, take, why)]
    live = [one for one in known.versions if known.states.get(one.name) != "recalled"]
    version = max(live, key=lambda one: one.number, default=None)
    stale = version is not None and known.states[version.name] == "stale"
    chosen = _play(bench, unit, reading, known, places, folder, version, before)
    waiting = sum(take.state in UNDER_WAY for take in known.takes)
    shade = STALE if stale else _state_colour(known.takes, version, waiting)
    unseen = shown(port, clip.item, shade, shot.name)
    said = [f"{shot.name}: {counted(len(places), 'take')} in the selector"]
    said += [f"{len(junk)} in {JUNK}"] if junk else []
    said += [f"Resolve does not keep why take {take.number} is there: {why}"
             for take, why in silent]  # fmt: skip
    said += [f"{waiting} to come"] if waiting else []
    said += [f"{version.name} plays" + ", approved (stale)" * stale] if version else []
    facts = {"takes": places, "junk": [take.id for take in junk], "waiting": waiting,
             "plays": chosen, "version": version.name if version else None}  # fmt: skip
    return Said((", ".join(said) + ".", *unseen), facts)


def _seen(frames: Frames, clip: Clip, shot: Shot) -> Frames:
    """The frames with as many before the cut as the clip, which may be trimmed, leaves out."""
    head = clip.left if clip.source and clip.retime == "none" else shot.handles.head
    head = min(max(0, head), max(0, len(frames) - (clip.last - clip.first + 1)))
    return Frames(frames.name, frames.stem, frames.suffix, frames.first, frames.last, head)


def _play(
    bench: Bench, unit: Unit, reading: Reading, known: Known, places: Dict[str, int],
    folder: Any, version: Optional[Version], before: int,
) -> str:  # fmt: skip
    """Have the version play, or where the slate still does the best take; which it is."""
    port, clip, shot = bench.port, known.clip, known.shot
    if version is not None:
        if clip.mark.get("version") == version.name:
            if before and port.may(clip.item, "GetSelectedTakeIndex", wanted=int) != before:
                select(port, clip.item, before)  # adding a take had turned the selector
            return version.name
        frames = of_version(version)
        media = imported(port, folder, frames)
        length = clip.last - clip.first + 1
        at = add_take(port, clip.item, media, _seen(frames, clip, shot), length)
        select(port, clip.item, at)
        stamped = {**mark_of_shot(shot), "take": version.take, "version": version.name,
                   "record": version.record, "kind": version.kind.value}  # fmt: skip
        mark_item(port, clip.item, stamped, version.name)
        record = FrameRange(clip.first, clip.last, reading.rate)
        unit.cut_in(CutIn(version.name, shot.guid, "resolve", reading.name, TRACK, record,
                          bench.artist))  # fmt: skip
        return version.name
    best = _best(known.takes)
    if best is None or best.id not in places:
        return ""
    chosen = best.id
    if clip.mark.get("brought"):  # an editor may have chosen since: adding turned the selector
        chosen = next((take for take, at in places.items() if at == before), best.id)
        if before:
            select(port, clip.item, before)
    else:
        select(port, clip.item, places[best.id])
    brought = {"take": chosen, "brought": ",".join(sorted(places))}
    mark_item(port, clip.item, {**mark_of_shot(shot), **brought}, "")
    return chosen


def _best(takes: Sequence[Take]) -> Optional[Take]:
    """The take a machine may propose: no open finding first, then confidence, then the earliest."""
    seen = [take for take in takes if take.state in _SHOWN and take.media is not None]
    return max(
        seen,
        key=lambda take: (take.state is not TakeState.blocked, take.confidence or 0, -take.number),
        default=None,
    )


def _put_aside(port: Port, known: Known, take: Take, why: str) -> bool:
    """A take that was sorted out, in its own bin; whether its clip says why.

    What an editor wrote in its comment stays there.
    """
    shot = known.shot
    frames = of_take(take, shot, known.project, port.pace)
    media = imported(port, bin_of(port, (shot.sequence, JUNK)), frames)
    port.may(media, "SetClipColor", JUNKED, wanted=bool)
    written = _comment(port, media)
    if why not in written:
        comment = f"{why}. {written}" if written else why
        port.may(media, "SetMetadata", "Comments", comment, wanted=bool)
        written = _comment(port, media)
    return why in written


def _comment(port: Port, media: Any) -> str:
    return port.may(media, "GetMetadata", "Comments", wanted=str) or ""


def _why(unit: Unit, take: Take) -> str:
    """Why a take was put aside: by its checks, or by a person, whose words the ledger has."""
    if take.junk_reason:
        return take.junk_reason
    told = [
        str(entry.body.get("reason") or "") for entry in unit.entries(0, subject=take.id)
        if entry.subject == take.id and entry.body.get("state") == take.state.value
    ]  # fmt: skip
    return (told[-1] if told else "") or take.state.value


def _state_colour(takes: Sequence[Take], version: Optional[Version], waiting: int) -> str:
    if version is not None:
        return APPROVED
    best = _best(takes)
    if best is None:
        return QUEUED
    if best.state is TakeState.blocked:
        return WARNS
    return QUEUED if waiting else "Lime"
