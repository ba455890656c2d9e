"""Who asks, and what they are answered: the values that pass over the desk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from secondunit_bridge.errors import NameMissing, SecondUnitError, StoreError
from secondunit_bridge.film import Entry, Project
from secondunit_bridge.wire import Message

from ..ledger import Draft, EntryRefused, Ledger, Views


@dataclass(frozen=True)
class Client:
    """One connected host or script."""

    identity: bytes
    name: str = ""  # "nuke", "blender", "script" ...
    pid: int = 0
    started: str = ""  # start time of that process, so that a reused pid is not taken for it
    events: bool = False  # wants ledger entries and progress pushed
    session: str = ""  # the same word after a connection was lost and made again

    @property
    def who(self) -> str:
        """The same for as long as it is the same client, over however many connections."""
        return self.session or self.identity.hex()


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


@dataclass(frozen=True)
class _Debt:
    """Entries the disk would not take yet, and what follows when it has, or never will."""

    drafts: tuple[Draft, ...]
    then: Callable[[], None]
    instead: Callable[[SecondUnitError], None]


class Book:
    """The ledger as the desk uses it: what is written is also told to everybody who listens."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._outbox: list[Entry] = []
        self._debts: deque[_Debt] = deque()
        self._troubles: list[str] = []
        self._projects: dict[str, Project] = {}

    @property
    def views(self) -> Views:
        """What the ledger says now."""
        return self._ledger.views

    def write(self, *drafts: Draft) -> tuple[Entry, ...]:
        """Make the drafts durable, in one commit; what is owed comes first, to keep the order.

        Raises DiskFull, NotPermitted, LedgerBroken.
        """
        self._settle()
        return self._record(drafts)

    def says(self, draft: Draft) -> bool:
        """The newest entry of that kind about that subject says just this: a message came twice."""
        last = self._ledger.entries(kind=draft.kind, subject=draft.subject)[-1:]
        return any((entry.body, entry.by) == (draft.body, draft.by) for entry in last)

    def write_once(self, draft: Draft) -> None:
        """Write it, unless it was said already: a message comes again when its answer was lost."""
        if not self.says(draft):
            self.write(draft)

    def owe(
        self,
        *drafts: Draft,
        then: Callable[[], None] = lambda: None,
        instead: Callable[[SecondUnitError], None] = lambda error: None,
    ) -> None:
        """Write what a stage has done, now or as soon as the disk takes it; ``then`` follows.

        For what nobody waits to be refused: a full disk must not lose a take that was shot. What
        the ledger will never take is let go, so that the rest goes on: ``instead`` is told why.
        """
        self._debts.append(_Debt(drafts, then, instead))
        self.pay()

    def pay(self) -> bool:
        """Write what is owed, in order. False when the disk still refuses."""
        try:
            self._settle()
        except StoreError:
            return False
        return True

    def troubles(self) -> list[str]:
        """What the ledger would never take, in sentences for the log, since the last call."""
        said, self._troubles = self._troubles, []
        return said

    def project(self, name: str) -> Project:
        """A project as it was last set up. Raises UnknownId.

        Remembered, as every ask needs it, until something is written about a project.
        """
        if name not in self._projects:
            self._projects[name] = self.views.project(name)
        return self._projects[name]

    def entries(self, **which: Any) -> tuple[Entry, ...]:
        """Entries of the ledger, see ``Ledger.entries``."""
        return self._ledger.entries(**which)

    def every(self, kind: str, after: int = 0) -> Iterator[Entry]:
        """Every entry of a kind, see ``Ledger.every``."""
        return self._ledger.every(kind, after=after)

    def told(self) -> list[Entry]:
        """Entries written since the last call."""
        said, self._outbox = self._outbox, []
        return said

    def _settle(self) -> None:
        while self._debts:
            debt = self._debts[0]
            try:
                self._record(debt.drafts)
            except SecondUnitError as error:
                if isinstance(error, StoreError) and not isinstance(error, EntryRefused):
                    raise
                self._debts.popleft()
                kinds = " and ".join(f"{one.kind} of {one.subject}" for one in debt.drafts)
                self._troubles.append(f"the ledger refused {kinds}: {error.message}")
                debt.instead(error)
            else:
                self._debts.popleft()
                debt.then()

    def _record(self, drafts: tuple[Draft, ...]) -> tuple[Entry, ...]:
        entries = self._ledger.record_all(drafts)
        if any(draft.kind == "project" for draft in drafts):
            self._projects.clear()
        self._outbox.extend(entries)
        return entries


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
