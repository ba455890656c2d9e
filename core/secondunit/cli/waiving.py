"""``waive``: what a person answers to a finding, of a take or of a cut, or a page of answers."""

from __future__ import annotations

import json as jsons
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from secondunit_bridge.errors import FieldError, UnknownId
from secondunit_bridge.film import Answer, Seen, Waiver
from secondunit_bridge.wire import typed

from .check import REMEMBERED
from .say import COULD_NOT, DONE, JsonFlag, Say

LARGEST = 16 << 20  # bytes of a file of answers
Text = typer.Option


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(waive)


def waive(
    finding: Annotated[
        str, typer.Argument(help="A finding's id, as `takes --json` or `check --json` lists it.")
    ] = "",
    answer: Annotated[
        Answer | None, typer.Option("--answer", help="What is said to the finding.")
    ] = None,
    by: Annotated[str, Text("--by", help="The person who decides.")] = "",
    reason: Annotated[str, Text("--reason", help="Why, in a few words.")] = "",
    role: Annotated[str, Text("--role", help="The person's role; a stop needs it.")] = "",
    note: Annotated[str, Text("--note", help="Anything else to write down.")] = "",
    many: Annotated[
        Path | None, typer.Option("--from", help="Answers saved from a report page.")
    ] = None,
    json: JsonFlag = False,
) -> int:
    """Answer a finding by name. The finding itself stays on the record."""
    if bool(finding) == bool(many):
        raise typer.BadParameter("give one finding's id, or --from ANSWERS.json")
    say = Say(as_json=json)
    if many:
        return _all(read_answers(many), say)
    if answer is None or not by or not reason:
        raise typer.BadParameter("give --answer, --by and --reason")
    return _one(Waiver(finding, answer, by, reason, role, note), say)


def _one(said: Waiver, say: Say) -> int:
    from .calling import calling

    if "/" not in said.finding:
        said = replace(said, seen=_seen(said.finding))
    with calling(say) as unit:
        unit.waive(said)
    words = f"{said.by} answers {said.finding}: {said.answer.value.replace('_', ' ')}"
    say.line(f"{words}. {said.reason}" if said.answer.accepts else f"{words}. It stays open.")
    say.done(said)
    return DONE


def _all(said: tuple[Waiver, ...], say: Say) -> int:
    from ..desk.seen import alone
    from .calling import calling

    kept = [one for one in said if not alone(one)]
    left = [one.finding for one in said if alone(one)]
    written = 0
    if kept:
        with calling(say) as unit:
            written = unit.waive_all(kept)
    say.line(f"{len(kept)} answers: {written} are new.")
    for name in left:
        say.line(f"Not taken: {name} can only be accepted by itself: secondunit waive {name}")
    say.done({"answers": len(kept), "written": written, "left": left})
    return COULD_NOT if left else DONE


def read_answers(path: Path) -> tuple[Waiver, ...]:
    """The answers in a file that a report page saved. Raises FieldError, OSError."""
    hint = "Give the file that the report page saves."
    if path.stat().st_size > LARGEST:
        raise FieldError(f"{path.name} is too large to be a file of answers", hint=hint)
    try:
        said = jsons.loads(path.read_text(encoding="utf-8"))
        answers = typed(tuple[Waiver, ...], said["answers"], "answers")
    except (ValueError, KeyError, TypeError) as error:
        raise FieldError(f"{path.name} is no file of answers: {error}", hint=hint) from None
    if any(one.seen is None for one in answers):
        raise FieldError(f"{path.name} does not say what its answers are about", hint=hint)
    return answers


def _seen(finding: str) -> Seen:
    from ..continuity.remembered import recall_seen
    from ..settings import Settings

    seen = recall_seen(Settings.load(os.environ).home / REMEMBERED, finding)
    if seen is None:
        raise UnknownId(
            f"there is no finding {finding!r}",
            hint="Look at the cut once more: secondunit check CUT.otio --json",
        )
    return seen
