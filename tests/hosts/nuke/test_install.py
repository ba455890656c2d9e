"""Into a user's .nuke and out again: nobody else's byte changes; the doctor sees what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from secondunit.cli import main


@pytest.fixture
def user(tmp_path, monkeypatch):
    home = tmp_path / "user"
    (home / ".nuke").mkdir(parents=True)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("SECONDUNIT_HOME", str(tmp_path / "home"))
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    return home / ".nuke"


def said(capfd, *words):
    capfd.readouterr()
    code = main(["host", *map(str, words), "--json"])
    return code, json.loads(capfd.readouterr().out)


def tree(folder):
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


@pytest.mark.parametrize(
    "init", [None, b"", b"import nuke\n", b"import nuke\r\nx = 1", b"# \xc3\xa9"]
)
def test_what_was_there_comes_back_byte_for_byte(user, capfd, init):
    (user / "menu.py").write_text("# mine\n")
    if init is not None:
        (user / "init.py").write_bytes(init)
    before = tree(user)
    code, answer = said(capfd, "install", "nuke")
    assert code == 0
    assert answer["places"][0]["nuke_path"] is None
    assert (user / "secondunit/secondunit_nuke/host.py").is_file()
    assert (user / "secondunit/menu.py").is_file()
    compile((user / "init.py").read_bytes(), "init.py", "exec")
    assert said(capfd, "doctor")[0] == 0
    assert said(capfd, "install", "nuke")[0] == 0  # twice is once
    code, answer = said(capfd, "remove", "nuke")
    assert code == 0
    kept = tree(user)
    if init == b"":  # an empty file is as good as none
        before.pop("init.py")
    assert kept == before
    assert not (user / "secondunit").exists()


def test_the_doctor_sees_what_is_wrong(user, capfd):
    said(capfd, "install", "nuke")
    for spoil, words in (
        (lambda: (user / "init.py").unlink(), "does not lead Nuke"),
        (lambda: (user / "secondunit/secondunit_nuke/node.py").write_text("x"), "not as it was"),
        (lambda: (user / "secondunit/secondunit_nuke/state.py").unlink(), "lacks"),
    ):
        spoil()
        code, answer = said(capfd, "doctor")
        item = next(one for one in answer["items"] if one["what"] == "Nuke")
        assert (code, item["ok"]) == (1, False)
        assert words in item["sentence"]
        assert "host install nuke" in item["fix"]
        said(capfd, "install", "nuke")
        assert said(capfd, "doctor")[0] == 0


def test_somebody_elses_folder_and_files_are_left_alone(user, capfd):
    (user / "secondunit").mkdir()
    (user / "secondunit/notes.txt").write_text("mine")
    assert said(capfd, "install", "nuke")[0] == 1
    assert tree(user) == {"secondunit/notes.txt": b"mine"}
    os.unlink(user / "secondunit/notes.txt")
    said(capfd, "install", "nuke")
    (user / "secondunit/notes.txt").write_text("mine")
    _, answer = said(capfd, "remove", "nuke")
    assert answer["places"][0]["foreign"] == ["notes.txt"]
    assert tree(user) == {"secondunit/notes.txt": b"mine"}


def test_an_init_that_is_not_ours_to_write_stays_and_the_way_is_said(user, capfd, tmp_path):
    (tmp_path / "studio.py").write_text("import nuke\n")
    (user / "init.py").symlink_to(tmp_path / "studio.py")
    _, answer = said(capfd, "install", "nuke")
    assert answer["places"][0]["nuke_path"] == str(user / "secondunit")
    assert (tmp_path / "studio.py").read_text() == "import nuke\n"


def test_a_folder_for_nuke_path_holds_all_that_a_bare_python_needs(user, capfd, tmp_path):
    code, answer = said(capfd, "install", "nuke", "--into", tmp_path / "plugins")
    folder = answer["places"][0]["nuke_path"]
    assert (code, tree(user)) == (0, {})
    script = (
        "import sys, types; sys.path.insert(0, sys.argv[1]); nuke = types.ModuleType('nuke');"
        "nuke.GUI = False; sys.modules['nuke'] = nuke; import runpy;"
        "runpy.run_path(sys.argv[1] + '/init.py'); runpy.run_path(sys.argv[1] + '/menu.py');"
        "import secondunit_nuke.acts, secondunit_nuke.selftest, secondunit_nuke.host;"
        "print(secondunit_nuke.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith(folder)
    assert said(capfd, "doctor", "--into", tmp_path / "plugins")[0] == 0
    said(capfd, "remove", "nuke", "--into", tmp_path / "plugins")
    assert tree(tmp_path / "plugins") == {}


def test_the_zip_unpacks_to_a_nuke_path_entry(user, capfd, tmp_path):
    code, answer = said(capfd, "pack", "nuke", "--out", tmp_path)
    assert code == 0
    assert {"init.py", "menu.py", "secondunit_nuke/node.py"} <= set(answer["files"])
