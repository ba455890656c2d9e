"""``previs``: a rough of a shot that is not yet photographed, from render passes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from secondunit_bridge.film import Project, Role, Version, VersionClass

from .insert import Brief, By, Code, Hold, Kind, Options, Seed, Takes
from .options import options
from .plate import Frames, ProjectFile, folder_for
from .say import JsonFlag, Say, login_name

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

    from .line import Shoot
    from .previs_asking import Passes, Wanted

PassesOption = Annotated[
    str,
    typer.Option(
        "--passes", help="shot.%04d.exr, ####, a folder or one EXR with R G B, Z, Normal, IndexOB."
    ),
]
Guide = Annotated[str, typer.Option("--guide", help="The picture itself, in files of its own.")]
Depth = Annotated[str, typer.Option("--depth", help="Distances, in files of their own.")]
Normal = Annotated[str, typer.Option("--normal", help="Normals seen from the camera, likewise.")]
Ids = Annotated[str, typer.Option("--ids", help="Numbers of objects, likewise.")]
Each = Annotated[
    list[str] | None,
    typer.Option("--pass", help="position=, motion=, albedo= or reference=FILES. Repeatable."),
]
Layer = Annotated[str, typer.Option("--layer", help="The view layer, when there are several.")]
CameraFile = Annotated[
    Path | None, typer.Option("--camera", help="JSON: where the camera stood in each frame.")
]
Without = Annotated[
    list[Role] | None, typer.Option("--without", help="A pass to leave out. Repeatable.")
]
Generator = Annotated[
    str,
    typer.Option("--generator", help="The registered model that looks at most; else looks."),
]
Out = Annotated[Path, typer.Option("--out", help="A folder; its store, when there is no project.")]
Space = Annotated[str, typer.Option("--space", help="Colour space of the picture.")]


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(previs)


def previs(
    out: Out,
    passes: PassesOption = "",
    guide: Guide = "",
    depth: Depth = "",
    normal: Normal = "",
    ids: Ids = "",
    each: Each = None,
    layer: Layer = "",
    camera: CameraFile = None,
    without: Without = None,
    frames: Frames = "",
    generator: Generator = "",
    brief: Brief = "",
    takes: Takes = 1,
    seed: Seed = 0,
    option: Options = None,
    by: By = "",
    kind: Kind = VersionClass.previs,
    hold: Hold = False,
    space: Space = "",
    shot: Code = "",
    project: ProjectFile = None,
    json: JsonFlag = False,
) -> int:
    """Shoot a rough of a shot from its render passes."""
    from .previs_asking import Wanted, own_passes, with_camera

    say, by, out = Say(as_json=json), by or login_name(), folder_for(out)
    own = own_passes({"guide": guide, "depth": depth, "normal": normal, "ids": ids}, each or ())
    wanted = Wanted(
        passes, own, tuple(without or ()), frames, generator, brief, takes, seed,
        with_camera(options(option, kind), camera), by, shot, space, layer,
    )  # fmt: skip
    return _shot(say, wanted, project, out, kind=kind, hold=hold)


def _shot(
    say: Say,
    wanted: Wanted,
    toml: Path | None,
    out: Path,
    *,
    kind: VersionClass,
    hold: bool,
) -> int:
    from . import line
    from .calling import calling
    from .plate import about, taken_up
    from .plate_asking import project_for
    from .previs_asking import looked_at, previs_turnover
    from .project import say_ocio

    production, version = project_for(wanted.where, toml, out), None
    with say.busy("Looking at the passes"):
        found = looked_at(wanted, production)
    with calling(say) as unit:
        generator, found = _chosen(unit, wanted, found)
        for sentence in found.said:
            say.line(sentence)
        production = taken_up(unit, production, found, out)
        say_ocio(say, production)
        turnover = previs_turnover(wanted, found, generator, production, unit.shots())
        told = f"Turned over {turnover.shot.name}: {about(found)}, generator {generator}."
        taken = line.shot(unit, say, turnover, told, previews=out / "preview")
        line.say_takes(say, taken.takes)
        if taken.best and not hold:
            version = line.publish(unit, say, taken, kind)
    return _told(say, taken, version, found, production, out, hold=hold)


def _chosen(unit: Unit, wanted: Wanted, found: Passes) -> tuple[str, Passes]:
    """The generator, and the passes it looks at.

    The one that is named; else the model that fits the passes, without those that it cannot look
    at beside others; ``looks`` without a model, or when a look was asked for.
    """
    from secondunit_bridge.places import home

    from ..models.shelf import Shelf
    from .previs_asking import LOOKS, apart, generator_for

    if wanted.generator or "look" in wanted.options:
        return wanted.generator or LOOKS, found
    shelf, models = Shelf(home()), unit.models()
    name = generator_for(found.roles, models, shelf, unit.model_refusals())
    card = next((model.card for model in models if model.name == name), "")
    return name, apart(found, shelf.card(card)) if card in shelf else found


def _told(
    say: Say,
    taken: Shoot,
    version: Version | None,
    found: Passes,
    production: Project,
    out: Path,
    *,
    hold: bool,
) -> int:
    from .forms import version_json
    from .line import circled_sentence, exit_code, shoot_json
    from .plate import undecided
    from .previs_showing import BOARD, PAGE, show

    answer: dict[str, Any] = shoot_json(taken, None)
    del answer["otio"]
    if version:
        answer |= {"circled": version.take, "version": version_json(version)}
        say.line(circled_sentence(taken, version))
    else:
        answer["sentence"] = undecided(taken, hold=hold)
        say.line(answer["sentence"])
    with say.busy("Laying out the contact sheet"):
        places = show(taken, version, found, production, out)
    say.line()
    say.line("Where everything is", style="bold")
    say.pairs(places)
    frames = [found.frames.first, found.frames.last]
    passes = {one.role.value: [one.media.path, *one.media.channels] for one in found.elements}
    answer |= {"passes": passes, "frames": frames, "said": found.said, "out": str(out)}
    answer |= {"generator": taken.turnover.generator, "places": dict(places)}
    answer |= {"sheet": str(out / PAGE), "board": str(out / BOARD)}
    say.done(answer)
    return exit_code(taken, published=version is not None, hold=hold)
