"""A home whose daemon knows one more plug-in: a distribution of one module."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from secondunit.cli import main


@contextmanager
def studio(folder: Path, name: str, source: str) -> Iterator[Path]:
    """The home, while it is in the environment; its daemon is stopped at the end."""
    module = f"{name}_unit"
    (folder / f"{module}.py").write_text(source)
    papers = folder / f"{module}-1.0.dist-info"
    papers.mkdir()
    (papers / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-unit\nVersion: 1.0\n")
    (papers / "entry_points.txt").write_text(f"[secondunit]\n{name} = {module}\n")
    with tempfile.TemporaryDirectory(prefix="su-") as place, pytest.MonkeyPatch.context() as patch:
        for part, variable in (("home", "SECONDUNIT_HOME"), ("run", "XDG_RUNTIME_DIR")):
            (Path(place) / part).mkdir(mode=0o700)
            patch.setenv(variable, str(Path(place) / part))
        patch.setenv("SECONDUNIT_PLUGINS", name)
        paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        yield Path(place) / "home"
        main(["daemon", "stop", "--json"])
