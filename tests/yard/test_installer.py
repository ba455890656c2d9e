"""The installer: makes an environment from nothing, mends a broken one, explains when it cannot."""

from __future__ import annotations

import ast
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import blender
import commands
import environment as environments
import psutil
import pytest
from commands import main
from display import Steps, spoken
from environment import Environment, NotReady
from gates import GATES, Gate, check
from pythons import python_of

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "installers" / "run.py"

# A project that installs without any index: its own build back end, and nothing required.
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
"""
BACKEND = '''
import zipfile
PAPER = """Metadata-Version: 2.1
Name: tiny
Version: 1
Provides-Extra: core
Provides-Extra: test
Provides-Extra: far
Requires-Dist: a-package-that-nobody-ever-made==1.0; extra == 'far'
"""
WHEEL = "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(folder + "/tiny-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.dist-info/METADATA", PAPER)
        wheel.writestr("tiny-1.dist-info/WHEEL", WHEEL)
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return "tiny-1-py3-none-any.whl"
'''
ALONE = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}  # pip asks nobody
CLOSED = "http://127.0.0.1:9/simple"  # the discard port: nobody listens there


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The environment of a tiny project. Each test leaves it fit for the next."""
    root = tmp_path_factory.mktemp("tiny")
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "backend.py").write_text(BACKEND)
    (root / "constraints.txt").write_text("")
    with setting(ALONE):
        Environment(root).make(["core"])
    return Environment(root)


@contextmanager
def setting(values: dict[str, str]) -> Iterator[None]:
    """These variables and no other of pip's."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            patch.delenv(name)
        for name, value in values.items():
            patch.setenv(name, value)
        yield


def mended(tiny: Environment, capsys: pytest.CaptureFixture[str]) -> str:
    """Makes it fit again; what was said of why."""
    assert not tiny.holds(["core"])
    with setting(ALONE):
        tiny.make(["core"])
    assert tiny.holds(["core"])
    told = subprocess.run([tiny.python, "-c", "import tiny"], check=False)
    assert told.returncode == 0
    return capsys.readouterr().out


def test_what_was_made_is_known_at_once_the_second_time(tiny: Environment) -> None:
    started = time.perf_counter()
    assert tiny.holds(["core"])
    assert time.perf_counter() - started < 2
    assert not tiny.holds(["core", "test"])


def test_a_changed_project_is_installed_again_into_what_is_there(
    tiny: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny.root / "constraints.txt").write_text("# changed\n")
    assert "kept" in mended(tiny, capsys)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process on Windows")
def test_stopping_it_by_hand_leaves_no_pip_behind_and_it_goes_on_from_there(
    tiny: Environment,
) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(RUN.parent)!r})\n"
        "from pathlib import Path; from environment import Environment\n"
        f"Environment(Path({str(tiny.root)!r})).make(['far'])"
    )
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": CLOSED}
    with setting(nowhere):
        running = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    until(lambda: tiny.log.exists() and "Retrying" in tiny.log.read_text())
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert b"KeyboardInterrupt" in said
    until(lambda: not [p for p in psutil.process_iter(["cmdline"]) if str(tiny.root) in line(p)])
    with setting(ALONE):
        tiny.make(["core"])


def until(holds: Callable[[], bool]) -> None:
    """Waits for it, at most twenty seconds."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def line(process: psutil.Process) -> str:
    return " ".join(process.info["cmdline"] or ())


def test_without_the_python_that_blender_needs_the_tests_go_on_and_say_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    far = [replace(one, needs=(3, 1)) for one in blender.BLENDERS]
    monkeypatch.setattr(blender, "BLENDERS", far)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    fetching = blender.Fetching(tmp_path)
    fetching.start()
    fetching.told()
    said = capsys.readouterr().out.splitlines()
    said = [line for line in said if "still being fetched" not in line]
    assert [line.split()[:2] for line in said] == [["Blender", "4.5"], ["Blender", "5.2"]]
    assert all("needs Python 3.1 and none was found" in line and "skip" in line for line in said)
    assert not list(tmp_path.iterdir())


def test_what_was_given_up_is_not_begun(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(blender, "tried", lambda root, one, out: begun.append(one.release))
    left, whole = blender.Fetching(tmp_path), blender.Fetching(tmp_path)
    left.give_up()
    for fetching in (left, whole):
        fetching.start()
        fetching.told()
    assert begun == ["4.5", "5.2"]
    assert "None" not in capsys.readouterr().out


def stand_in(folder: Path, says: str, code: int = 0) -> Path:
    """A program called python3.1 that prints this, whatever it is asked."""
    path = folder / "python3.1"
    folder.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")
def test_a_python_is_found_on_the_path_or_with_pyenv_and_what_only_has_its_name_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "shims"), prepend=os.pathsep)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    stand_in(tmp_path / "shims", "pyenv: version 3.1 is not installed", code=127)
    assert python_of((3, 1)) is None
    broken = stand_in(tmp_path / "versions/3.1.9/bin", "(3, 9)")
    broken.rename(broken.with_name("python"))
    assert python_of((3, 1)) is None
    good = stand_in(tmp_path / "versions/3.1.2/bin", "(3, 1)")
    good = good.rename(good.with_name("python"))
    assert python_of((3, 1)) == good
    (tmp_path / "shims/python3.1").write_text("#!/bin/sh\necho '(3, 1)'\n")
    assert python_of((3, 1)) == tmp_path / "shims/python3.1"
    assert python_of(sys.version_info[:2]) == Path(sys.executable)


