"""An insert made from a neighbouring shot: a punch-in with a slow move, graded to sit in the cut.

Needs no model and invents nothing: every pixel comes from the source. It refuses where that would
show: when the source is too short (it never freezes, repeats or plays backwards to fill) and when
the enlargement leaves less than half of the fine detail a native close-up would have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from secondunit_bridge.errors import FieldError, NeedsModel, RateMismatch
from secondunit_bridge.film import Region, Role, Work
from secondunit_bridge.timing import rate_name

from ..contract.conform import SAME_RATE, Conformed
from ..contract.levels import Level, level_of
from ..contract.pairing import pair
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
from .framing import Path, around, path
from .grade import Gain, between
from .regions import regions
from .sampling import through

ROLES = (Role.reference, Role.before, Role.after)  # where the insert is made from: the first there
MOVES = ("push_in", "drift", "pull_out", "pan")  # what a seed chooses from; a hold must be asked
# Enlargement against the share of fine detail left: Laplacian of luminance at gamma 2.4 against a
# native crop, median over 16 frames of three films (480i and 432p live action, 480p animation).
DETAIL = ((1.0, 1.0), (1.1, 0.72), (1.6, 0.63), (2.0, 0.56), (2.5, 0.45), (3.0, 0.39), (4.0, 0.28))
ZOOMS = (1.6, 1.3, 1.85)  # what a seed chooses from: apart enough to be another take
LEAST_ZOOM = 1.1  # looser is no punch-in
LEAST_DETAIL = 0.5  # below it is refused; that is an enlargement of about 2.3
_GOLDEN = 0.6180339887  # spreads the spans of successive seeds as evenly as can be
_AT_CUT = 3  # frames of a neighbour that its level is read from


def confidence(enlargement: float) -> float:
    """Share of a native close-up's fine detail that is left, 0..1, as measured; see DETAIL."""
    factors, shares = zip(*DETAIL, strict=True)
    return float(np.interp(enlargement, factors, shares))


@dataclass(frozen=True)
class _Framed:
    """What will be shot: from which source frame on, along which path, with which gain."""

    source: Footage
    first: int
    path: Path
    gain: Gain
    move: str


class Reframe:
    """Punches in to a neighbouring shot, with a slow move."""

    about = GeneratorAbout(
        name="reframe",
        version="1",
        sentence="An insert made from a neighbouring shot: a punch-in with a slow move.",
        works=(Work.insert, Work.pickup),
        ports=(
            Port(Role.reference, "the shot the insert is made from", required=False),
            Port(Role.before, "the shot before: graded to, else made from", required=False),
            Port(Role.after, "the shot after: graded to, else made from", required=False),
        ),
        options=(
            OptionAbout("move", "auto", "How the picture moves.", choices=("auto", *MOVES, "hold")),
            OptionAbout("region", "", "What to show, x,y,w,h in 0..1; empty finds something."),
            OptionAbout(
                "zoom", 0.0, "How tight, when no region is given; 0 varies it by take.", high=4.0
            ),
            OptionAbout("amount", 0.1, "How far the move goes, of the window.", low=0.0, high=0.5),
            OptionAbout("grade", 1.0, "How much of the match is applied.", low=0.0, high=1.0),
            OptionAbout("start", -1, "First source frame, head handle included; -1 chooses."),
        ),
        gives_confidence=True,
    )

    def plan(self, plan: Plan, elements: Elements | None) -> Plan:
        """Adds what it is made from, how far it is enlarged, and why it would be refused."""
        region = _region(plan)  # a region that is none is an error now, not when it is shot
        found = _facts(plan, elements)
        if isinstance(found, str):
            return replace(plan, refusals=(*plan.refusals, found))
        refusal = _too_short(plan, found) or _too_soft(plan, found, region)
        remark = f"Made from the {found.role.value} element, frames {found.first} to {found.last}."
        memory = 8 * 4 * 4 * (found.width * found.height + plan.width * plan.height)
        return replace(
            plan,
            refusals=(*plan.refusals, *([refusal] if refusal else [])),
            remarks=(*plan.remarks, remark, *_sharpness(plan, found, region)),
            memory_bytes=memory,
        )

    def run(
        self, plan: Plan, elements: Elements, seed: int, watch: Watch
    ) -> Iterator[Progress | Developed]:
        """The source's own frames, one for one, through a moving window.

        RGB or RGBA as the source, scene-linear. Raises NeedsModel where ``plan`` refuses, and what
        reading the source raises. Memory does not grow with the length.
        """
        yield Progress(0.0, "looking for what to show")
        framed = _framed(plan, elements, seed, watch)
        count = len(plan.frames)
        for index, number in enumerate(plan.frames):
            watch.check()
            window = framed.path.at(index / max(1, count - 1))
            picture = framed.source.frame(framed.first + index)
            seen = framed.gain.on(through(picture, window, plan.width, plan.height))
            yield Developed(number, seen, confidence(plan.width / window.w))
            yield Progress((index + 1) / count, framed.move.replace("_", " "))


