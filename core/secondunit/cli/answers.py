"""What a person answers: ``circle``, ``reject``, ``restore``, ``note``, ``recall``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from secondunit_bridge.film import Note, VersionClass

from .cutting import cut_in, new_cut_words, shot_place
from .say import DONE, JsonFlag, Say

By = Annotated[str, typer.Option("--by", help="The person who decides.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a few words.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands in."""
    for command in (circle, reject, restore, note, recall):
        app.command()(command)


def circle(
    take: Annotated[str, typer.Argument(help="A take's id, for example 3fa9c1d2.1.")],
    by: By,
    kind: Annotated[VersionClass, typer.Option("--class", help="How far the approval goes.")] = (
        VersionClass.temp
    ),
    cut: Annotated[
        Path | None, typer.Option(help="Also cut it in where it was shot for: into this cut.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With --cut: the new timeline.")] = None,
    reason: Annotated[
        str, typer.Option(help="Alone in a production: why you approve what you asked for.")
    ] = "",
    json: JsonFlag = False,
) -> int:
    """Choose a take: it is published as the shot's next version, and cut in when asked."""
    from .calling import calling
    from .forms import version_json

    if (cut is None) != (out is None):
        raise typer.BadParameter("give --cut CUT and --out NEW.otio together, or neither")
    if cut and out:
        new_cut_words(out, cut)
    say = Say(as_json=json)
    with calling(say) as unit:
        where = shot_place(unit, take, cut) if cut else None
        with say.busy(f"Publishing take {take}"):
            version = unit.circle(take, by, kind, reason=reason)
        say.line(f"Circled take {take}: published as {version.name} ({version.kind.value}).")
        say.line(f"  {version.path}")
        if where and out:
            track = cut_in(unit, where, version, by=by, out=out.resolve())
            say.line(f"Cut in on track {track}: {out.resolve()}")
    otio = str(out.resolve()) if out else None
    say.done({"circled": take, "version": version_json(version), "otio": otio})
    return DONE


def reject(
    take: Annotated[str, typer.Argument(help="A take's id.")],
    by: By,
    reason: Reason,
    json: JsonFlag = False,
) -> int:
    """Put a take aside, with a reason. Nothing is deleted."""
    from .calling import calling

    say = Say(as_json=json)
    with calling(say) as unit:
        unit.reject(take, by, reason)
    say.line(f"Take {take} is put aside: {reason}")
    say.done({"take": take, "state": "rejected", "by": by, "reason": reason})
    return DONE


def restore(
    take: Annotated[str, typer.Argument(help="A take's id.")],
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why, if there is more to say.")] = "",
    json: JsonFlag = False,
) -> int:
    """Bring back a draft that was sorted out as junk before anybody watched it."""
    from .calling import calling

    say = Say(as_json=json)
    with calling(say) as unit:
        unit.restore(take, by, reason)
        state = unit.take(take).state.value
    say.line(f"Take {take} is back: {state.replace('_', ' ')}.")
    say.done({"take": take, "state": state, "by": by})
    return DONE


def note(
    take: Annotated[str, typer.Argument(help="A take's id.")],
    text: Annotated[str, typer.Argument(help="What is said about it.")],
    by: By,
    frames: Annotated[
        list[str] | None, typer.Option("--frames", help="Where: 1012 or 1010-1020. Repeatable.")
    ] = None,
    json: JsonFlag = False,
) -> int:
    """Write down what a person said about a take."""
    from .calling import calling

    say = Say(as_json=json)
    said = Note(take, by, text, tuple(_range(word) for word in frames or ()))
    with calling(say) as unit:
        unit.note(said)
    say.line(f"Noted on take {take}.")
    say.done(said)
    return DONE


def recall(
    version: Annotated[str, typer.Argument(help="A version's name, for example TCC_0010_v003.")],
    by: By,
    reason: Reason,
    json: JsonFlag = False,
) -> int:
    """Take back a version that was approved. Its files stay where they are."""
    from .calling import calling

    say = Say(as_json=json)
    with calling(say) as unit:
        unit.recall(version, by, reason)
    say.line(f"{version} is recalled: {reason}")
    say.done({"version": version, "state": "recalled", "by": by, "reason": reason})
    return DONE


def _range(word: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", word.strip())
    if not match:
        raise typer.BadParameter(f"{word!r} is not a frame or a range such as 1010-1020")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise typer.BadParameter(f"{word} ends before it starts")
    return first, last
