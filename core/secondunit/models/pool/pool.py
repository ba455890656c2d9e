"""The models in memory: who may use the device when, what is loaded for it and what gives way.

A lease has all it needs or nothing, leases are granted in the order they were asked for, and a
thread that holds one never waits for another: so nobody waits in a circle. One lease at a time
moves parts; the decisions are in ``placing``, the effects in the ``Device``.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Generic, TypeVar

from secondunit_bridge.errors import Locked, OutOfMemory

from .device import Device
from .history import History, Run
from .ladder import Rungs, Step, remarks
from .placing import (
    Crowded,
    Do,
    Move,
    Need,
    Placement,
    after,
    held,
    let_go,
    needs,
    order_of_going,
    place,
)
from .shortage import ran_out, shortage
from .tiers import Claim, Kit, Picture, Room, State, Tier

P = TypeVar("P")
T = TypeVar("T")
LOOK_S = 0.05  # between two looks whether the one who waits was cancelled


@dataclass(frozen=True, slots=True)
class Held(Generic[P]):
    """What a lease gives: the pipeline on the device, and how it came there."""

    pipeline: P
    rungs: Rungs
    activation: int  # bytes kept free for the run
    loaded: int = 0  # bytes that had to come from disk
    raised: int = 0  # bytes that came from the host's memory

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps down in force."""
        return self.rungs.taken

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the take says about them."""
        return remarks(self.rungs.taken)


@dataclass(eq=False)
class _Ask:
    """One who wants a lease. Its place in the line is its identity."""

    kit: Kit
    picture: Picture
    who: str
    rungs: Rungs
    check: Callable[[], None]
    nested: bool
    name: str = ""
    activation: int = 0
    wanted: tuple[Need, ...] = ()
    moves: tuple[Move, ...] = ()
    counted: dict[Do, int] = field(default_factory=dict)

    @property
    def streamed(self) -> int:
        """Bytes of the promise that are weights passing through, not the run's own."""
        return sum(need.device_bytes for need in self.wanted if need.streamed)


