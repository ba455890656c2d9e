"""The show as a whole for the page: bible, rights, costs, checks and packets, as JSON."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import (
    CutUnreadable,
    FieldError,
    NameMissing,
    SecondUnitError,
    UnknownId,
)
from secondunit_bridge.film import Project, Role
from secondunit_bridge.wire import object_of, typed

from ..checks.faces.approved import codes_of
from ..continuity.trust import ENOUGH, TOO_OFTEN, of_answers, of_cuts, trust
from ..editorial import read_cut
from ..editorial.show import Show as WholeShow
from ..editorial.show import show_of
from ..packet.cost import Rates, Spent, added, bill, told
from ..packet.costs_told import assumed, facts
from ..packet.uses import has_pictures
from ..rights import Asset, Register
from ..stage.shown import jpeg_of
from . import bible, register
from .packets import Build, Packets
from .reel import Reel, TakeNow
from .referred import Referred, Shot

if TYPE_CHECKING:
    from .watch import Watch

MOST_CUTS = 12  # that a packet can be asked of
_QUALITY = 88


@dataclass(frozen=True)
class Sources:
    """What is read beside the ledger's entries.

    ``still`` is the file of a small picture of a clip of the cut under review, by its place.
    """

    home: Path
    build: Build
    spent: Callable[[], tuple[Sequence[Spent], Rates]]
    known: Callable[[], Iterable[Asset]] = tuple  # registered models as assets
    cut: Path | None = None
    pages: Callable[[], bible.Pages] = bible.Pages
    faces: Mapping[str, tuple[Path, ...]] = field(default_factory=dict, hash=False)
    still: Callable[[int], Path | None] = lambda place: None


@dataclass(frozen=True)
class Asked:
    """A packet as the page asks for it: of the cut at this place of the list, which is called so.

    The list changes when a version is cut in somewhere: ``name`` says which one was meant.
    """

    cut: int
    by: str
    draft: bool = False
    name: str = ""


class Show:
    """Answers for the show view. Any thread may ask."""

    def __init__(self, reel: Reel, watch: Watch, sources: Sources) -> None:
        self._reel, self._sources = reel, sources
        self._packets = Packets(sources.home, sources.build, watch.packet)
        self._people: Mapping[str, tuple[Path, ...]] = sources.faces
        self._faces: dict[Path, bytes] = {}
        self._costs: tuple[int, dict[str, Any]] = (-1, {})
        self._referred = Referred()
        self._turn = threading.Lock()  # costs and pictures are made once at a time

    def whole(self) -> dict[str, Any]:
        """Bible, rights, checks and packets."""
        with self._reel.lock:
            turnovers = tuple(self._reel.turnovers.values())
            projects = tuple(self._reel.projects.values())
            rows, ran = tuple(self._reel.rights), tuple(self._ran())
            shot = tuple(self._shot())
            checks = self._checks()
        shows, wrong = _shows(projects)
        self._people = {**bible.people(shows), **self._sources.faces}
        pages = bible.joined(self._sources.pages(), bible.own_pages(turnovers, shows))
        pages = replace(pages, wrong=(*pages.wrong, *wrong))
        known = Register.of(rows).plus(self._sources.known())
        return {
            "bible": bible.told(pages, turnovers),
            "rights": register.told(known, [*ran, *self._referred_to(shot, known)], date.today()),
            "checks": {"rows": checks, "enough": ENOUGH, "too_often": TOO_OFTEN},
            "packets": self._packets.told(),
            "cuts": [path.name for path in self._cuts()],
        }

    def _referred_to(self, shot: Iterable[Shot], known: Register) -> Sequence[register.Ran]:
        with self._turn:
            return list(self._referred.told(shot, read=has_pictures(known)))

    def costs(self) -> dict[str, Any]:
        """What each shot and all of them cost. Read again when the ledger has grown."""
        with self._turn:
            number = self._reel.number
            if self._costs[0] != number:
                self._costs = number, self._counted()
            return self._costs[1]

    def face(self, name: str, number: int) -> bytes:
        """An approved picture of one of the cast, JPEG. Raises UnknownId, what reading raises."""
        pictures = self._people.get(name, ())
        if not 0 <= number < len(pictures):
            raise UnknownId(f"there is no such picture of {name!r:.40}", hint="Load it again.")
        file = pictures[number]  # the name may stand for another one by now
        with self._turn:
            if file not in self._faces:
                self._faces[file] = jpeg_of(codes_of(file), _QUALITY)
            return self._faces[file]

    def clip(self, place: int) -> bytes:
        """A small picture of a clip of the cut under review, JPEG. Raises UnknownId."""
        with self._turn:
            file = self._sources.still(place)
        if file is None or not file.is_file():
            raise UnknownId(f"there is no picture of clip {place}", hint="Is its media online?")
        return file.read_bytes()

    def pdf(self, name: str) -> bytes:
        """The pages of a packet. Raises UnknownId."""
        return self._packets.pages(name)

    def packet(self, said: Any) -> dict[str, Any]:
        """Begin a packet. Raises Locked while one is being built, NameMissing, FieldError."""
        asked = typed(Asked, object_of(said, "packet"))
        if not asked.by.strip():
            raise NameMissing("a packet needs a name", hint="Say who asks for it.")
        cuts = self._cuts()
        if not 0 <= asked.cut < len(cuts) or asked.name not in ("", cuts[asked.cut].name):
            raise FieldError("cut: expected one of the list", hint="Load the page again.")
        path = cuts[asked.cut]
        if not any(shot.marks.get("version") for shot in read_cut(path).shots):
            raise CutUnreadable(f"{path.name} plays no version of ours", hint="Cut one in first.")
        return {"packet": self._packets.ask(path, asked.by, draft=asked.draft)}

    def _cuts(self) -> list[Path]:
        """Cuts that a packet can be asked of: the one under review, then the newest cut in to."""
        with self._reel.lock:
            newest = sorted(self._reel.cuts, key=lambda name: -self._reel.cuts[name])
        own = [self._sources.cut] if self._sources.cut else []
        found = [Path(name) for name in newest if name.lower().endswith(".otio")]
        there = [one for one in dict.fromkeys([*own, *found]) if one.is_file()]
        return there[:MOST_CUTS]

    def _ran(self) -> Iterator[register.Ran]:
        versions = self._versions()
        for take in self._reel.takes():
            for model in take.models:
                yield _ran(take, model, versions.get(take.id, ""))

    def _shot(self) -> Iterator[Shot]:
        """Takes that were shot from a reference."""
        versions = self._versions()
        for take in self._reel.takes():
            asked = self._reel.turnovers[take.turnover]
            if take.written and any(one.role is Role.reference for one in asked.elements):
                yield Shot(asked, take.shot_at, take.shot, take.name, take.number,
                           versions.get(take.id, ""), take.id)  # fmt: skip

    def _versions(self) -> dict[str, str]:
        """Names of versions that were not recalled, by take."""
        return {one.version.take: one.version.name for now in self._reel.shots.values()
                for one in now.versions if one.state != "recalled"}  # fmt: skip

    def _checks(self) -> list[dict[str, Any]]:
        """False alarms by check, of each project and, last, of cuts: what nobody says of whom."""
        cuts = of_cuts(self._reel.cut_answers.values())
        judged = self._reel.judged or {"": {}}
        return [
            {"project": project, "check": check, "answers": one.answers,
             "not_errors": one.not_errors, "rate": round(one.rate, 4), "quiet": one.quiet}
            for project, answers in sorted(judged.items())
            for check, one in trust([*cuts, *of_answers(answers)]).items()
        ]  # fmt: skip

    def _counted(self) -> dict[str, Any]:
        parts, rates = self._sources.spent()
        all_ = added(parts, "all")
        return {
            "shots": [told(one, 1, rates) for one in parts],
            "all": told(all_, len(parts), rates),
            "rates": asdict(rates),
            "facts": facts(all_, bill(all_, len(parts), rates), rates),
            "assumed": assumed(all_, rates),
        }


def _shows(projects: Iterable[Project]) -> tuple[dict[str, WholeShow], list[str]]:
    """The productions' own bibles, and what is wrong with those that cannot be read."""
    found, wrong = {}, []
    for project in projects:
        try:
            found[project.name] = show_of(project)
        except SecondUnitError as error:
            wrong.append(error.message)
    return found, wrong


def _ran(take: TakeNow, model: Mapping[str, Any], version: str) -> register.Ran:
    files = tuple(str(digest) for _, digest in model.get("files", ()))
    tensors = str(model.get("tensors_sha256", ""))
    name = str(model["name"])
    return register.Ran(take.shot, take.name, take.number, version, name, files, tensors)
