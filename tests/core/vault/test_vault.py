"""The vault: content by digest, whole or absent; versions appear at once; nothing is left over."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secondunit.vault import MARKER, Vault
from secondunit_bridge.errors import (
    DiskFull,
    Locked,
    MediaDamaged,
    NotPermitted,
    PathRefused,
    StoreError,
    StoreOffline,
)

DIGEST = "ab" + "0" * 62


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def vault(store: Path) -> Vault:
    return Vault(store / "vault")


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir())


def test_what_is_kept_lies_under_its_digest_and_is_held(vault, store):
    assert not vault.holds(DIGEST)
    kept = vault.keep(DIGEST, lambda path: path.write_bytes(b"pixels"))
    assert kept == vault.path(DIGEST) == store / "vault" / "ab" / f"{DIGEST}.exr"
    assert kept.read_bytes() == b"pixels"
    assert vault.holds(DIGEST)
    assert not vault.holds(DIGEST, ".json")
    assert files(store) == [f"vault/ab/{DIGEST}.exr"]


def test_a_store_from_before_markers_is_known_by_a_frame_that_was_kept_in_it(vault, store):
    vault.keep(DIGEST, lambda path: path.write_bytes(b"pixels"))
    vault.take_up(["cd" * 32, DIGEST])
    assert (store / MARKER).is_file()
    vault.take_up(["cd" * 32])  # its marker says so from now on


def test_another_store_in_its_place_is_not_taken_for_it(vault, store):
    vault.keep("ef" * 32, lambda path: path.write_bytes(b"of another production"))
    with pytest.raises(StoreOffline, match="none of the frames") as refused:
        vault.take_up([DIGEST])
    assert MARKER in refused.value.hint
    assert not (store / MARKER).exists()
    vault.take_up()  # nothing was kept there by this home: it may be shared
    assert (store / MARKER).is_file()


def test_keeping_what_is_held_writes_nothing(vault):
    vault.keep(DIGEST, lambda path: path.write_bytes(b"pixels"))

    def write(path: Path) -> None:
        raise AssertionError("written twice")

    assert vault.keep(DIGEST, write).read_bytes() == b"pixels"


def test_the_writer_is_given_a_path_with_the_right_suffix_in_the_folder_it_will_stay_in(vault):
    seen: list[Path] = []

    def write(path: Path) -> None:
        seen.append(path)
        path.write_bytes(b"x")

    final = vault.keep(DIGEST, write, ".dpx")
    assert seen[0].suffix == ".dpx"
    assert seen[0].parent == final.parent
    assert seen[0].name.startswith(".")


def test_a_blob_is_kept_under_the_hash_of_its_bytes(vault):
    digest = vault.keep_blob(b"{}", ".json")
    assert digest == sha256(b"{}").hexdigest()
    assert vault.path(digest, ".json").read_bytes() == b"{}"
    assert vault.keep_blob(b"{}", ".json") == digest


@pytest.mark.parametrize(
    "digest",
    [
        "",
        "ab",
        "AB" + "0" * 62,
        "../" + "0" * 61,
        "0" * 63 + "/",
        "0" * 65,
        "\x00" * 64,
        "0" * 64 + "\n",
    ],
)
def test_what_is_no_digest_is_refused(vault, store, digest):
    for ask in (vault.path, vault.holds, lambda d: vault.keep(d, lambda path: None)):
        with pytest.raises(PathRefused) as caught:
            ask(digest)
        assert caught.value.hint
    assert not store.exists()


@given(st.text())
def test_no_suffix_leads_out_of_the_vault(suffix):
    root = Path("/store/vault")
    try:
        path = Vault(root).path(DIGEST, suffix)
    except PathRefused:
        return
    assert path.parent == root / "ab"
    assert path.name.startswith(DIGEST)


def test_a_writer_that_fails_leaves_nothing_and_its_own_error_is_raised(vault, store):
    def write(path: Path) -> None:
        path.write_bytes(b"half a fra")
        raise MediaDamaged("the plate is broken")

    with pytest.raises(MediaDamaged):
        vault.keep(DIGEST, write)
    assert not vault.holds(DIGEST)
    assert files(store) == []


def test_a_writer_that_writes_nothing_is_found_out(vault, store):
    for write in (lambda path: None, lambda path: path.write_bytes(b"")):
        with pytest.raises(StoreError, match="nothing was written"):
            vault.keep(DIGEST, write)
    assert files(store) == []


def test_many_writers_of_the_same_content_do_not_disturb_each_other(vault, store):
    data = os.urandom(200_000)
    digest = sha256(data).hexdigest()
    threads = [threading.Thread(target=vault.keep_blob, args=(data, ".bin")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files(store) == [f"vault/{digest[:2]}/{digest}.bin"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guards folders by access lists")
def test_only_this_user_can_look_into_the_vault(vault, store):
    vault.keep_blob(b"secret", ".txt")
    assert [(store / "vault").stat().st_mode & 0o777, os.listdir(store)] == [0o700, ["vault"]]


# --- publishing ------------------------------------------------------------------------------


def version(store: Path, number: int = 1) -> Path:
    return store / "TCC" / "TCC_0010" / f"v{number:03}"


def fill(folder: Path) -> None:
    (folder / "exr").mkdir()
    for number in range(1001, 1006):
        (folder / "exr" / f"TCC_0010_v001.{number}.exr").write_bytes(b"frame")
    (folder / "record.json").write_text("{}")


def test_a_version_appears_whole_and_at_once(vault, store):
    final = version(store)

    def watched(folder: Path) -> None:
        fill(folder)
        assert not final.exists()
        assert folder.parent == final.parent

    assert vault.publish(final, watched) == final
    assert len(files(final)) == 6
    assert os.listdir(final.parent) == ["v001"]


def test_a_version_whose_writing_fails_does_not_appear(vault, store):
    def broken(folder: Path) -> None:
        fill(folder)
        raise MediaDamaged("a frame could not be read")

    with pytest.raises(MediaDamaged):
        vault.publish(version(store), broken)
    assert files(store) == []
    assert os.listdir(version(store).parent) == []


def test_a_version_is_never_overwritten(vault, store):
    vault.publish(version(store), fill)
    with pytest.raises(Locked) as caught:
        vault.publish(version(store), lambda folder: None)
    assert caught.value.hint
    assert len(files(version(store))) == 6


def test_nothing_is_published_outside_of_the_store(vault, store, tmp_path):
    store.mkdir()
    (store / "out").symlink_to(tmp_path)
    for final in (
        tmp_path / "v001",
        store / ".." / "v001",
        store / "TCC" / ".." / ".." / "v001",
        store / "out" / "v001",
    ):
        with pytest.raises(PathRefused):
            vault.publish(final, fill)
    assert not (tmp_path / "v001").exists()


def test_a_store_that_is_itself_a_link_to_a_big_disk_is_fine(tmp_path):
    (tmp_path / "big disk").mkdir()
    store = tmp_path / "store"
    store.symlink_to(tmp_path / "big disk")
    Vault(store / "vault").publish(version(store), fill)
    assert len(files(tmp_path / "big disk")) == 6


# --- bad days --------------------------------------------------------------------------------


def test_a_full_disk_keeps_nothing_and_says_so(small_disk):
    vault = Vault(small_disk.folder / "vault")
    vault.keep_blob(b"before", ".txt")
    stopper = small_disk.fill(leave=40_000)
    with pytest.raises(DiskFull) as caught:
        vault.keep_blob(b"x" * 400_000, ".bin")
    assert caught.value.hint
    with pytest.raises(DiskFull):
        vault.publish(version(small_disk.folder), lambda f: (f / "a").write_bytes(b"x" * 400_000))
    assert len(files(small_disk.folder)) == 2
    stopper.unlink()
    digest = vault.keep_blob(b"x" * 400_000, ".bin")
    assert vault.holds(digest, ".bin")


def test_a_library_that_does_not_know_why_it_failed_failed_for_want_of_room(small_disk):
    vault = Vault(small_disk.folder / "vault")
    small_disk.fill(leave=40_000)

    def write(path: Path) -> None:
        raise MediaDamaged("could not write pixels")

    with pytest.raises(DiskFull):
        vault.keep(DIGEST, write)


QUOTA = """
import resource, signal, sys
from pathlib import Path
from secondunit.vault import MARKER, Vault
from secondunit_bridge.errors import DiskFull

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
vault = Vault(Path(sys.argv[1]) / "vault")
vault.keep_blob(b"x" * 50_000, ".bin")
try:
    vault.keep_blob(b"x" * 200_000, ".bin")
