"""``rights``: who owns what is used, who consented, what was waived, what lapses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer
from secondunit_bridge.errors import NameMissing, UnknownId

from .packet import LEDGER
from .rights_told import brief, home, list_, made_with, register, sweep
from .say import DONE, JsonFlag, Say

ByFlag = Annotated[str, typer.Option("--by", help="Name of the person who answers for it.")]
SetFlag = Annotated[
    list[str] | None, typer.Option("--set", help="field=value; lists with commas. Repeatable.")
]
IdWord = Annotated[str, typer.Argument(metavar="ID", help="One word that names the row.")]


def group() -> typer.Typer:
    """The ``rights`` commands."""
    app = typer.Typer(
        name="rights",
        help="Rights in models, pictures and people: rows that are added to, never changed.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.callback()(_group)
    for command in (list_, add, consent, bind, withdraw, waive, declare, marking, alone, sweep):
        app.command(name=command.__name__.strip("_"))(command)
    return app


def _group() -> None:
    """Rights in models, pictures and people: rows that are added to, never changed."""


def add(
    kind: Annotated[str, typer.Argument(help="model, lora, controlnet, dataset, reference ...")],
    id: IdWord,
    by: ByFlag = "",
    file: Annotated[
        list[Path] | None, typer.Option("--file", help="A file of it. Repeatable.")
    ] = None,
    licence_text: Annotated[
        Path | None, typer.Option(help="The licence as it was read: a copy is kept in the home.")
    ] = None,
    set_: SetFlag = None,
    json: JsonFlag = False,
) -> int:
    """Write a row on a model, adapter, data set or reference; what is not said stays as it was.

    Of a model that is registered under that id its files are known already. Other files than before
    are another thing: their row is a draft until somebody says that it is cleared.
    """
    from ..rights import Asset

    before, claims = _now("asset", id), _of_files(file or ())
    told = {"name": id} | _of_model(id) | claims | before | {"id": id, "kind": kind}
    if file and sorted(claims["files"]) != sorted(before.get("files", ())):
        kept = ("files", "tensors", "likeness")
        told |= {name: claims[name] for name in kept if name in claims} | {"status": "draft"}
    if licence_text is not None:
        told["licence_text"] = _kept(licence_text)
    return _write("asset", told | _said(Asset, set_), by, as_json=json)


def consent(
    id: IdWord,
    by: ByFlag = "",
    performer: Annotated[
        str, typer.Option(help="Who consents. The name becomes a code, and is kept nowhere.")
    ] = "",
    paper: Annotated[
        Path | None, typer.Option(help="The signed paper: only its digest is kept.")
    ] = (None),
    set_: SetFlag = None,
    json: JsonFlag = False,
) -> int:
    """Write a performer's consent: kind, projects, territories, dates, signed on which day."""
    from ..packet.people import People
    from ..rights import Consent

    told = {"performer": "", "kind": "employment_replica"} | _now("consent", id) | {"id": id}
    if performer:
        told["performer"] = People(home() / "keys").code(performer)
    if paper is not None:
        told["instrument"] = _digest(paper)
    return _write("consent", told | _said(Consent, set_), by, as_json=json)


def bind(
    asset: Annotated[str, typer.Argument(help="Id of what shows or sounds like the person.")],
    consent: Annotated[str, typer.Argument(help="Id of the consent that covers it.")],
    by: ByFlag = "",
    json: JsonFlag = False,
) -> int:
    """Say which consent covers which adapter or reference."""
    rows = register().rows
    for table, id_ in (("asset", asset), ("consent", consent)):
        if (table, id_) not in rows:
            raise UnknownId(f"there is no {table} {id_!r:.80}", hint="See: secondunit rights list")
    told = {"id": f"{asset}--{consent}"[:64], "asset": asset, "consent": consent}
    return _write("binding", told, by, as_json=json)


