"""One take, start to finish: open and conform, generate, make safe, keep, examine."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from secondunit_bridge.errors import NeedsModel
from secondunit_bridge.film import Cost, Finding, Media, Role, Take, TakeState
from secondunit_bridge.timing import FrameRange

from .. import contract
from ..colour import Colour
from ..continuity import examine
from ..hookspecs import WORKING, Exam, Plan, Preview, Progress, Watch
from ..media.footage import Picture
from ..plugins import Plugins
from ..vault import Vault
from .frames import KeptFootage, keep_frame
from .orders import Shoot
from .sources import Sources

Say = Callable[..., None]
PREVIEW_S = 0.5  # seconds between two previews; each costs about 2 ms at 480p
PREVIEW_WIDTH = 480
PROGRESS_S = 0.2  # seconds between two words of progress
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


def shoot(order: Shoot, plugins: Plugins, watch: Watch, say: Say) -> tuple[Take, dict[str, Any]]:
    """The take with its findings, and which source frames it used, by role: frame -> sha256.

    Raises SecondUnitError: the turnover cannot be shot, or this attempt failed.
    """
    started = time.monotonic()
    generator = plugins.generators[order.turnover.generator]
    colour, vault = Colour(), Vault(Path(order.store) / "vault")
    working = order.project.space
    code = working if generator.about.space == WORKING else generator.about.space
    back = None if code == working else partial(colour.convert, from_space=code, to_space=working)
    with Sources(order.project, colour, vault, watch) as sources:
        plan = _possible(contract.plan_for(order.turnover, generator, order.project))
        seen = sources.elements(order.turnover, plan, code)
        opened = generator.plan(replace(plan, remarks=()), seen)
        plan = _possible(contract.answered(plan, opened, generator.about))
        frames = contract.deliver(generator, plan, seen, order.seed, watch, convert=back)
        shot = _develop(frames, plan, vault, _Previews(colour, working, say), say)
        media = _media(plan, shot, working)
        say("checking")
        beside = sources.elements(order.turnover, plan, working)
        findings = _examine(order, plan, media, shot, beside, plugins, vault)
        take = _take(order, media, shot, findings, (*plan.remarks, *sources.remarks), started)
        return take, sources.used()


def _possible(plan: Plan) -> Plan:
    """The plan, when nothing refuses it. Raises NeedsModel with every refusal."""
    if plan.refusals:
        raise NeedsModel(" ".join(plan.refusals), hint="Change the ask and turn over again.")
    return plan


def _develop(
    frames: Iterator[Progress | Preview | contract.Delivered],
    plan: Plan,
    vault: Vault,
    previews: _Previews,
    say: Say,
) -> _Shot:
    shot, total, pace = _Shot(), len(plan.frames), _Pace(say)
    with ThreadPoolExecutor(WRITERS) as writers:
        for said in frames:
            if isinstance(said, Progress):
                pace.say(said.done, said.says)
                continue
            previews.show(said.frame, np.asarray(said.pixels))
            if isinstance(said, Preview):
                continue
            if len(shot.digests) >= 4 * WRITERS:  # bounded: frames wait in memory until written
                shot.digests[-4 * WRITERS].result()
            shot.channels = said.channels
            kept = writers.submit(keep_frame, vault, said.pixels, said.channels)
            shot.digests.append(kept)
            _count(shot, said)
            done = len(shot.digests)
            pace.say(done / total, f"frame {done} of {total}")
    return shot


def _count(shot: _Shot, said: contract.Delivered) -> None:
    counted = said.counted
    shot.counted["nan_pixels"][said.frame] = counted.nan
    shot.counted["clipped_pixels"][said.frame] = counted.clipped
    shot.counted["negative_pixels"][said.frame] = counted.negative
    if said.confidence is not None:
        shot.confidences.append(said.confidence)


def _media(plan: Plan, shot: _Shot, space: str) -> Media:
    return Media(
        frames=plan.frames,
        width=plan.width,
        height=plan.height,
        channels=shot.channels,
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
) -> tuple[Finding, ...]:
    handles, asked = order.turnover.shot.handles, plan.frames
    exam = Exam(
        take=KeptFootage(media, vault),
        asked=asked,
        cut=FrameRange(asked.first + handles.head, asked.last - handles.tail, asked.rate),
        before=elements.one(Role.before),
        after=elements.one(Role.after),
        digests=media.digests,
        measured=shot.counted,
        placeholder=plugins.generators[order.turnover.generator].about.placeholder,
    )
    return examine(exam, plugins.checks, order.take, shots=(order.turnover.shot.name,))


def _take(
    order: Shoot,
    media: Media,
    shot: _Shot,
    findings: tuple[Finding, ...],
    remarks: tuple[str, ...],
    started: float,
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
        cost=Cost(round(time.monotonic() - started, 3), order.attempt, "cpu"),
    )


class _Pace:
    """Progress at a pace people can read: each word costs the daemon and every listener."""

    def __init__(self, say: Say) -> None:
        self._say, self._last = say, 0.0

    def say(self, done: float, says: str) -> None:
        """Say it, unless something was said just now."""
        now = time.monotonic()
        if now - self._last >= PROGRESS_S:
            self._last = now
            self._say("progress", done=done, says=says)


class _Previews:
    """Small JPEGs of what is being made, a few a second."""

    def __init__(self, colour: Colour, space: str, say: Say) -> None:
        self._colour, self._space, self._say = colour, space, say
        self._last = 0.0

    def show(self, frame: int, pixels: NDArray[np.floating[Any]]) -> None:
        """Say a preview when it is time for one. ``pixels`` are in the working space."""
        now = time.monotonic()
        if now - self._last < PREVIEW_S:
            return
        self._last = now
        import cv2

        step = max(1, pixels.shape[1] // PREVIEW_WIDTH)
        small: Picture = np.ascontiguousarray(pixels[::step, ::step, :3], dtype=np.float32)
        shown = self._colour.convert(small, self._space, "sRGB Encoded Rec.709 (sRGB)")
        eight = (np.clip(np.nan_to_num(shown), 0, 1) * 255 + 0.5).astype(np.uint8)
        ok, jpeg = cv2.imencode(".jpg", eight[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
        if ok:
            self._say("preview", frame=frame, jpeg=base64.b64encode(jpeg.tobytes()).decode())
