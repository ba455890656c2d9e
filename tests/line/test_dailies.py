"""Dailies in a browser: a scripted session by keys, what the ledger then holds, who is kept out."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from browser import Page, browsing
from plate_material import SRGB, wall, with_passes, written
from secondunit.cli import main
from secondunit.media.delivery import write_still
from secondunit.web.rooms import STATIC
from secondunit_bridge.film import (
    Element,
    Entry,
    Media,
    Project,
    Role,
    Shot,
    Take,
    TakeState,
    Turnover,
    Work,
)
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.unit import Unit

RATE = Fraction(24)
SCRIPT = "<img src=x onerror=document.title='in'><script>document.title='in'</script>"
STATE = "document.querySelector('.side .mark')?.textContent"
SHOWN = "Number(document.querySelector('canvas')?.dataset.shown ?? 0)"
WRONG = "document.querySelector('#ask .wrong')?.textContent"
NOWHERE = (
    *("/static/../rooms.py", "/static/%2e%2e/rooms.py", "/static//etc/passwd", "//etc/passwd"),
    *("/frames/../../../etc/passwd/1.jpg", "/previews/x", "/report", "/etc/passwd"),
)
BOX = [[0.1, 0.1], [0.2, 0.2]]
# The scopes' own counting, of a grey and of a red picture: the row of the waveform that is filled,
# the column and the row of the vectorscope, the mean; and how many pixels are there.
SCOPED = """void import('/static/scopes.js').then(({ count }) => {
  window.scoped = [[128, 128, 128], [200, 0, 0]].map((rgb) => {
    const data = new Uint8ClampedArray(384 * 216 * 4);
    for (let i = 0; i < data.length; i += 4) data.set([...rgb, 255], i);
    const { waved, turned, mean } = count(data, 'luma'), row = waved.findIndex((n) => n > 0) / 384;
    const at = turned.findIndex((n) => n > 0), sum = (all) => all.reduce((a, b) => a + b, 0);
    const wide = waved.subarray(row * 384, (row + 1) * 384);
    return [[row, at % 256, Math.floor(at / 256), Math.round(mean * 100) / 100],
            [sum(wide), waved.length && sum(waved)]] }) })"""
HOSTILE: tuple[Any, ...] = (
    [{"mark": SCRIPT, "points": BOX}],
    [{"mark": "box", "points": SCRIPT}],
    [{"mark": "box", "points": [[0.1, 0.1], [1.2, 0.2]]}],
    [{"mark": "line", "points": [[0.5, 0.5]] * 4001}],
    [{"mark": "box", "points": BOX}] * 65,
)
CLOSED = "document.querySelector('dialog[open]') === null"


@dataclass
class Set:
    """A daemon with takes, and the page that shows them."""

    unit: Unit
    link: str
    takes: dict[str, tuple[Take, ...]]
    cookie: str = ""

    def reply(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """One request as any program could make it."""
        connection = http.client.HTTPConnection(urlsplit(self.link).netloc, timeout=20)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, names)
        answer = connection.getresponse()
        said = answer.status, answer.read(), {n.lower(): v for n, v in answer.getheaders()}
        connection.close()
        return said

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
        """Its status and body."""
        return self.reply(method, path, body, **headers)[:2]

    def said(self, kind: str, after: int) -> list[Entry]:
        """Entries of a kind since then."""
        return [one for one in self.unit.entries(after) if one.kind == kind]


def shot(code: str, first: int, count: int) -> Shot:
    record = FrameRange(first, first + count - 1, RATE)
    return Shot("tiny", "TCC", code, f"guid-{code}", record, Handles(2, 2))


def leader(code: str, first: int, count: int, takes: int, **more: Any) -> Turnover:
    return Turnover(shot(code, first, count), Work.insert, "slate", takes=takes,
                    **{"width": 96, "height": 54, "brief": "A slate.", **more})  # fmt: skip


def flickering(folder: Path) -> Turnover:
    """A push in on pictures of which one is dark: continuity says look."""
    rng = np.random.default_rng(7)
    wide = np.kron(rng.random((12, 40, 3)), np.ones((8, 8, 1))) * 0.6 + 0.1
    for n in range(12):
        seen = wide[:54, n * 2 : n * 2 + 96] * (0.1 if n == 5 else 1)
        write_still(folder / f"ref.{n + 1:04}.png", seen.astype(np.float32), bits=8, space="sRGB")
    media = Media(FrameRange(1, 12, RATE), path=str(folder / "ref.%04d.png"), space=SRGB)
    return Turnover(shot("0020", 86406, 8), Work.insert, "reframe", brief="Push in.",
                    elements=(Element(Role.reference, media),), width=96, height=54)  # fmt: skip


def plate(folder: Path) -> None:
    """A plate with something put in where its matte allows it: a take with a receipt."""
    written(folder, "wall", lambda index: wall(), count=1, first=1)
    said = main([
        "plate", "--plate", str(with_passes(folder)), "--matte", "channel:hold.mask", "--by", "Kim",
        "--reference", str(folder / "wall.0001.png"), "--reference-space", SRGB,
        "--option", "follow=off", "--out", str(folder / "out"), "--json",
    ])  # fmt: skip
    assert said == 0


@pytest.fixture(scope="module")
def dailies(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Set]:
    """Three shots and a plate, shot; and the page, served by its own process."""
    folder = tmp_path_factory.mktemp("dailies")
    plate(folder / "plates")
    with Unit.connect(host="test", timeout=30) as unit:
        unit.project(Project("tiny", RATE, 96, 54, store=str(folder / "store")))
        asks = {"0010": leader("0010", 86400, 6, 3), "0020": flickering(folder)}
        ids = {code: unit.turn_over(ask) for code, ask in asks.items()}
        takes = {code: unit.wait(found, timeout=60) for code, found in ids.items()}
        takes["plate"] = tuple(one for one in unit.takes() if one.name not in ids)[:1]
        words = [sys.executable, "-m", "secondunit", "review", "--no-open"]
        page = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        assert page.stdout is not None
        try:
            lines = iter(page.stdout.readline, "")
            link = next(line for line in lines if "http://" in line).split()[-1]
            made = Set(unit, link, takes)
            _, _, headers = made.reply("GET", f"/?{urlsplit(link).query}")
            made.cookie = headers["set-cookie"].partition(";")[0]
            yield made
        finally:
            page.kill()
            page.wait()
            page.stdout.close()


def upload(address: str, cookie: str, size: int) -> bytes:
    """What is answered to so many bytes that are announced."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        head = (f"POST /do/note HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n"
                f"Cookie: {cookie}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {size}\r\n\r\n")  # fmt: skip
        wire.sendall(head.encode())
        return wire.recv(4096)


