"""``recut --shoot``: the missing frames of a changed cut are made, and each seam is measured."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import OwnWork, UnknownId
from secondunit_bridge.film import Media, Project, Take, TakeState, Turnover, Version
from secondunit_bridge.places import home

from .forms import take_json, version_json
from .takes import turnovers_of

if TYPE_CHECKING:
    from secondunit_bridge.unit import Unit

    from ..editorial.missing import Pickup
    from ..editorial.recut import Item, Recut
    from .say import Say

# Mean difference over the overlap, of 255 at gamma 2.4; a step of two is seen on a flat wall.
SEAM = 2.0
_USABLE = (TakeState.pending_review, TakeState.blocked, TakeState.circled)


@dataclass(frozen=True)
class Made:
    """A pickup that was shot, its seam with the kept frames, and its version once it is circled."""

    pickup: Pickup
    take: Take
    seam: dict[str, Any]
    version: Version | None = None

    @property
    def json(self) -> dict[str, Any]:
        """As ``recut --json`` tells it."""
        shot = self.pickup.turnover.shot
        return {
            "of": self.pickup.of, "guid": shot.guid, "shot": shot.name, "code": shot.code,
            "missing": list(self.pickup.missing), "take": take_json(self.take), "seam": self.seam,
            "record": [shot.cut.first, shot.cut.last],
            "places": [[place.record, *place.missing] for place in self.pickup.places],
            "version": version_json(self.version) if self.version else None,
        }  # fmt: skip


def shoot_missing(
    unit: Unit, say: Say, found: Recut, by: str, *, circling: bool = False
) -> tuple[Made, ...]:
    """Turn over what is missing of our shots, wait for it, and measure the seams.

    What was shot for the same frames before is not shot again. With ``circling`` a take whose seam
    is clear and that nothing was found against becomes a version, in the name of ``by``. Raises
    UnknownId for a shot that this home's daemon never shot, and what it refuses.
    """
    wanted = [item for item in found.items if item.guid and item.missing]
    swapped = [item.name for item in wanted if item.change.value == "source_swapped"]
    if swapped:
        say.line(f"Not shot, for the cut plays other media there: {', '.join(swapped)}.")
    wanted = [item for item in wanted if item.name not in swapped]
    asked = turnovers_of(unit, {str(item.guid) for item in wanted})
    done: list[Made] = []
    for item in wanted:
        turnover = asked.get(str(item.guid))
        if turnover is None:
            raise UnknownId(
                f"{item.name} was not shot here: how it was asked for is not known",
                hint="Run this where it was shot, or shoot it anew.",
            )
        done += _shot(unit, say, item, turnover, by)
    return tuple(_circled(unit, say, one, by) for one in done) if circling else tuple(done)


def _shot(unit: Unit, say: Say, item: Item, asked: Turnover, by: str) -> list[Made]:
    from ..editorial.missing import pickups

    project = next(one for one in unit.projects() if one.name == asked.shot.project)
    take = _kept_take(unit, item, asked)
    assert take.media is not None  # only takes that were shot are asked for
    version = next((v for v in unit.versions(asked.shot.guid) if v.take == take.id), None)
    path = Path(version.path) / "exr" / f"{version.name}.%04d.exr" if version else ""
    kept = replace(take.media, path=str(path), space=take.media.space or project.space)
    mine = {shot.guid: shot.code for shot in unit.shots() if shot.sequence == asked.shot.sequence}
    done = []
    for pickup in pickups(item, asked, kept, mine, by):
        best = _taken(unit, say, pickup)
        seam = _seam(pickup, take, best, project)
        say.line(f"  seam: {seam['value']:.2f} of 255, {seam['outcome']}")
        done.append(Made(pickup, best, seam))
    return done


def _taken(unit: Unit, say: Say, pickup: Pickup) -> Take:
    """The pickup's take: one that was shot for the same frames, else a new one."""
    from .line import shot as shoot

    first, last = pickup.missing
    guid, name = pickup.turnover.shot.guid, pickup.turnover.shot.name
    what = f"{pickup.name}: frames {first} to {last} are"
    there = [take for take in unit.takes(shot=guid) if take.state in _USABLE]
    if there:
        say.line(f"{what} there already, as {name}.")
        return max(there, key=lambda take: (take.state is TakeState.circled, take.number))
    came = shoot(unit, say, pickup.turnover, f"{what} made as {name}.")
    return came.best or next(one for one in came.takes if one.media is not None)


def _circled(unit: Unit, say: Say, made: Made, by: str) -> Made:
    """Its version; none while a person has to look at the seam or at what was found."""
    from .line import ONE_COMMAND

    take, name = made.take, made.pickup.turnover.shot.name
    there = [one for one in unit.versions(take.shot) if one.take == take.id]
    if there:
        return replace(made, version=there[-1])
    if made.seam["outcome"] != "clear" or take.state is not TakeState.pending_review:
        why = "its seam is to be looked at" if made.seam["outcome"] != "clear" else take.state.value
        say.line(f"{name} is not circled: {why}. When it is good, run this again after:")
        say.line(f"  secondunit circle {take.id} --by NAME")
        return made
    version = None
    with say.busy(f"Publishing {name}"), suppress(OwnWork):
        version = unit.circle(take.id, by, reason=ONE_COMMAND)
    if version is None:
        say.line(f"{name} is not circled: {by} asked for it, and somebody else decides here.")
        say.line(f"When it is good, run this again after: secondunit circle {take.id} --by NAME")
        return made
    say.line(f"Circled {name} as {version.kind.value} in the name of {by}: {version.name}.")
    return replace(made, version=version)


def _kept_take(unit: Unit, item: Item, asked: Turnover) -> Take:
    """The take whose frames are kept: that of the cut's mark, else of the latest version."""
    marked = item.old.marks.get("take") if item.old else None
    takes = [take for take in unit.takes(shot=asked.shot.guid) if take.media is not None]
    versions = unit.versions(asked.shot.guid)
    latest = versions[-1].take if versions else ""
    for name in (marked, latest):
        found = next((take for take in takes if take.id == name), None)
        if found is not None:
            return found
    shown = [take for take in takes if take.state is not TakeState.junk]
    if not shown:
        raise UnknownId(f"{item.name} has no take that could be kept", hint="Shoot it anew.")
    return shown[-1]


def _seam(pickup: Pickup, kept: Take, made: Take, project: Project) -> dict[str, Any]:
    """How much the frames that both have differ: mean, of 255 at gamma 2.4."""
    import numpy as np

    worst = 0.0
    assert kept.media is not None
    assert made.media is not None
    for number, place in pickup.overlap:
        one = _pixels(project, kept.media, number)
        other = _pixels(project, made.media, place)
        if one is not None and other is not None:
            seen = [np.clip(picture, 0, 1) ** (1 / 2.4) for picture in (one, other)]
            worst = max(worst, float(np.abs(seen[0] - seen[1]).mean()) * 255)
    return {"value": round(worst, 3), "limit": SEAM, "unit": "of 255 at gamma 2.4",
            "outcome": "clear" if worst <= SEAM else "look"}  # fmt: skip


def _pixels(project: Project, media: Media, number: int) -> Any:
    from ..media.stills import read_still

    index = number - media.frames.first
    if not 0 <= index < len(media.digests):
        return None
    store = Path(project.store) if project.store else home() / "projects" / project.name
    digest = media.digests[index]
    return read_still(store / "vault" / digest[:2] / f"{digest}.exr").pixels[..., :3]
