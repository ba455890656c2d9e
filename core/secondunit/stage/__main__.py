"""The child process: takes orders on standard input, shoots, and says what happens on its output.

It ends the moment its input closes, whatever it is doing: a stage without a daemon is an orphan.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

from secondunit_bridge.errors import Cancelled, OutOfMemory, SecondUnitError, TakeFailed, error_body
from secondunit_bridge.wire import dumps, plain, typed

from ..models.presence import Witness, confirm
from ..settings import Settings
from .egress import Watchman
from .live import LiveLooks
from .orders import LIVE, PROXIES, REPLAY, LiveFrame, MakeProxies, Publish, Rehearse, Replay, Shoot
from .rehearse import Rehearsals

if TYPE_CHECKING:
    from ..plugins import Plugins

HEARTBEAT_S = 1.0
_KINDLY = 15  # how far behind others the making of proxies stands in line for a processor


class Mouth:
    """Says one JSON object a line; safe from any thread."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe, self._lock = pipe, threading.Lock()

    def say(self, word: str, **body: Any) -> None:
        """Say it. A daemon that no longer listens ends this process."""
        line = dumps(plain({"say": word, **body})) + b"\n"
        try:
            with self._lock:
                self._pipe.write(line)
                self._pipe.flush()
        except OSError:
            os._exit(1)


class Ear(threading.Thread):
    """Hears orders; a cancel and a live frame are answered at once, a take waits its turn."""

    def __init__(self, pipe: BinaryIO, mouth: Mouth) -> None:
        super().__init__(name="ear", daemon=True)
        self.orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._pipe, self._mouth = pipe, mouth
        self._rehearsals = Rehearsals()
        self._cancelled: set[str] = set()

    def run(self) -> None:
        """Until the daemon is gone. A stage that no longer hears ends, however that came."""
        try:
            for line in self._pipe:
                self._hear(json.loads(line))
        finally:
            os._exit(0)

    def _hear(self, order: dict[str, Any]) -> None:
        if order["do"] == "cancel":
            self._cancelled.add(order["body"]["work"])
        elif order["do"] == "rehearse":
            self._rehearse(order["body"])
        else:
            self._cancelled.clear()  # they were about earlier orders; this may be one again
            self.orders.put(order)

    def _rehearse(self, body: Any) -> None:
        """On this thread: one hand-over less for frames that should feel live."""
        try:
            frame = typed(Rehearse, body)
            self._rehearsals.run(frame)
        except SecondUnitError as error:
            self._mouth.say("failed", error=error_body(error))
        else:
            self._mouth.say("rehearsed", ask=frame.ask)

    def watch(self, work: str) -> Watching:
        """What a long step asks whether it must stop."""
        return Watching(self._cancelled, work)


class Watching:
    """Implements ``hookspecs.Watch`` for one take."""

    def __init__(self, cancelled: set[str], work: str) -> None:
        self._cancelled, self._work = cancelled, work

    def check(self) -> None:
        """Raises Cancelled when a person has stopped the take."""
        if self._work in self._cancelled:
            raise Cancelled(
                "the take was stopped", hint="Turn over again when you want it after all."
            )


@dataclass(frozen=True)
class Room:
    """What a stage has at hand."""

    ear: Ear
    mouth: Mouth
    witness: Witness
    watchman: Watchman

    @cached_property
    def plugins(self) -> Plugins:
        """Loaded for the first take; to write a version nobody needs them."""
        from ..plugins import Plugins

        return Plugins(Settings.load().plugins)

    def obey(self, order: dict[str, Any]) -> None:
        """Do one order and say how it ended. Raises SecondUnitError when it could not be done."""
        if order["do"] == "release":
            self.mouth.say("released", freed=release(self.plugins))
        elif order["do"] == "shoot":
            self._shoot(typed(Shoot, order["body"]))
        elif order["do"] == "replay":
            from .replay import replay

            again = typed(Replay, order["body"])
            watch = self.ear.watch(REPLAY + again.shoot.take)
            _ready(again.shoot, watch, self.plugins, self.witness)
            self.mouth.say("replayed", told=replay(again, self.plugins, watch, self.mouth.say))
        else:
            from .publish import publish

            to_write = typed(Publish, order["body"])
            version = publish(to_write, self.ear.watch(to_write.version.name), self.mouth.say)
            self.mouth.say("published", version=version)

    def _shoot(self, ask: Shoot) -> None:
        from .recording import recorded
        from .shoot import shoot

        watch = self.ear.watch(ask.take)
        _ready(ask, watch, self.plugins, self.witness)
        take, more = shoot(ask, self.plugins, watch, self.mouth.say)
        reached = self.watchman.seen()
        kept = recorded(ask, take, {**more, "egress": reached})
        self.mouth.say("take", take=take, store=ask.store, **more, **kept)


