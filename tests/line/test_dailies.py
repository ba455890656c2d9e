"""Dailies in a browser: a session as a supervisor holds it, and what the ledger holds after it."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from access import faults
from browser import Page
from screening import ACTOR
from screening_floor import (
    CARDS,
    CHOSEN,
    CLOSED,
    MODE,
    RATE,
    SHOWN,
    STATE,
    TOLD,
    VERSIONS,
    WRONG,
    Floor,
    decide,
    floor,
    places,
    watch,
    written_in,
)
from secondunit.cli import main
from secondunit.cli.cutting import cut_in, shot_place
from secondunit.web.rooms import STATIC
from secondunit_bridge.film import Project, TakeState
from studio_material import studio

SCRIPT = "<img src=x onerror=document.title='in'><script>document.title='in'</script>"
BY_HAND = ([0.25, 0.25], [0.3, 0.5], [0.5, 0.75])
# What is drawn, read off a copy: the page's own canvas stays where the browser has it.
DRAWN = """(() => { const c = document.querySelector('%s'), copy = new OffscreenCanvas(c.width,
  c.height).getContext('2d'); copy.drawImage(c, 0, 0);
  const w = c.width, d = copy.getImageData(0, 0, w, c.height).data; %s })()"""
INKED = DRAWN % (".over", "let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0;return n")
LIT = DRAWN % (
    "canvas",
    "return d.reduce((most, one, i) => (i % 4 ? most : Math.max(most, one)), 0)",
)
# Where the line of the wipe is, of the width of the screen: it alone is drawn in this yellow.
WIPED = DRAWN % (
    "canvas",
    """const row = 4 * w * (c.height >> 1), is = (x) => [242, 193, 78].every((n, i) => d[row + 4 * x
    + i] === n); let x = 0; while (x < w && !is(x)) x++; return x / w""",
)
WAVE = DRAWN % (".scopes canvas", "return d.filter((one, i) => i % 4 === 1 && one > 60).length")
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
FOCUSED = """(() => {
  const e = document.activeElement, drawn = (one) => { const s = getComputedStyle(one);
    return s.outlineStyle !== 'none' || s.boxShadow !== 'none' };
  const inner = document.getElementById(e.getAttribute('aria-activedescendant'));
  return { tag: e.tagName, ring: drawn(e) || Boolean(inner && drawn(inner)), index: e.tabIndex,
    name: e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent,
    place: [...document.querySelectorAll('*')].indexOf(e) } })()"""
# The page knows 500 shots, all of them like the first.
MANY = """void import('/static/store.js').then(({ film }) => { const [one] = film.shots;
  film.shots = Array.from({ length: 500 }, (_, n) => { const code = String(n).padStart(4, '0');
    return { ...one, guid: `many-${n}`, code, name: `MANY_${code}`,
      standing: n % 100 === 99 ? 'failed' : one.standing } }); window.many = true })"""
# Of those 500 every take waits, but each hundredth, which failed and says why.
LINED = """void import('/static/store.js').then(({ film }) => {
  film.shots = film.shots.map((shot, n) => { const broke = n % 100 === 99;
    return { ...shot, takes: [{ ...shot.takes[0], id: `many.${n}`, number: 1,
      state: broke ? 'failed' : 'waiting',
      error: broke ? { message: 'It broke. '.repeat(n / 10), hint: 'Mend it.' } : null }] } });
  window.lined = true })"""
# All shots were asked for twice: by the page, and once more when its stream of news was open.
ASKED = "performance.getEntriesByName(`${location.origin}/state`).length > 1"
ROW = "document.querySelector('.job.now')"
ROW_SEEN = """(({ top, bottom }, box) => top >= box.top - 1 && bottom <= box.bottom + 1)(
  document.querySelector('.job.now').getBoundingClientRect(),
  document.querySelector('.floor').getBoundingClientRect())"""
NOWHERE = (
    *("/static/../rooms.py", "/static/%2e%2e/rooms.py", "/static//etc/passwd", "//etc/passwd"),
    *("/frames/../../../etc/passwd/1.jpg", "/previews/x", "/report", "/etc/passwd"),
    *("/packets/../ledger.sqlite", "/packets/..%2f..%2fledger.pdf", "/packets/....pdf"),
    *("/clips/0.jpg", "/faces/..%2f..%2fetc%2fpasswd/0.jpg"),
)
FAILED = "chip failed"
# What is sent is counted, and goes on its way when it is let.
HELD = """(() => { const real = window.fetch; window.sent = []; window.fetch = (path, more) =>
  more ? new Promise((go) => sent.push(() => go(real(path, more)))) : real(path, more) })()"""
SAID = "document.getElementById('said').textContent"
FILTERED = "document.querySelector('.sorts .chip').textContent"
IN_SIGHT = """(({ top, bottom }, box) => top >= box.top - 1 && bottom <= box.bottom + 1)(
  document.querySelector('.card[aria-selected=true]').getBoundingClientRect(),
  document.querySelector('.strip').getBoundingClientRect())"""
BOX = [[0.1, 0.1], [0.2, 0.2]]
HOSTILE: tuple[Any, ...] = (
    [{"mark": SCRIPT, "points": BOX}],
    [{"mark": "box", "points": SCRIPT}],
    [{"mark": "box", "points": [[0.1, 0.1], [1.2, 0.2]]}],
    [{"mark": "line", "points": [[0.5, 0.5]] * 4001}],
    [{"mark": "box", "points": BOX}] * 65,
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with studio(tmp_path_factory.mktemp("studio"), "actor", ACTOR) as place:
        yield place


@pytest.fixture(scope="module")
def dailies(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    with floor(tmp_path_factory.mktemp("floor")) as made:
        yield made


@pytest.fixture(scope="module")
def page(dailies: Floor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with dailies.page.opened(tmp_path_factory.mktemp("browser") / "profile") as opened:
        opened.until(f"{CARDS} === 4")
        yield opened


def test_a_session_by_keys_and_pointer_is_in_the_ledger_with_names(
    dailies: Floor, page: Page, cuts: Any, home: Path
) -> None:
    before = dailies.head()
    open_the_first_shot(page)
    compare_three_takes(page)
    measure(page)
    reject_the_first(page)
    draw_on_the_second(page)
    answer_what_continuity_found(page)
    circle_recall_and_circle_another(page, dailies)
    made = shoot_again_and_cancel_two_of_three(page, dailies)
    lock_as_final(page)
    build_the_packet(page, dailies, cuts, home)
    assert page.said == [
        "Failed to load resource: the server responded with a status of 409 (Conflict)"
    ] * len(page.said)  # what the daemon refused, in its own words on the page
    assert page.tell("document.title") != "in"
    the_ledger_holds(dailies, before, made)


def open_the_first_shot(page: Page) -> None:
    """Step, play, set in and out."""
    watch(page, "TCC_0010")
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


def compare_three_takes(page: Page) -> None:
    """Beside each other, wiped with pointer and keys, subtracted, on a sheet, in their cut."""
    page.press("t")
    page.until("document.querySelector('canvas').dataset.takes.split(' ').length === 3")
    page.press("m")
    page.until(f"{MODE} === 'wipe'")
    middle = page.tell(WIPED)
    page.drag(*places(page, (0.5, 0.5), (0.4, 0.5), (0.25, 0.5)))
    wiped = page.tell(WIPED)
    assert middle - wiped == pytest.approx(0.25, abs=0.01)
    page.press(".")
    assert page.tell(WIPED) - wiped == pytest.approx(0.04, abs=0.01)
    page.press("m")
    page.until(f"{MODE} === 'difference'")
    assert page.tell(LIT) > 60  # seeds differ: the wall is another
    page.press("m", "m", "T")
    page.until(f"{MODE} === 'sheet'")
    assert page.tell("document.querySelector('canvas').dataset.takes.split(' ').length") == 3
    page.press("Enter", "f")  # alone again, and in its cut, where the next shot follows
    page.until(f"{MODE} === 'cut'")
    assert page.tell(TOLD % ".track .part") == ["TCC_0010", "TCC_0020"]
    page.press("k", "End")
    page.until("document.querySelector('.counter').textContent === '1010 TCC_0020'")
    assert page.tell("document.querySelector('.clock').textContent") == "01:00:00:13"
    page.press("f")
    page.until(f"{MODE} === 'single'")


def measure(page: Page) -> None:
    """Gamma and scopes; each leaves as it came."""
    page.press("-", "-")
    page.until("document.querySelector('canvas').dataset.gamma === '0.80'")
    page.press("0", "y")
    page.until("Number(document.querySelector('.scopes').dataset.mean) > 0")
    assert "Rec. 709" in page.tell("document.querySelector('.means p:last-child').textContent")
    assert page.tell(WAVE) > 100
    page.tell(SCOPED)
    page.until("window.scoped !== undefined")
    grey, red = page.tell("window.scoped")
    assert grey == [[127, 128, 128, 128], [82944, 82944]]  # one level, no colour, every pixel
    # Rec. 709: Y' of (200, 0, 0) is 42.5, Cb -22.9 and Cr +100.0 from the middle of 127.5
    assert red == [[212, 105, 28, 42.52], [82944, 82944]]
    page.press("y")


def reject_the_first(page: Page) -> None:
    """A note with markup in it, refused without a name; then it is rejected with a reason."""
    page.press("1", "n")
    page.write(SCRIPT)
    page.press("Enter")
    page.until(f"{WRONG}.includes('name')")
    page.write("Ada")
    page.press("Enter")
    page.until(f"{CLOSED} && document.querySelector('.history p')?.textContent.startsWith('<img')")
    assert page.tell("document.querySelectorAll('.history img, .history script').length") == 0
    decide(page, "x", reason="the wall is late")
    page.until(f"{STATE} === 'rejected'")
    said = page.tell(TOLD % ".history span")
    assert said[0] == "Ada rejected it"
    assert said[-2:] == ["Second Unit began to shoot it", "Kim asked for it"], said


def draw_on_the_second(page: Page) -> None:
    """A box and an arrow by keys, a line by hand; seen again on its frame and on no other."""
    page.press("2", "N")
    page.until("document.querySelector('.over.pen') !== null")
    page.press("ArrowLeft", "ArrowUp", " ", "ArrowRight", "ArrowRight", "ArrowDown", " ")
    page.press("a", "q", " ", "ArrowDown", "ArrowDown", " ")
    page.press("b", " ", "ArrowLeft", "ArrowLeft", " ", "Backspace", "l")
    page.drag(*places(page, *BY_HAND))
    page.press("Enter")
    page.write("mind this corner")
    page.press("Enter")
    page.until(f"{CLOSED} && document.querySelector('.over.pen') === null")
    page.until("document.querySelector('.legend').textContent === 'Ada: mind this corner'")
    assert page.tell(INKED) > 200
    page.press("H")
    assert page.tell(INKED) == 0  # hidden
    page.press("H", "ArrowLeft")
    page.until("document.querySelector('.legend').textContent === ''")
    assert page.tell(INKED) == 0  # another frame


def answer_what_continuity_found(page: Page) -> None:
    """A take with an open finding: circling is refused, it is answered, then it is circled."""
    page.press("]")
    page.until(f"{STATE} === 'findings open'")
    assert page.tell(TOLD % ".handeds small") == ["reference · 12 frames"]  # no single file
    page.until("document.querySelector('.handeds img').naturalWidth > 0")
    page.press("c", "Enter")
    page.until(f"{WRONG}.includes('open findings')")
    page.press("Escape", "w")
    page.until("document.activeElement.name === 'answer'")
    page.press("2")
    page.write("lightning")
    page.press("Enter")
    page.until(f"{CLOSED} && {STATE} === 'to watch'")
    decide(page, "c")
    page.until(f"{STATE} === 'circled'")


def circle_recall_and_circle_another(page: Page, dailies: Floor) -> None:
    """An approval shows who, when and which hash; the same key takes it back."""
    page.press("[")
    page.until("document.title.startsWith('TCC_0010')")
    page.until(f"Boolean({STATE})")
    page.press("2")
    decide(page, "c")
    page.until(f"{VERSIONS}.includes('TCC_0010_v001')")
    first, shown = dailies.unit.versions()[-1], page.tell(VERSIONS)
    assert "Ada" in shown
    assert first.record[:12] in shown
    assert page.tell("document.querySelector('.versions code').title") == first.record
    assert re.search(r"\b\d\d:\d\d$", page.tell(TOLD % ".versions span")[0])
    seals = page.tell("[...document.querySelectorAll('.history li')].map((one) => one.title)")
    assert dailies.since("version", 0)[-1].seal in seals
    decide(page, "c", reason="the edge shows")
    page.until(f"{VERSIONS}.includes('recalled') && {STATE} === 'recalled'")
    page.press("3")
    decide(page, "c")
    page.until(f"{VERSIONS}.includes('TCC_0010_v002')")


def shoot_again_and_cancel_two_of_three(page: Page, dailies: Floor) -> tuple[str, ...]:
    """Other words, another seed, slower; watched in the queue, where each is stopped by itself.
    What came of it is approved by somebody else."""
    page.press("r")
    page.until(f"!({CLOSED})")
    for name, words in (("brief", "A wall, slower."), ("seed", "42"), ("takes", "3"),
                        ("option-seconds", "0.4")):  # fmt: skip
        written_in(page, name, words)
    page.until("document.querySelector('#ask summary')?.textContent.startsWith('3 more options')")
    described = "document.getElementById(document.querySelector('[name=option-seconds]')"
    assert page.tell(f"{described}.getAttribute('aria-describedby')).textContent") == (
        "Waits so long before each frame. 0 to 60. Default: 0."
    )
    assert page.tell("document.querySelector('[name=option-seconds]').max") == "60"
    assert page.tell(TOLD % "#ask .changes del") == ["wall.", "3", "0"]
    assert page.tell(TOLD % "#ask .changes ins") == ["wall, slower.", "42", "0.4"]
    page.tell("document.querySelector('#ask .go').focus()")
    page.press("Enter")
    page.until(f"{CLOSED} && document.querySelectorAll('.bin li').length === 6")
    one, two, three = (take.id for take in dailies.unit.takes()[-3:])
    page.press("q")
    page.until(f"document.querySelector('.running [data-take=\"{one}\"]') !== null")
    page.until("Number(document.querySelector('[role=progressbar]')?.ariaValueNow ?? 0) > 0")
    page.until("document.querySelector('.running img')?.src.includes('/previews/')")
    for take in (two, one):  # one that waits, one that is being shot
        page.tell(f"document.querySelector('[data-take=\"{take}\"]').click()")
        decide(page, "x")
        page.until(f"document.querySelector('.cancelled[data-take=\"{take}\"]') !== null")
    dailies.unit.wait([three], timeout=60)
    watch(page, "TCC_0010")
    page.press("6")  # beside it, what was asked otherwise
    page.until(f"{TOLD % '.side ins'}.includes('wall, slower.') && {STATE} === 'to watch'")
    page.press("c", "Enter")
    page.until(f"{WRONG}.includes('nobody approves their own work')")  # Ada asked for this one
    written_in(page, "by", "Noor")
    page.press("Enter")
    page.until(f"{CLOSED} && {VERSIONS}.includes('TCC_0010_v003')")
    return one, two, three


def lock_as_final(page: Page) -> None:
    decide(page, "C")
    page.until(f"{VERSIONS}.includes('final')")


def build_the_packet(page: Page, dailies: Floor, cuts: Any, home: Path) -> None:
    """Refused in the gate's words, for nobody has declared anything; then as a draft."""
    version = next(one for one in dailies.unit.versions() if one.name == "TCC_0010_v003")
    cut = cuts.write_cut(dailies.folder / "TCC.otio", [cuts.hole(40)])
    where = shot_place(dailies.unit, version.take, cut)
    cut_in(dailies.unit, where, version, by="Kim", out=dailies.folder / "TCC_cut.otio")
    page.press("h", "5")
    page.until("document.querySelector('.order select')?.options[0]?.text === 'TCC_cut.otio'")
    page.press("b")
    refused = ended(page)
    assert refused.startswith("made refused")
    assert "secondunit rights declare tiny" in refused
    page.tell("document.querySelector('.order [name=draft]').click()")
    page.tell("document.querySelector('#sheet').focus()")
    page.tell("""void (() => { window.steps = []; const look = () => { const one = document
      .querySelector('.made.building .quiet')?.textContent; if (one) steps.push(one);
      if (!document.querySelector('.made.built')) requestAnimationFrame(look); }; look(); })()""")
    page.press("b")
    page.until("document.querySelectorAll('.made').length === 2")
    assert ended(page).startswith("made built")
    assert any(re.match(r"setting page \d+ of the full copy", one) for one in page.tell("steps"))
    (folder,) = (home / "packets").iterdir()
    assert (folder / "packet.json").is_file()
    link = page.tell("document.querySelector('.made a').href")
    page.tell(f"void fetch('{link}').then((a) => a.text()).then((t) => {{ window.got = t }})")
    page.until("window.got?.startsWith('%PDF-')")


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


