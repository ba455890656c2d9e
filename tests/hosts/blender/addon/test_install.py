"""`secondunit host` puts the extension where Blender finds it, and takes out only what it put."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from secondunit.cli import main


@pytest.fixture
def su(capsys, places):
    """Runs a command and gives back its code and JSON."""

    def run(*words):
        capsys.readouterr()
        code = main([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    yield run
    main(["daemon", "stop", "--json"])


def test_what_is_installed_is_found_fine_and_can_be_taken_out_again(su, tmp_path):
    code, done = su("host", "install", "blender", "--into", tmp_path)
    folder = tmp_path / "secondunit"
    assert code == 0
    assert done["places"][0]["folder"] == str(folder)
    assert (folder / "blender_manifest.toml").is_file()
    assert (folder / "secondunit_bridge/unit.py").is_file()
    code, seen = su("host", "doctor", "--into", tmp_path)
    assert (code, seen["ok"]) == (0, True)
    code, _ = su("host", "remove", "blender", "--into", tmp_path)
    assert code == 0
    assert list(tmp_path.iterdir()) == []


def test_files_of_somebody_else_stay(su, tmp_path):
    su("host", "install", "blender", "--into", tmp_path)
    note = tmp_path / "secondunit" / "my notes.txt"
    note.write_text("mine")
    _, again = su("host", "install", "blender", "--into", tmp_path)
    assert again["places"][0]["foreign"] == ["my notes.txt"]
    _, removed = su("host", "remove", "blender", "--into", tmp_path)
    assert removed["places"][0]["foreign"] == ["my notes.txt"]
    assert [path.name for path in note.parent.iterdir()] == ["my notes.txt"]


def test_a_file_of_an_older_version_goes(su, tmp_path):
    su("host", "install", "blender", "--into", tmp_path)
    folder = tmp_path / "secondunit"
    (folder / "old.py").write_text("")
    note = json.loads((folder / "installed.json").read_text())
    note["files"] += ["old.py", "../outside.py"]
    (folder / "installed.json").write_text(json.dumps(note))
    (tmp_path / "outside.py").write_text("")
    su("host", "install", "blender", "--into", tmp_path)
    assert not (folder / "old.py").exists()
    assert (tmp_path / "outside.py").exists()


def test_something_else_of_that_name_is_left_alone(su, tmp_path):
    other = tmp_path / "secondunit" / "blender_manifest.toml"
    other.parent.mkdir()
    other.write_text('id = "another"\n')
    for verb in ("install", "remove"):
        code, told = su("host", verb, "blender", "--into", tmp_path)
        assert (code, told["error"]["code"]) == (1, "E_LOCKED")
    assert other.read_text() == 'id = "another"\n'


@pytest.mark.parametrize("harm", ["version", "missing", "python", "absent", "stale daemon"])
def test_doctor_says_what_is_wrong_and_the_fix(su, tmp_path, harm):
    if harm != "absent":
        su("host", "install", "blender", "--into", tmp_path)
    folder = tmp_path / "secondunit"
    if harm == "version":
        manifest = folder / "blender_manifest.toml"
        manifest.write_text(manifest.read_text().replace('version = "0', 'version = "9', 1))
    elif harm == "missing":
        (folder / "secondunit_bridge/unit.py").unlink()
    elif harm == "python":
        note = json.loads((folder / "installed.json").read_text())
        (folder / "installed.json").write_text(json.dumps({**note, "python": "/gone/python"}))
    elif harm == "stale daemon":
        from secondunit_bridge.connection import Connection, connection_file

        gone = Connection("ipc:///nowhere", "u", "t", 2**22 - 3, "never", "SU/1", "0.1.0")
        gone.write(connection_file())
    code, seen = su("host", "doctor", "--into", tmp_path)
    wrong = [item for item in seen["items"] if not item["ok"]]
    assert code == 1
    assert len(wrong) == 1
    assert wrong[0]["fix"]


def test_every_blender_of_the_user_gets_it_but_none_that_is_too_old(su, tmp_path, monkeypatch):
    if sys.platform != "linux":
        pytest.skip("the folders of this system are another's")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("BLENDER_USER_RESOURCES", raising=False)
    code, told = su("host", "install", "blender")
    assert (code, told["error"]["code"]) == (1, "E_MEDIA_OFFLINE")
    for version in ("3.6", "4.2", "4.5", "10.0", "config"):
        (tmp_path / "blender" / version).mkdir(parents=True)
    _, done = su("host", "install", "blender")
    assert [place["blender"] for place in done["places"]] == ["4.2", "4.5", "10.0"]


def test_the_same_files_make_the_same_zip(su, tmp_path):
    zips = []
    for name in ("a", "b"):
        _, told = su("host", "pack", "blender", "--out", tmp_path / name)
        zips.append(Path(told["path"]).read_bytes())
    assert zips[0] == zips[1]


@pytest.mark.timeout(240)
def test_an_extension_that_was_laid_in_place_starts_the_daemon_by_itself(su, in_blender, tmp_path):
    su("host", "install", "blender", "--into", tmp_path / "extensions/user_default")
    environ = {**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path)}
    environ.pop("SECONDUNIT_PYTHON", None)
    seen = in_blender(environ, "started_from_here").answer
    assert seen["named"] == sys.executable
    assert (seen["before"], seen["connected"]) == (False, True)
    assert any("Started the daemon" in words for words in seen["said"])
    assert seen["after"] == ""
