"""What a packet must not tell: other productions' rights, and in the public copy people."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from paper_cut import gathered, rights, wish
from secondunit.packet.build import build
from secondunit.rights import Asset, Binding, Consent, Register
from secondunit_bridge.film import Entry

pypdfium2 = pytest.importorskip("pypdfium2")
THEIRS = ("Secret Sequel", "CNS-9999", "sequel-scan", "sequel-still")
NAMES = ("Jane Doe", "scan of Jane", "Kim is ill", "reel 1 is a preview", "hero-stills")


def other_production() -> tuple[Asset | Consent | Binding, ...]:
    """Rows of a show that is nobody's business here, all of which lapse today."""
    day = "2020-01-01"
    return (
        Asset("sequel", "lora", "Secret Sequel", files=("ee",), not_after=day, likeness="person"),
        Asset("sequel-scan", "dataset", "sequel-scan", not_after=day),
        Asset("sequel-still", "reference", "sequel-still", files=("ff",), not_after=day),
        Consent("CNS-9999", "P-99999999", "voice", not_after=day),
        Binding("sequel--CNS-9999", "sequel", "CNS-9999"),
    )


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The draft of a cut whose adapter was withdrawn, and bears a performer's name."""
    folder = tmp_path_factory.mktemp("paper")
    held, tables = rights(), {Asset: "asset", Consent: "consent", Binding: "binding"}
    rows = {(tables[type(one)], one.id): one for one in other_production()} | dict(held.rows)
    for id, changes in (("hero", {"name": "Jane Doe", "status": "withdrawn", "reason": "Jane Doe"}),
                        ("hero-scan", {"name": "scan of Jane"})):  # fmt: skip
        row = rows["asset", id]
        assert isinstance(row, Asset)
        rows["asset", id] = replace(row, **changes)
    found = gathered(folder, 6, 4, Register(rows))
    first = found.made[0]
    said = replace(first.history[0], body={"state": "approved", "alone": "Kim is ill"})
    found = replace(found, made=(replace(first, history=(said,)), *found.made[1:]))
    assert isinstance(said, Entry)
    return build(found, wish(folder, draft=True)).folder


def words_of(folder: Path, but: str = "") -> str:
    """Everything that is written in a folder: text of the pages, and all other files."""
    said = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".pdf" and but not in path.parts:
            document = pypdfium2.PdfDocument(path)
            said += [" ".join(page.get_textpage().get_text_range().split()) for page in document]
            document.close()
        elif path.is_file() and but not in path.parts:
            said.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(said)


def test_rights_of_another_production_are_in_neither_copy(papers: Path):
    told = words_of(papers)
    assert "flux-dev" in told  # what was used is there
    assert [one for one in THEIRS if one in told] == []


def test_the_public_copy_says_what_is_open_without_names_and_without_people_s_own_words(
    papers: Path,
):
    full, public = words_of(papers, but="public"), words_of(papers / "public")
    assert [one for one in NAMES if one not in full] == []
    assert [one for one in NAMES if one in public] == []
    assert "Withdrawn, revoked, on hold" in public
    assert "data set 1 of hero" in public
    document = json.loads((papers / "public" / "packet.json").read_bytes())
    assert document["draft"].endswith("see section 17")
    assert {one["rule"] for one in document["gate"]["findings"]} >= {"R7"}


def test_a_packet_built_again_leaves_nothing_of_the_one_before(papers: Path, tmp_path: Path):
    big, small = gathered(tmp_path, 6, 4), gathered(tmp_path, 6, 1)
    build(big, wish(tmp_path))
    own = tmp_path / "packet" / "letter.txt"
    own.write_text("mine")
    build(small, wish(tmp_path))
    (record,) = os.listdir(tmp_path / "packet" / "records")
    assert record == f"{small.made[0].take.id}.json"
    assert os.listdir(tmp_path / "packet" / "public" / "records") == [record]
    assert own.read_text() == "mine"
