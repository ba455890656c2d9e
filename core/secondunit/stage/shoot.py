"""One take, start to finish: open and conform, generate, make safe, keep, examine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import NeedsModel, SecondUnitError
from secondunit_bridge.film import Cost, Finding, Media, Role, Take, TakeState, Work
from secondunit_bridge.timing import FrameRange

from .. import contract
from ..checks.neighbours import ALONE
from ..checks.sides import NO_CARD
from ..colour import Colour
from ..continuity import examine, meant_for
from ..continuity.profile import of_show
from ..editorial.cards import handed_card
from ..editorial.show import Show, show_of
from ..exam import AFTER, BEFORE, TAKE, Kept, Side
from ..hookspecs import Exactly, Exam, Generator, Plan, Preview, Progress, Scope, Watch
from ..media.footage import Picture
from ..media.widths import SQUARE
from ..plugins import Plugins
from ..vault import Vault
from .energy import Meter
from .evidence import Evidence, Screen
from .frames import KeptFootage, keep_frame
from .mattes import MatteFootage, matte_of
from .orders import Shoot
from .plates import PlateShoot, aspect_of_plate, check_plate, looked_at
from .previews import Previews
from .record import models_used, software
from .scenes import scene_of
from .sources import Sources
from .spaces import Codes, codes

Say = Callable[..., None]
Frame = TypeVar("Frame", contract.Delivered, contract.Plated)
PROGRESS_S = 0.2  # seconds between two words of progress
MOST_KINDS = 20  # first words that are said at once; a generator that invents more waits its turn
WRITERS = 2  # threads that compress and write frames while the next one is made


@dataclass
class _Shot:
    """What has come of the take so far."""

    digests: list[Future[str]] = field(default_factory=list)
    counted: dict[str, dict[int, int]] = field(
        default_factory=lambda: {"nan_pixels": {}, "clipped_pixels": {}, "negative_pixels": {}}
    )
    confidences: list[float] = field(default_factory=list)
    channels: tuple[str, ...] = ("R", "G", "B")
    exactly: dict[str, Any] = field(default_factory=dict)
    kept: dict[int, Kept] = field(default_factory=dict)  # frames made on a plate


def shoot(order: Shoot, plugins: Plugins, watch: Watch, say: Say) -> tuple[Take, dict[str, Any]]:
    """The take with its findings, and what stands beside it in the ledger.

    ``used``: source frames by path, frame -> sha256; ``software`` by version; of a plate its
    ``receipt``; ``models`` it ran; ``exactly``: what making it again needs, if it was told.

    Raises SecondUnitError: the turnover cannot be shot, or this attempt failed.
    """
    started, meter = time.monotonic(), Meter()
    generator = contract.Fitted(plugins.generators[order.turnover.generator])
    colour, vault = Colour(order.project.ocio), Vault(Path(order.store) / "vault")
    vault.take_up(order.kept)
    working = order.project.space
    with Sources(order.project, colour, vault, watch) as sources:
        plan = _possible(contract.plan_for(order.turnover, generator, order.project))
        matte = _matte(order, sources) if _on_a_plate(order) else None
        if matte is not None:
            plan = contract.shot_by(plan, generator.about, looked_at(plan, sources, matte))
        light = partial(_convert, colour, working)
        beside = sources.elements(order.turnover, plan, working, light, matte)
        seen = codes(generator.about.space, colour, working, partial(_sample, beside))
        elements = sources.elements(
            order.turnover, plan, seen.name, seen.into, matte, generator.about.normals
        )
        opened = generator.plan(replace(plan, remarks=()), elements)
        plan = _possible(contract.answered(plan, opened, generator.about))
        back = None if seen.name == working else lambda rgb: seen.back(rgb, working)
        shown = _evidence(order, Screen(colour, working, back, _squeezed(plan, sources, matte)))
        run = _Run(generator, plan, elements, order.seed, watch, seen, shown)
        plate = PlateShoot(order, plan, sources, colour, matte) if matte else None
        shot, media = (
            _shot_on(plate, run, colour, say) if plate else _shot(run, vault, colour, working, say)
        )
        say("checking")
        findings, told = _examine(order, plan, media, shot, beside, plugins, vault)
        of_light = plate.remarks if plate else seen.remarks  # a plate is measured frame by frame
        remarks = (*plan.remarks, *sources.remarks, *_remarks(shot), *of_light, *told)
        take = _take(order, media, shot, findings, remarks, _cost(order, shot, started, meter))
        receipt = plate.receipt(_made_by(generator, seen)) if plate else {}
        return take, _more(order, generator, sources, shot, receipt)


def _more(
    order: Shoot, generator: Generator, sources: Sources, shot: _Shot, receipt: dict[str, Any]
) -> dict[str, Any]:
    """What the take's entry says beside the take; what there is nothing to say of is left out."""
    told = {**_made_with(order, generator, shot), "receipt": receipt}
    return {"used": sources.used()} | {word: facts for word, facts in told.items() if facts}


