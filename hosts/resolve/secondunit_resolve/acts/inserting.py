"""*New insert from In/Out*, *Fill this gap*, *Reshoot*, and taking an insert out again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from secondunit_bridge.errors import NeedsModel, SecondUnitError, UnknownId
from secondunit_bridge.film import Project, Shot, Turnover
from secondunit_bridge.saying import counted
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.unit import Unit

from ..collect.ours import ours_of
from ..collect.places import gap_at_playhead, marked, ours_at_playhead, shut
from ..collect.reading import Clip, Reading
from ..collect.turnover import insert_turnover, new_shot, project_of
from ..place.bins import bin_of, imported
from ..place.files import store_of
from ..place.marks import colour, mark_item, mark_timeline, shown
from ..place.slate import slate
from ..place.track import drop_empty, our_track, put, remove
from ..words import QUEUED, TRACK, Said
from .bench import Bench
from .keeping import keep_cut
from .stills import neighbours


def new_insert(bench: Bench) -> Said:
    """A shot from In to Out: slate, marker and bin at once, takes turned over.

    Raises NoPlace, Nested, MediaOffline, RateMismatch, NeedsModel, HostRefused, and what the daemon
    refuses. The timeline is then as it was.
    """
    reading = bench.reading()
    return _insert(bench, reading, marked(reading))


def fill_gap(bench: Bench) -> Said:
    """The same for the gap at the playhead."""
    reading = bench.reading()
    return _insert(bench, reading, gap_at_playhead(reading))


def reshoot(bench: Bench) -> Said:
    """More takes of our shot under the playhead, with other seeds. Nothing in the cut changes.

    Raises NoPlace, UnknownId, and what the daemon refuses.
    """
    reading = bench.reading()
    clip = ours_at_playhead(reading)
    with bench.unit() as unit:
        ask = reshoot_ask(bench, unit, reading, clip)
        shot, seed = ask.turnover.shot, ask.turnover.seed
        takes, remarks = _asked(unit, ask.project, ask.turnover)
        coloured = colour(bench.port, clip.item, QUEUED)
    lines = (f"{shot.name}: {counted(len(takes), 'take')} more, seeds from {seed}.", *remarks,
             *ask.remarks)  # fmt: skip
    return Said(lines, {"guid": shot.guid, "takes": list(takes), "coloured": coloured})


@dataclass(frozen=True)
class Ask:
    """What would be turned over, and what is to be said of the clips beside it."""

    project: Project
    turnover: Turnover
    remarks: Tuple[str, ...] = ()


def insert_ask(bench: Bench, unit: Unit, reading: Reading, span: FrameRange) -> Ask:
    """Of a new shot at a place. The production is registered; nothing else is written."""
    near, seen = neighbours(bench, reading, span)
    project = project_of(reading, bench.production(), unit.projects())
    shot = new_shot(reading, span, project, unit.shots())
    turnover = insert_turnover(shot, near, bench.wish, seen)
    unit.project(project)
    return Ask(project, turnover, (*near.remarks, *shut(reading)))


def reshoot_ask(bench: Bench, unit: Unit, reading: Reading, clip: Clip) -> Ask:
    """Of more takes of our shot, with the next seeds. Raises UnknownId."""
    shot = known_shot(unit, clip)
    span = FrameRange(clip.first, clip.last, reading.rate)
    shot = replace(shot, cut=span)
    had = unit.takes(shot=shot.guid)
    seed = max((take.seed for take in had), default=-1) + 1
    near, seen = neighbours(bench, reading, span)
    turnover = insert_turnover(shot, near, replace(bench.wish, seed=seed), seen)
    return Ask(_project(unit, shot), turnover, shut(reading))


def known_shot(unit: Unit, clip: Clip) -> Shot:
    """The daemon's shot of a clip of ours. Raises UnknownId."""
    guid = str(clip.mark["guid"])
    shot = next((one for one in unit.shots() if one.guid == guid), None)
    if shot is None:
        raise UnknownId(
            f"the daemon does not know {clip.mark.get('code') or clip.name}",
            hint="Was it shot on another machine? Remove the insert and make it anew.",
        )
    return shot


def remove_insert(bench: Bench) -> Said:
    """Take our shot under the playhead out of the timeline; its takes and files are kept.

    Raises NoPlace.
    """
    reading = bench.listing()
    clip = ours_at_playhead(reading)
    guid = str(clip.mark["guid"])
    gone = remove(bench.port, reading.timeline, clip.item)
    stays: Tuple[str, ...] = ()
    if gone and not any(one.mark.get("guid") == guid for one in ours(reading) if one != clip):
        stays += _unmark(bench, reading, guid)  # other pieces of it may still play
    if gone:
        stays += drop_empty(bench.port, reading.timeline, clip.track)
    name = clip.mark.get("code") or clip.name
    said = (
        "is out of the timeline"
        if gone
        else "could not be taken out: unlock its track, or delete it by hand"
    )
    return Said((f"{name} {said}.", "Its takes are kept in the bin.", *stays), {"removed": gone},
                wrong=not gone)  # fmt: skip