def _ready(ask: Shoot, watch: Watching, plugins: Plugins, witness: Witness) -> None:
    """Its models are the registered ones, and their generators are here. Raises ModelMissing ..."""
    for model in ask.models:
        confirm(model, watch.check, witness)
    plugins.meet(ask.models)


def release(plugins: Plugins) -> int:
    """Have every generator that keeps something on the device give it back; bytes in all."""
    from ..hookspecs import HoldsDevice

    keepers = [g for g in plugins.generators.values() if isinstance(g, HoldsDevice)]
    return sum(int(keeper.release()) for keeper in keepers)


def draw_live(ear: Ear, mouth: Mouth) -> None:
    """Style live frames until the daemon is gone. No plug-in is loaded: that takes its time."""
    import cv2

    cv2.setNumThreads(1)  # the host draws the next frame meanwhile
    looks = LiveLooks()
    while True:
        order = ear.orders.get()
        try:
            mouth.say("styled", ms=looks.style(typed(LiveFrame, order["body"])))
        except SecondUnitError as error:
            mouth.say("failed", error=error_body(error))


def draw_proxies(ear: Ear, mouth: Mouth) -> None:
    """Make proxies until the daemon is gone, on one thread and after everybody else."""
    import cv2

    from .proxies import make

    cv2.setNumThreads(1)
    if hasattr(os, "nice"):
        os.nice(_KINDLY)
    while True:
        order = typed(MakeProxies, ear.orders.get()["body"])
        try:
            watch = ear.watch(order.take)
            mouth.say("proxies", made=make(order, watch, lambda: mouth.say("progress")))
        except SecondUnitError as error:
            mouth.say("failed", error=error_body(error))


def main() -> None:
    """Serve until the daemon is gone."""
    orders_in = os.fdopen(os.dup(0), "rb")
    said_out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to the log, not among our words
    mouth = Mouth(said_out)
    ear = Ear(orders_in, mouth)
    ear.start()

    def beat() -> None:
        while True:
            mouth.say("alive")
            time.sleep(HEARTBEAT_S)

    threading.Thread(target=beat, name="heart", daemon=True).start()
    for alone, serve in ((LIVE, draw_live), (PROXIES, draw_proxies)):
        if sys.argv[1:] == [alone]:
            serve(ear, mouth)  # a fault of ours there ends this process, which the daemon hears
    watchman = Watchman()
    watchman.stand()  # before anybody else's code is loaded
    room = Room(ear, mouth, Witness(), watchman)
    while True:
        order = ear.orders.get()
        try:
            room.obey(order)
        except SecondUnitError as error:
            mouth.say("failed", error=error_body(error))
        except MemoryError:
            full = OutOfMemory("this machine ran out of memory", hint="Ask for a smaller size.")
            mouth.say("failed", error=error_body(full))
        except Exception as error:  # noqa: BLE001 - border: one bad take must not stop the stage
            import traceback

            traceback.print_exc(file=sys.stderr)
            problem = TakeFailed(
                f"the generator broke: {type(error).__name__}: {error}",
                hint="Retry the take; if it breaks again, send the stage's log to its author.",
            )
            mouth.say("failed", error=error_body(problem))


if __name__ == "__main__":
    main()
