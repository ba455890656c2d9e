"""``insert``: from a cut to a cut with an insert in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from secondunit_bridge.film import Option, VersionClass

from .cutting import new_cut_words
from .options import options
from .project import project_of
from .say import JsonFlag, Say, login_name

if TYPE_CHECKING:
    from .line import Made, Shoot

CutArgument = Annotated[Path, typer.Argument(metavar="CUT.otio", help="The timeline. Only read.")]
At = Annotated[str, typer.Option("--at", help="Record timecode of its first frame.")]
After = Annotated[str, typer.Option("--after", help="Or: after the clip of this name.")]
Frames = Annotated[int, typer.Option("--frames", min=1, help="How long it plays, in frames.")]
Out = Annotated[Path, typer.Option("--out", help="The new timeline.")]
Generator = Annotated[str, typer.Option("--generator", help="See: secondunit generators.")]
Brief = Annotated[str, typer.Option("--brief", help="What it should show, in words.")]
Takes = Annotated[int, typer.Option("--takes", min=1, max=64, help="How many takes to shoot.")]
Seed = Annotated[int, typer.Option("--seed", help="Of the first take; the next ones count up.")]
Region = Annotated[str, typer.Option("--region", help="x,y,w,h in 0..1 of the neighbour.")]
Options = Annotated[
    list[str] | None, typer.Option("--option", help="k=v, of the generator. Repeatable.")
]
By = Annotated[str, typer.Option("--by", help="Who asks and circles; you when left out.")]
Kind = Annotated[VersionClass, typer.Option("--class", help="How far the approval goes.")]
Hold = Annotated[bool, typer.Option("--hold", help="Circle nothing: a person will choose.")]
Reference = Annotated[
    str, typer.Option("--reference", help="Make it from the shot before or after.")
]
Space = Annotated[str, typer.Option("--space", help="Colour space of the neighbours' files.")]
Code = Annotated[str, typer.Option("--shot", help="Code of the shot; the next free ten if none.")]
ProjectFile = Annotated[
    Path | None, typer.Option("--project", help="A project's folder; else the nearest above CUT.")
]


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(insert)


def insert(
    cut: CutArgument,
    frames: Frames,
    out: Out,
    at: At = "",
    after: After = "",
    generator: Generator = "reframe",
    brief: Brief = "",
    takes: Takes = 1,
    seed: Seed = 0,
    region: Region = "",
    option: Options = None,
    by: By = "",
    kind: Kind = VersionClass.temp,
    hold: Hold = False,
    reference: Reference = "",
    space: Space = "",
    shot: Code = "",
    project: ProjectFile = None,
    json: JsonFlag = False,
) -> int:
    """Shoot an insert for a place in a cut, and cut the best take in."""
    from ..editorial import place, read_cut
    from . import asking, films, line
    from .calling import calling

    _check_words(at, after, reference, out, cut)
    say, by, own = Say(as_json=json), by or login_name(), _options(option, region, kind)
    wish = asking.Wish(generator, brief, takes, seed, own, by, shot, reference, space)
    opened = read_cut(cut)
    spot = place(opened, at=at, after=after, frames=frames)
    production = project_of(cut.resolve().parent, project)
    made = None
    with calling(say) as unit:
        production = production or films.own_project(opened, spot, unit, say)
        taken = line.shoot(unit, say, opened, spot, production, wish)
        line.say_takes(say, taken.takes)
        if taken.best and not hold:
            made = line.circle(unit, say, opened, spot, taken, kind=kind, out=out.resolve())
    return _told(say, taken, made, by=by, hold=hold)


def _told(say: Say, shot: Shoot, made: Made | None, *, by: str, hold: bool) -> int:
    from .line import exit_code, shoot_json

    answer = shoot_json(shot, made)
    if made:
        version = made.version
        say.line(
            f"Circled take {made.take.number} as {version.kind.value} in the name of {by}:"
            f" {version.name}, published and cut in."
        )
        say.pairs((("version", version.path), ("new cut", str(made.otio))))
    else:
        answer["sentence"] = _undecided(shot, hold=hold)
        say.line(answer["sentence"])
    say.done(answer)
    return exit_code(shot, published=made is not None, hold=hold)


def _undecided(shot: Shoot, *, hold: bool) -> str:
    """Why nothing was circled, and what a person can do."""
    if shot.best:
        whose = "yours" if hold else "somebody else's"
        return (
            f"Nothing is circled: the choice is {whose}, with"
            f" `secondunit circle {shot.best.id} --by NAME --cut CUT --out NEW.otio`."
        )
    open_ = [finding.id for take in shot.takes for finding in take.open_findings]
    return (
        "Nothing is circled and no cut is written: every take has open findings"
        f" ({', '.join(open_)}). Answer them with `secondunit waive FINDING --answer"
        " creative_intent --by NAME --reason R` and cut the take in with `secondunit circle TAKE"
        " --by NAME --cut CUT --out NEW.otio`, or shoot again with another --seed, --region or"
        " --reference."
    )


def _check_words(at: str, after: str, reference: str, out: Path, cut: Path) -> None:
    """Say now what would go wrong after the takes are shot."""
    if bool(at) == bool(after):
        raise typer.BadParameter("give one of --at TIMECODE and --after CLIP")
    if reference not in ("", "before", "after"):
        raise typer.BadParameter("expected before or after", param_hint="--reference")
    new_cut_words(out, cut)


def _options(words: Sequence[str] | None, region: str, kind: VersionClass) -> dict[str, Option]:
    return ({"region": _region(region)} if region else {}) | options(words, kind)


def _region(text: str) -> str:
    """``x,y,w,h`` checked here, so that a slip is told before anything is read."""
    try:
        x, y, width, height = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not x,y,w,h", param_hint="--region") from None
    if min(x, y) < 0 or min(width, height) <= 0 or max(x + width, y + height) > 1:
        raise typer.BadParameter(f"{text} does not lie in 0..1", param_hint="--region")
    return text
