"""How a want of memory is said to a person: the need, what is free, who has it, what to do."""

from __future__ import annotations

from typing import Any

from secondunit_bridge.errors import OutOfMemory

from .ladder import Rungs, Step
from .placing import Crowded
from .tiers import Kit, Picture, Room, Tier

_WHERE = {Tier.device: "the device's memory", Tier.host: "the computer's memory"}


def shortage(
    kit: Kit, picture: Picture, crowded: Crowded, room: Room, activation: int, rungs: Rungs
) -> OutOfMemory:
    """The error for a request that does not fit with every step down taken.

    ``activation``: bytes that its run was expected to take beside the weights.
    """
    has = room.device if crowded.tier is Tier.device else room.host
    plans = _plans(crowded, picture, has, activation, rungs)
    return OutOfMemory(
        f"{kit.title} at {_size(picture)} needs {giga(crowded.need)} of {_WHERE[crowded.tier]};"
        f" {giga(crowded.free)} of {giga(has)} are free" + _held(crowded.holders),
        hint=" ".join(plan["says"] for plan in plans[:2]),
        data={
            "need": crowded.need,
            "free": crowded.free,
            "room": has,
            "tier": crowded.tier.value,
            "holders": list(crowded.holders),
            "steps": [step.value for step in rungs.taken],
            "plans": plans,
        },
    )


def ran_out(kit: Kit, picture: Picture, promised: int, rungs: Rungs) -> OutOfMemory:
    """The error for a run that ran out on the device with every step down taken."""
    crowded = Crowded(Tier.device, promised, promised, passing=False)
    plans = _plans(crowded, picture, promised, promised, rungs)
    return OutOfMemory(
        f"{kit.title} at {_size(picture)} ran out of the device's memory, though {giga(promised)}"
        " were kept free for it",
        hint=" ".join(plan["says"] for plan in plans[:2]),
        data={
            "need": promised,
            "free": promised,
            "holders": [],
            "steps": [step.value for step in rungs.taken],
            "plans": plans,
        },
    )


def giga(nbytes: int) -> str:
    """Bytes as people read them."""
    return f"{nbytes / 1e9:.1f} GB" if nbytes >= 5e7 else f"{nbytes / 1e6:.1f} MB"


def _plans(
    crowded: Crowded, picture: Picture, has: int, activation: int, rungs: Rungs
) -> list[dict[str, Any]]:
    """What can be done, the least loss first: ``plan`` is a fixed word, ``says`` a sentence."""
    plans: list[dict[str, Any]] = []
    if crowded.passing:
        plans.append({"plan": "wait", "says": f"Wait until {crowded.holders[0]} is done."})
    weights = max(0, crowded.need - activation)
    share = (has - weights) / activation if activation else 0.0
    if share > 0 and picture.frames > 1 and int(picture.frames * share) >= 1:
        frames = max(1, min(picture.frames - 1, int(picture.frames * share)))
        says = f"Shoot {frames} frames at a time instead of {picture.frames}."
        plans.append({"plan": "chunk", "frames": frames, "says": says})
    if share > 0:
        side = min(0.9, share**0.5)
        width, height = int(picture.width * side) // 16 * 16, int(picture.height * side) // 16 * 16
        if width and height:
            says = f"Ask for a smaller picture, about {width}x{height}."
            plans.append({"plan": "smaller", "width": width, "height": height, "says": says})
    if Step.int8 not in rungs.taken:
        says = "Take a model whose card allows 8-bit weights, or a smaller model."
        plans.append({"plan": "lighter_model", "says": says})
    plans.append({"plan": "close", "says": "Close what else uses the device, then try again."})
    plans.append({"plan": "elsewhere", "says": "Shoot it on a machine with a larger device."})
    return plans


def _size(picture: Picture) -> str:
    frames = f", {picture.frames} frames" if picture.frames > 1 else ""
    return f"{picture.width}x{picture.height}{frames}"


def _held(holders: tuple[str, ...]) -> str:
    return f"; {', '.join(holders)} has the rest" if holders else ""
