"""Dailies at the size of a show: first pictures, a session by keyboard, what the page costs.

Run: python benchmarks/screening.py [--shots 500] [--takes 8] [--part job] [--pairs 6]
Needs the extra ``core``, a Chromium, and Linux, whose /proc tells processor time. One take of the
demo's film, 854x480, is shot by a daemon; the ledgers of a show (``--shots`` of ``--takes``) and of
a session (50 of 7, of which 15 are circled) then hold that take again and again, under ids of
their own. Frames are made anew for each of them. Times are by the clock of the page. ``job``
shoots the same take in pairs, with the page playing and without, in turns; it needs about three
minutes, and a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/material"))

from browser import Page
from screening import served
from secondunit.cli.demo.cut import lay_out
from secondunit.ledger import Draft, Ledger
from secondunit_bridge.film import (
    Element,
    Entry,
    Media,
    Project,
    Role,
    Shot,
    TakeState,
    Turnover,
    Work,
)
from secondunit_bridge.timing import FrameRange, Handles
from secondunit_bridge.unit import Unit
from secondunit_bridge.wire import dumps, plain
from timed import of_process, report

RATE, FRAMES = Fraction(24), 24
SESSION = (50, 7)  # shots, takes of each
CHOSEN = 15
PARTS = ("demo", "job", "show", "session")
ASKS = 30
SETTLED_S = 3.0  # the page has all frames of its take by then
LONGEST_S = 300
# Runs before the page does: notes when the first picture is there, and how many shots.
NOTED = """window.noted = {}; (() => { const look = () => {
  const cards = document.querySelectorAll('.card').length;
  if (cards && !noted.strip) noted.strip = performance.now();
  if (!noted.picture && [...document.querySelectorAll('.card img')].some((i) => i.naturalWidth))
    noted.picture = performance.now();
  if (document.querySelectorAll('.ribbon i').length >= %d && !noted.all)
    noted.all = performance.now();
  requestAnimationFrame(look); }; requestAnimationFrame(look); })()"""
TAKE = "document.querySelector('canvas').dataset.takes"
SHOWN = "document.querySelector('canvas')?.dataset.shown === '1009'"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--shots", type=int, default=500)
    words.add_argument("--takes", type=int, default=8)
    words.add_argument("--part", action="append", choices=PARTS, help="all when left out")
    words.add_argument("--pairs", type=int, default=6, help="of the part job")
    said = words.parse_args()
    parts = said.part or PARTS
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        place = Path(folder)
        figures: dict[str, Any] = {}
        with at_home(place / "demo") as unit:
            entries = shot_once(unit, place)
            figures |= opened(place, "demo", 1) if "demo" in parts else {}
            figures |= beside_a_job(unit, place, said.pairs) if "job" in parts else {}
        for name, size in (("show", (said.shots, said.takes)), ("session", SESSION)):
            if name not in parts:
                continue
            again(place / name, entries, *size)
            with at_home(place / name) as unit:
                figures |= (
                    opened(place, name, size[0]) if name == "show" else a_session(unit, place)
                )
    limits = {
        "demo: first picture, ms": 1000.0,
        "show: first picture, ms": 2000.0,
        "session: minutes of the page": 10.0,
        "CPU of a job with the page playing, over that without, %": 2.0,
        "the page's server meanwhile, of the job's CPU, %": 2.0,
        "that is more, pair by pair, ms": 1.0,
    }
    report("screening", figures, limits)


@contextmanager
def at_home(home: Path) -> Iterator[Unit]:
    """A daemon of that home, stopped at the end."""
    run = home.with_name(f"{home.name}-run")
    for folder in (home, run):
        folder.mkdir(mode=0o700, exist_ok=True)
    os.environ |= {"SECONDUNIT_HOME": str(home), "XDG_RUNTIME_DIR": str(run)}
    with Unit.connect(host="benchmark", timeout=60) as unit:
        yield unit
        unit.stop_daemon()
    time.sleep(1)


def asked(film: Path, code: str) -> Turnover:
    """An insert of one second out of the demo's film."""
    first = 86400 + 24 * int(code[:4])
    cut = FrameRange(first, first + FRAMES - 1, RATE)
    media = Media(FrameRange(68, 68 + FRAMES + 19, RATE), path=str(film),
                  space="Gamma 2.4 Encoded Rec.709")  # fmt: skip
    return Turnover(
        Shot("big", "BIG", code, f"guid-{code}", cut, Handles(8, 8)), Work.insert, "reframe",
        brief="Closer.", elements=(Element(Role.reference, media),), artist="Kim",
    )  # fmt: skip


def shot_once(unit: Unit, place: Path) -> tuple[Entry, ...]:
    """The take that all others are copies of; its entries."""
    lay_out(place)
    unit.project(Project("big", RATE, 854, 480, store=str(place / "store")))
    film = next(place.glob("*.mp4"))
    (take,) = unit.wait(unit.turn_over(asked(film, "0000")), timeout=LONGEST_S)
    assert take.state is TakeState.pending_review, take
    return unit.entries(0, 2000)


