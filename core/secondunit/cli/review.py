"""``review``: takes watched and decided in a browser; with a cut, its report answered too."""

from __future__ import annotations

import sys
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge.errors import FieldError
from secondunit_bridge.film import Waiver
from secondunit_bridge.wire import typed

from .say import DONE, STOPS_OPEN, JsonFlag, Say

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

    from .check import Looked


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(review)


def review(
    cut: Annotated[
        Path | None,
        typer.Argument(metavar="CUT.otio", help="A timeline: its report is on the page too."),
    ] = None,
    space: Annotated[str, typer.Option(help="Colour space of files that do not say.")] = "",
    sheet: Annotated[
        Path | None,
        typer.Option("--cards", metavar="FILE", help="Shot cards beside the cut: see cards."),
    ] = None,
    port: Annotated[int, typer.Option(help="Port on this machine; 0: any that is free.")] = 0,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Only print the link, open no browser.")
    ] = False,
    json: JsonFlag = False,
) -> int:
    """Watch takes in a browser, compare and decide; with a cut, answer its report there too."""
    from .calling import calling
    from .check import look

    say = Say(as_json=json)
    looked = look(cut, space, say, sheet=sheet) if cut else None
    with calling(say) as unit:
        desk = ReviewDesk(looked, unit) if looked else None
        _serve(unit, desk, say, port, opens=not no_open and say.live)
    return STOPS_OPEN if desk and desk.looked.stops else DONE


def _serve(unit: Unit, desk: ReviewDesk | None, say: Say, port: int, *, opens: bool) -> None:
    """Let one browser in until Ctrl-C."""
    from ..settings import Settings
    from ..web.door import Door
    from ..web.rooms import Rooms

    rooms = Rooms(unit, Settings.load().home, (desk.page, desk.take) if desk else None)
    with rooms.watch, Door(rooms.show, rooms.write, rooms.listen, port) as door:
        told = {"link": door.link}
        if desk:
            told |= {"cut": desk.looked.cut.name, "cover": desk.looked.cover}
            say.line(f"{desk.looked.cut.name}. {desk.looked.cover}.")
        say.line(f"Open once: {door.link}")
        say.line("Ctrl-C ends the review.")
        say.done(told)
        sys.stdout.flush()  # a program that reads the link waits for it
        if opens:
            webbrowser.open(door.link)
        try:
            door.serve_forever()
        except KeyboardInterrupt:
            if desk:
                say.line(f"{desk.looked.cover}.")


class ReviewDesk:
    """What the page asks for: itself with the answers as they are now, and writing more."""

    def __init__(self, looked: Looked, unit: Unit) -> None:
        self.looked, self._unit = looked, unit

    def page(self) -> tuple[str, str]:
        """The page and its policy."""
        from ..web.rooms import ANSWERS
        from .check import summary
        from .sheet.report import report_page

        self.looked = self.looked.now()
        return report_page(summary(self.looked), self.looked, send_to=ANSWERS)

    def take(self, said: Any) -> dict[str, Any]:
        """Write answers; how the findings stand then. Raises what the daemon says, FieldError."""
        sent = said.get("answers") if isinstance(said, dict) else None
        answers = typed(tuple[Waiver, ...], sent, "answers")
        seen = {one.finding.id: one.seen for one in self.looked.shown if one.finding.open}
        if not answers or any(one.finding not in seen for one in answers):
            raise FieldError("answers: expected answers to findings of this page")
        answers = tuple(replace(one, seen=seen[one.finding]) for one in answers)  # ours, not theirs
        if len(answers) == 1:
            self._unit.waive(answers[0])
        else:
            self._unit.waive_all(answers)
        self.looked = self.looked.now()
        standings = {
            one.finding.id: {
                "standing": one.standing.plain() if one.standing else None,
                "open": one.open,
            }
            for one in self.looked.shown
            if one.finding.open
        }
        return {"cover": self.looked.cover, "standings": standings}