def _insert(bench: Bench, reading: Reading, span: FrameRange) -> Said:
    with bench.unit() as unit:
        ask = insert_ask(bench, unit, reading, span)
        project, turnover, shot = ask.project, ask.turnover, ask.turnover.shot
        refused(unit.plan(turnover))
        placed = place_slate(bench, reading, shot, project)
        try:
            takes, remarks = _asked(unit, project, turnover)
        except (SecondUnitError, OSError):
            _withdraw(bench, reading, shot, placed)
            raise
    changed = keep_cut(bench)
    lines: List[str] = [
        f"{shot.name}: {counted(len(span), 'frame')} at {reading.timecode(span.first)} on {TRACK},"
        f" {counted(len(takes), 'take')} by {bench.wish.generator}.",
        *ask.remarks, *remarks, *placed[2], *changed,
        "Go on working: Bring in takes puts them into the take selector when they are shot.",
    ]  # fmt: skip
    facts: Dict[str, Any] = {"guid": shot.guid, "code": shot.code, "takes": list(takes),
                             "record": [span.first, span.last], "track": placed[0]}  # fmt: skip
    return Said(tuple(lines), facts)


def place_slate(
    bench: Bench, reading: Reading, shot: Shot, project: Project
) -> Tuple[int, Any, Tuple[str, ...]]:
    """The placeholder of a shot in its bin and on our track, marked: track, item, and what is to
    be said of what Resolve did not do.

    Raises HostRefused, NoPlace; then what was put is taken out again.
    """
    port, timeline = bench.port, reading.timeline
    frames = slate(shot, bench.wish.brief, store_of(project) / "resolve", port.pace)
    media = imported(port, bin_of(port, (shot.sequence, shot.code)), frames)
    track = our_track(port, timeline, shot.cut)
    try:
        item = put(port, timeline, media, frames, track, shot.cut)
    except SecondUnitError:
        drop_empty(port, timeline, track)
        raise
    mark = mark_of_shot(shot)
    note = bench.wish.brief or "Second Unit: waiting for takes"
    try:
        mark_item(port, item, mark, note)
    except SecondUnitError:
        _withdraw(bench, reading, shot, (track, item, ()))
        raise
    said = shown(port, item, QUEUED, shot.name)
    offset = shot.cut.first - reading.start
    there = mark_timeline(port, timeline, offset, f"SU {shot.code}", note, len(shot.cut),
                          {**mark, "kind": "shot"})  # fmt: skip
    if not there:
        said += (f"Resolve did not keep the timeline's marker of {shot.name}; its clip has one.",)
    return track, item, said


def mark_of_shot(shot: Shot) -> Dict[str, Any]:
    """What a clip says of the shot it stands for."""
    return {"guid": shot.guid, "code": shot.code, "sequence": shot.sequence,
            "project": shot.project}  # fmt: skip


def refused(plan: Mapping[str, Any]) -> None:
    """Say before anything is changed why it could not be shot. Raises NeedsModel."""
    refusals: Sequence[str] = plan.get("refusals") or ()
    if refusals:
        raise NeedsModel(
            " ".join(refusals),
            hint="Choose another place or generator; they are listed by: secondunit generators",
        )


def _asked(
    unit: Unit, project: Project, turnover: Turnover
) -> Tuple[Tuple[str, ...], Tuple[str, ...]]:
    unit.project(project)
    plan = unit.plan(turnover)
    return unit.turn_over(turnover), tuple(plan.get("remarks") or ())


def _project(unit: Unit, shot: Shot) -> Project:
    return next(one for one in unit.projects() if one.name == shot.project)


def _withdraw(
    bench: Bench, reading: Reading, shot: Shot, placed: Tuple[int, Any, Tuple[str, ...]]
) -> None:
    remove(bench.port, reading.timeline, placed[1])
    _unmark(bench, reading, shot.guid)
    drop_empty(bench.port, reading.timeline, placed[0])


def _unmark(bench: Bench, reading: Reading, guid: str) -> Tuple[str, ...]:
    """Remove our timeline markers of a shot; a sentence where one stays."""
    port, timeline = bench.port, reading.timeline
    for text in _marking(bench, reading, guid):
        port.may(timeline, "DeleteMarkerByCustomData", text, wanted=bool)
    if _marking(bench, reading, guid):
        return ("Its marker on the timeline stays: delete it by hand.",)
    return ()


def _marking(bench: Bench, reading: Reading, guid: str) -> List[str]:
    """The custom data of our timeline markers of a shot."""
    markers = bench.port.may(reading.timeline, "GetMarkers", wanted=dict) or {}
    mine = [one for one in markers.values() if ours_of(one).get("guid") == guid]
    return [str(one.get("customData")) for one in mine]


def ours(reading: Reading) -> Tuple[Clip, ...]:
    """Our clips of a timeline, in record order."""
    return tuple(clip for clip in reading.clips if clip.mark)
