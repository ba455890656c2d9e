"""The contact sheet: everything on it, every text escaped, the same as page and as picture."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from secondunit.cli.sheet import CutPiece, Sheet, Still, TakePanel
from secondunit.cli.sheet.board import WIDTH, write_board
from secondunit.cli.sheet.page import write_page
from secondunit.cli.sheet.paper import Ink, Paper
from secondunit_bridge.film import Finding, Outcome


def still(caption: str = "1009") -> Still:
    ramp = np.linspace(0, 255, 64 * 36 * 3).reshape(36, 64, 3)
    return Still(ramp.astype(np.uint8), caption, f"Frame {caption} of a ramp")


def take(number: int, outcome: Outcome, *, circled: bool = False) -> TakePanel:
    found = Finding(f"t/{number}", "exposure", outcome, f"Sentence {number} <b>bold</b> & more.")
    return TakePanel(
        id=f"abcd1234.{number}", number=number, seed=number, state="pending_review",
        confidence=0.5, stills=(still(),) * 3, findings=(found,), remarks=("A remark.",),
        circled=circled,
    )  # fmt: skip


@pytest.fixture
def sheet() -> Sheet:
    piece = CutPiece("before", 86400, 86423, "01:00:00:00", (still(), still()))
    new = CutPiece("TCC_0010_v001", 86424, 86430, "01:00:01:00", (still(),), new=True)
    return Sheet(
        title="TCC 0010", line="An insert <script>alert(1)</script>.",
        facts=(("Rate", "24"), ("Picture", "854 x 480")), join=(still(), still(), still()),
        pieces=(piece, new),
        takes=tuple(take(n, o, circled=n == 1) for n, o in enumerate(Outcome)),
        places=(("new cut", "/a/very/long/" + "path/" * 60 + "cut.otio"),),
        circled_by="Ada", credit="Footage: somebody's",
    )  # fmt: skip


class Images(HTMLParser):
    """What the page embeds and links to."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[dict[str, str | None]] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "img":
            self.images.append(given)
        self.addresses += [str(given[name]) for name in ("src", "href") if given.get(name)]


def test_the_page_stands_alone_and_says_what_every_picture_shows(sheet: Sheet, tmp_path: Path):
    path = tmp_path / "sheet.html"
    write_page(sheet, path)
    text = path.read_text(encoding="utf-8")
    seen = Images()
    seen.feed(text)
    assert len(seen.images) == 3 + 3 + 3 * len(Outcome)
    assert all(image["alt"] for image in seen.images)
    assert all(address.startswith("data:image/jpeg;base64,") for address in seen.addresses)
    assert not re.search(r"url\(|@import|<script", text)
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "Circled by Ada" in text
    for outcome in Outcome:
        assert f'<li class="{outcome.value}">' in text


def test_the_picture_holds_the_same_and_is_as_wide_as_it_says(sheet: Sheet, tmp_path: Path):
    path = tmp_path / "sheet.png"
    write_board(sheet, path)
    drawn = cv2.imread(str(path))
    assert drawn.shape[1] == WIDTH
    longer = replace(sheet, takes=sheet.takes * 2)
    write_board(longer, path)
    assert cv2.imread(str(path)).shape[0] > drawn.shape[0] + 4 * 100


def test_a_sheet_without_a_circled_take_has_no_join_and_still_draws(sheet: Sheet, tmp_path: Path):
    bare = replace(sheet, join=(), pieces=(), takes=(replace(sheet.takes[0], stills=()),))
    write_page(bare, tmp_path / "sheet.html")
    write_board(bare, tmp_path / "sheet.png")
    assert "Circled" not in (tmp_path / "sheet.html").read_text(encoding="utf-8")


def test_text_is_shortened_in_its_middle_to_fit_and_wrapped_between_words():
    paper, ink = Paper(400), Ink(20, (255, 255, 255))
    short = paper.fitted("/films/one/a/very/long/path/to/the/cut.otio", 200, ink)
    assert "…" in short
    assert short.endswith("cut.otio"[-4:])
    assert paper.measure(short, ink) <= 200
    assert paper.fitted("fits", 200, ink) == "fits"
    one = paper.paragraph("word", 0, 0, 300, ink)
    assert paper.paragraph("word " * 40, 0, 0, 300, ink) > 3 * one
