"""Before anything is shot: what it would take is said, and a person agrees or does not.

Where a window can ask, it asks. Where none can, the question stands in the timeline as a marker
over the place: the same command run again says yes, deleting the marker says no.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any, Callable, Dict, Sequence, Tuple

from secondunit_bridge.estimating import plan_said
from secondunit_bridge.memory import memories
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.unit import Unit

from ..collect.ours import ours_of
from ..collect.places import gap_at_playhead, marked, ours_at_playhead
from ..collect.reading import Reading
from ..place.marks import clear_timeline, mark_timeline
from ..place.track import placing
from ..refusals import HostRefused
from ..words import Said
from .bench import Bench
from .finishing import finish, to_finish
from .inserting import fill_gap, insert_ask, new_insert, refused, reshoot, reshoot_ask
from .wanted import Wanted

KIND = "question"
COLOUR = "Sand"  # no other marker of ours has it, and none of ours is cyan beside a place
FRESH_S = 3600.0  # an hour later the line and the card are others: it is said once more
_PLACED = ("new_insert", "fill_gap")
_SEE_S = 1.0  # how long an estimate waits for what is free

Wanting = Callable[[Bench, Unit, Reading], Sequence[Wanted]]


def estimate(bench: Bench, command: str) -> Said:
    """What the command would take; nothing is asked for. ``facts["about"]`` tells one estimate
    from another, and is empty where the command has nothing to ask for.

    Raises what the command itself would raise, NeedsModel for what could not be shot.
    """
    return _estimated(bench, command)[0]


def _estimated(bench: Bench, command: str) -> Tuple[Said, Reading]:
    if command in _PLACED:
        placing(bench.port)  # before anybody is asked for what cannot be put anywhere
    reading = bench.reading()
    lines = []
    with bench.unit() as unit:
        wanted = COMMANDS[command][1](bench, unit, reading)
        free = memories(unit, _SEE_S, bench.port.pace.rest) if wanted else ()
    for one in wanted:
        refused(one.plan)
        lines += [f"{one.name} at {reading.timecode(one.cut.first)}, by {one.generator}:",
                  *plan_said(one.plan, one.takes, free), *one.remarks]  # fmt: skip
    about = _digest(command, [one.key for one in wanted]) if wanted else ""
    facts: Dict[str, Any] = {"about": about, "plans": [one.plan for one in wanted]}
    if wanted:
        facts |= {"first": wanted[0].cut.first, "last": wanted[0].cut.last}
    return Said(tuple(lines), facts), reading


def agreed(bench: Bench, command: str) -> Said:
    """Do it when its question still stands, else ask. Raises HostRefused where none can stand."""
    told, reading = _estimated(bench, command)
    about = str(told.facts["about"])
    if not about or _stands(bench, about):
        clear_timeline(bench.port, bench.port.timeline(), KIND)
        bench.read_before = reading  # a long cut is not read twice, and no reading holds markers
        return COMMANDS[command][2](bench)
    return ask_by_marker(bench, command, told)


def ask_by_marker(bench: Bench, command: str, told: Said) -> Said:
    """Put the question over its place; questions that were asked before are gone."""
    title, timeline = COMMANDS[command][0], bench.port.timeline()
    clear_timeline(bench.port, timeline, KIND)
    start = bench.port.whole(timeline, "GetStartFrame")
    first, last = int(told.facts["first"]), int(told.facts["last"])
    mark = {"guid": told.facts["about"], "kind": KIND, "asked": int(time.time())}
    hint = f"Run {title} again to shoot it. To leave it, delete this marker."
    there = mark_timeline(bench.port, timeline, first - start, f"Shoot it? ({title})",
                          f"{told.text}\n{hint}", last - first + 1, mark, COLOUR)  # fmt: skip
    if not there:
        raise HostRefused(
            "Resolve did not keep the marker that asks whether to shoot",
            hint="Is the timeline locked? Unlock it, then run this again.",
        )
    question = (f"Nothing is asked for yet: run {title} again to shoot it, or delete the"
                f" {COLOUR.lower()} marker to leave it.")  # fmt: skip
    return Said((*told.lines, question), {**told.facts, "question": True})


def _stands(bench: Bench, about: str) -> bool:
    markers = bench.port.may(bench.port.timeline(), "GetMarkers", wanted=dict) or {}
    for marker in markers.values():
        mark = ours_of(marker)
        if mark.get("kind") == KIND and mark.get("guid") == about:
            asked = mark.get("asked")
            return isinstance(asked, int) and 0 <= time.time() - asked <= FRESH_S
    return False


def _digest(command: str, what: Any) -> str:
    text = json.dumps([command, what], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _insert(place: Callable[[Reading], FrameRange]) -> Wanting:
    def wanting(bench: Bench, unit: Unit, reading: Reading) -> Sequence[Wanted]:
        ask = insert_ask(bench, unit, reading, place(reading))
        return (Wanted.of(ask.turnover, unit.plan(ask.turnover), ask.remarks),)

    return wanting


def _more(bench: Bench, unit: Unit, reading: Reading) -> Sequence[Wanted]:
    ask = reshoot_ask(bench, unit, reading, ours_at_playhead(reading))
    return (Wanted.of(ask.turnover, unit.plan(ask.turnover), ask.remarks),)


# By the name of the script: its title in the menu, what it would ask for, and the doing.
COMMANDS: Dict[str, Tuple[str, Wanting, Callable[[Bench], Said]]] = {
    "new_insert": ("New insert from In-Out", _insert(marked), new_insert),
    "fill_gap": ("Fill this gap", _insert(gap_at_playhead), fill_gap),
    "reshoot": ("Reshoot", _more, reshoot),
    "finish": ("Finish", to_finish, finish),
}
