"""*Finish*: circled drafts that play in the cut are shot at full quality, with the same seed.

The finish is a take of its own: it goes into the take selector when it is shot, and plays when a
person has circled it. The draft stays in the selector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence

from secondunit_bridge.errors import Locked, UnknownId
from secondunit_bridge.film import Take, TakeState
from secondunit_bridge.saying import STATES, UNDER_WAY
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.unit import Unit

from ..collect.places import shut
from ..collect.reading import Reading
from ..words import Said
from .bench import Bench
from .bringing import Known, bring, known_clips
from .wanted import Wanted


@dataclass(frozen=True)
class Draft:
    """A circled draft that plays: its clip, what a finish takes, and the one there is."""

    known: Known
    take: Take
    plan: Dict[str, Any]
    finish: str


def to_finish(bench: Bench, unit: Unit, reading: Reading) -> Sequence[Wanted]:
    """Drafts whose finish nobody asked for yet. Raises UnknownId when no circled draft plays."""
    return tuple(
        Wanted(
            one.known.shot.name, "its draft's generator, at full quality",
            FrameRange(one.known.clip.first, one.known.clip.last, reading.rate),
            1, one.plan, [one.take.id, one.plan.get("options")],
        )
        for one in _drafts(unit, reading) if not one.finish
    )  # fmt: skip


def finish(bench: Bench) -> Said:
    """Ask for each finish that was not asked for; those that are shot go into the selector.

    Nothing else in the cut changes. Raises UnknownId when no circled draft plays, NeedsModel,
    HostRefused.
    """
    reading = bench.reading()
    lines: List[str] = []
    facts: Dict[str, Any] = {}
    with bench.unit() as unit:
        for draft in _drafts(unit, reading):
            shot = draft.known.shot
            made = unit.take(draft.finish or unit.finish(draft.take.id, bench.artist))
            told: Dict[str, Any] = {"draft": draft.take.id, "finish": made.id}
            if made.state in UNDER_WAY:
                lines.append(f"{shot.name}: take {made.number} is the finish of take"
                             f" {draft.take.number}, and {STATES[made.state]}.")  # fmt: skip
            else:
                said = bring(bench, unit, reading, draft.known)
                lines += [said.text, _standing(unit, made)]
                told |= said.facts
            facts[shot.guid] = {**told, "state": made.state.value}
    if any(one["state"] in [state.value for state in UNDER_WAY] for one in facts.values()):
        lines.append("Go on working: Finish, or Bring in takes, shows it when it is shot.")
    return Said((*lines, *shut(reading)), facts)


def _standing(unit: Unit, made: Take) -> str:
    if made.state is TakeState.circled:
        version = next((one for one in unit.versions(made.shot) if one.take == made.id), None)
        return f"The finish plays as {version.name}." if version else "The finish is circled."
    return (f"The finish is take {made.number} in the selector. When it is good:"
            f" secondunit circle {made.id} --by NAME, then Finish again: it plays.")  # fmt: skip


def _drafts(unit: Unit, reading: Reading) -> Sequence[Draft]:
    """Of the shot under the playhead; where no shot of ours plays there, of the whole cut."""
    clips = known_clips(unit, reading)
    here = [one for one in clips if one.clip.first <= reading.playhead <= one.clip.last]
    found = [draft for one in here or clips for draft in [_draft(unit, one)] if draft is not None]
    if not found:
        where = f"at {reading.timecode(reading.playhead)}" if here else f"in {reading.name}"
        raise UnknownId(
            f"no circled draft plays {where}",
            hint='Finish is for drafts: ask for takes with {"options": {"quality": "draft"}} in'
            " resolve.json, circle one, bring it in, then run this again.",
        )
    return found


def _draft(unit: Unit, known: Known) -> Optional[Draft]:
    """The draft that the newest circled version was made of, or that its finish was made of."""
    live = [one for one in known.versions if known.states.get(one.name) != "recalled"]
    for version in sorted(live, key=lambda one: one.number, reverse=True):
        try:
            plan, there = unit.plan_finish(version.take)
        except Locked:
            continue  # no draft: its own finish perhaps, and an older version is of the draft
        take = next((one for one in known.takes if one.id == version.take), None)
        if take is not None:
            return Draft(known, take, plan, there)
    return None
