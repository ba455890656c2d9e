"""``plate``: takes out or replaces what a matte covers, and touches nothing else."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge.errors import NeedsModel, PathRefused
from secondunit_bridge.film import Project, Version, VersionClass

from .insert import Brief, By, Code, Hold, Kind, Options, Seed, Takes
from .options import options
from .say import JsonFlag, Say, login_name

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

    from .line import Shoot
    from .plate_asking import Plate, Wanted

PlateOption = Annotated[
    str, typer.Option("--plate", help="plate.%04d.exr, ####, a folder, a movie or one picture.")
]
Matte = Annotated[
    str,
    typer.Option(
        "--matte",
        help="What may change: files as for --plate, or of the plate itself alpha, channel:NAME,"
        " cryptomatte:NAME,NAME, cryptomatte[LAYER]:NAME.",
    ),
]
MatteChannel = Annotated[
    str, typer.Option("--matte-channel", help="Which channel of the matte's own files.")
]
Reference = Annotated[
    str, typer.Option("--reference", help="What to put in: a picture, or FILE:A-B of footage.")
]
Clean = Annotated[
    list[str] | None,
    typer.Option("--clean", help="More of the same place, as FILE or FILE:A-B. Repeatable."),
]
Generator = Annotated[
    str, typer.Option("--generator", help="plate_in with a reference, else clean_plate.")
]
Frames = Annotated[str, typer.Option("--frames", help="A-B of the plate's own; all if left out.")]
Out = Annotated[Path, typer.Option("--out", help="A folder for the contact sheet.")]
Space = Annotated[str, typer.Option("--space", help="Colour space of the plate's files.")]
MatteSpace = Annotated[str, typer.Option("--matte-space", help="Of the matte's; Raw if left out.")]
ReferenceSpace = Annotated[str, typer.Option("--reference-space", help="Of the reference's files.")]
ProjectFile = Annotated[
    Path | None,
    typer.Option("--project", help="A project's folder; else the nearest above the plate or DIR."),
]


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(plate)


def plate(
    plate: PlateOption,
    matte: Matte,
    out: Out,
    matte_channel: MatteChannel = "",
    reference: Reference = "",
    clean: Clean = None,
    frames: Frames = "",
    generator: Generator = "",
    brief: Brief = "",
    takes: Takes = 1,
    seed: Seed = 0,
    option: Options = None,
    by: By = "",
    kind: Kind = VersionClass.temp,
    hold: Hold = False,
    space: Space = "",
    matte_space: MatteSpace = "",
    reference_space: ReferenceSpace = "",
    shot: Code = "",
    project: ProjectFile = None,
    json: JsonFlag = False,
) -> int:
    """Take something out of a plate, or put a reference in: only where the matte lets it."""
    from .plate_asking import Wanted, looked_at, project_for

    say, by, out = Say(as_json=json), by or login_name(), folder_for(out)
    wanted = Wanted(
        plate, matte, reference, tuple(clean or ()), frames, generator, brief, takes, seed,
        options(option, kind), by, shot, space, matte_space, reference_space, matte_channel,
    )  # fmt: skip
    production = project_for(wanted.plate, project, out)
    with say.busy("Looking at the plate"):
        found = looked_at(wanted, production)
    for sentence in found.said:
        say.line(sentence)
    return _shot(say, wanted, found, production, out, kind=kind, hold=hold)


def folder_for(out: Path) -> Path:
    """The whole path of a folder to be. Raises PathRefused for a file."""
    out = out.expanduser().resolve()
    if out.exists() and not out.is_dir():
        raise PathRefused(f"{out} is a file", hint="Name a folder; it is made when needed.")
    return out


def _shot(
    say: Say,
    wanted: Wanted,
    found: Plate,
    production: Project | None,
    out: Path,
    *,
    kind: VersionClass,
    hold: bool,
) -> int:
    from . import line
    from .calling import calling
    from .plate_asking import plate_turnover
    from .plate_showing import with_picture
    from .project import say_ocio

    version = None
    with calling(say) as unit:
        production = taken_up(unit, production, found, out)
        say_ocio(say, production)
        turnover = plate_turnover(wanted, found, production, unit.shots())
        told = f"Turned over {turnover.shot.name}: {about(found)}, generator {turnover.generator}."
        try:
            taken = line.shot(unit, say, turnover, told, previews=out / "preview")
        except NeedsModel as error:
            raise with_picture(error, out) from error
        line.say_takes(say, taken.takes)
        if taken.best and not hold:
            version = line.publish(unit, say, taken, kind)
    return _told(say, taken, version, found, production, out, hold=hold)


def taken_up(unit: Unit, production: Project | None, found: Plate, out: Path) -> Project:
    """The project that was found, or one of the material's own with its store in ``out``."""
    from ..disk import private_folder
    from .plate_asking import own_project

    out.mkdir(parents=True, exist_ok=True)
    if production is None:
        production = own_project(found, out, unit.projects())
        private_folder(Path(production.store) / "vault")  # asked for by name: --out
    unit.project(production)
    return production