def test_nobody_else_gets_in_and_nothing_else_is_taken(dailies: Set):
    cookie, address = dailies.cookie, urlsplit(dailies.link).netloc
    own = {"Cookie": cookie, "Origin": f"http://{address}", "Content_Type": "application/json"}
    frame = f"/frames/{dailies.takes['0010'][0].id}/1003.jpg"
    for path in ("/", "/state", "/events", frame, "/static/app.js"):
        assert dailies.ask("GET", path)[0] == 403
        assert dailies.ask("GET", path, Cookie=cookie, Host="rebound.example")[0] == 403
    assert dailies.ask("GET", "/?token=wrong")[0] == 403
    assert dailies.ask("GET", f"/?{urlsplit(dailies.link).query}")[0] == 403  # spent
    assert dailies.ask("GET", frame, Cookie=cookie)[0] == 200
    for path in NOWHERE:
        assert dailies.ask("GET", path, Cookie=cookie)[0] == 404, path
    wrong = ("w=99999", "w=640&ev=99", "ev=nan", "view=-1", "show=../etc", "gamma=0", "gamma=nan")
    assert {dailies.ask("GET", f"{frame}?{q}", Cookie=cookie)[0] for q in wrong} == {409}
    foreign = {"Origin": "http://evil.example"}
    for headers in (own | foreign, own | {"Origin": "null"}, {**own, "Cookie": ""}):
        assert dailies.ask("POST", "/do/note", "{}", **headers)[0] == 403
    assert dailies.ask("POST", "/do/note", "{}", **(own | {"Content_Type": "text/plain"}))[0] == 404
    assert dailies.ask("POST", "/do/stop_daemon", "{}", **own)[0] == 404
    for verb in ("note", "circle", "waive", "reshoot", "cancel"):
        status, said = dailies.ask("POST", f"/do/{verb}", "[1]", **own)
        assert (status, json.loads(said)["error"]["code"]) == (409, "E_FIELD"), verb
    for drawn in HOSTILE:
        note = {"take": dailies.takes["0010"][0].id, "by": "Eve", "text": "x", "drawn": drawn}
        status, said = dailies.ask("POST", "/do/note", json.dumps(note), **own)
        assert (status, json.loads(said)["error"]["code"]) == (409, "E_FIELD"), drawn
    assert upload(address, cookie, 100_000_000).startswith(b"HTTP/1.1 413")


