"""Footage and turnovers made in memory, for tests of plug-ins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from secondunit_bridge.errors import Cancelled, FramesMissing
from secondunit_bridge.film import Element, Media, Option, Project, Role, Shot, Turnover
from secondunit_bridge.timing import FrameRange, Handles

from ..contract import ConformedElements, Seen, plan_for, shot_by
from ..contract.geometry import box_of
from ..hookspecs import Generator, Plan
from ..media.footage import Footage, Picture

RATE = Fraction(24)
SPACE = "ACEScg"
_LONG = 24  # frames a port is given: more than an ask wants, and what a hole hides is seen in some


@dataclass(frozen=True)
class Reel:
    """Footage whose frames are made when asked for. ``made(number)`` gives one picture."""

    frames: FrameRange
    width: int
    height: int
    made: Callable[[int], Picture]
    channels: tuple[str, ...] = ("R", "G", "B")
    space: str = SPACE

    def frame(self, number: int) -> Picture:
        """One frame. Raises FramesMissing."""
        if number not in self.frames:
            raise FramesMissing(f"there is no frame {number}", data={"missing": [[number, number]]})
        return self.made(number)


@dataclass
class Still:
    """A watch that stops a take: at a count of checks, or never. ``checks`` counts them."""

    stop_at: int | None = None
    checks: int = field(default=0)

    def check(self) -> None:
        """Raises Cancelled once the count is reached."""
        self.checks += 1
        if self.stop_at is not None and self.checks >= self.stop_at:
            raise Cancelled("a person stopped the take")


@dataclass(frozen=True)
class Ask:
    """A turnover made ready for a generator: what ``run`` is called with."""

    generator: Generator
    plan: Plan
    elements: ConformedElements


def scene(
    count: int = 48, width: int = 192, height: int = 108, *, first: int = 1, seed: int = 0
) -> Reel:
    """A textured picture in scene-linear light that moves a pixel a frame; some values beyond 1."""
    import cv2

    noise = np.random.default_rng(seed).random((height, width + count, 3), np.float32)
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), 2.5), np.float32)
    spread = (soft - soft.min()) / max(1e-6, float(soft.max() - soft.min()))
    wide = np.asarray(0.02 + 1.6 * spread**3, np.float32)

    def made(number: int) -> Picture:
        return wide[:, number - first : number - first + width].copy()

    return Reel(FrameRange(first, first + count - 1, RATE), width, height, made)


def ask(
    generator: Generator,
    *,
    frames: int = 8,
    handles: Handles = Handles(3, 2),
    size: tuple[int, int] = (160, 90),
    options: dict[str, Option] | None = None,
    footage: dict[Role, Footage] | None = None,
) -> Ask:
    """A turnover of the generator's first work with footage for each of its ports, and its plan.

    ``footage`` replaces what a port gets; an empty dict hands over nothing. Raises what
    ``plan_for`` raises.
    """
    about = generator.about
    if footage is None:
        footage = {port.role: _for(port.role, seed) for seed, port in enumerate(about.ports)}
    media = {role: _media(role, one) for role, one in footage.items()}
    cut = FrameRange(86400, 86400 + frames - 1, RATE)
    turnover = Turnover(
        shot=Shot("TEST", "SQ", "0010", "test-0010", cut, handles),
        work=about.works[0],
        generator=about.name,
        elements=tuple(Element(role, one) for role, one in media.items()),
        options=dict(options or {}),
    )
    plan = plan_for(turnover, generator, Project("TEST", RATE, *size, space=SPACE))
    paths = {one.path: footage[role] for role, one in media.items()}
    elements = ConformedElements(
        turnover, plan, lambda e: paths[e.media.path], space=SPACE, convert=lambda rgb, _: rgb
    )
    if not plan.refusals:
        plan = shot_by(plan, about, _seen(elements.one(Role.matte)))
    return Ask(generator, plan, elements)


def _media(role: Role, of: Footage) -> Media:
    path = f"{role.value}.%04d.exr"
    return Media(of.frames, path, of.width, of.height, of.channels, space=SPACE)


def _seen(matte: Footage | None) -> Seen:
    def changing() -> tuple[int, int, int, int] | None:
        if matte is None:
            return None
        return box_of(matte.frame(number)[..., 0] for number in matte.frames)

    return Seen(Fraction(1), changing)


def _for(role: Role, seed: int) -> Footage:
    if role is not Role.matte:
        return scene(_LONG, seed=seed)

    def hole(number: int) -> Picture:  # crosses the picture: what is behind shows sometime
        matte = np.zeros((108, 192, 1), np.float32)
        matte[30:80, 16 + 2 * number : 46 + 2 * number] = 1.0
        return matte

    return Reel(FrameRange(1, _LONG, RATE), 192, 108, hole, ("A",))
