"""``project init``, and finding the project a cut belongs to."""

from __future__ import annotations

import itertools
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer
from secondunit_bridge.errors import ColorUnknown, Locked, MediaOffline, SettingWrong
from secondunit_bridge.film import Project
from secondunit_bridge.timing import exact_rate, rate_name

from .say import DONE, JsonFlag, Say

FILE = "secondunit.toml"
LONGEST = 40  # characters of a name that goes into every file name


def group() -> typer.Typer:
    """The ``project`` commands."""
    app = typer.Typer(
        name="project",
        help="A production: its rate, size, colour and store.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.callback()(_group)
    app.command()(init)
    return app


def _group() -> None:
    """A production: its rate, size, colour and store."""


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made when it is not there.")],
    rate: Annotated[str, typer.Option(help="Frames a second: 24, 23.976, 24000/1001.")] = "24",
    size: Annotated[str, typer.Option(help="Of the picture, in pixels.")] = "1920x1080",
    colour: Annotated[str, typer.Option(help="Scene-linear working space.")] = "ACEScg",
    name: Annotated[str, typer.Option(help="Of the project; the folder's name if left out.")] = "",
    movie_space: Annotated[
        str, typer.Option(help="Colour space of movies that carry no tag.")
    ] = Project.movie_space,
    ocio: Annotated[
        str,
        typer.Option(help="OpenColorIO configuration: a file, or a built-in's name. $OCIO if set."),
    ] = "",
    json: JsonFlag = False,
) -> int:
    """Set up a project in a folder: secondunit.toml, and a store for its frames."""
    from .calling import calling

    say = Say(as_json=json)
    folder = folder.expanduser().resolve()
    width, height = parsed_size(size)
    project = Project(
        name=name or file_name(folder.name),
        rate=exact_rate(rate),
        width=width,
        height=height,
        space=colour,
        movie_space=movie_space,
        store=str(folder / "store"),
        ocio=session_ocio({"OCIO": ocio} if ocio else os.environ),
    )
    check_spaces(project)
    _refuse_other(folder / FILE, project)
    with calling(say) as unit:
        unit.project(project)
    (folder / "store").mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(_text(project, "store"), encoding="utf-8")
    _tell(say, project, folder / FILE)
    say.done({"project": project, "file": str(folder / FILE)})
    return DONE


def _tell(say: Say, project: Project, file: Path) -> None:
    size, rate = f"{project.width}x{project.height}", rate_name(project.rate)
    say.line(f"Project {project.name}: {size}, {rate} frames a second, {project.space}.")
    say.pairs((("settings", str(file)), ("store", project.store), ("OpenColorIO", project.ocio)))


def project_near(place: Path) -> Project | None:
    """The project of the nearest ``secondunit.toml`` at or above a folder; None when there is none.

    Raises SettingWrong for a file that says something a project cannot be.
    """
    for folder in (place, *place.parents):
        if (folder / FILE).is_file():
            return read_project(folder / FILE)
    return None


def project_of(near: Path, toml: Path | None) -> Project | None:
    """The project that was named, else the nearest at or above a folder; None for neither."""
    if toml is not None:
        return read_project(toml / FILE if toml.is_dir() else toml)
    return project_near(near)


