"""A fake Resolve with a real cut in it, and the daemon of a home of the tests' own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from fake_resolve import Faults, World, fake  # noqa: E402  the folder of the fake must be known first
from fake_resolve.cut import BBB, cut_of, outside  # noqa: E402  as above
from own_home import own_home  # noqa: E402  as above


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home of this module's own; its daemon is stopped at the end."""
    with own_home() as place:
        yield place


@pytest.fixture
def alone(places: Path) -> Iterator[None]:
    """A script may have started a daemon that comes up only now: none is left behind."""
    yield
    ours = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = process.cmdline()
            if "daemon" in words and process.environ().get("SECONDUNIT_HOME") == str(places):
                process.terminate()
                ours.append(process)
    assert psutil.wait_procs(ours, timeout=20)[1] == []


@pytest.fixture
def resolve(data: Path):
    """Starts a fake Resolve with the cut in it; what no adapter may do fails the test."""
    worlds: list[World] = []

    def start(version: str = "20.3.2", edition: str = "free", faults: Faults | None = None):
        world, handle = fake(version, edition, faults)
        cut_of(world, data / BBB)
        worlds.append(world)
        return world, handle

    yield start
    for world in worlds:
        assert world.failures == []


@pytest.fixture(name="outside")
def _outside():
    return outside
