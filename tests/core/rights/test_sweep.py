"""What was made with what has been withdrawn: found by itself, once a day, and in the states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from secondunit.desk.nightly import AT_A_TIME, Nightly
from secondunit.desk.people import Book
from secondunit.ledger import Draft, Ledger
from secondunit.rights import Asset, Binding, Consent, Register
from secondunit.rights.register import KIND
from secondunit.rights.rows import body_of
from secondunit.rights.sweep import used_of, why_gone, withdrawn_uses
from secondunit_bridge.film import Shot, Take, TakeState, Turnover, Version, VersionClass, Work
from secondunit_bridge.timing import FrameRange, Handles, exact_rate
from secondunit_bridge.wire import plain

HERO = Asset("hero", "lora", "Hero", files=("aa",), status="cleared", likeness="person")
CLEAN = Asset("style", "lora", "A style", files=("bb",), status="cleared")
CONSENT = Consent("CNS-1", "P-1", "employment_replica", signed="2026-01-01", instrument="cc")
BOUND = Binding("hero--CNS-1", "hero", "CNS-1")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite", durability="off") as book:
        for row in (HERO, CLEAN, CONSENT, BOUND):
            book.record(Draft("right", row.id, body_of(row, 0), by="Pat"))
        yield book


def versions(book: Ledger, count: int, digest: str, first: int = 1) -> None:
    """So many versions, each of a shot of its own, made with the weights of that digest."""
    rate = exact_rate(24)
    for number in range(first, first + count):
        shot = Shot("HAL", "HAL", f"{number:04}", f"guid-{number}", FrameRange(1, 8, rate))
        turnover = Turnover(shot, Work.insert, "flux", artist="Ada")
        name, body = f"{sha256(shot.code.encode()).hexdigest()[:8]}.1", plain(turnover)
        book.record(Draft("turnover", name, {"ask": name, "client": "t", "turnover": body,
                    "takes": [{"id": name, "number": 1, "seed": 1}]}, by="Ada"))  # fmt: skip
        take = Take(name, name, shot.guid, shot.name, 1, 1, TakeState.pending_review)
        used = [{"name": "x", "files": [["x.safetensors", digest]]}]
        book.record(Draft("take", name, {**plain(take), "models": used}))
        made = Version(f"{shot.name}_v001", shot.guid, name, 1, VersionClass.temp, "Kim", "/x",
                       FrameRange(1001, 1008, rate), Handles(0, 0), "d" * 64)  # fmt: skip
        book.record(Draft("version", made.name, plain(made), by="Kim"))


def register(book: Ledger) -> Register:
    return Register.of(book.every(KIND))


def found(book: Ledger) -> list[str]:
    uses = withdrawn_uses(register(book), book.views, book.entries)
    return [one.sentence for one in uses if one]


def test_a_version_is_named_when_its_adapter_is_withdrawn_and_no_other(ledger: Ledger):
    versions(ledger, 2, "aa")
    versions(ledger, 1, "bb", first=3)
    assert found(ledger) == []
    gone = replace(HERO, status="withdrawn", reason="the actor asked to")
    ledger.record(Draft("right", "hero", body_of(gone, 1), by="Pat"))
    assert found(ledger) == [
        f"HAL_{number:04}_v001 was made with Hero, which was withdrawn: the actor asked to."
        for number in (1, 2)
    ]


def test_a_consent_that_is_revoked_reaches_what_was_made_with_the_likeness(ledger: Ledger):
    versions(ledger, 1, "aa")
    revoked = replace(CONSENT, revoked="2026-11-02")
    ledger.record(Draft("right", "CNS-1", body_of(revoked, 3), by="Pat"))
    (said,) = found(ledger)
    assert said.endswith("which has no consent any more: revoked on 2026-11-02.")
    held = register(ledger)
    taken: dict[str, Any] = dict(ledger.entries(kind="take")[0].body)
    assert [why_gone(one, held) != "" for one in used_of(taken, held)] == [True]


def test_one_of_two_people_who_takes_the_consent_back_reaches_what_shows_both(ledger: Ledger):
    second = replace(CONSENT, id="CNS-2", performer="P-2", revoked="2026-11-03")
    for row in (second, Binding("hero--CNS-2", "hero", "CNS-2")):
        ledger.record(Draft("right", row.id, body_of(row, 0), by="Pat"))
    assert why_gone(HERO, register(ledger)) == "has no consent any more: revoked on 2026-11-03"


def test_a_reference_that_is_withdrawn_reaches_the_version_made_from_its_bytes():
    still = Asset("still", "reference", "A still", files=("cc",), status="withdrawn", reason="sold")
    held = Register({("asset", "still"): still})
    taken = {"generation": {"files": {"/refs/still.png": "cc", "/refs/other.png": "dd"}}}
    assert [why_gone(one, held) for one in used_of(taken, held)] == ["was withdrawn: sold"]


def test_the_daemon_looks_once_a_day_in_small_parts_and_writes_what_is_new(ledger: Ledger):
    versions(ledger, AT_A_TIME + 3, "aa")
    book, day = Book(ledger), [date(2026, 11, 1)]

    class Held:
        @property
        def register(self) -> Register:
            return register(ledger)

    nightly = Nightly(book, Held(), lambda: day[0])  # type: ignore[arg-type]  # all that is asked of it

    def looked(times: int) -> list[dict[str, Any]]:
        for _ in range(times):
            nightly.rest()
        return [dict(entry.body) for entry in ledger.entries(kind="sweep")]

    assert looked(3) == []  # nothing is wrong, and nothing is written
    gone = replace(HERO, status="withdrawn", reason="asked to", not_after="")
    ends = replace(CLEAN, not_after="2026-11-20")
    for row in (gone, ends):
        ledger.record(Draft("right", row.id, body_of(row, 1), by="Pat"))
    assert looked(3) == []  # today's look is over
    day[0] = date(2026, 11, 2)
    assert looked(1) == []  # the first part of the versions
    (told,) = looked(2)
    assert len(told["withdrawn"]) == AT_A_TIME + 3
    assert told["lapses"] == [{"what": "asset", "id": "style", "on": "2026-11-20"}]
    day[0] = date(2026, 11, 3)
    assert len(looked(4)) == 1  # the same is not told again
    ledger.record(Draft("right", "hero", body_of(HERO, 1), by="Pat"))
    day[0] = date(2026, 11, 4)
    assert looked(4)[-1]["withdrawn"] == []  # that it is over is told once
