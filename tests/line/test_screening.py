"""A session at the page, by keys: what was decided is taken back, what failed is shot again, the
packet is built; and the ledger holds it with names."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from access import faults
from browser import Page
from screening import ACTOR, Served, served
from secondunit.cli.cutting import cut_in, shot_place
from secondunit_bridge.film import Entry, Project, Shot, TakeState, Turnover, Work
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.unit import Unit
from studio_material import studio

RATE = Fraction(24)
STATE = "document.querySelector('.side .mark')?.textContent"
CLOSED = "document.querySelector('dialog[open]') === null"
VERSIONS = "(document.querySelector('.versions')?.innerText ?? '')"


@dataclass
class Floor:
    """A daemon whose generator does as it is told, and the page."""

    unit: Unit
    page: Served
    folder: Path

    def ask(self, code: str, first: int, takes: int = 1, **options: Any) -> tuple[str, ...]:
        """Takes of six frames with handles of two, asked for by Kim."""
        record = FrameRange(first, first + 5, RATE)
        shot = Shot("tiny", "TCC", code, f"guid-{code}", record, Handles(2, 2))
        return self.unit.turn_over(
            Turnover(shot, Work.insert, "actor", "A wall.", takes=takes, width=96, height=54,
                     options=options, artist="Kim", seed=3)
        )  # fmt: skip

    def head(self) -> int:
        """The last entry's number."""
        return self.unit.entries(0, 2000)[-1].number

    def since(self, kind: str, after: int) -> list[Entry]:
        return [one for one in self.unit.entries(after) if one.kind == kind]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with studio(tmp_path_factory.mktemp("studio"), "actor", ACTOR) as place:
        yield place


