"""Fixtures every part of the suite shares."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import hypothesis
import pytest

# Where a failure stops a release the examples are always the same; elsewhere new ones are tried.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.register_profile("searching", deadline=None)
hypothesis.settings.load_profile("steady" if os.environ.get("CI") else "searching")

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="also the tests that show more of the same"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files with slow tests first: begun last, one of them would run alone at the end."""
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        left = list(dict.fromkeys(long + _beyond_some(items)))
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=left)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def _beyond_some(items: list[pytest.Item]) -> list[pytest.Item]:
    """Of a test marked ``some(n)`` all cases but every nth."""
    counts: dict[str, int] = {}
    left = []
    for item in items:
        mark = item.get_closest_marker("some")
        if mark is not None:
            name = item.nodeid.partition("[")[0]
            counts[name] = counts.get(name, -1) + 1
            if counts[name] % mark.args[0]:
                left.append(item)
    return left


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What was not tried is said, not left out in silence."""
    if not config.getoption("--long"):
        terminalreporter.line(
            "The long tests were left out; with them: installers/run.py test --long"
        )


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_in_the_home_of_whoever_tests(tmp_path_factory: pytest.TempPathFactory):
    """What a test forgets to give a home of its own is kept with the other temporary files."""
    with pytest.MonkeyPatch.context() as told:
        told.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def data() -> Path:
    """Real footage, EXR and timelines that lie beside the checkout; absent on a bare clone."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of real material (shared/data beside the checkout) is absent")
    return folder


@pytest.fixture(scope="session")
def blender() -> Path:
    """The Python of ``.venv-blender``, which can ``import bpy``: the real Blender, no window.

    Tests skip where it cannot be had; in CI a missing one is a failure.
    """
    python = _python_in(".venv-blender")
    missing = _without_blender(python)
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return python


@pytest.fixture(scope="session")
def newest_blender() -> Path:
    """That of ``.venv-blender-5``: the newest Blender, where a machine has the Python it needs."""
    python = _python_in(".venv-blender-5")
    missing = _without_blender(python)
    if missing and python.exists() and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return python


def _python_in(folder: str) -> Path:
    return ROOT / folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _without_blender(python: Path) -> str:
    """Why there is no Blender here; empty when there is."""
    if not python.exists():
        return "Blender is not installed for the tests: python3 installers/run.py test makes it"
    told = subprocess.run([python, "-c", "import bpy"], capture_output=True, text=True, check=False)
    last = (told.stderr.strip().splitlines() or ["it does not say why"])[-1]
    return f"Blender does not start here: {last}" if told.returncode else ""


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch):
    """A home and a runtime folder of this test's own, in the environment, with short paths."""
    with tempfile.TemporaryDirectory(prefix="su-") as folder:
        home, run = Path(folder) / "home", Path(folder) / "run"
        for place in (home, run):
            place.mkdir(mode=0o700)
        monkeypatch.setenv("SECONDUNIT_HOME", str(home))
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
        os.chmod(folder, 0o700)
        yield home


class SmallDisk:
    """A file system of one megabyte: what is written to it meets a full disk for real."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mount(self, *options: str) -> None:
        asked = ",".join(("size=1m", *options))
        subprocess.run(["mount", "-t", "tmpfs", "-o", asked, "none", self.folder], check=True)

    def fill(self, leave: int = 0) -> Path:
        """Take all the room there is but ``leave`` bytes; remove the file it returns to undo it."""
        stopper = self.folder / "stopper"
        told = os.statvfs(self.folder)
        stopper.write_bytes(b"x" * max(0, told.f_bavail * told.f_frsize - leave))
        return stopper

    def lock(self) -> None:
        """From now on nothing can be written, by root either."""
        subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)


@pytest.fixture
def small_disk(tmp_path: Path):
    """A SmallDisk of this test's own. Only root can have one."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small file system to fill")
    folder = tmp_path / "small disk"
    folder.mkdir()
    disk = SmallDisk(folder)
    try:
        disk.mount()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small file system cannot be mounted here: {error}")
    yield disk
    subprocess.run(["umount", "-l", folder], check=True)
