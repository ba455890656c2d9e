"""``replay``: shoots a take once more from its record and says whether it comes out the same."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .say import COULD_NOT, DONE, JsonFlag, Say, login_name


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(replay)


def replay(
    take: Annotated[str, typer.Argument(help="A take's id, for example 3fa9c1d2.1.")],
    by: Annotated[str, typer.Option("--by", help="Who asks; you when left out.")] = "",
    json: JsonFlag = False,
) -> int:
    """Shoot a take once more from its record, and compare. It does not become a take."""
    from .calling import calling

    say = Say(as_json=json)
    with calling(say) as unit, say.busy(f"Shooting take {take} once more"):
        try:
            told = unit.replay(take, by or login_name())
        except KeyboardInterrupt:
            unit.cancel(take=f"replay {take}", by=by or login_name())
            raise
    told["sentence"] = sentence(told)
    say.line(told["sentence"])
    say.pairs(_differences(told))
    say.done(told)
    return DONE if told["equal"] else COULD_NOT


def sentence(told: dict[str, Any]) -> str:
    """What came of it, in one sentence or two."""
    take = told["take"]
    if not told["ran"]:
        return (
            f"Take {take} was not shot again: what it was made from is not what it was, so it"
            " cannot come out the same."
        )
    count = told["frames"]
    frames = f"{count} frame{'s' if count != 1 else ''}"
    if told["equal"]:
        return f"Take {take} came out the same: {frames}, bit for bit."
    where = ", ".join(f"{a} to {b}" if a != b else str(a) for a, b in told["differ"])
    why = "" if told["facts"] else " Nothing on record differs: its generator does not repeat it."
    return f"Take {take} came out otherwise: of {frames} these differ: {where}.{why}"


def _differences(told: dict[str, Any]) -> list[tuple[str, str]]:
    """What is not as it was: sources and weights, else versions, device, threads and the like."""
    rows = [
        (one["model"], "other weights are registered under this name now")
        if "model" in one
        else (one["source"], f"frames {', '.join(f'{a}-{b}' for a, b in one['frames'])} changed")
        for one in told.get("changed", ())
    ]
    rows += [
        (one["what"].replace(".", " "), f"was {_value(one['was'])}, is {_value(one['now'])}")
        for one in told.get("facts", ())
    ]
    return rows


def _value(value: Any) -> str:
    return "not said" if value is None else str(value)
