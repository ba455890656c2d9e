"""The report page of a cut with twelve planted faults, in a real browser, answered by its keys."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import cv2
import pytest
from browser import PATIENCE_S, browsing
from planted_cut import FAULTS, write_planted

FIRST_SCREEN = """[...document.querySelectorAll('.rows li')].filter((row) => {
  const box = row.getBoundingClientRect(), list = row.parentElement.getBoundingClientRect();
  return box.top >= list.top - 1 && box.bottom <= Math.min(list.bottom, innerHeight) + 1;
}).map((row) => [row.querySelector('.slug b').textContent, row.querySelectorAll('img').length])"""
SAYS = "document.querySelector('.stage > .says').textContent"
STAMP = "document.querySelector('.rows [aria-selected=true] .mark').textContent"


@pytest.fixture
def cut(film: Path, cuts) -> Path:
    excerpt = os.path.realpath(film / "bbb.mp4")
    return write_planted(film, Path(excerpt), cuts)


@pytest.mark.slow
def test_a_supervisor_sees_the_planted_faults_in_the_first_screen_and_answers_from_the_keys(
    su, film: Path, cut: Path, tmp_path: Path
):
    page = film / "page.html"
    said = su("check", cut, "--html", page, "--json")
    assert said.code == 3
    found = {(f["check"], f["shots"][-1]) for f in said.json["findings"] if f["rank"]}
    assert {(check, clip) for clip, check in FAULTS.items()} <= found
    assert said.json["cover"].startswith("20 shots and 19 cuts: ")
    flash = next(f for f in said.json["findings"] if f["check"] == "pse" and f["rank"])
    dark, bright = sorted(cv2.imread(path).mean() for path in flash["evidence"])
    assert bright - dark > 100  # the two frames between which it jumps
    counts = [int(word) for word in re.findall(r"\d+", said.json["cover"].partition(":")[2])]
    assert sum(counts) == 39  # every shot and every cut once
    with browsing(tmp_path / "profile") as browser:
        browser.size(1280, 720)
        browser.open(page.as_uri())
        rows = browser.tell(FIRST_SCREEN)
        seen = {re.split("[→⇢]", slug)[-1].strip(): pictures for slug, pictures in rows}
        assert {clip for clip in FAULTS if seen.get(clip)} == set(FAULTS)  # each with pictures
        browser.picture(tmp_path / "page.png")
        _unfolds(browser, said.json["findings"])
        _answers(browser, tmp_path)
        assert browser.said == []
    saved = next(tmp_path.glob("*.json"))
    assert su("waive", "--from", saved, "--json").json["written"] == 2
    again = su("check", cut, "--json").json["findings"]
    answers = [one["answer"] for one in again if one["answer"]]
    assert sorted(one["answer"] for one in answers) == ["best_possible", "fix"]
    assert {one["by"] for one in answers} == {"Ada Lovelace"}


def _unfolds(browser, findings: list[dict]) -> None:
    """The first line amounts to several findings; ``f`` walks through the others, and back."""
    first = browser.tell(SAYS)
    assert first.startswith("“1B” is graded otherwise than its set-up: 0.60 stop")
    head = next(one for one in findings if one["amounts_to"] == first)
    rest = [one for one in findings if one["id"] in head["explains"]]
    assert {one["because"] for one in rest} == {head["id"]}
    assert not any(one["rank"] for one in rest)
    for _ in rest:
        browser.press("f")
        assert browser.tell("document.querySelector('.upward').textContent").endswith(first)
        assert browser.tell(SAYS) in {each["sentence"] for each in rest}
    browser.press("f")
    assert browser.tell(SAYS) == first


def _answers(browser, folder: Path) -> None:
    """Two answers by the keys alone, a wipe, another order, and the file that is saved."""
    browser.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    first = browser.tell(SAYS)
    browser.press("3")
    browser.write("the sun came out")
    browser.press("Enter")
    assert "needs your name" in browser.tell("document.querySelector('.wrong').textContent")
    browser.write("Ada Lovelace")  # what is missing has the focus
    browser.press("Enter")
    assert browser.tell(SAYS) != first  # on to the next
    browser.press("k")
    assert (browser.tell(SAYS), browser.tell(STAMP)) == (first, "Best possible")
    browser.press("j", "1")
    browser.write("match the master")
    browser.press("Enter", "k")
    assert browser.tell(STAMP) == "Fix"
    browser.press("ArrowLeft", "ArrowLeft")
    assert browser.tell("document.querySelector('.wipe').getAttribute('aria-valuenow')") == "42"
    browser.press(" ")
    assert browser.tell("document.querySelector('.wipe').getAttribute('aria-valuenow')") == "100"
    browser.press("s")
    assert browser.tell("document.querySelector('.rows li').className").startswith("stop")
    browser.press("w")
    end = time.monotonic() + PATIENCE_S
    while not list(folder.glob("*.json")):
        assert time.monotonic() < end, "no answers were saved"
        time.sleep(0.05)
