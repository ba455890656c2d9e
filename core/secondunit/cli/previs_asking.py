"""From render passes on the command line to a turnover: looked at, checked, a generator found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from secondunit_bridge.errors import FramesMissing, NeedsModel, TurnoverRejected
from secondunit_bridge.film import (
    Element,
    Media,
    Model,
    ModelKind,
    Option,
    Project,
    Role,
    Shot,
    Turnover,
    Work,
)

from .passes import PASSES, only, passes_in
from .plate_asking import Found, Plate, asked_frames, looked_up, name_of, rate_of, shot_of

if TYPE_CHECKING:
    from ..models.card import Card

_DATA = "Raw"  # the space of values that are no colours


@dataclass(frozen=True)
class Wanted:
    """What the command line asked for. ``own`` are passes in files of their own."""

    passes: str = ""
    own: dict[Role, str] = field(default_factory=dict)
    without: tuple[Role, ...] = ()
    frames: str = ""
    generator: str = ""
    brief: str = ""
    takes: int = 1
    seed: int = 0
    options: dict[str, Option] = field(default_factory=dict)
    by: str = ""
    code: str = ""
    space: str = ""

    @property
    def where(self) -> str:
        """The first file that was named: its folder is the shot's."""
        return self.passes or next(iter(self.own.values()), "")


class Passes(Plate):
    """The passes of a shot; the first element is the one whose frames and size count."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """Which passes there are."""
        return tuple(element.role for element in self.elements)


def looked_at(wanted: Wanted, project: Project | None) -> Passes:
    """Every file opened in a limited process, and each pass found in it.

    Raises MediaOffline, MediaDamaged, FramesMissing, TurnoverRejected and what ``probe`` raises.
    """
    said: list[str] = []
    found = _found(wanted, said)
    first = next(iter(found.values()))[0]
    rate = rate_of(first, project, said, what="render")
    frames = asked_frames(wanted.frames, first, rate, what="render")
    elements = []
    for role, (file, channels) in found.items():
        _fits(role, file, first, (frames.first, frames.last))
        space = wanted.space if role is Role.guide else _DATA
        elements.append(Element(role, Media(frames, file.path, channels=channels, space=space)))
    said.append("Passes: " + ", ".join(_told(role, file, c) for role, (file, c) in found.items()))
    said += _doubts(found)
    return Passes(first.facts, tuple(elements), name_of(first.path), tuple(said))


def previs_turnover(
    wanted: Wanted, passes: Passes, generator: str, project: Project, shots: Sequence[Shot]
) -> Turnover:
    """The ask. ``shots`` are those there are: the same passes and frames are the same shot."""
    return Turnover(
        shot=shot_of(wanted.code, passes, project, shots),
        work=Work.previs,
        generator=generator,
        brief=wanted.brief,
        elements=passes.elements,
        options=wanted.options,
        width=passes.facts.width,
        height=passes.facts.height,
        takes=wanted.takes,
        seed=wanted.seed,
        artist=wanted.by,
    )


def generator_for(roles: Sequence[Role], models: Iterable[Model], shelf: Iterable[Card]) -> str:
    """The registered model that looks at most of these passes. Raises NeedsModel."""
    from ..models.workflow_card import is_workflow

    cards = {card.name: card for card in shelf if Work.previs in card.card.works}
    bases = [one for one in models if one.kind is ModelKind.base and not is_workflow(one)]
    served = [(_served(cards[m.card], roles), m.name) for m in bases if m.card in cards]
    best = sorted((-count, name) for count, name in served if count)
    if best:
        return best[0][1]
    there = ", ".join(role.value for role in roles)
    able = [name for name, card in cards.items() if _served(card, roles)]
    have = f"; registered are {', '.join(m.name for m in bases)}" if bases else ""
    raise NeedsModel(
        f"no model is registered that makes previs from these passes ({there}){have}",
        hint="Add weights with `secondunit models add DIR --by NAME`; one of these cards looks at"
        f" them: {', '.join(able) or 'none'}. Or name a generator with --generator.",
        data={"roles": [role.value for role in roles], "cards": able},
    )


def _served(card: Card, roles: Sequence[Role]) -> int:
    """How many of the passes the card looks at; 0 when it needs something that is not there."""
    words, there = ("brief", "negative"), {role.value for role in roles}
    needs = {name for name, port in card.ports.items() if port.required and name not in words}
    return len(there & set(card.ports)) if needs <= there else 0


def _found(wanted: Wanted, said: list[str]) -> dict[Role, tuple[Found, tuple[str, ...]]]:
    """Each pass: the file it lies in and its channels there. A file of its own goes first."""
    many = bool(wanted.frames)
    picked = {}
    if wanted.passes:
        whole = looked_up(wanted.passes, sequence=many, said=said)
        for role, channels in passes_in(whole.facts.channels).items():
            picked[role] = (whole, channels)
    for role, path in wanted.own.items():
        file = looked_up(path, sequence=many, said=said)
        picked[role] = (file, only(role, file.facts.channels))
    chosen = {
        role: picked[role] for role in PASSES if role in picked and role not in wanted.without
    }
    if chosen:
        return chosen
    name = Path(wanted.where).name
    raise TurnoverRejected(
        f"{name} has no pass that is known by its name",
        hint="Name each pass: --guide, --depth, --normal, --ids. Known are R G B, Depth.Z, Z,"
        " Normal.X Y Z and IndexOB.",
        data={"path": wanted.where},
    )


def _fits(role: Role, file: Found, first: Found, asked: tuple[int, int]) -> None:
    """Raises TurnoverRejected for a pass of another size, FramesMissing for one that is shorter."""
    size, own = (file.facts.width, file.facts.height), (first.facts.width, first.facts.height)
    if size != own:
        raise TurnoverRejected(
            f"the {role.value} is {size[0]} x {size[1]} and the first pass {own[0]} x {own[1]}",
            hint="Render all passes of a shot in one size.",
            data={role.value: list(size), "first": list(own)},
        )
    have = file.frames
    if len(have) > 1 and (asked[0] < have.first or asked[1] > have.last):
        raise FramesMissing(
            f"the {role.value} has frames {have.first} to {have.last}, and {asked[0]} to"
            f" {asked[1]} are asked for",
            hint="Render the missing frames, or ask for fewer with --frames.",
            data={"there": [have.first, have.last], "asked": list(asked)},
        )


def _told(role: Role, file: Found, channels: tuple[str, ...]) -> str:
    return f"{role.value} ({' '.join(channels)} of {Path(file.path).name})"


def _doubts(found: dict[Role, tuple[Found, tuple[str, ...]]]) -> list[str]:
    depth = found.get(Role.depth)
    if depth is None or depth[0].facts.dtype.startswith("float"):
        return []
    return [
        f"The depth is {depth[0].facts.dtype}, not a distance in floating point: it is taken as"
        " distance all the same, far is bright."
    ]
