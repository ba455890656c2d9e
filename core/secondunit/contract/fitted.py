"""Runs a generator within its limits, so that it shoots any plan, frame for frame in its own size.

The generator is asked for one run after the other, each with legal frames and a legal size, and
shown every element through the same crop, desqueeze, scale and padding. What it gives is checked
run by run as any delivery is, joined, and laid back where it was cut from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
from secondunit_bridge.errors import FramesMissing
from secondunit_bridge.film import Role
from secondunit_bridge.timing import FrameRange

from ..hookspecs import (
    Developed,
    Elements,
    Exactly,
    Framing,
    Generator,
    Plan,
    Preview,
    Progress,
    Run,
    Shooting,
    Watch,
)
from ..media.footage import Footage, Picture
from .chunks import Words, stitch
from .deliver import developed, share
from .fitting import fit_of

_OWN_FRAMES = (Role.first, Role.last, Role.before, Role.after)  # they do not go with the plan's


class Fitted:
    """A generator that shoots any plan, by one that has limits. A ``Generator`` itself.

    The plan must say how it is shot: ``shot_by`` of it, after plate and matte were looked at.
    """

    def __init__(self, generator: Generator) -> None:
        self.about, self._generator = generator.about, generator

    def plan(self, plan: Plan, elements: Elements | None) -> Plan:
        """The generator's own answer."""
        return self._generator.plan(plan, elements)

    def run(
        self, plan: Plan, elements: Elements, seed: int, watch: Watch
    ) -> Iterator[Progress | Preview | Exactly | Developed]:
        """Every frame of the plan in its own size; every run has the same seed.

        Outside of what is shot a frame is 0. Raises as ``deliver``.
        """
        if plan.shooting is None:
            return self._generator.run(plan, elements, seed, watch)
        return self._runs(plan, plan.shooting, elements, seed, watch)

    def _runs(
        self, plan: Plan, shooting: Shooting, elements: Elements, seed: int, watch: Watch
    ) -> Words:
        framing = shooting.framing
        if framing is None:
            raise ValueError("nobody has looked at the plate and the matte of this plan")

        def shoot(run: Run, made: Mapping[int, Picture]) -> Words:
            seen = _RunElements(elements, plan, run, framing, made, self.about.space)
            part = _part(plan, run, framing)
            with closing(developed(self._generator, part, seen, seed, watch)) as words:
                for said in words:
                    yield _sure(said) if isinstance(said, Developed) else said

        with closing(stitch(shooting.runs, shoot)) as words:
            for said in words:
                yield _laid_back(said, framing, plan)


def _part(plan: Plan, run: Run, framing: Framing) -> Plan:
    """The plan of one run, as the generator gets it."""
    return replace(
        plan,
        frames=FrameRange(run.first, run.first + run.asked - 1, plan.frames.rate),
        width=framing.width,
        height=framing.height,
        shooting=Shooting((run,), framing),
    )


def _sure(said: Developed) -> Developed:
    return replace(said, frame=int(said.frame), confidence=share(said.confidence))


def _laid_back(
    said: Progress | Preview | Exactly | Developed, framing: Framing, plan: Plan
) -> Progress | Preview | Exactly | Developed:
    if isinstance(said, (Progress, Exactly)):
        return said
    if isinstance(said, Preview):  # without the padding; it may be of any smaller size
        rows = round(said.pixels.shape[0] * framing.picture[1] / framing.height)
        columns = round(said.pixels.shape[1] * framing.picture[0] / framing.width)
        return replace(said, pixels=said.pixels[: max(1, rows), : max(1, columns)])
    pixels = _whole(said.pixels, framing, plan)
    if said.opacity is None:
        return replace(said, pixels=pixels)
    opacity = _whole(said.opacity[..., None], framing, plan)[..., 0]
    return replace(said, pixels=pixels, opacity=np.ascontiguousarray(opacity))


