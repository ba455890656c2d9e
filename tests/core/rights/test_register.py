"""The register: newer rows replace older ones, wrong ones are refused, files fill in the form."""

from __future__ import annotations

import json
import struct
from datetime import date
from pathlib import Path

import pytest
from secondunit.ledger import Draft, Ledger
from secondunit.models.claimed import claimed
from secondunit.rights import Asset, Register
from secondunit.rights.register import KIND
from secondunit.rights.rows import body_of, row_of
from secondunit_bridge.errors import FieldError
from secondunit_bridge.wire import plain

HERO = Asset("hero", "lora", "Hero", files=("aa",), not_after="2026-12-01")


def test_a_newer_row_replaces_an_older_one_and_both_stay_in_the_ledger(tmp_path: Path):
    with Ledger(tmp_path / "ledger.sqlite", durability="off") as book:
        first = book.record(Draft("right", "hero", body_of(HERO, 0), by="Ada"))
        later = Asset("hero", "lora", "Hero", files=("aa",), status="cleared")
        book.record(Draft("right", "hero", body_of(later, first.number), by="Lou"))
        register = Register.of(book.entries(kind=KIND))
        assert not book.verify()
    assert register.assets == (later,)
    assert [row for _, row in register.history] == [HERO, later]
    assert register.asset(("aa",)) == later
    assert register.asset(("zz",)) is None


def test_rights_that_lapse_are_told_before_and_after():
    register = Register({("asset", "hero"): HERO})
    assert [one.id for one in register.lapses(date(2026, 11, 1), 30)] == ["hero"]
    assert list(register.lapses(date(2026, 10, 1), 30)) == []
    (over,) = register.lapses(date(2027, 1, 1), 30)
    assert over.sentence == "The right to use Hero ended on 2026-12-01."


@pytest.mark.parametrize(
    "change",
    [{"id": "two words"}, {"kind": "song"}, {"not_after": "soon"}, {"allow": ["usa"]},
     {"commercial": "maybe"}, {"files": "aa"}],
)  # fmt: skip
def test_a_row_that_is_wrong_is_refused_and_the_field_is_named(change: dict):
    with pytest.raises(FieldError, match=next(iter(change))):
        row_of("asset", {**plain(HERO), **change})


def test_a_real_event_is_not_declared_without_the_words_for_the_audience():
    told = {"id": "HAL", "answers": ["yes"] * 5, "by": "Pat", "role": "producer", "signed": ""}
    with pytest.raises(FieldError, match="disclosure"):
        row_of("declaration", {**told, "depicts_real_event": True})
    said = {**told, "depicts_real_event": True, "disclosure": "3 May is reconstructed."}
    assert row_of("declaration", said).id == "HAL"


def weights(path: Path, **metadata: str) -> Path:
    data = bytes(64)
    head = {"__metadata__": metadata, "w": {"dtype": "F32", "shape": [16], "data_offsets": [0, 64]}}
    text = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def test_a_safetensors_file_fills_in_the_form_and_clears_nothing(tmp_path: Path):
    said = {"modelspec.title": "Hero", "modelspec.license": "MIT", "modelspec.tags": "Person, face",
            "ss_dataset_dirs": json.dumps({"hero_v3": {"img_count": 64}})}  # fmt: skip
    told = claimed(weights(tmp_path / "a.safetensors", **said))
    assert (told["name"], told["licence"], told["likeness"], told["datasets"]) == (
        "Hero", "MIT", "suspected", ["hero_v3"])  # fmt: skip
    assert "status" not in told
    again = claimed(weights(tmp_path / "b.safetensors", **said, **{"modelspec.author": "Eve"}))
    assert again["tensors"] == told["tensors"]
    assert "likeness" not in claimed(weights(tmp_path / "c.safetensors"))