def the_ledger_holds(dailies: Floor, before: int, made: tuple[str, ...]) -> None:
    """Every decision as an entry, with a name, and nothing edited."""
    first, second, third = (take.id for take in dailies.takes["0010"])
    (flickers,) = dailies.takes["0020"]
    note, drawn = dailies.since("note", before)
    assert (note.subject, note.by, note.body["text"]) == (first, "Ada", SCRIPT)
    assert (note.body["frames"], note.body["drawn"]) == ([[1010, 1010]], [])  # the cut was left so
    assert (drawn.subject, drawn.by) == (second, "Ada")
    box, arrow, line = drawn.body["drawn"]  # type: ignore[misc]  # three strokes, as JSON
    assert box == {"mark": "box", "points": [[0.475, 0.475], [0.525, 0.5]]}
    assert arrow == {"mark": "arrow", "points": [[0.525, 0.5], [0.525, 0.55]]}
    assert line["mark"] == "line"
    assert [pytest.approx(one, abs=0.003) for one in line["points"]] == [*BY_HAND]  # a pixel
    assert dailies.becomes("rejected", before) == [(first, "Ada")]
    assert dailies.becomes("cancelled", before) == [(made[1], "Ada"), (made[0], "Ada")]
    (waiver,) = dailies.since("waiver", before)
    assert (waiver.body["answer"], waiver.by) == ("creative_intent", "Ada")
    versions = {e.subject: e.body["take"] for e in dailies.since("version", before)}
    assert versions == {"TCC_0020_v001": flickers.id, "TCC_0010_v001": second,
                        "TCC_0010_v002": third, "TCC_0010_v003": made[2]}  # fmt: skip
    states = [(e.subject, e.body["state"], e.by) for e in dailies.since("version_state", before)]
    assert [one[1:] for one in states if one[0] == "TCC_0010_v001"][-1] == ("recalled", "Ada")
    assert [one[1:] for one in states if one[0] == "TCC_0010_v003"][-1] == ("final", "Noor")
    (again,) = dailies.since("turnover", before)
    asked: Any = again.body["turnover"]
    assert (asked["brief"], asked["seed"], asked["artist"]) == ("A wall, slower.", 42, "Ada")
    assert (asked["takes"], asked["options"]["seconds"]) == (3, 0.4)
    assert {one.name for one in dailies.unit.versions()} >= set(versions)  # none edited away
    assert dailies.unit.take(made[2]).state is TakeState.circled


