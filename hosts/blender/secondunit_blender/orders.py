"""Shots on their way to the daemon: passes are rendered in the background, then turned over.

One render at a time, so that the machine stays usable. Each order ends as ``asked`` with the ids
of its takes, as ``failed`` with a sentence, or as ``stopped``.
"""

from __future__ import annotations

import os
import subprocess
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Callable, Deque, Dict, Optional, Tuple

from secondunit_bridge.caller import Caller
from secondunit_bridge.errors import SecondUnitError, TurnoverRejected
from secondunit_bridge.film import Element, Media, Project, Role, Turnover
from secondunit_bridge.saying import Said, from_system, told
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.unit import Unit

from .board import Going
from .briefs import Briefs
from .collect import passes as rendering
from .collect.beside import cards_beside
from .collect.metering import kept_beside
from .collect.passes import PassesOrder
from .collect.progress import PassesProgress, ProgressReader
from .collect.shots import SceneShot
from .collect.turnover import Ask, turnover
from .productions import Production

KILL_S = 2.0  # a render that was told to end is killed after this long


@dataclass(frozen=True)
class Wanted:
    """What the artist asked for, the same for every shot of one press of the button."""

    ask: Ask
    references: Tuple[str, ...] = ()
    backend: str = "workbench"
    percentage: int = 100
    briefs: Optional[Briefs] = None  # of single shots, to follow the common one
    one_exposure: bool = True  # of our own looks, for all shots of the scene

    def check(self) -> None:
        """Raises TurnoverRejected for a reference that is not there: nothing is rendered then."""
        for path in self.references:
            _reference(path, Fraction(24))

    def for_shot(self, shot: SceneShot) -> Wanted:
        """The same with what was written for this shot alone."""
        if self.briefs is None:
            return self
        return replace(self, ask=replace(self.ask, brief=self.briefs.whole(shot, self.ask.brief)))


@dataclass(eq=False)
class Order:
    """One shot that was ordered. ``state``: waiting, rendering, asking, asked, failed, stopped."""

    shot: SceneShot
    wanted: Wanted
    production: Production
    passes: PassesOrder
    snapshot: str
    state: str = "waiting"
    share: float = 0.0
    said: Optional[Said] = None
    takes: Tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Nothing more happens here; its takes are the daemon's affair."""
        return self.state in ("asked", "failed", "stopped")

    @property
    def going(self) -> Optional[Going]:
        """As the panel shows it; None when there is nothing to show."""
        if self.state == "failed":
            return Going("did not work", failed=self.said)
        says = {"waiting": "waits for its passes", "rendering": "passes", "asking": "turned over"}
        return Going(says[self.state], self.share or None) if self.state in says else None


