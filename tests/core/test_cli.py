"""The command line by itself: words, exit codes, JSON, and what it costs to start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from secondunit.cli import main
from secondunit.cli.app import assembled

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "secondunit"]
COMMANDS = {
    "demo", "daemon", "doctor", "project", "insert", "plate", "shots", "takes", "circle", "reject",
    "note", "waive", "recall", "recut", "cards", "check", "verify", "settings", "generators",
    "checks", "models", "previs", "host", "finish", "replay", "restore", "review", "packet",
    "record", "rights", "cost", "proxies", "tracker", "turnover", "still", "pictures",
    "contact",
}  # fmt: skip


@pytest.fixture
def su(places: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs one command in this process, in a home of the test's own."""

    def run(*words: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return (code, *capfd.readouterr())

    return run


def test_without_the_core_extra_one_line_names_the_pip_command():
    bare = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'core'}{os.pathsep}{ROOT / 'bridge'}",
    }
    done = subprocess.run(
        [sys.executable, "-S", "-m", "secondunit", "demo"],
        capture_output=True, text=True, env=bare, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert (done.stdout + done.stderr).splitlines() == [
        "typer is missing. Install: pip install 'secondunit[core]'"
    ]


def test_help_starts_quickly_and_loads_nothing_heavy():
    code = (
        "import sys, time, secondunit.cli\n"
        "code = secondunit.cli.main(['--help'])\n"
        "heavy = {'numpy', 'cv2', 'av', 'opentimelineio', 'OpenImageIO', 'zmq', 'sqlalchemy'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)), time.process_time() < 3, code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY [] True 0"


GROUPS = ("daemon", "host", "models", "project", "rights", "tracker")


def test_every_command_is_there_and_speaks_json():
    import typer

    top = typer.main.get_command(assembled())
    assert set(top.commands) == COMMANDS
    leaves = [c for name, c in top.commands.items() if name not in GROUPS]
    for group in GROUPS:
        leaves += top.commands[group].commands.values()
    for command in leaves:
        assert "--json" in {word for param in command.params for word in param.opts}, command.name
    assert set(top.commands["daemon"].commands) == {"run", "start", "stop", "status"}
    assert set(top.commands["models"].commands) == {"add", "card", "clear", "list", "remove"}
    assert set(top.commands["rights"].commands) == {
        "add", "alone", "bind", "consent", "declare", "list", "marking", "sweep", "waive",
        "withdraw",
    }  # fmt: skip
    assert set(top.commands["project"].commands) == {"init"}


def test_the_version_is_said(su):
    from secondunit import __version__

    assert su("--version") == (0, f"secondunit {__version__}\n", "")


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("insert",),
        ("takes", "--nope"),
        ("insert", "a.otio", "--frames", "0", "--at", "1", "--out", "b.otio"),
        ("insert", "a.otio", "--frames", "5", "--out", "b.otio"),
        ("insert", "a.otio", "--frames", "5", "--at", "1", "--after", "x", "--out", "b.otio"),
        ("insert", "a.otio", "--frames", "5", "--at", "1", "--out", "b.mov"),
        ("insert", "a.otio", "--frames", "5", "--at", "1", "--out", "b.otio", "--region", "1,2"),
        ("insert", "a.otio", "--frames", "5", "--at", "1", "--out", "b.otio", "--option", "zoom"),
        ("project", "init", "x", "--size", "big"),
        ("project", "init", "x", "--size", "0x10"),
        ("circle", "abc.1"),
        ("circle", "abc.1", "--by", "Ada", "--class", "best"),
        ("note", "abc.1", "words", "--by", "Ada", "--frames", "9-3"),
        ("waive", "f", "--answer", "perhaps", "--by", "Ada", "--reason", "r"),
    ],
)
def test_wrong_arguments_end_with_two_a_sentence_and_a_hint(su, words):
    code, out, err = su(*words)
    assert (code, out) == (2, "")
    assert "What to do" in err
    code, out, err = su(*words, "--json")
    assert (code, err) == (2, "")
    assert set(json.loads(out)["error"]) == {"code", "message", "hint", "data", "retryable"}


