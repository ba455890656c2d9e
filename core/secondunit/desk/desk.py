"""The desk: finds the method for a verb, and keeps the answers that come later."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from secondunit_bridge.errors import SecondUnitError, StoreError, UnknownVerb
from secondunit_bridge.film import Entry, Project
from secondunit_bridge.timing import exact_rate
from secondunit_bridge.wire import Message, plain

from ..jobs import Jobs
from ..ledger import Draft, Ledger
from ..plugins import Plugins
from ..settings import Settings
from ..stage.crew import Crew
from ..stage.orders import LIVE
from .answers import Answers
from .asks import Asks
from .device import Device
from .disks import Disks
from .finishing import Finishing
from .floor import Aside, Floor
from .following import Following
from .listeners import Listeners
from .listing import Listing
from .live import LiveRoom
from .models import Models
from .nightly import Nightly
from .people import Answering, Book, Client, Later, Reply
from .replays import Replays
from .rights import Rights
from .slots import SlotRoom

DEFAULT_PROJECT = Project("default", exact_rate(24), 1920, 1080)


class Desk:
    """Everything the daemon knows and does, without sockets: the daemon's loop calls it."""

    def __init__(
        self, ledger: Ledger, plugins: Plugins, settings: Settings, wake: Callable[[], None]
    ) -> None:
        self._ledger, self._listeners = ledger, Listeners(plugins)
        self._book, jobs = Book(ledger), Jobs()
        self._crew = Crew(settings, wake)
        disks = Disks(wake)
        models = Models(self._book, plugins, settings, disks)
        rights = Rights(self._book, models)
        self._floor = Floor(self._book, jobs, self._crew, settings, models, rights)
        self._slots = SlotRoom(self._crew, settings)
        self._live = LiveRoom(self._crew, self._slots)
        self._floor.pass_on(LIVE, self._live.hear)
        if not self._book.views.projects():
            self._book.write(Draft("project", DEFAULT_PROJECT.name, plain(DEFAULT_PROJECT)))
        self._nightly = Nightly(self._book, rights)
        asks = Asks(self._book, jobs, plugins, settings, self._floor, models, rights, disks)
        answers = Answers(self._book, self._floor.publishing, rights)
        listing = Listing(self._book, jobs, plugins, self._crew, self._live)
        replays = Replays(self._book, plugins, self._floor, models)
        finishing = Finishing(self._book, plugins, self._floor, asks)
        rooms = (asks, answers, finishing, replays, listing, models, rights, self._slots,
                 self._live, Device(self._crew), Following(self._book, jobs))  # fmt: skip
        self._verbs: dict[str, Answering] = {
            name: getattr(room, name)
            for room in rooms
            for name in vars(type(room))
            if not name.startswith("_") and name in VERBS
        }
        self._floor.sweep()
        self._floor.take_up()

    def answer(self, client: Client, message: Message) -> Reply | Later:
        """The answer to one message.

        Raises SecondUnitError, and NotYet: ask the same again when the disk has answered.
        """
        verb = self._verbs.get(message.kind)
        if verb is None:
            raise UnknownVerb(
                f"there is no verb {message.kind!r}",
                hint="This daemon knows " + ", ".join(sorted(self._verbs)) + ".",
            )
        return verb(client, message)

    def tick(self) -> None:
        """Hear the stages, give out work."""
        self._floor.hear()
        self._floor.tick()
        self._live.tick()

    def rest(self) -> None:
        """An idle moment: sign and tidy the ledger, look at the rights of a new day.

        A disk that is full now changes nothing that was acknowledged; it is tried again later.
        """
        with suppress(StoreError):
            self._ledger.settle()
            self._nightly.rest()

    def told(self) -> list[Entry]:
        """Ledger entries since the last call, for everybody who listens; plug-ins hear them too.

        A listener that raises or takes its time changes nothing: the entry is durable already.
        """
        entries = self._book.told()
        for entry in entries:
            self._listeners.tell(entry)
        return entries

    def troubles(self) -> list[str]:
        """What the log should know since the last call."""
        return self._book.troubles() + self._listeners.troubles()

    def asides(self) -> list[Aside]:
        """Progress and previews since the last call."""
        return self._floor.asides()

    def late_answers(self) -> list[tuple[str, Reply | SecondUnitError]]:
        """Answers that came since the last call, by the work they answer."""
        return self._floor.answers() + self._live.answers()

    def left(self, clients: list[Client]) -> None:
        """Give back what clients that are gone had leased; ``clients`` are those still here."""
        self._live.keep_only(clients)
        self._slots.keep_only(clients)

    def close(self) -> None:
        """Tell listeners what waits, send the stages home and take the slots down."""
        self._listeners.close()
        self._crew.close()
        self._slots.close()


VERBS = (
    "hello", "status", "queue", "project", "projects", "shots",
    "plan", "turn_over", "cancel", "retry", "suspend", "resume", "replay",
    "finish", "plan_finish",
    "take", "takes", "versions", "entries",
    "note", "waive", "waive_all", "circle", "promote", "recall", "reject", "restore",
    "cut_in", "follow",
    "models", "add_model", "clear_model", "remove_model", "model_refusals", "right",
    "lease", "release", "rehearse", "release_device",
    "live_open", "live_frame", "live_close",
)  # fmt: skip