def test_the_page_says_what_it_may_load_and_keeps_nothing(dailies: Set):
    _, _, headers = dailies.reply("GET", "/", Cookie=dailies.cookie)
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    for file in STATIC.iterdir():
        assert not re.search(
            r"(src|href|from|import|url\()\W{0,3}(https?:)?//", file.read_text()
        ), file


def test_a_take_of_a_plate_shows_what_its_receipt_protects(dailies: Set):
    (take,) = dailies.takes["plate"]
    shown = {}
    for what in ("take", "plate", "outside"):
        path = f"/frames/{take.id}/1001.jpg?show={what}"
        status, data = dailies.ask("GET", path, Cookie=dailies.cookie)
        assert status == 200, data
        shown[what] = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    grey = np.ptp(shown["outside"].astype(int), axis=2) < 12
    assert 0.5 < grey.mean() < 0.97  # protected is grey; what may change is not
    red = (shown["outside"] @ [1, 0, 0]).astype(int) - shown["outside"][..., 1] > 150
    assert not red.any()
    assert np.abs(shown["plate"].astype(int) - shown["take"])[~grey].mean() > 10
    path = f"/frames/{dailies.takes['0010'][0].id}/1003.jpg?show=outside"
    status, data = dailies.ask("GET", path, Cookie=dailies.cookie)
    assert (status, json.loads(data)["error"]["code"]) == (409, "E_FRAMES_MISSING")


def test_a_day_of_dailies_by_keys_is_in_the_ledger(dailies: Set, tmp_path: Path):
    before = dailies.unit.entries(0, 2000)[-1].number
    with browsing(tmp_path / "profile") as page:
        page.size(1280, 720)
        name, _, value = dailies.cookie.partition("=")
        own = f"http://{urlsplit(dailies.link).netloc}"
        page.ask("Network.setCookie", name=name, value=value, url=own, sameSite="Strict")
        page.open(own)
        page.until("document.querySelectorAll('.card').length === 3")
        _watch(page)
        _compare(page)
        _measure(page)
        _decide(page)
        _draw(page)
        _answer(page)
        _shoot_again(page, dailies)
        assert page.said == [
            "Failed to load resource: the server responded with a status of 409 (Conflict)"
        ] * len(page.said)  # what the daemon refused, in its own words on the page
        assert page.tell("document.title") != "in"
    _ledger(dailies, before)


def _watch(page: Page) -> None:
    """Open the first shot of the sequence, step, play, set in and out; all by keys."""
    page.until("document.querySelector('.card[aria-selected=true] b') !== null")
    page.press("Home")
    chosen = "document.querySelector('.card[aria-selected=true] b').textContent"
    while not page.tell(chosen).startswith("TCC"):
        page.press("ArrowRight")
    page.press("Enter")
    page.until(f"{SHOWN} === 1003")  # the first frame of the cut, after its head handle
    assert page.tell("document.querySelector('.clock').textContent") == "01:00:00:00"
    page.press("ArrowRight", "ArrowRight", "i")
    page.until(f"{SHOWN} === 1005")
    assert page.tell("document.querySelector('.clock').textContent") == "01:00:00:02"
    page.press("ArrowRight", "ArrowRight", "o", "l")
    page.until(f"{SHOWN} === 1005")  # round and round between in and out
    page.until(f"{SHOWN} === 1006")
    page.press("k")
    assert page.tell(SHOWN) in (1005, 1006, 1007)
    page.press("u", "e")
    page.until("document.querySelector('canvas').dataset.look === 'take 0.33'")
    page.press("0")