def test_one_who_is_alone_in_a_production_says_why_before_own_work_is_final(
    dailies: Floor, page: Page
) -> None:
    before = dailies.head()
    dailies.unit.project(Project("solo", RATE, 96, 54, store=str(dailies.folder / "solo")))
    dailies.unit.wait(dailies.ask("0010", 86400, project="solo"), timeout=60)
    watch(page, "SOLO_0010")
    page.until(f"{STATE} === 'to watch'")
    page.press("g")  # it is no junk: what cannot be done is said
    page.until("document.querySelector('#said').textContent.startsWith('Bring back: not while')")
    page.press("c")
    page.until(f"!({CLOSED})")
    asked = page.tell(TOLD % "#ask .field span")
    assert any("asked by Kim" in one for one in asked)
    page.tell("document.querySelector('#ask [name=kind]').value = 'final'")
    written_in(page, "by", "kim")  # however it is written
    page.press("Enter")
    page.until(f"{WRONG}.includes('nobody makes their own work final without a reason')")
    assert not dailies.since("version", before)
    written_in(page, "own", "I make this film alone")
    page.press("Enter")
    page.until(f"{CLOSED} && {VERSIONS}.includes('SOLO_0010_v001')")
    (state, *_) = dailies.since("version_state", before)
    assert (state.subject, state.by, state.body["alone"]) == (
        "SOLO_0010_v001", "kim", "I make this film alone",
    )  # fmt: skip


