"""``cost``: what the takes of this home cost, by shot and by accepted second."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .packet import LEDGER, rates_of
from .say import DONE, JsonFlag, Say

if TYPE_CHECKING:
    from ..packet.cost import Rates, Spent


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(cost)


def cost(
    cut: Annotated[
        Path | None, typer.Argument(help="Count what plays in this cut; else whole versions.")
    ] = None,
    json: JsonFlag = False,
) -> int:
    """Say what was spent: machine time, people's time, and how much of it was for nothing."""
    from ..packet.cost import added, told
    from ..settings import Settings

    say, settings = Say(as_json=json), Settings.load(os.environ)
    rates = rates_of(settings)
    parts = parts_of(settings.home / LEDGER, cut, rates)
    total = added(parts, "all")
    _tell(say, parts, total, rates)
    shots = [told(one, 1, rates) for one in parts]
    say.done({"shots": shots, "all": told(total, len(parts), rates), "rates": rates})
    return DONE


def parts_of(ledger: Path, cut: Path | None, rates: Rates) -> list[Spent]:
    """What each shot used: of the cut, or of everything there ever was."""
    from ..ledger import Ledger
    from ..packet.cost import spent
    from ..packet.known import known

    with Ledger(ledger, reading=True) as book:
        plays, told = _plays(cut, book), known(book, rates)
        return [
            spent(
                shot.name,
                book.views.takes(shot=shot.guid),
                plays.get(shot.guid, Fraction(0)),
                rates,
                told,
            )
            for shot in book.views.shots()
            if cut is None or shot.guid in plays
        ]


def _tell(say: Say, parts: list[Spent], total: Spent, rates: Rates) -> None:
    from ..packet.cost import bill
    from ..packet.costs_told import assumed, facts

    unit = rates.currency
    columns = ("shot", "takes", "accepted", "for nothing", "machine s", "expected s", "people min",
               unit)  # fmt: skip
    say.table(columns, (_row(one, rates) for one in parts))
    say.pairs(facts(total, bill(total, len(parts), rates), rates))
    say.line(f"{assumed(total, rates)} Rates: rates.toml in the home.")


def _row(one: Spent, rates: Rates) -> tuple[str, ...]:
    from ..packet.cost import bill

    return (
        one.shot,
        str(one.takes),
        str(one.accepted),
        str(one.junk),
        f"{one.device_s + one.processor_s:.1f}",
        f"{one.expected_s:.1f}" if one.foreseen else "-",
        f"{one.review_s / 60:.1f}",
        f"{bill(one, 1, rates).total:.2f}",
    )


def _plays(cut: Path | None, book: Any) -> dict[str, Fraction]:
    """Seconds that play of each shot (guid): in the cut, or of its newest version's own cut."""
    if cut is None:
        shots = {shot.guid: shot for shot in book.views.shots()}
        return {
            one.shot: Fraction(len(shots[one.shot].cut)) / shots[one.shot].cut.rate
            for one in book.views.versions()
            if one.shot in shots
        }
    from ..editorial import read_cut
    from ..packet.ours import Ours

    versions = {one.name: one for one in book.views.versions()}
    known, found = Ours.of(versions.values()), dict[str, Fraction]()
    for clip in read_cut(cut).shots:
        played = versions.get(known.version(clip))
        guid = played.shot if played else ""
        if guid:
            length = Fraction(len(clip.record)) / clip.record.rate
            found[guid] = found.get(guid, Fraction(0)) + length
    return found
