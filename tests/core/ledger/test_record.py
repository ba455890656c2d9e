"""Recording: entries in order, sealed, in one commit, refused whole when one of them is wrong."""

from __future__ import annotations

import stat
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.ledger import GENESIS, Draft, Ledger, seal
from secondunit_bridge.errors import (
    LedgerBroken,
    NotPermitted,
    ProtocolError,
    StoreError,
    UnknownId,
)
from secondunit_bridge.film import TakeState
from secondunit_bridge.wire import dumps


def test_an_empty_ledger_has_the_seal_before_the_first_entry_as_its_head(ledger):
    assert ledger.head() == (0, GENESIS)
    assert ledger.entries() == ()
    assert ledger.verify() == ()


def test_what_is_recorded_is_read_back_the_same_and_in_order(ledger):
    said = [
        ledger.record(Draft("note", f"take {i}", {"text": "wärmer", "n": i}, by="Ada"))
        for i in range(5)
    ]
    assert list(ledger.entries()) == said
    assert [entry.number for entry in said] == [1, 2, 3, 4, 5]
    assert ledger.head() == (5, said[-1].seal)
    assert ledger.entries(after=3) == tuple(said[3:])
    assert ledger.entries(after=1, limit=2) == tuple(said[1:3])


def test_entries_can_be_asked_for_by_kind_and_by_subject(story, ledger):
    first, second = story.turn_over(takes=2)
    story.state(first, TakeState.shooting)
    story.state(second, TakeState.shooting)
    story.state(first, TakeState.checking)
    assert [e.number for e in ledger.entries(kind="state")] == [2, 3, 4]
    assert [e.body["state"] for e in ledger.entries(subject=first)] == ["shooting", "checking"]
    assert [e.number for e in ledger.entries(kind="state", subject=second)] == [3]
    assert ledger.entries(kind="state", after=4) == ()


words = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner) | st.dictionaries(words, inner),
    max_leaves=8,
)


@given(st.integers(1, 10**9), words, words, st.floats(0, 1e11), words, values)
def test_a_seal_is_the_hash_of_the_seal_before_and_the_entry_as_canonical_json(
    number, kind, subject, at, by, body
):
    entry = {"at": at, "body": body, "by": by, "kind": kind, "number": number, "subject": subject}
    plainly = sha256(GENESIS.encode() + dumps(entry)).hexdigest()
    assert seal(GENESIS, number, kind, subject, at, by, dumps(body).decode()) == plainly


def test_many_entries_are_one_commit_all_or_none(story, ledger):
    take = story.turn_over()[0]
    good = Draft("state", take, {"state": "shooting", "reason": ""})
    bad = Draft("state", "nobody.1", {"state": "shooting", "reason": ""})
    with pytest.raises(UnknownId, match="nobody"):
        ledger.record_all([good, bad])
    assert ledger.head()[0] == 1
    assert ledger.views.take(take).state is TakeState.waiting
    entries = ledger.record_all([good, good])
    assert [entry.number for entry in entries] == [2, 3]
    assert ledger.record_all([]) == ()
    assert ledger.verify() == ()


@pytest.mark.parametrize("kind", ["state", "attempt", "take", "circled"])
def test_an_entry_about_a_take_that_is_not_there_is_refused(ledger, kind):
    body = {"state": "waiting", "number": 1, "version": "x_v001", "kind": "temp"}
    with pytest.raises(UnknownId) as caught:
        ledger.record(Draft(kind, "gone.1", body))
    assert caught.value.hint
    assert ledger.head() == (0, GENESIS)


def test_a_waiver_and_a_version_of_no_take_and_a_state_of_no_version_are_refused(ledger):
    waiver = {"finding": "x.1/c", "answer": "fix", "by": "A", "reason": "r", "take": "x.1"}
    version = {"take": "x.1", "kind": "temp", "shot": "g", "number": 1}
    for draft in (
        Draft("waiver", "x.1/c", waiver),
        Draft("version", "x_v001", version),
        Draft("version_state", "x_v001", {"state": "recalled", "reason": "r"}),
    ):
        with pytest.raises(UnknownId):
            ledger.record(draft)
    assert ledger.head()[0] == 0


def test_the_same_ask_or_take_or_version_cannot_be_written_twice(story, ledger):
    turnover = story.turnover()
    take = story.ask(turnover, "one")[0]
    with pytest.raises(StoreError):
        story.ask(turnover, "one")
    body = dict(ledger.entries()[0].body, ask="two")
    with pytest.raises(StoreError):
        ledger.record(Draft("turnover", "d" * 64, body))
    story.shoot(take)
    version = story.circle(take)
    story.publish(version)
    with pytest.raises(StoreError):
        story.publish(version)
    assert ledger.verify() == ()


def test_a_body_that_is_not_json_is_refused_and_nothing_is_written(ledger):
    for draft in (
        Draft("note", "t", {"x": float("nan")}),
        Draft("note", "t", {"x": object()}),
        Draft("note", "t", {"x": "\ud800"}),
        Draft("note", "\ud800", {}),
    ):
        with pytest.raises(ProtocolError):
            ledger.record(draft)
    assert ledger.head()[0] == 0


