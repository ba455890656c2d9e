"""A cut reviewed in a browser: who gets in, what is written, and that it is written at once."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import browsing


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
