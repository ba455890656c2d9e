"""The doctor finds what is wrong, prints the fix, and mends what can harm nothing."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from secondunit import vault
from secondunit.cli import main
from secondunit.cli.doctor import Seen
from secondunit.ledger import Draft, Ledger
from secondunit_bridge import places as where
from secondunit_bridge.connection import Connection
from secondunit_bridge.film import Project
from secondunit_bridge.slots import SlotFile
from secondunit_bridge.wire import plain

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes guard files on POSIX only")


@pytest.fixture
def doctor(places: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict]]:
    """Runs the doctor; its exit code, and what is wrong by name."""

    def run(*words: str) -> tuple[int, dict]:
        capfd.readouterr()
        code = main(["doctor", "--json", *words])
        answer = json.loads(capfd.readouterr().out)
        assert answer["ok"] == (code == 0)
        wrong = {item["what"]: item for item in answer["items"] if not item["ok"]}
        assert all(item["fix"] for item in wrong.values())
        return code, wrong

    return run


def stale() -> Connection:
    return Connection(
        "ipc:///nowhere", "host", "t" * 64, pid=2**22 + 1, started="1.x", protocol="SU/1",
        version="0.0.1",
    )  # fmt: skip


def test_a_fresh_installation_is_fine(doctor, capfd):
    assert doctor() == (0, {})
    assert main(["doctor"]) == 0
    assert "Everything is fine" in capfd.readouterr().out


def test_a_connection_file_left_by_a_dead_daemon_is_found_and_removed(doctor):
    path = where.connection_file()
    stale().write(path)
    code, wrong = doctor()
    assert code == 1
    assert "has ended" in wrong["daemon"]["sentence"]
    assert str(path) in wrong["daemon"]["fix"]
    assert doctor("--fix") == (0, {})
    assert not path.exists()


@posix
def test_a_connection_file_others_can_read_is_closed(doctor):
    path = where.connection_file()
    stale().write(path)
    path.chmod(0o644)
    assert "chmod 600" in doctor()[1]["daemon"]["fix"]
    doctor("--fix")
    assert not path.exists() or path.stat().st_mode & 0o077 == 0


@posix
def test_folders_others_can_look_into_are_found_and_closed(doctor, places: Path):
    where.runtime().chmod(0o755)
    places.chmod(0o755)
    code, wrong = doctor()
    assert code == 1
    assert {"home", "runtime folder"} <= set(wrong)
    assert doctor("--fix") == (0, {})
    assert places.stat().st_mode & 0o077 == 0


def test_a_bad_setting_is_found(doctor, monkeypatch):
    monkeypatch.setenv("SECONDUNIT_DURABILITY", "perhaps")
    code, wrong = doctor()
    assert code == 1
    assert "durability" in wrong["settings"]["sentence"].lower()


def test_a_plug_in_that_does_not_load_is_found(doctor, monkeypatch):
    monkeypatch.setenv("SECONDUNIT_PLUGINS", "not_installed_anywhere")
    assert "not_installed_anywhere" in doctor()[1]["plug-ins"]["sentence"]


def test_a_ledger_that_was_cut_off_is_found(doctor, places: Path):
    with Ledger(places / "ledger.sqlite") as ledger:
        for number in range(3):
            project = Project(f"p{number}", Fraction(24), 64, 64)
            ledger.record(Draft("project", project.name, plain(project)))
    assert doctor() == (0, {})
    whole = (places / "ledger.sqlite").read_bytes()
    (places / "ledger.sqlite").write_bytes(whole[: len(whole) // 2])
    code, wrong = doctor()
    assert code == 1
    assert wrong["ledger"]["sentence"]


def test_a_full_disk_is_found(doctor, small_disk, monkeypatch):
    home = small_disk.folder / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("SECONDUNIT_HOME", str(home))
    small_disk.fill()
    assert "free" in doctor()[1]["disk"]["sentence"]


def test_a_running_daemon_answers_and_another_version_is_told(doctor, capfd):
    main(["daemon", "start"])
    assert doctor() == (0, {})
    path = where.connection_file()
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "version": "9.9"}))
    assert "9.9" in doctor()[1]["daemon"]["sentence"]
    path.write_text(json.dumps(found))
    main(["daemon", "stop"])


def test_missing_codecs_and_adapters_have_a_fix(monkeypatch):
    import av
    import opentimelineio as otio
    from secondunit.cli import doctor as module

    monkeypatch.setattr(av, "codecs_available", {"mpeg4"})
    monkeypatch.setattr(otio.adapters, "available_adapter_names", lambda: ["otio_json"])
    seen: list[Seen] = [module._review_codec(), module._adapters()]
    assert [one.ok for one in seen] == [False, False]
    assert all("pip install" in one.fix for one in seen)


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written_is_found(doctor, tmp_path: Path, monkeypatch):
    tmp_path.chmod(0o500)
    monkeypatch.setenv("SECONDUNIT_HOME", str(tmp_path / "home"))
    assert "cannot be written" in doctor()[1]["home"]["sentence"]


def draft_of_the_dead(folder: Path, name: str) -> Path:
    dead = vault._draft_name(name).replace(f"-{os.getpid()}-", f"-{2**22 + 1}-")
    (folder / dead).mkdir(parents=True)
    return folder / dead


def test_a_version_left_half_written_is_found_and_removed_and_a_whole_one_stays(doctor):
    where.home().mkdir(mode=0o700, exist_ok=True)
    with Ledger(where.home() / "ledger.sqlite") as ledger:
        project = Project("film", Fraction(24), 64, 48)
        ledger.record(Draft("project", project.name, plain(project)))
    store = where.home() / "projects" / "film"
    half = draft_of_the_dead(store / "TCC" / "TCC_0010", "v003")
    whole = store / "TCC" / "TCC_0010" / "v002"
    whole.mkdir()
    code, wrong = doctor()
    assert code == 1
    assert str(half) in wrong["half-written"]["sentence"]
    assert doctor("--fix") == (0, {})
    assert whole.is_dir()
    assert not half.exists()


@posix
def test_slots_of_a_dead_daemon_are_found_and_given_back(doctor):
    folder = where.slot_folder(1 << 22)
    slot = SlotFile.create(folder, 1 << 22)
    slot.close()
    orphan = folder / slot.path.name.replace(str(os.getpid()), str(2**22 + 1), 1)
    slot.path.rename(orphan)
    code, wrong = doctor()
    assert code == 1
    assert str(folder) in wrong["slots"]["sentence"]
    assert doctor("--fix") == (0, {})
    assert not orphan.exists()
    folder.rmdir()
