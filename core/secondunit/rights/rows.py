"""The rows of the rights register. A row is never changed: a newer one of the same id replaces it.

Days are texts such as 2027-03-31, empty for no limit; territories are ISO 3166 codes, empty for
everywhere. People who are seen or heard are named by a code, never by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final, TypeAlias

from secondunit_bridge.errors import FieldError
from secondunit_bridge.wire import plain, typed

ASSET_KINDS = ("model", "lora", "controlnet", "dataset", "reference", "font", "stock")
CLASSES = ("previs", "temp", "final")
COMMERCIAL = ("yes", "no", "unknown")
TRAINING = ("licensed", "public-domain", "own", "none", "unknown", "undisclosed")
STATUS = ("draft", "cleared", "blocked", "withdrawn")
LIKENESS = ("none", "person", "suspected")
CONSENT_KINDS = (
    "employment_replica",
    "independent_replica",
    "background",
    "alteration",
    "voice",
    "synthetic_justification",
)
WAIVER_ROLES = ("producer", "legal")
# Five questions a buyer asks of each production (Netflix, Using Generative AI in Content
# Production, the guiding principles); the answers are a person's, with a name.
QUESTIONS = (
    "Nothing identifiable is recreated that the production does not own or may not use",
    "The tools keep, reuse or train on no production data",
    "The work is done in a secured environment",
    "What is generated is temporary, and not part of the final picture",
    "No performance or work covered by a union is replaced without consent",
)
OPEN = "not answered"
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CODE: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class Asset:
    """A model, adapter, data set, reference or other thing with an owner."""

    id: str
    kind: str
    name: str
    files: tuple[str, ...] = ()  # sha256 of each file
    tensors: str = ""  # sha256 of the numbers alone: stays when the metadata is edited
    supplier: str = ""
    source: str = ""
    base: str = ""
    licence: str = ""  # an SPDX identifier, or LicenseRef-...
    licence_text: str = ""  # sha256 of the text that was read
    commercial: str = "unknown"
    forbids: str = ""  # what its terms of use forbid here, in words; empty: nothing that is done
    training: str = "unknown"
    datasets: tuple[str, ...] = ()
    personal_data: str = "noAssertion"
    likeness: str = "none"
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    not_before: str = ""
    not_after: str = ""
    projects: tuple[str, ...] = ()  # that may use it; empty: all
    most: str = "final"  # the highest class of delivery
    evidence: tuple[str, ...] = ()  # sha256 of the papers
    status: str = "draft"
    reason: str = ""  # of a withdrawal or a block


@dataclass(frozen=True)
class Consent:
    """What a performer has agreed to."""

    id: str
    performer: str  # code
    kind: str
    projects: tuple[str, ...] = ()
    scope: str = ""
    minor: bool = False
    guardian: bool = False  # the guardian of a minor has signed
    notice: str = ""  # day the person was told
    signed: str = ""
    instrument: str = ""  # sha256 of the signed paper
    territories: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    not_before: str = ""
    not_after: str = ""
    revoked: str = ""
    payment: str = ""
    union: str = ""
    strike_hold: bool = False


@dataclass(frozen=True)
class Binding:
    """An asset that shows or sounds like somebody, and the consent that covers it."""

    id: str
    asset: str
    consent: str


@dataclass(frozen=True)
class Waiver:
    """A producer or a lawyer answers for one rule and one asset, until a day."""

    id: str
    rule: str
    asset: str
    reason: str
    role: str
    by: str
    until: str
    document: str = ""  # sha256


@dataclass(frozen=True)
class Declaration:
    """A production's answers to a buyer's five questions, in their order."""

    id: str  # of the project
    answers: tuple[str, ...]
    by: str
    role: str
    signed: str
    buyer: str = ""
    territories: tuple[str, ...] = ()  # of the delivery
    deliver: str = ""  # day of the delivery
    term: str = ""  # last day of what was sold
    document: str = ""  # sha256 of the buyer's written approval
    depicts_real_event: bool = False  # something that happened is shown as it may have looked
    disclosure: str = ""  # what the audience is told of that; needed when it does

    @property
    def answered(self) -> bool:
        """Every question has an answer."""
        return not any(answer in ("", OPEN) for answer in self.answers)


@dataclass(frozen=True)
class Marking:
    """Whether what is published from now on is marked. Off is an act with a name and a reason."""

    id: str  # of the project, or "all"
    on: bool
    by: str
    reason: str


@dataclass(frozen=True)
class Alone:
    """One person makes a production, so that nobody else is there to approve. Said by name."""

    id: str  # of the project
    on: bool
    by: str
    reason: str


Row: TypeAlias = Asset | Consent | Binding | Waiver | Declaration | Marking | Alone
TABLES: dict[str, type[Any]] = {
    "asset": Asset,
    "consent": Consent,
    "binding": Binding,
    "waiver": Waiver,
    "declaration": Declaration,
    "marking": Marking,
    "alone": Alone,
}
_CHOICES = {
    ("asset", "kind"): ASSET_KINDS,
    ("asset", "commercial"): COMMERCIAL,
    ("asset", "training"): TRAINING,
    ("asset", "likeness"): LIKENESS,
    ("asset", "most"): CLASSES,
    ("asset", "status"): STATUS,
    ("consent", "kind"): CONSENT_KINDS,
    ("waiver", "role"): WAIVER_ROLES,
}
_DAYS = {"not_before", "not_after", "notice", "signed", "revoked", "until", "deliver", "term"}
_CODES = {"allow", "deny", "territories"}


def row_of(table: str, data: object) -> Row:
    """A row out of JSON. Raises FieldError naming the field that is wrong."""
    kind = TABLES.get(table)
    if kind is None:
        raise FieldError(
            f"there is no table {table!r:.40} of rights", hint=f"There are: {', '.join(TABLES)}."
        )
    row: Row = typed(kind, data, table)
    _checked(table, row)
    return row


def table_of(row: Row) -> str:
    """The table a row belongs to."""
    return next(name for name, kind in TABLES.items() if isinstance(row, kind))


def _checked(table: str, row: Row) -> None:
    if not _ID.fullmatch(row.id):
        raise FieldError(f"{table}.id: {row.id!r:.80} is not one word of letters, digits, . _ -")
    for one in fields(row):
        value, where = getattr(row, one.name), f"{table}.{one.name}"
        choices = _CHOICES.get((table, one.name))
        if choices and value not in choices:
            raise FieldError(f"{where}: {value!r:.40} is none of {', '.join(choices)}")
        if one.name in _DAYS and value:
            _day(where, value)
        for code in value if one.name in _CODES else ():
            if not _CODE.fullmatch(code):
                raise FieldError(f"{where}: {code!r:.20} is not a code of two letters, such as US")
    if isinstance(row, Declaration) and row.depicts_real_event and not row.disclosure.strip():
        raise FieldError(
            "declaration.disclosure: a real event is shown, and the audience is told nothing",
            hint="Say the words: --set disclosure='The scenes of 3 May are reconstructed.'",
        )
    if isinstance(row, Declaration) and len(row.answers) != len(QUESTIONS):
        raise FieldError(f"declaration.answers: expected {len(QUESTIONS)}, got {len(row.answers)}")


def _day(where: str, value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError as error:
        raise FieldError(
            f"{where}: {value!r:.40} is not a day", hint="Write it as 2027-03-31."
        ) from error


def body_of(row: Row, supersedes: int) -> dict[str, Any]:
    """A row as a ledger entry holds it; ``supersedes`` is the entry it replaces, 0 for none."""
    return {"table": table_of(row), "row": plain(row), "supersedes": supersedes}
