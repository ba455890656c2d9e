"""The rights register: the newest row of every id, read from the ledger's entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from secondunit_bridge.film import Entry

from .rows import (
    Alone,
    Asset,
    Binding,
    Consent,
    Declaration,
    Marking,
    Row,
    Waiver,
    row_of,
    table_of,
)

KIND = "right"  # of a ledger entry that holds a row


@dataclass(frozen=True)
class Lapse:
    """A right that ends soon, or has ended."""

    what: str  # "asset", "consent" or "waiver"
    id: str
    on: str  # the day
    sentence: str


@dataclass(frozen=True)
class Register:
    """What is in force. ``rows`` by table and id; ``history`` is every row with its entry."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict, hash=False)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict, hash=False)
    history: tuple[tuple[int, Row], ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Register:
        """The register as the ledger's entries of kind ``right`` say, in their order."""
        rows: dict[tuple[str, str], Row] = {}
        numbers: dict[tuple[str, str], int] = {}
        history = []
        for entry in entries:
            body: dict[str, Any] = dict(entry.body)
            row = row_of(str(body["table"]), body["row"])
            place = (table_of(row), row.id)
            rows[place], numbers[place] = row, entry.number
            history.append((entry.number, row))
        return cls(rows, numbers, tuple(history))

    def plus(self, more: Iterable[Asset]) -> Register:
        """With assets that are known by other means, where no row of their id is there."""
        known = {("asset", one.id): one for one in more}
        return Register({**known, **self.rows}, self.numbers, self.history)

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Every asset, by id."""
        return tuple(row for row in self._of(Asset) if isinstance(row, Asset))

    @property
    def consents(self) -> tuple[Consent, ...]:
        """Every consent, by id."""
        return tuple(row for row in self._of(Consent) if isinstance(row, Consent))

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Every binding, by id."""
        return tuple(row for row in self._of(Binding) if isinstance(row, Binding))

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """Every waiver, by id."""
        return tuple(row for row in self._of(Waiver) if isinstance(row, Waiver))

    def declaration(self, project: str) -> Declaration | None:
        """A production's declaration; None when nobody has signed one."""
        row = self.rows.get(("declaration", project))
        return row if isinstance(row, Declaration) else None

    def marking(self, project: str) -> Marking | None:
        """The newest word on marking, of the project or of all; None: it is on."""
        said = [self.rows.get(("marking", name)) for name in (project, "all")]
        found = [row for row in said if isinstance(row, Marking)]
        return found[0] if found else None

    def unmarked(self, project: str) -> str:
        """Why a project's versions get no content credential; empty: they get one."""
        said = self.marking(project)
        return "" if said is None or said.on else f"switched off by {said.by}: {said.reason}"

    def alone(self, project: str) -> str:
        """Why one person makes and approves a production; empty when nobody has said so."""
        row = self.rows.get(("alone", project))
        return row.reason if isinstance(row, Alone) and row.on else ""

    def asset(self, files: Iterable[str], tensors: str = "", name: str = "") -> Asset | None:
        """The asset with one of these files, else with these numbers, else of that id."""
        wanted = set(files)
        for one in self.assets:
            if wanted & set(one.files) or (tensors and tensors == one.tensors):
                return one
        known = self.rows.get(("asset", name))
        if isinstance(known, Asset) and not known.files and not wanted:
            return known
        return None

    def bound(self, asset: str) -> tuple[Consent, ...]:
        """The consents that are bound to an asset."""
        ids = {one.consent for one in self.bindings if one.asset == asset}
        return tuple(one for one in self.consents if one.id in ids)

    def people(self, asset: str) -> tuple[tuple[Consent, ...], ...]:
        """The consents that are bound to an asset, together those of one performer."""
        found: dict[str, list[Consent]] = {}
        for one in self.bound(asset):
            found.setdefault(one.performer or one.id, []).append(one)
        return tuple(map(tuple, found.values()))

    def lapses(self, today: date, days: int) -> Iterator[Lapse]:
        """Rights that end within so many days, or ended, the earliest first."""
        found = [*self._ends()]
        for what, id, on, name in sorted(found, key=lambda one: one[2]):
            left = (date.fromisoformat(on) - today).days
            if left <= days:
                when = f"ends on {on}, in {left} days" if left >= 0 else f"ended on {on}"
                yield Lapse(what, id, on, f"{name} {when}.")

    def _ends(self) -> Iterator[tuple[str, str, str, str]]:
        for asset in self.assets:
            if asset.not_after and asset.status != "withdrawn":
                yield "asset", asset.id, asset.not_after, f"The right to use {asset.name}"
        for consent in self.consents:
            if consent.not_after and not consent.revoked:
                name = f"The consent {consent.id} of {consent.performer}"
                yield "consent", consent.id, consent.not_after, name
        for waiver in self.waivers:
            name = f"The waiver of {waiver.rule} for {waiver.asset}"
            yield "waiver", waiver.id, waiver.until, name

    def _of(self, kind: type[Any]) -> list[Row]:
        return [row for _, row in sorted(self.rows.items()) if isinstance(row, kind)]
