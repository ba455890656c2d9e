"""A home whose daemon knows one more plug-in: a distribution of one module."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from own_home import own_home


@contextmanager
def studio(folder: Path, name: str, source: str) -> Iterator[Path]:
    """The home, while it is in the environment; its daemon is stopped at the end."""
    module = f"{name}_unit"
    (folder / f"{module}.py").write_text(source)
    papers = folder / f"{module}-1.0.dist-info"
    papers.mkdir()
    (papers / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-unit\nVersion: 1.0\n")
    (papers / "entry_points.txt").write_text(f"[secondunit]\n{name} = {module}\n")
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    with own_home(SECONDUNIT_PLUGINS=name, PYTHONPATH=os.pathsep.join(paths)) as home:
        yield home
