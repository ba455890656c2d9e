"""The wheel in a bare Python: five packages, nothing heavy, no dependency, one plain sentence."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "secondunit",
    "secondunit_bridge",
    "secondunit_blender",
    "secondunit_nuke",
    "secondunit_resolve",
}
HERE = "{}.{}".format(*sys.version_info)
PYTHONS = ("3.9", "3.10", "3.11", "3.13")
WHEEL_BYTES = 6_000_000  # the code is small; the demo's excerpt may take 4 MB

# Runs in the oldest Python too. Imports all that a host imports, and sends a turnover to itself.
LOOK = """
import importlib, json, pkgutil, sys
before = set(sys.modules)
import secondunit_bridge, secondunit_blender, secondunit_nuke, secondunit_resolve
for module in pkgutil.walk_packages(secondunit_bridge.__path__, "secondunit_bridge."):
    importlib.import_module(module.name)
from fractions import Fraction
from secondunit_bridge.film import Element, Media, Role, Shot, Turnover, Work
from secondunit_bridge.timing import FrameRange
from secondunit_bridge.wire import Message, dumps, pack, plain, typed, unpack
cut = FrameRange(86400, 86423, Fraction(24000, 1001))
shot = Shot("P", "TCC", "0010", "guid", cut)
ask = Turnover(shot, Work.insert, "slate", elements=(Element(Role.before, Media(cut)),))
there = unpack(pack(Message("turn_over", "1", ask)))
own = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps({
    "same": typed(Turnover, there.body) == ask,
    "top": sorted(own),
    "version": secondunit_bridge.__version__,
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from this checkout with what is installed, without asking any index."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folder of an environment of that Python with nothing in it but the wheel."""
    made: dict[str, Path] = {}

    def make(version: str) -> Path:
        if version not in made:
            made[version] = environment(python(version), wheel, tmp_path_factory.mktemp("bare"))
        return made[version]

    return make


def python(version: str) -> str:
    """A Python of that version on this machine, or a skip that says there is none."""
    beside = Path(sys.base_prefix).parent.glob(f"{version}.*/bin/python")  # as pyenv keeps them
    places = [shutil.which(f"python{version}"), *beside]
    question = "import venv, sys; print('%d.%d' % sys.version_info[:2])"
    for place in filter(None, [sys.executable, *places]):
        told = subprocess.run([place, "-c", question], capture_output=True, text=True, check=False)
        if told.stdout.strip() == version:
            return str(place)
    pytest.skip(f"Python {version} is not on this machine")


def environment(made_with: str, wheel: Path, folder: Path) -> Path:
    subprocess.run([made_with, "-m", "venv", "--without-pip", folder], check=True)
    site = next(folder.glob("[Ll]ib/python*/site-packages"), folder / "Lib" / "site-packages")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    install += ["--no-compile", "--ignore-requires-python", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return folder


def inside(folder: Path) -> str:
    return str(next(folder.glob("[bS]*/python*")))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [inside(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_wheel_holds_the_five_packages_and_asks_for_nothing(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
        paper = next(name for name in archive.namelist() if name.endswith("METADATA"))
        told = archive.read(paper).decode()
    assert {name for name in tops if not name.endswith(".dist-info")} == PACKAGES
    needs = [line for line in told.splitlines() if line.startswith("Requires-Dist")]
    assert all("extra ==" in line for line in needs)
    assert "License-Expression: Apache-2.0" in told
    assert wheel.stat().st_size < WHEEL_BYTES


@pytest.mark.parametrize("version", PYTHONS)
def test_the_bridge_works_in_the_python_of_a_host_with_nothing_installed(
    version: str, bare: Callable[[str], Path]
) -> None:
    done = run(bare(version), "-W", "error", "-c", LOOK)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    standard = set(sys.stdlib_module_names) | {"_sysconfigdata__linux_x86_64-linux-gnu"}
    strange = {name for name in told["top"] if not name.startswith("_")} - standard - PACKAGES
    assert told["same"]
    assert not strange
    assert "secondunit" not in told["top"]


def test_importing_the_core_loads_nothing_heavy(bare: Callable[[str], Path]) -> None:
    question = "import secondunit, sys; print(sorted(sys.modules))"
    here = subprocess.run(
        [sys.executable, "-c", question], capture_output=True, text=True, check=True
    )
    heavy = ("numpy", "cv2", "zmq", "av", "OpenImageIO", "opentimelineio", "sqlalchemy", "torch")
    assert not [name for name in heavy if f"'{name}'" in here.stdout]
    assert run(bare(HERE), "-c", question).returncode == 0


def test_without_the_extra_one_line_says_what_to_install(bare: Callable[[str], Path]) -> None:
    for words in ([], ["--version"], ["demo"], ["insert", "a.otio"]):
        done = run(bare(HERE), "-m", "secondunit", *words)
        told = (done.stdout + done.stderr).strip()
        assert "Traceback" not in told
        if words == ["--version"] and done.returncode == 0:
            continue  # the version is known without anything else
        assert done.returncode == 1, told
        assert len(told.splitlines()) == 1
        assert "pip install 'secondunit[core]'" in told