def again(home: Path, entries: tuple[Entry, ...], shots: int, takes: int) -> None:
    """A ledger in which the take was shot for so many shots, so many times."""
    home.mkdir(mode=0o700, exist_ok=True)
    project = next(one for one in entries if one.subject == "big")
    once = next(one for one in entries if one.kind == "turnover")
    body: Any = next(one for one in entries if one.kind == "take").body
    record = Path(body["store"]) / "vault" / "records" / f"{body['id']}.json"
    film = Path(once.body["turnover"]["elements"][0]["media"]["path"])  # type: ignore[index, call-overload]  # a turnover, as JSON
    with Ledger(home / "ledger.sqlite", durability="off") as book:
        book.record(Draft("project", project.subject, dict(project.body)))
        for index in range(shots):
            turnover = replace(asked(film, f"{index:04}"), takes=takes)
            digest = sha256(dumps(plain(turnover))).hexdigest()
            rows = [{"id": f"{digest[:10]}.{n}", "number": n, "seed": n}
                    for n in range(1, takes + 1)]  # fmt: skip
            said = {"ask": digest, "client": "benchmark", "turnover": plain(turnover),
                    "takes": rows}  # fmt: skip
            drafts = [Draft("turnover", digest, said, by="Kim")]
            for row in rows:
                taken = {**body, "id": row["id"], "turnover": digest, "number": row["number"],
                         "shot": turnover.shot.guid, "name": turnover.shot.name,
                         "seed": row["seed"]}  # fmt: skip
                taken["findings"] = [{**one, "id": f"{row['id']}/{one['check']}"}
                                     for one in body["findings"]]  # fmt: skip
                drafts.append(Draft("take", row["id"], taken))
                shutil.copy(record, record.with_name(f"{row['id']}.json"))  # publishing reads it
            book.record_all(drafts)


def opened(place: Path, name: str, shots: int) -> dict[str, Any]:
    """How soon the strip, its first picture and all of its shots are there."""
    with served() as review, review.opened(place / f"{name}-profile") as page:
        time.sleep(3)  # it has read the ledger, or reads it
        page.ask("Page.addScriptToEvaluateOnNewDocument", source=NOTED % shots)
        page.open(review.own)
        end = time.monotonic() + LONGEST_S
        while len(said := page.tell("window.noted")) < 3:
            assert time.monotonic() < end, said
            time.sleep(0.2)
    return {
        f"{name}: strip begins, ms": said["strip"],
        f"{name}: first picture, ms": said["picture"],
        f"{name}: all shots in the strip, ms": said["all"],
    }


def beside_a_job(unit: Unit, place: Path, pairs: int) -> dict[str, Any]:
    """What a page that is open and plays adds to takes that are being shot, and to a submit.

    One of each pair is shot alone, in turns the first and the second, so that what else goes up or
    down on the machine is not taken for the page's doing.
    """
    film = next(place.glob("*.mp4"))
    numbers = iter(range(1, 10000))
    runs: dict[bool, list[Run]] = {False: [], True: []}
    job(unit, film, next(numbers))  # the stage is started
    with served() as review, review.opened(place / "job-profile") as page:
        page.until("document.querySelectorAll('.card').length > 0")
        browser = page.pid
        for index in range(pairs):
            for playing in (False, True) if index % 2 else (True, False):
                play(page, review.own, playing)
                waits = submits(unit, numbers)
                cpu, seconds, (server, drawn) = beside(
                    (review.pid, *family(browser)), lambda: job(unit, film, next(numbers))
                )
                runs[playing].append(Run(cpu, seconds, waits, server, drawn))
    return told(runs[False], runs[True])


@dataclass(frozen=True)
class Run:
    """One take: CPU seconds of daemon and stage, seconds by the clock, milliseconds of a submit,
    CPU seconds of the page's server and of the browser meanwhile."""

    cpu: float
    seconds: float
    waits: float
    server: float
    browser: float


def told(alone: list[Run], beside: list[Run]) -> dict[str, Any]:
    """The figures of the pairs."""
    of = statistics.median
    server = of(one.server for one in beside)
    more = [100 * (b.cpu / a.cpu - 1) for a, b in zip(alone, beside, strict=True)]
    longer = [100 * (b.seconds / a.seconds - 1) for a, b in zip(alone, beside, strict=True)]
    cpu = of(one.cpu for one in alone)
    return {
        "CPU of a job alone, daemon and stage, s": cpu,
        "CPU of a job with the page playing, over that without, %": of(more),
        "that is give or take, standard error, %": statistics.stdev(more) / len(more) ** 0.5,
        "the page's server meanwhile, of the job's CPU, %": 100 * server / cpu,
        "the browser meanwhile, of a core, %": 100 * of(b.browser / b.seconds for b in beside),
        "a job by the clock, over that without, %": of(longer),
        "submit to ack alone, ms": of(one.waits for one in alone),
        "submit to ack with the page playing, ms": of(one.waits for one in beside),
        "that is more, pair by pair, ms": of(b.waits - a.waits
                                             for a, b in zip(alone, beside, strict=True)),
    }  # fmt: skip


