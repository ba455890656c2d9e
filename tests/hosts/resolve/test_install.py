"""`secondunit host install resolve` lays our files into Resolve's folder and takes them out."""

from __future__ import annotations

import ast
import json
import os
import shutil
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


IN_RESOLVE = """
import json, runpy, sys
sys.path.insert(0, sys.argv[1])
from fake_resolve import fake
from fake_resolve.state import Item, Media
world, handle = fake("18.5.1")
script = sys.argv[2] + "/Self test.py"
runpy.run_path(script, init_globals={"resolve": handle})
runpy.run_path(sys.argv[2] + "/New insert from In-Out.py", init_globals={"resolve": handle})
import secondunit_resolve, secondunit_bridge
print(secondunit_resolve.__file__)
assert all("SecondUnitWasHere" in one for one in world.failures), world.failures
"""


def a_python(version: str) -> str:
    """A Python of this version that really runs; empty stands for the one that runs the tests.

    Where CI keeps several Pythons a missing one is a failure; a bare machine has one, and skips.
    """
    if not version:
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    there = [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"{version}.*/bin/python"))]
    for found in filter(None, there):
        if not subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode:
            return str(found)
    missing = f"there is no Python {version} here"
    if os.environ.get("CI") == "true" and pyenv.is_dir():
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("version", ["", "3.9", "3.13"])
def test_what_is_installed_runs_in_the_pythons_that_resolve_may_find(su, tmp_path, version):
    python = a_python(version)
    su("host", "install", "resolve", "--into", tmp_path)
    told = subprocess.run(
        [python, "-I", "-c", IN_RESOLVE, Path(__file__).parent, tmp_path / MENU],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.stderr == ""
    lines = told.stdout.splitlines()
    assert lines[0].startswith("Second Unit: 15 trials, 0 went wrong.")
    assert lines[1] == "Second Unit: In and Out are not set in this timeline."
    assert lines[-1].startswith(str(tmp_path / "SecondUnit"))


@pytest.mark.parametrize("version", ["3.6", "3.8"])
def test_a_python_that_is_too_old_says_in_one_line_what_is_needed(su, tmp_path, version):
    python = a_python(version)
    su("host", "install", "resolve", "--into", tmp_path)
    told = subprocess.run([python, "-I", tmp_path / MENU / "Sweep sequence.py"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    needed = f"Second Unit needs Python 3.9 or newer, and Resolve found {version}"
    assert told.stdout.startswith(needed)
    assert told.stdout.count("\n") == 1


def test_what_is_asked_for_is_kept_and_a_slip_in_it_is_named(places):
    from secondunit_bridge.errors import FieldError
    from secondunit_resolve.acts.bench import keep_wish, kept_wish
    from secondunit_resolve.collect.turnover import Wish

    assert kept_wish("Ada") == Wish(artist="Ada")
    keep_wish(Wish(brief="her hand", takes=5, options={"move": "hold"}))
    assert kept_wish("Bo") == Wish(brief="her hand", takes=5, options={"move": "hold"}, artist="Bo")
    (places / "resolve.json").write_text('{"takes": "three"}')
    with pytest.raises(FieldError, match=r"resolve\.json\.takes: expected int, got str"):
        kept_wish("Ada")
    (places / "resolve.json").write_text("{takes: 3}")
    with pytest.raises(FieldError, match="cannot be read"):
        kept_wish("Ada")
