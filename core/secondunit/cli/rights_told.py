"""What the rights register says: ``rights list`` and ``rights sweep``. Nothing is written."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .packet import LEDGER
from .say import DONE, STOPS_OPEN, JsonFlag, Say

if TYPE_CHECKING:
    from ..rights import Register, Row
    from ..rights.sweep import WithdrawnUse


def list_(json: JsonFlag = False) -> int:
    """List what is in force, and how many rows it replaced."""
    say, held = Say(as_json=json), register()
    for (table, id_), row in sorted(held.rows.items()):
        say.line(f"{table:<12} {id_:<24} {brief(row)}")
    if not held.rows:
        say.line("No rows yet. Add one with: secondunit rights add lora ID --file FILE --by NAME")
    from secondunit_bridge.wire import plain

    rows = [
        {"table": table, "entry": held.numbers[table, id_], "row": plain(row)}
        for (table, id_), row in sorted(held.rows.items())
    ]
    say.done({"rows": rows, "replaced": len(held.history) - len(rows)})
    return DONE


def sweep(
    days: Annotated[int, typer.Option(help="How far to look ahead.", min=0)] = 30,
    json: JsonFlag = False,
) -> int:
    """List rights that lapse soon, and every version made with what has been withdrawn.

    The daemon looks by itself once a day. Ends with 3 when something has lapsed or was withdrawn.
    """
    from datetime import date

    from ..ledger import Ledger
    from ..rights import Register
    from ..rights.register import KIND
    from ..rights.sweep import withdrawn_uses

    say, today = Say(as_json=json), date.today()
    with Ledger(home() / LEDGER, reading=True) as book:
        held = Register.of(book.every(KIND))
        uses = [one for one in withdrawn_uses(held, book.views, book.entries) if one]
    lapses = list(held.lapses(today, days))
    for one in lapses:
        say.line(one.sentence, style="bold red" if one.on < str(today) else "yellow")
    for use in uses:
        say.line(use.sentence, style="bold red")
    if not lapses and not uses:
        say.line(f"Nothing lapses within {days} days, and nothing withdrawn was used.")
    say.done({"lapses": lapses, "withdrawn": uses})
    return STOPS_OPEN if uses or any(one.on < str(today) for one in lapses) else DONE


def made_with(id: str) -> list[WithdrawnUse]:
    """What was made with an asset that is withdrawn now, or with one bound to that consent."""
    from ..ledger import Ledger
    from ..rights.sweep import withdrawn_uses

    held = register()
    assets = {id, *(one.asset for one in held.bindings if one.consent == id)}
    with Ledger(home() / LEDGER, reading=True) as book:
        uses = list(withdrawn_uses(held, book.views, book.entries))
    return [one for one in uses if one and one.asset in assets]


def register() -> Register:
    """The register of this home as its ledger has it now."""
    from ..ledger import Ledger
    from ..rights import Register
    from ..rights.register import KIND

    ledger = home() / LEDGER
    if not ledger.is_file():
        return Register()
    with Ledger(ledger, reading=True) as book:
        return Register.of(book.every(KIND))


def home() -> Path:
    """The home that is in force."""
    from ..settings import Settings

    return Settings.load(os.environ).home


def brief(row: Row) -> str:
    """A row in a few words."""
    words = {one.name: getattr(row, one.name) for one in fields(row)}
    shown = (
        "kind",
        "status",
        "licence",
        "commercial",
        "likeness",
        "performer",
        "asset",
        "consent",
        "rule",
        "role",
        "on",
        "not_after",
        "until",
        "revoked",
    )
    said = [f"{name} {words[name]}" for name in shown if words.get(name) not in (None, "", "none")]
    return ", ".join(said).replace("_", " ") + "."
