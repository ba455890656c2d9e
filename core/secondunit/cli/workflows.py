"""A ComfyUI workflow and its card, shown to the person who writes the card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import CardWrong

from .say import COULD_NOT, DONE, Say

if TYPE_CHECKING:
    from ..models.workflow_card import Pair
    from ..settings import Settings


def is_of_workflow(name: str) -> bool:
    """The file is a workflow, or a workflow's card."""
    from ..models.workflow_card import SUFFIX, is_card

    path = Path(name)
    if path.suffix == ".json":
        return True
    return path.suffix == SUFFIX and path.is_file() and is_card(path.read_bytes())


def show(say: Say, path: Path, settings: Settings, *, check: bool) -> int:
    """What the pair is, and with ``check`` everything that is wrong with it: between the two
    files, and at the server where one is switched on. Raises CardWrong for what cannot be read."""
    from ..models.workflow_card import looked_at

    try:
        pair, problems = looked_at(path)
    except CardWrong as error:
        if not (check and say.as_json):
            raise
        problem = error.data.get("problem", error.message)
        say.done({"ok": False, "problem": problem, "problems": [problem]})
        return COULD_NOT
    _show(say, pair)
    said = [*problems, *(_at_the_server(say, pair, settings) if check and not problems else ())]
    for sentence in said:
        say.line(f"    {sentence}", style="yellow")
    if check and not said:
        say.line("    Nothing is wrong with it.", style="green")
    body: dict[str, Any] = {"ok": not said, "problems": said, "card": pair.card}
    body |= {"problem": said[0]} if said else {}
    say.done({**body, "workflow_sha256": pair.sha256, "models": list(pair.workflow.weights)})
    return COULD_NOT if check and said else DONE


def _at_the_server(say: Say, pair: Pair, settings: Settings) -> tuple[str, ...]:
    from ..generators.comfyui.looking import seen
    from ..generators.comfyui.server import Server

    if not settings.comfyui:
        say.line("    The setting comfyui names no server: its nodes and files were not looked at.")
        return ()
    return seen(Server(settings.comfyui), pair, pair.card.name).refusals


def _show(say: Say, pair: Pair) -> None:
    card, workflow = pair.card, pair.workflow
    say.line(f"{card.name}  {card.card.version}", style="bold")
    say.line(f"    {card.card.sentence}")
    works = ", ".join(work.value for work in card.card.works)
    say.line(f"    {pair.workflow_file.name}: {len(workflow.nodes)} nodes; shoots {works}")
    for name, port in card.ports.items():
        needed = "" if port.required else " (may be left out)"
        place = f"with the {port.of}" if port.of else f"{port.input} of {_node(pair, port.node)}"
        say.line(f"    takes {name}{needed} as {port.form}, {place}")
    say.line(f"    gives the pictures of {_node(pair, card.output.node)}; {card.space.code}")
    for file in workflow.weights:
        say.line(f"    loads {file}, by that name")
    say.line(f"    {card.licence.name}: {card.licence.commercial}; {card.licence.source}")


def _node(pair: Pair, word: str) -> str:
    return pair.workflow.words(pair.workflow.find(word) or word)
