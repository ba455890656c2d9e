"""``models``: register weights that lie on this machine, see them, clear a licence, try a card."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge.errors import CardWrong, NameMissing, UnknownId
from secondunit_bridge.film import Clearance, Model, ModelKind

from .say import COULD_NOT, DONE, JsonFlag, Say, console

if TYPE_CHECKING:
    from ..models.card import Card
    from ..models.shelf import Shelf
    from ..models.workflow_card import WorkflowCard
    from ..settings import Settings

ByFlag = Annotated[str, typer.Option("--by", help="Name of the person who answers for it.")]


def group() -> typer.Typer:
    """The ``models`` commands."""
    app = typer.Typer(
        name="models",
        help="Weights on this machine: registered, cleared, described by cards.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.callback()(_group)
    for command in (add, list_, clear, remove, card):
        app.command(name=command.__name__.strip("_"))(command)
    return app


def _group() -> None:
    """Weights on this machine: registered, cleared, described by cards."""


def add(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="DIR|FILE", help="A diffusers folder, a .safetensors, or a ComfyUI workflow."
        ),
    ],
    by: ByFlag = "",
    name: Annotated[str, typer.Option(help="What to call it; the folder's name if left out.")] = "",
    card: Annotated[str, typer.Option(help="Which card; told by the weights if left out.")] = "",
    licence: Annotated[str, typer.Option(help="Terms it came with: Apache-2.0, MIT ...")] = "",
    variant: Annotated[
        str, typer.Option(help="Which weights, where there are several: fp16. Else full size.")
    ] = "",
    part: Annotated[
        list[str] | None, typer.Option(help="A component elsewhere: controlnet=DIR. Repeatable.")
    ] = None,
    json: JsonFlag = False,
) -> int:
    """Register weights: read them through once, and write down what they are and who says so."""
    from ..models import scan
    from .calling import calling

    say, settings, adder = Say(as_json=json), _settings(), _adder(by)
    parts = _parts(part)
    for place in (path.absolute(), *parts.values()):
        scan.within(place, settings.model_roots)
    shelf = _shelf(settings)
    with calling(say) as unit:
        beside = unit.models()
    found = scan.look(path, shelf, card=card, parts=parts, beside=beside)
    with _reading(say, found.path.name, found.bytes) as told:
        model = scan.read_through(
            found, name=name, by=adder, licence=licence, variant=variant, told=told
        )
    with calling(say) as unit:
        model = unit.add_model(model)
        _tell(say, model, shelf, unit.model_refusals()[model.name])
    say.done({"model": model})
    return DONE


def _adder(by: str) -> str:
    if not by.strip():
        raise NameMissing("a model needs the name of the person who adds it", hint="Say: --by NAME")
    return by.strip()


def list_(json: JsonFlag = False) -> int:
    """List the registered models, what each can serve, and what stands against its use."""
    from .calling import calling

    say, settings = Say(as_json=json), _settings()
    with calling(say) as unit:
        models, against = unit.models(), unit.model_refusals()
    shelf = _shelf(settings)
    if not models:
        say.line("No models yet. Add one with: secondunit models add DIR --by NAME")
    for model in models:
        _tell(say, model, shelf, against.get(model.name, ()))
    said = [{**asdict(model), "against": list(against.get(model.name, ()))} for model in models]
    say.done({"models": said, "refused_cards": _refused(shelf)})
    return DONE


def clear(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the registered model.")],
    by: ByFlag = "",
    reason: Annotated[str, typer.Option(help="Why its terms cover this production.")] = "",
    territory: Annotated[
        list[str] | None, typer.Option(help="Where, as two letters: US. Repeatable.")
    ] = None,
    until: Annotated[str, typer.Option(help="Last day, such as 2027-03-31.")] = "",
    json: JsonFlag = False,
) -> int:
    """Say, by name and with a reason, that a model's licence covers this production."""
    from ..models.licences import digest_of
    from .calling import calling

    say = Say(as_json=json)
    with calling(say) as unit:
        model = next((model for model in unit.models() if model.name == name), None)
        if model is None:
            raise UnknownId(f"there is no model called {name!r:.80}", hint="secondunit models list")
        wanted = tuple(code.upper() for code in territory or ())
        seen = (model.licence, wanted, until, digest_of(model))
        given = Clearance(by.strip(), reason.strip(), *seen)
        model = unit.clear_model(name, given)
        against = unit.model_refusals()[model.name]
    _tell(say, model, _shelf(_settings()), against)
    say.done({"model": model})
    return DONE


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the registered model.")],
    by: ByFlag = "",
    reason: Annotated[str, typer.Option(help="Why it is not to be used any more.")] = "",
    json: JsonFlag = False,
) -> int:
    """Take a model off the list. Its files stay, and the takes made with it still name it."""
    from .calling import calling

    say = Say(as_json=json)
    with calling(say) as unit:
        path = next((model.path for model in unit.models() if model.name == name), "")
        left = unit.remove_model(name, by, reason)
    say.line(f"{name} is off the list. Its files stay where they are: {path}")
    for lora in left:
        say.line(f"    The LoRA {lora} fits no model that is registered now.", style="yellow")
    say.done({"removed": name, "path": path, "loras_left": left})
    return DONE


