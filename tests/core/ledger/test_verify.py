"""Verifying: what somebody with the file can do to it is found, and the first entry named."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from secondunit.ledger import GENESIS, Draft, Ledger, Problem, Signer, seal
from secondunit_bridge.errors import LedgerBroken

LENGTH = 30
MIDDLE = 12


WORDS = [f"words number {i}" for i in range(1, LENGTH + 1)]


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed ledger of 30 entries with its checkpoint and key; copy it before use."""
    folder = tmp_path_factory.mktemp("sealed")
    with Ledger(folder / "ledger.sqlite", durability="off") as ledger:
        for i in range(1, LENGTH + 1):
            ledger.record(Draft("note", f"take {i}", {"text": f"words number {i}"}, by="Ada"))
    return folder


@pytest.fixture
def home(sealed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sealed, tmp_path / "home"))


@contextmanager
def tampering(home: Path) -> Iterator[sqlite3.Connection]:
    """What somebody can do who has the file: take the guards down, change things, put them back."""
    db = sqlite3.connect(home / "ledger.sqlite", isolation_level=None)
    guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        db.execute(f"DROP TRIGGER {name}")
    yield db
    for _, sql in guards:
        db.execute(sql)
    db.close()


def verified(home: Path) -> tuple[Problem, ...]:
    with Ledger(home / "ledger.sqlite", reading=True) as ledger:
        return ledger.verify()


def examined(home: Path) -> tuple[tuple[Problem, ...], list[object]]:
    """What verify says of a damaged file, and the words that can still be read from it."""
    try:
        with Ledger(home / "ledger.sqlite", reading=True) as ledger:
            problems = ledger.verify()
            return problems, [entry.body.get("text") for entry in ledger.entries(limit=LENGTH + 5)]
    except LedgerBroken as error:
        return (Problem(0, error.message),), []


def reseal(db: sqlite3.Connection, first: int) -> None:
    """Make the chain hold again from an entry on, as somebody who knows how would."""
    rows = db.execute("SELECT number, kind, subject, at, by, body FROM entry ORDER BY number")
    before = GENESIS
    for row in rows.fetchall():
        if row[0] >= first:
            change = (seal(before, *row), row[0])
            db.execute("UPDATE entry SET seal = ? WHERE number = ?", change)
        (before,) = db.execute("SELECT seal FROM entry WHERE number = ?", row[:1]).fetchone()


def test_a_ledger_nobody_touched_has_no_problems(home):
    assert verified(home) == ()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entry SET body = '{}' WHERE number = 3",
        "DELETE FROM entry WHERE number = 3",
        "DELETE FROM entry",
        "UPDATE entry SET by = 'Eve'",
        "INSERT OR REPLACE INTO entry VALUES (3, 'note', 't', 0.0, '', '{}', 'x')",
        "INSERT INTO entry VALUES (99, 'note', 't', 0.0, '', '{}', 'x')",
        "INSERT INTO entry VALUES (0, 'note', 't', 0.0, '', '{}', 'x')",
    ],
)
def test_the_database_itself_refuses_to_change_an_entry(home, change):
    db = sqlite3.connect(home / "ledger.sqlite", isolation_level=None)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(change)
    db.close()
    assert verified(home) == ()


@pytest.mark.parametrize(
    "change",
    [
        'body = \'{"text":"other words"}\'',
        "body = body || ' '",
        "by = 'Eve'",
        "at = at + 1",
        "kind = 'waiver'",
        "subject = 'take 99'",
        "seal = 'f' || substr(seal, 1, 63)",
    ],
)
@pytest.mark.parametrize("number", [1, MIDDLE, LENGTH])
def test_an_edited_entry_is_found_and_named(home, change, number):
    with tampering(home) as db:
        db.execute(f"UPDATE entry SET {change} WHERE number = {number}")
    problem = verified(home)[0]
    assert problem.entry == number
    assert f"entry {number} (" in problem.sentence


