"""The command line: talks to a daemon through the bridge, works offline where none is needed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

from . import serving

__all__ = ["main"]

# What the ``core`` extra brings, by import name. ``import secondunit`` needs none of it.
NEEDED = (
    "typer",
    "rich",
    "zmq",
    "numpy",
    "cv2",
    "opentimelineio",
    "OpenImageIO",
    "PyOpenColorIO",
    "av",
    "pluggy",
    "sqlalchemy",
    "platformdirs",
    "cryptography",
    "jinja2",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; ``argv`` leaves out the program's name and defaults to the process's own.

    Returns the exit code: 0 done, 1 the work could not be done (of ``insert`` and ``plate`` also:
    takes were shot, but findings to look at are open and nothing was published; not with
    ``--hold``), 2 wrong arguments, 3 done but findings of outcome ``stop`` are open, 4 nothing is
    changed but a plate is not there to compare with (``verify``). Without the ``core`` extra it
    prints one line and returns 1.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    absent = next((name for name in NEEDED if find_spec(name) is None), "")
    if absent:
        print(f"{absent} is missing. Install: pip install 'secondunit[core]'", file=sys.stderr)
        return 1
    if words == serving.WORDS:
        return serving.run()
    from .app import run

    return run(words)
