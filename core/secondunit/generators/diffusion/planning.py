"""What a model would shoot, told before anything runs: size, memory, time, and every refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isqrt

from secondunit_bridge.errors import ModelMissing
from secondunit_bridge.film import Model, Role, Work
from secondunit_bridge.timing import FrameRange, exact_rate

from ...hookspecs import Plan
from ...models.card import Card
from ...models.pool import History
from ...models.pool.history import Run
from .calls import How, how, start_of
from .kits import appetite_of, kit_name, weighed
from .loading import part_folder
from .lora import PREFIX
from .pictures import OWN_SIZE, is_eight_bit

# Elements a person hands over for the picture's sake; the others are for checks.
_MEANT = (Role.first, Role.last, Role.reference, Role.depth, Role.normal, Role.guide, Role.matte)


def planned(plan: Plan, model: Model, card: Card, shelf: Sequence[Card], history: History) -> Plan:
    """The plan with this model's remarks, refusals, memory and time. Opens no weights.

    ``history``: what runs of models took on this machine beside their weights.
    """
    shot = as_shot(plan, card)
    made = how(card, shot)
    memory, measured = _memory(plan, model, card, made, history)
    return replace(
        plan,
        refusals=(*plan.refusals, *_refusals(plan, model, card, shelf)),
        remarks=(*plan.remarks, *_remarks(shot, model, card, made)),
        memory_bytes=memory,
        memory_measured=measured,
        seconds=_seconds(card, plan, made),
    )


def as_shot(plan: Plan, card: Card) -> Plan:
    """The plan in the size of its runs and as long as the longest: what one call makes.

    Before plate and matte are looked at the size is the largest there can be.
    """
    if plan.shooting is None:
        return plan
    framing, frames = plan.shooting.framing, plan.frames
    width, height = (framing.width, framing.height) if framing else _largest(plan, card)
    longest = max(run.asked for run in plan.shooting.runs)
    frames = FrameRange(frames.first, frames.first + longest - 1, frames.rate)
    return replace(plan, frames=frames, width=width, height=height)


def _largest(plan: Plan, card: Card) -> tuple[int, int]:
    most, multiple = card.limits.most_pixels, card.limits.size_multiple
    part = min(1.0, (most / (plan.width * plan.height)) ** 0.5) if most else 1.0
    sides = (int(side * part) // multiple * multiple for side in (plan.width, plan.height))
    width, height = (max(multiple, side) for side in sides)
    return width, height


def parts_used(card: Card, plan: Plan) -> tuple[str, ...]:
    """Components from folders of their own that this turnover needs."""
    used = {name for name, need in card.components.items() if need == "required"}
    roles = {element.role.value for element in plan.turnover.elements}
    for name, port in card.ports.items():
        if name in roles and port.component:
            used.add(port.component)
    return tuple(sorted(used))


def _refusals(plan: Plan, model: Model, card: Card, shelf: Sequence[Card]) -> list[str]:
    said = [_unserved(role, plan, model, card, shelf) for role in _MEANT]
    said += [_wordless(plan, model, card), _startless(plan, model, card)]
    said += [_still(plan, model, card), _crowd(plan, model, card), _ends(plan, model, card)]
    said += _together(plan, model, card)
    said += [_part_missing(name, model) for name in parts_used(card, plan)]
    return [words for words in said if words]


def _unserved(role: Role, plan: Plan, model: Model, card: Card, shelf: Sequence[Card]) -> str:
    """A picture that was handed over and would not be looked at."""
    handed = any(element.role is role for element in plan.turnover.elements)
    if not handed or role.value in card.ports or plan.turnover.work is Work.previs:
        return ""
    if role is Role.reference and plan.turnover.work is Work.insert:
        return ""  # an insert is always handed its neighbour; it is a start or nothing
    if role is Role.matte and plan.turnover.work is Work.plate:
        return ""  # the core lays the picture under the matte whatever the model knows of it
    return f"{model.name} takes no {role.value}. {_who(role, plan.turnover.work, shelf)}"


def _who(role: Role, work: Work, shelf: Sequence[Card]) -> str:
    able = [one.name for one in shelf if role.value in one.ports and work in one.card.works]
    if not able:
        return "No card on the shelf takes it for this work: leave it out."
    return f"A model with one of these cards would: {', '.join(able)}. Or leave it out."


def _wordless(plan: Plan, model: Model, card: Card) -> str:
    port = card.ports.get("brief")
    if port is None or not port.required or plan.turnover.brief.strip():
        return ""
    return f"{model.name} needs a brief: say in words what the take shows."


def _startless(plan: Plan, model: Model, card: Card) -> str:
    """First and last may be stood in for by an insert's footage, so the card alone cannot tell."""
    roles, stands_in = {e.role.value for e in plan.turnover.elements}, start_of(card.ports, plan)
    for name in ("first", "last"):
        needed = name in card.ports and card.ports[name].required
        if needed and name not in roles and name not in stands_in:
            return f"{model.name} needs a {name}: {card.ports[name].sentence}"
    return ""