class Orders:
    """The orders of this Blender, in line. ``step`` moves them on and never blocks."""

    def __init__(
        self,
        caller: Caller,
        asked: Callable[[Order], None],
        failed: Callable[[Said], None],
    ) -> None:
        self._caller, self._asked, self._failed = caller, asked, failed
        self._line: Deque[Order] = deque()
        self._latest: Dict[str, Order] = {}
        self._child: Optional[subprocess.Popen[bytes]] = None
        self._reader: Optional[ProgressReader] = None
        self._current: Optional[Order] = None

    def add(self, order: Order) -> None:
        """Put a shot in line; one that waits already is replaced."""
        old = self._latest.get(order.shot.guid)
        if old is not None and not old.ended:
            self.stop(old.shot.guid)
        self._latest[order.shot.guid] = order
        self._line.append(order)

    @property
    def pids(self) -> Tuple[int, ...]:
        """The processes that render for us now."""
        return (self._child.pid,) if self._child is not None else ()

    @property
    def busy(self) -> Tuple[Order, ...]:
        """Those that are not with the daemon yet."""
        return tuple(order for order in self._latest.values() if not order.ended)

    @property
    def failures(self) -> Tuple[Said, ...]:
        """What went wrong with the latest order of each shot."""
        return tuple(o.said for o in self._latest.values() if o.state == "failed" and o.said)

    def of(self, guid: str) -> Optional[Order]:
        """The latest order of a shot."""
        return self._latest.get(guid)

    def forget_failures(self) -> None:
        """The artist has read them."""
        self._latest = {g: o for g, o in self._latest.items() if o.state != "failed"}

    def step(self) -> bool:
        """Move on; True when something changed."""
        if self._current is None:
            return self._begin()
        return self._follow(self._current)

    def stop(self, guid: str = "") -> int:
        """Stop the orders of a shot, or all, as long as they are not with the daemon. How many."""
        count = 0
        for order in self.busy:
            if order.state == "asking" or (guid and order.shot.guid != guid):
                continue
            if order is self._current:
                self._end_child()
            self._finish(order, "stopped")
            count += 1
        return count

    def close(self) -> None:
        """End every process that renders for us, and remove the copies of the file."""
        self.stop()
        self._end_child()

    def _begin(self) -> bool:
        while self._line and self._line[0].ended:
            self._line.popleft()
        if not self._line:
            return False
        order = self._line.popleft()
        try:
            self._child = rendering.start(order.passes)
        except OSError as error:
            self._fail(order, from_system(error))
            return True
        self._reader = ProgressReader(order.passes.log)
        self._current, order.state = order, "rendering"
        return True

    def _follow(self, order: Order) -> bool:
        assert self._child is not None
        assert self._reader is not None
        before = (order.state, order.share)
        code = self._child.poll()
        now = self._reader.poll(code)
        order.share = now.share
        if now.ended and code is not None:
            self._child = self._reader = self._current = None
            self._rendered(order, now)
        return (order.state, order.share) != before

    def _rendered(self, order: Order, now: PassesProgress) -> None:
        if now.state == "failed" and now.failure:
            failure = now.failure
            said = Said(f"{order.shot.code}: {failure.message}.", failure.hint, True, failure.code)
            order.said = said
            self._finish(order, "failed")
            self._failed(said)
        elif now.state == "stopped":
            self._finish(order, "stopped")
        else:
            order.state, order.share = "asking", 0.0
            self._drop_copy(order)
            self._turn_over(order, now)

    def _turn_over(self, order: Order, now: PassesProgress) -> None:
        def ask(unit: Unit) -> Tuple[Project, Tuple[str, ...]]:
            project = order.production.taken_up(unit, _size(now))
            return project, unit.turn_over(_ask_of(order, now, project))

        def answered(found: Tuple[Project, Tuple[str, ...]]) -> None:
            order.takes = found[1]
            self._finish(order, "asked")
            self._asked(order)

        self._caller.ask(ask, answered, lambda error: self._fail(order, error), start=True)

    def _fail(self, order: Order, error: SecondUnitError) -> None:
        said = told(error)
        order.said = replace(said, what=f"{order.shot.code}: {said.what}")
        self._finish(order, "failed")
        self._failed(order.said)

    def _finish(self, order: Order, state: str) -> None:
        order.state = state
        self._drop_copy(order)

    def _drop_copy(self, order: Order) -> None:
        """Remove the copy of the file when nothing is to be rendered from it any more."""
        if not any(one.snapshot == order.snapshot for one in self.busy if one.state != "asking"):
            for path in (order.snapshot, kept_beside(order.snapshot)):
                with suppress(OSError):
                    os.unlink(path)

    def _end_child(self) -> None:
        child, self._child = self._child, None
        self._reader = self._current = None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(KILL_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _ask_of(order: Order, now: PassesProgress, project: Project) -> Turnover:
    asked = turnover(order.shot, order.passes, now, project, order.wanted.ask)
    references = tuple(_reference(path, project.rate) for path in order.wanted.references)
    cards = cards_beside(order.passes.folder, order.shot)
    return replace(asked, elements=asked.elements + references, cards=cards)


def _reference(path: str, rate: Fraction) -> Element:
    if not Path(path).is_file():
        raise TurnoverRejected(
            f"the reference {path} is not there", hint="Choose the picture again, or remove it."
        )
    return Element(Role.reference, Media(FrameRange(0, 0, rate), path))


def _size(now: PassesProgress) -> Tuple[int, int]:
    wide, high = (now.facts or {}).get("size", (0, 0))
    return int(wide), int(high)
