"""From a turnover's elements to the arguments of a pipeline's call, as the card says.

One call makes one movie, or one picture of a take. Nothing is rounded here: sizes and counts are
those of the plan, or of its draft.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from secondunit_bridge.errors import OverLimits
from secondunit_bridge.film import Role

from ...hookspecs import DRAFT, QUALITY, Elements, Plan
from ...media.footage import Footage, Picture
from ...models.card import Card, PortCard
from .passes import Passes
from .pictures import (
    clipped,
    eight_bit,
    handed,
    handed_frames,
    matte_of,
    sized,
    stretched,
)

OPEN = 0.5  # the code of what the model is to fill in: mid grey, nought after its own scaling
_WHOLE = ("frames", "masks", "conditions")  # forms that take every frame at once


@dataclass(frozen=True)
class How:
    """What a take is run with: the size of its call, and every plain argument."""

    width: int
    height: int
    count: int
    draft: bool
    arguments: dict[str, Any]

    @property
    def steps(self) -> int:
        """Steps from noise to picture; 0 when the card does not say."""
        return int(self.arguments.get("num_inference_steps", 0))


@dataclass(frozen=True)
class Call:
    """One call: its arguments, and the frames of the plan that it makes."""

    arguments: dict[str, Any]
    frames: tuple[int, ...]


def how(card: Card, plan: Plan) -> How:
    """Arguments from the card, then the draft's, then what the turnover says itself."""
    asked, draft = plan.turnover.options, plan.options.get(QUALITY) == DRAFT
    plain: dict[str, Any] = dict(card.call)
    plain |= {option.argument: option.default for option in card.options.values()}
    plain |= card.draft.call if draft else {}
    plain |= {o.argument: plan.options[name] for name, o in card.options.items() if name in asked}
    width, height = (_less(side, card) if draft else side for side in (plan.width, plan.height))
    return How(width, height, len(plan.frames), draft, plain)


def _less(side: int, card: Card) -> int:
    """The side of a draft's picture: a multiple the model can make, at least one."""
    multiple = card.limits.size_multiple
    return max(multiple, round(side * card.draft.scale / multiple) * multiple)


def calls(card: Card, plan: Plan, elements: Elements, made: How) -> Iterator[Call]:
    """Every call of a take, in order. Frames are read when their call is due.

    Raises OverLimits for more pictures than a port takes, and what reading them raises.
    """
    material = Material(card, plan, elements, made)
    plain = spoken(card, plan, made) | _sizes(card, plan, made)
    if not card.limits.still:
        yield Call(plain | material.movie(), tuple(plan.frames))
        return
    for index, number in enumerate(plan.frames):
        yield Call(plain | material.still(index), (number,))


def spoken(card: Card, plan: Plan, made: How) -> dict[str, Any]:
    """The plain arguments of every call of a take, and its words."""
    return made.arguments | _words(card, plan)


def _sizes(card: Card, plan: Plan, made: How) -> dict[str, Any]:
    values = {
        card.size.width: made.width,
        card.size.height: made.height,
        card.size.frames: made.count,
        card.size.rate: float(plan.frames.rate),
        card.size.area: made.width * made.height,
    }
    return {name: value for name, value in values.items() if name}


def _words(card: Card, plan: Plan) -> dict[str, Any]:
    said = {"brief": plan.turnover.brief, "negative": str(plan.options.get("negative", ""))}
    ports = {name: card.ports[name] for name in said if name in card.ports}
    return {
        port.argument: said[name] for name, port in ports.items() if said[name] or port.required
    }