def test_a_real_recut_is_seen_in_the_strip_with_its_reason_and_approved_again(
    dailies: Floor, page: Page
) -> None:
    old, new = (dailies.folder / name for name in ("TCC_cut.otio", "TCC_shorter.otio"))
    document = json.loads(old.read_text())
    (ours,) = [t for t in document["tracks"]["children"] if t["name"] == "SU_INSERT"]
    clip = next(one for one in ours["children"] if one["OTIO_SCHEMA"].startswith("Clip"))
    clip["source_range"]["duration"]["value"] -= 2
    new.write_text(json.dumps({**document, "name": "TCC_shorter"}))
    page.press("s")
    card = "[...document.querySelectorAll('.card')].find((c) => c.innerText.includes('TCC_0010'))"
    page.until(f"{card} !== undefined && !{card}.innerText.includes('the cut has changed')")
    before = dailies.head()
    assert main(["recut", str(old), str(new), "--apply", "--by", "Kim", "--json"]) == 0
    page.until(f"{card}.innerText.includes('the cut has changed')")
    (stale,) = dailies.since("version_state", before)
    assert page.tell(f"{card}.querySelector('.why').textContent") == stale.body["reason"]
    assert "TCC_shorter" in str(stale.body["reason"])
    page.press("f")  # the filters offer it now
    while page.tell("document.querySelector('.chip[aria-pressed=true]').className") != "chip stale":
        page.press("f")
    assert page.tell(TOLD % ".card b") == ["TCC_0010"]
    page.press("Enter")
    page.until(f"{VERSIONS}.includes('approved (stale)')")
    decide(page, "c", by="Noor")
    page.until(f"!{VERSIONS}.includes('stale')")
    assert dailies.since("version_state", before)[-1].body["state"] == "final"  # as it was
    page.press("s")
    page.until(f"Boolean({CHOSEN})")