def test_an_error_of_the_work_ends_with_one_on_standard_error(su, tmp_path: Path):
    code, out, err = su("shots", tmp_path / "none.otio")
    assert (code, out) == (1, "")
    assert "[E_" in err
    assert "Traceback" not in err


def test_settings_generators_and_checks_say_what_there_is(su):
    code, out, _ = su("settings", "--json")
    rows = json.loads(out)["settings"]
    assert code == 0
    assert {"home", "durability", "max_waiting"} <= {row["name"] for row in rows}
    assert all(row["help"] for row in rows)
    code, out, _ = su("generators", "--json")
    assert {"slate", "reframe"} <= {one["name"] for one in json.loads(out)["generators"]}
    code, out, _ = su("checks", "--json")
    assert {"colour.exposure", "dup.frame"} <= {one["name"] for one in json.loads(out)["checks"]}
    for words in (("settings",), ("generators",), ("checks",)):
        assert su(*words)[0] == 0


def test_a_bad_setting_is_named(su, monkeypatch):
    monkeypatch.setenv("SECONDUNIT_MAX_ATTEMPTS", "many")
    code, out, _ = su("settings", "--json")
    assert code == 1
    assert json.loads(out)["error"]["code"] == "E_SETTING"


def test_a_project_is_set_up_once_and_found_again(su, tmp_path: Path):
    folder = tmp_path / "Film One"
    words = ("project", "init", folder, "--rate", "23.976", "--size", "2048x858", "--json")
    code, out, _ = su(*words)
    assert code == 0, out
    project = json.loads(out)["project"]
    assert (project["name"], project["rate"]) == ("Film_One", "24000/1001")
    assert (project["width"], project["height"]) == (2048, 858)
    assert (folder / "store").is_dir()
    assert su(*words)[0] == 0
    assert (
        json.loads(su(*words[:-3], "--size", "64x64", "--json")[1])["error"]["code"] == "E_LOCKED"
    )
    other = ("project", "init", tmp_path / "other", "--json")
    assert json.loads(su(*other, "--colour", "Mars")[1])["error"]["code"] == "E_COLOR_UNKNOWN"
    assert json.loads(su(*other, "--rate", "0")[1])["error"]["code"] == "E_RATE_MISMATCH"
    assert su("daemon", "stop")[0] == 0


def test_the_daemon_starts_once_says_how_it_is_and_stops(su):
    code, out, _ = su("daemon", "status", "--json")
    assert code == 1
    assert json.loads(out)["running"] is False
    assert json.loads(out)["error"]["code"] == "E_DAEMON"
    first = json.loads(su("daemon", "start", "--json")[1])
    again = json.loads(su("daemon", "start", "--json")[1])
    assert first["started"] is True
    assert (again["started"], again["pid"]) == (False, first["pid"])
    code, out, _ = su("daemon", "status", "--json")
    assert code == 0
    assert json.loads(out)["waiting"] == 0
    code, out, _ = su("daemon", "run", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "E_LOCKED")
    assert json.loads(su("daemon", "stop", "--json")[1])["stopped"] is True
    assert json.loads(su("daemon", "stop", "--json")[1])["stopped"] is False


def test_people_are_told_when_there_is_nothing_yet(su):
    assert "No takes yet" in su("takes")[1]
    nothing = {"takes": [], "junk": {"takes": 0, "seconds": 0.0}}
    assert json.loads(su("takes", "--json")[1]) == nothing
    assert json.loads(su("shots", "--json")[1]) == {"shots": []}
    code, out, _ = su("circle", "nobody.1", "--by", "Ada", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "E_UNKNOWN_ID")
    code, out, _ = su("contact", "TCC_0010", "--out", "sheet", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "E_UNKNOWN_ID")
    assert not Path("sheet").exists()
    code, out, _ = su("recall", "none_v001", "--by", " ", "--reason", "x", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "E_NAME")
    su("daemon", "stop")
