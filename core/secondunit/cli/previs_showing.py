"""What a person gets of a previs: the contact sheet of its takes, and where everything is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from secondunit_bridge.film import Project, Version
from secondunit_bridge.timing import rate_name

if TYPE_CHECKING:
    from .line import Shoot
    from .previs_asking import Passes

Pairs = tuple[tuple[str, str], ...]
PAGE, BOARD = "contact_sheet.html", "contact_sheet.png"


def show(
    shoot: Shoot, version: Version | None, found: Passes, project: Project, out: Path
) -> Pairs:
    """Write the contact sheet into ``out``; what lies where. Raises OSError, NotPermitted."""
    from secondunit_bridge.places import home

    from .sheet import Sheet
    from .sheet.board import write_board
    from .sheet.gather import Stills
    from .sheet.page import write_page

    store = Path(project.store) if project.store else home() / "projects" / project.name
    places = (*_places(version, store), ("contact sheet", str(out / PAGE)),
              ("as a picture", str(out / BOARD)))  # fmt: skip
    circled = version.take if version else ""
    with Stills(project, store) as stills:
        shot = [take for take in shoot.takes if take.media is not None]
        sheet = Sheet(
            title=shoot.turnover.shot.name.replace("_", " "),
            line=_line(shoot, found),
            facts=_facts(shoot, project),
            join=(),
            pieces=(),
            takes=tuple(stills.panel(take, shoot.turnover.shot, circled) for take in shot),
            places=places,
            circled_by=version.by if version else "",
        )
    write_page(sheet, out / PAGE)
    write_board(sheet, out / BOARD)
    return places


def _line(shoot: Shoot, found: Passes) -> str:
    roles = [role.value for role in found.roles]
    listed = f"{', '.join(roles[:-1])} and {roles[-1]}" if len(roles) > 1 else roles[0]
    count, brief = len(shoot.turnover.shot.cut), shoot.turnover.brief.strip()
    said = f" The brief: “{brief}”" if brief else ""
    return f"Previs of {count} frame{'s' if count != 1 else ''} from {listed}.{said}"


def _facts(shoot: Shoot, project: Project) -> Pairs:
    turnover, now = shoot.turnover, time.localtime()
    return (
        ("Frames", str(len(turnover.shot.cut))),
        ("Rate", f"{rate_name(turnover.shot.cut.rate)} a second"),
        ("Picture", f"{turnover.width} x {turnover.height}, {project.space}"),
        ("Generator", turnover.generator),
        ("Shot on", f"{now.tm_mday} {time.strftime('%B %Y', now)}"),
    )


def _places(version: Version | None, store: Path) -> Iterator[tuple[str, str]]:
    if version is not None:
        folder, name = Path(version.path), version.name
        yield "version", str(folder)
        yield "frames", str(folder / "exr" / f"{name}.%04d.exr")
        yield "review movie", str(folder / "review" / f"{name}.mov")
        yield "record", str(folder / "record.json")
    yield "store", str(store)
