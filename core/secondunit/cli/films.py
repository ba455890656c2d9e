"""Which film a cut is of that lies in no project: the one whose footage it plays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from secondunit_bridge.errors import SecondUnitError
from secondunit_bridge.film import Media, Project, Turnover
from secondunit_bridge.wire import typed

from .project import file_name, numbered_names, session_ocio
from .takes import every_entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secondunit_bridge.unit import Unit

    from ..editorial import Cut, CutShot, Place
    from ..media.probe import Prober
    from .say import Say

_Used = dict[str, dict[str, str]]  # path -> frame -> sha256 of its pixels: see ``Sources.used``
MOST_LOOKS = 4  # files of a known name that are opened to see whether they show what was used


@dataclass(frozen=True)
class Remembered:
    """What the ledger knows of a project's shots (by GUID), of the media that was turned over for
    them, and of the frames of it that were used."""

    shots: frozenset[str]
    media: frozenset[Media] = frozenset()
    used: _Used = field(default_factory=dict)


def own_project(cut: Cut, place: Place, unit: Unit, say: Say) -> Project:
    """A project for a cut that lies in none: its rate, the size of the picture beside the place.

    It is called as the cut is. The name of a production with a store of its own is not taken, nor
    that of another film: many an editor's first cut is called Timeline 1.
    """
    wanted = file_name(cut.name or (cut.path.stem if cut.path else ""))
    there = {project.name: project for project in unit.projects()}
    name = next(n for n in numbered_names(wanted) if n not in there or _is_its(cut, there[n], unit))
    if name != wanted:
        say.line(
            f"{wanted} is the name of another film here, so this one is project {name}."
            " To choose a name yourself: secondunit project init DIR, beside the cut."
        )
    width, height = _picture_size((place.before, place.after))
    return Project(name=name, rate=cut.rate, width=width, height=height, ocio=session_ocio())


def same_film(cut: Cut, known: Remembered) -> bool:
    """The cut plays a shot of the project, or footage that one of its shots was made from.

    Footage is known by its path; after it was moved, by its name and its pictures. True as well for
    a project without shots: there is nothing that could be mixed up.
    """
    if not known.shots or any(shot.guid in known.shots for shot in cut.shots):
        return True
    played = {str(Path(shot.media).absolute()) for shot in cut.shots if shot.media}
    if any(media.path in played for media in known.media):
        return True
    from ..media.probe import Prober

    with closing(Prober()) as prober:
        return any(_shows(path, media, known.used, prober) for path, media in _moved(played, known))


def remembered(unit: Unit, project: str) -> Remembered:
    """What the ledger knows of a project's footage."""
    shots = frozenset(shot.guid for shot in unit.shots() if shot.project == project)
    media: set[Media] = set()
    used: _Used = {}
    for entry in every_entry(unit) if shots else ():
        if entry.kind == "turnover":
            turnover = typed(Turnover, entry.body["turnover"])
            if turnover.shot.guid in shots:
                media |= {element.media for element in turnover.elements if element.media.path}
        elif entry.kind == "take" and entry.body.get("shot") in shots:
            for path, frames in typed(_Used, entry.body.get("used", {})).items():
                used.setdefault(path, {}).update(frames)
    return Remembered(shots, frozenset(media), used)


def _is_its(cut: Cut, project: Project, unit: Unit) -> bool:
    return not project.store and same_film(cut, remembered(unit, project.name))


def _moved(played: set[str], known: Remembered) -> Iterator[tuple[str, Media]]:
    """Files of the cut that are called as footage is that was used, a few of them."""
    by_name = {Path(media.path).name: media for media in known.media if media.path in known.used}
    called = sorted(path for path in played if Path(path).name in by_name)
    for path in called[:MOST_LOOKS]:
        yield path, by_name[Path(path).name]


def _shows(path: str, media: Media, used: _Used, prober: Prober) -> bool:
    """The file at ``path`` has frames of ``media`` that were used, as they were: the first, the
    middle and the last, for black leader is alike in all films."""
    from ..media.frames import digest
    from ..media.open import open_footage

    frames = sorted(used[media.path].items(), key=lambda known: int(known[0]))
    try:
        prober.probe(path)  # in a limited child: a damaged file must not end this process
        with open_footage(replace(media, path=path), decide=_as_it_is) as footage:
            return all(
                digest(footage.frame(int(number)), footage.channels) == wanted
                for number, wanted in {frames[0], frames[len(frames) // 2], frames[-1]}
            )
    except SecondUnitError:
        return False


def _as_it_is(*_: object) -> tuple[str, str]:
    return "Raw", ""


def _picture_size(shots: Sequence[CutShot | None]) -> tuple[int, int]:
    from ..media.probe import probe

    for shot in shots:
        if shot is not None and shot.online and shot.media:
            facts = probe(Path(shot.media))
            return facts.width, facts.height
    return 1920, 1080
