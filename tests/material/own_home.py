"""A home of a test module's own: its daemon starts with the first command and is stopped after."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def own_home(**settings: str) -> Iterator[Path]:
    """The home, while it and ``settings`` are in the environment. Its path is short: a socket's
    name must be."""
    from secondunit.cli import main

    with tempfile.TemporaryDirectory(prefix="su-") as folder, pytest.MonkeyPatch.context() as patch:
        for part, variable in (("home", "SECONDUNIT_HOME"), ("run", "XDG_RUNTIME_DIR")):
            (Path(folder) / part).mkdir(mode=0o700)
            patch.setenv(variable, str(Path(folder) / part))
        for name, value in settings.items():
            patch.setenv(name, value)
        yield Path(folder) / "home"
        main(["daemon", "stop", "--json"])
