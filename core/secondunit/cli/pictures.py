"""``pictures``: a small picture of each take, for a panel that was not there when it was shot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from secondunit_bridge.errors import SecondUnitError

from .say import DONE, JsonFlag, Say

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

    from ..colour import Colour


def add_to(app: typer.Typer) -> None:
    """Put the command in."""
    app.command()(pictures)


def pictures(
    takes: Annotated[list[str], typer.Argument(help="Takes, by their ids.")],
    out: Annotated[Path, typer.Option("--out", help="The folder: TAKE.jpg for each.")],
    json: JsonFlag = False,
) -> int:
    """Write a small picture of each take, its middle frame; say which have none and why."""
    from .calling import calling

    say = Say(as_json=json)
    written: dict[str, str] = {}
    without: dict[str, str] = {}
    with calling(say) as unit:
        maker = _Maker(unit, out.expanduser().resolve())
        for take in dict.fromkeys(takes):
            try:
                written[take] = str(maker.write(take))
            except SecondUnitError as error:
                without[take] = error.message
    for path in written.values():
        say.line(path)
    for take, why in without.items():
        say.line(f"{take}: {why}")
    say.done({"pictures": written, "without": without})
    return DONE


class _Maker:
    """Finds each take's frames, and keeps the colours it has read."""

    def __init__(self, unit: Unit, out: Path) -> None:
        self._unit, self._out = unit, out
        self._projects = {project.name: project for project in unit.projects()}
        self._shots = {shot.guid: shot.project for shot in unit.shots()}
        self._colours: dict[str, Colour] = {}

    def write(self, name: str) -> Path:
        """The picture of one take. Raises UnknownId, FramesMissing, MediaDamaged, DiskFull ..."""
        from secondunit_bridge.errors import FramesMissing
        from secondunit_bridge.places import home

        from ..disk import private_folder, write_whole
        from ..stage.posters import poster
        from ..vault import Vault

        take = self._unit.take(name)
        if take.media is None or not take.media.digests:
            raise FramesMissing(f"take {name} has no frames", hint="Wait until it is shot.")
        project = self._projects[self._shots[take.shot]]
        store = Path(project.store) if project.store else home() / "projects" / project.name
        data = poster(take.media, Vault(store / "vault"), self._colour(project.ocio))
        return write_whole(private_folder(self._out) / f"{take.id}.jpg", data)

    def _colour(self, config: str) -> Colour:
        from ..colour import Colour

        if config not in self._colours:
            self._colours[config] = Colour(config)
        return self._colours[config]