def _ends(plan: Plan, model: Model, card: Card) -> str:
    """Only the last of several runs ends on the take's last picture."""
    runs = plan.shooting.runs if plan.shooting else ()
    last = card.ports.get(Role.last.value)
    if len(runs) < 2 or last is None or not last.required:
        return ""
    return (
        f"{model.name} must be shown the picture a run ends on, and makes at most"
        f" {card.limits.max_frames} frames in a run; this is {len(plan.frames)} with handles. Ask"
        " for fewer frames, or use a model that needs no last picture."
    )


def _still(plan: Plan, model: Model, card: Card) -> str:
    """Single pictures do not hold together in time, unless a plate or a pass carries them."""
    if not card.limits.still or len(plan.frames) == 1 or plan.turnover.work is Work.previs:
        return ""
    carried = {e.role for e in plan.turnover.elements} & {Role.plate, Role.depth, Role.guide}
    if plan.turnover.work is Work.plate and carried:
        return ""
    return (
        f"{model.name} makes single pictures: {len(plan.frames)} of them would not belong together."
        " Shoot it with a model of moving pictures, or ask for one frame without handles."
    )


def _crowd(plan: Plan, model: Model, card: Card) -> str:
    """More LoRAs than may be on at a time."""
    count = sum(bool(v) for n, v in plan.turnover.options.items() if n.startswith(PREFIX))
    if count <= card.adapters.most:
        return ""
    return f"{model.name} takes {card.adapters.most} LoRAs at a time; {count} were asked for."


def _together(plan: Plan, model: Model, card: Card) -> list[str]:
    roles = {element.role.value for element in plan.turnover.elements}
    pairs = {
        tuple(sorted((name, other)))
        for name, port in card.ports.items()
        for other in port.instead_of
        if name in roles and other in roles
    }
    return [f"{model.name} takes {a} or {b}, not both: leave one out." for a, b in sorted(pairs)]


def _part_missing(name: str, model: Model) -> str:
    try:
        part_folder(model, name)
    except ModelMissing as error:
        return f"{error.message}. {error.hint}"
    return ""


def _remarks(plan: Plan, model: Model, card: Card, made: How) -> list[str]:
    said = []
    if made.draft:
        said.append(
            f"A draft: {made.width} x {made.height}, {made.steps} steps, enlarged to"
            f" {plan.width} x {plan.height}. For choosing, not for the cut."
        )
    if card.limits.still and len(plan.frames) > 1:
        said.append(
            f"{model.name} makes single pictures: each of the {len(plan.frames)} frames is a run of"
            " its own with the same seed, and nothing holds them together in time."
        )
    for port, role in start_of(card.ports, plan).items():
        at = "first" if port == "first" else "last"
        said.append(f"The take's {port} picture is the {at} frame of the {role.value}.")
    said += _eight_bit(plan, model, card)
    if card.space.code == "linear" and plan.turnover.elements:
        said.append(f"{model.name} sees light brighter than 1.0 as 1.0: it takes codes of 0 to 1.")
    if card.card.pipeline in OWN_SIZE:
        said.append(
            f"{model.name} always draws about {OWN_SIZE[card.card.pipeline] / 1e6:.1f} megapixels;"
            f" that is brought to {plan.width} x {plan.height}."
        )
    said += _unseen(plan, model, card)
    native = card.limits.native_rate
    if native and exact_rate(native) != plan.frames.rate:
        said.append(
            f"{model.name} was trained at {native} frames a second and is run frame for frame:"
            " motion may look slow or fast."
        )
    return said


def _eight_bit(plan: Plan, model: Model, card: Card) -> list[str]:
    roles = {element.role.value for element in plan.turnover.elements}
    names = [
        name
        for name, port in card.ports.items()
        if name in roles and is_eight_bit(card.card.pipeline, port.argument)
    ]
    return [f"{model.name} sees the {name} in 8 bits: it takes it no other way." for name in names]


def _unseen(plan: Plan, model: Model, card: Card) -> list[str]:
    """Passes come together in one render; a model may look at some of them only."""
    if plan.turnover.work is not Work.previs:
        return []
    roles = dict.fromkeys(element.role.value for element in plan.turnover.elements)
    names = [name for name in roles if name not in card.ports]
    return [f"{model.name} does not look at the {' and the '.join(names)}."] if names else []


def _memory(plan: Plan, model: Model, card: Card, made: How, history: History) -> tuple[int, bool]:
    """Bytes, and whether just such a run was measured; else the nearest sets the card right."""
    frames = 1 if card.limits.still else made.count
    name = kit_name(model, card, parts_used(card, plan))
    run = Run(name, made.width, made.height, frames)
    measured, own = history.peak(run) is not None, OWN_SIZE.get(card.card.pipeline, 0)
    if not measured and own > made.width * made.height:
        run = Run(name, isqrt(own), isqrt(own), frames)
    return weighed(model, card) + history.expected(run, appetite_of(card)), measured


def _seconds(card: Card, plan: Plan, made: How) -> float | None:
    each = card.time.seconds_per_megapixel_frame_step
    if not each:
        return None
    shot = sum(run.asked for run in plan.shooting.runs) if plan.shooting else len(plan.frames)
    return each * made.width * made.height / 1e6 * shot * max(1, made.steps)