@dataclass(frozen=True)
class _Facts:
    """What is known of the source before it is opened. Size 0 means not yet known."""

    role: Role
    first: int
    last: int
    rate: Fraction
    width: int
    height: int

    def __len__(self) -> int:
        return self.last - self.first + 1


def _source(plan: Plan, elements: Elements) -> tuple[Role, Footage] | None:
    """The footage to make the insert from, at its own size and the shot's rate."""
    for role in ROLES:
        footage = elements.one(role)
        if isinstance(footage, Conformed):
            return role, footage.native(plan.frames.rate)
        if footage is not None:
            return role, footage
    return None


def _facts(plan: Plan, elements: Elements | None) -> _Facts | str:
    """What is known of the source, or the sentence that refuses."""
    nothing = (
        "There is no shot to make the insert from. Hand over a reference, or the shot before or "
        "after."
    )
    if elements is None:
        at_hand = {e.role: e.media for e in reversed(plan.turnover.elements)}
        for role in ROLES:
            if role in at_hand:
                media = at_hand[role]
                span = media.frames
                return _at_rate(
                    plan,
                    _Facts(role, span.first, span.last, span.rate, media.width, media.height),
                )
        return nothing
    found = _source(plan, elements)
    if found is None:
        return nothing
    role, footage = found
    span = footage.frames
    return _Facts(role, span.first, span.last, span.rate, footage.width, footage.height)


def _at_rate(plan: Plan, facts: _Facts) -> _Facts:
    """The facts as they will be when the media is conformed to the shot's rate.

    Raises RateMismatch.
    """
    step = facts.rate / plan.frames.rate
    if abs(step - 1) <= SAME_RATE:
        return facts
    if step < 1:
        raise RateMismatch(
            f"the {facts.role.value} runs at {rate_name(facts.rate)} frames a second and the shot "
            f"at {rate_name(plan.frames.rate)}: frames would have to be repeated",
            hint="Retime the media to the shot's rate first, or use another piece of media.",
            data={"media": rate_name(facts.rate), "shot": rate_name(plan.frames.rate)},
        )
    count = int((len(facts) - 1) / step) + 1
    return replace(facts, last=facts.first + count - 1, rate=plan.frames.rate)


def _too_short(plan: Plan, facts: _Facts) -> str:
    handles, needed = plan.turnover.shot.handles, len(plan.frames)
    start = int(plan.options.get("start", -1))
    if start >= 0 and not facts.first <= start <= facts.last - needed + 1:
        return (
            f"From frame {start} on, {needed} frames are needed; the {facts.role.value} has frames "
            f"{facts.first} to {facts.last}. Start earlier, or leave start to be chosen."
        )
    if needed <= len(facts):
        return ""
    return (
        f"The {facts.role.value} has {len(facts)} frames and {needed} are needed "
        f"({len(plan.turnover.shot.cut)} in the cut, handles of {handles.head} and "
        f"{handles.tail}). "
        "Make the insert shorter, or hand over a longer shot: frames are never repeated."
    )


def _tight(plan: Plan, facts: _Facts, region: Region | None) -> float:
    """The enlargement where the tightest take may be tightest."""
    shares = [region] if region else [_share(plan, facts, zoom) for zoom in _zooms(plan, facts)]
    return max(_enlarged(plan, facts, share) for share in shares)


def _enlarged(plan: Plan, facts: _Facts, share: Region) -> float:
    size = (facts.width, facts.height)
    window = around(share, *size, plan.width / plan.height)
    moves = (str(plan.options["move"]),) if plan.options["move"] != "auto" else MOVES
    amount = float(plan.options["amount"])
    return max(plan.width / path(m, window, amount, size, 0).tightest.w for m in moves)


def _zooms(plan: Plan, facts: _Facts) -> tuple[float, ...]:
    """How tight takes may be: as asked, else those a seed chooses from that stay sharp enough.

    Raises FieldError for a zoom that is no punch-in.
    """
    asked = float(plan.options["zoom"])
    if asked and asked < LEAST_ZOOM:
        raise FieldError(
            f"Turnover.options['zoom']: {asked:g} is no punch-in",
            hint=f"Write {LEAST_ZOOM:g} to 4, or 0 to vary it from take to take.",
        )
    if asked:
        return (asked,)
    sharp = (
        zoom
        for zoom in ZOOMS
        if confidence(_enlarged(plan, facts, _share(plan, facts, zoom))) >= LEAST_DETAIL
    )
    return tuple(sharp) or (min(ZOOMS),)


def _share(plan: Plan, facts: _Facts, zoom: float) -> Region:
    """A window as tight as ``zoom``, in the middle: what a found region will measure."""
    full = around((0.0, 0.0, 1.0, 1.0), facts.width, facts.height, plan.width / plan.height)
    w, h = full.w / zoom / facts.width, full.h / zoom / facts.height
    return ((1 - w) / 2, (1 - h) / 2, w, h)