@pytest.fixture(scope="module")
def floor(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    folder = tmp_path_factory.mktemp("floor")
    with Unit.connect(host="test", timeout=30) as unit, served() as page:
        unit.project(Project("tiny", RATE, 96, 54, store=str(folder / "store")))
        made = Floor(unit, page, folder)
        ids = [*made.ask("0010", 86406, 3), *made.ask("0020", 86430, quality="draft", frozen=True)]
        unit.wait(ids, timeout=60)
        yield made


@pytest.fixture(scope="module")
def page(floor: Floor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with floor.page.opened(tmp_path_factory.mktemp("browser") / "profile") as opened:
        opened.until("document.querySelectorAll('.card').length === 2")
        yield opened


def watch(page: Page, name: str) -> None:
    """Open a shot by keys, from wherever the page is."""
    page.press("s")
    page.until("document.querySelector('.card[aria-selected=true]') !== null")
    page.press("Home")
    chosen = "document.querySelector('.card[aria-selected=true] b').textContent"
    for _ in range(9):
        if page.tell(chosen) == name:
            break
        page.press("ArrowRight")
    assert page.tell(chosen) == name
    page.press("Enter")
    page.until(f"Boolean({STATE})")


def decide(page: Page, *keys: str, reason: str = "", by: str = "") -> None:
    """A key, the reason, and a name when none was given before."""
    page.press(*keys)
    page.until(f"!({CLOSED})")
    if reason:
        page.tell("document.querySelector('#ask [name=reason]').focus()")
        page.write(reason)
    if by:
        page.tell("document.querySelector('#ask [name=by]').select()")
        page.write(by)
    page.tell("document.querySelector('#ask .go').focus()")
    page.press("Enter")
    page.until(CLOSED)


def failed(floor: Floor, after: int) -> list[str]:
    """Takes that failed since then."""
    return [e.subject for e in floor.since("state", after) if e.body["state"] == "failed"]


def test_an_approval_shows_who_when_and_which_hash_and_is_taken_back_by_another_entry(
    floor: Floor, page: Page
) -> None:
    before = floor.head()
    watch(page, "TCC_0010")
    page.press("2")
    decide(page, "c", by="Ada")
    page.until(f"{VERSIONS}.includes('TCC_0010_v001')")
    first, entry = floor.unit.versions()[-1], floor.since("version", before)[-1]
    shown = page.tell(VERSIONS)
    assert "Ada" in shown
    assert first.record[:12] in shown
    assert page.tell("document.querySelector('.versions code').title") == first.record
    seals = page.tell("[...document.querySelectorAll('.history li')].map((one) => one.title)")
    assert entry.seal in seals
    line = page.tell("document.querySelector('.versions span').textContent")
    assert re.search(r"\b\d\d:\d\d$", line), line
    decide(page, "c", reason="the edge shows")  # the same key takes it back
    page.until(f"{VERSIONS}.includes('recalled') && {STATE} === 'recalled'")
    page.press("3")
    decide(page, "c")
    page.until(f"{VERSIONS}.includes('TCC_0010_v002')")
    decide(page, "C")
    page.until(f"{VERSIONS}.includes('final')")
    states = [(e.subject, e.body["state"], e.by) for e in floor.since("version_state", before)]
    assert [one for one in states if one[0] == "TCC_0010_v001"][-1][1:] == ("recalled", "Ada")
    assert [one[1] for one in states if one[0] == "TCC_0010_v002"] == ["approved", "final"]
    assert states[-1][2] == "Ada"
    assert first in floor.unit.versions()  # nothing is edited away


def test_junk_is_brought_back_and_only_then_it_can_be_circled_as_any_other(
    floor: Floor, page: Page
) -> None:
    before = floor.head()
    watch(page, "TCC_0020")
    assert page.tell(STATE) == "junk"
    assert "frozen" in page.tell("document.querySelector('.side .warn').textContent")
    decide(page, "g", reason="it is a still life", by="Ada")
    page.until(f"{STATE} !== 'junk'")
    (state,) = [e for e in floor.since("state", before) if e.by == "Ada"]
    assert state.body["reason"] == "it is a still life"
    assert floor.unit.take(state.subject).state is not TakeState.junk


def test_what_failed_says_why_and_what_to_do_and_is_shot_once_that_is_done(
    floor: Floor, page: Page
) -> None:
    wall, before = floor.folder / "wall", floor.head()
    page.press("q")
    page.until("document.querySelector('.band .memory') !== null")
    assert "GB" in page.tell("document.querySelector('.memory dd').textContent")
    (slow,) = floor.ask("0030", 86460, seconds=0.4)
    (fails,) = floor.ask("0040", 86480, needs=str(wall))
    page.until("document.querySelector('.running .job')?.textContent.includes('painting')")
    page.until("document.querySelector('.running img')?.src.includes('/previews/')")
    page.until("document.querySelector('.running img').naturalWidth > 0")
    page.until("/about/.test(document.querySelector('.running .about p').textContent)")
    page.until("document.querySelector('.floor section:nth-child(2) .job')?"
               ".textContent.includes('begins in about')")  # fmt: skip
    floor.unit.wait([slow], timeout=60)
    page.until("document.querySelector('.job.failed .why') !== null")
    said = page.tell("document.querySelector('.job.failed').textContent")
    assert "the wall is not there" in said
    assert "Put the wall back, then try again." in said
    page.press("t")  # too early: it fails again
    end = time.monotonic() + 30
    while len(failed(floor, before)) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    page.until("document.querySelector('.job.failed .why') !== null")
    wall.touch()
    page.press("t")
    floor.unit.wait([fails], timeout=60)
    page.until("document.querySelector('.job.failed') === null")
    assert floor.unit.take(fails).state is TakeState.pending_review
    assert failed(floor, before) == [fails, fails]


def test_each_of_several_takes_is_cancelled_by_itself(floor: Floor, page: Page) -> None:
    before = floor.head()
    one, two, three = floor.ask("0050", 86500, 3, seconds=0.5)
    page.press("q")
    page.until(f"document.querySelector('.running [data-take=\"{one}\"]') !== null")
    page.until(f"document.querySelector('[data-take=\"{three}\"]') !== null")
    page.tell(f"document.querySelector('[data-take=\"{two}\"]').click()")
    decide(page, "x", by="Ada")
    page.until(f"document.querySelector('.cancelled[data-take=\"{two}\"]') !== null")
    page.tell(f"document.querySelector('[data-take=\"{one}\"]').click()")
    decide(page, "x")
    floor.unit.wait([one, two, three], timeout=60)
    states = [floor.unit.take(take).state for take in (one, two, three)]
    assert states == [TakeState.cancelled, TakeState.cancelled, TakeState.pending_review]
    cancelled = [e.by for e in floor.since("state", before) if e.body["state"] == "cancelled"]
    assert cancelled == ["Ada", "Ada"]


def ended(page: Page) -> str:
    """What became of the newest packet. Setting its pages takes its time on a busy machine."""
    page.until("document.querySelector('.made') !== null")
    end = time.monotonic() + 80
    while page.tell("document.querySelector('.made.building') !== null"):
        assert time.monotonic() < end
        time.sleep(0.1)
    return str(
        page.tell("((m) => `${m.className} ${m.textContent}`)(document.querySelector('.made'))")
    )


def test_a_packet_says_which_right_is_missing_and_is_built_as_a_draft_with_its_pages(
    floor: Floor, page: Page, cuts: Any, home: Path
) -> None:
    version = next(one for one in floor.unit.versions() if one.name == "TCC_0010_v002")
    cut = cuts.write_cut(floor.folder / "TCC.otio", [cuts.hole(40)])
    where = shot_place(floor.unit, version.take, cut)
    cut_in(floor.unit, where, version, by="Kim", out=floor.folder / "TCC_cut.otio")
    page.press("h", "5")
    page.until("document.querySelector('.order select')?.options[0]?.text === 'TCC_cut.otio'")
    page.press("b")
    page.until("document.querySelector('.made') !== null || "
               "document.querySelector('.order .wrong').textContent.includes('name')")  # fmt: skip
    if page.tell("document.querySelector('.made') === null"):
        page.write("Ada")
        page.press("Enter")
    refused = ended(page)  # the version is final, and nobody has declared anything
    assert refused.startswith("made refused")
    assert "secondunit rights declare tiny" in refused
    page.tell("document.querySelector('.order [name=draft]').click()")
    page.tell("document.querySelector('#sheet').focus()")
    page.press("b")
    page.until("document.querySelectorAll('.made').length === 2")
    assert ended(page).startswith("made built")
    (folder,) = (home / "packets").iterdir()
    assert (folder / "packet.json").is_file()
    link = page.tell("document.querySelector('.made a').href")
    page.tell(f"void fetch('{link}').then((a) => a.text()).then((t) => {{ window.got = t }})")
    page.until("window.got?.startsWith('%PDF-')")


FOCUSED = """(() => {
  const e = document.activeElement, drawn = (one) => { const s = getComputedStyle(one);
    return s.outlineStyle !== 'none' || s.boxShadow !== 'none' };
  const inner = document.getElementById(e.getAttribute('aria-activedescendant'));
  return { tag: e.tagName, ring: drawn(e) || Boolean(inner && drawn(inner)), index: e.tabIndex,
    name: e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent,
    place: [...document.querySelectorAll('*')].indexOf(e) } })()"""


def test_no_view_has_a_serious_fault_of_access(floor: Floor, page: Page) -> None:
    found: dict[str, list[str]] = {}
    keys = {"sequence": "s", "shot": "Enter", "keys": "?", "queue": "q", "bible": "h",
            "rights": "2", "cost": "3", "checks": "4", "packet": "5"}  # fmt: skip
    for name, key in keys.items():
        page.press(key)
        time.sleep(0.3)  # until what is fetched is drawn
        found[name] = faults(page)
        if name == "keys":
            page.press("Escape")
    watch(page, "TCC_0010")
    for key in "cnr":
        page.press(key)
        page.until(f"!({CLOSED})")
        found[key] = faults(page)
        page.press("Escape")
        page.until(CLOSED)
    assert not [line for lines in found.values() for line in lines], found
    page.tell("document.querySelector('.tab').replaceChildren()")  # a button without a name
    assert any("button-name" in one for one in faults(page))
    page.press("q", "s")


def test_tab_goes_through_every_view_in_reading_order_and_shows_where_it_is(page: Page) -> None:
    for key in ("s", "q", "h", "5"):
        page.press(key)
        time.sleep(0.3)
        page.tell("document.querySelector('.tab').focus()")
        places, before = list[int](), -1
        while True:
            now = page.tell(FOCUSED)
            if now["place"] <= before or now["tag"] == "BODY":
                break
            assert now["name"].strip(), now
            assert now["ring"], now
            assert now["index"] == 0, now
            places.append(before := now["place"])
            page.press("Tab")
        assert len(places) >= 4, key
    page.press("s")
    page.press("Enter")
    page.until(f"Boolean({STATE})")
    page.tell("[...document.querySelectorAll('.deed')].find((b) => !b.disabled).focus()")
    opener = page.tell(FOCUSED)["name"]
    page.press("n")
    page.until(f"!({CLOSED})")
    page.press("Escape")
    page.until(CLOSED)
    assert page.tell(FOCUSED)["name"] == opener  # where it was before the dialog


def test_the_map_of_keys_names_every_key_of_a_view(page: Page) -> None:
    for key, some in (("s", "F"), ("q", "T"), ("h", "B")):
        page.press(key, "?")
        page.until("document.querySelector('#keys[open]') !== null")
        shown = page.tell("[...document.querySelectorAll('#keys kbd')].map((k) => k.textContent)")
        assert {some, "S", "Q", "H", "?", "Esc"} <= {one.split(" ")[0] for one in shown}
        page.press("Escape")


def test_nobody_without_the_cookie_sees_the_show_and_no_path_leads_out_of_it(floor: Floor) -> None:
    def asked(method: str, path: str, body: str = "", **headers: str) -> int:
        door = http.client.HTTPConnection(floor.page.address, timeout=20)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        door.request(method, path, body or None, names)
        status = door.getresponse().status
        door.close()
        return status

    mine = {"Cookie": floor.page.cookie}
    own = mine | {"Origin": floor.page.own, "Content_Type": "application/json"}
    for path in ("/show", "/costs", "/queue", "/packets/x.pdf", "/faces/Vera/0.jpg"):
        assert asked("GET", path) == 403, path
    for path in ("/packets/../ledger.sqlite", "/packets/..%2f..%2fledger.pdf", "/clips/0.jpg",
                 "/packets/....pdf", "/faces/..%2f..%2fetc%2fpasswd/0.jpg"):  # fmt: skip
        assert asked("GET", path, **mine) == 404, path
    assert asked("GET", "/show", **mine) == 200
    wrong = ('{"cut": "/etc/passwd", "by": "I"}', '{"cut": -1, "by": "I"}', '{"cut": 99}', "[]")
    assert {asked("POST", "/do/packet", body, **own) for body in wrong} == {409}
    foreign = own | {"Origin": "http://evil.example"}
    assert asked("POST", "/do/packet", '{"cut": 0, "by": "I"}', **foreign) == 403
