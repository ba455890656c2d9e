"""Disks that hang and listeners that take their time: the daemon's loop waits for neither."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest
from secondunit.daemon import Daemon
from secondunit.daemon.log import Log
from secondunit.desk import disks
from secondunit.desk.desk import Desk
from secondunit.desk.disks import Disks, NotYet, mounted_at
from secondunit.desk.listeners import Listeners
from secondunit.ledger import Ledger
from secondunit.plugins import Plugins
from secondunit.settings import Settings
from secondunit_bridge.errors import MediaOffline, StoreError
from secondunit_bridge.film import Element, Entry, Media, Role, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.unit import Unit

SOON_S = 2.0  # on a busy machine; a disk that hangs does so for minutes


class Hanging:
    """A disk that answers nothing until it is told to."""

    def __init__(self) -> None:
        self.well, self.asked = threading.Event(), threading.Event()

    def look(self) -> str:
        self.asked.set()
        assert self.well.wait(60)
        return "there"


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    made = Hanging()
    yield made
    made.well.set()


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def answered(asked: Disks, path: str, look: Callable[[], str]) -> str:
    """What is answered in the end: on a busy machine even a thread may need a moment to start."""
    while True:
        try:
            return asked.ask(path, look)
        except NotYet as put_off:
            until(lambda of=put_off: of.ready)


def test_a_disk_that_takes_its_time_is_asked_again_and_no_other_disk_waits(hanging: Hanging):
    woken: list[bool] = []
    asked = Disks(lambda: woken.append(True))
    began = time.monotonic()
    with pytest.raises(NotYet) as put_off:
        asked.ask("/mnt/nas/a.exr", hanging.look)
    assert not put_off.value.ready
    assert answered(asked, "/mnt/well/a.exr", lambda: "here") == "here"
    assert time.monotonic() - began < SOON_S
    hanging.well.set()
    until(lambda: put_off.value.ready and bool(woken))
    assert answered(asked, "/mnt/nas/a.exr", hanging.look) == "there"


def test_a_disk_that_does_not_answer_is_named_and_not_waited_for_again(
    hanging: Hanging, monkeypatch: pytest.MonkeyPatch
):
    asked = Disks()
    with pytest.raises(NotYet) as put_off:
        asked.ask("/mnt/nas/a.exr", hanging.look)
    assert hanging.asked.wait(30)
    monkeypatch.setattr(disks, "PATIENCE_S", 0.1)
    time.sleep(0.2)
    assert put_off.value.ready
    for path in ("/mnt/nas/a.exr", "/mnt/nas/b.exr"):
        with pytest.raises(MediaOffline, match="does not answer") as refused:
            asked.ask(path, hanging.look)
        assert refused.value.data["path"] == path
        assert "unmount" in refused.value.hint


def test_what_a_look_raises_is_its_answer():
    def refuses() -> str:
        raise StoreError("it refuses")

    with pytest.raises(StoreError, match="it refuses"):
        answered(Disks(), "/mnt/nas/a.exr", refuses)


def test_a_disk_is_named_by_where_it_is_mounted(tmp_path: Path):
    table = tmp_path / "mounts"
    table.write_text("a / ext4 rw 0 0\nb:/x /mnt/show\\040one nfs rw 0 0\nc /mnt tmpfs rw 0 0\n")
    assert mounted_at("/mnt/show one/reel/a.exr", table) == "/mnt/show one"
    assert mounted_at("/srv/a.exr", table) == "/"
    assert mounted_at("/Volumes/NAS/reel/a.exr", tmp_path / "none") == "/Volumes/NAS"


@pytest.fixture
def daemon(places: Path) -> Iterator[None]:
    """A daemon in a thread of this process, so that a disk can be made to hang under it."""
    settings, running = Settings.load(), threading.Event()
    ended: list[bool] = []

    def run() -> None:
        with closing(Log(places / "logs", "info")) as log:
            ledger = Ledger(places / "ledger.sqlite")
            with (
                ledger,
                Daemon(
                    settings, lambda wake: (Desk(ledger, Plugins(), settings, wake), log)
                ) as made,
            ):
                running.set()
                made.run()
        ended.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    assert running.wait(30)
    yield
    with Unit.connect(start=False) as unit:
        unit.stop_daemon()
    thread.join(30)
    assert ended == [True]


@pytest.mark.usefixtures("daemon")
def test_an_ask_for_footage_on_a_hanging_disk_holds_up_nobody_else(
    hanging: Hanging, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    plate = tmp_path / "nas" / "plate.exr"
    plate.parent.mkdir()
    plate.touch()
    exists = Path.exists
    monkeypatch.setattr(
        Path, "exists", lambda path: (path != plate or hanging.look() == "there") and exists(path)
    )
    frames = FrameRange(1, 2, Fraction(24))
    shot = Shot("default", "S", "0010", "guid", frames)
    element = Element(Role.reference, Media(frames, str(plate)))
    ask = Turnover(shot, Work.insert, "slate", elements=(element,), width=96, height=64)
    takes: list[str] = []
    with Unit.connect(start=False) as editor, Unit.connect(start=False) as other:
        asking = threading.Thread(target=lambda: takes.extend(editor.turn_over(ask)))
        asking.start()
        began = time.monotonic()
        for _ in range(5):
            other.status()
            time.sleep(0.02)
        assert time.monotonic() - began < SOON_S
        assert not takes
        hanging.well.set()
        asking.join(10)
        assert [take.id for take in other.takes()] == takes
        assert len(takes) == 1
        other.cancel(take=takes[0], by="Kim")


LISTENER = """
import threading
from secondunit.hookspecs import hookimpl
HEARD, GO = [], threading.Event()
@hookimpl
def secondunit_recorded(entry):
    {first}
    HEARD.append(entry.number)
"""


@pytest.fixture
def listeners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Plug-ins that listen, by what each does first."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def made(**first: str) -> Listeners:
        for name, does in first.items():
            (tmp_path / f"{name}.py").write_text(LISTENER.format(first=does))
        return Listeners(Plugins(built_in=tuple(first)))

    yield made
    for name in ("su_slow", "su_quick", "su_broken"):
        sys.modules.pop(name, None)


def entry(number: int) -> Entry:
    return Entry(number, "note", "a.1", 0.0, "Ana", {}, "00")


def test_a_slow_listener_holds_up_neither_the_daemon_nor_another_listener(
    listeners, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("secondunit.desk.listeners.SLOW_S", 0.05)
    told = listeners(su_slow="assert GO.wait(60)", su_quick="pass")
    slow, quick = sys.modules["su_slow"], sys.modules["su_quick"]
    began = time.monotonic()
    for number in (1, 2, 3):
        told.tell(entry(number))
    assert time.monotonic() - began < SOON_S
    until(lambda: quick.HEARD == [1, 2, 3])
    until(lambda: any("su_slow has been busy with entry 1" in one for one in told.troubles()))
    slow.GO.set()
    told.close()
    assert slow.HEARD == [1, 2, 3], "in order, and none is lost when the daemon ends"


def test_what_a_listener_raises_is_told_to_the_log_and_it_hears_the_next_entry(listeners):
    told = listeners(su_broken="1 / (entry.number - 1)")
    told.tell(entry(1))
    told.tell(entry(2))
    told.close()
    (trouble,) = told.troubles()
    assert trouble == "the plug-in su_broken failed on entry 1: ZeroDivisionError: division by zero"
    assert sys.modules["su_broken"].HEARD == [2]