def test_junk_is_brought_back_and_only_then_it_can_be_circled_as_any_other(
    dailies: Floor, page: Page
) -> None:
    before = dailies.head()
    watch(page, "TCC_0030")
    assert page.tell(STATE) == "junk"
    assert "frozen" in page.tell("document.querySelector('.side .warn').textContent")
    decide(page, "g", reason="it is a still life", by="Ada")
    page.until(f"{STATE} !== 'junk'")
    (state,) = [e for e in dailies.since("state", before) if e.by == "Ada"]
    assert state.body["reason"] == "it is a still life"
    assert dailies.unit.take(state.subject).state is not TakeState.junk


def test_what_failed_says_why_and_what_to_do_and_is_shot_once_that_is_done(
    dailies: Floor, page: Page
) -> None:
    wall, before = dailies.folder / "wall", dailies.head()
    page.press("q")
    page.until("document.querySelector('.band .memory') !== null")
    assert "GB" in page.tell("document.querySelector('.memory dd').textContent")
    (slow,) = dailies.ask("0040", 86460, seconds=0.3)
    (fails,) = dailies.ask("0050", 86480, needs=str(wall))
    page.until("document.querySelector('.running .job')?.textContent.includes('painting')")
    page.until("document.querySelector('.running img')?.naturalWidth > 0")
    page.until("/about/.test(document.querySelector('.running .about p').textContent)")
    page.until("document.querySelector('.floor section:nth-child(2) .job')?"
               ".textContent.includes('begins in about')")  # fmt: skip
    dailies.unit.wait([slow], timeout=60)
    page.until("document.querySelector('.job.failed .why') !== null")
    said = page.tell("document.querySelector('.job.failed').textContent")
    assert "The wall is not there." in said
    assert "Put the wall back, then try again." in said
    page.tell(f"document.querySelector('[data-take=\"{fails}\"]').click()")
    page.press("t")  # too early: it fails again
    end = time.monotonic() + 30
    while len(dailies.becomes("failed", before)) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    wall.touch()
    end = time.monotonic() + 30
    while page.tell("document.querySelector('.job.failed') !== null"):  # it may not know it yet
        page.tell(f"document.querySelector('[data-take=\"{fails}\"]')?.click()")
        page.press("t")
        assert time.monotonic() < end
        time.sleep(0.3)
    dailies.unit.wait([fails], timeout=60)
    assert dailies.unit.take(fails).state is TakeState.pending_review
    assert [take for take, _ in dailies.becomes("failed", before)] == [fails, fails]


