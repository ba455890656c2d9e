"""``cards``: what a production says of each shot, listed, written to edit, and put into a cut."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .say import DONE, JsonFlag, Say

if TYPE_CHECKING:
    from ..editorial import Cut

FIELDS = ("scene", "day", "setup", "master", "key_side", "cast", "props", "wardrobe", "allowed")


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(cards)


def cards(
    cut: Annotated[Path, typer.Argument(metavar="CUT.otio", help="The timeline.")],
    write: Annotated[
        Path | None, typer.Option(help="Write the cards as a text file (TOML) to edit.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option("--from", help="Such a file; its cards are shown, or put in.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="With --from: a new timeline with the cards in it.")
    ] = None,
    json: JsonFlag = False,
) -> int:
    """Show the shot cards of a cut: scene, day, set-up, cast, props, and what may change."""
    from ..editorial import read_cut, save

    if out is not None and sheet is None:
        raise typer.BadParameter("--out wants --from FILE: nothing is to be put in")
    say = Say(as_json=json)
    opened, strange = with_cards(read_cut(cut), sheet or sheet_beside(cut))
    for name in strange:
        say.line(f"On the sheet, but no clip of {opened.name}: {name}", style="yellow")
    if write is not None:
        _written(opened, write)
        say.line(f"Cards written to {write.resolve()}. Edit it, then: --from {write.name}")
    elif out is not None:
        say.line(f"Cut with its cards: {save(opened.document, out)}")
    else:
        _show(say, opened)
    say.done(_told(opened, strange))
    return DONE


def with_cards(cut: Cut, sheet: Path | None) -> tuple[Cut, tuple[str, ...]]:
    """The cut with a sheet's cards, and the sheet's names that are no clip of it."""
    from ..editorial.sheets import read_sheet, with_sheet

    return with_sheet(cut, read_sheet(sheet)) if sheet else (cut, ())


def sheet_of_its_own(cut: Path) -> Path:
    """Where the review page keeps the cards of a cut when nobody names another sheet."""
    return cut.with_name(f"{cut.stem}.cards.toml")


def sheet_beside(cut: Path) -> Path | None:
    """The sheet that lies beside a cut and has its name; None when there is none."""
    own = sheet_of_its_own(cut)
    return own if own.is_file() else None


def own_card(sheet: Path | None, name: str) -> dict[str, Any]:
    """What a sheet says of one shot, that need not be in the cut yet; nothing without a sheet."""
    from ..editorial.sheets import read_sheet

    return read_sheet(sheet).cards.get(name, {}) if sheet else {}


def _written(cut: Cut, path: Path) -> None:
    from secondunit_bridge.errors import PathRefused

    from .. import disk
    from ..editorial.sheets import sheet_of

    if path.exists():
        raise PathRefused(f"{path} is there already", hint="Name another file, or remove it.")
    disk.write_whole(path.absolute(), sheet_of(cut).encode())


def _show(say: Say, cut: Cut) -> None:
    rows = []
    for shot in cut.shots:
        card = shot.marks.get("card")
        said = card if isinstance(card, dict) else {}
        rows.append((shot.name, *(_word(said.get(name)) for name in FIELDS)))
    say.table(("shot", *FIELDS), rows)
    if not any(any(row[1:]) for row in rows):
        say.line("No shot has a card. Write a sheet to fill in: secondunit cards CUT --write FILE")


def _word(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, list):
        names = [one.get("name", "?") if isinstance(one, dict) else str(one) for one in value]
        return ", ".join(names)
    return str(value)


def _told(cut: Cut, strange: tuple[str, ...]) -> dict[str, Any]:
    from ..editorial.bible import bible_of
    from ..editorial.cards import read_card

    shots = []
    for shot in cut.shots:
        _, wrong = read_card(shot.marks)
        card = shot.marks.get("card")
        shots.append({"name": shot.name, "guid": shot.guid, "card": card, "wrong": wrong})
    bible, wrong = bible_of(cut)
    said = {"gallery": bible.gallery, "masters": bible.masters, "setups": bible.setups}
    return {"cut": cut.name, "bible": said, "bible_wrong": wrong, "shots": shots,
            "not_in_cut": list(strange)}  # fmt: skip
