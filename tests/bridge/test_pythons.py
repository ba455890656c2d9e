"""The bridge alone, in every Python a host may bring: standard library only, cheap to import."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

BRIDGE = Path(__file__).resolve().parents[2] / "bridge"
VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13")

ALONE = """
import pkgutil, sys, sysconfig
from pathlib import Path
import secondunit_bridge
for found in pkgutil.walk_packages(secondunit_bridge.__path__, "secondunit_bridge."):
    __import__(found.name)
for name in secondunit_bridge.__all__:
    assert getattr(secondunit_bridge, name) is not None, name
paths = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
allowed = paths | {Path(sys.argv[1]).resolve()}
site = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
for module in list(sys.modules.values()):
    file = getattr(module, "__file__", None)
    if file and module.__name__ != "__main__":
        above = set(Path(file).resolve().parents)
        assert above & allowed and not above & site, (module.__name__, file)

from fractions import Fraction
from secondunit_bridge import Element, FrameRange, Media, Role, Shot, Take, Turnover, Work
from secondunit_bridge.film import TakeState
from secondunit_bridge.wire import Message, dumps, loads, pack, plain, typed, unpack
rate = Fraction(24000, 1001)
shot = Shot("p", "TCC", "0010", "guid", FrameRange(0, 47, rate))
media = Media(FrameRange(1001, 1048, rate), path="/x/plate.%04d.exr", digests=("a" * 64,))
turnover = Turnover(shot, Work.plate, "slate", elements=(Element(Role.plate, media),),
                    options={"on": True, "n": 1, "x": 0.5, "s": "text"})
assert typed(Turnover, loads(dumps(plain(turnover)))) == turnover
take = Take("t", "d", "guid", "TCC_0010", 1, 0, TakeState.junk, media, 0.5)
assert typed(Take, unpack(pack(Message("take", "1", take))).body) == take
from secondunit_bridge.errors import FieldError
body = plain(turnover)
body["seed"] = "7"
try:
    typed(Turnover, body)
except FieldError as error:
    assert str(error) == "Turnover.seed: expected int, got str"
else:
    raise AssertionError("a wrong field was taken")

import tempfile
from secondunit_bridge.slots import Frame, Lease, Slot, SlotFile, State
with tempfile.TemporaryDirectory() as folder:
    made = SlotFile.create(Path(folder), 1000)
    with Slot(SlotFile.attach(made.path), Lease(str(made.path), 0, made.nbytes)) as slot:
        slot.write(Frame((4, 8, 4)), bytes(range(256)))
    assert made.state is State.ready and made.described() == Frame((4, 8, 4))
    made.remove()

from secondunit_bridge.connection import Connection
from secondunit_bridge.unit import Unit
with Unit(Connection.live(Path(sys.argv[2])), host="python") as unit:
    print(unit.hello().version, *unit.turn_over(turnover))
"""


@cache
def python(version: str) -> str:
    """A Python of this version that really runs; empty when the machine has none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    named = [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"{version}*/bin/python"))]
    for found in filter(None, map(str, filter(None, named))):
        if not re.search(rf"/{re.escape(version)}[^0-9]|python{version}$", found):
            continue
        told = run(found, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
        if told.returncode == 0 and told.stdout.strip() == version:
            return found
    return ""


def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(BRIDGE),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [program, *words], capture_output=True, text=True, env=environ, timeout=60, check=False
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_the_bridge_alone_runs_in(version: str, office) -> None:
    program = python(version)
    if not program:
        pytest.skip(f"there is no Python {version} on this machine")
    office.answers["turn_over"] = lambda message: {"takes": ["abcd.1"]}
    office.open()
    done = run(program, "-S", "-W", "error", "-c", ALONE, str(BRIDGE), str(office.file))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0.1.0", "abcd.1"]
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["Unit", "Turnover", "FrameRange", "SecondUnitError"])
def test_names_are_loaded_when_first_used_and_unknown_ones_are_refused(name: str) -> None:
    import secondunit_bridge

    assert getattr(secondunit_bridge, name).__name__ == name
    assert name in dir(secondunit_bridge)
    with pytest.raises(AttributeError, match="Produktion"):
        secondunit_bridge.Produktion  # noqa: B018 - reading it is the point