def test_an_edited_entry_is_told_from_one_that_does_not_follow(home):
    with tampering(home) as db:
        db.execute(f"UPDATE entry SET by = 'Eve' WHERE number = {MIDDLE}")
    assert verified(home) == (
        Problem(
            MIDDLE,
            f"entry {MIDDLE} (note of take {MIDDLE}) is not what was sealed:"
            " it was changed after it was written",
        ),
    )
    with tampering(home) as db:
        reseal(db, MIDDLE)
        change = f"UPDATE entry SET seal = lower(hex(randomblob(32))) WHERE number > {MIDDLE}"
        db.execute(change)
    assert "does not follow" in verified(home)[0].sentence


@pytest.mark.parametrize("number", [1, MIDDLE, LENGTH - 1])
def test_a_deleted_entry_is_found_and_named(home, number):
    with tampering(home) as db:
        db.execute(f"DELETE FROM entry WHERE number = {number}")
    problem = verified(home)[0]
    assert problem == Problem(number, f"entry {number} is missing: deleted after it was written")


def test_several_deleted_entries_are_found_and_named(home):
    with tampering(home) as db:
        db.execute("DELETE FROM entry WHERE number BETWEEN 5 AND 8")
    assert verified(home)[0].entry == 5
    assert "entries 5 to 8" in verified(home)[0].sentence


def test_an_entry_that_was_deleted_and_the_rest_renumbered_is_found(home):
    with tampering(home) as db:
        db.execute(f"DELETE FROM entry WHERE number = {MIDDLE}")
        for number in range(MIDDLE, LENGTH):
            db.execute(f"UPDATE entry SET number = {number} WHERE number = {number + 1}")
    problem = verified(home)[0]
    assert problem.entry == MIDDLE
    assert "does not follow" in problem.sentence or "changed" in problem.sentence


def _open_a_gap(db: sqlite3.Connection) -> None:
    for number in range(LENGTH, MIDDLE - 1, -1):
        db.execute(f"UPDATE entry SET number = {number + 1} WHERE number = {number}")


def test_an_inserted_entry_is_found_also_when_its_own_seal_is_right(home):
    with tampering(home) as db:
        _open_a_gap(db)
        (before,) = db.execute(f"SELECT seal FROM entry WHERE number = {MIDDLE - 1}").fetchone()
        row = (MIDDLE, "note", "take 1", 1.0, "Eve", "{}")
        db.execute("INSERT INTO entry VALUES (?,?,?,?,?,?,?)", (*row, seal(before, *row)))
    problem = verified(home)[0]
    assert problem.entry == MIDDLE + 1
    assert "inserted" in problem.sentence


def test_reordered_entries_are_found(home):
    with tampering(home) as db:
        for change in ("999 WHERE number = 7", "7 WHERE number = 8", "8 WHERE number = 999"):
            db.execute(f"UPDATE entry SET number = {change}")
    problem = verified(home)[0]
    assert problem.entry == 7
    assert "another order" in problem.sentence


@pytest.mark.parametrize("left", [0, 1, MIDDLE, LENGTH - 1])
def test_a_tail_that_was_cut_off_is_found_by_the_checkpoint(home, left):
    with tampering(home) as db:
        db.execute(f"DELETE FROM entry WHERE number > {left}")
    (problem,) = verified(home)
    assert problem.entry == left + 1
    assert f"ends at entry {left} but {LENGTH} were signed" in problem.sentence


def test_a_history_rewritten_with_a_chain_that_holds_is_found_by_the_checkpoint(home):
    with tampering(home) as db:
        db.execute(f"UPDATE entry SET by = 'Eve' WHERE number = {MIDDLE}")
        reseal(db, MIDDLE)
    (problem,) = verified(home)
    assert problem == Problem(LENGTH, "the entries up to 30 are not the ones that were signed")


