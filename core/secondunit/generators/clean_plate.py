"""Takes something out of a plate without a model: with what other frames show behind it.

Nothing is invented. Where no frame ever shows what is behind, it refuses and says how much that is;
only what is thinner than a wire (8 pixels) is drawn across from its two sides.
"""

from __future__ import annotations

from collections.abc import Generator as Steps
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from secondunit_bridge.errors import MatteMissing, NeedsModel, TurnoverRejected
from secondunit_bridge.film import Role, Work

from ..hookspecs import (
    Developed,
    Elements,
    Generator,
    GeneratorAbout,
    OptionAbout,
    Plan,
    Port,
    Preview,
    Progress,
    Watch,
    hookimpl,
)
from ..media.footage import Footage
from .behind import Backdrop
from .boxes import Box
from .holes import WIRE, thick
from .locked import Locked, Survey
from .registration import is_still, register
from .removal import Edge, Removal, shown, untouched
from .stock import Mask, Stock
from .travelling import Coarse, Travelling

CLEAN = "clean"  # name of a reference that shows the same place without what is removed
_CONTEXT = 48  # pixels around the matte that light and placement are read from
_ROOM = 3 << 29  # bytes of frames kept in memory
_BEGUN = 0.15  # of the progress, when the first frame is made


class CleanPlate:
    """Removes what the matte covers."""

    about = GeneratorAbout(
        name="clean_plate",
        version="1",
        sentence="What the matte covers is taken out, with what other frames show behind it.",
        works=(Work.plate,),
        ports=(
            Port(Role.plate, "the shot to take something out of"),
            Port(Role.matte, "what to take out: 1 where the picture may change"),
            Port(Role.reference, f"named {CLEAN}: the same place without it", required=False),
        ),
        options=(
            OptionAbout(
                "method", "auto", "Whether the camera moves.", choices=("auto", "static", "moving")
            ),
            OptionAbout("edge", 4.0, "How soft the edge is, pixels outwards.", low=0.0, high=64.0),
            OptionAbout("edge_zone", 24, "Pixels outside the matte that may change.", 0, 512),
            OptionAbout("shadow", True, "Take out the shadow joined to it, within that zone."),
            OptionAbout("grain", 1.0, "How much of the real grain is put back.", low=0.0, high=2.0),
        ),
        gives_confidence=True,
    )

    def plan(self, plan: Plan, elements: Elements | None) -> Plan:
        """Adds where the background will come from, the memory, and what is missing."""
        refusals = [] if elements is None else _lacking(plan, elements)
        count = len(_clean_names(plan))
        also = f" and {count} clean reference{'s' if count > 1 else ''}" if count else ""
        remark = f"What is behind the matte is taken from the plate's own frames{also}."
        return replace(
            plan,
            refusals=(*plan.refusals, *refusals),
            remarks=(*plan.remarks, remark),
            memory_bytes=_ROOM + 64 * 4 * plan.width * plan.height,
        )

    def run(
        self, plan: Plan, elements: Elements, seed: int, watch: Watch
    ) -> Iterator[Progress | Preview | Developed]:
        """Each frame with what is behind in place of what the matte covers; alpha says where.

        RGBA scene-linear, unpremultiplied. Raises NeedsModel where nothing ever showed the
        background (``data`` has the coverage; a Preview of it comes first), MatteMissing.
        """
        yield Progress(0.0, "reading the mattes")
        shot = _Shot(plan, _stock(plan, elements, watch), _edge(plan), watch)
        backdrop = yield from shot.backdrop()
        yield Progress(_BEGUN, backdrop.remark)
        removal = Removal(shot.stock, shot.edge, backdrop)
        for index, number in enumerate(plan.frames):
            watch.check()
            box = shot.box(index)
            if box is None:
                yield Developed(number, untouched(shot.stock, index), 1.0)
                continue
            made = removal.of(index, box)
            if made.pixels is None:
                yield Preview(number, shown(shot.stock, index, made.hole))
                raise _never_seen({number: made.coverage})
            yield Developed(number, made.pixels, made.confidence)
            done = _BEGUN + (1 - _BEGUN) * (index + 1) / len(plan.frames)
            yield Progress(done, f"frame {number}: {made.coverage:.1%} of the matte seen elsewhere")


