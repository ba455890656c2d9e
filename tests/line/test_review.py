"""A cut reviewed in a browser: who gets in, what is written, and that it is written at once."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import browsing

ROWS = "[...document.querySelectorAll('.rows .says')]"
EXPOSURE = f"{ROWS}.some((one) => /stop darker/.test(one.textContent))"
SHOW = """\
# Ours. Ask Ada before you change a set-up.
[sequences.light]
key_side = "left"   # the window

[[card]]
clip = "night"
scene = "12"
"""


@pytest.fixture
def link(film: Path, cuts, moving, home: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The link of a review of a cut with one stop, and the process that serves it."""
    cuts.write_movie(film / "s_v003.mov", moving(24, repeat=(11,)))
    cut = cuts.write_cut(film / "stuck.otio", [cuts.clip("SC", "s_v003.mov", 0, 24, has=24)])
    words = [sys.executable, "-m", "secondunit", "review", str(cut), "--no-open"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    try:
        lines = iter(process.stdout.readline, "")
        found = next(line for line in lines if "http://" in line).split()[-1]
        yield found, process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def ask(link: str, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, dict]:
    """One request as any program could make it."""
    connection = http.client.HTTPConnection(urlsplit(link).netloc, timeout=20)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, names)
    answer = connection.getresponse()
    said = answer.status, answer.read().decode(), {n.lower(): v for n, v in answer.getheaders()}
    connection.close()
    return said