def _whole(pixels: Picture, framing: Framing, plan: Plan) -> Picture:
    """What was shot, laid back into the plan's picture; 0 elsewhere."""
    x, y, width, height = framing.box
    part = fit_of(framing).back(pixels)
    if part.shape[:2] == (plan.height, plan.width):
        return part
    whole = np.zeros((plan.height, plan.width, part.shape[2]), np.float32)
    whole[y : y + height, x : x + width] = part
    return whole


class _RunElements:
    """The turnover's elements as one run sees them."""

    def __init__(
        self,
        elements: Elements,
        plan: Plan,
        run: Run,
        framing: Framing,
        made: Mapping[int, Picture],
        space: str,
    ) -> None:
        self._elements, self._plan, self._run = elements, plan, run
        self._framing = framing
        self.already: _Made | None = None
        if made:
            numbers = FrameRange(min(made), max(made), plan.frames.rate)
            channels = ("R", "G", "B", "A")[: made[numbers.first].shape[2]]
            self.already = _Made(made, numbers, framing.width, framing.height, channels, space)

    def one(self, role: Role) -> Footage | None:
        """The only or first element of a role, or None."""
        return next(iter(self.all(role)), None)

    def all(self, role: Role) -> Sequence[Footage]:
        """Every element of a role, in the turnover's order."""
        run, frames = self._run, self._plan.frames
        if role is Role.first and run.first > frames.first:
            number = FrameRange(run.first, run.first, frames.rate)
            return [replace(self.already, frames=number)] if self.already else []
        if role is Role.last and run.last < frames.last:
            return []
        found = self._elements.all(role)
        if role is Role.reference:
            return found
        return [self._seen(footage, role) for footage in found]

    def _seen(self, footage: Footage, role: Role) -> Footage:
        own = footage.frames
        if role in _OWN_FRAMES or len(own) == 1:  # a single frame is held
            return _Framed(footage, self._framing, role, own, own.last)
        run, offset = self._run, own.first - self._plan.frames.first
        numbers = FrameRange(run.first + offset, run.first + offset + run.asked - 1, own.rate)
        return _Framed(footage, self._framing, role, numbers, min(own.last, run.last + offset))


@dataclass(frozen=True)
class _Framed:
    """Footage through a framing. Beyond ``held`` its frame is shown again. A ``Footage``."""

    footage: Footage
    framing: Framing
    role: Role
    frames: FrameRange
    held: int

    @property
    def width(self) -> int:
        """Columns, as shot."""
        return self.framing.width

    @property
    def height(self) -> int:
        """Rows, as shot."""
        return self.framing.height

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels."""
        return self.footage.channels

    @property
    def space(self) -> str:
        """Colour space of the pixels."""
        return self.footage.space

    @property
    def whole(self) -> Footage:
        """Every frame of the take through the same framing."""
        return replace(self, frames=self.footage.frames, held=self.footage.frames.last)

    def frame(self, number: int) -> Picture:
        """One frame. Raises what the footage raises."""
        x, y, width, height = self.framing.box
        part = self.footage.frame(min(number, self.held))[y : y + height, x : x + width]
        seen = fit_of(self.framing).into(part, nearest=self.role is Role.ids)
        if self.role is Role.matte:  # nothing may change in what is only padding
            seen[self.framing.picture[1] :] = 0
            seen[:, self.framing.picture[0] :] = 0
        return seen


@dataclass(frozen=True)
class _Made:
    """Frames that the run before made. A ``Footage`` in the generator's own space."""

    made: Mapping[int, Picture]
    frames: FrameRange
    width: int
    height: int
    channels: tuple[str, ...]
    space: str

    def frame(self, number: int) -> Picture:
        """One frame, the caller's own, until this run has given it too. Raises FramesMissing."""
        if number not in self.frames or number not in self.made:
            raise FramesMissing(
                f"frame {number} was not made already, or was given again since",
                hint=f"Look at {self.frames.first} to {self.frames.last} before giving them.",
                data={"missing": [[number, number]]},
            )
        return self.made[number].copy()
