"""What the gate is asked of a take: its bytes as they were shot, and in whose name it was asked."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from paper_cut import ARTISTS, gathered
from secondunit.packet.canonical import canonical
from secondunit.packet.generation import Made, generation, private_words
from secondunit.packet.marks import Told, claimed
from secondunit.packet.uses import gate, taken_use
from secondunit.rights import Asset, Register, Waiver
from secondunit_bridge.film import Element, Media, Role, Take, Turnover


@pytest.fixture
def shot(tmp_path: Path) -> tuple[Turnover, dict[str, Any], Take]:
    """The turnover of a shot without a model, and what the ledger holds of its take."""
    one = gathered(tmp_path, 3, 2).made[1]
    return one.turnover, one.taken, one.take


def refers(turnover: Turnover, path: Path, role: Role = Role.reference) -> Turnover:
    more = Element(role, Media(turnover.elements[0].media.frames, path=str(path)))
    return replace(turnover, elements=(*turnover.elements, more))


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def still(data: bytes) -> Register:
    row = Asset("still", "reference", "A still", files=(digest(data),), status="cleared",
                commercial="yes")  # fmt: skip
    return Register({("asset", "still"): row})


def rules(turnover: Turnover, taken: dict[str, Any], register: Register) -> list[str]:
    return [one.rule for one in gate(turnover, taken, "final", register, (), "Kim")
            if one.rule != "R11"]  # fmt: skip


def test_a_waiver_by_the_person_who_asked_for_the_shot_does_not_open_a_packet(shot, tmp_path):
    turnover, taken, _ = shot
    asked, path = refers(turnover, tmp_path / "ref.png"), tmp_path / "ref.png"
    path.write_bytes(b"a still")
    key = digest(b"a still")[:16]
    waived = Waiver("w", "R9", key, "seen", "producer", turnover.artist, "2099-01-01")
    for by, asset, stops in (
        (turnover.artist, key, True), ("Lou", key, False), ("Lou", "ref.png", True),
    ):  # fmt: skip
        held = Register({("waiver", "w"): replace(waived, by=by, asset=asset)})
        found = gate(asked, taken, "final", held, (), "Kim")
        assert [one.stops for one in found if one.rule == "R9"] == [stops]
    assert turnover.artist in ARTISTS


def test_clearance_is_of_the_bytes_that_were_used_and_not_of_what_lies_there_now(shot, tmp_path):
    turnover, taken, _ = shot
    path = tmp_path / "ref.png"
    asked = refers(turnover, path)
    used = {**taken, "generation": {**taken["generation"], "files": {str(path): digest(b"one")}}}
    path.write_bytes(b"one")
    assert rules(asked, used, still(b"one")) == []
    path.write_bytes(b"two")
    assert rules(asked, used, still(b"one")) == ["R10"]  # cleared, and changed since
    assert rules(asked, used, still(b"two")) == ["R9", "R10"]  # another was cleared later
    path.unlink()
    assert rules(asked, used, still(b"one")) == []


@pytest.mark.parametrize("role", [Role.matte, Role.plate, Role.depth])
def test_a_broken_credential_of_any_input_is_told(shot, tmp_path: Path, role: Role):
    turnover, taken, _ = shot
    asked = refers(turnover, tmp_path / "in.png", role)
    told = {**taken["generation"], "credentials": {str(tmp_path / "in.png"): "Invalid"}}
    use = taken_use(asked, {**taken, "generation": told}, "temp", Register(), ())
    assert [(one.name, one.credential) for one in use.references] == [("in.png", "Invalid")]


def test_a_picture_of_others_is_called_by_its_number_in_all_that_leaves(shot, tmp_path: Path):
    turnover, _, take = shot
    path = tmp_path / "Jane Doe, close.png"
    path.write_bytes(b"a face")
    asked = refers(refers(turnover, Path("/plates/second.png")), path)
    made = Made(used={}, files={str(path): digest(b"a face")})
    record = generation(asked, take, made, "P-0a0b0c0d")
    assert [one["file"] for one in record["inputs"][1:]] == ["reference1.png", "reference2.png"]
    assert record["inputs"][2]["sha256"] == digest(b"a face")
    said = claimed("a title", Told("v", asked, take.id, "", ""))
    assert [one.title for one in said.ingredients] == ["reference2.png"]  # the one that is there
    assert b"Jane" not in canonical(record)


SECRETS = {
    "negative": "gore",
    "mood": "\u5ead\u5e2b\u304c\u72af\u4eba",
    "note": "the gardener did it",
}


def test_words_of_options_are_in_the_record_by_their_digest_in_every_script(shot):
    turnover, _, take = shot
    told = replace(turnover, brief="", options={**SECRETS, "scheduler": "euler", "steps": 4})
    record = generation(told, take, Made(used={}), "P-0a0b0c0d")
    assert record["params"]["options"] == {
        "scheduler": "euler", "steps": 4,
        **{name: {"sha256": digest(words.encode())} for name, words in SECRETS.items()},
    }  # fmt: skip
    assert sorted(private_words(told)) == sorted(SECRETS.values())