def _compare(page: Page) -> None:
    """Three takes beside each other, a wipe, a difference; the wipe moves."""
    mode = "document.querySelector('canvas').dataset.mode"
    page.press("t")
    page.until("document.querySelector('canvas').dataset.takes.split(' ').length === 3")
    page.press("m")
    page.until(f"{mode} === 'wipe'")
    page.press(",", "m")
    page.until(f"{mode} === 'difference'")
    lit = """(() => { const c = document.querySelector('canvas'), d = c.getContext('2d')
      .getImageData(0, 0, c.width, c.height).data; let most = 0;
      for (let i = 0; i < d.length; i += 16) most = Math.max(most, d[i]); return most })()"""
    assert page.tell(lit) > 60  # seeds differ: the bar is elsewhere
    page.press("m", "m")
    page.until(f"{mode} === 'single'")


def _measure(page: Page) -> None:
    """Gamma, scopes, all takes on a sheet; each leaves as it came."""
    page.press("-", "-")
    page.until("document.querySelector('canvas').dataset.gamma === '0.80'")
    page.press("0", "y")
    page.until("Number(document.querySelector('.scopes').dataset.mean) > 0")
    assert "Rec. 709" in page.tell("document.querySelector('.means p:last-child').textContent")
    lit = page.tell("""(() => { const c = document.querySelector('.scopes canvas'), d = c
      .getContext('2d').getImageData(c.width / 4, 0, c.width / 2, c.height).data; let lit = 0;
      for (let i = 1; i < d.length; i += 4) lit += d[i] > 60; return lit })()""")
    assert lit > 100  # the waveform of a slate has its bars
    page.tell(SCOPED)
    page.until("window.scoped !== undefined")
    grey, red = page.tell("window.scoped")
    assert grey == [[127, 128, 128, 128], [82944, 82944]]  # one level, no colour, every pixel
    # Rec. 709: Y' of (200, 0, 0) is 42.5, Cb -22.9 and Cr +100.0 from the middle of 127.5
    assert red == [[212, 105, 28, 42.52], [82944, 82944]]
    page.press("y", "T")
    page.until("document.querySelector('canvas').dataset.mode === 'sheet'")
    assert page.tell("document.querySelector('canvas').dataset.takes.split(' ').length") == 3
    page.press("Enter", "f")  # and in its cut, where the next shot follows
    page.until("document.querySelector('canvas').dataset.mode === 'cut'")
    parts = "[...document.querySelectorAll('.track .part')].map((one) => one.textContent)"
    assert page.tell(parts) == ["TCC_0010", "TCC_0020"]
    page.press("k", "End")
    page.until("document.querySelector('.counter').textContent === '1010 TCC_0020'")
    assert page.tell("document.querySelector('.clock').textContent") == "01:00:00:13"
    page.press("f")
    page.until("document.querySelector('canvas').dataset.mode === 'single'")


def _draw(page: Page) -> None:
    """A box and an arrow by keys, with a note; seen again on its frame and on no other."""
    page.press("2", "N")
    page.until("document.querySelector('.over.pen') !== null")
    page.press("ArrowLeft", "ArrowUp", " ", "ArrowRight", "ArrowRight", "ArrowDown", " ")
    page.press(
        "a", "q", " ", "ArrowDown", "ArrowDown", " ", "l", " ", "ArrowLeft", "ArrowLeft", " "
    )
    page.press("Backspace", "Enter")
    page.write("mind this corner")
    page.press("Enter")
    page.until(f"{CLOSED} && document.querySelector('.over.pen') === null")
    page.until("document.querySelector('.legend').textContent === 'Ada: mind this corner'")
    inked = """(() => { const c = document.querySelector('.over'),
      copy = new OffscreenCanvas(c.width, c.height).getContext('2d'); copy.drawImage(c, 0, 0);
      const d = copy.getImageData(0, 0, c.width, c.height).data; let inked = 0;
      for (let i = 3; i < d.length; i += 4) inked += d[i] > 0; return inked })()"""
    assert page.tell(inked) > 200
    page.press("H")
    assert page.tell(inked) == 0  # hidden
    page.press("H", "ArrowLeft")
    page.until(f"{SHOWN} !== 0 && document.querySelector('.legend').textContent === ''")
    assert page.tell(inked) == 0  # another frame


