"""``demo``: an insert for a hole in a real cut, from turnover to contact sheet."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge import places
from secondunit_bridge.film import Project, VersionClass

from ..say import DONE, STOPS_OPEN, JsonFlag, Say

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

    from ...editorial import Cut, Place
    from ..line import Made, Shoot

BY = "demo"
HOME = "SECONDUNIT_HOME"


@dataclass(frozen=True)
class _Set:
    """Where the demo is made."""

    out: Path
    cut: Cut
    place: Place
    project: Project


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(demo)


def demo(
    out: Annotated[Path, typer.Option("--out", help="A folder for everything it makes.")] = Path(
        "demo-out"
    ),
    takes: Annotated[int, typer.Option("--takes", min=1, max=64, help="Takes to shoot.")] = 3,
    json: JsonFlag = False,
) -> int:
    """Shoot an insert for a hole in a real cut: no model, no GPU, under a minute."""
    from ..calling import calling

    say, began = Say(as_json=json), time.monotonic()
    out = out.expanduser().resolve()
    out.mkdir(parents=True, exist_ok=True)
    stage_set = _set_up(say, out)
    with _own_home(out / "home"), calling(say) as unit:
        try:
            shot, made = _shoot(unit, say, stage_set, takes)
        finally:
            _strike(unit)
    answer = _show(say, stage_set, shot, made)
    if made:
        answer["packet"] = _pack(say, stage_set, made)
    say.line()
    say.line(f"Done in {time.monotonic() - began:.0f} seconds. Open {answer['sheet']}")
    say.done({**answer, "seconds": round(time.monotonic() - began, 1)})
    return STOPS_OPEN if shot.stopped else DONE


def _set_up(say: Say, out: Path) -> _Set:
    from ...colour import PINNED
    from ...disk import private_folder
    from ...editorial import place, read_cut
    from .cut import AT, HOLE, NAME, lay_out

    cut = read_cut(lay_out(out))
    spot = place(cut, at=AT, frames=HOLE)
    names = ", ".join(shot.name for shot in cut.shots)
    say.line("Second Unit: an insert for a hole in a real cut. No model, no GPU.", style="bold")
    say.line(f"The cut has {len(cut.shots)} clips ({names}) and a hole of {HOLE} frames at {AT}.")
    project = Project(NAME, cut.rate, 854, 480, store=str(out / "store"), ocio=PINNED)
    private_folder(out / "store" / "vault")  # asked for by name: --out
    return _Set(out, cut, spot, project)


def _shoot(unit: Unit, say: Say, on: _Set, takes: int) -> tuple[Shoot, Made | None]:
    from .. import line
    from ..asking import Wish
    from .cut import BRIEF

    wish = Wish("reframe", BRIEF, takes, seed=1, options={}, by=BY)
    shot = line.shoot(unit, say, on.cut, on.place, on.project, wish)
    say.line(f"Shot {len(shot.takes)} takes. Continuity found:")
    line.say_takes(say, shot.takes)
    if shot.best is None:
        say.line("Every take has open findings, so nothing is circled.", style="yellow")
        return shot, None
    new = on.out / f"{on.cut.name}_with_insert.otio"
    made = line.circle(unit, say, on.cut, on.place, shot, kind=VersionClass.temp, out=new)
    if made is None:  # an older demo's home, in which somebody else has worked
        return shot, None
    say.line(
        f"Circled take {made.take.number} in the name of {BY!r}, as {made.version.kind.value}."
    )
    frames, version = made.version.frames, made.version
    say.line(
        f"Published {version.name}: EXR frames {frames.first} to {frames.last},"
        " a review movie and the record."
    )
    say.line(f"Cut in at {on.cut.timecode(on.place.record.first)}, on a track of its own.")
    return shot, made


def _show(say: Say, on: _Set, shot: Shoot, made: Made | None) -> dict[str, Any]:
    """Write the contact sheet and say where everything is."""
    from dataclasses import replace

    from ..line import shoot_json
    from ..sheet.board import write_board
    from ..sheet.gather import Gathering
    from ..sheet.page import write_page
    from .cut import credit

    places = list(_places(on, made))
    page, board = on.out / "contact_sheet.html", on.out / "contact_sheet.png"
    with say.busy("Laying out the contact sheet"):
        with Gathering(on.cut, on.project, Path(on.project.store)) as gathering:
            sheet = replace(gathering.sheet(on.place, shot, made, places), credit=credit())
        write_page(sheet, page)
        write_board(sheet, board)
    say.line()
    say.line("Where everything is", style="bold")
    say.pairs((*places, ("contact sheet", str(page)), ("as a picture", str(board))))
    return {**shoot_json(shot, made), "out": str(on.out), "sheet": str(page), "board": str(board)}


def _pack(say: Say, on: _Set, made: Made) -> dict[str, Any] | None:
    """What a network is handed of the new cut; None where a library for it is missing."""
    from secondunit_bridge.errors import ExtraMissing

    from ..packet import answer, build_packet, tell

    try:
        with say.busy("Building the packet"), _own_home(on.out / "home"):
            packet = build_packet(made.otio, on.out / "packet", title="Big Buck Bunny, a demo")
    except ExtraMissing as error:
        say.line(f"No packet: {error.message}. Install: {error.hint}", style="yellow")
        return None
    say.line()
    tell(say, packet)
    return answer(packet)


def _places(on: _Set, made: Made | None) -> Iterator[tuple[str, str]]:
    yield "cut with the hole", str(on.cut.path)
    if made:
        folder, name = Path(made.version.path), made.version.name
        yield "new cut", str(made.otio)
        yield "frames", str(folder / "exr" / f"{name}.%04d.exr")
        yield "review movie", str(folder / "review" / f"{name}.mov")
        yield "record", str(folder / "record.json")
    yield "ledger", str(on.out / "home" / "ledger.sqlite")


@contextmanager
def _own_home(home: Path) -> Iterator[None]:
    """A home of the demo's own, so that it never touches the user's."""
    before = os.environ.get(HOME)
    home.mkdir(mode=0o700, exist_ok=True)
    os.environ[HOME] = str(home)
    try:
        yield
    finally:
        if before is None:
            del os.environ[HOME]
        else:
            os.environ[HOME] = before


def _strike(unit: Unit) -> None:
    """Stop the demo's daemon, wait until it has gone, and take its empty folders down."""
    from ..daemon import wait_for_end

    pid = unit.hello().pid
    unit.stop_daemon()
    wait_for_end(pid)
    for folder in (places.runtime(), places.slot_folder(0)):
        shutil.rmtree(folder, ignore_errors=True)
