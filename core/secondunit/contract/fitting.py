"""How a generator's limits are kept whatever is asked: what of the picture is shot, and in runs.

Nothing is scaled that need not be: a picture is padded first, then cropped to what the matte lets
change, and only what is still too large is shot smaller. Said in the plan before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from secondunit_bridge.errors import OverLimits
from secondunit_bridge.film import Role, Work

from ..hookspecs import Framing, GeneratorAbout, PixelShape, Plan, Run, Shooting
from .chunks import runs
from .geometry import Box, Fit, crop_around, fit


@dataclass(frozen=True)
class Seen:
    """What only a look at the plate and its matte can tell.

    ``changing`` gives the box of all that may change in any frame, or None when nothing may; it
    reads the whole matte, so it is asked only when the plate is too large to be shot whole. It is
    None where only the plate was looked at.
    """

    pixel_aspect: Fraction
    changing: Callable[[], Box | None] | None = None


def shot_by(plan: Plan, about: GeneratorAbout, seen: Seen | None = None) -> Plan:
    """The plan with how it is shot filled in; ``seen`` is None when nothing was opened yet.

    Raises OverLimits when the generator's limits contradict each other.
    """
    k = about.frame_rule[0]
    takes_first = any(port.role is Role.first for port in about.ports)
    overlap = 1 if about.overlap is None and takes_first and k <= 1 else about.overlap
    planned = runs(plan.frames, about.frame_rule, most=about.max_frames, overlap=overlap)
    framing = _framing(plan, about, seen)
    plain = framing is not None and framing == _as_it_is(plan, framing.pixel_aspect)
    if plain and len(planned) == 1 and not planned[0].held:
        return replace(plan, shooting=None)
    return replace(plan, shooting=Shooting(planned, framing))


def contradictions(plan: Plan, about: GeneratorAbout) -> list[str]:
    """Why no fitting helps, in sentences; empty when the generator's limits can be kept."""
    try:
        planned = shot_by(plan, about).shooting
    except OverLimits as error:
        return [f"{about.name} cannot shoot this ({error.code}): {error.message}."]
    ends = any(port.role is Role.last and port.required for port in about.ports)
    if ends and planned and len(planned.runs) > 1:
        return [
            f"{about.name} must be shown the picture a run ends on, and shoots at most "
            f"{about.max_frames} frames in a run; this is {len(plan.frames)} with handles."
        ]
    return []


def sentences(plan: Plan, about: GeneratorAbout) -> tuple[str, ...]:
    """How the plan is shot, for people; nothing when it is shot as it stands."""
    if plan.shooting is None:
        return ()
    said = _of_runs(plan.shooting.runs)
    framing = plan.shooting.framing
    said += _unseen(plan, about) if framing is None else _of_framing(framing, plan)
    return tuple(said)


def fit_of(framing: Framing) -> Fit:
    """The way into and out of a framing, from its box."""
    return Fit(framing.box[2:], framing.picture, (framing.width, framing.height))


def _as_it_is(plan: Plan, aspect: Fraction) -> Framing:
    size = (plan.width, plan.height)
    return Framing((0, 0, *size), size, *size, aspect)


def _fit(size: tuple[int, int], about: GeneratorAbout, aspect: Fraction) -> Fit:
    return fit(
        size,
        aspect=aspect,
        multiple=about.size_multiple,
        least=about.least_side,
        budget=about.most_pixels or 0,
    )


def _framing(plan: Plan, about: GeneratorAbout, seen: Seen | None) -> Framing | None:
    size, square = (plan.width, plan.height), about.pixel_shape is PixelShape.square
    plate = plan.turnover.work is Work.plate
    aspect = seen.pixel_aspect if seen and square else Fraction(1)
    whole, box = _fit(size, about, aspect), (0, 0, *size)
    smaller = whole.model[1] < size[1]
    look = seen.changing if seen else None
    if plate and ((seen is None and square) or (look is None and smaller)):
        return None
    changing = look() if look and plate and smaller else None
    if changing is not None:
        multiple = about.size_multiple if aspect == 1 else 1
        box = crop_around(changing, size, multiple=multiple, least=about.least_side).box
    found = _fit(box[2:], about, aspect)
    return Framing(box, found.model, *found.padded, aspect)


def _of_runs(planned: tuple[Run, ...]) -> list[str]:
    lengths = _between([run.asked for run in planned])
    if len(planned) > 1:
        shared = _between([run.mixed for run in planned[1:]])
        share = f" that share {shared}" if shared != "0" else ""
        return [f"Shot in {len(planned)} runs of {lengths} frames{share}, with one seed."]
    held = planned[0].held
    more = "frame more than asked is" if held == 1 else "frames more than asked are"
    return [f"Shot in a run of {lengths} frames: {held} {more} shot and dropped."] if held else []


def _between(counts: list[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


def _of_framing(framing: Framing, plan: Plan) -> list[str]:
    x, y, width, height = framing.box
    said = []
    if (width, height) != (plan.width, plan.height):
        said.append(
            f"Of {plan.width} x {plan.height} pixels the {width} x {height} around the matte "
            f"are shot, from {x}, {y}."
        )
    if framing.pixel_aspect != 1:
        said.append(f"Desqueezed by {float(framing.pixel_aspect):g} for the generator, and back.")
    if framing.picture[1] < height:
        size = f"{framing.picture[0]} x {framing.picture[1]}"
        said.append(f"Shot smaller, at {size}, and enlarged: fine detail in it is lost.")
    if (framing.width, framing.height) != framing.picture:
        size = f"{framing.width} x {framing.height}"
        said.append(f"Its edge is mirrored to fill {size}; what is shot there is dropped.")
    return said


def _unseen(plan: Plan, about: GeneratorAbout) -> list[str]:
    said = []
    if about.pixel_shape is PixelShape.square:
        said.append("If the plate is anamorphic it is desqueezed for the generator, and back.")
    if about.most_pixels and plan.width * plan.height > about.most_pixels:
        said.append(
            f"Only the part around the matte is shot, as {about.most_pixels:,} pixels at most; "
            "where that part is larger it is shot smaller, and enlarged."
        )
    return said
