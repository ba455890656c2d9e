"""``packet`` and ``record``: what a network is handed of a cut, and the record of one take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge.errors import MediaOffline
from secondunit_bridge.film import VersionClass

from .say import DONE, JsonFlag, Say

if TYPE_CHECKING:
    from secondunit_bridge.film import Model

    from ..ledger import Ledger
    from ..models.card import Terms
    from ..packet.build import Packet, Wish
    from ..packet.cost import Rates
    from ..packet.steps import Heard
    from ..settings import Settings
    from ..trackers.kitsu import Site

LEDGER = "ledger.sqlite"


def add_to(app: typer.Typer) -> None:
    """Put the commands in."""
    app.command()(packet)
    app.command()(record)


def packet(
    cut: Annotated[Path, typer.Argument(help="The cut to be delivered.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the packet.")],
    title: Annotated[str, typer.Option(help="Title of the production; the cut's if none.")] = "",
    kind: Annotated[
        VersionClass | None,
        typer.Option("--class", help="What it is delivered as; else the versions' highest class."),
    ] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Build it although rights stand against it.")
    ] = False,
    json: JsonFlag = False,
) -> int:
    """Build the packet of a cut: PDF, JSON, records, exports, all signed by your facility."""
    say = Say(as_json=json)
    with say.busy("Building the packet"):
        made = build_packet(cut, out, title=title, kind=kind, draft=draft)
    tell(say, made)
    say.done(answer(made))
    return DONE


def build_packet(
    cut: Path, out: Path, *, title: str = "", kind: VersionClass | None = None,
    draft: bool = False, hear: Heard | None = None,
) -> Packet:  # fmt: skip
    """Read cut and ledger, and build; ``hear`` is told how far it is.

    Raises RecordMissing, RightsRefused, CutUnreadable, LedgerBroken.
    """
    import os

    from ..editorial import read_cut
    from ..ledger import Ledger
    from ..packet.build import build
    from ..packet.gather import gathered
    from ..packet.known import known
    from ..packet.steps import READING, unheard
    from ..settings import Settings

    hear = hear or unheard
    hear(READING)
    settings = Settings.load(os.environ)
    ledger = settings.home / LEDGER
    if not ledger.is_file():
        raise MediaOffline(
            f"there is no ledger in {settings.home}", hint="Set SECONDUNIT_HOME to the home."
        )
    with Ledger(ledger, reading=True) as book:
        _whole(book, draft=draft)
        found = gathered(read_cut(cut), book, _checkpoint(settings, book.head()))
        found = replace(found, known=known(book, rates_of(settings)))
    classes = [one.version.kind for one in found.made]
    highest = max(classes, key=list(VersionClass).index, default=VersionClass.temp)
    wish = _wish(settings, found.models, out.expanduser().resolve(), title or found.cut.name)
    return build(found, replace(wish, delivery=(kind or highest).value, draft=draft), hear)


def _whole(book: Ledger, *, draft: bool) -> None:
    """A packet signs how the ledger stands, so it must stand. Raises LedgerBroken."""
    from secondunit_bridge.errors import LedgerBroken

    problems = book.verify() and book.verify()  # a daemon that wrote meanwhile is no fault
    if problems and not draft:
        raise LedgerBroken(
            f"the ledger does not hold, so no packet is signed over it: {problems[0].sentence}",
            hint="See all of it with: secondunit verify HOME. Bring the ledger back from a backup.",
        )


def tell(say: Say, made: Packet) -> None:
    """What was built, and what stands open."""
    say.line(f"Packet: {made.folder / 'packet.pdf'}", style="bold")
    for clip, one in made.findings:
        colour = "bold red" if one.stops else "yellow"
        end = f" Answered by {one.waived}." if one.waived else f" {one.remedy}"
        say.line(f"    {one.rule} {one.level.value:<5}  {clip}: {one.text}.{end}", style=colour)
    say.line(f"{len(made.files)} files; sha256 of packet.json: {made.sha256}")
    say.line(f"Check it with: secondunit verify {made.folder}")


def answer(made: Packet) -> dict[str, Any]:
    """The same for programs."""
    return {
        "packet": str(made.folder),
        "pdf": str(made.folder / "packet.pdf"),
        "sha256": made.sha256,
        "sections": [
            {"number": one.number, "title": one.title, "empty": one.empty} for one in made.sections
        ],
        "findings": [
            {
                "shot": clip,
                "rule": one.rule,
                "level": one.level.value,
                "stops": one.stops,
                "asset": one.asset,
                "text": one.text,
                "remedy": one.remedy,
                "waived": one.waived,
            }
            for clip, one in made.findings
        ],
        "files": list(made.files),
    }


def record(
    take: Annotated[str, typer.Argument(help="A take's id, for example 3fa9c1d2.1.")],
    json: JsonFlag = False,
) -> int:
    """Show the generation record of a take: all that made it, without its brief or any name."""
    import os

    from ..ledger import Ledger
    from ..packet.gather import generation_record
    from ..settings import Settings

    say, settings = Say(as_json=json), Settings.load(os.environ)
    with Ledger(settings.home / LEDGER, reading=True) as book:
        book.views.take(take)
        entries = book.entries(kind="take", subject=take)
    told = generation_record(take, dict(entries[-1].body) if entries else {})
    _show(say, told)
    say.done(told)
    return DONE


def _show(say: Say, told: dict[str, Any]) -> None:
    made, place = told["params"], told["outputs"]
    models = [f"{one['registry_id']} ({one['role']})" for one in told["models"]]
    say.line(f"Record of take {told['id']}: {told['shot']}, {told['task']}", style="bold")
    say.pairs(
        (
            ("made by", told["operation"]["generator"]),
            ("what it is", told["operation"]["digital_source_type"]),
            ("models", ", ".join(models) or "none"),
            ("seed", str(made["seed"])),
            (
                "frames",
                f"{made['frames'][0]} to {made['frames'][1]}, {made['size'][0]} x"
                f" {made['size'][1]}, {made['fps']} a second",
            ),
            ("brief", f"sha256 {told['prompt_sha256'] or 'none'}"),
            ("pictures", f"sha256 {place['hashlist_sha256']}"),
            (
                "made from",
                ", ".join(f"{one['role']} {one['file']}" for one in told["inputs"]) or "-",
            ),
            ("asked by", told["requested_by"] or "nobody named"),
        )
    )


def _wish(settings: Settings, models: Sequence[Any], out: Path, title: str) -> Wish:
    from ..models import licences
    from ..packet.build import Wish
    from ..packet.signing import signer_of, told
    from ..trackers.kitsu import Site

    site = Site.of(settings.home)
    return Wish(
        out=out,
        keys=settings.home / "keys",
        title=title,
        delivery="temp",
        rates=rates_of(settings),
        terms=terms_of(settings, models),
        production=licences.use_of(settings),
        verifier=_verifier(settings),
        signer=signer_of(settings),
        outside=(_tracked(settings.home, site), *told(settings)),
    )


def terms_of(settings: Settings, models: Sequence[Model]) -> dict[str, Terms | None]:
    """What the cards say of the licences of registered models, by name."""
    from ..models.shelf import Shelf

    shelf = Shelf(settings.home)
    return {one.name: shelf.card(one.card).licence for one in models if one.card in shelf}


def _tracked(home: Path, site: Site | None) -> tuple[str, str]:
    """What the outbox has on record of review movies that were sent."""
    from ..trackers.kitsu_plugin import TRACKER
    from ..trackers.outbox import FILE, Outbox

    sent = len(Outbox(home, TRACKER).tasks()) if (home / FILE).is_file() else 0
    if not sent:
        return "Tracker", "No review movie was sent to one."
    where = site.host if site else "Kitsu"
    return "Tracker", f"{sent} review movies were sent to {where}, by a command that a person ran."


def rates_of(settings: Settings) -> Rates:
    """The rate card of the home; examples where there is none. Raises SettingWrong."""
    from ..packet.cost import Rates

    return Rates.at(settings.home) or Rates()


def _checkpoint(settings: Settings, head: tuple[int, str]) -> str:
    """A signed word on how long the ledger is now."""
    from ..ledger import Signer

    return Signer(settings.home / "keys").checkpoint(head)


def _verifier(settings: Settings) -> str:
    from ..ledger import Signer

    return Signer(settings.home / "keys").verifier