def card(
    name: Annotated[
        str, typer.Argument(metavar="[NAME|FILE]", help="A card, or a file that is to be one.")
    ] = "",
    check: Annotated[bool, typer.Option("--check", help="Try a file; say what is wrong.")] = False,
    json: JsonFlag = False,
) -> int:
    """Show a card, list all of them, or try one that you wrote."""
    from ..models.shelf import card_at
    from .workflows import is_of_workflow, show

    say = Say(as_json=json)
    if check and not name:
        raise typer.BadParameter("say which file is to be tried", param_hint="--check")
    if is_of_workflow(name):
        return show(say, Path(name), _settings(), check=check)
    shelf = _shelf(_settings())
    if not name:
        for one in shelf:
            say.line(f"{one.name:<28}{one.card.sentence}")
        say.done({"cards": list(shelf), "refused": _refused(shelf)})
        return DONE
    is_file = check or name.endswith(".toml") or "/" in name
    try:
        shown = card_at(Path(name)) if is_file else shelf.card(name)
    except CardWrong as error:
        if not (check and say.as_json):
            raise
        say.done({"ok": False, "problem": error.data.get("problem", error.message)})
        return COULD_NOT
    _show(say, shown)
    say.done({"ok": True, "card": shown})
    return DONE


def _settings() -> Settings:
    from ..settings import Settings

    return Settings.load(os.environ)


def _shelf(settings: Settings) -> Shelf:
    from ..models.shelf import Shelf

    return Shelf(settings.home)


def _refused(shelf: Shelf) -> dict[str, str]:
    return {name: error.message for name, error in shelf.refused.items()}


def _parts(words: Sequence[str] | None) -> dict[str, Path]:
    found = {}
    for word in words or ():
        name, equals, place = word.partition("=")
        if not (name and equals and place):
            raise typer.BadParameter(f"{word!r} is not of the form NAME=DIR", param_hint="--part")
        found[name] = Path(place).absolute()
    return found


@contextmanager
def _reading(say: Say, name: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar that moves while weights are read."""
    if not say.live:
        yield lambda count: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("  reading {task.description}"), BarColumn(28), DownloadColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console(beside=True)) as bars:
        task = bars.add_task(name, total=total)
        yield lambda count: bars.advance(task, count)


def _card_of(model: Model, shelf: Shelf) -> Card | WorkflowCard | None:
    from ..models.workflow_card import card_of, is_workflow

    if is_workflow(model):
        return card_of(model)
    return shelf.card(model.card) if model.card in shelf else None


def _tell(say: Say, model: Model, shelf: Shelf, against: Sequence[str]) -> None:
    """One model, for people."""
    from ..models.variants import said_of

    size = f"{_size(int(model.facts.get('bytes', 0)))} of {model.facts.get('dtype', '')}"
    if "engine" in model.facts:
        size = f"a workflow of {model.facts['nodes']} nodes for {model.facts['engine']}"
    kind = "LoRA" if model.kind is ModelKind.adapter else model.card
    say.line(f"{model.name}  ({kind})", style="bold")
    files = "1 file" if len(model.files) == 1 else f"{len(model.files)} files"
    say.line(f"    {model.path}: {files}, {size}; added by {model.by}")
    if kinds := said_of(model):
        say.line(f"    {kinds}")
    if card := _card_of(model, shelf):
        works = ", ".join(work.value for work in card.card.works)
        say.line(f"    {card.card.sentence} Shoots {works}.")
    if model.kind is ModelKind.adapter:
        told = model.facts
        family = told.get("family") or "a base nobody named"
        hint = f"; its trainer names {told['base named']}" if told.get("base named") else ""
        say.line(f"    {told.get('format')}, rank {told.get('rank')}, for {family}{hint}")
    for clearance in model.clearances[-1:]:
        until = f" until {clearance.until}" if clearance.until else ""
        say.line(f"    cleared by {clearance.by}{until}: {clearance.reason}", style="green")
    for sentence in against:
        say.line(f"    {sentence}", style="yellow")


def _size(count: int) -> str:
    if count < 1e5:
        return f"{count / 1e3:.1f} kB"
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def _show(say: Say, card: Card) -> None:
    """A card, for people."""
    say.line(f"{card.name}  {card.card.version}", style="bold")
    say.line(f"    {card.card.sentence}")
    say.line(f"    {card.card.pipeline}; shoots {', '.join(w.value for w in card.card.works)}")
    for name, port in card.ports.items():
        needed = "" if port.required else " (may be left out)"
        say.line(f"    takes {name}{needed}: {port.sentence}")
    limits = _limits(card)
    say.line(f"    {limits}; code space {card.space.code}")
    terms = card.licence
    say.line(f"    {terms.name}: {terms.commercial}; {terms.source}")


def _limits(card: Card) -> str:
    limits, (step, rest) = card.limits, card.limits.frame_rule
    said: list[Any] = [f"sizes in steps of {limits.size_multiple}"]
    if limits.still:
        said.append("one picture for each call")
    else:
        said.append(f"{step}n + {rest} frames, {limits.max_frames} at most")
    return ", ".join(said)