def test_a_kind_no_view_shows_is_kept_all_the_same(ledger):
    ledger.record(Draft("daemon", "started", {"version": "0.1.0"}))
    assert ledger.entries(kind="daemon")[0].body == {"version": "0.1.0"}
    assert ledger.verify() == ()


def test_a_ledger_goes_on_where_it_was_closed(file, tell):
    with Ledger(file, durability="full") as ledger:
        tell(ledger).whole()
        before = ledger.entries()
    with Ledger(file, durability="full") as ledger:
        assert ledger.entries() == before
        tell(ledger).project()
        assert ledger.head()[0] == len(before) + 1
        assert ledger.verify() == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guards files by access lists")
def test_only_this_user_can_read_the_ledger_its_side_files_and_its_key(file, story, ledger):
    story.project()
    ledger.close()
    with Ledger(file, durability="off") as again:
        again.record(Draft("note", "t", {}))
        files = {p.name: stat.S_IMODE(p.stat().st_mode) for p in file.parent.rglob("*")}
        folder = stat.S_IMODE(file.parent.stat().st_mode)
    assert folder == 0o700
    assert files.pop("keys") == 0o700
    assert {"ledger.sqlite", "ledger.sqlite-wal", "ledger.key", "ledger.checkpoint"} <= set(files)
    assert set(files.values()) == {0o600}


def test_a_file_that_is_no_database_is_said_to_be_none(file):
    file.parent.mkdir()
    file.write_bytes(b"this is a shopping list\n" * 100)
    with pytest.raises(LedgerBroken) as caught:
        Ledger(file)
    assert "ledger.sqlite" in caught.value.message
    assert caught.value.hint
    assert file.read_bytes().startswith(b"this is a shopping list")


def test_the_database_of_another_program_is_left_alone(file):
    import sqlite3

    file.parent.mkdir()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE recipe (name TEXT)")
    other.close()
    with pytest.raises(LedgerBroken, match="not a ledger"):
        Ledger(file)
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("recipe",)]
    other.close()


def test_a_ledger_of_a_newer_second_unit_is_not_touched(file, story, ledger):
    import sqlite3

    story.project()
    ledger.close()
    with sqlite3.connect(file) as other:
        other.execute("UPDATE about SET value = 99 WHERE name = 'format'")
    other.close()
    with pytest.raises(LedgerBroken, match="newer"):
        Ledger(file)


def test_a_reader_sees_what_a_daemon_writes_and_may_not_write(file, story, ledger):
    take = story.turn_over()[0]
    with Ledger(file, reading=True) as reader:
        assert reader.views.take(take).state is TakeState.waiting
        story.state(take, TakeState.shooting)
        assert reader.views.take(take).state is TakeState.shooting
        assert reader.verify() == ()
        with pytest.raises(NotPermitted):
            reader.record(Draft("note", "t", {}))
        with pytest.raises(NotPermitted):
            reader.rebuild_views()
    ledger.close()
    with Ledger(file, reading=True) as reader:
        assert reader.head()[0] == 2
        assert reader.verify() == ()
    assert sorted(p.name for p in file.parent.iterdir()) == [
        "keys",
        "ledger.checkpoint",
        "ledger.sqlite",
    ]


def test_two_writers_by_mistake_take_turns_and_the_chain_holds(file, story, ledger):
    with Ledger(file, durability="off") as other:
        for number in range(5):
            ledger.record(Draft("note", f"one {number}", {}))
            other.record_all([Draft("note", f"two {number}", {}), Draft("note", "three", {})])
        assert other.verify() == ()
    assert ledger.head()[0] == 15
    assert ledger.verify() == ()


def test_reading_where_there_is_no_ledger_says_so_and_makes_none(file):
    with pytest.raises(StoreError, match="no ledger"):
        Ledger(file, reading=True)
    assert not file.exists()
    file.parent.mkdir()
    file.touch()
    with pytest.raises(LedgerBroken):
        Ledger(file, reading=True)


def test_importing_the_ledger_loads_no_database_library_and_opening_it_no_cryptography(tmp_path):
    import subprocess

    script = (
        "import sys, pathlib, secondunit.ledger as l\n"
        "heavy = {'sqlalchemy', 'sqlite3', 'cryptography', 'numpy'} & set(sys.modules)\n"
        "book = l.Ledger(pathlib.Path(sys.argv[1]))\n"
        "print(sorted(heavy), 'cryptography' in sys.modules)\n"
        "book.close()"
    )
    place = tmp_path / "l.sqlite"
    said = subprocess.run(
        [sys.executable, "-c", script, place], check=True, capture_output=True, text=True
    )
    assert said.stdout == "[] False\n"
    assert not Path(tmp_path / "keys").exists()  # nothing was recorded, so nothing was signed


def test_tables_and_statements_can_be_said_in_postgresql_too():
    """Another database is a URL and a driver away, as far as the tables and questions go."""
    from secondunit.ledger import tables
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    dialect = postgresql.dialect()
    for home in (tables.ledger, tables.views):
        for table in home.sorted_tables:
            assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
    for statement in tables.STATEMENTS.values():
        assert str(statement.compile(dialect=dialect))
