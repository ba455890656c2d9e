"""The form of a packet's sections: what is said in words, as facts, and in tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..rights import Asset, Finding, Reference
from ..rights.gate import CLAUSES
from .cost import Rates, Spent
from .gather import Gathered, Made

NONE = "None recorded."
KINDS = {
    "trainedAlgorithmicMedia": "Made by a model",
    "compositeWithTrainedAlgorithmicMedia": "Photographed, part made by a model",
    "algorithmicallyEnhanced": "Photographed, changed without a model",
    "algorithmicMedia": "Drawn by computer, no model",
}


@dataclass(frozen=True)
class Table:
    """A table. ``widths`` are shares of the page; cells are text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class Section:
    """One of the seventeen. One without anything says so, and never vanishes."""

    number: int
    title: str
    text: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def empty(self) -> bool:
        """There is nothing on record for it."""
        return not self.facts and not any(table.rows for table in self.tables)


@dataclass(frozen=True)
class Story:
    """What the sections are written from, and how people are named in them."""

    title: str
    delivery: str  # previs, temp or final
    found: Gathered
    name: Callable[[str], str]  # a person's name, or in the public copy the code
    public: bool
    findings: tuple[tuple[str, Finding], ...]  # by clip
    spent: tuple[Spent, ...]
    rates: Rates
    at: datetime
    draft: str = ""  # why this is no packet for delivery
    machines: tuple[tuple[str, str], ...] = ()
    briefs_sha256: str = ""  # of the confidential annex
    lapses: tuple[str, ...] = ()
    references: tuple[tuple[Reference, Asset | None], ...] = ()  # from outside, and their rows

    @property
    def made(self) -> tuple[Made, ...]:
        """The shots of ours."""
        return self.found.made


def share(value: Any) -> str:
    """A share of the picture as people read it."""
    return "not measured" if value is None else f"{float(value):.0%}"


class Digest(str):
    """A digest in a cell: whole in packet.json, and on paper ``shown``, its first digits."""

    __slots__ = ("shown",)
    shown: str


def digest(value: str, digits: int = 16) -> str:
    """A digest as a cell of a table, or ``none``."""
    cell = Digest(value or "none")
    cell.shown = short(value, digits)
    return cell


def short(value: str, digits: int = 16) -> str:
    """The first digits of a digest, for words that are read."""
    return f"{value[:digits]}…" if len(value) > digits else value or "none"


def moment(at: float) -> str:
    """A time of the ledger, to the minute, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def kind_of(made: Made) -> str:
    """What the picture is, in words."""
    kind = made.generation["operation"]["digital_source_type"]
    return KINDS.get(str(kind), str(kind))


def unmarked(story: Story, made: Made) -> str:
    """Why a version is not marked; in the public copy without the name of who decided it."""
    return "marking was off when it was published" if story.public else made.unmarked


def clause(story: Story, finding: Finding) -> str:
    """What the gate says; in the public copy the rule's own words, for a person's may name one."""
    return CLAUSES[finding.rule] if story.public else finding.text


def about(story: Story, finding: Finding) -> str:
    """What a finding is about; in the public copy by its id, and no file of others by its name."""
    known = ("asset", finding.asset) in story.found.register.rows
    return finding.asset if known or not story.public else "not registered"


def data_name(story: Story, asset: Asset, place: int, name: str) -> str:
    """A data set's name; of a likeness in the public copy its number, for it may name somebody."""
    hidden = story.public and asset.likeness != "none"
    return f"data set {place} of {asset.id}" if hidden else name


def rows(found: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Rows without those that were said already."""
    return tuple(dict.fromkeys(found))
