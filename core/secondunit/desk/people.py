"""Who asks, and what they are answered: the values that pass over the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from secondunit_bridge.errors import NameMissing
from secondunit_bridge.film import Entry
from secondunit_bridge.wire import Message

from ..ledger import Draft, Ledger, Views


@dataclass(frozen=True)
class Client:
    """One connected host or script."""

    identity: bytes
    name: str = ""  # "nuke", "blender", "script" ...
    pid: int = 0
    started: str = ""  # start time of that process, so that a reused pid is not taken for it
    events: bool = False  # wants ledger entries and progress pushed


@dataclass(frozen=True)
class Reply:
    """What goes back to the asker: a JSON body and small binary parts."""

    body: dict[str, Any]
    parts: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Later:
    """The answer comes when the work called ``work`` is done."""

    work: str


Answering = Callable[[Client, Message], "Reply | Later"]


class Book:
    """The ledger as the desk uses it: what is written is also told to everybody who listens."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.outbox: list[Entry] = []

    @property
    def views(self) -> Views:
        """What the ledger says now."""
        return self._ledger.views

    def write(self, *drafts: Draft) -> tuple[Entry, ...]:
        """Make the drafts durable, in one commit. Raises DiskFull, NotPermitted, LedgerBroken."""
        entries = self._ledger.record_all(drafts)
        self.outbox.extend(entries)
        return entries

    def entries(self, **which: Any) -> tuple[Entry, ...]:
        """Entries of the ledger, see ``Ledger.entries``."""
        return self._ledger.entries(**which)

    def told(self) -> list[Entry]:
        """Entries written since the last call."""
        said, self.outbox = self.outbox, []
        return said


def named(by: str, doing: str) -> str:
    """The name of the person who decides. Raises NameMissing when there is none."""
    name = by.strip()
    if not name:
        raise NameMissing(
            f"{doing} needs the name of the person who decides",
            hint="Say who decides, for example: --by 'Ada Lovelace'.",
        )
    return name


def reasoned(reason: str, doing: str) -> str:
    """The reason of a decision. Raises NameMissing when there is none."""
    said = reason.strip()
    if not said:
        raise NameMissing(
            f"{doing} needs a reason", hint="Say why in a few words: --reason 'too soft'."
        )
    return said
