"""The slot room: mapped files for live frames, leased to clients and taken back when they die."""

from __future__ import annotations

import itertools
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from secondunit_bridge.errors import DiskFull, FieldError, QueueFull, SlotLost
from secondunit_bridge.film import Option
from secondunit_bridge.places import slot_folder, slot_folders
from secondunit_bridge.slots import Lease, SlotFile, State, size_class, sweep
from secondunit_bridge.wire import Message, plain, typed

from ..settings import Settings
from ..stage.crew import Crew
from ..stage.orders import LIVE, SHOOTING, Rehearse
from .asks import words_of
from .people import Client, Later, Reply

IDLE_S = 60.0  # a slot nobody leases is given back to the system after this


@dataclass
class LeasedSlot:
    """One file of the pool and who has it."""

    file: SlotFile
    generation: int = 0
    owner: Client | None = None
    free_since: float = 0.0
    work: str = "none"  # the last rehearsal or live frame it was given to a stage for


class SlotRoom:
    """Owns the pool. The header of a slot only mirrors what is known here."""

    def __init__(self, crew: Crew, settings: Settings) -> None:
        self._crew, self._limit = crew, settings.slot_limit_mb << 20
        self._slots: dict[str, LeasedSlot] = {}
        self._rehearsals = itertools.count(1)
        for folder in slot_folders():
            sweep(folder)

    def lease(self, client: Client, message: Message) -> Reply:
        """A slot with room for so many bytes. Raises DiskFull, FieldError."""
        nbytes = message.body.get("nbytes") if isinstance(message.body, dict) else None
        if type(nbytes) is not int:
            raise FieldError("nbytes: expected int")
        room = size_class(nbytes)
        free = (s for s in self._slots.values() if s.owner is None and s.file.nbytes == room)
        slot = next(free, None) or self._new(room)
        slot.owner, slot.generation = client, slot.generation + 1
        slot.file.mark(slot.generation, State.writing)
        lease = Lease(str(slot.file.path), slot.generation, slot.file.nbytes)
        return Reply({"lease": plain(lease)})

    def release(self, client: Client, message: Message) -> Reply:
        """Give a slot back."""
        self._free(self.leased(client, typed(Lease, message.body, "lease")))
        return Reply({})

    def rehearse(self, client: Client, message: Message) -> Later:
        """Run the frame that lies in a slot through a generator, in place. Answered when done."""
        body = message.body if isinstance(message.body, dict) else {}
        slot = self.leased(client, typed(Lease, body.get("lease"), "lease"))
        if not self._crew.free(SHOOTING):
            raise QueueFull(
                "the stage is shooting a take", hint="Live frames go on when the take is done."
            )
        work = f"rehearsal {next(self._rehearsals)}"
        order = Rehearse(
            ask=work,
            path=str(slot.file.path),
            generation=slot.generation,
            generator=words_of(body, "generator")["generator"],
            options=typed(dict[str, Option], body.get("options", {}), "options"),
        )
        slot.work = work
        slot.file.mark(slot.generation, State.stage)
        self._crew.give(SHOOTING, "rehearse", work, order)
        return Later(work)

    def leased(self, client: Client, lease: Lease) -> LeasedSlot:
        """The slot that a client names and has. Raises SlotLost."""
        slot = self._slots.get(lease.path)
        held = slot and slot.owner and slot.owner.who == client.who
        if slot is None or not held or slot.generation != lease.generation:
            raise SlotLost(
                f"the lease of slot {Path(lease.path).name} is over", hint="Lease a new one."
            )
        return slot

    def keep_only(self, clients: list[Client]) -> None:
        """Take back what clients that are gone had, and let go of what has been idle for long."""
        here = {client.who for client in clients}
        for path, slot in list(self._slots.items()):
            if slot.owner and slot.owner.who not in here:
                if slot.work not in map(self._crew.doing, (SHOOTING, LIVE)):  # it may still write
                    self._free(slot)
            elif slot.owner is None and time.monotonic() - slot.free_since > IDLE_S:
                self._slots.pop(path).file.remove()

    def close(self) -> None:
        """Take every slot file down, and the folders they lay in."""
        while self._slots:
            self._slots.popitem()[1].file.remove()
        for folder in slot_folders():
            with suppress(OSError):  # not empty: a file of somebody who still has it mapped
                folder.rmdir()

    def _free(self, slot: LeasedSlot) -> None:
        slot.owner, slot.free_since = None, time.monotonic()
        slot.generation += 1  # a late writer or reader is found out
        slot.file.mark(slot.generation, State.free)

    def _new(self, room: int) -> LeasedSlot:
        held = sum(slot.file.nbytes for slot in self._slots.values())
        if held + room > self._limit:
            raise DiskFull(
                f"slots may take {self._limit >> 20} MiB in all and {held >> 20} are in use",
                hint="Release slots, or raise the setting slot_limit_mb.",
                data={"limit": self._limit, "held": held, "asked": room},
            )
        slot = LeasedSlot(SlotFile.create(slot_folder(room), room))
        self._slots[str(slot.file.path)] = slot
        return slot
