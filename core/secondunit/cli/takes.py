"""``shots`` and ``takes``: what is in a cut, and what has been shot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge.film import TakeState

from .say import DONE, JsonFlag, Say

if TYPE_CHECKING:
    from secondunit_bridge.film import Entry, Take, Turnover
    from secondunit_bridge.unit import Unit

PAGE = 1000  # takes in one answer


def add_to(app: typer.Typer) -> None:
    """Put the commands in."""
    app.command()(shots)
    app.command()(takes)


def shots(
    cut: Annotated[
        Path | None, typer.Argument(help="A timeline; without one, the shots ever turned over.")
    ] = None,
    json: JsonFlag = False,
) -> int:
    """List the shots of a cut, or every shot the second unit was asked for."""
    say = Say(as_json=json)
    if cut is None:
        return _shots_asked(say)
    from ..editorial import read_cut, shots_json

    listed = shots_json(read_cut(cut))
    say.line(f"{listed['timeline']}, {listed['rate']} frames a second")
    columns = ("shot", "track", "record in", "record out", "source", "speed", "media")
    say.table(columns, (_shot_row(shot) for shot in listed["shots"]))
    say.done(listed)
    return DONE


def takes(
    cut: Annotated[Path | None, typer.Argument(help="Only takes of shots in this cut.")] = None,
    shot: Annotated[str, typer.Option(help="Only this shot: its name or guid.")] = "",
    json: JsonFlag = False,
) -> int:
    """List takes, in the order they were asked for, with what continuity found."""
    from .calling import calling
    from .forms import confidence, finding_line, take_json

    say = Say(as_json=json)
    guids = _guids(cut) if cut else None
    with calling(say) as unit:
        found = [take for take in every_take(unit) if not shot or shot in (take.shot, take.name)]
    if guids is not None:
        found = [take for take in found if take.shot in guids]
    if not found:
        say.line("No takes yet. Ask for some with: secondunit insert CUT --at TIMECODE --frames N")
    for take in found:
        say.line(
            f"{take.id:<13} {take.name}  take {take.number}  {take.state.value.replace('_', ' ')}"
            f"  seed {take.seed}  confidence {confidence(take)}",
            style="bold",
        )
        if take.state is TakeState.junk:
            say.line(f"    sorted out before anybody watched it, {take.junk_reason}")
        for finding in take.findings:
            say.line(f"    {finding_line(finding)}", style=_style(finding.outcome.value))
    junk = _saved(found)
    if junk["takes"]:
        say.line(
            f"Junk: {junk['takes']} of {len(found)} takes, {junk['seconds']:.1f} seconds that"
            " nobody had to watch. Bring one back with: secondunit restore TAKE --by NAME"
        )
    say.done({"takes": [take_json(take) for take in found], "junk": junk})
    return DONE


def _saved(takes: list[Take]) -> dict[str, Any]:
    """What was sorted out unwatched: how many takes, and how long they play."""
    junk = [take for take in takes if take.state is TakeState.junk]
    plays = [len(one.media.frames) / one.media.frames.rate for one in junk if one.media]
    return {"takes": len(junk), "seconds": round(float(sum(plays)), 2)}


def every_take(unit: Unit) -> Iterator[Take]:
    """All takes of the home, page by page."""
    after = ""
    while True:
        page = unit.takes(limit=PAGE, after=after)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].id


def every_entry(unit: Unit) -> Iterator[Entry]:
    """The whole ledger, page by page."""
    after = 0
    while True:
        page = unit.entries(after, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].number


def turnovers_of(unit: Unit, guids: set[str]) -> dict[str, Turnover]:
    """How each shot was last turned over, by GUID, as the ledger remembers."""
    from secondunit_bridge.film import Turnover
    from secondunit_bridge.wire import typed

    found: dict[str, Turnover] = {}
    for entry in every_entry(unit):
        if entry.kind == "turnover":
            asked = typed(Turnover, entry.body["turnover"])
            if asked.shot.guid in guids:
                found[asked.shot.guid] = asked
    return found


def _shots_asked(say: Say) -> int:
    from .calling import calling

    with calling(say) as unit:
        listed: dict[str, dict[str, Any]] = {}
        for take in every_take(unit):
            row = listed.setdefault(
                take.shot,
                {"name": take.name, "guid": take.shot, "takes": [], "versions": [], "states": {}},
            )
            row["takes"].append(take.id)
        states = unit.version_states()
        for version in unit.versions():
            if version.shot in listed:
                listed[version.shot]["versions"].append(version.name)
                listed[version.shot]["states"][version.name] = states[version.name]
    if not listed:
        say.line("Nothing has been turned over yet.")
    else:
        rows = (
            (row["name"], row["guid"], str(len(row["takes"])), _standing(row["states"]))
            for row in listed.values()
        )
        say.table(("shot", "guid", "takes", "versions"), rows)
    say.done({"shots": list(listed.values())})
    return DONE


def _standing(states: dict[str, str]) -> str:
    from secondunit_bridge.recutting import standing_words

    said = [f"{name} {standing_words(state)}" for name, state in states.items()]
    return ", ".join(said) or "-"


def _shot_row(shot: dict[str, Any]) -> tuple[str, ...]:
    source = "-" if not shot["source"] else f"{shot['source'][0]}-{shot['source'][1]}"
    speed = shot["retime"] if shot["speed"] is None else f"{shot['speed']:g}"
    media = shot["media"] or "-"
    return (
        shot["name"],
        str(shot["track"]),
        shot["record_tc"][0],
        shot["record_tc"][1],
        source,
        speed,
        media if shot["online"] else f"offline: {media}",
    )


def _guids(cut: Path) -> set[str]:
    from ..editorial import read_cut, shots_json

    return {shot["guid"] for shot in shots_json(read_cut(cut))["shots"] if shot["guid"]}


def _style(outcome: str) -> str:
    from .say import STYLES

    return STYLES[outcome]