def _too_soft(plan: Plan, facts: _Facts, region: Region | None) -> str:
    if not facts.width or not facts.height:
        return ""  # the daemon looks again when the media has been opened
    enlargement = _tight(plan, facts, region)
    if confidence(enlargement) >= LEAST_DETAIL:
        return ""
    return (
        f"The picture would be enlarged {enlargement:.1f} times and be soft: about "
        f"{confidence(enlargement):.0%} of a native close-up's fine detail. Choose a larger "
        "region, a smaller zoom or a larger source; a closer picture needs a model."
    )


def _sharpness(plan: Plan, facts: _Facts, region: Region | None) -> list[str]:
    if not facts.width or not facts.height:
        return []
    enlargement = _tight(plan, facts, region)
    if enlargement <= 1:
        return ["As sharp as the source: nothing is enlarged."]
    return [
        f"Enlarged at most {enlargement:.2f} times: at least {confidence(enlargement):.0%} of a "
        "native close-up's fine detail."
    ]


def _framed(plan: Plan, elements: Elements, seed: int, watch: Watch) -> _Framed:
    """Everything that is decided once for a take. Raises NeedsModel where ``plan`` refuses."""
    region, facts = _region(plan), _facts(plan, elements)
    refusal = (
        facts
        if isinstance(facts, str)
        else _too_short(plan, facts) or _too_soft(plan, facts, region)
    )
    found = _source(plan, elements) if not refusal else None
    if found is None or isinstance(facts, str):
        raise NeedsModel(str(refusal), hint="Change the turnover, or shoot it with a model.")
    _, source = found
    first = _first(plan, facts, seed)
    span = range(first, first + len(plan.frames))
    size = (facts.width, facts.height)
    if region is None:
        zooms = _zooms(plan, facts)
        share = _share(plan, facts, zooms[seed % len(zooms)])
        choice = regions(source, span, (share[2], share[3]), watch)
        region = choice[seed % len(choice)]
    move = str(plan.options["move"])
    move = MOVES[seed % len(MOVES)] if move == "auto" else move
    window = around(region, *size, plan.width / plan.height)
    way = path(move, window, float(plan.options["amount"]), size, seed // len(MOVES))
    return _Framed(source, first, way, _gain(plan, elements, source, span, watch), move)


def _first(plan: Plan, facts: _Facts, seed: int) -> int:
    """The source frame under the head handle: as asked, else spread over what there is."""
    start = int(plan.options["start"])
    if start >= 0:
        return start
    slack = len(facts) - len(plan.frames)
    return facts.first + round(slack * ((0.5 + seed * _GOLDEN) % 1.0))


def _gain(
    plan: Plan, elements: Elements, source: Footage, span: Sequence[int], watch: Watch
) -> Gain:
    part = float(plan.options["grade"])
    before, after = elements.one(Role.before), elements.one(Role.after)
    if not part or (before is None and after is None):
        return Gain()
    handles = plan.turnover.shot.handles
    played = span[handles.head : len(span) - handles.tail]
    ends = []
    for neighbour, at in ((before, -1), (after, 0)):
        if neighbour is not None:
            watch.check()
            ends.append(_apart(neighbour, source, played, at))
    return between([end for end in ends if end is not None], part)


def _apart(neighbour: Footage, source: Footage, played: Sequence[int], at: int) -> Level | None:
    """How far a neighbour at the cut is above the source, in stops; None when it is black.

    On matched pixels when they show the same set-up, else by whole pictures.
    """
    numbers = range(neighbour.frames.first, neighbour.frames.last + 1)
    mine = played[0] if at else played[-1]
    pairing = pair(neighbour.frame(numbers[at]), source.frame(mine))
    if pairing is not None:
        return pairing.difference
    theirs = level_of(neighbour, numbers[-_AT_CUT:] if at else numbers[:_AT_CUT])
    ours = level_of(source, dict.fromkeys((played[0], played[len(played) // 2], played[-1])))
    return None if theirs is None or ours is None else theirs.over(ours)


def _region(plan: Plan) -> Region | None:
    """The region asked for, or None. Raises FieldError when it is not one."""
    text = str(plan.options.get("region", "")).strip()
    if not text:
        return None
    try:
        x, y, w, h = (float(word) for word in text.split(","))
    except ValueError:
        x = y = w = h = -1.0
    inside = 0 <= x < 1 and 0 <= y < 1 and x + w <= 1.000001 and y + h <= 1.000001
    if not (inside and 0 < w <= 1 and 0 < h <= 1):
        raise FieldError(
            f"Turnover.options['region']: {text!r:.60} is not a region",
            hint="Write x,y,w,h in 0..1 of the picture from top left, for example 0.4,0.3,0.3,0.3.",
        )
    return (x, y, w, h)


@hookimpl
def secondunit_generators() -> Sequence[Generator]:
    """Adds ``reframe``."""
    return [Reframe()]