def withdraw(
    id: Annotated[str, typer.Argument(help="Id of an asset or a consent.")],
    by: ByFlag = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    json: JsonFlag = False,
) -> int:
    """Take a right back: nothing more is shot with it, and every shot that used it is named."""
    from datetime import date

    if not reason.strip():
        raise NameMissing("a withdrawal needs a reason", hint="Say why: --reason 'the term ended'.")
    table, told = "asset", _now("asset", id) | {"status": "withdrawn", "reason": reason}
    if "id" not in told:
        table, told = "consent", _now("consent", id) | {"revoked": str(date.today())}
    if "id" not in told:
        raise UnknownId(f"there is no asset or consent {id!r:.80}", hint="secondunit rights list")
    say = Say(as_json=json)
    answer = _written(say, table, told, by)
    uses = made_with(id)
    for one in uses:
        say.line(one.sentence, style="bold red")
    if uses:
        say.line("Each is taken back with: secondunit recall VERSION --by NAME --reason R")
    say.done({**answer, "versions": [one.version for one in uses]})
    return DONE


def waive(
    rule: Annotated[str, typer.Argument(help="The rule, such as R8.")],
    asset: Annotated[str, typer.Argument(help="Id of what it is about.")],
    by: ByFlag = "",
    role: Annotated[str, typer.Option(help="producer or legal.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    until: Annotated[str, typer.Option(help="Last day, such as 2027-03-31.")] = "",
    paper: Annotated[Path | None, typer.Option(help="The paper: only its digest is kept.")] = None,
    json: JsonFlag = False,
) -> int:
    """Answer for one rule and one asset, as producer or lawyer. Consent cannot be waived."""
    told = {
        "id": f"{rule}--{asset}"[:64],
        "rule": rule,
        "asset": asset,
        "reason": reason,
        "role": role,
        "by": by,
        "until": until,
        "document": _digest(paper) if paper else "",
    }
    return _write("waiver", told, by, as_json=json)


def declare(
    project: Annotated[str, typer.Argument(help="The production.")],
    by: ByFlag = "",
    role: Annotated[str, typer.Option(help="Of the person who signs.")] = "producer",
    answer: Annotated[
        list[str] | None, typer.Option("--answer", help="To each question in turn. Repeatable.")
    ] = None,
    set_: SetFlag = None,
    json: JsonFlag = False,
) -> int:
    """Sign the answers to a buyer's five questions for a production, in order.

    What is not said stays as it was, and is signed anew.
    """
    from datetime import date

    from ..rights import Declaration
    from ..rights.rows import OPEN, QUESTIONS

    before = _now("declaration", project)
    old = [*before.get("answers", ()), *[OPEN] * len(QUESTIONS)]
    given = [*(answer or ()), *old[len(answer or ()) :]][: len(QUESTIONS)]
    told = before | {"id": project, "answers": given, "by": by, "role": role}
    told |= {"signed": str(date.today())}
    if not json:
        for number, question in enumerate(QUESTIONS):
            typer.echo(f"{number + 1}. {question}: {given[number]}")
    return _write("declaration", told | _said(Declaration, set_), by, as_json=json)


def marking(
    state: Annotated[str, typer.Argument(help="on or off.")],
    by: ByFlag = "",
    reason: Annotated[str, typer.Option(help="Why it is switched off.")] = "",
    project: Annotated[str, typer.Option(help="Only this production.")] = "all",
    json: JsonFlag = False,
) -> int:
    """Switch content credentials off or on for what is published from now on, by name."""
    if state not in ("on", "off"):
        raise typer.BadParameter("say on or off", param_hint="STATE")
    if state == "off" and not reason.strip():
        raise NameMissing("switching marking off needs a reason", hint="Say why: --reason ...")
    told = {"id": project, "on": state == "on", "by": by, "reason": reason}
    return _write("marking", told, by, as_json=json)


def alone(
    project: Annotated[str, typer.Argument(help="The production.")],
    by: ByFlag = "",
    reason: Annotated[str, typer.Option(help="Why one person makes and approves it.")] = "",
    on: Annotated[bool, typer.Option("--on/--off", help="Off: somebody else approves.")] = True,
    json: JsonFlag = False,
) -> int:
    """Say once that one person makes a production, so that they may circle what they asked for.

    It stands in the ledger and in every packet, and ends when somebody else works on it too.
    """
    told = {"id": project, "on": on, "by": by, "reason": reason}
    return _write("alone", told, by, as_json=json)


def _write(table: str, told: dict[str, Any], by: str, *, as_json: bool) -> int:
    say = Say(as_json=as_json)
    say.done(_written(say, table, told, by))
    return DONE


def _written(say: Say, table: str, told: dict[str, Any], by: str) -> dict[str, Any]:
    from ..rights.rows import row_of
    from .calling import calling

    row = row_of(table, _whole(table, told))  # a mistake is said before the daemon is asked
    from secondunit_bridge.wire import plain

    with calling(say) as unit:
        answer = unit.right(table, plain(row), by)
    say.line(f"{table} {row.id}: {brief(row)} Entry {answer['entry']} of the ledger.")
    return dict(answer)


def _whole(table: str, told: dict[str, Any]) -> dict[str, Any]:
    """A row with its defaults filled in, as JSON."""
    from dataclasses import MISSING

    from secondunit_bridge.wire import plain

    from ..rights.rows import TABLES

    defaults = {
        one.name: one.default for one in fields(TABLES[table]) if one.default is not MISSING
    }
    return {**plain(defaults), **plain(told)}


def _said(kind: type[Any], words: Sequence[str] | None) -> dict[str, Any]:
    """``field=value`` as values of a row. Raises BadParameter for a field that is none."""
    known = {one.name: str(one.type) for one in fields(kind)}
    told: dict[str, Any] = {}
    for word in words or ():
        name, equals, value = word.partition("=")
        if not equals or name not in known or name == "id":
            raise typer.BadParameter(
                f"{word!r} is not field=value; there are: {', '.join(known)}", param_hint="--set"
            )
        if known[name].startswith("tuple"):
            told[name] = [part.strip() for part in value.split(",") if part.strip()]
        else:
            told[name] = value.lower() in ("yes", "true") if known[name] == "bool" else value
    return told


def _of_model(name: str) -> dict[str, Any]:
    """What is known of a registered model of that name; nothing when there is none."""
    from ..ledger import Ledger

    ledger = home() / LEDGER
    if not ledger.is_file():
        return {}
    with Ledger(ledger, reading=True) as book:
        found = [model for model in book.views.models() if model.name == name]
    return {
        key: value
        for model in found
        for key, value in (
            ("files", [file.sha256 for file in model.files]),
            ("tensors", str(model.facts.get("tensors_sha256", ""))),
            ("licence", model.licence.id),
            ("licence_text", model.licence.sha256),
        )
    }


def _of_files(files: Sequence[Path]) -> dict[str, Any]:
    """What files say of themselves: digests, and a safetensors' claims. They clear nothing."""
    from ..models.claimed import claimed

    told: dict[str, Any] = {"files": [_digest(file) for file in files]} if files else {}
    for file in files:
        if file.suffix == ".safetensors":
            told |= claimed(file)
    return told


def _kept(text: Path) -> str:
    """sha256 of a licence's text, of which a copy lies in the home's ``licences`` from now on."""
    from ..disk import private_folder, saying_why, write_whole

    with saying_why(text):
        data = text.read_bytes()
    digest = _digest(text)
    write_whole(private_folder(home() / "licences") / f"{digest}.txt", data)
    return digest


def _digest(file: Path) -> str:
    from hashlib import file_digest

    from ..disk import saying_why

    with saying_why(file), open(file, "rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def _now(table: str, id: str) -> dict[str, Any]:
    from secondunit_bridge.wire import plain

    row = register().rows.get((table, id))
    return dict(plain(row)) if row is not None else {}