def play(page: Page, own: str, playing: bool) -> None:
    """Leave the page, or open it and have it play its first take, all of it in memory."""
    page.open("about:blank")
    if playing:
        page.open(own)
        page.until("document.querySelectorAll('.card').length > 0")
        page.press("Home", "Enter")
        page.until(SHOWN)
        page.press("l")
    time.sleep(SETTLED_S)


def beside(pids: tuple[int, ...], work: Callable[[], float]) -> tuple[float, float, list[float]]:
    """What the work says, seconds by the clock, CPU seconds of the first process and the rest."""
    before, began = [of_process(pid) for pid in pids], time.perf_counter()
    said = work()
    seconds = time.perf_counter() - began
    spent = [of_process(pid) - was for pid, was in zip(pids, before, strict=True)]
    return said, seconds, [spent[0], sum(spent[1:])]


def family(pid: int) -> list[int]:
    """A process and those it has started, and those they have."""
    found = [pid]
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # ended meanwhile
            if int(file.read_text().rpartition(")")[2].split()[1]) == pid:
                found += family(int(file.parent.name))
    return found


def job(unit: Unit, film: Path, number: int) -> float:
    """CPU seconds of daemon and stage for one take."""
    pids = [unit.hello().pid, *(pid for name, pid in unit.status()["stages"].items()
                                if name == "stage")]  # fmt: skip
    before = sum(of_process(pid) for pid in pids)
    (take,) = unit.wait(unit.turn_over(asked(film, f"{number:04}")), timeout=LONGEST_S)
    assert take.media is not None, take
    return sum(of_process(pid) for pid in pids) - before


def submits(unit: Unit, numbers: Iterator[int]) -> float:
    """Median milliseconds from a submit until its take is known. The takes are cancelled."""
    took = []
    for _ in range(ASKS):
        code = f"{next(numbers):04}"
        shot = Shot("big", "Q", code, f"q-{code}", FrameRange(0, 0, RATE), Handles(0, 0))
        began = time.perf_counter()
        ids = unit.turn_over(Turnover(shot, Work.insert, "slate", width=96, height=54))
        took.append(1000 * (time.perf_counter() - began))
        unit.cancel(take=ids[0], by="benchmark")
    return statistics.median(took)


def a_session(unit: Unit, place: Path) -> dict[str, Any]:
    """Every take watched, some circled, all by keys; how long, and what is held at the end."""
    shots, takes = SESSION
    held = list[float]()
    with served() as review, review.opened(place / "session-profile") as page:
        page.until(f"document.querySelectorAll('.ribbon i').length === {shots}")
        page.press("Home", "Enter")
        page.until(SHOWN)
        began = page.tell("performance.now()")
        for index in range(shots):
            for number in range(takes):
                page.press(str(number + 1))
                page.until(f"{SHOWN} && {TAKE}.endsWith('.{number + 1}')")
            if index * CHOSEN % shots < CHOSEN:
                circled(page, index)
            if index % 10 == 9:
                held.append(heap(page))
            page.press("]")
            page.until(f"document.title.startsWith('BIG_{min(index + 1, shots - 1):04}')")
            page.until(SHOWN)
        minutes = (page.tell("performance.now()") - began) / 60000
        assert len(unit.versions()) == CHOSEN, unit.versions()
        server = resident(review.pid)
    return {
        "session: minutes of the page": minutes,
        "session: takes watched": shots * takes,
        "session: circled": CHOSEN,
        "session: page's memory after 70 takes, MB": held[0],
        "session: page's memory after 350 takes, MB": held[-1],
        "session: the server's memory at the end, MB": server,
    }


def circled(page: Page, index: int) -> None:
    """The last take of a shot, by its key and a name."""
    page.press("c")
    page.until("document.querySelector('#ask[open]') !== null")
    if index == 0:
        page.tell("document.querySelector('#ask [name=by]').focus()")
        page.write("Ada")
    page.tell("document.querySelector('#ask .go').focus()")
    page.press("Enter")
    page.until("!document.querySelector('#ask[open]') || "
               "document.querySelector('#ask .wrong').textContent.includes(' ')")  # fmt: skip
    page.until("document.querySelector('#ask[open]') === null")


def heap(page: Page) -> float:
    """Megabytes of scripts' values after collecting what nothing holds."""
    page.ask("HeapProfiler.collectGarbage")
    return float(page.ask("Runtime.getHeapUsage")["usedSize"]) / 1e6


def resident(pid: int) -> float:
    """Megabytes that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