class ModelPool(Generic[P]):
    """Keeps models on one device and behind it. Safe from any thread."""

    def __init__(
        self,
        device: Device[P],
        history: History | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._device, self._clock = device, clock
        self._history = history or History()
        self._changed = threading.Condition()
        self._state = State(device.room())
        self._line: deque[_Ask] = deque()
        self._moving = False
        self._names = count(1)
        self._threads: dict[str, int] = {}  # lease -> the thread that has it
        self._alone = ""  # the lease that nobody has been beside since it began

    @property
    def state(self) -> State:
        """What is there now."""
        with self._changed:
            return self._state

    @property
    def device_name(self) -> str:
        """As "cuda:0" or "cpu"."""
        return self._device.name

    @property
    def memory_errors(self) -> tuple[type[BaseException], ...]:
        """What a run raises when the device is full."""
        return self._device.memory_errors

    def rungs(self, kit: Kit, *, without: tuple[Step, ...] = ()) -> Rungs:
        """The steps down that this kit may take here. ``without``: those that this run cannot."""
        idle = (
            (Step.group_offload,) if not self._device.room().host else ()
        )  # nowhere to stream from
        return Rungs(left=tuple(s for s in kit.ladder if s not in (*without, *idle)))

    @contextmanager
    def lease(
        self,
        kit: Kit,
        picture: Picture,
        *,
        who: str = "",
        rungs: Rungs | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> Iterator[Held[P]]:
        """The kit's pipeline on the device, with room for a run at this size, until it is left.

        Blocks while others hold what is needed; ``check`` is asked meanwhile and may raise to give
        up. Steps down ``rungs`` when it would not fit an empty device either. Raises OutOfMemory.
        """
        rungs = rungs or self.rungs(kit)
        ask = _Ask(kit, picture, who or kit.title, rungs, check, nested=self._holds())
        while (short := self._have(ask)) is not None:
            ask.rungs = self.lower(kit, picture, ask.rungs, short)
        run, peak, done = self._run(ask), 0, False
        try:
            parts = tuple(need.part for need in ask.wanted)
            with self._device.assembled(kit, parts, ask.rungs.taken) as pipeline:
                self._device.begin()
                loaded, raised = (ask.counted.get(do, 0) for do in (Do.load, Do.raise_up))
                yield Held(pipeline, ask.rungs, ask.activation, loaded, raised)
                peak, done = self._device.peak(), self._alone == ask.name
        except self._device.memory_errors:
            self._history.ran_out(run, ask.activation - ask.streamed)
            raise
        finally:
            self._leave(ask)
        if done and peak > ask.streamed:
            self._history.learn(run, peak - ask.streamed)

    def run(
        self,
        kit: Kit,
        picture: Picture,
        work: Callable[[Held[P]], T],
        *,
        who: str = "",
        rungs: Rungs | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> T:
        """``work`` under a lease; when the device runs out in its middle, once more a step lower.

        Raises OutOfMemory at the bottom of the ladder, and whatever ``work`` raises.
        """
        rungs = rungs or self.rungs(kit)
        while True:
            try:
                with self.lease(kit, picture, who=who, rungs=rungs, check=check) as lease:
                    rungs = lease.rungs
                    return work(lease)
            except self._device.memory_errors as error:
                rungs = self.lower(kit, picture, rungs, error)

    def lower(self, kit: Kit, picture: Picture, rungs: Rungs, error: BaseException) -> Rungs:
        """What to try after a run has run out of memory. Raises OutOfMemory from ``error``."""
        traceback.clear_frames(error.__traceback__)  # they hold what the run had made so far
        self._make_empty()
        lower = rungs.down()
        if lower is None:
            run = Run(kit.name, picture.width, picture.height, picture.frames, rungs.taken)
            promised = self._history.expected(run, kit.appetite)
            raise ran_out(kit, picture, promised, rungs) from error
        return lower

    def release(self) -> int:
        """Free the device for somebody else; what has a copy on the host comes back from there.

        Bytes that were given back. Raises Locked, naming who is shooting, when it is in use.
        """
        with self._changed:
            holders = [claim.who for claim in self._state.claims]
            waiting = [ask.who for ask in self._line]
            if holders or waiting or self._moving:
                who = ", ".join(dict.fromkeys((*holders, *waiting))) or "a model"
                raise Locked(
                    f"the device is in use: {who} is being shot",
                    hint="Ask again when it is done, or stop the take.",
                    data={"holders": holders, "waiting": waiting},
                )
            self._moving = True
        return self._clear() if self._state.room.host else self._settled()

    def _holds(self) -> bool:
        with self._changed:
            return threading.get_ident() in self._threads.values()

    def _have(self, ask: _Ask) -> BaseException | None:
        """Have everything where it must be; what was raised when memory ran out on the way."""
        self._enter(ask)
        short: BaseException | None = None
        complete = False
        try:
            self._move(ask)
            complete = True
        except self._device.memory_errors as error:
            short = error
        finally:
            self._moved(ask)  # first, since it marks the parts as held by this ask
            if not complete:
                self._leave(ask)
        return short

    def _enter(self, ask: _Ask) -> None:
        """Wait for one's turn and for room, and claim it; then this ask alone moves parts."""
        with self._changed:
            (self._line.appendleft if ask.nested else self._line.append)(ask)
            try:
                while (placed := self._placed(ask)) is None:
                    self._changed.wait(LOOK_S)
                    ask.check()
            finally:
                self._line.remove(ask)
                self._changed.notify_all()
            ask.name, ask.moves = f"lease {next(self._names)}", placed.moves
            keys = frozenset(need.part.key for need in ask.wanted)
            claim = Claim(ask.name, ask.who, placed.activation, keys)
            ask.activation = placed.activation
            self._alone = ask.name if not self._state.claims else ""
            residents = tuple(
                replace(r, held_by=ask.name) if r.part.key in keys else r
                for r in self._state.residents
            )
            claims = (*self._state.claims, claim)
            self._state = replace(self._state, residents=residents, claims=claims)
            self._threads[ask.name] = threading.get_ident()
            self._moving = True

    def _placed(self, ask: _Ask) -> Placement | None:
        """How it fits, a step lower as often as it must; None: not now. Raises OutOfMemory."""
        if self._moving or self._line[0] is not ask:
            return None
        self._state = replace(self._state, room=self._device.room())
        while True:
            ask.wanted = needs(ask.kit, ask.rungs.taken)
            expected = self._history.expected(self._run(ask), ask.kit.appetite)
            placed = place(self._state, ask.wanted, expected)
            if isinstance(placed, Placement):
                return placed
            if placed.passing and not ask.nested:
                return None
            lower = ask.rungs.down()
            if lower is None:
                raise self._shortage(ask, placed, expected)
            ask.rungs = lower

    def _shortage(self, ask: _Ask, crowded: Crowded, expected: int) -> OutOfMemory:
        room: Room = self._state.room
        return shortage(ask.kit, ask.picture, crowded, room, expected, ask.rungs)

    def _move(self, ask: _Ask) -> None:
        for move in ask.moves:
            ask.check()
            started = self._clock()
            self._effect(ask.kit, move)
            took = self._clock() - started
            ask.counted[move.do] = ask.counted.get(move.do, 0) + move.part.nbytes
            with self._changed:
                self._state = after(self._state, move, lease=ask.name, seconds=took)

    def _effect(self, kit: Kit, move: Move) -> None:
        if move.do is Do.load:
            self._device.load(kit, move.part, move.tier)
        elif move.do is Do.raise_up:
            self._device.raise_up(move.part.key)
        else:
            self._device.drop(move.part.key, move.tier)

    def _moved(self, ask: _Ask) -> None:
        with self._changed:
            keys = frozenset(need.part.key for need in ask.wanted)
            used = int(ask.name.rpartition(" ")[2])
            self._state = held(self._state, keys, ask.name, used)
            self._moving = False
            self._changed.notify_all()

    def _leave(self, ask: _Ask) -> None:
        with self._changed:
            self._state = let_go(self._state, ask.name)
            self._threads.pop(ask.name, None)
            self._changed.notify_all()

    def _make_empty(self) -> None:
        """After memory ran out: whatever nobody uses leaves the device, its fragments with it."""
        with self._changed:
            while self._moving:
                self._changed.wait(LOOK_S)
            self._moving = True
        self._clear()

    def _clear(self) -> int:
        """Take idle parts off the device; called with ``_moving`` set, which it ends."""
        freed = 0
        for resident in order_of_going(self._state, Tier.device):
            self._device.drop(resident.part.key, Tier.device)
            freed += resident.part.nbytes
            with self._changed:
                self._state = after(self._state, Move(Do.drop, resident.part, Tier.device))
        return freed + self._settled()

    def _settled(self) -> int:
        """What nothing uses goes back to the system, and others may move parts again."""
        try:
            self._device.settle()
        finally:
            with self._changed:
                self._moving = False
                self._changed.notify_all()
        return 0  # of models: where the device is the host's memory they stay, as they would there

    def _run(self, ask: _Ask) -> Run:
        picture = ask.picture
        return Run(ask.kit.name, picture.width, picture.height, picture.frames, ask.rungs.taken)
