"""The host's handle on the second unit: what a host can ask, in the order a shot lives.

Everything that comes later is an event; the host drains ``events`` from its own main thread. Every
ask ends in time: with its answer, or with an error that says what to do next.
"""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Sequence, Tuple, Type

from ._version import __version__
from .announcements import Event as Event
from .announcements import Hello as Hello
from .asking import EACH, Asking, new_id
from .errors import DaemonUnavailable, TimedOut
from .film import (
    Clearance,
    CutIn,
    Entry,
    Model,
    Note,
    Option,
    Project,
    Shot,
    Take,
    TakeState,
    Turnover,
    Version,
    VersionClass,
    Waiver,
)
from .saying import UNDER_WAY
from .wire import Message, object_of, plain, typed

if TYPE_CHECKING:  # what only a connection needs is loaded with the first: hosts start faster
    from .connection import Connection
    from .live import Live
    from .slots import Slot, SlotFile

ANSWER_S = 10.0  # how long an ask may take unless said otherwise
PUBLISH_S = 600.0  # circling writes every frame of the version to disk
REPLAY_S = 86_400.0  # a replay takes as long as its take did, after the one being shot


class Unit(Asking):
    """A connection to one daemon, kept up through its restarts. Any thread may ask.

    Asks block until the daemon has answered, ``timeout`` seconds at most. Besides what each says,
    every ask raises TimedOut, DaemonUnavailable, TokenRefused, ProtocolError.
    """

    def __init__(
        self, connection: Connection, *, host: str = "script", timeout: float = ANSWER_S
    ) -> None:
        from .link import Link

        self.said: Tuple[str, ...] = ()
        self._host, self._timeout, self._session = host, timeout, new_id()
        self._first: Optional[Connection] = connection
        self._starts = False
        self._mapped: Dict[str, SlotFile] = {}
        self._link = Link(self._find, self._greeting)

    @classmethod
    def connect(
        cls, *, host: str = "script", start: bool = True, timeout: float = ANSWER_S
    ) -> Unit:
        """The daemon of this home, started when none runs unless ``start`` is off.

        ``host`` names who asks: nuke, blender, resolve, cli, script. ``said`` tells what was done.
        Raises DaemonUnavailable, TokenRefused, NotPermitted, ProtocolTooNew.
        """
        from .connection import Connection

        said: Tuple[str, ...] = ()
        try:
            connection = Connection.live().understood()
        except DaemonUnavailable:
            if not start:
                raise
            from .starter import started

            found, what = started(timeout)
            connection = found.understood()
            said = (what,) if what else ()
        unit = cls(connection, host=host, timeout=timeout)
        unit.said, unit._starts = said, start
        try:
            unit.hello()
        except BaseException:
            unit.close()
            raise
        return unit

    def hello(self) -> Hello:
        """What the daemon is and can do."""
        return typed(Hello, self._ask("hello", self._greeting().body))

    def status(self) -> Dict[str, Any]:
        """How busy the daemon is."""
        return self._ask("status", {})

    def queue(self) -> Tuple[Tuple[str, str, str, int], ...]:
        """Every take that waits: take, turnover's first digits, client, priority. Small, quick."""
        return self._listed(Tuple[str, str, str, int], "queue", {})  # type: ignore[arg-type]  # a generic is a type to the codec

    def shots(self) -> Tuple[Shot, ...]:
        """Every shot that was ever turned over, as it was last turned over."""
        return self._listed(Shot, "shots", EACH, "guid")

    def stop_daemon(self) -> None:
        """End the daemon, for everybody. What waits is shot when it runs again."""
        self._starts = False
        self._ask("stop_daemon", {})

    def project(self, project: Project) -> None:
        """Register a production, or change it."""
        self._ask("project", project)

    def projects(self) -> Tuple[Project, ...]:
        """Every production."""
        return self._listed(Project, "projects", {})

    def plan(self, turnover: Turnover, *, pixel_aspect: float = 0.0) -> Dict[str, Any]:
        """What would be shot: frames, width, height, remarks, refusals. Nothing is queued."""
        known = {"pixel_aspect": pixel_aspect} if pixel_aspect else {}
        return object_of(self._field("plan", {**plain(turnover), **known}, "plan"), "plan")

    def turn_over(self, turnover: Turnover) -> Tuple[str, ...]:
        """Ask for takes; their ids at once. Each is told by events when it is shot.

        Raises TurnoverRejected and its leaves when it cannot be shot as it stands, QueueFull.
        """
        return typed(Tuple[str, ...], self._field("turn_over", turnover, "takes"), "takes")  # type: ignore[arg-type]  # a generic is a type to the codec

    def cancel(self, *, take: str = "", turnover: str = "", client: str = "", by: str = "") -> int:
        """Stop a take, all takes of a turnover, or all of a client; how many are stopped."""
        which = {"take": take, "turnover": turnover, "client": client, "by": by}
        return typed(int, self._field("cancel", which, "cancelled"), "cancelled")

    def retry(self, take: str) -> None:
        """Shoot a take that failed or was cancelled once more. Raises Locked, UnknownId."""
        self._ask("retry", {"take": take})

    def replay(self, take: str, by: str = "", *, timeout: float = REPLAY_S) -> Dict[str, Any]:
        """Shoot a take once more from its record: ran, equal, differ, facts, changed. No new take.

        Blocks until it is shot. Raises Locked, UnknownId, and whatever shooting it raises.
        """
        return self._ask("replay", {"take": take, "by": by}, timeout=timeout)

    def finish(self, take: str, by: str) -> str:
        """Shoot a chosen draft at full quality, same seed: the new take's id. Twice is once.

        Raises Locked for what is no draft, NameMissing, NeedsModel, UnknownId.
        """
        return typed(str, self._field("finish", {"take": take, "by": by}, "take"), "take")

    def suspend(self, take: str) -> None:
        """Let a waiting take rest. Raises Locked, UnknownId."""
        self._ask("suspend", {"take": take})

    def resume(self, take: str) -> None:
        """Put a resting take back in line. Raises Locked, UnknownId."""
        self._ask("resume", {"take": take})

    def take(self, take: str) -> Take:
        """One take. Raises UnknownId."""
        return typed(Take, self._field("take", {"take": take}, "take"))

    def takes(
        self,
        *,
        shot: str = "",
        state: Optional[TakeState] = None,
        limit: int = 1000,
        after: str = "",
    ) -> Tuple[Take, ...]:
        """Takes in the order they were asked: of one shot (guid), in one state, after a take id."""
        which: Dict[str, Any] = {"shot": shot, "limit": limit, "after": after}
        if state is not None:
            which["state"] = state.value
        return self._listed(Take, "takes", which, "id")

    def versions(self, shot: str = "") -> Tuple[Version, ...]:
        """Published versions, of one shot (guid) or all."""
        return self._listed(Version, "versions", {**EACH, "shot": shot}, "name")

    def note(self, note: Note) -> None:
        """Record what a person said. Raises NameMissing, UnknownId."""
        self._ask("note", note)

    def waive(self, waiver: Waiver) -> None:
        """Answer a finding, by name and with a reason. Raises NameMissing, UnknownId."""
        self._ask("waive", waiver)

    def waive_all(self, waivers: Sequence[Waiver]) -> int:
        """Answer findings of a cut, all or none; how many were new. Raises NameMissing, Locked."""
        return int(self._field("waive_all", {"waivers": list(waivers)}, "written"))

    def circle(
        self,
        take: str,
        by: str,
        kind: VersionClass = VersionClass.temp,
        *,
        reason: str = "",  # of one who is alone in the production and approves their own work
        timeout: float = PUBLISH_S,
    ) -> Version:
        """Choose a take: it becomes the shot's next version. Blocks until that is on disk.

        Raises FindingsOpen, Locked, OwnWork, NameMissing, UnknownId, DiskFull.
        """
        body = {"take": take, "by": by, "kind": kind.value, "reason": reason}
        return typed(Version, self._field("circle", body, "version", timeout=timeout))

    def promote(self, version: str, by: str, reason: str = "") -> Version:
        """Lock an approved version as final. Raises Locked, OwnWork, NameMissing, UnknownId."""
        body = {"version": version, "by": by, "reason": reason}
        return typed(Version, self._field("promote", body, "version"))

    def recall(self, version: str, by: str, reason: str) -> None:
        """Take back a version; its files stay. Raises Locked, NameMissing, UnknownId."""
        self._ask("recall", {"version": version, "by": by, "reason": reason})

    def reject(self, take: str, by: str, reason: str) -> None:
        """Put a take aside; nothing is deleted. Raises Locked, NameMissing, UnknownId."""
        self._ask("reject", {"take": take, "by": by, "reason": reason})

    def restore(self, take: str, by: str, reason: str = "") -> None:
        """Bring a take back that was sorted out as junk. Raises Locked, NameMissing, UnknownId."""
        self._ask("restore", {"take": take, "by": by, "reason": reason})

    def cut_in(self, cut: CutIn) -> None:
        """Record where a version went into the cut. Raises Locked, UnknownId."""
        self._ask("cut_in", cut)

    def events(self) -> Iterator[Event]:
        """What has arrived since the last call. Never blocks; safe from any thread.

        Raises FieldError for an event that cannot be understood; the next call goes on after it.
        """
        for message in self._link.events():
            body = message.body if isinstance(message.body, dict) else {}
            entry = typed(Entry, message.body) if message.kind == "entry" else None
            yield Event(message.kind, entry, body, message.parts)

    def entries(self, after: int, limit: int = 1000, *, subject: str = "") -> Tuple[Entry, ...]:
        """Ledger entries after a number, to catch up; about one take or version where named."""
        asked = {"after": after, "limit": limit, **({"subject": subject} if subject else {})}
        return self._listed(Entry, "entries", asked, "number")

    def wait(self, takes: Sequence[str], *, timeout: float) -> Tuple[Take, ...]:
        """Block until each take is shot, failed or stopped. For scripts; a host drains ``events``.

        Raises TimedOut when some are still under way after ``timeout`` seconds.
        """
        end = time.monotonic() + timeout
        left, found = list(dict.fromkeys(takes)), {}
        while left:
            heard = self._link.heard
            for name in left:
                take = self.take(name)
                if take.state not in UNDER_WAY:
                    found[name] = take
            left = [name for name in left if name not in found]
            if left and time.monotonic() > end:
                raise TimedOut(
                    f"{len(left)} of {len(takes)} takes are not shot after {timeout:g} s",
                    hint="Wait longer, or cancel them.",
                    data={"takes": left[:100]},
                )
            if left:
                self._link.listen(heard, min(1.0, max(0.0, end - time.monotonic())))
        return tuple(found[name] for name in takes)

    def models(self) -> Tuple[Model, ...]:
        """Every registered model by name, as it is now."""
        return self._listed(Model, "models", EACH, "name")

    def add_model(self, model: Model) -> Model:
        """Register weights that were scanned here. Raises NameMissing, ModelMissing, Locked."""
        return typed(Model, self._field("add_model", model, "model"))

    def clear_model(self, name: str, clearance: Clearance) -> Model:
        """Say that a licence covers this production. Raises NameMissing, UnknownId, Locked."""
        body = {"name": name, "clearance": clearance}
        return typed(Model, self._field("clear_model", body, "model"))

    def remove_model(self, name: str, by: str, reason: str) -> Tuple[str, ...]:
        """Take a model off the list; its LoRAs that fit no model now. Raises UnknownId, Locked."""
        body = {"name": name, "by": by, "reason": reason}
        return typed(Tuple[str, ...], self._field("remove_model", body, "left"), "left")  # type: ignore[arg-type]  # a generic is a type to the codec

    def model_refusals(self) -> Dict[str, Tuple[str, ...]]:
        """What stands against each registered model now, in sentences; none when it may be used."""
        told = self._field("model_refusals", {}, "against")
        return typed(Dict[str, Tuple[str, ...]], told, "against")

    def lease(self, nbytes: int) -> Slot:
        """A slot in shared memory for frames of up to so many bytes. Raises DiskFull, QueueFull."""
        from pathlib import Path

        from .slots import Lease, Slot, SlotFile

        lease = typed(Lease, self._field("lease", {"nbytes": nbytes}, "lease"))
        if lease.path not in self._mapped:
            for gone in [path for path in self._mapped if not os.path.exists(path)]:
                self._mapped.pop(gone).close()
            self._mapped[lease.path] = SlotFile.attach(Path(lease.path))
        return Slot(self._mapped[lease.path], lease)

    def release(self, slot: Slot) -> None:
        """Give a slot back. Its memory stays mapped for the next one of that size."""
        self._ask("release", slot.lease)

    def release_device(self) -> int:
        """Free the graphics device; bytes given back. Raises Locked while a take is shot."""
        return typed(int, self._field("release_device", {}, "freed"), "freed")

    def rehearse(
        self,
        slot: Slot,
        generator: str = "through",
        *,
        timeout: Optional[float] = None,
        **options: Option,
    ) -> None:
        """Run the frame in a slot through a generator, in place; nothing is recorded.

        Blocks until the result lies in the slot. Raises SlotLost, QueueFull, UnknownGenerator.
        """
        from .slots import State

        slot.check(State.ready)
        body = {"lease": slot.lease, "generator": generator, "options": options}
        self._ask("rehearse", {**body, "frame": slot.frame}, timeout=timeout)
        slot.check(State.result)

    def live(self, look: str, width: int, height: int, **opening: Any) -> Live:
        """A live look for a viewport; at once, it opens by itself. ``opening``: options, result."""
        from .live import Live

        told = {"colour": "uint8", "result": "uint8", "options": {}, **opening}
        return Live(self, self._ask, {"look": look, "width": width, "height": height, **told})

    def close(self) -> None:
        """Hang up. What was asked goes on in the daemon."""
        self._link.close()
        while self._mapped:
            self._mapped.popitem()[1].close()

    def __enter__(self) -> Unit:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def _find(self, wanted: bool) -> Connection:
        """Where the daemon is now. One that crashed is started again when somebody waits for it.

        One that was stopped took its connection file with it: it stays stopped.
        """
        from .connection import Connection

        first, self._first = self._first, None
        if first is not None:
            return first
        try:
            found = Connection.live()
        except DaemonUnavailable as error:
            if not (wanted and self._starts and error.data.get("stale")):
                raise
            from .starter import started

            found, what = started()
            self.said += (what,) if what else ()
        return found.understood()

    def _greeting(self) -> Message:
        from .processes import process_started

        pid = os.getpid()
        who = {
            "host": self._host,
            "pid": pid,
            "started": process_started(pid) or "",
            "package": __version__,
            "events": True,
            "session": self._session,  # the leases of a connection that was lost are still ours
        }
        return Message("hello", new_id(), who)
