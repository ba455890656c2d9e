"""Bad days: a full disk, a folder that may not be written, a process killed in mid-sentence."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from secondunit.ledger import Draft, Ledger
from secondunit_bridge.errors import DiskFull, NotPermitted, StoreError

WORDS = {"text": "x" * 2000}


def note(number: int) -> Draft:
    return Draft("note", f"take {number}", WORDS)


def write_on(ledger: Ledger, entries: int) -> None:
    for number in range(entries):
        ledger.record(note(number))


def test_a_full_disk_refuses_the_entry_whole_and_takes_it_when_there_is_room(small_disk):
    with Ledger(small_disk.folder / "ledger.sqlite") as ledger:
        ledger.record(note(1))
        stopper = small_disk.fill(leave=16_384)
        with pytest.raises(DiskFull) as caught:
            write_on(ledger, 100)
        assert caught.value.hint
        assert caught.value.retryable
        written = ledger.head()[0]
        assert 1 <= written < 100
        assert ledger.verify() == ()
        with pytest.raises(DiskFull):
            ledger.record_all([note(i) for i in range(200)])
        assert ledger.head()[0] == written
        stopper.unlink()
        assert ledger.record(note(7)).number == written + 1
        assert ledger.verify() == ()
    with Ledger(small_disk.folder / "ledger.sqlite", reading=True) as ledger:
        assert ledger.head()[0] == written + 1
        assert ledger.verify() == ()


def test_a_ledger_cannot_be_made_on_a_full_disk_and_leaves_nothing_broken(small_disk):
    stopper = small_disk.fill()
    with pytest.raises(DiskFull):
        Ledger(small_disk.folder / "home" / "ledger.sqlite")
    stopper.unlink()
    with Ledger(small_disk.folder / "home" / "ledger.sqlite") as ledger:
        ledger.record(note(1))
        assert ledger.verify() == ()


def test_a_disk_that_is_full_at_the_end_is_said_and_the_ledger_is_closed_all_the_same(small_disk):
    ledger = Ledger(small_disk.folder / "ledger.sqlite")
    ledger.record(note(1))
    small_disk.fill()
    with pytest.raises(DiskFull):
        ledger.close()
    ledger.close()
    assert [p.name for p in small_disk.folder.iterdir() if p.name.endswith(".part")] == []


def test_a_checkpoint_that_cannot_be_written_refuses_the_next_entry_before_it_is_written(
    small_disk, monkeypatch
):
    monkeypatch.setattr("secondunit.ledger.book.CHECKPOINT_EVERY", 3)
    keys = small_disk.folder / "keys"
    keys.write_bytes(b"")  # where the folder of the key should go
    with Ledger(small_disk.folder / "ledger.sqlite") as ledger:
        write_on(ledger, 3)
        with pytest.raises(StoreError):
            ledger.record(note(3))
        assert ledger.head()[0] == 3
        keys.unlink()
        assert ledger.record(note(3)).number == 4


def test_a_folder_that_may_not_be_written_is_said_to_be_one(small_disk):
    file = small_disk.folder / "ledger.sqlite"
    with Ledger(file) as ledger:
        ledger.record(note(1))
    small_disk.lock()
    with pytest.raises(NotPermitted) as caught:
        Ledger(file)
    assert caught.value.hint
    with pytest.raises(NotPermitted):
        Ledger(small_disk.folder / "elsewhere" / "ledger.sqlite")
    with Ledger(file, reading=True) as ledger:  # looking needs no right to write
        assert ledger.verify() == ()


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom modes can stop"
)
def test_a_folder_of_mode_0500_is_said_to_be_closed(file):
    file.parent.mkdir(mode=0o500)
    with pytest.raises(NotPermitted):
        Ledger(file)


QUOTA = """
import resource, signal, sys
from pathlib import Path
from secondunit.ledger import Draft, Ledger
from secondunit_bridge.errors import DiskFull

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger = Ledger(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    for number in range(1000):
        ledger.record(Draft("note", f"take {number}", {"text": "x" * 2000}))
except DiskFull as error:
    print(ledger.head()[0], error.code, bool(error.hint))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a process's files")
def test_a_quota_is_a_full_disk(file):
    said = subprocess.run(
        [sys.executable, "-c", QUOTA, str(file)], capture_output=True, text=True, timeout=30
    )
    assert said.returncode == 0, said.stderr
    written, code, hint = said.stdout.split()
    assert (code, hint) == ("E_DISK", "True")
    with Ledger(file) as ledger:
        assert ledger.head()[0] == int(written)
        assert ledger.verify() == ()


WRITER = """
import random, sys
from pathlib import Path
from secondunit.ledger import Draft, Ledger

ledger = Ledger(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    number = ledger.head()[0]
    turnover = {"shot": {"guid": "g", "sequence": "TCC", "code": "0010"}, "priority": 0}
    take = {"id": f"t{number}.1", "number": number, "seed": 1}
    asked = {"ask": f"a{number}", "client": "c", "turnover": turnover, "takes": [take]}
    why = "r" * random.randint(0, 4000)
    state = Draft("state", take["id"], {"state": "shooting", "reason": why})
    written = ledger.record_all([Draft("turnover", f"d{number}", asked), state])
    print(written[-1].number, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends the signal of kill -9")
def test_killing_the_writer_at_any_moment_loses_nothing_it_said_it_had_written(file):
    acknowledged, stop = 0, time.monotonic() + 6
    chance = random.Random(20)
    for _ in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.1))
        writer.kill()
        said = [line for line in writer.stdout.read().splitlines(keepends=True) if "\n" in line]
        writer.stdout.close()
        writer.wait()
        acknowledged = max([acknowledged, *map(int, said)])
        with Ledger(Path(file), reading=True) as ledger:
            assert ledger.head()[0] >= acknowledged
            assert ledger.head()[0] % 2 == 0  # both of a pair, or none
            assert ledger.verify() == ()
        if time.monotonic() > stop:
            break
    assert acknowledged > 0