@dataclass(frozen=True)
class _Shot:
    """What is decided once for a take."""

    plan: Plan
    stock: Stock
    edge: Edge
    watch: Watch

    def backdrop(self) -> Steps[Progress | Preview, None, Backdrop]:
        """What knows the background. Raises NeedsModel when some of it was never seen."""
        method = str(self.plan.options["method"])
        yield Progress(0.02, "looking whether the camera moves")
        plate, mattes = self.stock.as_footage(range(self.stock.count))
        if method == "static" or (method == "auto" and is_still(plate, mattes, self.watch)):
            return (yield from self._locked())
        return (yield from self._travelling())

    def box(self, index: int) -> Box | None:
        """A frame's matte with context around it; None when nothing is hidden in it."""
        found = Box.around(self.stock.hidden(index))
        return found and found.grown(self._margin, self.stock.rows, self.stock.columns)

    @property
    def _margin(self) -> int:
        return self.edge.zone + _CONTEXT

    def _locked(self) -> Steps[Progress | Preview, None, Backdrop]:
        stock, targets = self.stock, range(len(self.plan.frames))
        survey = Survey(stock, targets, stock.fitting(self.watch))
        box = Box.around(survey.union)
        if box is None:
            raise _no_matte()
        hole = survey.union & ~survey.seen_once
        if thick(hole).any():
            coverage, worst = {}, targets[0]
            for index in targets:
                hidden = stock.hidden(index)
                lost = np.count_nonzero(hidden & hole)
                coverage[self.plan.frames.first + index] = 1 - lost / max(1, hidden.sum())
                worst = index if lost > np.count_nonzero(stock.hidden(worst) & hole) else worst
            yield self._picture(worst, hole & stock.hidden(worst))
            raise _never_seen(coverage)
        yield Progress(0.06, "comparing frames")
        wide = box.grown(self._margin, stock.rows, stock.columns)
        return Locked(stock, survey, wide, float(self.plan.options["grain"]))

    def _travelling(self) -> Steps[Progress | Preview, None, Backdrop]:
        stock, targets = self.stock, range(len(self.plan.frames))
        yield Progress(0.04, "laying frames over each other")
        motion = register(*stock.as_footage(range(stock.total)), self.watch, "moving")
        lost = [self.plan.frames.first + index for index in targets if index not in motion]
        if lost:
            raise NeedsModel(
                f"{len(lost)} frames cannot be laid over the others, the first is {lost[0]}",
                hint="Cut the shot where the view changes at once, or paint these by a model.",
                data={"frames": lost},
            )
        coarse = Coarse(stock, motion, self.edge.zone if self.edge.shade else 0)
        coverage = {}
        worst: tuple[float, int, Mask | None] = (1.0, targets[0], None)
        for index in targets:
            self.watch.check()
            share, hole = coarse.coverage(index)
            coverage[self.plan.frames.first + index] = share
            if hole is not None and (worst[2] is None or share < worst[0]):
                worst = (share, index, hole)
        if not any(coarse.hidden(index).any() for index in targets):
            raise _no_matte()
        if worst[2] is not None:
            yield self._picture(worst[1], worst[2])
            raise _never_seen(coverage)
        return Travelling(stock, motion, coarse, float(self.plan.options["grain"]))

    def _picture(self, index: int, hole: Mask) -> Preview:
        return Preview(self.plan.frames.first + index, shown(self.stock, index, hole))


def _no_matte() -> MatteMissing:
    return MatteMissing(
        "the matte is empty in every frame",
        hint="1.0 is where the picture may change. Choose the channel that holds it.",
    )


def _never_seen(coverage: dict[int, float]) -> NeedsModel:
    """The refusal: how much of the matte no frame shows, for each frame."""
    worst = min(coverage, key=lambda number: coverage[number])
    short = sum(share < 1 for share in coverage.values())
    return NeedsModel(
        f"no frame ever shows what is behind {1 - coverage[worst]:.1%} of the matte in frame "
        f"{worst}; {short} of {len(coverage)} frames lack some of it",
        hint=f"Hand over a clean frame of the place as a reference named {CLEAN}, or more of the "
        f"shot; only what is thinner than {WIRE} pixels can be drawn across. Else use a model.",
        data={"coverage": {str(number): round(share, 5) for number, share in coverage.items()}},
    )


def _edge(plan: Plan) -> Edge:
    options = plan.options
    return Edge(float(options["edge"]), int(options["edge_zone"]), bool(options["shadow"]))


def _clean_names(plan: Plan) -> list[int]:
    """Places, among the references, of those that are named clean."""
    names = [one.name for one in plan.turnover.elements if one.role is Role.reference]
    return [place for place, name in enumerate(names) if name == CLEAN]


def _stock(plan: Plan, elements: Elements, watch: Watch) -> Stock:
    plate, matte = elements.one(Role.plate), elements.one(Role.matte)
    refusals = _lacking(plan, elements)
    if plate is None or matte is None or refusals:
        raise TurnoverRejected(
            " ".join(refusals), hint="Hand over the plate and its matte, frame for frame."
        )
    references: Sequence[Footage] = elements.all(Role.reference)
    clean = [references[place] for place in _clean_names(plan)]
    return Stock(plate, matte, clean, watch, _ROOM // (7 * plan.width * plan.height))


def _lacking(plan: Plan, elements: Elements) -> list[str]:
    """Why the elements do not do, in sentences."""
    said = []
    for role in (Role.plate, Role.matte):
        footage = elements.one(role)
        if footage is None:
            said.append(f"There is no {role.value}: clean_plate needs the plate and its matte.")
            continue
        count, needed = len(footage.frames), len(plan.frames)
        if count < needed and not (role is Role.matte and count == 1):
            said.append(f"The {role.value} has {count} frames and {needed} are asked for.")
    return said


@hookimpl
def secondunit_generators() -> Sequence[Generator]:
    """Adds ``clean_plate``."""
    return [CleanPlate()]
