"""A reference picture put into a plate where the matte is: placed, tracked, matched, edges kept.

Needs no model: every pixel comes from the reference or from the plate. It refuses where that would
show: a reference too small for its place, too short for the shot, or a camera it cannot follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from secondunit_bridge.errors import FieldError, MatteMissing, NeedsModel, RateMismatch
from secondunit_bridge.film import Region, Role, Work

from ..contract.conform import SAME_RATE
from ..hookspecs import (
    Developed,
    Elements,
    Generator,
    GeneratorAbout,
    OptionAbout,
    Plan,
    Port,
    Progress,
    Watch,
    hookimpl,
)
from ..media.footage import Footage
from .groundwork import Groundwork, Placing, groundwork, matte_boxes
from .insertion import Insertion, Looks
from .placing import FITS, Box, enlargement, placed
from .reframe import LEAST_DETAIL
from .reframe import confidence as detail

LEAST_COVER = 0.5  # of the matte that a reference asked to cover it must at least reach
_TOO_SHORT = "Hold one frame of it, make the shot shorter, or hand over a longer one."


class PlateIn:
    """Puts a reference into a plate, inside its matte."""

    about = GeneratorAbout(
        name="plate_in",
        version="1",
        sentence="A reference picture put into a plate where the matte is, following the camera.",
        works=(Work.plate,),
        ports=(
            Port(Role.plate, "the photographed plate"),
            Port(Role.matte, "where the reference goes: 1.0 replaces, soft edges are kept soft"),
            Port(Role.reference, "the picture to put in: one frame is held, footage runs along"),
        ),
        options=(
            OptionAbout("fit", "cover", "How the reference lies in its place.", choices=FITS),
            OptionAbout("region", "", "Its place in the first frame, x,y,w,h in 0..1; empty: all "
                        "that the matte shows of it."),
            OptionAbout("follow", "auto", "Whether it follows the camera.",
                        choices=("auto", "off")),
            OptionAbout("match", 0.35, "How much of the plate's colour it takes on.",
                        low=0.0, high=1.0),
            OptionAbout("wrap", 0.4, "How much of its light wraps round the foreground's edges.",
                        low=0.0, high=1.0),
            OptionAbout("grain", 1.0, "How much of the grain it lacks it is given.",
                        low=0.0, high=1.0),
            OptionAbout("blur", 0.0, "Defocus of the reference, in pixels of the plate.",
                        low=0.0, high=64.0),
            OptionAbout("edge", 0.0, "Further softening of the matte, in pixels.",
                        low=0.0, high=16.0),
            OptionAbout("edge_zone", 12, "Pixels outside the matte that may change.",
                        low=0, high=128),
        ),
        gives_confidence=True,
    )  # fmt: skip

    def plan(self, plan: Plan, elements: Elements | None) -> Plan:
        """Adds how far the reference is enlarged, and why it would be refused."""
        region = _region(plan)
        if plan.options["fit"] == "region" and region is None:
            words = "To stretch the reference onto a region, say which: region=x,y,w,h in 0..1."
            return replace(plan, refusals=(*plan.refusals, words))
        found = _facts(plan, elements)
        if isinstance(found, str):
            return replace(plan, refusals=(*plan.refusals, found))
        refusals = [words for words in (_too_short(plan, found), _too_soft(plan, found, region))
                    if words]  # fmt: skip
        held = "held" if found.reference == 1 else "running along"
        remark = f"The reference, {held}, is put in where the matte is."
        return replace(
            plan,
            refusals=(*plan.refusals, *refusals),
            remarks=(*plan.remarks, remark, *_sharpness(plan, found, region)),
            memory_bytes=4 * 60 * plan.width * plan.height + 4 * 24 * found.size[0] * found.size[1],
        )

    def run(
        self, plan: Plan, elements: Elements, seed: int, watch: Watch
    ) -> Iterator[Progress | Developed]:
        """Each frame of the plate with the reference in it, RGBA: alpha is where it is meant.

        Scene-linear; RGB is the finished picture, which is the plate itself wherever alpha is 0,
        and as opaque as the plate and the reference in it are.
        Raises NeedsModel where ``plan`` refuses or the camera cannot be followed, MatteMissing,
        and what reading the elements raises. Memory does not grow with the length.
        """
        yield Progress(0.0, "looking at the matte and the camera")
        at = _groundwork(self.plan(replace(plan, refusals=()), elements), elements, watch)
        _check(plan, at)
        put = Insertion(at, _looks(plan), seed, watch)
        count = len(plan.frames)
        for index, number in enumerate(plan.frames):
            watch.check()
            made = put.frame(index)
            worth = detail(_effective(plan, at.enlarged(index))) * at.sure(index)
            if plan.options["fit"] == "cover":
                worth *= made.covered
            yield Developed(number, made.pixels, worth, opacity=made.opacity)
            yield Progress((index + 1) / count, "putting the reference in")


@dataclass(frozen=True)
class _Facts:
    """What is known before anything is opened. A size of 0 means not yet known."""

    plate: int  # frames
    matte: int
    reference: int
    size: tuple[int, int]  # of the reference
    shown: Box | None = None  # where the matte is, in pixels of the plate, as far as looked at


def _facts(plan: Plan, elements: Elements | None) -> _Facts | str:
    """What is known of the elements, or the sentence that refuses. Raises RateMismatch."""
    roles = (Role.plate, Role.matte, Role.reference)
    if elements is None:
        at_hand = {e.role: e.media for e in reversed(plan.turnover.elements)}
        lacking = [role.value for role in roles if role not in at_hand]
        if lacking:
            return _lacking(lacking)
        plate, matte, reference = (at_hand[role] for role in roles)
        slow = [role.value for role in roles if len(at_hand[role].frames) > 1
                and at_hand[role].frames.rate / plan.frames.rate < 1 - SAME_RATE]  # fmt: skip
        if slow:
            raise RateMismatch(
                f"the {slow[0]} runs slower than the shot: frames would have to be repeated",
                hint="Retime it to the shot's rate first.",
            )
        size = (reference.width, reference.height)
        return _Facts(len(plate.frames), len(matte.frames), len(reference.frames), size)
    opened = [elements.one(role) for role in roles]
    footage = [one for one in opened if one is not None]
    if len(footage) < len(roles):
        pairs = zip(roles, opened, strict=True)
        return _lacking([role.value for role, one in pairs if one is None])
    plate_, matte_, reference_ = footage
    shown = None if plan.options["region"] else _shown(plan, matte_)
    counts = (len(plate_.frames), len(matte_.frames), len(reference_.frames))
    return _Facts(*counts, (reference_.width, reference_.height), shown)


def _lacking(roles: Sequence[str]) -> str:
    nothing = " and no ".join(roles)
    return f"There is no {nothing} to work with. Hand over a plate, its matte and a reference."


def _shown(plan: Plan, matte: Footage) -> Box | None:
    """Where the matte is in the first, middle and last frame: the plan's estimate."""
    last = min(len(plan.frames), len(matte.frames)) - 1
    boxes = [box for box in matte_boxes(matte, sorted({0, last // 2, last})) if box is not None]
    if not boxes:
        return None
    return max(boxes, key=lambda box: box[2] * box[3])


def _too_short(plan: Plan, facts: _Facts) -> str:
    needed = len(plan.frames)
    for name, count in (("plate", facts.plate), ("matte", facts.matte),
                        ("reference", facts.reference)):  # fmt: skip
        held = count == 1 and name != "plate"
        if count < needed and not held:
            advice = _TOO_SHORT if name == "reference" else "Hand over all of it, handles included."
            return f"The {name} has {count} frames and {needed} are needed. {advice}"
    return ""


def _place(plan: Plan, region: Region | None, shown: Box | None) -> Box | None:
    if region is not None:
        x, y, w, h = region
        return (x * plan.width, y * plan.height, w * plan.width, h * plan.height)
    return shown


def _enlarged(plan: Plan, facts: _Facts, region: Region | None) -> float:
    """The enlargement as far as it can be told before the shot is looked at; 0 is unknown."""
    box = _place(plan, region, facts.shown)
    if box is None or not all(facts.size):
        return 0.0
    matrix = placed(str(plan.options["fit"]), facts.size, box)
    return _effective(plan, enlargement(matrix, (box[0] + box[2] / 2, box[1] + box[3] / 2)))


def _effective(plan: Plan, enlarged: float) -> float:
    """A reference that is to be out of focus needs less detail."""
    return enlarged / (1.0 + 2.0 * float(plan.options["blur"]))


def _too_soft(plan: Plan, facts: _Facts, region: Region | None) -> str:
    return _soft(_enlarged(plan, facts, region))


def _soft(enlarged: float) -> str:
    if detail(enlarged) >= LEAST_DETAIL:
        return ""
    return (
        f"The reference would be enlarged {enlarged:.1f} times and be soft: about "
        f"{detail(enlarged):.0%} of the detail a native picture has. Hand over a larger reference, "
        "choose a smaller region, or put it out of focus with blur; more detail needs a model."
    )


def _sharpness(plan: Plan, facts: _Facts, region: Region | None) -> list[str]:
    enlarged = _enlarged(plan, facts, region)
    if not enlarged or enlarged <= 1.1:
        return []
    return [f"Enlarged about {enlarged:.2f} times: {detail(enlarged):.0%} of native detail."]


def _groundwork(plan: Plan, elements: Elements, watch: Watch) -> Groundwork:
    """Everything that is decided once for a take. Raises NeedsModel where ``plan`` refuses."""
    if plan.refusals:
        raise NeedsModel(" ".join(plan.refusals), hint="Change the turnover, then turn it over.")
    roles = (Role.plate, Role.matte, Role.reference)
    plate, matte, reference = (elements.one(role) for role in roles)
    if plate is None or matte is None or reference is None:
        raise NeedsModel(_lacking(["element"]), hint="Change the turnover, then turn it over.")
    placing = Placing(
        fit=str(plan.options["fit"]),
        box=_place(plan, _region(plan), None),
        follow=plan.options["follow"] == "auto",
        zone=int(plan.options["edge_zone"]),
        edge=float(plan.options["edge"]),
    )
    return groundwork(plate, matte, reference, len(plan.frames), placing, watch)


def _check(plan: Plan, at: Groundwork) -> None:
    """Raises what can only be known when the shot has been looked at."""
    if not at.any_matte:
        raise MatteMissing(
            "the matte is empty in every frame",
            hint="Choose the channel that holds it; 1.0 is where the reference goes.",
        )
    worst = max(range(len(plan.frames)), key=at.enlarged)
    words = _soft(_effective(plan, at.enlarged(worst)))
    if words:
        raise NeedsModel(words, hint="A larger reference, a smaller region, or blur.")


def _looks(plan: Plan) -> Looks:
    share = {name: float(plan.options[name]) for name in ("match", "wrap", "grain", "blur")}
    return Looks(**share)


def _region(plan: Plan) -> Region | None:
    """The region asked for, or None. Raises FieldError when it is not one."""
    text = str(plan.options.get("region", "")).strip()
    if not text:
        return None
    try:
        x, y, w, h = (float(word) for word in text.split(","))
    except ValueError:
        x = y = w = h = float("nan")
    near = all(np.isfinite((x, y, w, h))) and max(abs(x), abs(y), w, h) <= 8
    if not (near and w > 0 and h > 0):
        raise FieldError(
            f"Turnover.options['region']: {text!r:.60} is not a region",
            hint="Write x,y,w,h in 0..1 of the picture from top left, for example 0.4,0.3,0.3,0.3; "
            "a region may reach beyond the picture.",
        )
    return (x, y, w, h)


@hookimpl
def secondunit_generators() -> Sequence[Generator]:
    """Adds ``plate_in``."""
    return [PlateIn()]
