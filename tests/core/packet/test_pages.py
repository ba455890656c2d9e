"""The pages: people's names as they are written, in every alphabet that the letters have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from paper_cut import APPROVER, ARTISTS, WORDS, gathered, wish
from secondunit.packet.build import build
from secondunit.packet.fonts import faces, shown

pypdfium2 = pytest.importorskip("pypdfium2")
EMBEDDED = faces().letters is not None


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The packet of a cut of 20 clips, 9 of them ours."""
    folder = tmp_path_factory.mktemp("paper")
    return build(gathered(folder, 20, 9), wish(folder)).folder


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


@pytest.mark.skipif(not EMBEDDED, reason="pip install 'secondunit[core]': its letters are missing")
@pytest.mark.parametrize("name", [*ARTISTS, APPROVER])
def test_a_name_stands_on_paper_as_its_owner_writes_it(papers: Path, name: str):
    assert name in text_of(papers / "packet.pdf")
    assert name not in text_of(papers / "public" / "packet.pdf")


@pytest.mark.skipif(not EMBEDDED, reason="pip install 'secondunit[core]': its letters are missing")
def test_letters_of_other_scripts_are_told_from_those_that_are_there():
    assert shown("Ğ Ł ß Ω Ж №") == "Ğ Ł ß Ω Ж №"
    assert shown("黒澤 明") == "?? ?"
    assert "FiraSans" in faces().normal


def test_every_clip_is_on_the_map_and_nothing_of_the_brief_is_anywhere(papers: Path):
    text = text_of(papers / "packet.pdf")
    assert text.count("Not ours") == 11
    assert text.count("insert") == 3
    for path in papers.rglob("*"):
        if path.is_file() and path.name != "briefs.json":
            assert WORDS.encode() not in path.read_bytes()
            assert b"nobody may read" not in path.read_bytes()