def test_only_the_first_who_follows_the_link_gets_in_and_only_the_page_may_write(link):
    address, _ = link
    own = f"http://{urlsplit(address).netloc}"
    path = f"/?{urlsplit(address).query}"
    assert urlsplit(address).hostname == "127.0.0.1"
    assert ask(address, "GET", "/")[0] == 403
    assert ask(address, "GET", "/?token=wrong")[0] == 403
    assert ask(address, "GET", path, Host="rebound.example")[0] == 403
    status, _, headers = ask(address, "GET", path)
    assert (status, headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=Strict"} <= set(headers["set-cookie"].split("; "))
    cookie = headers["set-cookie"].partition(";")[0]
    assert ask(address, "GET", path)[0] == 403  # spent
    assert ask(address, "GET", "/", Cookie=cookie[:-1])[0] == 403
    status, page, headers = ask(address, "GET", "/", Cookie=cookie)
    assert status == 200
    assert "unsafe" not in headers["content-security-policy"]
    status, page, headers = ask(address, "GET", "/report", Cookie=cookie)
    assert status == 200
    assert "exact repeat" in page
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    assert ask(address, "GET", "/etc/passwd", Cookie=cookie)[0] == 404
    sent = {"Cookie": cookie, "Origin": own, "Content_Type": "application/json"}
    assert (
        ask(address, "POST", "/answers", "{}", **(sent | {"Origin": "http://evil.example"}))[0]
        == 403
    )
    assert ask(address, "POST", "/answers", "{}", Origin=own)[0] == 403
    assert (
        ask(address, "POST", "/answers", "{}", **(sent | {"Content_Type": "text/plain"}))[0] == 404
    )
    assert ask(address, "POST", "/answers", "no", **sent)[0] == 400
    for wrong in ("{}", "[]", '{"answers": []}', '{"answers": [{"finding": "x@1"}]}'):
        status, said, _ = ask(address, "POST", "/answers", wrong, **sent)
        assert (status, json.loads(said)["error"]["code"]) == (409, "E_FIELD")


def test_an_answer_from_the_keys_is_in_the_ledger_at_once(link, su, film: Path, tmp_path: Path):
    address, process = link
    with browsing(tmp_path / "profile") as browser:
        browser.size(1280, 720)
        browser.open(address)
        browser.until("document.querySelector('nav [href=\"/report\"]') !== null")
        browser.open(f"http://{urlsplit(address).netloc}/report")
        browser.until("document.querySelector('.stage > .says') !== null")
        browser.press("2")
        browser.write("a stutter is wanted")
        browser.tell("document.querySelector('[name=by]').focus()")
        browser.write("Ada")
        browser.press("Enter")
        said = "document.querySelector('.wrong').textContent"
        assert "needs your role" in browser.tell(said)
        browser.write("script supervisor")
        browser.press("Enter")
        browser.until("document.querySelector('.cover').textContent.includes('0 stops')")
        again = su("check", film / "stuck.otio", "--json")
        assert again.code == 0
        stop = next(f for f in again.json["findings"] if f["outcome"] == "stop")
        assert stop["answer"]["by"] == "Ada"
        browser.open(f"http://{urlsplit(address).netloc}/report?again")
        browser.until("document.querySelector('.stage > .says') !== null")
        browser.press("j")  # what is open stands first
        shown = browser.tell("document.querySelector('.standing').textContent")
        assert shown.startswith("Accepted as creative intent by Ada (script supervisor)")
        assert browser.said == []
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0  # nothing is open any more


def test_a_card_filled_in_from_the_keys_is_on_the_sheet_and_a_declared_change_is_no_finding(
    film: Path, cuts, moving, su, home: Path, tmp_path: Path
):
    cuts.write_movie(film / "day_v001.mov", moving(8))
    cuts.write_movie(film / "dusk_v001.mov", [(one * 0.6).astype(one.dtype) for one in moving(8)])
    clips = [cuts.clip(name, f"{name}_v001.mov", 0, 8, has=8) for name in ("day", "dusk")]
    cut = cuts.write_cut(film / "light.otio", clips)
    (film / "bible.toml").write_text(SHOW)
    words = [sys.executable, "-m", "secondunit", "review", str(cut), "--no-open"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        lines = iter(process.stdout.readline, "")
        address = next(line for line in lines if "http://" in line).split()[-1]
        try:
            with browsing(tmp_path / "profile") as browser:
                browser.size(1280, 720)
                browser.open(address)
                page = f"http://{urlsplit(address).netloc}/report"
                browser.open(page)
                _fill_in(browser, film / "light.cards.toml", tmp_path)
                _of_the_show(browser, film / "bible.toml", tmp_path)
                browser.open(page)  # what was refused is left
                _look_again(browser)
                assert all("409" in one for one in browser.said), browser.said  # what was refused
        finally:
            process.send_signal(signal.SIGINT)
    kept = tomllib.loads((film / "light.cards.toml").read_text())
    mug = {"name": "mug", "state": "full", "region": [0.1, 0.2, 0.3, 0.4]}
    dusk = {"clip": "dusk", "scene": "12", "setup": "12A", "master": True, "props": [mug],
            "allowed": ["colour.exposure"]}  # fmt: skip
    assert kept["card"] == [dusk]
    assert kept["bible"] == {"setups": {"12A": {"day": "3"}}}
    told = su("cards", cut, "--json").json  # the sheet beside the cut is found by its name
    assert told["shots"][1]["card"]["setup"] == "12A"


def _fill_in(browser, sheet: Path, folder: Path) -> None:
    """A card and the bible, by the keys alone, and the cut looked at again with them."""
    told = "document.querySelector('.told').textContent"
    browser.until(EXPOSURE)
    browser.press("c", "j", "Enter")
    browser.write("12")
    browser.press("Tab", "Tab")
    browser.write("12A")
    browser.tell("document.querySelector('[data-kind=props] [name=name]').focus()")
    browser.write("mug")
    browser.press("Tab")
    browser.write("full")
    browser.press("Tab")
    browser.write("20 20 90 40")
    browser.press("Enter")
    browser.until(f"/Not written: .*props.*region/.test({told})")  # it says which field, and waits
    assert not sheet.exists()
    browser.tell("document.querySelector('[data-kind=props] .region').select()")
    browser.write("10 20 30 40")
    browser.tell("document.querySelector('[name=allowed][value=\"colour.exposure\"]').focus()")
    browser.press(" ", "Escape", "m", "b")  # going on writes what was typed
    browser.until("document.querySelector('h3').textContent === 'The bible of this cut'")
    assert 'scene = "12"' in sheet.read_text()
    browser.picture(folder / "bible.png")
    browser.tell("document.querySelector('.setups [name=day]').focus()")
    browser.write("3")
    browser.press("Escape", "j", "j")
    browser.until("document.querySelector('h3').textContent === 'dusk'")
    browser.picture(folder / "card.png")
    assert browser.tell("document.querySelector('[name=day]').placeholder") == "3 (bible)"


def _of_the_show(browser, bible: Path, folder: Path) -> None:
    """What every shot of the sequence says, and a card that somebody else was quicker to write."""
    head, told = "document.querySelector('h3').textContent", "document.querySelector('.told')"
    browser.press("b", "b")
    browser.until(f"{head} === 'The show'")
    browser.picture(folder / "show.png")
    browser.press("j")
    browser.until(f"{head} === 'light'")
    browser.tell("document.querySelector('[data-kind=cast] [name=name]').focus()")
    browser.write("Mara")
    browser.press("Escape", "j")
    browser.until(f"{head} === 'The bible of this cut'")
    assert bible.read_text() == SHOW.replace("window\n", 'window\ncast = [{name = "Mara"}]\n')
    browser.press("j", "j", "o")
    browser.until(
        "document.querySelector('.belongs [aria-pressed=true]').textContent === 'the show'"
    )
    browser.tell("document.querySelector('[data-kind=wardrobe] [name=name]').focus()")
    browser.write("coat")
    browser.press("Tab", "Tab")
    browser.write("10 20 30 40")
    browser.picture(folder / "card of the show.png")
    theirs = bible.read_text() + "# in somebody else's editor\n"
    bible.write_text(theirs)
    browser.press("Escape", "k")
    browser.until(
        f"{told}.textContent.startsWith('Not written: bible.toml was changed by somebody')"
    )
    assert bible.read_text() == theirs


def _look_again(browser) -> None:
    """The cut with its cards as they are now."""
    browser.press("c")
    browser.tell("window.before = true")
    browser.press("r")
    browser.until("!window.before && document.querySelector('.cover') !== null")
    assert not browser.tell(EXPOSURE)
