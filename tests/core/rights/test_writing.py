"""Who writes a row of the register: whoever answers for it, and nobody in another's name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from secondunit.desk.people import Book, Client
from secondunit.desk.rights import Rights
from secondunit.ledger import Ledger
from secondunit.rights import Alone, Declaration, Marking, Row, Waiver
from secondunit.rights.rows import table_of
from secondunit_bridge.errors import FieldError, NameMissing
from secondunit_bridge.wire import Message, plain

YES = ("yes",) * 5
ROWS = (
    Waiver("w", "R8", "hero", "seen by counsel", "legal", "Lou", "2099-01-01"),
    Declaration("HAL", YES, "Lou", "producer", "2026-11-20"),
    Marking("all", on=False, by="Lou", reason="the client marks"),
    Alone("HAL", on=True, by="Lou", reason="a film school"),
)


@pytest.fixture
def rights(tmp_path: Path) -> Iterator[Rights]:
    with Ledger(tmp_path / "ledger.sqlite", durability="off") as book:
        yield Rights(Book(book), None)  # type: ignore[arg-type]  # no models are asked about


def write(rights: Rights, row: Row, by: str) -> None:
    told = {"table": table_of(row), "row": plain(row), "by": by}
    rights.right(Client(b"cli", "cli"), Message("right", "1", told))


@pytest.mark.parametrize("row", ROWS, ids=table_of)
def test_nobody_answers_in_another_person_s_name(rights: Rights, row: Row):
    with pytest.raises(FieldError, match="Ada writes what Lou is to answer for"):
        write(rights, row, "Ada")
    assert rights.register.rows == {}
    write(rights, row, " lou")
    assert list(rights.register.rows.values()) == [row]


def test_marking_is_not_switched_off_without_a_reason(rights: Rights):
    with pytest.raises(NameMissing):
        write(rights, Marking("all", on=False, by="Lou", reason=" "), "Lou")
    assert rights.unmarked("HAL") == ""