def test_enter_twice_is_one_note_and_who_left_the_dialog_is_told_what_was_refused(
    dailies: Floor, page: Page
) -> None:
    before = dailies.head()
    watch(page, "TCC_0010")
    page.tell(HELD)
    page.press("n")
    page.until(f"!({CLOSED})")
    written_in(page, "by", "Ada")
    page.tell("document.querySelector('#ask [name=text]').focus()")
    page.write("Once.")
    page.press("Enter", "Enter")
    assert page.tell("sent.length") == 1
    page.tell("sent[0]()")
    page.until(CLOSED)
    assert [one.body["text"] for one in dailies.since("note", before)] == ["Once."]
    page.press("n")
    page.until(f"!({CLOSED})")
    page.press("Enter", "Escape", "n")  # sent without a word; another is begun meanwhile
    page.until(f"!({CLOSED})")
    page.write("Another.")
    page.tell("sent[1]()")
    page.until(f"{SAID}.startsWith('Refused') || {SAID}.includes('text')")
    assert not page.tell(CLOSED)
    assert page.tell("document.querySelector('#ask [name=text]').value") == "Another."
    assert len(dailies.since("note", before)) == 1
    page.press("Escape")
    page.reload()
    page.until(f"Boolean({CHOSEN})")


def test_who_seeks_a_shot_keeps_the_keys_while_takes_come_in(dailies: Floor, page: Page) -> None:
    page.press("s")
    page.until(f"Boolean({CHOSEN})")
    page.press("/")
    page.write("TCC")
    shots = page.tell(CARDS)
    (take,) = dailies.ask("0090", 86800)
    page.until(f"{FILTERED}.endsWith('{shots + 1}')")  # the strip was drawn anew
    page.press("q")
    assert page.tell("document.querySelector('.seek').value") == "TCCq"
    page.press("Escape")
    dailies.unit.wait([take], timeout=60)


