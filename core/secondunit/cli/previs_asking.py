"""From render passes on the command line to a turnover: looked at, checked, a generator found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from secondunit_bridge.errors import FramesMissing, MediaOffline, TurnoverRejected
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

from .passes import PASSES, only, passes_in, views_in
from .plate_asking import Found, Plate, asked_frames, looked_up, name_of, rate_of, shot_of

if TYPE_CHECKING:
    from ..media.probe import Prober
    from ..models.card import Card

_DATA = "Raw"  # the space of values that are no colours
_BLENDER = "Linear Rec.709 (sRGB)"  # the space Blender renders in unless a person changed it
_COLOURS = (Role.guide, Role.albedo)
LOOKS = "looks"  # the generator that draws from passes without a model


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
    layer: str = ""

    @property
    def where(self) -> str:
        """The first file that was named: its folder is the shot's."""
        return self.passes or next(iter(self.own.values()), "")


def own_passes(named: dict[str, str], more: Sequence[str]) -> dict[Role, str]:
    """Passes in files of their own: by their options, and ``NAME=FILES``. Raises BadParameter."""
    known = {role.value: role for role in (*PASSES, Role.reference)}
    found = {known[name]: path for name, path in named.items() if path}
    for word in more:
        name, _, path = word.partition("=")
        if name not in known or not path:
            raise typer.BadParameter(
                f"{word!r} is not NAME=FILES; names are {', '.join(known)}", param_hint="--pass"
            )
        found[known[name]] = path
    return found


def with_camera(options: dict[str, Option], camera: Path | None) -> dict[str, Option]:
    """The options and the camera's file as one of them. Raises MediaOffline."""
    if camera is None:
        return options
    try:
        return {**options, "camera": camera.read_text(encoding="utf-8")}
    except (OSError, UnicodeDecodeError) as error:
        raise MediaOffline(
            f"the camera {camera.name} cannot be read: {error}",
            hint="Give the path of a JSON file with a matrix for each frame.",
            data={"path": str(camera)},
        ) from error


class Passes(Plate):
    """The passes of a shot; the first element is the one whose frames and size count."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """Which passes there are."""
        return tuple(element.role for element in self.elements)


def looked_at(wanted: Wanted, project: Project | None) -> Passes:
    """Every file opened in a limited process, and each pass found in it.

    Raises MediaOffline, MediaDamaged, FramesMissing, TurnoverRejected and what ``probe`` raises;
    BadParameter when nothing was named.
    """
    from ..media.probe import Prober

    if not wanted.where:
        raise typer.BadParameter("give --passes, or some of --guide, --depth, --normal, --ids")
    said: list[str] = []
    with closing(Prober()) as prober:
        found = _found(wanted, said, prober)
        stills = _still(wanted, said, prober)
    first = next(iter(found.values()))[0]
    rate = rate_of(first, project, said, what="render")
    frames = asked_frames(wanted.frames, first, rate, what="render")
    elements = []
    for role, (file, channels) in found.items():
        _fits(role, file, first, (frames.first, frames.last))
        space = _space(wanted, file, said) if role in _COLOURS else _DATA
        elements.append(Element(role, Media(frames, file.path, channels=channels, space=space)))
    elements += stills
    said.append("Passes: " + ", ".join(_told(role, file, c) for role, (file, c) in found.items()))
    said += _doubts(found)
    return Passes(first.facts, tuple(elements), name_of(first.path), tuple(said))


def _space(wanted: Wanted, file: Found, said: list[str]) -> str:
    """What a person says, else Blender's own when Blender wrote it and names none."""
    by_blender = "BlenderMultiChannel" in file.facts.attributes and not file.facts.space
    if wanted.space or not by_blender:
        return wanted.space
    words = (
        f"Blender wrote the picture and names no colour space: read as {_BLENDER}, its own. Declare"
        " another with --space."
    )
    if words not in said:
        said.append(words)
    return _BLENDER


def _still(wanted: Wanted, said: list[str], prober: Prober) -> list[Element]:
    """The still whose grade is taken on."""
    path = wanted.own.get(Role.reference)
    if not path:
        return []
    file = looked_up(path, prober, sequence=False, said=said)
    return [Element(Role.reference, Media(file.frames, file.path, channels=file.facts.channels))]


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