def _made_with(order: Shoot, generator: Generator, shot: _Shot) -> dict[str, Any]:
    """Which software and models made it, and what the generator says that making it again needs."""
    by_version = {**software(), generator.about.name: generator.about.version}
    return {
        "software": by_version, "exactly": shot.exactly, "models": models_used(order.models),
    }  # fmt: skip


@dataclass(frozen=True)
class _Run:
    """A generator about to run."""

    generator: Generator
    plan: Plan
    elements: contract.ConformedElements
    seed: int
    watch: Watch
    codes: Codes
    evidence: Evidence


def _shot(run: _Run, vault: Vault, colour: Colour, working: str, say: Say) -> tuple[_Shot, Media]:
    """A take that stands alone: its frames are delivered as they are."""
    seen = run.codes
    back = None if seen.name == working else lambda rgb: seen.back(rgb, working)
    frames = contract.deliver(
        run.generator, run.plan, run.elements, run.seed, run.watch, convert=back
    )
    shot = _develop(frames, run, partial(_keep, vault), _previews(run, working, say), say)
    return shot, _media(run.plan, shot, working, shot.channels)


def _shot_on(plate: PlateShoot, run: _Run, colour: Colour, say: Say) -> tuple[_Shot, Media]:
    """A take on a plate: merged under the matte, all channels kept."""
    frames = plate.frames(run.generator, run.elements, run.seed, run.watch, run.codes)
    previews = _previews(run, plate.space, say, plate.pixel_aspect)
    shot = _develop(frames, run, plate.keep, previews, say)
    return shot, _media(run.plan, shot, plate.space, plate.channels)


def _previews(run: _Run, space: str, say: Say, aspect: Fraction = SQUARE) -> Previews:
    return Previews(run.evidence.screen, space, (run.plan.width, run.plan.height), say, aspect)


def _evidence(order: Shoot, screen: Screen) -> Evidence:
    return Evidence(Path(order.store), order.take, screen)


def _squeezed(plan: Plan, sources: Sources, matte: MatteFootage | None) -> Fraction:
    """How wide the pixels of what a generator shows are: a plate's own, less what was taken out."""
    if matte is None:
        return SQUARE
    framing = plan.shooting.framing if plan.shooting else None
    return aspect_of_plate(plan.turnover, sources) / (framing.pixel_aspect if framing else 1)


def _convert(colour: Colour, working: str, rgb: Picture, of: str) -> Picture:
    return colour.convert(rgb, of, working)