def test_no_view_has_a_serious_fault_of_access(page: Page) -> None:
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
        found[key] = faults(page, "#ask")
        page.press("Escape")
        page.until(CLOSED)
    assert not [line for lines in found.values() for line in lines], found
    page.tell("document.querySelector('.tab').replaceChildren()")  # a button without a name
    assert any("button-name" in one for one in faults(page, "header"))
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


def test_of_500_shots_only_those_near_the_screen_are_built_and_keys_reach_all(page: Page) -> None:
    page.press("q")
    page.tell(MANY)
    page.until("window.many")
    page.press("s")
    page.until(f"{CARDS} > 8")
    for key, name in (("End", "MANY_0499"), ("Home", "MANY_0000"), ("End", "MANY_0499")):
        page.press(key)
        page.until(f"{CHOSEN} === '{name}'")
        assert page.tell(CARDS) <= 36, key
        assert page.tell(IN_SIGHT), key
    across = page.tell("getComputedStyle(document.querySelector('.strip'))"
                       ".gridTemplateColumns.split(' ').length")  # fmt: skip
    page.press("ArrowUp", "ArrowUp")
    page.until(f"{CHOSEN} === 'MANY_{499 - 2 * across:04}'")
    assert page.tell("document.querySelector('.card').ariaSetSize") == "500"
    page.press("/")
    page.write("0250")
    page.until(f"{CHOSEN} === 'MANY_0250'")
    assert page.tell(IN_SIGHT)
    page.press("Escape")
    page.tell("document.querySelector('.strip').scrollTop = 0")  # by hand: what is chosen stays so
    page.until(f"{CHOSEN} === undefined && {TOLD % '.card b'}[0] === 'MANY_0000'")
    page.press("ArrowRight")
    page.until(f"{CHOSEN} === 'MANY_0251'")
    assert page.tell(IN_SIGHT)
    while page.tell("document.querySelector('.chip[aria-pressed=true]').className") != FAILED:
        page.press("f")
    assert page.tell(TOLD % ".card b") == [f"MANY_{n:04}" for n in range(99, 500, 100)]
    page.reload()
    page.until(f"{TOLD % '.card b'}.includes('TCC_0010')")


def test_of_500_takes_in_line_each_is_reached_by_keys_and_only_those_near_are_built(
    page: Page,
) -> None:
    page.until(ASKED)
    page.tell(MANY)
    page.until("window.many")
    page.tell(LINED)
    page.until("window.lined")
    page.press("q")
    page.until(f"{ROW}?.textContent.includes('MANY_0000')")
    for keys, name in (
        (["ArrowDown"] * 3, "0003"), (["PageDown"] * 12, "0124"), (["End"], "0499"),
        (["k"], "0399"), (["ArrowLeft"], "0000"), (["ArrowRight"], "0099"), (["Home"], "0000"),
    ):  # fmt: skip
        page.press(*keys)
        page.until(f"{ROW}?.textContent.includes('MANY_{name}')")
        page.until(ROW_SEEN)
        assert page.tell("document.querySelectorAll('.job').length") <= 80, name
    assert page.tell(f"{ROW}.ariaSetSize") == "495"
    page.tell(
        "document.querySelector('.floor section:nth-child(2)').scrollTop = 12000"
    )  # by hand: what is chosen stays
    page.until(f"{ROW} === null && document.querySelector('.job.waiting') !== null")
    page.press("PageDown", "x")
    page.until(f"!({CLOSED})")
    assert "MANY_0010" in page.tell("document.querySelector('#ask h2').textContent")
    page.press("Escape")
    page.reload()
    page.until(f"{TOLD % '.card b'}.includes('TCC_0010')")