def generator_for(
    roles: Sequence[Role],
    models: Iterable[Model],
    shelf: Iterable[Card],
    against: Mapping[str, Sequence[str]],
) -> str:
    """The registered model that looks at most of these passes; without one, ``looks``.

    One with something ``against`` it comes after all that can be used: then its refusal tells what
    it would take.
    """
    from ..models.workflow_card import is_workflow

    cards = {card.name: card for card in shelf if Work.previs in card.card.works}
    bases = [one for one in models if one.kind is ModelKind.base and not is_workflow(one)]
    served = [(_served(cards[m.card], roles), m.name) for m in bases if m.card in cards]
    best = sorted((bool(against.get(name)), -count, name) for count, name in served if count)
    return best[0][2] if best else LOOKS


def apart(passes: Passes, card: Card) -> Passes:
    """Without passes that the card cannot look at beside another: shape goes before colour."""
    order = (Role.depth, Role.normal, Role.ids, Role.guide)
    there, left = [role for role in order if role in passes.roles], []
    for place, role in enumerate(there):
        port = card.ports.get(role.value)
        rivals = {*(port.instead_of if port else ())}
        before = [one for one in there[:place] if one not in left]
        if any(
            one.value in rivals or role.value in card.ports[one.value].instead_of
            for one in before
            if one.value in card.ports
        ):
            left.append(role)
    if not left:
        return passes
    names = " and the ".join(role.value for role in left)
    kept = tuple(one for one in passes.elements if one.role not in left)
    said = f"The {names} is left out: {card.card.name} looks at it or at another, not at both."
    return replace(passes, elements=kept, said=(*passes.said, said))


def _served(card: Card, roles: Sequence[Role]) -> int:
    """How many of the passes the card looks at; 0 when it needs something that is not there."""
    words, there = ("brief", "negative"), {role.value for role in roles}
    needs = {name for name, port in card.ports.items() if port.required and name not in words}
    return len(there & set(card.ports)) if needs <= there else 0


def _found(
    wanted: Wanted, said: list[str], prober: Prober
) -> dict[Role, tuple[Found, tuple[str, ...]]]:
    """Each pass: the file it lies in and its channels there. A file of its own goes first."""
    many = bool(wanted.frames)
    picked = {}
    if wanted.passes:
        whole = looked_up(wanted.passes, prober, sequence=many, said=said)
        view = _view(wanted, whole, said)
        for role, channels in passes_in(whole.facts.channels, view).items():
            picked[role] = (whole, channels)
    for role, path in wanted.own.items():
        if role is Role.reference:
            continue
        file = looked_up(path, prober, sequence=many, said=said)
        picked[role] = (file, only(role, file.facts.channels))
    chosen = {
        role: picked[role] for role in PASSES if role in picked and role not in wanted.without
    }
    if chosen:
        return chosen
    name = Path(wanted.where).name
    if picked:
        raise TurnoverRejected(
            f"every pass of {name} is left out",
            hint=f"It has: {', '.join(role.value for role in picked)}. Leave in at least one.",
            data={"path": wanted.where},
        )
    raise TurnoverRejected(
        f"{name} has no pass that is known by its name",
        hint="Name each pass: --guide, --depth, --normal, --ids. Known are R G B, Depth.Z, Z,"
        " Normal.X Y Z, IndexOB and Blender's other passes.",
        data={"path": wanted.where},
    )


def _view(wanted: Wanted, whole: Found, said: list[str]) -> str:
    """The view layer that counts; of several the first, and then it is said. Raises
    TurnoverRejected for one that is not there."""
    there = views_in(whole.facts.channels)
    if wanted.layer and wanted.layer not in there:
        raise TurnoverRejected(
            f"{Path(wanted.passes).name} has no view layer called {wanted.layer}",
            hint=f"It has: {', '.join(filter(None, there)) or 'none with a name'}.",
            data={"layers": list(there)},
        )
    if not wanted.layer and len(there) > 1:
        said.append(
            f"There are {len(there)} view layers, {', '.join(map(repr, there))}: the first is"
            " taken. Choose another with --layer."
        )
    return wanted.layer or next(iter(there), "")


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