def read_project(path: Path) -> Project:
    """A project from its file. Raises MediaOffline, SettingWrong naming what is wrong."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MediaOffline(f"{path} cannot be found", hint="Run: secondunit project init") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingWrong(f"{path}: {error}", hint="Correct the file, or make it anew.") from error
    kinds: dict[str, type] = {"name": str, "rate": str, "width": int, "height": int, "space": str}
    kinds |= {"movie_space": str, "store": str}
    for key, kind in kinds.items():
        if type(said.get(key)) is not kind:
            raise SettingWrong(
                f"{path}: {key} should be {'a number' if kind is int else 'a text'}",
                hint="Correct the file, or make it anew with: secondunit project init",
                data={"file": str(path), "key": key},
            )
    store = str((path.parent / said["store"]).resolve())
    kinds["ocio"] = str
    said["ocio"] = _beside(path, said.get("ocio", ""))
    given = {key: said[key] for key in kinds if key not in ("rate", "store")}
    return Project(rate=exact_rate(said["rate"]), store=store, **given)


def parsed_size(text: str) -> tuple[int, int]:
    """``1920x1080`` as two numbers. Raises BadParameter."""
    match = re.fullmatch(r"(\d{1,5})\s*[xX]\s*(\d{1,5})", text.strip())
    if not match or "0" in (match[1].lstrip("0") or "0", match[2].lstrip("0") or "0"):
        raise typer.BadParameter(f"{text!r} is not a size such as 1920x1080", param_hint="--size")
    return int(match[1]), int(match[2])


def file_name(text: str) -> str:
    """A name that is legal as part of a file name on every system, at most 40 characters.

    Letters lose their accents. Where letters are lost altogether, or the end of a long name, four
    digits of a digest keep two names apart.
    """
    folded = unicodedata.normalize("NFKD", text)
    plain = "".join(mark for mark in folded if not unicodedata.combining(mark))
    legal = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).strip("._-")
    if len(legal) <= LONGEST and not any(m.isalnum() and not m.isascii() for m in plain):
        return legal or "untitled"
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:4]
    return f"{legal[: LONGEST - 5].rstrip('._-') or 'untitled'}_{digest}"


def numbered_names(name: str) -> Iterator[str]:
    """The name, then the same with 2, 3 and so on after it, as long as somebody asks."""
    yield name
    for number in itertools.count(2):
        yield f"{name[: LONGEST - 4]}_{number}"


def session_ocio(environ: Mapping[str, str] = os.environ) -> str:
    """The OpenColorIO configuration a project made here is bound to: ``$OCIO``, else the pinned."""
    from ..colour import wanted

    return wanted(environ)


def say_ocio(say: Say, project: Project) -> None:
    """Say so when this session's ``$OCIO`` is not what the project is bound to."""
    said = os.environ.get("OCIO", "")
    if not said or not project.ocio or session_ocio() == project.ocio:
        return
    say.line(
        f"Project {project.name} is bound to the OpenColorIO configuration {project.ocio};"
        f" this session's $OCIO, {said}, is not used."
    )


def _beside(path: Path, ocio: str) -> str:
    """A configuration's file as it is written in a project's file: beside it, or by whole path."""
    near = path.parent / ocio
    return str(near.resolve()) if ocio and near.is_file() else ocio


def check_spaces(project: Project) -> None:
    """Raises ColorUnknown when the project names a colour space that there is not."""
    from ..colour import Colour

    colour = Colour(project.ocio)
    for space in (project.space, project.movie_space):
        if not colour.known(space):
            raise ColorUnknown(
                f"there is no colour space called {space!r}",
                hint="Use a name of the OpenColorIO configuration, for example ACEScg.",
                data={"space": space},
            )


def _refuse_other(path: Path, project: Project) -> None:
    if path.is_file() and read_project(path) != project:
        raise Locked(
            f"{path} describes another project already",
            hint="Edit that file, or choose another folder.",
            data={"file": str(path)},
        )


def _text(project: Project, store: str) -> str:
    rate = Fraction(project.rate)
    return (
        "# A Second Unit project. Commands on cuts in this folder, or below it, follow it.\n"
        f"name = {_quoted(project.name)}\n"
        f'rate = "{rate}"\n'
        f"width = {project.width}\n"
        f"height = {project.height}\n"
        f"space = {_quoted(project.space)}  # scene-linear working space\n"
        f"movie_space = {_quoted(project.movie_space)}  # of movies that carry no colour tag\n"
        f"store = {_quoted(store)}  # vault and versions, beside this file\n"
        f"ocio = {_quoted(project.ocio)}  # OpenColorIO configuration: a file or a built-in\n"
    )


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