def test_nobody_else_gets_in_and_nothing_else_is_taken(dailies: Floor) -> None:
    page, mine = dailies.page, {"Cookie": dailies.page.cookie}
    own = mine | {"Origin": page.own, "Content_Type": "application/json"}
    frame = f"/frames/{dailies.takes['0010'][0].id}/1003.jpg"

    def asked(path: str, **headers: str) -> int:
        return page.reply("GET", path, **headers)[0]

    def sent(path: str, body: str, **headers: str) -> tuple[int, str]:
        status, said, _ = page.reply("POST", path, body, **headers)
        return status, json.loads(said)["error"]["code"] if status == 409 else ""

    for path in ("/", "/state", "/events", frame, "/static/app.js", "/show", "/costs", "/queue",
                 "/packets/x.pdf", "/faces/Vera/0.jpg"):  # fmt: skip
        assert asked(path) == 403, path
        assert asked(path, **mine, Host="rebound.example") == 403, path
    assert asked("/?token=wrong") == 403
    assert asked(page.spent) == 403  # the link works once
    assert asked(frame, **mine) == 200
    for path in NOWHERE:
        assert asked(path, **mine) == 404, path
    assert asked(f"/handed/{dailies.takes['0020'][0].id}/0.jpg", **mine) == 200
    assert asked(f"/handed/{dailies.takes['0020'][0].id}/9.jpg", **mine) == 404
    assert asked(f"/handed/{dailies.takes['0020'][0].id}/0.jpg") == 403
    wrong = ("w=99999", "w=640&ev=99", "ev=nan", "view=-1", "show=../etc", "gamma=0", "gamma=nan")
    assert {asked(f"{frame}?{query}", **mine) for query in wrong} == {409}
    foreign = {"Origin": "http://evil.example"}
    for headers in (own | foreign, own | {"Origin": "null"}, {**own, "Cookie": ""}):
        assert sent("/do/note", "{}", **headers)[0] == 403
        assert sent("/do/packet", '{"cut": 0, "by": "I"}', **headers)[0] == 403
    assert sent("/do/note", "{}", **(own | {"Content_Type": "text/plain"}))[0] == 404
    assert sent("/do/stop_daemon", "{}", **own)[0] == 404
    for verb in ("note", "circle", "waive", "reshoot", "cancel", "packet"):
        assert sent(f"/do/{verb}", "[1]", **own) == (409, "E_FIELD"), verb
    for said in ('{"cut": "/etc/passwd", "by": "I"}', '{"cut": -1, "by": "I"}', '{"cut": 99}'):
        assert sent("/do/packet", said, **own)[0] == 409, said
    for drawn in HOSTILE:
        note = {"take": dailies.takes["0010"][0].id, "by": "Eve", "text": "x", "drawn": drawn}
        assert sent("/do/note", json.dumps(note), **own) == (409, "E_FIELD"), drawn
    assert announced(dailies, 100_000_000).startswith(b"HTTP/1.1 413")


def announced(dailies: Floor, size: int) -> bytes:
    """What is answered to so many bytes that are announced."""
    page = dailies.page
    host, port = page.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        head = (f"POST /do/note HTTP/1.1\r\nHost: {page.address}\r\nOrigin: {page.own}\r\n"
                f"Cookie: {page.cookie}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {size}\r\n\r\n")  # fmt: skip
        wire.sendall(head.encode())
        return wire.recv(4096)


def test_the_page_says_what_it_may_load_and_keeps_nothing(dailies: Floor) -> None:
    _, _, headers = dailies.page.reply("GET", "/", Cookie=dailies.page.cookie)
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    for file in STATIC.iterdir():
        assert not re.search(
            r"(src|href|from|import|url\()\W{0,3}(https?:)?//", file.read_text()
        ), file


def test_a_take_of_a_plate_shows_what_its_receipt_protects(dailies: Floor) -> None:
    (take,) = dailies.takes["plate"]
    shown = {}
    for what in ("take", "plate", "outside"):
        path = f"/frames/{take.id}/1001.jpg?show={what}"
        status, data, _ = dailies.page.reply("GET", path, Cookie=dailies.page.cookie)
        assert status == 200, data
        shown[what] = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    grey = np.ptp(shown["outside"].astype(int), axis=2) < 12
    assert 0.5 < grey.mean() < 0.97  # protected is grey; what may change is not
    red = (shown["outside"] @ [1, 0, 0]).astype(int) - shown["outside"][..., 1] > 150
    assert not red.any()
    assert np.abs(shown["plate"].astype(int) - shown["take"])[~grey].mean() > 10
    path = f"/frames/{dailies.takes['0010'][0].id}/1003.jpg?show=outside"
    status, data, _ = dailies.page.reply("GET", path, Cookie=dailies.page.cookie)
    assert (status, json.loads(data)["error"]["code"]) == (409, "E_FRAMES_MISSING")