def _decide(page: Page) -> None:
    """A note with markup in it, a take rejected with a reason, another circled."""
    page.press("1", "n")
    page.write(SCRIPT)
    page.press("Enter")
    page.until(f"({WRONG} ?? '').includes('name')")
    page.write("Ada")
    page.press("Enter")
    page.until(f"{CLOSED} && document.querySelector('.history p')?.textContent.startsWith('<img')")
    assert page.tell("document.querySelectorAll('.history img, .history script').length") == 0
    page.press("x")
    page.write("the bar is late")
    page.press("Enter")
    page.until(f"{CLOSED} && {STATE} === 'rejected'")
    page.press("2", "c", "Enter")
    page.until(
        f"{CLOSED} && document.querySelector('.versions b')?.textContent === 'TCC_0010_v001'"
    )
    assert "Ada" in page.tell("document.querySelector('.versions span').textContent")


def _answer(page: Page) -> None:
    """A take with an open finding: circling is refused, it is answered, then it is circled."""
    page.press("]")
    page.until(f"{STATE} === 'findings open'")
    page.press("c", "Enter")
    page.until(f"({WRONG} ?? '').includes('open findings')")
    page.press("Escape", "w")
    page.until("document.activeElement.name === 'answer'")
    page.press("2")
    page.write("lightning")
    page.press("Enter")
    page.until(f"{CLOSED} && {STATE} === 'to watch'")
    page.press("c", "Enter")
    page.until(f"{CLOSED} && {STATE} === 'circled'")


def _shoot_again(page: Page, dailies: Set) -> None:
    """The same shot with other words and another seed; then a long one is stopped in the queue."""
    dailies.unit.turn_over(leader("0030", 86500, 900, 1, width=640, height=360))
    page.press("r")
    page.tell("document.querySelector('#ask [name=brief]').select()")
    page.write("Push in, slower.")
    page.tell("document.querySelector('#ask [name=seed]').select()")
    page.tell("document.querySelector('#ask [name=seed]').focus()")
    page.write("42")
    told = "[...document.querySelectorAll('%s .changes %s')].map((one) => one.textContent)"
    assert page.tell(told % ("#ask", "del")) == ["in.", "0"]
    assert page.tell(told % ("#ask", "ins")) == ["in, slower.", "42"]
    page.press("Enter")
    page.until(f"{CLOSED} && document.querySelectorAll('.bin li').length === 2")
    page.press("2")  # beside the take that came of it, too
    page.until(f"{told % ('.side', 'ins')}.join() === 'in, slower.,42'")
    page.press("q")
    page.until("document.querySelector('.running .job b')?.textContent.startsWith('TCC_0030')")
    page.until("Number(document.querySelector('[role=progressbar]')?.ariaValueNow ?? 0) > 0")
    page.press("x", "Enter")
    page.until(f"{CLOSED} && document.querySelector('.job.cancelled') !== null")


def _ledger(dailies: Set, before: int) -> None:
    takes = dailies.takes["0010"]
    note, drawn = dailies.said("note", before)
    assert (drawn.subject, drawn.by) == (takes[1].id, "Ada")
    assert drawn.body["drawn"] == [
        {"mark": "box", "points": [[0.475, 0.475], [0.525, 0.5]]},
        {"mark": "arrow", "points": [[0.525, 0.5], [0.525, 0.55]]},
    ]
    assert note.body["drawn"] == []
    assert (note.subject, note.by, note.body["text"]) == (takes[0].id, "Ada", SCRIPT)
    assert note.body["frames"] == [[1010, 1010]]  # the cut was left after its end
    states = [(e.subject, e.body["state"], e.by) for e in dailies.said("state", before)]
    assert (takes[0].id, "rejected", "Ada") in states
    assert any(state == "cancelled" and by == "Ada" for _, state, by in states)
    (waiver,) = dailies.said("waiver", before)
    assert (waiver.body["answer"], waiver.by) == ("creative_intent", "Ada")
    versions = {e.subject: e.body["take"] for e in dailies.said("version", before)}
    assert versions == {"TCC_0010_v001": takes[1].id, "TCC_0020_v001": dailies.takes["0020"][0].id}
    again = dailies.said("turnover", before)[-1].body["turnover"]
    assert isinstance(again, dict)
    assert (again["brief"], again["seed"], again["artist"]) == ("Push in, slower.", 42, "Ada")
    assert dailies.unit.take(takes[1].id).state is TakeState.circled
