"""From a shot's rendered passes to the ask: a previs turnover with each pass in its role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, Mapping

from secondunit_bridge.errors import FramesMissing, TurnoverRejected
from secondunit_bridge.film import Element, Media, Option, Project, Role, Shot, Turnover, Work
from secondunit_bridge.timeline import legal
from secondunit_bridge.timing import FrameRange

from .passes import PassesOrder
from .progress import PassesProgress
from .shots import SceneShot

DATA = "Raw"  # the space of values that are no colours
_ROLES = (
    Role.guide, Role.depth, Role.normal, Role.ids, Role.position, Role.motion, Role.albedo,
)  # fmt: skip
_COLOURS = (Role.guide, Role.albedo)
LOOKS = "looks"  # the generator without weights


@dataclass(frozen=True)
class Ask:
    """What a person wants of a shot, besides its passes.

    ``look`` is one of the generator's own; ``options`` are others of it. ``scene`` is the script
    scene, whose shots share continuity.
    """

    sequence: str
    generator: str = LOOKS
    look: str = ""
    brief: str = ""
    options: Dict[str, Option] = field(default_factory=dict)
    takes: int = 1
    seed: int = 0
    artist: str = ""
    scene: str = ""


def turnover(
    shot: SceneShot, order: PassesOrder, passes: PassesProgress, project: Project, ask: Ask
) -> Turnover:
    """The ask with each pass in its role.

    Raises FramesMissing when the passes are not all there, TurnoverRejected for a shot whose
    identity was not kept.
    """
    if passes.state != "done" or not passes.files or not passes.facts:
        raise FramesMissing(
            f"{len(passes.done)} of {len(order.numbers)} frames of passes are rendered",
            hint="Render the passes to the end, then turn over.",
        )
    files, space = passes.files, str(passes.facts["space"])
    wide, high = passes.facts["size"]
    return Turnover(
        shot=shot_of(shot, project, ask),
        work=Work.previs,
        generator=ask.generator,
        brief=ask.brief,
        elements=tuple(_elements(files, order.numbers, space)),
        options=_options(ask, passes.facts),
        width=wide,
        height=high,
        takes=ask.takes,
        seed=ask.seed,
        artist=ask.artist,
    )


def _options(ask: Ask, facts: Mapping[str, Any]) -> Dict[str, Option]:
    """With our own look, and the light that it shares with the scene's other shots."""
    if not ask.look:
        return ask.options
    light = facts.get("light")
    shared: Dict[str, Option] = {} if light is None else {"light": float(light)}
    return {**shared, **ask.options, "look": ask.look}


def shot_of(shot: SceneShot, project: Project, ask: Ask) -> Shot:
    """The shot as the ledger knows it. Raises TurnoverRejected without an identity."""
    if not shot.guid:
        raise TurnoverRejected(
            f"shot {shot.code} has no identity yet",
            hint="Keep the shots first: they get their codes then, and keep them.",
        )
    return Shot(
        project=project.name,
        sequence=legal(ask.sequence),
        code=shot.code,
        guid=shot.guid,
        cut=shot.frames,
        handles=shot.handles,
        scene=ask.scene,
    )


def _elements(files: Mapping[str, Any], frames: FrameRange, space: str) -> Iterator[Element]:
    """Each pass that was rendered. Objects are told apart by Cryptomatte where there is one: the
    numbers of the pass of numbers are those of people and props, each of several objects.
    """
    crypto = files.get("cryptomatte")
    for role in _ROLES:
        where = files.get(role.value)
        if role is Role.ids and crypto:
            where = {"pattern": crypto["pattern"], "channels": crypto["channels"][:1]}
        if where:
            yield _element(role, where, frames, space)


def _element(role: Role, where: Mapping[str, Any], frames: FrameRange, space: str) -> Element:
    channels = tuple(where["channels"])
    space = space if role in _COLOURS else DATA
    return Element(role, Media(frames, str(where["pattern"]), channels=channels, space=space))
