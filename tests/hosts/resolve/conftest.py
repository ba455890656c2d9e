"""A fake Resolve with a real cut in it, and the daemon of a home of the tests' own."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from fake_resolve import Faults, World, fake  # noqa: E402  the folder of the fake must be known first
from fake_resolve.cut import BBB, cut_of, outside  # noqa: E402  as above


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home and a runtime folder of this module's own; its daemon is stopped at the end."""
    from secondunit.cli import main

    with tempfile.TemporaryDirectory(prefix="su-") as folder, pytest.MonkeyPatch.context() as patch:
        place, run = Path(folder) / "home", Path(folder) / "run"
        for path in (place, run):
            path.mkdir(mode=0o700)
        patch.setenv("SECONDUNIT_HOME", str(place))
        patch.setenv("XDG_RUNTIME_DIR", str(run))
        yield place
        main(["daemon", "stop", "--json"])


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