def test_a_ledger_that_only_grew_agrees_with_an_older_checkpoint(home):
    old = (home / "ledger.checkpoint").read_text()
    with Ledger(home / "ledger.sqlite", durability="off") as ledger:
        ledger.record(Draft("note", "t", {}))
        assert ledger.verify() == ()
        signer = Signer(home / "keys")
        assert signer.verify_checkpoint(old, ledger) == ()
        assert signer.verify_checkpoint(signer.checkpoint(ledger.head()), ledger) == ()
    assert (home / "ledger.checkpoint").read_text() != old
    assert verified(home) == ()


def test_a_checkpoint_kept_elsewhere_finds_what_was_signed_again_with_the_same_key(home):
    kept = (home / "ledger.checkpoint").read_text()
    with tampering(home) as db:
        db.execute("DELETE FROM entry WHERE number > 20")
    with Ledger(home / "ledger.sqlite", durability="off") as ledger:
        ledger.record(Draft("note", "t", {}))
    assert verified(home) == ()  # whoever has the key can sign anything
    with Ledger(home / "ledger.sqlite", reading=True) as ledger:
        (problem,) = Signer(home / "keys").verify_checkpoint(kept, ledger)
    assert problem.entry == 22


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("\n30\n", "\n29\n"), "signature is wrong"),
        (lambda text: text.replace("secondunit.local", "elsewhere"), "another key"),
        (lambda text: text[:40], "not in the form"),
        (lambda text: "", None),
        (lambda text: text.replace("\u2014", "-"), "another key"),
        (lambda text: "\x00\xff\n\n\n", "not in the form"),
    ],
)
def test_a_checkpoint_that_was_tampered_with_is_found(home, change: Callable[[str], str], said):
    file = home / "ledger.checkpoint"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    problems = verified(home)
    assert (said is None and problems == ()) or said in problems[0].sentence


@settings(max_examples=150, deadline=None)
@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_no_text_whatever_is_taken_for_a_checkpoint(sealed, text):
    with Ledger(sealed / "ledger.sqlite", reading=True) as ledger:
        assert Signer(sealed / "keys").verify_checkpoint(text, ledger) != ()


def test_a_checkpoint_signed_with_somebody_elses_key_is_found(home, tmp_path):
    with Ledger(home / "ledger.sqlite", reading=True) as ledger:
        forged = Signer(tmp_path / "other").checkpoint(ledger.head())
    (home / "ledger.checkpoint").write_text(forged, encoding="utf-8")
    assert "another key" in verified(home)[0].sentence


def test_without_the_public_key_the_checkpoint_is_said_to_be_unchecked(home):
    (home / "keys" / "ledger.vkey").unlink()
    assert "public key is not here" in verified(home)[0].sentence


def test_a_checkpoint_has_the_published_form(home):
    """C2SP tlog-checkpoint, in a C2SP signed-note: read here by hand, with no code of ours."""
    import base64
    from hashlib import sha256

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    text = (home / "ledger.checkpoint").read_text(encoding="utf-8")
    name, key_id, key = (home / "keys" / "ledger.vkey").read_text().strip().split("+", 2)
    note, signature = text.split("\n\n")
    origin, size, root = note.split("\n")
    assert (origin, size) == (name, str(LENGTH))
    with Ledger(home / "ledger.sqlite", reading=True) as ledger:
        assert base64.b64decode(root).hex() == ledger.head()[1]
    dash, signer, signed = signature.removesuffix("\n").split(" ")
    assert (dash, signer) == ("\u2014", name)
    public = base64.b64decode(key)
    assert public[0] == 1
    raw = base64.b64decode(signed)
    assert raw[:4].hex() == key_id == sha256(f"{name}\n".encode() + public).digest()[:4].hex()
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], (note + "\n").encode())


def test_a_checkpoint_is_signed_every_so_many_entries_without_waiting_for_the_end(
    home, monkeypatch
):
    monkeypatch.setattr("secondunit.ledger.book.CHECKPOINT_EVERY", 5)
    file = home / "ledger.checkpoint"
    with Ledger(home / "ledger.sqlite", durability="off") as ledger:
        for i in range(12):
            ledger.record(Draft("note", f"later {i}", {}))
        assert file.read_text().split("\n")[1] == str(LENGTH + 10)
        assert ledger.verify() == ()
    assert file.read_text().split("\n")[1] == str(LENGTH + 12)


