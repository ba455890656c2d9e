"""One beat of the add-on: what came is taken in, orders move on, and the panels' values are made.

A plain function that never waits. Blender's timer calls it; scripts, tests and Blender in the
background, where no timer ever fires, call it themselves.
"""

from __future__ import annotations

import time
from typing import Callable

from secondunit_bridge.errors import FieldError, SecondUnitError
from secondunit_bridge.saying import from_system

from .placing import place_awaited
from .session import Session

BEAT_S = 0.25  # between beats while something is under way
REST_S = 1.0  # between beats when nothing is
LOOK_S = 3.0  # between looks for a daemon that is not there
_IDLE_PAUSE_S = 0.01


class Pump:
    """The beats of a session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._looked = float("-inf")
        self._read = float("-inf")

    def __call__(self) -> float:
        """One beat. Returns after how many seconds the next one is due. Never blocks."""
        session, now = self.session, time.monotonic()
        self._guarded(session.caller.answers)
        self._guarded(self._hear)
        if session.hello is None and now - self._looked > LOOK_S:
            self._looked = now
            session.look_for_daemon()
        if now - self._read > REST_S:
            self._read = now
            self._guarded(session.read_scene)
        self._guarded(self._order)
        session.ask_for_takes()
        self._guarded(lambda: place_awaited(session))
        if session.changed:
            self._guarded(session.make_board)
            session.host.redraw()
        return BEAT_S if self.working else REST_S

    @property
    def working(self) -> bool:
        """Something is under way: an order, an ask, a take."""
        session = self.session
        to_ask = session.stale if session.hello is not None else ()
        return bool(session.orders.busy or session.caller.waiting or session.awaited_here or to_ask)

    def until(self, done: Callable[[], bool], timeout: float) -> bool:
        """Beat until it is done, for a script that may wait. False when time ran out."""
        end = time.monotonic() + timeout
        while not done():
            if time.monotonic() > end:
                return False
            self()
            time.sleep(_IDLE_PAUSE_S)
        return True

    def settled(self, timeout: float) -> bool:
        """Beat until nothing is under way: for scripts. False when time ran out."""
        self._read = self._looked = float("-inf")
        self()  # what there is to do shows in the first beat
        quiet = self.until(lambda: not self.working, timeout)
        self()  # the board shows the end
        return quiet

    def read_soon(self) -> None:
        """The scene changed: look at it with the next beat."""
        self._read = float("-inf")

    def _order(self) -> None:
        if self.session.orders.step():
            self.session.changed = True

    def _hear(self) -> None:
        self.session.hear(self.session.caller.events())

    def _guarded(self, step: Callable[[], object]) -> None:
        """What goes wrong in a beat is said, and the next beat comes all the same."""
        try:
            step()
        except FieldError:  # an event of a newer daemon that this side cannot read
            return
        except SecondUnitError as error:
            self.session.fail(error)
        except (OSError, ReferenceError) as error:  # a full disk; a scene that was deleted
            said = error if isinstance(error, OSError) else OSError(str(error))
            self.session.fail(from_system(said))