def _store(project: Project) -> Path:
    from secondunit_bridge.places import home

    return Path(project.store) if project.store else home()


def about(found: Plate) -> str:
    """Frames, rate, size and channels in words."""
    from secondunit_bridge.timing import rate_name

    frames, facts = found.frames, found.facts
    count = f"{len(frames)} frame{'s' if len(frames) != 1 else ''}"
    return (
        f"{count} ({frames.first} to {frames.last}) at {rate_name(frames.rate)} a second,"
        f" {facts.width} x {facts.height}, {len(facts.channels)} channels"
    )


def _told(
    say: Say,
    taken: Shoot,
    version: Version | None,
    found: Plate,
    production: Project,
    out: Path,
    *,
    hold: bool,
) -> int:
    from .forms import version_json
    from .line import circled_sentence, exit_code, shoot_json
    from .plate_showing import show

    answer: dict[str, Any] = shoot_json(taken, None)
    del answer["otio"]
    if version:
        answer |= {"circled": version.take, "version": version_json(version)}
        sentence = circled_sentence(taken, version)
    else:
        sentence = answer["sentence"] = undecided(taken, hold=hold)
    say.line(sentence)
    with say.busy("Laying out the contact sheet"):
        shown = show(taken, version, _store(production), out, sentence, ocio=production.ocio)
    say.line(shown.measured.sentence, style="green" if shown.measured.sound else "bold red")
    say.line()
    say.line("Where everything is", style="bold")
    say.pairs(shown.places)
    answer |= {"receipt": asdict(shown.measured) | {"kept": shown.measured.sound}}
    if version:
        answer["receipt"]["path"] = str(Path(version.path) / "receipt.json")
    answer |= {"plate": plate_json(found), "out": str(out), "said": found.said}
    answer |= {"frames": shown.frames}
    answer |= {"sheet": str(shown.page), "board": str(shown.board), "places": dict(shown.places)}
    say.done(answer)
    return exit_code(taken, published=version is not None, hold=hold)


def plate_json(found: Plate) -> dict[str, Any]:
    """The plate as it was taken: where, which frames, its size, channels and its matte."""
    facts, matte = found.facts, found.elements[1]
    return {
        "path": found.elements[0].media.path,
        "frames": [found.frames.first, found.frames.last],
        "rate": found.frames.rate,
        "width": facts.width,
        "height": facts.height,
        "channels": facts.channels,
        "matte": {
            "path": matte.media.path,
            "channel": matte.name or None,
            "frames": [matte.media.frames.first, matte.media.frames.last],
        },
    }


def undecided(taken: Shoot, *, hold: bool) -> str:
    """Why nothing was circled, and what a person can do."""
    if taken.best:
        whose = "yours" if hold else "somebody else's"
        return (
            f"Nothing is circled: the choice is {whose}, with"
            f" `secondunit circle {taken.best.id} --by NAME`."
        )
    open_ = [finding.id for take in taken.takes for finding in take.open_findings]
    return (
        f"Nothing is circled: every take has open findings ({', '.join(open_)}). Answer them with"
        " `secondunit waive FINDING --answer creative_intent --by NAME --reason R` and circle the"
        " take, or shoot again with another --seed or --option."
    )
