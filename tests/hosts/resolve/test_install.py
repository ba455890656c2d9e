"""`secondunit host install resolve` lays our files into Resolve's folder and takes them out."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from secondunit.cli import main

MENU = "Scripts/Utility/Second Unit"


@pytest.fixture
def su(capsys, places):
    def run(*words):
        capsys.readouterr()
        code = main([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_what_is_installed_is_found_fine_and_leaves_nothing_behind(su, tmp_path: Path):
    fusion = tmp_path / "Fusion"
    code, done = su("host", "install", "resolve", "--into", fusion)
    assert code == 0
    assert done["places"][0]["folder"] == str(fusion)
    assert (fusion / MENU / "New insert from In-Out.py").is_file()
    code, seen = su("host", "doctor", "--into", fusion)
    assert (code, seen["ok"]) == (0, True)
    (fusion / MENU / "Reshoot.py").unlink()  # as a launcher that empties script folders does
    code, seen = su("host", "doctor", "--into", fusion)
    assert code == 1
    assert "Reshoot.py" in seen["items"][0]["sentence"]
    assert su("host", "install", "resolve", "--into", fusion)[0] == 0
    assert su("host", "remove", "resolve", "--into", fusion)[0] == 0
    assert [path for path in fusion.rglob("*") if path.is_file()] == []
    assert not (fusion / "Scripts").exists()


def test_scripts_of_others_stay_and_nothing_is_written_over(su, tmp_path: Path):
    other = tmp_path / "Scripts/Utility/theirs.py"
    mine = tmp_path / MENU / "notes.txt"
    for path in (other, mine):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("theirs")
    su("host", "install", "resolve", "--into", tmp_path)
    _, removed = su("host", "remove", "resolve", "--into", tmp_path)
    assert removed["places"][0]["foreign"] == [f"{MENU}/notes.txt"]
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["notes.txt", "theirs.py"]
    taken = tmp_path / MENU / "Reshoot.py"
    taken.write_text("theirs")
    code, told = su("host", "install", "resolve", "--into", tmp_path)
    assert (code, told["error"]["code"]) == (1, "E_LOCKED")
    assert taken.read_text() == "theirs"


def test_a_script_is_read_by_any_python_three_and_says_what_is_needed(su, tmp_path: Path):
    su("host", "install", "resolve", "--into", tmp_path)
    for script in (tmp_path / MENU).glob("*.py"):
        ast.parse(script.read_text(), feature_version=(3, 3))
    old = (tmp_path / MENU / "Reshoot.py").read_text().replace("(3, 9)", "(9, 9)")
    told = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("Second Unit needs Python")
    assert told.stdout.count("\n") == 1


def test_a_script_without_resolve_says_so_in_words(su, tmp_path: Path):
    su("host", "install", "resolve", "--into", tmp_path)
    environ = {**os.environ, "PYTHONPATH": ""}
    told = subprocess.run([sys.executable, "-I", tmp_path / MENU / "Reshoot.py"], env=environ,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert (told.returncode, told.stderr) == (0, "")
    assert "Resolve is not there. Run this from Workspace" in told.stdout.replace("\n", " ")
