"""The asks: turn over, plan, cancel, retry, suspend, resume."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import (
    FieldError,
    Locked,
    MediaOffline,
    OverLimits,
    PathRefused,
    QueueFull,
    SecondUnitError,
    UnknownId,
)
from secondunit_bridge.film import Element, Project, Shot, TakeState, Turnover
from secondunit_bridge.timing import exact_rate
from secondunit_bridge.wire import Message, dumps, plain, typed

from ..hookspecs import Generator
from ..jobs import Job, Jobs
from ..ledger import Draft
from ..plugins import Plugins
from ..settings import Settings
from ..stage.orders import REPLAY
from .disks import Disks
from .floor import Floor, take_state
from .paces import Paces
from .people import Book, Client, Reply
from .rights import Rights
from .standing import sentence

if TYPE_CHECKING:
    from ..contract import Seen
    from .models import Models

MAX_TAKES = 64  # of one turnover; more is a mistake or needs a second ask
TAKE_ID = 10  # digits of the digest in a take's id: 10,000 shots collide once in 20,000 projects
MAX_BRIEF = 20_000  # characters
MAX_FRAMES = 20_000  # of one shot: what is told of a take must fit a message
MAX_NUMBER = 10**9  # of a frame: more than a year at 24 frames a second
MAX_ASK = 2 << 20  # bytes of a turnover as JSON: it is told to every host, in one message
SIDE = (16, 16_384)  # pixels: smallest and largest side of a picture
LEGAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # names become folders and files


class Asks:
    """What a host may ask to be shot, and what it may ask of waiting takes."""

    def __init__(
        self,
        book: Book,
        jobs: Jobs,
        plugins: Plugins,
        settings: Settings,
        floor: Floor,
        models: Models,
        rights: Rights,
        disks: Disks,
    ) -> None:
        self._book, self._jobs, self._plugins, self._disks = book, jobs, plugins, disks
        self._settings, self._floor, self._models = settings, floor, models
        self._rights, self._paces = rights, Paces(book, settings.home)
        self._names = {(s.project, s.sequence, s.code): s.guid for s in book.views.shots()}

    def turn_over(self, client: Client, message: Message) -> Reply:
        """Write the ask down and queue its takes. The same message twice is one ask."""
        return self.ask_for(typed(Turnover, message.body), client, message)

    def ask_for(self, turnover: Turnover, client: Client, message: Message, **more: str) -> Reply:
        """``turn_over`` of this turnover; ``more`` stands beside it in its entry."""
        body = plain(turnover)
        text = dumps(body)
        digest = sha256(text).hexdigest()
        asked_before = self._book.views.asked(message.id)
        if asked_before is not None:
            return self._same(asked_before, digest)
        within("turnover, in bytes", len(text), 1, MAX_ASK)
        self._accept(turnover, self._floor.project(turnover.shot.project))
        for problem in self._against(turnover):
            raise problem
        first = self._book.views.count_takes(turnover.shot.guid) + 1
        takes = [
            {"id": f"{digest[:TAKE_ID]}.{number}", "number": number, "seed": turnover.seed + index}
            for index, number in enumerate(range(first, first + turnover.takes))
        ]
        who = client.name or "script"
        ask = {"ask": message.id, "client": who, "turnover": body, "takes": takes, **more}
        self._book.write(Draft("turnover", digest, ask, by=turnover.artist))
        self._names[_name(turnover.shot)] = turnover.shot.guid
        for take in takes:
            self._jobs.add(Job(str(take["id"]), digest, who, turnover.priority))
        return Reply({"takes": [take["id"] for take in takes]})

    def plan(self, client: Client, message: Message) -> Reply:
        """What would be shot: frames, size, remarks, refusals. Nothing is opened or queued."""
        return Reply({"plan": self.planned(typed(Turnover, message.body), _seen(message.body))})

    def planned(self, turnover: Turnover, seen: Seen | None = None) -> dict[str, Any]:
        """The plan of a turnover as it is told. Raises what makes it one that cannot be."""
        from ..contract import plan_for
        from ..contract.zone import bounded

        project = self._floor.project(turnover.shot.project)
        self._accept(turnover, project)
        generator = self._plugins.generators[turnover.generator]
        said: dict[str, Any] = plain(plan_for(turnover, generator, project, seen))
        said.pop("turnover")
        said |= self._paces.told(turnover, project)
        said["declared"] = [
            {**plain(one), "default": bounded(one)} for one in generator.about.options
        ]
        against = self._against(turnover)
        told = [*self._others(turnover, generator), *map(sentence, against)]
        said["refusals"] += [words for words in told if words not in said["refusals"]]
        said["remarks"] += [] if against else self._models.notices(turnover)
        return said

    def _against(self, turnover: Turnover) -> Sequence[SecondUnitError]:
        """Weights and their terms first; then consent, which even a previs needs."""
        return self._models.against(turnover) or self._rights.before_shooting(turnover)

    def _others(self, turnover: Turnover, generator: Generator) -> list[str]:
        """Who could, when the generator is not for this work at all."""
        if turnover.work in generator.about.works:
            return []
        others = self._plugins.generators.values()
        able = sorted(one.about.name for one in others if turnover.work in one.about.works)
        return [f"For it there are here: {', '.join(able) or 'none'}."]

    def cancel(self, client: Client, message: Message) -> Reply:
        """Stop takes by take, turnover or client. A take that is being shot stops in its step."""
        words = words_of(message.body, "take", "turnover", "client", "by")
        which = {key: words[key] for key in ("take", "turnover", "client")}
        if sum(map(bool, which.values())) != 1:
            raise FieldError("cancel: expected one of take, turnover or client")
        if words["take"].startswith(REPLAY):
            return Reply({"cancelled": int(self._floor.replays.stop(words["take"]))})
        found = [job.take for job in self._jobs.find(**which)]
        if words["take"] and not found:
            self._book.views.take(words["take"])  # says so when there is no such take
        over = [take for take in found if not self._floor.is_stopped(take)]
        state, reason = TakeState.cancelled, "stopped by a person"
        self._book.write(*(take_state(take, state, reason, by=words["by"]) for take in over))
        for take in over:
            if not self._jobs.drop(take):
                self._floor.stop(take)
        return Reply({"cancelled": len(found)})

    def retry(self, client: Client, message: Message) -> Reply:
        """Shoot a take that failed or was stopped once more, with the same seed."""
        take = self._book.views.take(words_of(message.body, "take")["take"])
        if take.state is TakeState.waiting:
            return Reply({"take": take.id})  # asked twice
        if take.state not in (TakeState.failed, TakeState.cancelled):
            raise Locked(
                f"take {take.id} is {take.state.value}, not failed or cancelled",
                hint="A take that was shot is never overwritten: turn over again for a new one.",
            )
        self._book.write(take_state(take.id, TakeState.waiting, "asked again"))
        self._floor.forgive(take.id)
        turnover = self._book.views.turnover(take.turnover)
        self._jobs.add(Job(take.id, take.turnover, client.name or "script", turnover.priority))
        return Reply({"take": take.id})

    def suspend(self, client: Client, message: Message) -> Reply:
        """Let a waiting take rest."""
        take = self._book.views.take(words_of(message.body, "take")["take"])
        if take.state is TakeState.suspended:
            return Reply({"take": take.id})  # asked twice
        if not self._jobs.waits(take.id):
            raise Locked(f"take {take.id} is {take.state.value}; only a waiting take can rest")
        self._book.write(take_state(take.id, TakeState.suspended, "resting"))
        self._jobs.suspend(take.id)
        return Reply({"take": take.id})

    def resume(self, client: Client, message: Message) -> Reply:
        """Put a resting take back in line."""
        take = self._book.views.take(words_of(message.body, "take")["take"])
        if take.state is TakeState.waiting:
            return Reply({"take": take.id})  # asked twice
        if take.state is not TakeState.suspended:
            raise Locked(f"take {take.id} is {take.state.value}; it does not rest")
        self._book.write(take_state(take.id, TakeState.waiting, "resumed"))
        self._jobs.resume(take.id)
        return Reply({"take": take.id})

    def _same(self, takes: tuple[str, ...], digest: str) -> Reply:
        """What was answered to a message that comes again. Raises FieldError for another ask."""
        if self._book.views.take(takes[0]).turnover != digest:
            raise FieldError(
                "message.id: another turnover was asked for under this id",
                hint="Give every message an id of its own, such as a random UUID.",
            )
        return Reply({"takes": list(takes)})

    def _accept(self, turnover: Turnover, project: Project) -> None:
        if turnover.generator not in self._plugins.generators:
            raise self._models.missing(turnover.generator)
        shot = turnover.shot
        for word, what in ((shot.sequence, "sequence"), (shot.code, "code")):
            if not LEGAL.fullmatch(word):
                raise PathRefused(
                    f"the shot's {what} {word!r} cannot be part of a file name",
                    hint="Use letters, digits, dot, dash and underscore, at most 64.",
                )
        if not shot.guid or len(shot.guid) > 64:
            raise FieldError("Turnover.shot.guid: expected 1 to 64 characters")
        if self._names.get(_name(shot), shot.guid) != shot.guid:
            raise Locked(
                f"{shot.name} is the name of another shot already",
                hint="Give this shot the next free code of its sequence.",
            )
        _measured(turnover, project)
        for element in turnover.elements:
            self._on_disk(element)
        if len(self._jobs) + turnover.takes > self._settings.max_waiting:
            raise QueueFull(
                f"{len(self._jobs)} takes are waiting already",
                hint="Cancel some, or wait until they are shot.",
                data={"waiting": len(self._jobs), "limit": self._settings.max_waiting},
            )

    def _on_disk(self, element: Element) -> None:
        """A quick look that does not open anything: the stage reads and hashes beside the work."""
        path = _path_of(element)
        if path and not self._disks.ask(path, partial(_is_there, Path(path))):
            raise MediaOffline(
                f"{element.role.value}: {path} cannot be found",
                hint="Relink the clip, or mount the disk it lies on, and turn over again.",
                data={"path": path, "role": element.role.value},
            )


def _seen(body: Any) -> Seen | None:
    """What a host knows of the plate; None where it says nothing. Raises FieldError."""
    from ..contract import Seen

    aspect = body.get("pixel_aspect") if isinstance(body, dict) else None
    if not aspect:
        return None
    if not isinstance(aspect, (int, float)) or not 0.1 <= aspect <= 10:
        raise FieldError("plan.pixel_aspect: expected a number from 0.1 to 10")
    return Seen(Fraction(aspect).limit_denominator(1000))


def _name(shot: Shot) -> tuple[str, str, str]:
    return shot.project, shot.sequence, shot.code


def _path_of(element: Element) -> str:
    """Where an element's file is said to be; "" for frames that are in the vault."""
    media = element.media
    if not media.path and not media.digests:
        raise FieldError(f"Turnover.elements: {element.role.value} names no frames and no file")
    absolute = Path(media.path).is_absolute() and not media.path.startswith(("//", "\\\\"))
    if media.path and not absolute:
        raise PathRefused(
            f"{media.path} is not an absolute path on this machine",
            hint="Give the full path of the file on a local or mounted disk.",
        )
    return media.path