@pytest.mark.long
def test_an_environment_that_lost_a_package_is_made_anew(
    tiny: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(next(tiny.folder.rglob("tiny-1.dist-info")))
    assert "packages are missing, made anew" in mended(tiny, capsys)


@pytest.mark.long
def test_a_half_made_environment_is_made_anew(
    tiny: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(tiny.folder)
    tiny.folder.mkdir()
    (tiny.folder / "pyvenv.cfg").write_text("home = nowhere\n")
    assert "its Python is gone, made anew" in mended(tiny, capsys)


@pytest.mark.long
def test_an_environment_whose_python_no_longer_runs_is_made_anew(
    tiny: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny.folder / "stamp.json").unlink()
    tiny.python.unlink()
    tiny.python.write_text("this is no program")
    tiny.python.chmod(0o755)
    assert "its Python does not run, made anew" in mended(tiny, capsys)


def test_an_install_that_was_cut_off_is_not_taken_for_a_finished_one(
    tiny: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny.folder / "stamp.json").write_text('{"key": "')
    assert "kept" in mended(tiny, capsys)


def test_without_a_network_it_says_what_failed_and_what_to_do(
    tiny: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": CLOSED, "PIP_RETRIES": "0"}
    with setting(nowhere), pytest.raises(NotReady, match="index could not be reached") as caught:
        tiny.make(["core", "far"])
    assert "Check the network" in caught.value.hint
    assert "Fetching packages          failed" in capsys.readouterr().out
    assert caught.value.log == tiny.log
    assert "a-package-that-nobody-ever-made" in tiny.log.read_text()
    assert not tiny.holds(["core"])
    with setting(ALONE):
        tiny.make(["core"])


def test_a_failure_is_explained_with_the_end_of_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "install.log"
    log.write_text("\n".join(f"line {n}" for n in range(40)))

    def fails(*extras: str) -> Path:
        raise NotReady("the disk is full", hint="Make room.", log=log)

    monkeypatch.setattr(commands, "_ready", fails)
    assert main(["demo"]) == 1
    said = capsys.readouterr().err
    assert "Second Unit is not ready: the disk is full.\nNext: Make room." in said
    assert "line 39" in said
    assert "line 5\n" not in said


def test_a_python_without_ensurepip_is_told_which_system_package_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments.importlib.util, "find_spec", lambda name: None)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text("")
    with pytest.raises(NotReady) as caught:
        Environment(tmp_path).make(["core"])
    assert "apt install python3-venv" in caught.value.hint


@pytest.mark.parametrize("words", [["tset"], ["test", "--only", "nothing"], ["test", "--fast"], []])
def test_wrong_words_give_the_usage_and_code_two(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert "installers/run.py demo" in said.out + said.err


def old_pythons() -> list[str]:
    named = [shutil.which(f"python{version}") for version in ("2.7", "3.6", "3.8", "3.9", "3.10")]
    beside = Path(sys.base_prefix).parent.glob("[23].*/bin/python")  # as pyenv keeps them
    found = [*filter(None, named), *map(str, sorted(beside))]
    question = "import sys; print(sys.version_info[:2] < (3, 11))"
    return [
        python
        for python in found
        if subprocess.run([python, "-c", question], capture_output=True, check=False).stdout[:4]
        == b"True"
    ]


def test_an_old_python_gets_one_plain_line() -> None:
    ast.parse(RUN.read_text(), feature_version=(3, 4))
    for python in old_pythons():
        done = subprocess.run([python, str(RUN), "demo"], capture_output=True, check=False)
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == 1
        assert said.startswith("Second Unit needs Python 3.11 or newer; this is Python ")
        assert len(said.splitlines()) == 1


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_steps_move_on_a_terminal_and_are_lines_elsewhere() -> None:
    moving, still = Terminal(), io.StringIO()
    for out in (moving, still):
        steps = Steps(1, out)
        steps.begin("Installing packages")
        for number in range(4):
            steps.tick(f"{number} of 4", number / 4)
        steps.end("done")
    assert moving.getvalue().count("\r") == 6
    assert "━━━━" in moving.getvalue()
    assert still.getvalue().startswith("  1 of 1  Installing packages")
    assert len(still.getvalue().splitlines()) == 1


def test_durations_read_as_people_say_them() -> None:
    assert [spoken(4.21), spoken(65), spoken(3600)] == ["4.2 s", "1 min 05 s", "60 min 00 s"]


def test_every_gate_runs_after_one_has_failed_and_the_first_code_is_kept(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, code in {"ruff": 0, "mypy": 3, "imports": 4, "pytest": 0}.items():
        said = f"import sys; print('said by {name}', flush=True); sys.exit({code})"
        monkeypatch.setitem(GATES, name, Gate(name, ("-c", said)))
    python = Path(sys.executable)
    assert check(ROOT, python, ["ruff", "mypy", "imports", "pytest"], []) == 3
    told = capfd.readouterr().out
    assert "Not passed: mypy, imports" in told
    assert check(ROOT, python, ["ruff", "pytest"], []) == 0
    assert capfd.readouterr().out.splitlines()[-1] == "said by pytest"
