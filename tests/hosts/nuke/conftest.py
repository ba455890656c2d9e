"""A fake Nuke that is strict, and a daemon of the module's own."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nuke_fake import Fake


@pytest.fixture
def nuke_fake() -> Iterator[Callable[..., Fake]]:
    """Starts a fake Nuke; what was done that Nuke forbids fails the test at its end."""
    made: list[Fake] = []

    def start(**how: object) -> Fake:
        fake = Fake(**how)
        sys.modules["nuke"] = fake.nuke
        sys.modules.pop("secondunit_nuke.host", None)
        made.append(fake)
        return fake

    yield start
    sys.modules.pop("nuke", None)
    sys.modules.pop("secondunit_nuke.host", None)
    assert not [said for fake in made for said in fake.violations]
    assert all(fake.balanced for fake in made), "undo or a group was left open"


@pytest.fixture(scope="module")
def daemon() -> Iterator[Path]:
    """A home of its own with a daemon that runs; its folder."""
    from secondunit.cli import main

    with tempfile.TemporaryDirectory(prefix="su-") as folder, pytest.MonkeyPatch.context() as patch:
        for name in ("home", "run"):
            (Path(folder) / name).mkdir(mode=0o700)
        patch.setenv("SECONDUNIT_HOME", f"{folder}/home")
        patch.setenv("XDG_RUNTIME_DIR", f"{folder}/run")
        patch.delenv("OCIO", raising=False)
        assert main(["daemon", "start", "--json"]) == 0
        yield Path(folder)
        main(["daemon", "stop", "--json"])


os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
