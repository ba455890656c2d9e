"""``contact``: the contact sheet of a shot's takes, from this home's ledger and vault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from secondunit_bridge.errors import UnknownId
from secondunit_bridge.film import Shot, TakeState
from secondunit_bridge.saying import counted
from secondunit_bridge.timing import rate_name, to_timecode

from .say import DONE, JsonFlag, Say

if TYPE_CHECKING:
    from secondunit_bridge.film import Project, Take, Turnover, Version
    from secondunit_bridge.unit import Unit

    from .sheet import Sheet, TakePanel
    from .sheet.gather import Stills

PAGE, BOARD = "contact_sheet.html", "contact_sheet.png"
_JUNK = (TakeState.junk, TakeState.rejected)


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(contact)


def contact(
    shot: Annotated[str, typer.Argument(help="The shot: its name or guid.")],
    out: Annotated[Path, typer.Option("--out", help="The folder: a page and a picture of it.")],
    json: JsonFlag = False,
) -> int:
    """Lay out every take of a shot on one sheet, with what was found; junk comes last."""
    from .calling import calling
    from .sheet.board import write_board
    from .sheet.page import write_page

    say, out = Say(as_json=json), out.expanduser().resolve()
    with calling(say) as unit, say.busy("Laying out the contact sheet"):
        sheet = _sheet(unit, _named(unit, shot))
    out.mkdir(parents=True, exist_ok=True)
    write_page(sheet, out / PAGE)
    write_board(sheet, out / BOARD)
    say.line(f"{shot}: {counted(len(sheet.takes), 'take')}. {out / PAGE}")
    say.done({"shot": shot, "takes": [take.id for take in sheet.takes],
              "sheet": str(out / PAGE), "board": str(out / BOARD)})  # fmt: skip
    return DONE


def _named(unit: Unit, name: str) -> Shot:
    found = [shot for shot in unit.shots() if name in (shot.guid, shot.name)]
    if len(found) == 1:
        return found[0]
    guids = ", ".join(shot.guid for shot in found)
    raise UnknownId(
        f"{len(found)} shots are called {name}" if found else f"no shot is called {name}",
        hint=f"Name one by its guid: {guids}" if found else "List them with: secondunit shots",
    )


def _sheet(unit: Unit, shot: Shot) -> Sheet:
    from secondunit_bridge.places import home

    from .sheet import Sheet
    from .sheet.gather import Stills
    from .takes import turnovers_of

    takes = sorted(
        (take for take in unit.takes(shot=shot.guid) if take.media is not None),
        key=lambda take: (take.state in _JUNK, take.number),
    )
    if not takes:
        raise UnknownId(
            f"{shot.name} has no take that was shot yet", hint="Wait until one is, then run again."
        )
    project = next(one for one in unit.projects() if one.name == shot.project)
    store = Path(project.store) if project.store else home() / "projects" / project.name
    version = max(unit.versions(shot.guid), key=lambda one: one.number, default=None)
    asked = turnovers_of(unit, {shot.guid}).get(shot.guid)
    with Stills(project, store) as stills:
        circled = version.take if version else ""
        panels = tuple(_panel(stills, take, shot, circled) for take in takes)
    return Sheet(
        title=shot.name.replace("_", " "),
        line=_line(takes, asked, version),
        facts=_facts(shot, project, asked),
        join=(),
        pieces=(),
        takes=panels,
        places=_places(version, store),
        circled_by=version.by if version else "",
    )


def _panel(stills: Stills, take: Take, shot: Shot, circled: str) -> TakePanel:
    """As on every sheet, and of junk why it was put aside."""
    panel = stills.panel(take, shot, circled)
    why = (f"Put aside: {take.junk_reason}.",) if take.junk_reason else ()
    return replace(panel, remarks=(*why, *panel.remarks))


def _line(takes: list[Take], asked: Turnover | None, version: Version | None) -> str:
    junk = sum(take.state in _JUNK for take in takes)
    said = f"{counted(len(takes), 'take')}"
    said += f", {junk} of them put aside" if junk else ""
    said += f"; {version.name} is the latest version." if version else "; none is circled."
    brief = asked.brief.strip() if asked else ""
    return f"{said} The brief: “{brief}”" if brief else said


def _facts(shot: Shot, project: Project, asked: Turnover | None) -> tuple[tuple[str, str], ...]:
    cut = shot.cut
    first, last = (to_timecode(frame, cut.rate, drop=shot.drop) for frame in (cut.first, cut.last))
    size = (asked.width or project.width, asked.height or project.height) if asked else (
        project.width, project.height)  # fmt: skip
    return (
        ("Record", f"{first} – {last}"),  # noqa: RUF001 - an en dash between two timecodes
        ("Length", f"{len(cut)} frames + {shot.handles.head} + {shot.handles.tail}"),
        ("Rate", f"{rate_name(cut.rate)} a second"),
        ("Picture", f"{size[0]} x {size[1]}, {project.space}"),
        ("Generator", asked.generator if asked else "not known here"),
    )


def _places(version: Version | None, store: Path) -> tuple[tuple[str, str], ...]:
    published = (("version", version.path),) if version else ()
    return (*published, ("store", str(store)))