except DiskFull as error:
    print(error.code, bool(error.hint))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a process's files")
def test_a_quota_is_a_full_disk(store):
    said = subprocess.run(
        [sys.executable, "-c", QUOTA, store], capture_output=True, text=True, timeout=30
    )
    assert said.stdout == "E_DISK True\n", said.stderr
    assert len(files(store)) == 1


def test_a_disk_that_may_not_be_written_is_said_to_be_closed(small_disk):
    vault = Vault(small_disk.folder / "vault")
    digest = vault.keep_blob(b"before", ".txt")
    small_disk.lock()
    for ask in (
        lambda: vault.keep_blob(b"after", ".txt"),
        lambda: Vault(small_disk.folder / "other" / "vault").keep_blob(b"x", ".txt"),
        lambda: vault.publish(version(small_disk.folder), fill),
    ):
        with pytest.raises(NotPermitted) as caught:
            ask()
        assert caught.value.hint
    assert vault.holds(digest, ".txt")
    assert vault.keep_blob(b"before", ".txt") == digest


def test_a_file_where_a_folder_should_be_is_said_plainly(store):
    store.mkdir()
    (store / "vault").write_text("in the way")
    with pytest.raises(StoreError) as caught:
        Vault(store / "vault").keep_blob(b"x", ".txt")
    assert "vault" in caught.value.message
    assert caught.value.hint


