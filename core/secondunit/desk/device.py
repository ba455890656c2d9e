"""The device: freed for a host that wants it, to play back say, and answered when it is."""

from __future__ import annotations

import itertools

from secondunit_bridge.errors import Locked
from secondunit_bridge.wire import Message

from ..stage.crew import Crew
from ..stage.orders import SHOOTING
from .people import Client, Later, Reply

RELEASE = "release "  # how such a work is named


class Device:
    """Asks the stage to give the device back. What waits in line takes it again when it is shot."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._releases = itertools.count(1)

    def release_device(self, client: Client, message: Message) -> Reply | Later:
        """Models leave the device for the computer's memory. Raises Locked while a take is shot.

        A stage that does not do it in the grace of a cancel is ended, which frees the device too.
        """
        doing = self._crew.doing(SHOOTING)
        if doing.startswith(RELEASE):
            return Later(doing)
        if doing:
            raise Locked(
                f"the device is in use: {doing} is being shot",
                hint="Ask again when it is done, or stop the take.",
                data={"take": doing},
            )
        if SHOOTING not in self._crew.pids():
            return Reply({"freed": 0})
        work = f"{RELEASE}{next(self._releases)}"
        self._crew.give(SHOOTING, "release", work, {})
        self._crew.cancel(work)  # from here the grace runs
        return Later(work)
