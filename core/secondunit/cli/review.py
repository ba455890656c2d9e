"""``review``: takes watched and decided in a browser; with a cut, its report answered too.

Answers and shot cards are written as they are given.
"""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge.errors import FieldError
from secondunit_bridge.film import Waiver
from secondunit_bridge.wire import typed

from .carding import CardDesk, show_beside
from .cards import sheet_of_its_own
from .say import DONE, STOPS_OPEN, JsonFlag, Say

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

    from ..web.rooms import Take
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

    say = Say(as_json=json)
    with_cut = _report(cut, space, say, sheet) if cut else None
    with calling(say) as unit:
        desk = with_cut(unit) if with_cut else None
        _serve(unit, desk, say, (cut, port), opens=not no_open and say.live)
    return STOPS_OPEN if desk and desk.looked.stops else DONE


def _report(cut: Path, space: str, say: Say, sheet: Path | None) -> Callable[[Unit], ReviewDesk]:
    """Sweep a cut; what makes its desk once the daemon is reached."""
    from .check import look

    cards = CardDesk(cut, sheet or sheet_of_its_own(cut), show_beside(cut))
    looked = look(cut, space, say, sheet=sheet)
    return lambda unit: ReviewDesk(
        looked, unit, cards, lambda: look(cut, space, say, sheet=cards.there())
    )


def _serve(
    unit: Unit, desk: ReviewDesk | None, say: Say, at: tuple[Path | None, int], *, opens: bool
) -> None:
    """Let one browser in until Ctrl-C, to the cut and at the port of ``at``."""
    from ..settings import Settings
    from ..web.door import Door
    from ..web.rooms import Rooms
    from .showing import sources_of

    settings, (cut, port) = Settings.load(), at
    sources = sources_of(unit, settings, cut, (lambda: desk.looked) if desk else None)
    report = (desk.page, desk.takes()) if desk else None
    rooms = Rooms(unit, settings.home, report, sources)
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

    def __init__(
        self, looked: Looked, unit: Unit, cards: CardDesk, again: Callable[[], Looked]
    ) -> None:
        self.looked, self._unit, self._cards, self._again = looked, unit, cards, again

    def page(self) -> tuple[str, str]:
        """The page and its policy."""
        from ..web.rooms import AGAIN, ANSWERS, CARDS
        from .check import summary
        from .sheet.report import Desk, report_page

        self.looked = self.looked.now()
        desk = Desk(ANSWERS, CARDS, AGAIN, self._cards)
        return report_page(summary(self.looked), self.looked, desk)

    def takes(self) -> dict[str, Take]:
        """What is done with what the page sends, by where it sends it."""
        from ..web.rooms import AGAIN, ANSWERS, CARDS

        return {ANSWERS: self.take, CARDS: self._cards.take, AGAIN: self.look_again}

    def look_again(self, _: Any) -> dict[str, Any]:
        """Sweep with the cards as they are now; what no card concerns is remembered."""
        self.looked = self._again()
        return {"cover": self.looked.cover}

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