def test_free_bytes_are_those_of_the_disk_the_vault_will_lie_on(small_disk, store):
    assert 0 < Vault(small_disk.folder / "not" / "yet" / "vault").free_bytes() <= 1 << 20
    assert Vault(store / "vault").free_bytes() > 1 << 20


WRITER = """
import os, sys
from hashlib import sha256
from pathlib import Path
from secondunit.vault import MARKER, Vault

store, n = Path(sys.argv[1]), int(sys.argv[2])
vault = Vault(store / "vault")

def write(path, data):
    with open(path, "wb") as file:
        for start in range(0, len(data), 10_000):
            file.write(data[start:start + 10_000])
            file.flush()

def fill(folder):
    for frame in range(20):
        write(folder / f"{frame}.exr", b"f" * 30_000)

print("ready", flush=True)
while True:
    n += 1
    data = os.urandom(16) * 8_000
    digest = sha256(data).hexdigest()
    vault.keep(digest, lambda path: write(path, data))
    print("kept", digest, flush=True)
    vault.publish(store / "TCC" / "TCC_0010" / f"v{n:06}", fill)
    print("published", n, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends the signal of kill -9")
def test_killing_the_writer_at_any_moment_leaves_nothing_half_written_in_sight(store):
    vault, stop, chance = Vault(store / "vault"), time.monotonic() + 8, random.Random(3)
    promised: list[Path] = []
    rounds = left = 0
    while rounds < 40 and time.monotonic() < stop:
        rounds += 1
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, store, str(rounds * 1000)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.04))
        writer.send_signal(signal.SIGKILL)
        for line in writer.stdout.read().split("\n")[:-1]:
            word, name = line.split()
            shot = store / "TCC" / "TCC_0010"
            promised.append(vault.path(name) if word == "kept" else shot / f"v{int(name):06}")
        writer.stdout.close()
        writer.wait()
        left += vault.sweep()
        assert [p for p in store.rglob("*.part*")] == []
    for kept in (store / "vault").glob("*/*"):
        assert sha256(kept.read_bytes()).hexdigest() == kept.stem
    for published in store.glob("TCC/TCC_0010/*"):
        assert [p.stat().st_size for p in published.iterdir()] == [30_000] * 20
    assert promised
    assert all(path.exists() for path in promised)
    assert rounds >= 8
    assert left > 0  # else the kills came too early or too late to prove anything


def test_sweeping_leaves_alone_what_a_living_process_is_writing(vault, store):
    def write(path: Path) -> None:
        path.write_bytes(b"slowly")
        assert vault.sweep() == 0
        assert path.exists()

    vault.keep(DIGEST, write)
    vault.publish(version(store), lambda folder: (fill(folder), vault.sweep()))
    assert len(files(version(store))) == 6


def test_sweeping_leaves_alone_other_machines_drafts_of_today_and_strangers_files(vault, store):
    vault.keep_blob(b"x", ".txt")
    folder = store / "vault" / "ab"
    folder.mkdir(exist_ok=True)
    todays, old, stranger = (
        folder / f".{DIGEST}.0000-1-0000-aa.part.exr",
        folder / f".{DIGEST}.0000-1-0000-bb.part.exr",
        folder / ".notes.part.txt",
    )
    for file in (todays, old, stranger):
        file.write_bytes(b"x")
    os.utime(old, (0, 0))
    assert vault.sweep() == 1
    assert (todays.exists(), old.exists(), stranger.exists()) == (True, False, True)


def test_sweeping_where_there_is_nothing_is_nothing(vault):
    assert vault.sweep() == 0