def test_a_checkpoint_is_signed_in_an_idle_moment_when_something_is_new(home):
    file = home / "ledger.checkpoint"
    with Ledger(home / "ledger.sqlite", durability="off") as ledger:
        before = file.stat().st_mtime_ns
        ledger.settle()
        assert file.stat().st_mtime_ns == before
        ledger.record(Draft("note", "t", {}))
        ledger.settle()
        assert file.read_text(encoding="utf-8").split("\n")[1] == str(LENGTH + 1)
        assert ledger.verify() == ()


def test_guards_that_were_taken_down_are_missed_and_put_up_again(home):
    db = sqlite3.connect(home / "ledger.sqlite", isolation_level=None)
    db.execute("DROP TRIGGER entry_never_changes")
    db.close()
    (problem,) = verified(home)
    assert problem.entry == 0
    assert "entry_never_changes" in problem.sentence
    Ledger(home / "ledger.sqlite", durability="off").close()
    assert verified(home) == ()


def test_views_that_were_edited_are_found(file, story, ledger):
    take = story.turn_over()[0]
    ledger.close()
    assert verified(file.parent) == ()
    db = sqlite3.connect(file)
    db.execute("UPDATE take SET state = 'circled'")
    db.commit()
    db.close()
    (problem,) = verified(file.parent)
    assert "takes" in problem.sentence
    with Ledger(file, durability="off") as again:
        again.rebuild_views()
        assert again.verify() == ()
        assert again.views.take(take).state.value == "waiting"


def test_verify_is_right_while_the_ledger_is_being_written(home):
    with (
        Ledger(home / "ledger.sqlite", durability="off") as writer,
        Ledger(home / "ledger.sqlite", reading=True) as reader,
    ):
        for i in range(20):
            writer.record(Draft("note", f"meanwhile {i}", {}))
            assert reader.verify() == ()
            assert reader.head()[0] == LENGTH + i + 1


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_damaged_bytes_are_a_problem_or_harmless_but_never_a_crash(sealed, tmp_path, data):
    whole = (sealed / "ledger.sqlite").read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
    home = tmp_path / "damaged"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(sealed, home)
    (home / "ledger.sqlite").write_bytes(whole[:at] + flipped + whole[at + 1 :])
    problems, said = examined(home)
    assert problems or said == WORDS


@pytest.mark.parametrize("size", [0, 1, 50, 4096, 5000, -4096, -1])
def test_a_ledger_file_that_was_cut_short_is_found_or_lost_nothing(home, size):
    file = home / "ledger.sqlite"
    file.write_bytes(file.read_bytes()[:size])
    problems, said = examined(home)
    assert problems or (said == WORDS and size == -1)  # its last page ends in unused zeros


def test_a_key_that_is_no_key_is_said_to_be_none_and_is_not_replaced(home):
    key = home / "keys" / "ledger.key"
    key.write_bytes(b"-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n")
    ledger = Ledger(home / "ledger.sqlite", durability="off")
    ledger.record(Draft("note", "t", {}))
    with pytest.raises(LedgerBroken, match="not an Ed25519 key"):
        ledger.close()
    assert b"nonsense" in key.read_bytes()


def test_a_new_key_is_made_when_the_old_one_is_gone_and_the_old_checkpoint_is_not_its(home):
    old = (home / "ledger.checkpoint").read_text(encoding="utf-8")
    (home / "keys" / "ledger.key").unlink()
    with Ledger(home / "ledger.sqlite", durability="off") as ledger:
        ledger.record(Draft("note", "t", {}))
    assert verified(home) == ()
    with Ledger(home / "ledger.sqlite", reading=True) as ledger:
        (problem,) = Signer(home / "keys").verify_checkpoint(old, ledger)
    assert "another key" in problem.sentence