def _is_there(path: Path) -> bool:
    pattern = any(mark in path.name for mark in "%#@[")
    return path.parent.is_dir() if pattern else path.exists()


def _measured(turnover: Turnover, project: Project) -> None:
    """Raises OverLimits for an ask no machine could shoot, RateMismatch for no frame rate."""
    cut, handles = turnover.shot.cut, turnover.shot.handles
    exact_rate(cut.rate)
    within("takes", turnover.takes, 1, MAX_TAKES)
    within("first frame", cut.first, -MAX_NUMBER, MAX_NUMBER)
    within("frames", 1 + cut.last - cut.first, 1, MAX_FRAMES)
    within("handles", handles.head + handles.tail, 0, 1000)
    within("brief, in characters", len(turnover.brief), 0, MAX_BRIEF)
    within("width", turnover.width or project.width, *SIDE)
    within("height", turnover.height or project.height, *SIDE)
    within("priority", turnover.priority, -1000, 1000)
    for element in turnover.elements:
        frames = element.media.frames
        within(f"first frame of {element.role.value}", frames.first, -MAX_NUMBER, MAX_NUMBER)
        within(f"last frame of {element.role.value}", frames.last, -MAX_NUMBER, MAX_NUMBER)


def within(what: str, value: int, low: int, high: int) -> None:
    """Raises OverLimits unless ``low <= value <= high``."""
    if not low <= value <= high:
        raise OverLimits(
            f"{what}: {value} is outside {low} to {high}",
            hint=f"Ask for {low} to {high}.",
            data={"low": low, "high": high, "value": value},
        )


def words_of(body: Any, *names: str) -> dict[str, str]:
    """String fields of a small request; absent ones are empty."""
    body = {} if body is None else body
    if not isinstance(body, dict):
        raise FieldError("expected an object")
    for name in names:
        if not isinstance(body.get(name, ""), str):
            raise FieldError(f"{name}: expected str, got {type(body[name]).__name__}")
    found = {name: str(body.get(name, "")) for name in names}
    if names == ("take",) and not found["take"]:
        raise UnknownId("no take was named", hint="List them with: secondunit takes")
    return found
