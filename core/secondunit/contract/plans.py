"""Makes of a turnover the plan that a generator is asked to shoot."""

from __future__ import annotations

import math
from dataclasses import replace

from secondunit_bridge.errors import FieldError, OverLimits, PlugInRefused
from secondunit_bridge.film import Option, Project, Turnover, Work, delivered

from ..hookspecs import Generator, GeneratorAbout, OptionAbout, Plan
from . import zone
from .fitting import Seen, contradictions, sentences, shot_by

MAX_SIDE = 16_384  # pixels; the largest picture OpenEXR viewers and H.264 level 6.2 still open
MAX_PIXELS = 8192 * 8192


def plan_for(
    turnover: Turnover, generator: Generator, project: Project, seen: Seen | None = None
) -> Plan:
    """What the generator would shoot: every frame with handles, size, all options filled in.

    Nothing is opened: ``shot_by`` is asked again once plate and matte were looked at; ``seen`` is
    what a host knows of the plate before. The generator
    has added its remarks and refusals; read ``refusals`` before shooting. Raises OverLimits for a
    size, a frame count or an option beyond what is allowed, and FieldError naming an option that
    the generator does not have or whose value is of a wrong kind.
    """
    about = generator.about
    width, height = _size(turnover, project)
    plan = Plan(
        turnover=turnover,
        frames=delivered(turnover.shot),
        width=width,
        height=height,
        options=options(turnover, about),
    )
    refusals = _refusals(plan, about)
    if refusals:
        return replace(plan, refusals=tuple(refusals))
    plan = shot_by(plan, about, seen)
    return answered(plan, generator.plan(plan, None), about)


def answered(plan: Plan, answer: object, about: GeneratorAbout) -> Plan:
    """The plan with what the generator may say about it; what it may not change stays ours.

    How it is shot is remarked on before the generator's own remarks.

    Raises PlugInRefused when the generator answered with something that is not a plan.
    """
    if not isinstance(answer, Plan):
        raise PlugInRefused(
            f"{about.name} answered {type(answer).__name__} when it was asked for its plan",
            hint="Use another generator, and tell its author.",
        )
    return replace(
        plan,
        remarks=(*sentences(plan, about), *map(str, answer.remarks)),
        refusals=tuple(map(str, answer.refusals)),
        memory_bytes=answer.memory_bytes,
        memory_measured=answer.memory_measured,
        seconds=answer.seconds,
    )


def options(turnover: Turnover, about: GeneratorAbout) -> dict[str, Option]:
    """Every option of the generator, the turnover's word before the default, which is bounded.

    Raises FieldError and OverLimits, naming the option.
    """
    known = {option.name: option for option in about.options}
    for name in turnover.options:
        if name not in known:
            raise FieldError(
                f"Turnover.options[{name!r}]: {about.name} has no such option",
                hint="It has: " + (", ".join(sorted(known)) or "none") + ".",
            )
    return {
        name: _value(turnover.options[name], option, about.name)
        if name in turnover.options
        else zone.bounded(option)
        for name, option in known.items()
    }


def _value(value: Option, option: OptionAbout, generator: str) -> Option:
    where = f"Turnover.options[{option.name!r}]"
    zone.check_asked(option.name, value)
    kind = type(option.default)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise FieldError(
            f"{where}: expected {kind.__name__}, got {type(value).__name__}", hint=option.sentence
        )
    if option.choices and value not in option.choices:
        raise FieldError(
            f"{where}: {value!r:.60} is not one of {', '.join(option.choices)}",
            hint=option.sentence,
        )
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        _check_limits(where, value, option, generator)
    return value


def _check_limits(where: str, value: float, option: OptionAbout, generator: str) -> None:
    low = -math.inf if option.low is None else option.low
    high = math.inf if option.high is None else option.high
    if not math.isfinite(value) or not low <= value <= high:
        raise OverLimits(
            f"{where}: {value:g} is not {_limits(option)}, as {generator} wants it",
            hint=option.sentence,
            data={"option": option.name, "low": option.low, "high": option.high},
        )


def _limits(option: OptionAbout) -> str:
    if option.low is None:
        return "a finite number" if option.high is None else f"{option.high:g} or less"
    if option.high is None:
        return f"{option.low:g} or more"
    return f"{option.low:g} to {option.high:g}"


def _size(turnover: Turnover, project: Project) -> tuple[int, int]:
    width, height = turnover.width or project.width, turnover.height or project.height
    fits = 1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE
    if not fits or width * height > MAX_PIXELS:
        raise OverLimits(
            f"a picture of {width} x {height} cannot be delivered",
            hint=f"Sides of 1 to {MAX_SIDE} pixels and {MAX_PIXELS:,} pixels in all are possible.",
            data={"width": width, "height": height},
        )
    return width, height


_MANY = {
    Work.insert: "inserts",
    Work.plate: "plates",
    Work.pickup: "pickups",
    Work.previs: "previs",
}


def _refusals(plan: Plan, about: GeneratorAbout) -> list[str]:
    """What can be said about any generator from its description alone."""
    turnover = plan.turnover
    said = []
    if turnover.work not in about.works:
        can = " and ".join(_MANY[work] for work in about.works)
        return [f"{about.name} is for {can}, not for {_MANY[turnover.work]}."]
    roles = {element.role for element in turnover.elements}
    for port in about.ports:
        if port.required and port.role not in roles:
            said.append(f"{about.name} needs a {port.role.value}: {port.sentence}")
    said += contradictions(plan, about)
    return said