class Material:
    """The pictures of a take as its ports take them, at the size that is run."""

    def __init__(self, card: Card, plan: Plan, elements: Elements, made: How) -> None:
        self._card, self._plan, self._elements, self._made = card, plan, elements, made
        self._start = start_of(card.ports, plan)
        if elements.already is not None:  # goes on from the run before, not from the start again
            self._start.pop(Role.first.value, None)
        self._passes = Passes()

    def movie(self) -> dict[str, Any]:
        """Arguments of the one call that makes every frame."""
        ports = self._used()
        made = self._pictures({n: p for n, p in ports.items() if p.form not in _WHOLE}, 0)
        conditions = {n: p for n, p in ports.items() if p.form == "conditions"}
        if conditions:
            made[next(iter(conditions.values())).argument] = self._conditions(conditions)
        return made | self._run_of_frames(ports)

    def still(self, index: int) -> dict[str, Any]:
        """Arguments of the call that makes frame ``index``."""
        return self._pictures(self._used(), index)

    def _pictures(self, ports: dict[str, PortCard], index: int) -> dict[str, Any]:
        """By argument; lists that share one follow each other, and so do the kinds of controls."""
        made: dict[str, Any] = {}
        for name, port in ports.items():
            given = self._handed(name, port, index)
            if port.mode_argument:
                made.setdefault(port.argument, []).append(given)
                made.setdefault(port.mode_argument, []).append(port.mode)
            elif port.form == "pictures":
                made.setdefault(port.argument, []).extend(given)
            else:
                made[port.argument] = given
        return made

    def _used(self) -> dict[str, PortCard]:
        """The ports that there is something for."""
        return {name: port for name, port in self._card.ports.items() if self._all(name, port)}

    def _all(self, name: str, port: PortCard) -> Sequence[Footage]:
        if port.form == "text":
            return ()
        return self._elements.all(self._start.get(name, Role(name)))

    def _handed(self, name: str, port: PortCard, index: int = 0) -> Any:
        pipeline, footages = self._card.card.pipeline, self._all(name, port)
        if len(footages) > port.most and port.form != "conditions":
            raise OverLimits(
                f"{self._card.name} takes {port.most} of {name}; there are {len(footages)}",
                hint="Hand over fewer, the ones that matter most.",
                data={"port": name, "most": port.most},
            )
        if port.form in ("mask", "masks"):
            return self._matte(footages[0], index)[None, ..., None]
        if port.form == "ip_adapter":
            return [eight_bit(clipped(one.frame(one.frames.first))) for one in footages]
        if port.form == "pictures":
            own = [self._listed(name, one, index) for one in footages]
            return [handed(pipeline, port.argument, one) for one in own]
        return handed(pipeline, port.argument, self._one(name, footages[0], index, port.place))

    def _listed(self, name: str, footage: Footage, index: int) -> Picture:
        """One of a list: references keep their own size, what runs along has the take's."""
        if self._start.get(name, Role(name)) is Role.reference:
            return clipped(footage.frame(footage.frames.first))
        return self._one(name, footage, index)

    def _one(self, name: str, footage: Footage, index: int, place: str = "") -> Picture:
        """One frame as this port sees it, at the size that is run."""
        role = self._start.get(name, Role(name))
        if place == "last" or name == Role.last.value:
            return self._run_size(self._passes.shown_at(role, footage, footage.frames.last))
        return self._run_size(self._passes.shown(role, footage, index))

    def _run_size(self, picture: Picture) -> Picture:
        """At the plan's size, then as a draft is run: stretched, so that it comes back in place."""
        framed = sized(picture, self._plan.width, self._plan.height)
        return stretched(framed, self._made.width, self._made.height)

    def _matte(self, footage: Footage, index: int) -> Picture:
        at = footage.frames.first + (index if len(footage.frames) > 1 else 0)
        return self._run_size(matte_of(footage.frame(at)))

    def _run_of_frames(self, ports: dict[str, PortCard]) -> dict[str, Any]:
        """Movie and matte, laid together from every port that shares them; in the card's order."""
        moving = {name: port for name, port in ports.items() if port.form == "frames"}
        mattes = [(n, p) for n, p in self._card.ports.items() if p.form == "masks"]
        if not moving and not any(name in ports for name, _ in mattes):
            return {}
        size = (self._made.count, self._made.height, self._made.width)
        video, holes = np.full((*size, 3), OPEN, np.float32), np.ones(size, np.float32)
        for name, port in mattes:
            if name in ports:
                footage = self._all(name, port)[0]
                holes = np.stack([self._matte(footage, index) for index in range(size[0])])
        for name, port in moving.items():
            self._lay(name, port, video, holes)
        made = {self._video_argument(): handed_frames(video)}
        return made | {port.argument: handed_frames(holes) for _, port in mattes}

    def _video_argument(self) -> str:
        return next(p.argument for p in self._card.ports.values() if p.form == "frames")

    def _lay(self, name: str, port: PortCard, video: Picture, holes: Picture) -> None:
        """One port's pictures into the movie, where they belong."""
        footage = self._all(name, port)[0]
        if port.place:
            at = 0 if port.place == "first" else len(video) - 1
            video[at], holes[at] = self._one(name, footage, 0, port.place), 0.0
            return
        for index in range(len(video)):
            picture = self._one(name, footage, index)
            seen = holes[index] > 0.5 if port.inside else holes[index] <= 0.5
            video[index][seen] = picture[seen]

    def _conditions(self, ports: dict[str, PortCard]) -> list[Any]:
        """LTX's conditions: a picture or a run of them, and the frame it starts at."""
        from diffusers.pipelines.ltx import pipeline_ltx_condition as ltx

        condition: Any = ltx.LTXVideoCondition

        made = []
        for name, port in ports.items():
            footage = self._all(name, port)[0]
            run = self._led_in(name, port, footage)
            if len(run) > 1:
                made.append(condition(video=handed_frames(run)[0], frame_index=0))
                continue
            at = 0 if port.place == "first" else self._made.count - 1
            picture = self._one(name, footage, 0, port.place)[None]
            made.append(condition(image=picture, frame_index=at))
        return made

    def _led_in(self, name: str, port: PortCard, footage: Footage) -> list[Picture]:
        """The last frames of what the take goes on from, as many as rule and port take.

        At least one frame is left to make. What only stands in for a start gives its first frame.
        """
        if port.place != "first" or name in self._start:
            return []
        step, rest = self._card.limits.frame_rule
        there = min(len(footage.frames), port.most, self._made.count - 1)
        count = (there - rest) // step * step + rest
        if there <= step or count <= 1:
            return []
        first = footage.frames.last - count + 1
        return [self._run_size(clipped(footage.frame(first + at))) for at in range(count)]


class Needed(Protocol):
    """A port of any engine's card."""

    @property
    def required(self) -> bool:
        """It cannot be left out."""
        ...


def start_of(ports: Mapping[str, Needed], plan: Plan) -> dict[str, Role]:
    """Ports that the footage an insert is made from stands in for: its first frame is the start.

    Only when the card takes no reference, and no start was handed over.
    """
    roles = {element.role for element in plan.turnover.elements}
    if Role.reference not in roles or Role.reference.value in ports or Role.first in roles:
        return {}
    ends = (Role.first.value, Role.last.value)
    wanted = [n for n in ends if n in ports and (n == ends[0] or ports[n].required)]
    return dict.fromkeys(wanted, Role.reference)
