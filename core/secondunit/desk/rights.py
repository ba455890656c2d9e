"""The rights register at the desk: rows written by people, and the gate asked of every use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from secondunit_bridge.errors import FieldError, Locked, RightsRefused, SecondUnitError
from secondunit_bridge.film import Take, Turnover
from secondunit_bridge.wire import Message, plain

from ..ledger import Draft
from ..rights import (
    Alone,
    Declaration,
    Finding,
    Marking,
    Policy,
    Register,
    Row,
    Waiver,
    evaluate,
)
from ..rights.approving import own_work, plain_name
from ..rights.gate import NEVER_WAIVED
from ..rights.register import KIND
from ..rights.rows import WAIVER_ROLES, body_of, row_of, table_of
from .names import Names
from .people import Book, Client, Reply, named, reasoned

if TYPE_CHECKING:
    from .models import Models

SIGNED = (Waiver, Declaration, Marking, Alone)  # rows that say themselves who answers for them


class Rights:
    """Rows are never changed: a newer one of the same id replaces the older."""

    def __init__(self, book: Book, models: Models) -> None:
        self._book, self._models = book, models
        self._register: Register | None = None
        self._names = Names(book)

    def right(self, client: Client, message: Message) -> Reply:
        """A person writes a row of the register. The same row twice is one."""
        body = message.body if isinstance(message.body, dict) else {}
        by = named(str(body.get("by", "")), "a row of the rights register")
        row = row_of(str(body.get("table", "")), body.get("row"))
        _may_write(row, by)
        place = (table_of(row), row.id)
        if self.register.rows.get(place) != row:
            before = self.register.numbers.get(place, 0)
            self._book.write(Draft("right", row.id, body_of(row, before), by=by))
            self._register = None
        return Reply({"table": place[0], "row": plain(row), "entry": self.register.numbers[place]})

    @property
    def register(self) -> Register:
        """What is in force."""
        if self._register is None:
            self._register = Register.of(self._book.every(KIND))
        return self._register

    def unmarked(self, project: str) -> str:
        """Why a project's versions get no content credential; empty: they get one."""
        return self.register.unmarked(project)

    def before_shooting(self, turnover: Turnover) -> Sequence[SecondUnitError]:
        """What keeps a turnover from being shot at all: consent that is missing or revoked."""
        from ..packet.uses import use_of, used_models

        models = used_models(self._models.needed(turnover))
        if not models and not self.register.assets:
            return []  # every turnover waits for this answer, and there is nothing to ask about
        use = use_of(turnover, models, "previs", self.register)
        return [_refused(one) for one in self._asked(use) if one.stops]

    def before_circling(self, take: Take, turnover: Turnover, kind: str, by: str) -> None:
        """The gate for a take that is to become a version; its findings go into the ledger.

        Raises RightsRefused naming the clause and the way out.
        """
        from ..packet.uses import taken_use

        taken: dict[str, Any] = dict(self._book.entries(kind="take", subject=take.id)[-1].body)
        use = taken_use(turnover, taken, kind, self.register, self._models.held)
        found = self._asked(use)
        told = {"kind": kind, "policy_sha256": Policy().sha256, "findings": plain(found)}
        self._book.write_once(Draft("gate", take.id, told, by=by))  # also that it found nothing
        for one in found:
            if one.stops:
                raise _refused(one)

    def approver(self, take: Take, turnover: Turnover, kind: str, by: str, reason: str) -> str:
        """Why ``by`` may approve what they asked for; empty where another did. Raises OwnWork."""
        project = turnover.shot.project
        said = reason.strip() or self.register.alone(project)
        crew = self._names.of(project)
        return own_work(take.id, project, kind, turnover.artist, by, crew, said)

    def consents(self, taken: dict[str, Any]) -> tuple[str, ...]:
        """Ids of the consents that are bound to what a take ran."""
        from ..packet.uses import consents_of

        return consents_of(taken, self.register)

    def _asked(self, use: Any) -> tuple[Finding, ...]:
        from ..packet.uses import today

        register = self.register.plus(self._models.known())
        return evaluate(use, register, Policy(), today())


def _refused(one: Finding) -> RightsRefused:
    return RightsRefused(
        f"{one.text} (rule {one.rule})",
        hint=one.remedy,
        data={"rule": one.rule, "asset": one.asset, "level": one.level.value},
    )


def _may_write(row: Row, by: str) -> None:
    """Raises NameMissing, Locked, FieldError: nobody answers in another person's name."""
    if isinstance(row, Waiver):
        _may_waive(row)
    if isinstance(row, Alone) and row.on:
        reasoned(row.reason, "working alone")
    if isinstance(row, Marking) and not row.on:
        reasoned(row.reason, "switching marking off")
    if isinstance(row, SIGNED) and plain_name(row.by) != plain_name(by):
        raise FieldError(
            f"{table_of(row)}.by: {by} writes what {row.by or 'nobody'} is to answer for",
            hint="Whoever answers for it writes it, in their own name: --by NAME.",
        )


def _may_waive(row: Waiver) -> None:
    """Raises Locked for a rule that nobody may waive, NameMissing, FieldError."""
    named(row.by, "a waiver")
    reasoned(row.reason, "a waiver")
    if row.rule in NEVER_WAIVED:
        raise Locked(
            f"{row.rule} cannot be waived: nobody can consent for another person",
            hint="Get the consent, or shoot it again without the likeness.",
        )
    if row.role not in WAIVER_ROLES or not row.until:
        raise FieldError("waiver: it needs --role producer or legal, and --until DAY")