def _sample(elements: contract.ConformedElements) -> list[Picture]:
    """First, middle and last frame of the plate, else of what leads in or is referred to."""
    for role in (Role.plate, Role.first, Role.reference, Role.before, Role.after):
        footage = elements.one(role)
        if footage is not None:
            first, last = footage.frames.first, footage.frames.last
            numbers = dict.fromkeys((first, (first + last) // 2, last))
            return [footage.frame(number)[..., :3] for number in numbers]
    return []


def _possible(plan: Plan) -> Plan:
    """The plan, when nothing refuses it. Raises NeedsModel with every refusal."""
    if plan.refusals:
        raise NeedsModel(" ".join(plan.refusals), hint="Change the ask and turn over again.")
    return plan


def _develop(
    frames: Iterator[Progress | Preview | Exactly | Frame],
    run: _Run,
    keep: Callable[[Frame], str],
    previews: Previews,
    say: Say,
) -> _Shot:
    shot, total, pace = _Shot(), len(run.plan.frames), _Pace(say)
    with run.evidence.named(), ThreadPoolExecutor(WRITERS) as writers:
        for said in frames:
            if isinstance(said, Progress):
                pace.say(said.done, said.says)
                continue
            if isinstance(said, Exactly):
                shot.exactly.update(said.facts)
                continue
            if isinstance(said, Preview):
                previews.show(said)
                run.evidence.keep(said)
                continue
            previews.developed(said.frame, _picture(said))
            if len(shot.digests) >= 2 * WRITERS:  # bounded: frames wait in memory until written
                shot.digests[-2 * WRITERS].result()
            if isinstance(said, contract.Delivered):
                shot.channels = said.channels
            shot.digests.append(writers.submit(keep, said))
            _count(shot, said)
            done = len(shot.digests)
            pace.say(done / total, f"frame {done} of {total}")
    return shot


def _keep(vault: Vault, said: contract.Delivered) -> str:
    return keep_frame(vault, said.pixels, said.channels)


def _on_a_plate(order: Shoot) -> bool:
    """The work changes a photographed plate: its matte decides where."""
    return order.turnover.work is Work.plate


def _matte(order: Shoot, sources: Sources) -> MatteFootage:
    """The matte, once the plate was looked at. Raises what is said of either."""
    check_plate(order.turnover, sources)
    return matte_of(order.turnover, sources.open_data)


def _made_by(generator: Generator, seen: Codes) -> dict[str, Any]:
    about = generator.about
    return {"name": about.name, "version": about.version, "space": about.space, "codes": seen.facts}


def _picture(said: contract.Delivered | contract.Plated) -> NDArray[Any]:
    if isinstance(said, contract.Plated):
        return said.pixels.half()
    return np.asarray(said.pixels)


def _count(shot: _Shot, said: contract.Delivered | contract.Plated) -> None:
    if isinstance(said, contract.Plated):
        told = said.receipt
        counts = (told.nan_pixels, told.clipped_pixels, 0)
        outside = told.changed_in_protected, told.max_difference_in_protected
        shot.kept[said.frame] = Kept(*outside, said.seam)
    else:
        counts = (said.counted.nan, said.counted.clipped, said.counted.negative)
    for name, count in zip(shot.counted, counts, strict=True):
        shot.counted[name][said.frame] = count
    if said.confidence is not None:
        shot.confidences.append(said.confidence)


def _media(plan: Plan, shot: _Shot, space: str, channels: tuple[str, ...]) -> Media:
    return Media(
        frames=plan.frames,
        width=plan.width,
        height=plan.height,
        channels=channels,
        dtype="float16",
        space=space,
        digests=tuple(kept.result() for kept in shot.digests),
    )


def _examine(
    order: Shoot,
    plan: Plan,
    media: Media,
    shot: _Shot,
    elements: contract.ConformedElements,
    plugins: Plugins,
    vault: Vault,
) -> tuple[tuple[Finding, ...], list[str]]:
    """The findings, and what is to be said of how it was looked."""
    handles, asked = order.turnover.shot.handles, plan.frames
    show, wrong = _show(order)
    exam = Exam(
        take=KeptFootage(media, vault),
        asked=asked,
        cut=FrameRange(asked.first + handles.head, asked.last - handles.tail, asked.rate),
        before=elements.one(Role.before),
        after=elements.one(Role.after),
        digests=media.digests,
        measured=shot.counted,
        kept=(lambda: shot.kept) if shot.kept else None,
        placeholder=plugins.generators[order.turnover.generator].about.placeholder,
        elements=elements,
        scene=scene_of(order.turnover, asked),
        sides=_sides(show.cards_of(order.turnover)),
        gallery=show.gallery(),
        put_in=elements.one(Role.reference) is not None,
    )
    tuned, told = of_show(order.project, plugins.checks)
    checks = meant_for(order.turnover, tuned)
    alone = exam.before is None and exam.after is None and order.turnover.work is not Work.insert
    if alone and not {BEFORE, AFTER} & set(exam.sides):  # there is nothing to pair it with
        checks = {n: one for n, one in checks.items() if one.about.scope is not Scope.pair}
    found = examine(exam, checks, order.take, shots=(order.turnover.shot.name,))
    # Nobody needs to be told of each take that no card came with it.
    unsaid = (NO_CARD, ALONE) if alone else (NO_CARD,)
    return tuple(one for one in found if one.reason not in unsaid), [*told, *wrong]


def _show(order: Shoot) -> tuple[Show, list[str]]:
    """The show's bible; an empty one where it cannot be read, with a sentence that says so: a take
    that took an hour is not lost for a slip in a file."""
    try:
        return show_of(order.project), []
    except SecondUnitError as error:
        return Show(), [f"The show's bible was not used: {error.message}. {error.hint}"]


def _sides(cards: Mapping[str, str]) -> dict[str, Side]:
    """What the cards of a turnover say of the take and of its neighbours."""
    read = {name: handed_card(cards, name) for name in (TAKE, BEFORE, AFTER) if name in cards}
    return {name: Side(card=card, card_wrong=wrong) for name, (card, wrong) in read.items()}


def _remarks(shot: _Shot) -> list[str]:
    """What the generator has to say of how the take was run, beside what its plan said."""
    said = shot.exactly.get("remarks", [])
    return [words for words in said if isinstance(words, str)] if isinstance(said, list) else []


def _take(
    order: Shoot,
    media: Media,
    shot: _Shot,
    findings: tuple[Finding, ...],
    remarks: tuple[str, ...],
    cost: Cost,
) -> Take:
    blocked = any(finding.open for finding in findings)
    return Take(
        id=order.take,
        turnover=order.digest,
        shot=order.turnover.shot.guid,
        name=order.turnover.shot.name,
        number=order.number,
        seed=order.seed,
        state=TakeState.blocked if blocked else TakeState.pending_review,
        media=media,
        confidence=min(shot.confidences) if shot.confidences else None,
        findings=findings,
        remarks=remarks,
        cost=cost,
    )


def _cost(order: Shoot, shot: _Shot, started: float, meter: Meter) -> Cost:
    device = str(shot.exactly.get("device", "cpu"))
    seconds = round(time.monotonic() - started, 3)
    return Cost(seconds, order.attempt, device, meter.watt_hours(device))


class _Pace:
    """Progress at a pace people can read: each word costs the daemon and every listener.

    What is being done for the first time is said at once: its next word may be a minute away.
    """

    def __init__(self, say: Say) -> None:
        self._say, self._last = say, 0.0
        self._kinds: set[str] = set()

    def say(self, done: float, says: str) -> None:
        """Say it, unless something of its kind was said just now."""
        now, kind = time.monotonic(), says.partition(" ")[0]
        new = kind not in self._kinds and len(self._kinds) < MOST_KINDS
        if new or now - self._last >= PROGRESS_S:
            self._last = now
            self._kinds.add(kind)
            self._say("progress", done=done, says=says)
