"""The pages: people's names as they are written, in every alphabet that the letters have."""

from __future__ import annotations

from pathlib import Path

import pytest
from paper_cut import APPROVER, ARTISTS, WORDS, gathered, wish
from secondunit.packet.build import build
from secondunit.packet.fonts import faces, shown
from secondunit.packet.steps import Step

pypdfium2 = pytest.importorskip("pypdfium2")
EMBEDDED = faces().letters is not None


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Step]]:
    """The packet of a cut of 20 clips, 9 of them ours; and what was said meanwhile."""
    folder, heard = tmp_path_factory.mktemp("paper"), list[Step]()
    return build(gathered(folder, 20, 9), wish(folder), heard.append).folder, heard


@pytest.fixture(scope="module")
def papers(built: tuple[Path, list[Step]]) -> Path:
    return built[0]


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


def test_how_far_it_is_is_said_page_by_page_of_both_copies(built: tuple[Path, list[Step]]):
    folder, heard = built
    assert [one.done for one in heard] == sorted(one.done for one in heard)
    assert heard[0].done < 0.1
    assert 0.9 < heard[-1].done < 1
    for name, public in (("packet.pdf", False), ("public/packet.pdf", True)):
        pages = [one.page for one in heard if one.what == "pages" and one.public is public]
        document = pypdfium2.PdfDocument(folder / name)
        assert sorted(set(pages)) == list(range(len(document)))  # the last one is being set
        document.close()
        assert len(pages) > 3 * len(set(pages))  # it moves within a page, too
